import Foundation
import HiveControl
@testable import HiveDaemon
import HiveKernel
import HiveLedger
import HiveSignal
import HiveTestKit
import Testing

/// A generation's end, and what comes after it to its file.
@Suite struct EngineFlipTests {
    private static let cycle = Lines.cycle.map { $0 + "\n" }.joined()

    private func judged(_ text: String = EngineFlipTests.cycle) throws -> EngineHarness {
        let harness = try EngineHarness()
        try harness.append(text)
        try harness.open()
        return harness
    }

    private func line(_ phase: String, port: Int, gen: Int, _ message: String) -> String {
        Lines.signal(phase, port: port, message: message, generation: gen) + "\n"
    }

    private func flip(_ harness: EngineHarness, _ summary: String = "done") throws -> JSONValue {
        try harness.live.flip(["summary": .string(summary)])
    }

    @Test func `a flip archives the board and begins an empty one`() throws {
        let harness = try judged()
        let before = harness.board
        let chain = try harness.live.fold.chain.hex
        let result = try flip(harness, "the parser is done")
        #expect(result["flipped"] == true)
        #expect(result["violations"] == [])
        #expect(result["gen"] == 87)
        #expect(result["next"] == 88)
        #expect(harness.board.isEmpty)
        #expect(harness.folder.bytes("archive/gen-87.jsonl") == before)
        let manifest = try JSONValue(parsing: harness.folder.bytes("archive/gen-87.json"))
        #expect(manifest["summary"] == "the parser is done")
        #expect(manifest["accepted"] == 4)
        #expect(manifest["chain"] == .string(chain))
        #expect(manifest["bytes"] == .integer(Int64(before.count)))
        let state = try harness.live.report(daemon: .null).state
        #expect(state["gen"] == 88)
        #expect(state["accepted"] == 0)
        #expect(state["offset"] == 0)
        #expect(state["phase"] == .null)
        #expect(state["traceId"] == .string(GenerationTrace.of(88).hex))
        try harness.append(line("H", port: 0, gen: 88, "new") + line("I", port: 1, gen: 87, "old"))
        try harness.live.look(live: true)
        #expect(try harness.live.fold.state.accepted == 1)
        #expect(try harness.entries().last?["violation"] == "WRONG_GENERATION")
        #expect(try harness.live.sequence == 6)
    }

    @Test func `a cycle that reached I and not E keeps the generation from its end`() throws {
        let harness = try judged(Lines.cycle.prefix(3).map { $0 + "\n" }.joined())
        let dry = try harness.live.flip(["dryRun": true])
        let result = try flip(harness)
        for answer in [dry, result] {
            #expect(answer["flipped"] == false)
            #expect(answer["violations"] == ["PREMATURE_FLIP"])
            #expect(answer["open"]?.arrayValue?.count == 1)
        }
        #expect(try harness.live.fold.position.generation == 87)
        #expect(!FileManager.default.fileExists(atPath: harness.folder.at("archive")))
        try harness.append(Lines.cycle[3] + "\n")
        #expect(try harness.live.flip(["dryRun": true])["violations"] == [])
        #expect(try harness.live.fold.position.generation == 87)
        #expect(try flip(harness)["flipped"] == true)
    }

    @Test func `a flip needs a summary that says something, and an archive's name that is free`()
        throws
    {
        let harness = try judged()
        #expect(throws: HiveError.self) { try harness.live.flip(["summary": "  \n"]) }
        let long = String(repeating: "x", count: Engine.summaryBytesMax + 1)
        #expect(throws: HiveError.self) { try harness.live.flip(["summary": .string(long)]) }
        try FileManager.default.createDirectory(
            atPath: harness.folder.at("archive"),
            withIntermediateDirectories: false
        )
        try harness.folder.write(Array("kept\n".utf8), to: "archive/gen-87.jsonl")
        let error = #expect(throws: HiveError.self) { try flip(harness) }
        #expect(error?.message.contains("archive/gen-87.jsonl: something is there already") == true)
        #expect(harness.folder.bytes("archive/gen-87.jsonl") == Array("kept\n".utf8))
        #expect(try harness.live.fold.position.generation == 87)
        try harness.folder.remove("archive/gen-87.jsonl")
        #expect(try flip(harness)["flipped"] == true)
    }

