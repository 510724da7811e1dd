import HiveSignal
import HiveTestKit
import Testing

/// What a model is told where a tool says no.
@Suite struct MCPErrorTests {
    /// Uses that fail, each in its own way.
    private static let failing: [(tool: String, arguments: JSONValue)] = [
        ("hive_validateSignal", [:]), ("hive_emitSignal", ["signal": 3]),
        ("hive_emitSignal", ["signal": ""]),
        ("hive_emitSignal", ["signal": ["hive": "V", "port": 2, "msg": "early"]]),
        ("hive_emitSignal", ["signal": ["hive": "H", "port": 2, "msg": ""]]),
        ("hive_checkPhase", ["requestedPhase": "Q"]),
        ("hive_checkPhase", ["requestedPhase": "H", "traceId": "nope"]),
        ("hive_getState", ["traceId": "nope"]), ("hive_getState", ["traceId": 7]),
        ("hive_search", ["words": ["a"]]), ("hive_quarantine", ["signal": [:]]),
        ("hive_witness", ["phase": "H"]), ("hive_witness", [:]),
        ("hive_scatter", [:]), ("hive_scatter", ["prompt": "x", "count": 0]),
        ("hive_scatter", ["prompt": ""]), ("hive_scatter", ["tasks": [["prompt": 3]]]),
        ("hive_gather", [:]), ("hive_gather", ["scatterId": "sc-none"]),
        ("hive_gather", ["scatterId": "sc-none", "aggregation": "guess"]),
        ("hive_ask", [:]), ("hive_ask", ["question": "What is 2+2?", "swarm": 0]),
        ("hive_flip", ["currentGen": 12, "summary": "no"]), ("hive_flip", [:]),
    ]

    /// Each where nothing is hidden, where the phase hides tools, and where there is no board.
    @Test(arguments: ["observe", "paired", "none"])
    func `no error of a tool breaks its output schema`(mode: String) throws {
        let shown = try TemporaryFolder()
        try shown.makeEmptyBoard(mode: "observe")
        let teller = try MCPDesk(in: shown)
        let tools = try teller.ask("tools/list")["tools"]?.arrayValue ?? []
        #expect(tools.count == 12 && teller.end() == 0)

        let folder = try TemporaryFolder()
        if mode != "none" { try folder.makeEmptyBoard(mode: mode) }
        let desk = try MCPDesk(in: folder)
        var errors: Set<String> = []
        for (tool, arguments) in Self.failing {
            let result = try desk.use(tool, arguments)
            if result["isError"] == true { errors.insert(tool) }
            let text = result["content"]?.arrayValue?.first?["text"]?.stringValue ?? ""
            #expect(!text.isEmpty, "\(tool): \(result.text)")
            #expect(!text.contains("--"), "\(tool) tells of flags: \(text)")
            guard let structured = result["structuredContent"] else { continue }
            let schema = tools.first { $0["name"]?.stringValue == tool }?["outputSchema"]
            let faults = SchemaCheck.faults(of: structured, by: schema ?? .null)
            #expect(faults.isEmpty, "\(tool) \(arguments.text): \(faults) in \(structured.text)")
        }
        #expect(errors.count == 11, "all but hive_allowedTools, which takes nothing: \(errors)")
        #expect(desk.end() == 0)
    }

    @Test func `what a program can read of a failure is a second text`() throws {
        let folder = try TemporaryFolder()
        try folder.makeEmptyBoard()
        let desk = try MCPDesk(in: folder)
        let blocked = try desk.use("hive_witness")
        let texts = (blocked["content"]?.arrayValue ?? []).compactMap { $0["text"]?.stringValue }
        #expect(blocked["isError"] == true && blocked["structuredContent"] == nil)
        #expect(texts.first?.contains("not allowed before the first signal") == true, "\(texts)")
        let details = try JSONValue(parsing: texts.last ?? "")
        #expect(details["violation"] == "TOOL_BLOCKED")
        #expect(details["nextAllowed"]?.arrayValue?.first?["phase"] == "H")
        #expect(desk.end() == 0)
    }

