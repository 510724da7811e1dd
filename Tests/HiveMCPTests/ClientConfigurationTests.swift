@testable import HiveMCP
import HiveSignal
import Testing

@Suite struct ClientConfigurationTests {
    private static let server = MCPServerEntry(
        command: "hive",
        arguments: ["mcp"],
        environment: [
            (name: "BLACKBOARD_PATH", value: "${workspaceFolder}/sandbox/board.jsonl"),
            (name: "CURRENT_GEN", value: "87"),
        ]
    )

    private static func added(_ kind: MCPClientKind, to text: String?) throws -> String {
        try ClientConfiguration(kind, server).added(to: text)
    }

    @Test(arguments: MCPClientKind.allCases)
    func `a file that is not there holds hive's server alone`(kind: MCPClientKind) throws {
        let text = try Self.added(kind, to: nil)
        #expect(try Self.added(kind, to: " \n") == text)
        #expect(try Self.added(kind, to: text) == text, "it is there already")
        #expect(text.contains("hive-enforcer") && text.hasSuffix("\n"))
        guard kind != .codex else {
            #expect(text.contains("[mcp_servers.hive-enforcer]\ncommand = \"hive\""))
            return
        }
        let entry = try JSONValue(parsing: text)[kind.serversKey]?["hive-enforcer"]
        #expect(entry?["command"] == "hive" && entry?["args"] == ["mcp"])
        #expect(entry?["env"]?["CURRENT_GEN"] == "87")
    }

    @Test func `what is there stays byte for byte`() throws {
        let before =
            "{\n\t\"a\" : 1.50,\n\t\"servers\": {\n\t\t\"x\": {\"n\":[1, {}]} },\n"
            + "\t\"z\":[ ]  }\n"
        let after = try Self.added(.vscode, to: before)
        let head = zip(before.utf8, after.utf8).prefix { $0 == $1 }.count
        let tail = zip(before.utf8.reversed(), after.utf8.reversed()).prefix { $0 == $1 }.count
        #expect(head + tail >= before.utf8.count, "one piece was put in: \(after)")
        #expect(after.contains("\n\t\t\"hive-enforcer\": {\n\t\t\t\"type\""), "by its own tabs")
        let changes = TextDifference.changes(from: before, to: after)
        #expect(changes.contains(.same("\t\"a\" : 1.50,")), "\(changes)")
    }

    @Test(arguments: [
        "{}", "{ }\n", "{\"servers\":{}}",
        "{\"servers\":{\"hive-enforcer\":{\"command\":\"old\"}}}",
        "{\"a\":\"}{\\\"\",\"servers\":{\"b\":null}}", "{\"a\":{\"servers\":{}},\"b\":[[\"]\"]]}",
        "{\"\\u0073ervers\":{\"c\":-1e5}}",
    ])
    func `every form of JSON takes it, and the rest means the same`(text: String) throws {
        let before = try JSONValue(parsing: text)
        let after = try JSONValue(parsing: try Self.added(.vscode, to: text))
        var servers = before["servers"]?.objectValue ?? [:]
        let own = servers["hive-enforcer"]?.objectValue ?? [:]
        servers["hive-enforcer"] = MCPClientKind.vscode.entry(Self.server, over: own)
        var wanted = before.objectValue ?? [:]
        wanted["servers"] = .object(servers)
        #expect(after == .object(wanted))
        #expect(try Self.added(.vscode, to: after.text) == after.text)
    }

    @Test(arguments: [
        "// mine\n{}", "{\"a\":1,}", "[]", "{\"servers\":[]}", "\u{FEFF}{}", "{\"a\":1,\"a\":2}",
        "{", "null",
    ])
    func `what cannot be changed safely is left alone`(text: String) {
        #expect(throws: ClientConfiguration.Refusal.self) { try Self.added(.vscode, to: text) }
    }

