internal import HiveControl
internal import HiveSignal

/// One use of a tool.
struct ToolUse: Sendable {
    let features: HiveFeatures
    let context: MCPContext

    var session: MCPSession { context.session }
    var trace: Traceparent { features.trace(context) }

    func run(_ name: ToolName, _ arguments: ToolArguments) async throws(ToolFailure) -> ToolResult {
        switch name {
        case .validateSignal: try await validate(arguments)
        case .emitSignal: try await emit(arguments)
        case .quarantine: try await quarantine(arguments)
        case .search: try await search(arguments)
        case .checkPhase: try await checkPhase(arguments)
        case .getState: try await state(arguments)
        case .allowedTools: try await allowedTools()
        case .flip: try await flip(arguments)
        case .witness: try await witness(arguments)
        case .scatter: try await scatter(arguments)
        case .gather: try await gather(arguments)
        case .ask: try await ask(arguments)
        }
    }

    func call(_ method: String, _ params: JSONValue = [:]) async throws(ToolFailure) -> JSONValue {
        try await features.call(method, params)
    }

    func standing() async throws(ToolFailure) -> JSONValue {
        try await features.standing(of: session, trace)
    }

    /// Refuses a tool that the phase hides, and says what may be done instead.
    func requireAllowed(_ name: ToolName) async throws(ToolFailure) {
        guard name.need != nil else { return }
        let standing = try await standing()
        guard !features.visible(in: standing).contains(name) else { return }
        let place = standing["phase"]?.stringValue.map { "in \($0)" } ?? "before the first signal"
        throw ToolFailure(
            "TOOL_BLOCKED: \(name.rawValue) is not allowed \(place)",
            hint: "Next: \(Self.steps(standing)).",
            details: [
                "violation": "TOOL_BLOCKED",
                "violations": ["TOOL_BLOCKED"],
                "phase": standing["phase"] ?? .null,
                "nextAllowed": standing["nextAllowed"] ?? [],
            ]
        )
    }

    /// `H (port 0, 7), I (…)`: what may be said next.
    static func steps(_ standing: JSONValue) -> String {
        let moves = standing["nextAllowed"]?.arrayValue ?? []
        let steps = moves.map { move in
            let ports = (move["ports"]?.arrayValue ?? []).compactMap(\.integerValue)
            let list = ports.map(\.description).joined(separator: ", ")
            return "say \(move["phase"]?.stringValue ?? "?") from port \(list)"
        }
        return steps.isEmpty ? "nothing: see hive_getState" : steps.joined(separator: "; or ")
    }
}