    @Test func `a trace is taken in the same forms wherever one is asked about`() throws {
        let folder = try TemporaryFolder()
        try folder.makeEmptyBoard()
        let desk = try MCPDesk(in: folder)
        let id = "4bf92f3577b34da6a3ce929d0e0e4736"
        let zero = String(repeating: "0", count: 32)
        for (trace, isTaken) in [
            (id, true), ("00-\(id)-00f067aa0ba902b7-01", true), (zero, false), ("", false),
            ("00-\(zero)-00f067aa0ba902b7-01", false), (String(id.dropLast()), false),
        ] {
            let state = try desk.use("hive_getState", ["traceId": .string(trace)])
            #expect(state["isError"] == .bool(!isTaken), "\(trace): \(state.text)")
            let params: JSONValue = ["requestedPhase": "H", "traceId": .string(trace)]
            let check = try desk.use("hive_checkPhase", params)
            #expect(check["isError"] == .bool(!isTaken), "\(trace): \(check.text)")
            if isTaken { #expect(check["structuredContent"]?["allowed"] == true) }
        }
        #expect(desk.end() == 0)
    }

    @Test(arguments: ["", " \t", "{\"msg\":\n\"x\"}"])
    func `a text that is not one line is no signal`(text: String) throws {
        let folder = try TemporaryFolder()
        try folder.makeEmptyBoard()
        let desk = try MCPDesk(in: folder)
        let result = try desk.use("hive_validateSignal", ["signal": .string(text)])
        let judged = result["structuredContent"]
        #expect(result["isError"] == false && judged?["valid"] == false, "\(result.text)")
        #expect(judged?["gates"]?.arrayValue?.first?["gate"] == "F2")
        #expect(judged?["quarantined"] == false)
        #expect(desk.end() == 0)
    }

    @Test func `gates and violations are told apart, and what is refused is a warning`() throws {
        let folder = try TemporaryFolder()
        try folder.makeEmptyBoard()
        let desk = try MCPDesk(in: folder)
        let refused = try desk.emit("H", 0, " ")["structuredContent"]
        #expect(refused?["gates"] == ["G3"] && refused?["violations"] == [], "\(refused ?? .null)")
        try desk.awaitNotification("notifications/message") { params in
            params["level"] == "warning" && params["data"]?["event"] == "refused"
                && params["data"]?["gates"] == ["G3"]
                && params["data"]?["entry"] == refused?["entry"]
        }
        #expect(desk.end() == 0)
    }

    @Test func `null is as if it were not there`() throws {
        let desk = try MCPDesk(in: try TemporaryFolder())
        #expect(try desk.ask("ping", .null) == [:])
        #expect(try desk.ask("prompts/list", ["cursor": .null])["prompts"] != nil)
        let brief = try desk.ask("prompts/get", ["name": "brief", "arguments": .null])
        #expect(brief["messages"] != nil, "\(brief.text)")
        let state = try desk.ask("tools/call", ["name": "hive_getState", "arguments": .null])
        #expect(state["content"] != nil, "\(state.text)")
        for arguments: JSONValue in [[], ["task": 5], "x"] {
            let answer = try desk.ask("prompts/get", ["name": "brief", "arguments": arguments])
            #expect(answer["code"] == -32602, "\(arguments.text): \(answer.text)")
        }
        let reference: JSONValue = ["type": "ref/resource", "uri": "nope"]
        let params: JSONValue = ["ref": reference, "argument": ["name": "id", "value": ""]]
        #expect(try desk.ask("completion/complete", params)["code"] == -32602)
        let id = String(repeating: "i", count: 1_025)
        let long = try desk.answer(to: #"{"jsonrpc":"2.0","id":"\#(id)","method":"ping"}"#)
        #expect(long["error"]?["message"]?.stringValue?.contains("1024 bytes") == true)
        #expect(desk.end() == 0)
    }

    /// The flags would have loosened what holds for all.
    @Test func `what an agent writes is judged by the board's rules: the server takes no others`()
        throws
    {
        let folder = try TemporaryFolder()
        try folder.makeEmptyBoard()
        try folder.write(Array("mode: observe\n".utf8), to: "loose.yaml")
        for flags in [["--mode", "observe"], ["--rules", "loose.yaml"]] {
            for command in [["mcp"], ["mcp", "install", "claude", "--print"]] {
                let run = try HiveProgram.run(command + flags, in: folder.path)
                #expect(run.exitCode == 2, "\(command) \(flags): \(run)")
                #expect(run.standardError.contains("the board's own rules"), "\(run)")
            }
        }
        let desk = try MCPDesk(in: folder)
        #expect(try desk.emit("V", 2, "done")["structuredContent"]?["success"] == false)
        #expect(desk.end() == 0)
        let audit = String(decoding: folder.bytes("sandbox/pyre_audit.jsonl"), as: UTF8.self)
        #expect(!audit.contains("observe"), "\(audit)")
    }

    @Test func `a person confirms the words, not what a terminal would obey`() throws {
        let folder = try TemporaryFolder()
        try folder.makeEmptyBoard(mode: "observe")
        let desk = try MCPDesk(in: folder, version: nil)
        _ = try desk.ask(
            "initialize",
            [
                "protocolVersion": "2025-11-25", "capabilities": ["elicitation": [:]],
                "clientInfo": ["name": "desk", "version": "1"],
            ]
        )
        desk.say(#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#)
        let summary = "done\u{1B}[2K\r\nEnd nothing? \u{202E}yes"
        let call: JSONValue = ["currentGen": 87, "summary": .string(summary)]
        _ = desk.begin("tools/call", ["name": "hive_flip", "arguments": call])
        let question = try #require(try desk.hear { $0["method"] == "elicitation/create" })
        let text = question["params"]?["message"]?.stringValue ?? ""
        #expect(text.hasSuffix("Summary: done [2K End nothing? yes"), "\(text)")
        let no: JSONValue = [
            "jsonrpc": "2.0", "id": question["id"] ?? .null, "result": ["action": "decline"],
        ]
        let refused = try desk.answer(to: no.text)
        #expect(refused["result"]?["isError"] == true)
        #expect(refused["result"]?["structuredContent"] == nil)
        #expect(desk.end() == 0)
    }

    @Test func `of a scatter's tasks those that are asked for are counted`() throws {
        let folder = try TemporaryFolder(repository: ["a.md": "what a scatter costs\n"])
        try folder.makeEmptyBoard(mode: "observe")
        let desk = try MCPDesk(in: folder)
        let all = try desk.use("hive_scatter", ["prompt": "what a scatter costs", "count": 5])
        let tasks = all["structuredContent"]?["taskIds"]?.arrayValue ?? []
        #expect(tasks.count == 5, "\(all.text)")
        let params: JSONValue = [
            "name": "hive_gather", "arguments": ["taskIds": .array(Array(tasks.prefix(2)))],
            "_meta": ["progressToken": "p"],
        ]
        let some = try desk.ask("tools/call", params)
        let gathered = some["structuredContent"]
        #expect(gathered?["dispatched"] == 2 && gathered?["completed"] == 2, "\(some.text)")
        #expect(gathered?["results"]?.arrayValue?.count == 2)
        #expect(some["content"]?.arrayValue?.first?["text"] == "2 of 2 answered.")
        let progress = desk.notifications.last { $0["method"] == "notifications/progress" }
        #expect(progress?["params"]?["total"]?.doubleValue == 2, "\(desk.notifications)")
        #expect(progress?["params"]?["message"] == "2 of 2 answered")
        #expect(desk.end() == 0)
    }
}

/// JSON Schema, as far as the tools' output schemas use it.
private enum SchemaCheck {
    static func faults(of value: JSONValue, by schema: JSONValue, at place: String = "$")
        -> [String]
    {
        var faults: [String] = []
        if let type = schema["type"] {
            let types = type.arrayValue ?? [type]
            if !types.contains(where: { isOf($0.stringValue ?? "", value) }) {
                faults.append("\(place) is no \(type.text)")
            }
        }
        for key in schema["required"]?.arrayValue ?? [] where value[key.stringValue ?? ""] == nil {
            faults.append("\(place) has no \(key.text)")
        }
        for (key, inner) in schema["properties"]?.objectValue ?? [:] {
            if let member = value[key] {
                faults += Self.faults(of: member, by: inner, at: "\(place).\(key)")
            }
        }
        for element in value.arrayValue ?? [] {
            if let items = schema["items"] {
                faults += Self.faults(of: element, by: items, at: "\(place)[]")
            }
        }
        return faults
    }

    private static func isOf(_ type: String, _ value: JSONValue) -> Bool {
        switch type {
        case "object": value.objectValue != nil
        case "array": value.arrayValue != nil
        case "string": value.stringValue != nil
        case "integer": value.integerValue != nil
        case "number": value.doubleValue != nil
        case "boolean": value.boolValue != nil
        case "null": value.isNull
        default: false
        }
    }
}