    @Test func `Codex's tables are added, and replaced by newer ones`() throws {
        let before = "model = \"x\"\n\n[mcp_servers.other]\ncommand = \"o\"\n"
        let once = try Self.added(.codex, to: before)
        #expect(once.hasPrefix(before + "\n[mcp_servers.hive-enforcer]\n"))
        var newer = Self.server
        newer.command = "/opt/hive \"2\"\n"
        let twice = try ClientConfiguration(.codex, newer).added(to: once + "\n[after]\nb = 1\n")
        #expect(twice.components(of: "[mcp_servers.hive-enforcer]") == 2)
        #expect(twice.contains(#"command = "/opt/hive \"2\"\n""#))
        #expect(twice.hasPrefix("model = \"x\"\n\n[mcp_servers.other]\ncommand = \"o\"\n\n[after]"))
        for text in ["mcp_servers = {}\n", "[mcp_servers.\"hive-enforcer\"]\n"] {
            #expect(throws: ClientConfiguration.Refusal.self) {
                try Self.added(.codex, to: text)
            }
        }
    }

    @Test func `what a person added to hive's own entry stays`() throws {
        let before =
            #"{"servers":{"hive-enforcer":{"command":"old","args":["mcp","--mode","strict","#
            + #""--verbose"],"env":{"CURRENT_GEN":"90","OPENAI_API_KEY":"k"},"disabled":true}}}"#
        let after = try JSONValue(parsing: try Self.added(.vscode, to: before))
        let entry = after["servers"]?["hive-enforcer"]
        #expect(entry?["command"] == "hive" && entry?["disabled"] == true)
        #expect(entry?["args"] == ["mcp", "--verbose"], "the server takes no --mode")
        #expect(
            entry?["env"] == [
                "CURRENT_GEN": "90", "OPENAI_API_KEY": "k",
                "BLACKBOARD_PATH": "${workspaceFolder}/sandbox/board.jsonl",
            ]
        )
        let twice = try Self.added(.vscode, to: after.text)
        #expect(twice == after.text)
    }

    @Test func `what a person added to Codex's tables stays`() throws {
        let before = """
            model = "x"

            [mcp_servers.hive-enforcer]
            command = "old"
            # mine
            startup_timeout_sec = 20 # slow
            args = ["mcp", "--verbose"]

            [mcp_servers.hive-enforcer.env]
            CURRENT_GEN = "90"
            OPENAI_API_KEY = "k"

            [mcp_servers.hive-enforcer.tools.x]
            approval = "never"

            [after]
            b = 1

            """
        let after = try Self.added(.codex, to: before)
        for line in [
            "command = \"hive\"", "args = [\"mcp\", \"--verbose\"]", "# mine",
            "startup_timeout_sec = 20 # slow", "CURRENT_GEN = \"90\"", "OPENAI_API_KEY = \"k\"",
            "BLACKBOARD_PATH = \"${workspaceFolder}/sandbox/board.jsonl\"",
            "[mcp_servers.hive-enforcer.tools.x]", "approval = \"never\"", "[after]", "b = 1",
        ] {
            #expect(after.components(of: "\n\(line)\n") == 2, "\(line) in \(after)")
        }
        #expect(!after.contains("\"old\"") && !after.contains("CURRENT_GEN = \"87\""))
        #expect(try Self.added(.codex, to: after) == after, "once is enough")
        let several = "[mcp_servers.hive-enforcer]\nargs = [\n  \"mcp\",\n]\n"
        #expect(throws: ClientConfiguration.Refusal.self) { try Self.added(.codex, to: several) }
    }

    @Test(arguments: [MCPClientKind.vscode, .codex])
    func `a file's line ends are kept`(kind: MCPClientKind) throws {
        let plain =
            kind == .codex ? "model = \"x\"\n\n[a]\nb = 1\n" : "{\n  \"a\": 1\n}\n"
        let before = plain.replacing("\n", with: "\r\n")
        let after = try Self.added(kind, to: before)
        let feeds = after.utf8.count { $0 == 0x0A }
        #expect(feeds > 6 && feeds == after.count { $0 == "\r\n" }, "\(after.debugDescription)")
        #expect(after.replacing("\r\n", with: "\n") == (try Self.added(kind, to: plain)))
        #expect(try Self.added(kind, to: after) == after)
        #expect(!TextDifference.changes(from: before, to: after).isEmpty)
    }

    @Test func `a difference is the lines that are another, and those around`() {
        let changes = TextDifference.changes(from: "a\nb\nc\nd\ne\n", to: "a\nb\nc\nX\nY\ne\n")
        #expect(
            changes == [
                .same("b"), .same("c"), .removed("d"), .added("X"), .added("Y"), .same("e"),
            ]
        )
        #expect(TextDifference.changes(from: "a", to: "a").isEmpty)
        #expect(TextDifference.changes(from: "", to: "a\n") == [.added("a")])
        #expect(TextDifference.changes(from: "a\na\n", to: "a\n") == [.same("a"), .removed("a")])
    }
}

extension String {
    fileprivate func components(of separator: String) -> Int {
        split(separator: separator, omittingEmptySubsequences: false).count
    }
}
