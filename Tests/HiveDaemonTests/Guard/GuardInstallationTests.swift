import HiveSignal
import HiveTestKit
import Glibc
import Testing

@testable import HiveDaemon

/// Agents' configurations with hive in them, and without it again.
@Suite struct GuardInstallationTests {
    private static func installed(
        _ agent: CodingAgent,
        in folder: TemporaryFolder,
        onFailure: GuardDesk.OnFailure = .open
    ) throws -> String {
        let installation = try GuardInstallation(
            agent,
            onFailure: onFailure,
            workingFolder: folder.path
        )
        let plan = try installation.install()
        try installation.carryOut(plan)
        return plan.after ?? ""
    }

    private static func uninstall(_ agent: CodingAgent, in folder: TemporaryFolder) throws {
        let installation = try GuardInstallation(agent, workingFolder: folder.path)
        try installation.carryOut(try installation.uninstall())
    }

    private static func path(_ agent: CodingAgent) -> String {
        AgentSettings(agent: agent, onFailure: .open).path
    }

    private static let settings = [
        "{}", "{ }\n", "{\"hooks\":{}}", "{\n  \"hooks\": {}\n}\n", "",
        "{\n    \"model\": \"x\", \"n\": 1.0e2,\n    \"caf\\u00e9\": [ 1,2 ]\n}",
        "{\r\n\t\"a\": true\r\n}\r\n",
        """
        {
          "hooks": {
            "PreToolUse": [
              {"matcher": "Bash", "hooks": [{"type": "command", "command": "mine"}]}
            ],
            "Stop": []
          }
        }

        """,
    ]

    @Test(arguments: CodingAgent.allCases.filter { $0 != .opencode }, settings)
    func `what a person has stays, and comes back byte for byte`(
        agent: CodingAgent,
        text: String
    ) throws {
        let folder = try TemporaryFolder(repository: ["README.md": "x\n"])
        let path = Self.path(agent)
        try folder.writeFiles([path: text])
        let after = try Self.installed(agent, in: folder)
        #expect(folder.bytes(path) == Array(after.utf8))
        let parsed = try JSONValue(parsing: after)
        for (event, entry) in AgentSettings(agent: agent, onFailure: .open).entries {
            let list = parsed["hooks"]?[event]?.arrayValue ?? []
            #expect(list.filter { $0 == entry }.count == 1, "\(event) in \(after)")
        }
        if text.contains("mine") {
            #expect(after.contains(#"{"type": "command", "command": "mine"}"#))
        }
        if text.contains("caf") { #expect(after.contains(#""caf\u00e9": [ 1,2 ]"#)) }
        if text.contains("\r") { #expect(!after.replacing("\r\n", with: "").contains("\n")) }
        #expect(try Self.installed(agent, in: folder) == after)
        try Self.uninstall(agent, in: folder)
        #expect(folder.bytes(path) == Array(text.utf8))
    }

    @Test(arguments: CodingAgent.allCases)
    func `a file that was not there is gone again`(agent: CodingAgent) throws {
        let folder = try TemporaryFolder(repository: ["README.md": "x\n"])
        let after = try Self.installed(agent, in: folder)
        #expect(after.contains("guard") && after.contains(agent.rawValue))
        _ = try Self.installed(agent, in: folder, onFailure: .closed)
        #expect(String(decoding: folder.bytes(Self.path(agent)), as: UTF8.self).contains("closed"))
        try Self.uninstall(agent, in: folder)
        #expect(try folder.git("status", "--porcelain", "--ignored") == "")
    }

    @Test func `what a person added meanwhile stays, and only hive's entries go`() throws {
        let folder = try TemporaryFolder(repository: ["README.md": "x\n"])
        let mine = """
            {
              "hooks": {
                "PreToolUse": [
                  { "hooks": [{ "type": "command", "command": "mine" }] }
                ]
              }
            }
            """
        try folder.writeFiles([".claude/settings.json": mine])
        let after = try Self.installed(.claude, in: folder)
        let edited = after.replacing("\"mine\"", with: "\"mine and more\"")
        try folder.writeFiles([".claude/settings.json": edited])
        try Self.uninstall(.claude, in: folder)
        let left = mine.replacing("\"mine\"", with: "\"mine and more\"")
        #expect(String(decoding: folder.bytes(".claude/settings.json"), as: UTF8.self) == left)
    }

    @Test(
        arguments: [
            "// mine\n{}", "{\"hooks\": []}", "{\"hooks\": {\"PreToolUse\": {}}}", "[]", "{",
            "{\"a\": 1, \"a\": 2}",
        ]
    )
    func `what is no plain configuration is refused and stays`(text: String) throws {
        let folder = try TemporaryFolder(repository: ["README.md": "x\n"])
        try folder.writeFiles([".claude/settings.json": text])
        let error = #expect(throws: HiveError.self) { try Self.installed(.claude, in: folder) }
        #expect(error?.exitCode == 1 && error?.hint.contains("--print") == true)
        #expect(folder.bytes(".claude/settings.json") == Array(text.utf8))
    }

    @Test func `a configuration that is a link is not followed`() throws {
        let outside = try TemporaryFolder()
        try outside.writeFiles(["settings.json": "{}"])
        let folder = try TemporaryFolder(repository: ["README.md": "x\n"])
        try folder.makeFolder(".claude")
        #expect(symlink(outside.at("settings.json"), folder.at(".claude/settings.json")) == 0)
        #expect(throws: HiveError.self) { try Self.installed(.claude, in: folder) }
        #expect(outside.bytes("settings.json") == Array("{}".utf8))
    }

    @Test(arguments: [".claude/settings.json", ".claude"])
    func `a link that leads nowhere is refused, and stays`(name: String) throws {
        let folder = try TemporaryFolder(repository: ["README.md": "x\n"])
        if name != ".claude" { try folder.makeFolder(".claude") }
        #expect(symlink("nowhere", folder.at(name)) == 0)
        let error = #expect(throws: HiveError.self) { try Self.installed(.claude, in: folder) }
        #expect(error?.message.contains("symbolic link") == true)
        var status = stat()
        #expect(lstat(folder.at(name), &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
    }

    @Test func `the difference is told as diff -u tells it`() throws {
        let before = "a\nb\nc\nd\ne\nf\ng\nh\n"
        let after = "a\nb\nc\nd\nX\nf\ng\nh\ni\n"
        let folder = try TemporaryFolder()
        try folder.writeFiles(["a": before, "b": after])
        let diff = try Spawned.run("/usr/bin/diff", ["-u", "a", "b"], in: folder.path)
        let told = TextDifference.unified(before, after, name: "x")
        #expect(Array(told.dropFirst(2)) == Array(diff.lines.dropFirst(2)))
    }
}
