import HiveControl
@testable import HiveDaemon
import HiveKernel
import HiveSignal
import HiveTestKit
import Testing

@Suite struct EngineTests {
    /// All judged lines, as `hive log` has them.
    private func verdicts(_ harness: EngineHarness) throws -> [ComparedVerdict] {
        harness.close()
        let log = try LocalHive.call(
            Method.logRead,
            ["after": 0, "limit": 10_000],
            settings: harness.settings
        )
        return log["lines"]?.arrayValue?.map(ComparedVerdict.init) ?? []
    }

    @Test func `the dirty board gets the verdicts of check`() throws {
        let harness = try EngineHarness()
        try harness.append(Lines.dirtyBoard)
        try harness.open()
        #expect(try verdicts(harness) == checked(Lines.dirtyBoard).map(ComparedVerdict.init))
    }

    @Test(arguments: ["strict", "paired", "observe"])
    func `appended in random pieces the dirty board gets the verdicts of check`(
        mode: String
    ) throws {
        var random = SeededGenerator()
        let harness = try EngineHarness(mode: mode)
        try harness.open()
        var rest = Lines.dirtyBoard[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...200, using: &random))
            rest = rest.dropFirst(piece.count)
            try harness.append(Array(piece))
            try harness.live.look(live: true)
        }
        let expected = try checked(Lines.dirtyBoard, mode: mode).map(ComparedVerdict.init)
        #expect(try verdicts(harness) == expected, "HIVE_SEED=\(random.seed)")
    }

    @Test func `a line as deep as a line may be is quarantined like any other`() throws {
        let nested = String(repeating: "[", count: 63) + String(repeating: "]", count: 63)
        let line = Lines.signal("H", port: 7, message: "deep", extra: #","deep":\#(nested)"#)
            .replacing("\"mark\":1.0", with: "\"mark\":7")
        let harness = try EngineHarness()
        try harness.append(Lines.cycle[0] + "\n" + line + "\n" + Lines.cycle[1] + "\n")
        try harness.open()
        let log = try verdicts(harness)
        #expect(log.map(\.gates) == [[], ["G1"], []])
        let before = try harness.history()
        try harness.open(rebuilds: true)
        harness.close()
        #expect(try harness.history() == before, "its entry is known by the mask")
        let replay = try LocalHive.call(Method.replay, [:], settings: harness.settings)
        #expect(replay["chainMatches"] == true && replay["changedCount"] == 0)
    }

    @Test func `every line of the dirty board is accounted for and every byte recoverable`() throws
    {
        let harness = try EngineHarness()
        try harness.append(Lines.dirtyBoard)
        try harness.open()
        let status = try harness.live.status(daemon: .null)
        let lines = Lines.dirtyBoard.count { $0 == UInt8(ascii: "\n") }
        let counted = ["accepted", "quarantined", "blank"].map { status[$0]?.integerValue ?? 0 }
        #expect(counted.reduce(0, +) == Int64(lines))
        var mended = harness.board
        #expect(mended.count == Lines.dirtyBoard.count)
        #expect(mended != Lines.dirtyBoard)
        for entry in try harness.entries() {
            let offset = Int(entry["offset"]?.integerValue ?? 0)
            let raw = try #require(
                entry["raw"]?.stringValue.flatMap { Base64.decode(Array($0.utf8)) }
            )
            let identifier = entry["id"]?.stringValue ?? ""
            let standing = Array(mended[offset..<offset + raw.count])
            let text = String(decoding: standing, as: UTF8.self)
            #expect(text.hasPrefix("{\"quarantined\":\"\(identifier)\"}") || text.isBlank)
            mended.replaceSubrange(offset..<offset + raw.count, with: raw)
        }
        #expect(mended == Lines.dirtyBoard)
    }

    @Test func `restore gives every byte back and the line stays judged`() throws {
        let harness = try EngineHarness()
        try harness.append(Lines.dirtyBoard)
        try harness.open()
        for entry in try harness.entries() {
            try harness.live.restore(entry["id"]?.stringValue ?? "")
        }
        #expect(harness.board == Lines.dirtyBoard)
        let before = try harness.history()
        try harness.open()
        #expect(harness.board == Lines.dirtyBoard, "a restart masks nothing again")
        #expect(try harness.history() == before)
    }

    @Test func `cut at every byte and resumed the board has the whole board's history`() throws {
        let whole = try EngineHarness()
        try whole.append(Lines.dirtyBoard)
        try whole.open()
        whole.close()
        let expected = try whole.history()
        let step = Campaign.size(short: 41, long: 1)
        for cut in stride(from: 1, to: Lines.dirtyBoard.count, by: step) {
            let harness = try EngineHarness()
            try harness.append(Array(Lines.dirtyBoard[..<cut]))
            try harness.open()
            harness.close()
            try harness.append(Array(Lines.dirtyBoard[cut...]))
            try harness.open()
            harness.close()
            #expect(try harness.history() == expected, "cut at byte \(cut)")
        }
    }

    @Test func `a crash between any two steps changes nothing`() throws {
        let whole = try EngineHarness()
        try whole.append(Lines.dirtyBoard)
        try whole.open()
        whole.close()
        let expected = try whole.history()
        var reached: Set<String> = []
        for steps in 1...200 {
            let harness = try EngineHarness()
            try harness.open()
            try harness.append(Lines.dirtyBoard)
            harness.planCrash(after: steps)
            do {
                try harness.engine?.look(live: false)
            } catch {
                reached.insert(harness.crashedAt?.rawValue ?? "")
            }
            let isOver = harness.crashedAt == nil
            try harness.open()
            harness.close()
            #expect(try harness.history() == expected, "crash after \(steps) steps")
            #expect(harness.board == whole.board, "crash after \(steps) steps")
            if isOver { break }
        }
        #expect(reached == Set(Engine.Step.ofBatch.map(\.rawValue)))
    }

    @Test func `crashes at random steps while lines arrive change nothing`() throws {
        var random = SeededGenerator()
        for _ in 0..<Campaign.size(short: 5, long: 200) {
            var lines: [[UInt8]] = []
            var rest = Lines.dirtyBoard[...]
            while !rest.isEmpty {
                let piece = rest.prefix(Int.random(in: 1...400, using: &random))
                rest = rest.dropFirst(piece.count)
                lines.append(Array(piece))
            }
            let harness = try EngineHarness()
            try harness.open()
            for piece in lines {
                try harness.append(piece)
                harness.planCrash(after: Int.random(in: 1...12, using: &random))
                do { try harness.engine?.look(live: false) } catch { try harness.open() }
            }
            harness.planCrash(after: nil)
            try harness.engine?.look(live: false)
            harness.close()
            let whole = try EngineHarness()
            try whole.append(Lines.dirtyBoard)
            try whole.open()
            whole.close()
            #expect(try harness.history() == whole.history(), "HIVE_SEED=\(random.seed)")
        }
    }

    @Test func `a deleted or cut quarantine file is put back from the ledger`() throws {
        let harness = try EngineHarness()
        try harness.append(Lines.dirtyBoard)
        try harness.open()
        let before = try harness.entries()
        try harness.folder.write([], to: "quarantine.jsonl")
        try harness.open()
        #expect(try harness.entries() == before)
        try harness.folder.remove("quarantine.jsonl")
        try harness.append("{}\n")
        try harness.live.look(live: true)
        #expect(try harness.entries().count == before.count + 1)
        #expect(try harness.entries().dropLast() == before[...])
        let told = try harness.live.status(daemon: .null)["warnings"]?.arrayValue ?? []
        #expect(told.contains { $0.stringValue?.contains("put back from the ledger") == true })
    }

    @Test func `a deleted ledger is made anew with the same rows and chain`() throws {
        let harness = try EngineHarness()
        try harness.append(Lines.dirtyBoard)
        try harness.open()
        let entries = try harness.entries()
        try harness.live.restore(entries[0]["id"]?.stringValue ?? "")
        _ = try harness.live.discard([entries[1]["id"]?.stringValue ?? ""])
        _ = try harness.live.emit(Array("{}".utf8))
        try harness.append(Lines.signal("H", port: 7, message: "one more") + "\n")
        try harness.live.look(live: false)
        harness.close()
        let before = try harness.history()
        try harness.open(rebuilds: true)
        harness.close()
        #expect(try harness.history() == before)
    }
}

extension String {
    fileprivate var isBlank: Bool { allSatisfy { $0 == " " } }
}