    @Test func `late lines are judged in the generation they are of`() throws {
        let harness = try judged()
        _ = try flip(harness)
        let late =
            line("H", port: 0, gen: 87, "late") + line("H", port: 0, gen: 88, "copied")
            + "{}\n" + line("H", port: 7, gen: 86, "wrong")
        try harness.folder.append(Array(late.utf8), to: "archive/gen-87.jsonl")
        try harness.live.look(live: true)
        #expect(try harness.live.fold.state.accepted == 1)
        #expect(String(decoding: harness.board, as: UTF8.self).contains("copied"))
        let row = try #require(try harness.live.ledger.generations().first)
        #expect(row.accepted == 5)
        #expect(row.quarantined == 2)
        #expect(row.copied == 1)
        let archive = String(decoding: harness.folder.bytes("archive/gen-87.jsonl"), as: UTF8.self)
        #expect(!archive.contains("copied"))
        #expect(archive.contains("late"))
        #expect(archive.contains("{}") == false, "a line that failed is masked there too")
        let manifest = try JSONValue(parsing: harness.folder.bytes("archive/gen-87.json"))
        #expect(manifest["late"]?["copied"] == 1)
        #expect(manifest["accepted"] == 5)
        // A restart finds nothing new; what is appended while nobody looked is found.
        let before = try harness.history()
        try harness.open()
        #expect(try harness.history() == before)
        harness.close()
        try harness.folder.append(
            Array(line("I", port: 1, gen: 87, "later").utf8),
            to: "archive/gen-87.jsonl"
        )
        try harness.open()
        #expect(try harness.live.ledger.generations().first?.accepted == 6)
        #expect(try harness.live.fold.state.accepted == 1)
    }

    @Test func `a rebuild over generations gives the same rows and chains`() throws {
        let harness = try judged("not json\n" + Self.cycle)
        _ = try flip(harness, "first")
        try harness.append(line("H", port: 0, gen: 88, "a"))
        try harness.live.look(live: true)
        let late =
            line("H", port: 0, gen: 87, "late") + "{\n" + line("H", port: 7, gen: 88, "copied")
        try harness.folder.append(Array(late.utf8), to: "archive/gen-87.jsonl")
        try harness.live.look(live: true)
        try harness.append(
            line("I", port: 1, gen: 88, "b") + line("V", port: 2, gen: 88, "c")
                + line("E", port: 3, gen: 88, "d")
        )
        try harness.live.look(live: true)
        #expect(try flip(harness, "second")["flipped"] == true)
        try harness.append(line("H", port: 0, gen: 89, "e") + "}\n")
        try harness.live.look(live: true)
        harness.close()
        let before = try harness.history()
        #expect(before.rows.filter { $0.contains("\"table\":\"generations\"") }.count == 2)
        try harness.open(rebuilds: true)
        harness.close()
        let after = try harness.history()
        #expect(Set(after.rows).symmetricDifference(before.rows).sorted() == [])
        #expect(after == before)
    }

