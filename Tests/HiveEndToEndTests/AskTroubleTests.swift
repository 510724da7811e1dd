import Glibc
import HiveSignal
import HiveTestKit
import Testing

/// `hive ask` where something goes wrong: a person who breaks off, a network that is not there.
@Suite struct AskTroubleTests {
    private static let question = "What is the capital of France?"

    @Test(arguments: [true, false])
    func `Ctrl-C says how to go on, and the ask goes on`(hasDaemon: Bool) async throws {
        let folder = try TemporaryFolder()
        var script = EndpointScript()
        script.reply = AskScript().reply
        script.fault = { $0.number == 3 ? .hang : nil }
        let endpoint = try ScriptedEndpoint(script)
        let environment = AskScript.environment(endpoint)
        let daemon = hasDaemon ? try DaemonUnderTest(in: folder, environment: environment) : nil
        let asking = try Spawned.start(
            HiveProgram.path,
            ["ask", Self.question, "--swarm", "4", "--json", "--record", "r.jsonl"],
            in: folder.path,
            environment: environment,
            errors: folder.at("ask.log")
        )
        await endpoint.waitFor(requests: 3)
        asking.signal(SIGINT)
        #expect(asking.wait() == 128 + SIGINT)
        let told = String(decoding: folder.bytes("ask.log"), as: UTF8.self)
        #expect(told.contains("hive: interrupted; hive ask --resume sc-"), "\(told)")
        #expect(told.contains("--record r.jsonl"), "\(told)")
        let name = told.split(separator: " ").first { $0.hasPrefix("sc-") }.map(String.init) ?? ""
        let listed = try HiveProgram.run(["tasks"], in: folder.path)
        #expect(listed.standardOutput.contains(name), "\(listed)")
        #expect(listed.standardOutput.contains(Self.question), "\(listed)")
        // What hangs is asked anew by whoever goes on.
        if let daemon { daemon.kill() }
        let run = try HiveProgram.run(
            ["ask", "--resume", name, "--json", "--record", "r.jsonl"],
            in: folder.path,
            environment: environment
        )
        #expect(run.exitCode == 0, "\(run)")
        #expect(try JSONValue(parsing: run.lines.first ?? "")["answer"] == "Paris")
        #expect(!folder.bytes("r.jsonl").isEmpty)
    }

    @Test func `Ctrl-C of a scatter names it`() async throws {
        let folder = try TemporaryFolder()
        let endpoint = try ScriptedEndpoint.silent()
        let asking = try Spawned.start(
            HiveProgram.path,
            ["scatter", "--prompt", "silence", "--json"],
            in: folder.path,
            environment: AskScript.environment(endpoint),
            errors: folder.at("scatter.log")
        )
        await endpoint.waitFor(requests: 1)
        asking.signal(SIGINT)
        #expect(asking.wait() == 128 + SIGINT)
        let told = String(decoding: folder.bytes("scatter.log"), as: UTF8.self)
        #expect(told.contains("hive: interrupted; hive gather sc-"), "\(told)")
    }

    @Test func `where no agent could be asked the machine failed, not the vote`() throws {
        let folder = try TemporaryFolder()
        var script = EndpointScript()
        script.fault = { _ in .status(400) }
        let endpoint = try ScriptedEndpoint(script)
        let environment = AskScript.environment(endpoint)
        let run = try HiveProgram.run(
            ["ask", Self.question, "--swarm", "3", "--json"],
            in: folder.path,
            environment: environment
        )
        #expect(run.exitCode == 3, "\(run)")
        #expect(run.standardError.contains("no agent answered: "), "\(run)")
        #expect(try JSONValue(parsing: run.lines.first ?? "")["status"] == "failed")

        try folder.makeEmptyBoard(mode: "observe")
        let desk = try MCPDesk(in: folder, environment: environment)
        let told = try desk.use("hive_ask", ["question": .string(Self.question), "swarm": 3])
        let text = told["content"]?.arrayValue?.first?["text"]?.stringValue ?? ""
        #expect(text.hasPrefix("No agent answered: "), "\(text)")
        #expect(desk.end() == 0)
    }

    @Test func `where a record cannot be written nobody is asked`() throws {
        let folder = try TemporaryFolder()
        let endpoint = try AskScript().endpoint()
        for path in ["/nonexistent/x", folder.path] {
            let run = try HiveProgram.run(
                ["ask", Self.question, "--record", path],
                in: folder.path,
                environment: AskScript.environment(endpoint)
            )
            #expect(run.exitCode == 3 && run.standardOutput == "", "\(run)")
            #expect(run.standardError.contains("cannot write \(path)"), "\(run)")
            #expect(run.standardError.contains("name a file in a folder"), "\(run)")
        }
        #expect(endpoint.seen().requests == 0)
    }
}
