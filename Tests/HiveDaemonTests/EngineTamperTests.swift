import Foundation
import HiveControl
@testable import HiveDaemon
import HiveKernel
import HiveSignal
import HiveTestKit
import Testing

@Suite struct EngineTamperTests {
    private let cycle = Lines.cycle.map { $0 + "\n" }.joined()

    private func judged() throws -> EngineHarness {
        let harness = try EngineHarness()
        try harness.append(cycle + "{}\n")
        try harness.open()
        return harness
    }

    private func tampered(_ harness: EngineHarness) throws -> String? {
        try harness.live.status(daemon: .null)["tampered"]?.stringValue
    }

    @Test func `a replacement that keeps the judged prefix is no tampering`() throws {
        let harness = try judged()
        let more = Lines.signal("H", port: 0, message: "more") + "\n"
        try harness.folder.write(harness.board + Array(more.utf8), to: "copy")
        #expect(rename(harness.folder.at("copy"), harness.settings.board) == 0)
        try harness.live.look(live: true)
        #expect(try tampered(harness) == nil)
        #expect(try harness.live.fold.state.accepted == 5)
        try harness.append(more)
        try harness.live.look(live: true)
        #expect(try harness.live.fold.state.accepted == 6)
    }

    @Test(arguments: [false, true])
    func `an audit deleted or replaced under the engine is put back`(isReplaced: Bool) throws {
        let harness = try judged()
        let entry = try #require(try harness.entries().first?["id"]?.stringValue)
        #expect(try harness.live.discard([entry]) == 1)
        let before = try harness.audit()
        try harness.folder.remove("pyre_audit.jsonl")
        if isReplaced {
            let first = try #require(before.first)
            try harness.folder.write(Array("\(first.text)\n{\"ev".utf8), to: "pyre_audit.jsonl")
        }
        try harness.live.checkpoint()
        let after = try harness.audit()
        #expect(Array(after.dropLast()) == before)
        #expect(after.last?["event"] == "checkpoint")
        let warnings = try harness.live.status(daemon: .null)["warnings"]?.arrayValue
        #expect(warnings?.first?.stringValue?.contains("was deleted or replaced") == true)
        harness.close()
        let history = try harness.history()
        try harness.open(rebuilds: true)
        #expect(try harness.history() == history, "a rebuild knows who discarded what")
    }

    @Test func `a copy from before a mask is masked again`() throws {
        let harness = try judged()
        let original = Array((cycle + "{}\n").utf8)
        let masked = harness.board
        try harness.folder.write(original, to: "copy")
        #expect(rename(harness.folder.at("copy"), harness.settings.board) == 0)
        try harness.live.look(live: true)
        #expect(try tampered(harness) == nil)
        #expect(harness.board == masked)
    }

