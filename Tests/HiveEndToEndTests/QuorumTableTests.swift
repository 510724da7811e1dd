import Foundation
import HiveSignal
import HiveTestKit
import Testing

/// `hive quorum simulate`, and the table of it in specs/quorum.md.
@Suite struct QuorumTableTests {
    private static let document =
        "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        + "/specs/quorum.md"
    private static let command = "    $ hive quorum simulate\n"

    private static func simulate(_ arguments: String...) throws -> HiveProgram.Output {
        let folder = try TemporaryFolder()
        return try HiveProgram.run(["quorum", "simulate"] + arguments, in: folder.path)
    }

    @Test func `specs/quorum.md shows what the command prints`() throws {
        let run = try Self.simulate()
        #expect(run.exitCode == 0, "\(run.standardError)")
        let printed = run.standardOutput.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.isEmpty ? "" : "    \($0)" }.joined(separator: "\n")
        let bytes = FileManager.default.contents(atPath: Self.document) ?? Data()
        var text = String(decoding: bytes, as: UTF8.self)
        let start = try #require(text.range(of: Self.command)).upperBound
        // The table is indented; the first line that is not ends it.
        var end = start
        while end < text.endIndex {
            let line = text[end...].prefix { $0 != "\n" }
            guard line.isEmpty || line.hasPrefix("    ") else { break }
            end = text.index(line.endIndex, offsetBy: 1, limitedBy: text.endIndex) ?? text.endIndex
        }
        if ProcessInfo.processInfo.environment["HIVE_RENEW"] == "1" {
            text.replaceSubrange(start..<end, with: printed + "\n")
            try Data(text.utf8).write(to: URL(fileURLWithPath: Self.document))
            return
        }
        #expect(
            text[start..<end] == printed + "\n",
            "renew the table: HIVE_RENEW=1 swift test --filter QuorumTableTests"
        )
    }

    @Test func `equal seeds give equal tables, and shares add up`() throws {
        let first = try Self.simulate("--runs", "40", "--seed", "3", "--json")
        #expect(first.exitCode == 0)
        let again = try Self.simulate("--runs", "40", "--seed", "3", "--json")
        #expect(again.standardOutput == first.standardOutput)
        let other = try Self.simulate("--runs", "40", "--seed", "4", "--json")
        #expect(other.standardOutput != first.standardOutput)
        #expect(first.lines.count == 54)
        for line in first.lines {
            let row = try JSONValue(parsing: line)
            let parts = ["right", "wrong", "none"].compactMap { row[$0]?.doubleValue }
            #expect(abs(parts.reduce(0, +) - 1) < 1e-9)
            let (n, f) = (row["voters"]?.integerValue ?? 0, row["liars"]?.integerValue ?? 0)
            #expect(row["within"]?.boolValue == (n >= 3 * f + 1))
            #expect(row["detected"]?.isNull == (f == 0))
        }
    }

    @Test func `voters who always err agree on what is wrong, and hive says so`() throws {
        let run = try Self.simulate("--runs", "200", "--accuracy", "0", "--json")
        let rows = try run.lines.map { try JSONValue(parsing: $0) }
        #expect(rows.allSatisfy { $0["right"]?.doubleValue == 0 })
        #expect(rows.contains { $0["wrong"]?.doubleValue ?? 0 > 0 })
        #expect(rows.allSatisfy { $0["singleWrong"]?.doubleValue == 1 })
    }

    @Test(arguments: ["--runs=0", "--accuracy=1.5", "--accuracy=nan", "--probes=17", "--seed=-1"])
    func `a mistake in a flag is told`(flag: String) throws {
        let run = try Self.simulate(flag)
        #expect(run.exitCode == 2)
        #expect(run.standardError.contains(flag.split(separator: "=")[0]))
    }

    @Test func `measure counts votes and single calls by question`() throws {
        let folder = try TemporaryFolder()
        var script = AskScript()
        script.answer = { $0.prompt.contains("France") ? "Paris" : "fish" }
        let endpoint = try script.endpoint()
        let questions = """
            {"question": "What is the capital of France?", "answer": "PARIS"}

            {"question": "What is a whale?", "answer": "a mammal"}
            """
        try folder.write(Array(questions.utf8), to: "questions.jsonl")
        let options = ["--runs", "2", "--swarm", "4", "--disruptors", "0", "--probes", "1"]
        let arguments = ["quorum", "measure", "--questions", "questions.jsonl"] + options
        let run = try HiveProgram.run(
            arguments + ["--json"],
            in: folder.path,
            environment: AskScript.environment(endpoint)
        )
        #expect(run.exitCode == 0, "\(run.standardError)")
        let rows = try run.lines.map { try JSONValue(parsing: $0) }
        #expect(rows.count == 2)
        #expect(rows.first?["right"] == 2)
        #expect(rows.first?["singlesRight"] == 8)
        #expect(rows.last?["wrong"] == 2)
        #expect(rows.last?["majorityWrong"] == 2, "confidently wrong, and shown")
        #expect(rows.last?["wrongAnswers"] == ["fish"])
        #expect(endpoint.seen().requests == 2 * (2 * 4 * 4 + 8))
        let table = try HiveProgram.run(
            arguments,
            in: folder.path,
            environment: AskScript.environment(endpoint)
        )
        #expect(table.standardOutput.contains("2/2"))
    }
}
