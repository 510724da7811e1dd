import Crypto
package import HiveSignal

/// A coding agent whose hooks hive answers.
package enum CodingAgent: String, Sendable, Hashable, CaseIterable {
    case claude, codex, cursor, copilot, gemini, opencode
}

/// What an agent's program tells a hook, whichever program it is (specs/guards.md).
package struct GuardCall: Sendable, Hashable {
    package enum Event: Sendable, Hashable {
        /// A tool is about to be used, with these arguments.
        case tool(name: String, input: JSONValue)
        case sessionStart
        /// The agent is about to end its turn; `isRepeated`: it was refused that already.
        case stop(isRepeated: Bool)
        /// Nothing that the guard has a word on.
        case other
    }

    package var agent: CodingAgent
    package var event: Event
    /// As the payload names it, for answers that repeat it.
    package var eventName: String
    package var session: String?
    /// The folder that the agent works in; nil: the payload does not say.
    package var folder: String?
    /// Folders that the agent's program has open.
    package var roots: [String] = []
    /// Where what was said in the session is kept.
    package var transcript: String?

    /// A larger payload is not read.
    package static let bytesMax = 16 << 20
    private static let nameBytesMax = 1_024

    /// Reads a payload.
    ///
    /// `payload` is what came on standard input; `named` says whose it is, and nil that its keys
    /// do; `eventName` is for a payload that does not name its event. Throws exit code 2 for what
    /// is no object, or names neither an event nor a tool where it must.
    package init(
        _ payload: JSONValue,
        agent named: CodingAgent? = nil,
        event eventName: String? = nil
    ) throws(HiveError) {
        guard let keys = payload.objectValue else {
            throw .usage(
                "the payload on standard input is no JSON object",
                hint: "hive guard check is called by a coding agent's hook: hive guard install"
            )
        }
        func text(_ names: String...) -> String? {
            let text = names.lazy.compactMap { keys[$0]?.stringValue }.first { !$0.isEmpty }
            return text?.cut(toBytes: PathGlob.pathBytesMax)
        }
        agent = named ?? Self.agent(of: payload)
        session = text("session_id", "sessionId", "sessionID", "conversation_id")
        folder = text("cwd", "directory")
        roots = (keys["workspace_roots"]?.arrayValue ?? []).prefix(Self.rootsMax)
            .compactMap(\.stringValue)
        transcript = text("transcript_path", "transcriptPath")
        let tool = text("tool_name", "toolName", "tool")?.cut(toBytes: Self.nameBytesMax)
        let named = text("hook_event_name", "hookEventName", "event") ?? eventName
        guard let name = named ?? (tool == nil ? nil : "preToolUse") else {
            throw Self.unreadable("an event")
        }
        self.eventName = name
        event = try Self.event(name, tool, keys)
    }

    private static let rootsMax = 16

    /// Where it is not said which tool is about to be used, nothing can be judged.
    private static func unreadable(_ what: String) -> HiveError {
        .usage(
            "the payload on standard input does not name \(what)",
            hint: "hive guard check is called by a coding agent's hook: hive guard install"
        )
    }

    private static func event(
        _ name: String,
        _ tool: String?,
        _ keys: JSONObject
    ) throws(HiveError) -> Event {
        switch name {
        case "PreToolUse", "preToolUse", "BeforeTool", "tool.execute.before":
            // Copilot gives the arguments as text.
            let given = keys["tool_input"] ?? keys["toolArgs"] ?? keys["toolInput"] ?? keys["args"]
            guard let tool else { throw unreadable("the tool") }
            return .tool(name: Self.ownName(of: tool), input: Self.object(given))
        case "beforeShellExecution":
            return .tool(name: "Shell", input: .object(keys))
        case "beforeMCPExecution":
            guard let tool else { throw unreadable("the tool") }
            return .tool(name: ownName(of: "MCP:\(tool)"), input: object(keys["tool_input"]))
        case "beforeReadFile": return .tool(name: "Read", input: .object(keys))
        case "SessionStart", "sessionStart", "session.created": return .sessionStart
        case "Stop", "stop", "AfterAgent", "agentStop", "session.idle":
            let isActive = keys["stop_hook_active"]?.boolValue ?? false
            return .stop(isRepeated: isActive || (keys["loop_count"]?.integerValue ?? 0) > 0)
        default: return .other
        }
    }

    /// The name that rules know a tool by.
    ///
    /// Cursor does not say which MCP server a tool is of, and calls it `MCP:NAME`.
    private static func ownName(of tool: String) -> String {
        guard tool.hasPrefix("MCP:") else { return tool }
        let name = String(tool.dropFirst("MCP:".count))
        return name.hasPrefix("hive_") ? name : "mcp__cursor__\(name)"
    }

    /// An object, or the one that a text holds.
    private static func object(_ value: JSONValue?) -> JSONValue {
        guard let text = value?.stringValue else { return value ?? [:] }
        return (try? JSONValue(parsing: text)) ?? ["command": .string(text)]
    }

    /// Whose payload it is, by keys that only one of them has.
    ///
    /// Claude Code and Codex have the same, and take the same answers.
    private static func agent(of payload: JSONValue) -> CodingAgent {
        if payload["toolName"] != nil || payload["sessionId"] != nil { return .copilot }
        if payload["conversation_id"] != nil || payload["cursor_version"] != nil { return .cursor }
        if payload["sessionID"] != nil { return .opencode }
        let name = payload["hook_event_name"]?.stringValue ?? ""
        if ["BeforeTool", "AfterAgent"].contains(name) { return .gemini }
        if payload["timestamp"]?.stringValue != nil { return .gemini }
        if payload["timestamp"] != nil { return .copilot }
        return payload["turn_id"] != nil ? .codex : .claude
    }
}

/// By which name, and in which trace, an agent of a session speaks on the board.
///
/// Both are made from the session's id, so that nothing has to be kept. What the agent's program
/// has in its environment goes before: a person put it there.
package struct GuardCaller: Sendable, Hashable {
    package var name: String
    /// A traceparent; nil: the agent speaks in whatever trace the board is at.
    package var trace: String?

    private static let nameDigits = 8
    private static let spanDigits = 16

    /// Goes on in another trace, by its id.
    mutating func join(_ id: String) {
        let span = TraceID(high: 0, low: GenerationTrace.span(of: name))
        trace = "00-\(id)-\(span.hex.suffix(Self.spanDigits))-01"
    }

    package init(_ call: GuardCall, environment: [String: String]) {
        let agent = call.agent.rawValue
        let digits = call.session.map { session in
            let digest = Array(SHA256.hash(data: Array(session.utf8)))
            return Hex.encode(digest).prefix(Self.nameDigits)
        }
        name = environment["HIVE_AGENT"] ?? digits.map { "\(agent)-\($0)" } ?? agent
        trace =
            environment["TRACEPARENT"].flatMap { Traceparent($0) == nil ? nil : $0 }
            ?? call.session.map { session in
                let name = "hive-session-\(session)"
                let span = TraceID(high: 0, low: GenerationTrace.span(of: name))
                return "00-\(GenerationTrace.of(name).hex)-\(span.hex.suffix(16))-01"
            }
    }
}
