import Foundation
import HiveSignal
import HiveTestKit
import Testing

/// `hive mcp` driven by the official Python SDK: `make test-mcp` installs it.
@Suite(.enabled(if: MCPSDK.python != nil, "the MCP SDK is not installed: make test-mcp"))
struct MCPClientTests {
    /// The checks of `Tests/mcp/checks.py` that need no more than a board.
    private static let checks = [
        "every_tool", "every_resource", "subscriptions", "prompts", "completion", "progress",
        "logging", "elicitation", "trace_context", "negotiation",
    ]

    @Test(arguments: checks)
    func `the official client finds it so with a daemon`(check: String) throws {
        // What is asked of the built-in tools, they look for in a repository.
        let folder = try TemporaryFolder(repository: ["a.txt": "one"])
        let daemon = try DaemonUnderTest(in: folder)
        try MCPSDK.run(check, in: folder, ["DAEMON": "1"])
        #expect(daemon.stop() == 0)
    }

    @Test(arguments: checks)
    func `the official client finds it so without a daemon`(check: String) throws {
        let folder = try TemporaryFolder(repository: ["a.txt": "one"])
        try folder.makeEmptyBoard()
        try MCPSDK.run(check, in: folder)
    }

    @Test(arguments: [false, true])
    func `the official client cancels a scatter`(hasDaemon: Bool) throws {
        let folder = try TemporaryFolder()
        let endpoint = try ScriptedEndpoint.silent()
        let environment = MCPSilence.environment(endpoint)
        try folder.makeEmptyBoard()
        let daemon = hasDaemon ? try DaemonUnderTest(in: folder, environment: environment) : nil
        try MCPSDK.run("cancellation", in: folder, environment)
        if let daemon { #expect(daemon.stop() == 0) }
    }

    @Test(arguments: [false, true])
    func `the official client asks a swarm`(hasDaemon: Bool) throws {
        let folder = try TemporaryFolder()
        let endpoint = try AskScript().endpoint()
        var environment = AskScript.environment(endpoint)
        environment["QUESTION"] = "What is the capital of France?"
        try folder.makeEmptyBoard()
        let daemon = hasDaemon ? try DaemonUnderTest(in: folder, environment: environment) : nil
        try MCPSDK.run("ask", in: folder, environment)
        if let daemon { #expect(daemon.stop() == 0) }
    }

    @Test(arguments: [WitnessLanguage.node, .pytest].filter { $0.toolchain != nil })
    func `one agent hunts, another is refused, witnessed and goes on`(
        language: WitnessLanguage
    ) throws {
        let toolchain = try #require(language.toolchain)
        let project = try WitnessedProject(
            language.base,
            test: language.test,
            toolchain: toolchain
        ) { $0.replacing("\n  enabled: true", with: "\n  enabled: false") }
        #expect(try project.hive(["up", "--detach"]).exitCode == 0)
        defer { _ = try? project.hive(["down"]) }
        let files = [("RED", language.red), ("GREEN", language.green)]
        var environment = ["HOME": project.home.path, "PATH": toolchain.path]
        for (name, texts) in files {
            var object: JSONObject = [:]
            for (path, text) in texts { object[path] = .string(text) }
            environment[name] = JSONValue.object(object).text
        }
        try MCPSDK.run("two_agents", in: project.folder, environment)
    }
}

/// The official SDK, where `make test-mcp` has installed it.
enum MCPSDK {
    static let python = VirtualEnvironment.program("python", of: "mcp-sdk")

    /// Runs a check of `Tests/mcp/checks.py` in a project's folder; throws where it fails.
    static func run(
        _ check: String,
        in folder: TemporaryFolder,
        _ environment: [String: String] = [:]
    ) throws {
        guard let python else { throw TestKitError("the MCP SDK is not installed") }
        let output = try Spawned.run(
            python,
            [VirtualEnvironment.root + "/Tests/mcp/checks.py", check],
            in: folder.path,
            environment: ["HIVE": HiveProgram.path, "PYTHONDONTWRITEBYTECODE": "1"]
                .merging(environment) { $1 }
        )
        guard output.exitCode == 0 else {
            throw TestKitError("\(check): \(output.standardError)\(output.standardOutput)")
        }
    }
}
