internal import HiveControl
package import HiveSignal
internal import Synchronization

/// What hive offers to clients of the Model Context Protocol: one client's view of the board.
package struct HiveFeatures: MCPFeatures {
    let access: BoardAccess
    /// The trace of whoever names none.
    let ownTrace: Traceparent
    /// What the client was told of, to tell it what is another now.
    let told = ToldState()

    package init(_ access: BoardAccess) {
        self.access = access
        ownTrace = access.newTraceparent()
    }

    package var identity: MCPIdentity {
        MCPIdentity(
            name: "hive",
            title: "hive",
            version: HiveVersion.text,
            instructions: """
                A shared board judges what agents say they do: hunt (H), interlock (I: a failing \
                test), validate (V: it passes), evolve (E: refactor), in this order. Say each step \
                with hive_emitSignal before you take it. hive_getState tells where you stand, \
                hive_allowedTools what that allows.
                """
        )
    }

    // MARK: Tools

    package func tools(_ session: MCPSession) async throws(MCPError) -> [JSONValue] {
        let names: [ToolName]
        do throws(ToolFailure) {
            names = visible(in: try await standing(of: session, ownTrace))
        } catch {
            throw MCPError(.internalError, "\(error.message). \(error.hint)")
        }
        told.tools.withLock { $0 = names }
        return names.map(ToolCatalogue.json)
    }

    /// The tools that are there, where an agent stands so.
    func visible(in standing: JSONValue) -> [ToolName] {
        ToolName.allCases.filter { isAllowed($0, in: standing) }
    }

    /// In `observe` nothing is hidden: its rules warn only.
    private func isAllowed(_ name: ToolName, in standing: JSONValue) -> Bool {
        guard let need = name.need, standing["mode"] != "observe" else { return true }
        return switch need {
        case .action(let action): !standing.texts("blocked").contains(action)
        case .reached(let phase): standing.texts("reached").contains(phase)
        }
    }

    package func isLong(_ request: MCPRequest) -> Bool {
        guard request.method == "tools/call", let name = request.params["name"]?.stringValue else {
            return false
        }
        return ToolName(rawValue: name)?.isLong ?? false
    }

    package func call(
        tool: String,
        _ arguments: JSONObject,
        _ context: MCPContext
    ) async throws(MCPError) -> JSONValue {
        guard let name = ToolName(rawValue: tool) else {
            throw MCPError(.invalidParams, "no tool \(tool.shown): tools/list names them")
        }
        let use = ToolUse(features: self, context: context)
        let result: ToolResult
        do throws(ToolFailure) {
            try await use.requireAllowed(name)
            result = try await use.run(name, ToolArguments(json: arguments))
        } catch {
            result = error.result
        }
        return result.json(context.session.version ?? .newest, meta: traceMeta(context))
    }

    // MARK: Where the client stands

    /// HiveControl's `Method.standing` of the client in a trace.
    func standing(
        of session: MCPSession,
        _ trace: Traceparent
    ) async throws(ToolFailure) -> JSONValue {
        try await call(
            Method.standing,
            ["agent": .string(agent(session)), "trace": .string(trace.trace.hex)]
        )
    }

    func call(_ method: String, _ params: JSONValue) async throws(ToolFailure) -> JSONValue {
        do throws(ControlError) {
            return try await access.call(method, params)
        } catch {
            throw ToolFailure(error)
        }
    }

    /// How the client is called on the board.
    func agent(_ session: MCPSession) -> String {
        let kept = session.client.name.unicodeScalars.filter { scalar in
            scalar.isASCII && scalar.value > 0x20 && scalar.value < 0x7F
        }
        let name = String(String.UnicodeScalarView(kept.prefix(Self.agentLengthMax)))
        return name.isEmpty ? "mcp" : name
    }

    private static let agentLengthMax = 64

    // MARK: Trace context

    /// The client's trace where it names one (SEP-414), else the session's own.
    func trace(_ context: MCPContext) -> Traceparent {
        context.meta["traceparent"]?.stringValue.flatMap { Traceparent($0) } ?? ownTrace
    }

    /// The trace as it goes out: the same, with a span of its own.
    private func traceMeta(_ context: MCPContext) -> JSONObject {
        let trace = trace(context)
        let span = Traceparent(
            trace: trace.trace,
            parent: access.newTraceparent().parent,
            flags: trace.flags
        )
        var meta: JSONObject = ["traceparent": .string((span ?? trace).text)]
        if let state = tracestate(context) { meta["tracestate"] = .string(state) }
        return meta
    }

    /// What came with the client's trace, where it is well formed.
    func tracestate(_ context: MCPContext) -> String? {
        guard let text = context.meta["tracestate"]?.stringValue,
            context.meta["traceparent"]?.stringValue.flatMap({ Traceparent($0) }) != nil,
            Array(text.utf8).withUnsafeBytes({ Tracestate.isValid($0) })
        else { return nil }
        return text
    }
}

/// What a client was told last.
final class ToldState: Sendable {
    /// Nil: it has not asked for the tools.
    let tools = Mutex<[ToolName]?>(nil)
    /// The rules in force, once the client watches them.
    let rules = Mutex<JSONValue?>(nil)
    /// Something was judged: look whether the above still holds.
    let looks: AsyncStream<Void>
    private let look: AsyncStream<Void>.Continuation

    init() { (looks, look) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    func lookAgain() { look.yield() }
}
