import HiveTestKit
import Testing

/// Asking models at the prompt.
@Suite struct REPLScatterTests {
    private static func desk(_ endpoint: ScriptedEndpoint) throws -> REPLDesk {
        try REPLDesk(environment: [
            "HIVE_BACKEND": "openai", "OPENAI_BASE_URL": endpoint.address + "/v1",
            "HIVE_MODEL": "scripted-1", "REQUEST_TIMEOUT_MS": "3600000",
        ])
    }

    /// The name of the only scatter.
    private static func identifier(_ terminal: PseudoTerminal) -> String {
        let text = terminal.screen.text
        guard let start = text.ranges(of: "sc-").first?.lowerBound else { return "" }
        return String(text[start...].prefix(19))
    }

    @Test func `scatter asks, shows the answers and what it took`() throws {
        let endpoint = try ScriptedEndpoint()
        let terminal = try Self.desk(endpoint).open()
        try terminal.type("scatter 'abc def' 2\r")
        try terminal.wait(for: "2 answered")
        try terminal.waitForPrompt()
        #expect(terminal.screen.text.components("fed cba") == 2)
        try terminal.type("tasks\r")
        try terminal.wait(until: "tasks lists it") { $0.text.components("2 answered") == 2 }
        #expect(endpoint.seen().requests == 2)
    }

    @Test func `ctrl-c leaves a scatter running, and gather shows its answers`() async throws {
        var script = EndpointScript()
        script.fault = { $0.number == 2 ? .hang : nil }
        let endpoint = try ScriptedEndpoint(script)
        let desk = try Self.desk(endpoint)
        let terminal = try desk.open(columns: 100)
        try terminal.type("scatter hello 3\r")
        await endpoint.waitUntil { $0.answersWhole == 2 }
        // The bar tells how far it is; what is typed meanwhile waits for the next line.
        try terminal.wait(for: "2/3")
        try terminal.type("\u{03}status\r")
        try terminal.wait(for: "it goes on; for the answers: gather sc-")
        try terminal.wait(for: "daemon")
        try terminal.waitForPrompt()
        let identifier = Self.identifier(terminal)
        try terminal.type("gather sc-\t\r")
        try terminal.wait(for: "gather \(identifier)")
        try terminal.wait(until: "the bar is there again") { $0.cursorLine.contains("2/3") }
        try terminal.type("\u{03}")
        try terminal.waitForPrompt()
        // It is the daemon's: it still has its task under way.
        let listed = try desk.daemon.hive("tasks", "--json")
        #expect(listed.standardOutput.contains(#""pending":1"#))
    }

    @Test func `what is no scatter is told, and help knows both commands`() throws {
        let terminal = try REPLDesk().open()
        try terminal.type("gather sc-nowhere\r")
        try terminal.wait(for: "is no scatter and no task of one")
        try terminal.type("scatter\r")
        try terminal.wait(for: "nothing to ask")
        try terminal.type("help scatter\r")
        try terminal.wait(for: "e.g.  scatter 'name three bees' 5")
        try terminal.type("help gather\r")
        try terminal.wait(for: "e.g.  gather sc-")
    }

    @Test func `through a pipe scatter waits for the answers, and its exit code tells`() throws {
        let endpoint = try ScriptedEndpoint()
        let desk = try Self.desk(endpoint)
        let run = try HiveProgram.run(
            ["repl"],
            in: desk.folder.path,
            input: Array("scatter 'abc def' 2\n".utf8)
        )
        #expect(run.exitCode == 0, "\(run.standardError)")
        #expect(run.standardOutput.components("fed cba") == 2)
    }

    @Test func `without a daemon nobody is asked`() throws {
        let folder = try TemporaryFolder()
        let run = try HiveProgram.run(
            ["repl"],
            in: folder.path,
            input: Array("scatter hello\n".utf8)
        )
        #expect(run.exitCode == 3)
        #expect(run.standardError.contains("no daemon is running, so nobody would go on asking"))
    }
}
