import HiveSignal
import HiveTestKit
import Testing

/// `hive mcp install`: what a client's configuration is afterwards.
@Suite struct MCPInstallTests {
    private static func install(
        _ client: String,
        _ flags: String...,
        in folder: TemporaryFolder
    ) throws -> HiveProgram.Output {
        try HiveProgram.run(["mcp", "install", client] + flags, in: folder.path)
    }

    private static func text(_ folder: TemporaryFolder, _ path: String) -> String {
        String(decoding: folder.bytes(path), as: UTF8.self)
    }

    @Test func `VS Code's file has the board, the quarantine and the generation`() throws {
        let folder = try TemporaryFolder()
        try folder.makeEmptyBoard()
        let file = ".vscode/mcp.json"
        let printed = try Self.install("vscode", "--print", in: folder)
        #expect(printed.exitCode == 0 && folder.bytes(file).isEmpty, "\(printed)")
        let asked = try Self.install("vscode", in: folder)
        #expect(asked.exitCode == 2 && folder.bytes(file).isEmpty, "nobody was there: \(asked)")
        let written = try Self.install("vscode", "--yes", in: folder)
        #expect(written.exitCode == 0, "\(written)")
        #expect(Self.text(folder, file) == printed.standardOutput)
        let entry = try JSONValue(parsing: folder.bytes(file))["servers"]?["hive-enforcer"]
        #expect(entry?["type"] == "stdio" && entry?["args"] == ["mcp"])
        #expect(
            entry?["env"] == [
                "BLACKBOARD_PATH": "${workspaceFolder}/sandbox/obsidianblackboard.jsonl",
                "QUARANTINE_PATH": "${workspaceFolder}/sandbox/quarantine.jsonl",
                "CURRENT_GEN": "87",
            ]
        )
        let again = try Self.install("vscode", "--yes", in: folder)
        #expect(again.exitCode == 0 && again.standardOutput.contains("has it already"))
    }

    @Test func `what is in a file stays, and the difference is shown`() throws {
        let folder = try TemporaryFolder()
        let before = #"{"mcpServers": {"other": {"command": "o", "n": 1.50}}}"#
        try folder.write(Array(before.utf8), to: ".mcp.json")
        let run = try Self.install("claude", "--yes", in: folder)
        #expect(run.exitCode == 0, "\(run)")
        #expect(run.standardOutput.contains("+ ") && run.standardOutput.contains("hive-enforcer"))
        let after = Self.text(folder, ".mcp.json")
        #expect(after.hasPrefix(#"{"mcpServers": {"other": {"command": "o", "n": 1.50},"#))
        // The folder of a test is the home, too.
        try folder.makeFolder(".codex")
        try folder.write(Array("model = \"x\"\n".utf8), to: ".codex/config.toml")
        #expect(try Self.install("codex", "--yes", in: folder).exitCode == 0)
        #expect(Self.text(folder, ".codex/config.toml").hasPrefix("model = \"x\"\n\n[mcp_servers."))
    }

    @Test func `where things are is told to the server, by environment or flag`() throws {
        let folder = try TemporaryFolder()
        try folder.makeEmptyBoard()
        let run = try Self.install(
            "claude",
            "--print",
            "--audit=elsewhere/audit.jsonl",
            "--state-dir=state",
            in: folder
        )
        let entry = try JSONValue(parsing: run.standardOutput)["mcpServers"]?["hive-enforcer"]
        #expect(
            entry?["args"]
                == ["mcp", "--audit=elsewhere/audit.jsonl", "--state-dir=state"],
            "\(run)"
        )
    }

    @Test func `a file with comments is left as it is, and what to add is printed`() throws {
        let folder = try TemporaryFolder()
        try folder.makeFolder(".config/zed")
        let before = "// mine\n{\"theme\": \"dark\"}\n"
        try folder.write(Array(before.utf8), to: ".config/zed/settings.json")
        let run = try Self.install("zed", "--yes", in: folder)
        #expect(run.exitCode == 1, "\(run)")
        #expect(run.standardOutput.contains("\"context_servers\""))
        #expect(run.standardError.contains("left as it is"))
        #expect(Self.text(folder, ".config/zed/settings.json") == before)
        #expect(try Self.install("emacs", in: folder).exitCode == 2)
    }
}