    @Test func `the state at every line of every generation is what it was`() throws {
        let harness = try judged("")
        var states: [Int64: [JSONValue?]] = [:]
        func note(_ state: JSONValue, at sequence: Int64) {
            states[sequence] = ["gen", "accepted", "quarantined", "chain"].map { state[$0] }
        }
        func say(_ line: String, to file: String = "board.jsonl") throws {
            try harness.folder.append(Array(line.utf8), to: file)
            try harness.live.look(live: true)
            if file == "board.jsonl" {
                note(try harness.live.report(daemon: .null).state, at: try harness.live.sequence)
                return
            }
            let row = try #require(try harness.live.ledger.generations().last)
            note(
                [
                    "gen": .integer(row.generation), "accepted": .integer(row.accepted),
                    "quarantined": .integer(row.quarantined),
                    "chain": .string(Hex.encode(row.chain)),
                ],
                at: try harness.live.sequence
            )
        }
        for line in Lines.cycle + ["broken"] { try say(line + "\n") }
        _ = try flip(harness)
        try say(line("H", port: 0, gen: 88, "a"))
        try say(line("H", port: 0, gen: 87, "late"), to: "archive/gen-87.jsonl")
        try say("late and broken\n", to: "archive/gen-87.jsonl")
        try say(line("I", port: 1, gen: 88, "b"))
        try say(line("I", port: 6, gen: 87, "latest"), to: "archive/gen-87.jsonl")
        try say(line("V", port: 2, gen: 88, "c"))
        #expect(states.count == 11)
        let replay = Replay(settings: harness.settings)
        for (sequence, state) in states {
            let found = try replay.state(at: sequence)
            #expect(
                ["gen", "accepted", "quarantined", "chain"].map { found[$0] } == state,
                "sequence \(sequence)"
            )
        }
        #expect(throws: HiveError.self) { try replay.state(at: 12) }
        for generation: Int64 in [87, 88] {
            let report = try replay.run(["gen": .integer(generation)])
            #expect(report["gen"] == .integer(generation))
            #expect(report["chainMatches"] == true)
            #expect(report["changedCount"] == 0)
        }
        let error = #expect(throws: HiveError.self) { try replay.run(["gen": 86]) }
        #expect(error?.message == "the board had no generation 86")
    }

    @Test func `a crash at any step of a rebuild over generations is none`() throws {
        let harness = try judged("not json\n" + Self.cycle)
        _ = try flip(harness, "first")
        try harness.append(line("H", port: 0, gen: 88, "a") + "x\n")
        try harness.live.look(live: true)
        let late = line("H", port: 0, gen: 87, "late") + "{\n" + line("H", port: 7, gen: 88, "b")
        try harness.folder.append(Array(late.utf8), to: "archive/gen-87.jsonl")
        try harness.live.look(live: true)
        _ = try flip(harness, "second")
        try harness.append(line("H", port: 0, gen: 89, "c") + "y\n")
        try harness.live.look(live: true)
        try harness.folder.append(Array("later\n".utf8), to: "archive/gen-87.jsonl")
        try harness.live.look(live: true)
        try harness.append(line("H", port: 0, gen: 89, "d"))
        try harness.live.look(live: true)
        harness.close()
        let before = try harness.history()
        for step in 1...60 {
            do {
                try harness.open(rebuilds: true, crashAfter: step)
                #expect(step > 12, "steps of a rebuild: \(step)")
                return
            } catch {
                #expect(EngineHarness.isCrash(error))
            }
            harness.close()
            let seen = try HiveReader.steady(harness.settings).report.state
            #expect(seen["gen"] == 89, "step \(step)")
            try harness.open()
            harness.close()
            #expect(try harness.history() == before, "step \(step)")
        }
        Issue.record("the steps never ended")
    }

    @Test func `a rebuild without its archive leaves the ledger that is there`() async throws {
        let harness = try judged()
        _ = try flip(harness, "first")
        harness.close()
        let before = try harness.history()
        try harness.folder.remove("archive/gen-87.jsonl")
        let settings = harness.settings
        let error = await #expect(throws: HiveError.self) {
            try await LocalHive.doctor(["rebuild": true], settings: settings)
        }
        #expect(error?.message.contains("gen-87.jsonl") == true)
        #expect(try harness.history() == before)
        try harness.open()
        #expect(try harness.live.fold.position.generation == 88)
    }

    @Test func `without audit and ledger the archive says which generation it is`() throws {
        let harness = try judged()
        _ = try flip(harness)
        try harness.append(line("H", port: 0, gen: 88, "fresh"))
        try harness.live.look(live: true)
        harness.close()
        try harness.folder.remove("pyre_audit.jsonl")
        try Ledger.destroy(harness.settings.ledger)
        let seen = try HiveReader.steady(harness.settings).report.state
        #expect(seen["gen"] == 88)
        #expect(seen["accepted"] == 1)
        try harness.open()
        #expect(try harness.live.fold.position.generation == 88)
        #expect(try harness.live.fold.position.boardID == "board-under-test")
        #expect(try harness.live.fold.state.accepted == 1)
    }

    @Test func `a crash at any step of a flip loses nothing and judges nothing twice`() throws {
        for step in 1...40 {
            let harness = try judged("x\n" + Self.cycle)
            harness.planCrash(after: step)
            do {
                _ = try flip(harness)
                try appendAfter(harness)
                try harness.live.look(live: true)
                harness.planCrash(after: nil)
                try check(harness, step)
                #expect(step > 8, "steps of a flip: \(step)")
                return
            } catch {
                #expect(EngineHarness.isCrash(error))
            }
            try harness.open()
            // The flip was asked for: from its first step on it happens.
            if try harness.live.fold.position.generation == 87 { _ = try flip(harness) }
            try appendAfter(harness)
            try harness.live.look(live: true)
            try check(harness, step)
        }
        Issue.record("the steps never ended")
    }

    /// What writers say after the flip, once.
    private func appendAfter(_ harness: EngineHarness) throws {
        guard !harness.board.contains(UInt8(ascii: "H")) else { return }
        try harness.append(line("H", port: 0, gen: 88, "fresh"))
        let late =
            line("H", port: 0, gen: 87, "late") + "y\n" + line("H", port: 7, gen: 88, "copied")
        try harness.folder.append(Array(late.utf8), to: "archive/gen-87.jsonl")
    }

    private func check(_ harness: EngineHarness, _ step: Int) throws {
        #expect(try harness.live.fold.position.generation == 88, "step \(step)")
        #expect(try harness.live.fold.state.accepted == 2, "step \(step)")
        let row = try #require(try harness.live.ledger.generations().first)
        #expect(row.accepted == 5, "step \(step)")
        #expect(row.quarantined == 2, "step \(step)")
        #expect(row.copied == 1, "step \(step)")
        #expect(FileManager.default.fileExists(atPath: harness.folder.at("archive/gen-87.json")))
        #expect(try harness.live.ledger.copies().isEmpty)
        let accepted = try harness.live.ledger.counts().accepted.map(\.count)
        #expect(accepted.reduce(0, +) == 7, "step \(step)")
        harness.close()
        let before = try harness.history()
        try harness.open(rebuilds: true)
        harness.close()
        #expect(try harness.history() == before, "step \(step)")
    }
}
