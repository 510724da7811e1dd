import HiveSignal
import HiveTestKit
import Testing

/// What was, why, and what other rules would have said.
@Suite struct TimeTravelTests {
    private static func hive(_ folder: TemporaryFolder, _ words: String...) throws -> JSONValue {
        let output = try HiveProgram.run(words + ["--json"], in: folder.path)
        #expect(output.exitCode == 0, "\(words): \(output.standardError)")
        return try JSONValue(parsing: output.standardOutput.trimmed)
    }

    private static func board(_ lines: [String]) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.makeQuietRules()
        try makeBoard(folder, lines.map { $0 + "\n" }.joined())
        return folder
    }

    @Test func `the state at every line is that of a board that ends there`() throws {
        let lines = Lines.cycle + ["no signal", ""] + Lines.cycle
        let folder = try Self.board(lines)
        let daemon = try DaemonUnderTest(in: folder)
        var judged = 0
        for count in lines.indices where !lines[count].isEmpty {
            judged += 1
            let shorter = try Self.board(Array(lines[...count]))
            try shorter.write(
                folder.bytes("sandbox/pyre_audit.jsonl"),
                to: "sandbox/pyre_audit.jsonl"
            )
            let then = try Self.hive(folder, "at", "\(judged)")
            let ended = try Self.hive(shorter, "state")
            for key in ["phase", "cycle", "accepted", "quarantined", "offset", "chain", "cycles"] {
                #expect(then[key] == ended[key], "\(key) at \(judged)")
            }
            #expect(then["line"] == .integer(Int64(count + 1)))
        }
        #expect(try Self.hive(folder, "at", "0")["accepted"] == 0)
        let beyond = try daemon.hive("at", "\(judged + 1)")
        #expect(beyond.exitCode == 2)
        #expect(beyond.standardError.contains("the board has \(judged) judged lines"))
        #expect(daemon.stop() == 0)
    }

    @Test func `why goes from an answer to what asked and back`() throws {
        let folder = try TemporaryFolder()
        let daemon = try DaemonUnderTest(in: folder, reacts: true)
        let asking = Lines.signal("H", port: 7, message: "first", extra: #","id":"a""#)
            .replacing("downstream", with: "lateral")
        let next = Lines.signal("H", port: 7, message: "then", extra: #","id":"b","parent":"a""#)
            .replacing("\"mark\":1.0", with: "\"mark\":0.1")
        try folder.append(Array("\(asking)\n\(next)\n".utf8), to: DaemonTests.board)
        try daemon.waitForSequence(3)

        let why = try Self.hive(folder, "why", "a")
        #expect(why["signal"]?["msg"] == "first" && why["place"] == "s-87-0")
        #expect(why["causes"] == [] && why["answers"] == .null)
        #expect(why["tasks"]?.arrayValue?.map { $0["id"] } == ["t-87-0-0"])
        let replies = why["replies"]?.arrayValue?.compactMap { $0["id"]?.stringValue }
        #expect(replies?.sorted() == ["b", "o-87-0-0"])

        let answer = try Self.hive(folder, "why", "o-87-0-0")
        #expect(answer["causes"]?.arrayValue?.map { $0["id"] } == ["a"])
        #expect(answer["answers"]?["id"] == "t-87-0-0" && answer["answers"]?["state"] == "done")
        let task = try Self.hive(folder, "why", "t-87-0-0")
        #expect(task["asking"]?["signal"]?["id"] == "a")
        #expect(daemon.stop() == 0)
        #expect(try Self.hive(folder, "why", "s-87-0") == why, "without a daemon")
        let text = try HiveProgram.run(["why", "o-87-0-0"], in: folder.path).standardOutput
        #expect(text.contains("caused by") && text.contains("answers the task"))
    }

    @Test func `why of a refused line explains it, and of nothing says what to give`() throws {
        let folder = try Self.board(["{\"ts\":1}"])
        let daemon = try DaemonUnderTest(in: folder)
        let entry = try #require(try folder.quarantineEntries().first?["id"]?.stringValue)
        let why = try Self.hive(folder, "why", String(entry.prefix(10)))
        #expect(why["kind"] == "entry" && why["entry"]?["id"] == .string(entry))
        let nothing = try daemon.hive("why", "nobody")
        #expect(nothing.exitCode == 2)
        #expect(nothing.standardError.contains("nothing is called \"nobody\""))
        #expect(daemon.stop() == 0)
    }

    @Test func `bisect tells the same with and without a daemon, in words and in JSON`() throws {
        let folder = try Self.board([Lines.cycle[0], "", Lines.cycle[3], Lines.cycle[1]])
        let daemon = try DaemonUnderTest(in: folder)
        let found = try Self.hive(folder, "bisect", "SKIPPED_VALIDATE")
        #expect(found["possibleAfter"]?["line"] == 1 && found["first"]?["line"] == 3)
        let entry = try #require(try folder.quarantineEntries().first?["id"])
        #expect(found["first"]?["signal"]?["entry"] == entry)
        let text = try daemon.hive("bisect", "skipped_validate").standardOutput
        #expect(text.contains("SKIPPED_VALIDATE was possible after line 1 (sequence 1)"))
        #expect(text.contains("It first happened at line 3 (sequence 2):"))
        #expect(daemon.stop() == 0)
        #expect(try Self.hive(folder, "bisect", "SKIPPED_VALIDATE") == found)
        let strict = try Self.hive(folder, "bisect", "INCOMPLETE_CYCLE", "--mode", "strict")
        #expect(strict["possibleAfter"]?["line"] == 4 && strict["first"] == .null)
        let gate = try HiveProgram.run(["bisect", "G1"], in: folder.path)
        #expect(gate.exitCode == 2)
        #expect(gate.standardError.contains("G1 is a gate, which any line can fail at any time"))
    }

    @Test func `bisect can be asked by the rules of a file`() throws {
        let folder = try Self.board(Lines.cycle)
        let book = "ports: {owners: {H: [0, 1], I: [6, 7], V: [2, 5], E: [3, 4]}}\n"
        try folder.write(Array(book.utf8), to: "other.yaml")
        let found = try Self.hive(folder, "bisect", "PORT_OUT_OF_PHASE", "--rules", "other.yaml")
        #expect(found["first"]?["line"] == 1)
        #expect(found["possibleAfter"]?["sequence"] == 0)
        let held = try Self.hive(folder, "bisect", "PORT_OUT_OF_PHASE")
        #expect(held["first"] == .null)
    }

    @Test func `replay goes by the rules that held for each line`() throws {
        let folder = try Self.board([])
        func emit() throws {
            let words = ["emit", "--phase", "V", "--port", "2", "a message"]
            let output = try HiveProgram.run(words, in: folder.path)
            #expect(output.exitCode < 2, "\(output)")
        }
        func rules(_ mode: String) throws {
            let book = "mode: \(mode)\nreactions: {enabled: false}\n"
            try folder.write(Array(book.utf8), to: "specs/rules.yaml")
        }
        try emit()
        try rules("observe")
        try emit()
        try rules("strict")
        let replay = try Self.hive(folder, "replay")
        #expect(replay["accepted"] == 1)
        #expect(replay["changedCount"] == 0)
        let asked = try Self.hive(folder, "replay", "--rules", "specs/rules.yaml")
        #expect(asked["changedCount"] == 1)
    }

    @Test func `why tells of a quarantined line by its sequence and by its place`() throws {
        let folder = try Self.board([Lines.cycle[0], "no signal", Lines.cycle[1]])
        let daemon = try DaemonUnderTest(in: folder)
        let place = "s-87-\(Lines.cycle[0].utf8.count + 1)"
        for name in ["2", place] {
            let why = try Self.hive(folder, "why", name)
            #expect(why["kind"] == "entry")
            #expect(why["entry"]?["violation"] == "F2", "\(why.text)")
        }
        #expect(try daemon.hive("why", "4").exitCode == 2)
        #expect(daemon.stop() == 0)
    }

    @Test func `replay counts the lines that change by what they fail`() throws {
        // An H after I belongs to the open cycle in paired, and is a step back in strict.
        let folder = try Self.board(
            [Lines.cycle[0], Lines.cycle[1], Lines.cycle[0], Lines.cycle[0]]
        )
        let daemon = try DaemonUnderTest(in: folder)
        let replay = try Self.hive(folder, "replay", "--mode", "strict")
        #expect(replay["changedCount"] == 2)
        let expected: JSONValue = ["code": "INCOMPLETE_CYCLE", "gained": 2, "lost": 0]
        #expect(replay["byCode"] == .array([expected]))
        #expect(replay["chainMatches"] == true)
        let text = try daemon.hive("replay", "--mode", "strict").standardOutput
        #expect(text.contains("INCOMPLETE_CYCLE               2      0"))
        #expect(daemon.stop() == 0)
    }
}