    @Test func `a truncated board keeps its state and TAMPERED stands until repair`() throws {
        let harness = try judged()
        let before = harness.board
        #expect(truncate(harness.settings.board, 0) == 0)
        try harness.live.look(live: true)
        #expect(try tampered(harness)?.contains("TAMPERED") == true)
        #expect(try harness.live.fold.state.accepted == 4)
        let more = Lines.signal("H", port: 0, message: "after") + "\n"
        try harness.append(more)
        try harness.live.look(live: true)
        #expect(
            try harness.live.fold.state.accepted == 5,
            "lines after the common prefix are judged"
        )
        try harness.open()
        #expect(try tampered(harness) != nil, "a restart forgets nothing")
        try harness.live.repair()
        #expect(try tampered(harness) == nil)
        #expect(harness.board == before + Array(more.utf8))
        #expect(try harness.live.fold.state.accepted == 5, "nothing is judged twice")
        try harness.open()
        #expect(try tampered(harness) == nil)
    }

    @Test func `cut and written anew between two looks is seen`() throws {
        let harness = try judged()
        let lie = String(repeating: Lines.signal("H", port: 7, message: "lie") + "\n", count: 9)
        try harness.folder.write(Array(lie.utf8), to: "board.jsonl")
        try harness.live.look(live: true)
        #expect(try tampered(harness) != nil)
        #expect(try harness.live.fold.state.accepted == 4 + 9)
    }

    @Test func `only what lies after the common prefix is judged anew`() throws {
        let harness = try judged()
        let lines = Lines.cycle.map { $0 + "\n" }
        let kept = lines[0] + lines[1]
        let fresh = Lines.signal("H", port: 7, message: "instead") + "\n"
        try harness.folder.write(Array((kept + fresh).utf8), to: "copy")
        #expect(rename(harness.folder.at("copy"), harness.settings.board) == 0)
        try harness.live.look(live: true)
        #expect(try harness.live.fold.state.accepted == 5)
        let event = try #require(try harness.audit().last { $0["event"] == "tampered" })
        #expect(event["lostOffset"] == .integer(Int64(kept.utf8.count)))
    }

    @Test func `deleting the board resets nothing`() throws {
        let harness = try judged()
        #expect(unlink(harness.settings.board) == 0)
        try harness.live.look(live: true)
        #expect(try harness.live.status(daemon: .null)["boardMissing"] == true)
        #expect(try harness.live.fold.state.accepted == 4)
        let error = #expect(throws: HiveError.self) {
            try harness.live.emit(Array(Lines.signal("H", port: 7).utf8))
        }
        #expect(error?.message.contains("no board") == true)
        try harness.append(Lines.signal("H", port: 7, message: "new file") + "\n")
        try harness.live.look(live: true)
        #expect(try harness.live.fold.state.accepted == 5)
        #expect(try tampered(harness) != nil)
    }

    @Test func `the original file coming back is judged once and ends TAMPERED`() throws {
        let harness = try judged()
        let original = harness.board
        #expect(rename(harness.settings.board, harness.folder.at("kept")) == 0)
        try harness.append(Lines.signal("H", port: 7, message: "meanwhile") + "\n")
        try harness.live.look(live: true)
        #expect(try tampered(harness) != nil)
        #expect(rename(harness.folder.at("kept"), harness.settings.board) == 0)
        try harness.live.look(live: true)
        #expect(try harness.live.fold.state.accepted == 5, "nothing is judged twice")
        #expect(harness.board == original, "and nothing that was accepted is masked")
        #expect(try tampered(harness) != nil, "the line from the meantime is gone")
        try harness.live.repair()
        #expect(try harness.live.fold.state.accepted == 5)
        #expect(try tampered(harness) == nil)
    }

    @Test func `the lost lines coming back by themselves end TAMPERED`() throws {
        let harness = try judged()
        let original = harness.board
        #expect(truncate(harness.settings.board, 0) == 0)
        try harness.live.look(live: true)
        #expect(try tampered(harness) != nil)
        try harness.folder.write(original, to: "copy")
        #expect(rename(harness.folder.at("copy"), harness.settings.board) == 0)
        try harness.live.look(live: true)
        #expect(try tampered(harness) == nil)
        #expect(try harness.live.fold.state.accepted == 4)
    }

    @Test func `a repaired board keeps its mode and its link`() throws {
        let harness = try judged()
        let real = harness.folder.at("real.jsonl")
        #expect(rename(harness.settings.board, real) == 0)
        #expect(symlink(real, harness.settings.board) == 0)
        #expect(chmod(real, 0o664) == 0)
        try harness.live.look(live: true)
        #expect(truncate(real, 0) == 0)
        try harness.live.look(live: true)
        try harness.live.repair()
        var status = stat()
        #expect(lstat(harness.settings.board, &status) == 0)
        #expect(status.st_mode & S_IFMT == S_IFLNK)
        #expect(stat(real, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o664)
    }

    @Test func `what was changed while nobody looked is found at start`() throws {
        let harness = try judged()
        harness.close()
        var bytes = harness.board
        bytes[20] ^= 1
        try harness.folder.write(bytes, to: "board.jsonl")
        try harness.open()
        #expect(try tampered(harness) != nil)
    }

    @Test func `twice tampered is repaired to the whole`() throws {
        let harness = try judged()
        var whole = harness.board
        for message in ["first", "second"] {
            #expect(truncate(harness.settings.board, 0) == 0)
            let line = Lines.signal("H", port: 7, message: message) + "\n"
            try harness.append(line)
            try harness.live.look(live: true)
            whole += Array(line.utf8)
        }
        try harness.live.repair()
        #expect(harness.board == whole)
        #expect(try harness.live.fold.state.accepted == 6)
        let replay = try LocalHive.call(Method.replay, [:], settings: harness.settings)
        #expect(replay["chainMatches"] == true)
        #expect(replay["changedCount"] == 0)
    }
}
