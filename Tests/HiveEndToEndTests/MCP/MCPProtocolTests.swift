import HiveSignal
import HiveTestKit
import Testing

/// What a client may say to `hive mcp`, right and wrong, and what it is answered.
@Suite struct MCPProtocolTests {
    @Test(arguments: [
        ("2025-11-25", "2025-11-25"), ("2025-06-18", "2025-06-18"), ("2025-03-26", "2025-03-26"),
        ("2024-11-05", "2024-11-05"), ("2031-01-01", "2025-11-25"), ("", "2025-11-25"),
    ])
    func `the version is the client's, or the newest`(asked: String, agreed: String) throws {
        let desk = try MCPDesk(in: try TemporaryFolder(), version: nil)
        let answer = try desk.initialize(asked)
        #expect(answer["protocolVersion"] == .string(agreed))
        #expect(answer["capabilities"]?["resources"]?["subscribe"] == true)
        #expect(answer["serverInfo"]?["name"] == "hive")
        #expect(try desk.initialize(asked)["code"] == -32600, "a session begins once")
        #expect(desk.end() == 0)
    }

    @Test func `before initialize there is only ping`() throws {
        let desk = try MCPDesk(in: try TemporaryFolder(), version: nil)
        #expect(try desk.ask("ping") == [:])
        for method in ["tools/list", "tools/call", "resources/subscribe", "logging/setLevel"] {
            #expect(try desk.ask(method)["code"] == -32600, "\(method)")
        }
        #expect(try desk.ask("server/discover")["code"] == -32601)
        #expect(try desk.initialize("2025-11-25")["protocolVersion"] != nil)
        #expect(desk.end() == 0)
    }

