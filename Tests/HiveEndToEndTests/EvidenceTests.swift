import Glibc
import HiveSignal
import HiveTestKit
import Testing

/// `evidence: required` from `hive init` to a receipt: a repository, a person's key, node's runner.
@Suite struct EvidenceTests {
    /// Where node's runner is; nil: these tests are skipped.
    static let node: String? = ["/usr/bin/node", "/usr/local/bin/node"].first {
        access($0, X_OK) == 0
    }

    private static let package = #"{"name":"sum","type":"module"}"#

    /// Red, then green: the sum is wrong until it is not.
    private static let wrong = "export const sum = (a, b) => 0;\n"
    private static let right = "export const sum = (a, b) => a + b;\n"
    private static let test = """
        import test from 'node:test';
        import assert from 'node:assert/strict';
        import { sum } from '../sum.mjs';
        test('two and two', () => assert.equal(sum(2, 2), 4));

        """

    @Test(.enabled(if: node != nil, "node is not installed"))
    func `a V waits for the red that hive saw, and an E for the green`() throws {
        let desk = try EvidenceDesk(["package.json": Self.package, "sum.mjs": Self.wrong])
        try desk.require()
        let daemon = try desk.start()
        #expect(try desk.say("H", 0, "two and two are wrong") == "accepted")
        try desk.folder.writeFiles(["test/sum.test.mjs": Self.test])
        try desk.folder.git("add", "--all")
        #expect(try desk.say("I", 1, "a failing test") == "accepted")
        #expect(try desk.say("V", 2, "it works") == "quarantined REWARD_HACK")

        let board = "sandbox/obsidianblackboard.jsonl"
        try desk.folder.append(Array((Lines.signal("V", port: 2) + "\n").utf8), to: board)
        try daemon.waitForSequence(3)

        let red = try desk.witness("I")
        #expect(red["proven"] == true, "\(red.text)")
        #expect(red["signal"]?["verdict"] == "accepted")
        #expect(red["signal"]?["warnings"] == [], "\(red.text)")
        try desk.folder.writeFiles(["sum.mjs": Self.right])
        try desk.folder.git("add", "--all")
        let id = red["id"]?.stringValue ?? ""
        #expect(try desk.say("V", 2, "it works", "--evidence", id) == "quarantined UNWITNESSED")
        #expect(try desk.say("V", 2, "it works") == "accepted")
        #expect(try desk.say("E", 3, "done") == "quarantined UNWITNESSED")
        let green = try desk.witness("V")
        #expect(green["proven"] == true, "\(green.text)")
        #expect(try desk.say("E", 3, "done") == "accepted")
        #expect(daemon.stop() == 0)

        // Without keys, without repository: what was judged stays.
        try desk.home.remove(".config/hive/witness.json")
        try desk.folder.remove("specs/approval.json")
        let replay = try desk.answer("replay", "--json")
        #expect(replay["changedCount"] == 0 && replay["chainMatches"] == true, "\(replay.text)")
        let rebuilt = try desk.answer("doctor", "--rebuild", "--json")["rebuilt"]
        #expect(rebuilt?["accepted"] == 6 && rebuilt?["quarantined"] == 1)
        #expect(rebuilt?["chain"] == rebuilt?["chainBefore"])
    }

    @Test(.enabled(if: node != nil, "node is not installed"))
    func `a machine that nobody approved proves nothing on the board`() throws {
        let desk = try EvidenceDesk(["package.json": Self.package, "sum.mjs": Self.wrong])
        try desk.require()
        // Another's word on the rules, in the folder that the daemon looks at.
        let approval = desk.folder.bytes("specs/approval.json")
        try desk.folder.writeFiles(["test/sum.test.mjs": Self.test])
        try desk.folder.git("add", "--all")
        let edited = String(decoding: approval, as: UTF8.self)
            .split(separator: #""reason":""#, omittingEmptySubsequences: false)
            .joined(separator: #""reason":"!"#)
        try desk.folder.write(Array(edited.utf8), to: "specs/approval.json")
        let daemon = try desk.start()
        #expect(try desk.say("H", 0, "two and two are wrong") == "accepted")
        #expect(try desk.say("I", 1, "a failing test") == "accepted")
        let red = try desk.witness("I")
        #expect(red["proven"] == true, "\(red.text)")
        #expect(red["signal"]?["warnings"] == ["BAD_EVIDENCE"], "\(red.text)")
        #expect(try desk.say("V", 2, "it works") == "quarantined REWARD_HACK")
        #expect(daemon.stop() == 0)
    }
}

/// A person's repository with hive in it.
private struct EvidenceDesk {
    let folder: TemporaryFolder
    let home: TemporaryFolder

    var environment: [String: String] {
        [
            "HOME": home.path, "GIT_AUTHOR_NAME": "A Test", "GIT_AUTHOR_EMAIL": "test@example.org",
            "GIT_COMMITTER_NAME": "A Test", "GIT_COMMITTER_EMAIL": "test@example.org",
        ]
    }

    init(_ files: [String: String]) throws {
        folder = try TemporaryFolder(repository: files)
        home = try TemporaryFolder()
        let made = try hive("init", "--json")
        guard made.exitCode == 0 else { throw TestKitError("init: \(made)") }
    }

    /// Has the rule book require evidence and name the runner, approved and committed.
    func require() throws {
        let rules = String(decoding: folder.bytes("specs/rules.yaml"), as: UTF8.self)
        let lines = rules.split(separator: "\n", omittingEmptySubsequences: false).map {
            line -> Substring in
            if line.hasPrefix("evidence:") { return "evidence: required" }
            if line.hasPrefix("  test:") { return "  test: [node, --test]" }
            return line == "  enabled: true" ? "  enabled: false" : line
        }
        try folder.writeFiles(["specs/rules.yaml": lines.joined(separator: "\n")])
        let approved = try hive(
            "override",
            "approve-rules",
            "--reason",
            "a test",
            "--yes",
            "--json"
        )
        guard approved.exitCode == 0 else { throw TestKitError("approve-rules: \(approved)") }
        try folder.commitAll("rules")
    }

    func start() throws -> DaemonUnderTest {
        try DaemonUnderTest(in: folder, environment: environment)
    }

    func hive(_ arguments: String...) throws -> HiveProgram.Output {
        try HiveProgram.run(arguments, in: folder.path, environment: environment)
    }

    func answer(_ arguments: String...) throws -> JSONValue {
        let output = try HiveProgram.run(arguments, in: folder.path, environment: environment)
        guard let answer = try? JSONValue(parsing: output.standardOutput.trimmed) else {
            throw TestKitError("\(arguments): \(output)")
        }
        return answer
    }

    func witness(_ phase: String) throws -> JSONValue {
        try answer("witness", "--phase", phase, "--json")
    }

    /// The verdict on a signal, and what was held against it.
    func say(_ phase: String, _ port: Int, _ message: String, _ more: String...) throws -> String {
        let words = ["emit", "--json", "--phase", phase, "--port", "\(port)"] + more + [message]
        let output = try HiveProgram.run(words, in: folder.path, environment: environment)
        guard let answer = try? JSONValue(parsing: output.standardOutput.trimmed) else {
            throw TestKitError("emit: \(output)")
        }
        let codes = answer["violations"]?.arrayValue?.compactMap(\.stringValue) ?? []
        return ([answer["verdict"]?.stringValue ?? "?"] + codes).joined(separator: " ")
    }
}
