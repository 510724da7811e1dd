import Foundation
import HiveSignal
import HiveTestKit
import Testing

/// `hive guard install` and `uninstall`, as a person types them.
@Suite struct GuardInstallTests {
    @Test func `installing shows the difference, and uninstalling leaves nothing behind`() throws {
        let project = try GuardedProject()
        let mine = "{\n  \"model\": \"x\"\n}\n"
        try project.folder.writeFiles([".gemini/settings.json": mine])
        try project.folder.commitAll("docs: mine")
        for agent in GuardTests.agents {
            let refused = try project.hive("guard", "install", agent)
            #expect(refused.exitCode == 2 && refused.standardError.contains("--yes"), "\(refused)")
            #expect(try project.folder.git("status", "--porcelain") == "")
            let installed = try project.hive("guard", "install", agent, "--yes")
            #expect(installed.exitCode == 0, "\(installed)")
            #expect(installed.standardOutput.contains("+++ b/."))
            #expect(try project.folder.git("status", "--porcelain") != "")
            let again = try project.hive("guard", "install", agent, "--yes")
            #expect(again.standardOutput.contains("nothing to change"), "\(again)")
            let uninstalled = try project.hive("guard", "uninstall", agent, "--yes")
            #expect(uninstalled.exitCode == 0, "\(uninstalled)")
            #expect(try project.folder.git("status", "--porcelain", "--ignored=no") == "")
        }
    }

    @Test func `what is printed is what is written`() throws {
        let project = try GuardedProject()
        for agent in GuardTests.agents {
            let printed = try project.hive("guard", "install", agent, "--print").standardOutput
            #expect(try project.folder.git("status", "--porcelain") == "")
            try project.hive("guard", "install", agent, "--yes")
            let files = try project.folder.git("status", "--porcelain", "--untracked-files=all")
            let path = try #require(files.split(separator: " ").last)
            let name = path.trimmingCharacters(in: .whitespacesAndNewlines)
            #expect(String(decoding: project.folder.bytes(name), as: UTF8.self) == printed)
            try project.hive("guard", "uninstall", agent, "--yes")
        }
    }

    /// The configured command is what the agent's program gives to a shell.
    @Test(arguments: ["claude", "codex", "gemini", "copilot", "cursor"])
    func `the command that is installed judges the calls of its agent`(agent: String) throws {
        let project = try GuardedProject()
        try project.hive("guard", "install", agent, "--yes", "--on-failure", "closed")
        let files = try project.folder.git("status", "--porcelain", "--untracked-files=all")
        let path = try #require(files.split(separator: " ").last)
        let name = path.trimmingCharacters(in: .whitespacesAndNewlines)
        let hooks = try JSONValue(parsing: project.folder.bytes(name))["hooks"]
        let before = hooks?["PreToolUse"] ?? hooks?["BeforeTool"] ?? hooks?["preToolUse"]
        let entry = try #require(before?.arrayValue?.first)
        let hook = entry["hooks"]?.arrayValue?.first ?? entry
        let command = try #require((hook["command"] ?? hook["bash"])?.stringValue)
        let payload = project.home.at("payload.json")
        try project.home.writeFiles([
            "payload.json": try project.payload("\(agent).edit-code")
        ])
        let output = try project.shell("{ \(command); } < '\(payload)'")
        #expect(try GuardedProject.Answer(output).refusal != nil, "\(output)")
        // Without hive on PATH a closed guard refuses by its exit code.
        let missing = try Spawned.run(
            "/bin/sh",
            ["-c", "{ \(command); } < '\(payload)'"],
            in: project.folder.path
        )
        #expect(missing.exitCode == 2)
    }

    @Test func `opencode's plugin throws what hive refuses`() throws {
        let node = ["/usr/bin/node", "/usr/local/bin/node"].first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
        guard let node else { return }
        let project = try GuardedProject()
        try project.hive("guard", "install", "opencode", "--yes")
        let plugin = project.folder.at(".opencode/plugins/hive.js")
        let copy = project.home.at("hive.mjs")
        try FileManager.default.copyItem(atPath: plugin, toPath: copy)
        let script = """
            import { HiveGuard } from "\(copy)"
            const told = []
            const prompt = async (text) => told.push(text.body.parts[0].text)
            const hooks = await HiveGuard({ client: { session: { prompt } },
              directory: "\(project.folder.path)" })
            const env = {}, system = []
            await hooks["shell.env"]({ sessionID: "s" }, { env })
            await hooks["experimental.chat.system.transform"]({ sessionID: "s" }, { system })
            const use = (tool, args) =>
              hooks["tool.execute.before"]({ tool, sessionID: "s" }, { args })
                .then(() => "allowed", (error) => error.message)
            await hooks.event({ event: { type: "session.idle", properties: { sessionID: "s" } } })
            console.log(JSON.stringify({ env, brief: system[0], told,
              edit: await use("edit", { filePath: "src/code.py" }),
              read: await use("read", { filePath: "src/code.py" }) }))
            """
        try project.home.writeFiles(["run.mjs": script])
        let program = URL(fileURLWithPath: HiveProgram.path).deletingLastPathComponent().path
        let output = try Spawned.run(
            node,
            [project.home.at("run.mjs")],
            in: project.folder.path,
            environment: ["PATH": "\(program):/usr/bin:/bin", "HOME": project.home.path]
        )
        let json = try JSONValue(parsing: output.standardOutput)
        #expect(json["read"] == "allowed", "\(output)")
        #expect(json["edit"]?.stringValue?.contains("edit.code") == true)
        #expect(json["env"]?["HIVE_AGENT"]?.stringValue?.hasPrefix("opencode-") == true)
        #expect(json["brief"]?.stringValue?.contains("hive guards this project") == true)
        #expect(json["told"] == [])
    }
}