    /// A line, the code that answers it, and whether the answer knows the request's id.
    private static let wrong: [(line: String, code: Int64, knowsID: Bool)] = [
        ("nonsense", -32700, false),
        (#"{"jsonrpc":"2.0","id":7,"method":"ping""#, -32700, false),
        (#"{"jsonrpc":"2.0","id":7,"id":8,"method":"ping"}"#, -32700, false),
        (String(repeating: "[", count: 100_000), -32700, false),
        ("42", -32600, false),
        ("{}", -32600, false),
        (#"{"id":7,"method":"ping"}"#, -32600, true),
        (#"{"jsonrpc":"1.0","id":7,"method":"ping"}"#, -32600, true),
        (#"{"jsonrpc":"2.0","id":7,"method":3}"#, -32600, true),
        (#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, -32600, false),
        (#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#, -32600, false),
        (#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#, -32600, false),
        (#"{"jsonrpc":"2.0","id":7,"method":"ping","params":[1]}"#, -32602, true),
        (#"{"jsonrpc":"2.0","id":7,"method":"tools/destroy"}"#, -32601, true),
        (#"{"jsonrpc":"2.0","id":7,"method":"initialize","params":{}}"#, -32602, true),
        (#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":1}}"#, -32602, true),
        (#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"rm"}}"#, -32602, true),
        (
            #"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":"#
                + #"{"name":"hive_search","arguments":"words"}}"#, -32602, true
        ),
        (
            #"{"jsonrpc":"2.0","id":7,"method":"tools/list","params":{"cursor":"x"}}"#, -32602,
            true
        ),
        (#"{"jsonrpc":"2.0","id":7,"method":"resources/read","params":{}}"#, -32602, true),
        (
            #"{"jsonrpc":"2.0","id":7,"method":"resources/read","params":"#
                + #"{"uri":"file:///etc/passwd"}}"#, -32002, true
        ),
        (
            #"{"jsonrpc":"2.0","id":7,"method":"resources/subscribe","params":"#
                + #"{"uri":"hive://none"}}"#, -32002, true
        ),
        (
            #"{"jsonrpc":"2.0","id":7,"method":"logging/setLevel","params":{"level":"loud"}}"#,
            -32602, true
        ),
        (#"{"jsonrpc":"2.0","id":7,"method":"completion/complete","params":{}}"#, -32602, true),
    ]

    @Test func `what is wrong is answered with the code that the specification names`() throws {
        let desk = try MCPDesk(in: try TemporaryFolder())
        for (line, code, knowsID) in Self.wrong {
            let answer = try desk.answer(to: line)
            let shown = line.prefix(80)
            #expect(answer["error"]?["code"] == .integer(code), "\(shown): \(answer.text)")
            #expect(answer["id"] == (knowsID ? 7 : .null), "\(shown)")
        }
        // Of these nothing is said: notifications, and answers to what was never asked.
        for line in [
            #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":99}}"#,
            #"{"jsonrpc":"2.0","method":"notifications/of/another/world"}"#,
            #"{"jsonrpc":"2.0","id":99,"result":{}}"#,
            #"{"jsonrpc":"2.0","id":"hive-1","error":{"code":1,"message":"no"}}"#,
            "", "  ",
        ] { desk.say(line) }
        #expect(try desk.ask("ping") == [:], "it lives on")
        #expect(desk.end() == 0)
    }

    @Test func `wrong arguments of a tool are told to the model`() throws {
        let folder = try TemporaryFolder()
        let desk = try MCPDesk(in: folder)
        let uses: [(String, JSONValue, String)] = [
            ("hive_emitSignal", [:], "`signal`"),
            ("hive_emitSignal", ["signal": 3], "`signal`"),
            ("hive_checkPhase", ["requestedPhase": "Q"], "`requestedPhase`"),
            ("hive_checkPhase", [:], "`requestedPhase`"),
            ("hive_search", ["words": ["a"]], "`words`"),
            ("hive_quarantine", ["signal": [:]], "`reason`"),
        ]
        for (tool, arguments, word) in uses {
            let result = try desk.use(tool, arguments)
            #expect(result["isError"] == true, "\(tool): \(result.text)")
            let text = result["content"]?.arrayValue?.first?["text"]?.stringValue ?? ""
            #expect(text.contains(word), "\(tool): \(text)")
        }
        #expect(desk.end() == 0)
    }

    @Test func `batches are of one version only`() throws {
        let ping = #"{"jsonrpc":"2.0","id":1,"method":"ping"}"#
        let note = #"{"jsonrpc":"2.0","method":"notifications/initialized"}"#
        let list = #"{"jsonrpc":"2.0","id":"b","method":"prompts/list"}"#
        let newer = try MCPDesk(in: try TemporaryFolder())
        let refused = try newer.answer(to: "[\(ping)]")
        #expect(refused["error"]?["code"] == -32600 && refused["id"] == .null)
        #expect(newer.end() == 0)

        let older = try MCPDesk(in: try TemporaryFolder(), version: "2025-03-26")
        let answers = try #require(
            try older.answer(to: "[\(ping),\(note),\(list),7]").arrayValue
        )
        let ids = Set(answers.map { $0["id"]?.text ?? "" })
        #expect(ids == ["1", "\"b\"", "null"], "\(answers)")
        #expect(try older.answer(to: "[]")["error"]?["code"] == -32600)
        older.say("[\(note)]")
        #expect(try older.ask("ping") == [:], "a batch of notifications has no answer")
        #expect(older.end() == 0)
    }

    @Test func `an older client gets a tool's answer as text, too`() throws {
        let folder = try TemporaryFolder()
        try folder.makeEmptyBoard()
        let desk = try MCPDesk(in: folder, version: "2025-03-26")
        let result = try desk.use("hive_validateSignal", ["signal": ["msg": "x"]])
        #expect(result["structuredContent"] == nil)
        let texts = (result["content"]?.arrayValue ?? []).compactMap { $0["text"]?.stringValue }
        #expect(try texts.last.map { try JSONValue(parsing: $0)["valid"] } == false, "\(texts)")
        #expect(desk.end() == 0)
    }

    @Test func `an id is used by one request at a time`() throws {
        let folder = try TemporaryFolder()
        try folder.makeEmptyBoard()
        let endpoint = try ScriptedEndpoint.silent()
        let desk = try MCPDesk(in: folder, environment: MCPSilence.environment(endpoint))
        let scatter = MCPSilence.scatter
        let id = desk.begin("tools/call", scatter)
        try desk.awaitNotification("notifications/progress")
        let again = JSONValue.object([
            "jsonrpc": "2.0", "id": .integer(id), "method": "tools/list",
        ])
        #expect(try desk.answer(to: again.text)["error"]?["code"] == -32600)
        let cancel = JSONValue.object([
            "jsonrpc": "2.0", "method": "notifications/cancelled",
            "params": ["requestId": .integer(id)],
        ])
        desk.say(cancel.text)
        #expect(try desk.ask("ping") == [:], "what was cancelled is not answered")
        #expect(desk.end() == 0)
    }
}

/// A scatter that nobody answers.
enum MCPSilence {
    static func environment(_ endpoint: ScriptedEndpoint) -> [String: String] {
        [
            "HIVE_BACKEND": "openai", "OPENAI_BASE_URL": endpoint.address + "/v1",
            "HIVE_MODEL": "scripted-1", "REQUEST_TIMEOUT_MS": "3600000",
        ]
    }

    /// It tells of its progress as soon as it is asked.
    static let scatter: JSONValue = [
        "name": "hive_scatter", "arguments": ["prompt": "silence", "count": 4],
        "_meta": ["progressToken": "p"],
    ]
}

extension ScriptedEndpoint {
    /// One that takes every request and answers none.
    static func silent() throws -> ScriptedEndpoint {
        var script = EndpointScript()
        script.fault = { _ in .hang }
        return try ScriptedEndpoint(script)
    }
}
