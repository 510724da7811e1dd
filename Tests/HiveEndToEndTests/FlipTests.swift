import Foundation
import HiveSignal
import HiveTestKit
import Testing

/// `hive flip`, and `flip` at the prompt.
@Suite struct FlipTests {
    /// A daemon on a board with one whole cycle.
    private static func daemon(_ lines: [String] = Lines.cycle) throws -> DaemonUnderTest {
        let daemon = try DaemonUnderTest(in: TemporaryFolder())
        try append(lines, daemon.folder)
        try daemon.waitForSequence(Int64(lines.count))
        return daemon
    }

    private static func append(_ lines: [String], _ folder: TemporaryFolder) throws {
        let text = lines.map { $0 + "\n" }.joined()
        try folder.append(Array(text.utf8), to: DaemonTests.board)
    }

    @Test func `a dry run says what would happen, with and without a daemon`() throws {
        let daemon = try Self.daemon()
        let live = try daemon.hive("flip", "--dry-run", "--json")
        #expect(live.exitCode == 0, "\(live.standardError)")
        #expect(daemon.stop() == 0)
        let dead = try daemon.hive("flip", "--dry-run", "--json")
        #expect(live.standardOutput == dead.standardOutput)
        let plan = try JSONValue(parsing: live.standardOutput.trimmed)
        #expect(plan["flipped"] == false)
        #expect(plan["dryRun"] == true)
        #expect(plan["next"] == 88)
        #expect(plan["accepted"] == 4)
        let archive = daemon.folder.at("sandbox/archive")
        #expect(!FileManager.default.fileExists(atPath: archive))
        let words = try daemon.hive("flip", "--dry-run")
        #expect(words.standardOutput.hasPrefix("generation 87 may end: 88 would begin, empty\n"))
    }

    @Test func `a flip without a daemon is what the next daemon goes on from`() throws {
        let daemon = try Self.daemon()
        let folder = daemon.folder
        #expect(daemon.stop() == 0)
        let flip = try daemon.hive("flip", "the parser is done")
        #expect(flip.exitCode == 0, "\(flip.standardError)")
        #expect(flip.standardOutput.hasPrefix("generation 87 has ended; 88 begins, empty\n"))
        let next = try DaemonUnderTest(in: folder)
        try Self.append([Lines.signal("H", port: 0, generation: 88)], folder)
        #expect(try next.nextVerdict()["verdict"] == "accepted")
        let state = try next.state()
        #expect(state["gen"] == 88)
        #expect(state["accepted"] == 1)
    }

    @Test func `a cycle that is open refuses a flip with exit code 1, and a flip wants words`()
        throws
    {
        let daemon = try Self.daemon(Array(Lines.cycle.prefix(2)))
        let refused = try daemon.hive("flip", "too early")
        #expect(refused.exitCode == 1)
        #expect(refused.standardOutput.hasPrefix("PREMATURE_FLIP: generation 87 has 1 cycle"))
        #expect(try daemon.hive("flip", "--dry-run").exitCode == 1)
        #expect(try daemon.hive("flip").exitCode == 2)
        let blank = try daemon.hive("flip", " ")
        #expect(blank.exitCode == 2)
        #expect(blank.standardError.contains("no summary given"))
        #expect(try daemon.state()["gen"] == 87)
    }

    @Test func `log follows over a flip, and late lines are in it`() throws {
        let daemon = try Self.daemon()
        let folder = daemon.folder
        #expect(try daemon.hive("flip", "done").exitCode == 0)
        try Self.append([Lines.signal("H", port: 0, message: "new", generation: 88)], folder)
        #expect(try daemon.nextVerdict()["msg"] == "new")
        let late = Lines.signal("H", port: 0, message: "late") + "\n"
        try folder.append(Array(late.utf8), to: "sandbox/archive/gen-87.jsonl")
        let verdict = try daemon.nextVerdict()
        #expect(verdict["msg"] == "late")
        #expect(verdict["gen"] == 87)
        #expect(verdict["verdict"] == "accepted")
    }

    @Test func `at the prompt a flip shows what it would do and asks`() throws {
        let desk = try REPLDesk()
        let terminal = try desk.open(columns: 100)
        try terminal.type("flip 'all done'\r")
        try terminal.wait(for: "PREMATURE_FLIP: generation 87 has 1 cycle")
        try terminal.wait(for: "hive override gen 88")
        try desk.append([Lines.signal("V", port: 2), Lines.signal("E", port: 3)])
        try desk.daemon.waitForSequence(5)
        try terminal.type("flip 'all done'\r")
        try terminal.wait(for: "generation 87 may end: 88 would begin, empty")
        try terminal.wait(for: "end it? (yes/no)")
        try terminal.type("no\r")
        try terminal.wait(for: "left as it is")
        #expect(try desk.daemon.state()["gen"] == 87)
        try terminal.type("flip 'all done'\r")
        try terminal.wait(for: "end it? (yes/no)")
        try terminal.type("yes\r")
        try terminal.wait(for: "generation 87 has ended; 88 begins, empty")
        try terminal.wait(for: "gen 88 · -")
    }

    @Test func `through a pipe a flip asks nothing and its exit code tells`() throws {
        let daemon = try Self.daemon()
        let script = Array("flip all done\nstate\n".utf8)
        let piped = try daemon.hive("repl", input: script)
        #expect(piped.exitCode == 0, "\(piped.standardError)")
        #expect(piped.standardOutput.contains("generation 87 has ended; 88 begins, empty"))
        #expect(piped.standardOutput.contains("generation   88"))
        try Self.append(
            [
                Lines.signal("H", port: 0, generation: 88),
                Lines.signal("I", port: 1, generation: 88),
            ],
            daemon.folder
        )
        try daemon.waitForSequence(6)
        #expect(try daemon.hive("repl", input: Array("flip again\n".utf8)).exitCode == 1)
    }
}
