internal import HiveControl
package import HiveSignal

// The eight personas and a brief of the present phase, for a person to begin with; and how their
// arguments, and those of resources, may go on.

extension HiveFeatures {
    private static let brief = "brief"

    package var prompts: [JSONValue] {
        let personas = access.personas.map { persona -> JSONValue in
            [
                "name": .string(persona.name),
                "title": .string("Port \(persona.port.rawValue): \(persona.verb)"),
                "description": .string("Take on the persona of port \(persona.port.rawValue)"),
                "arguments": [["name": "task", "description": "What to do", "required": false]],
            ]
        }
        let brief: JSONValue = [
            "name": .string(Self.brief),
            "title": "What to do now",
            "description": "What your phase is about, what it allows, and what may follow",
            "arguments": [
                [
                    "name": "phase", "description": "Another phase than yours: H, I, V or E",
                    "required": false,
                ]
            ],
        ]
        return personas + [brief]
    }

    package func prompt(
        _ name: String,
        _ arguments: JSONObject,
        _ context: MCPContext
    ) async throws(MCPError) -> JSONValue {
        // MCP, Prompts: arguments are strings.
        for (key, value) in arguments where value.stringValue == nil {
            throw MCPError(.invalidParams, "`arguments`: \(key.shown) is a string")
        }
        if name == Self.brief {
            return Self.filled(
                "What your phase is about",
                try await brief(arguments["phase"]?.stringValue, context)
            )
        }
        guard let persona = access.personas.first(where: { $0.name == name }) else {
            throw MCPError(.invalidParams, "no prompt \(name.shown): prompts/list names them")
        }
        var text = persona.prompt
        if let task = arguments["task"]?.stringValue, !task.isEmpty { text += "\n\n\(task)" }
        return Self.filled("The persona of port \(persona.port.rawValue)", text)
    }

    private static func filled(_ description: String, _ text: String) -> JSONValue {
        [
            "description": .string(description),
            "messages": [
                ["role": "user", "content": ["type": "text", "text": .string(text)]]
            ],
        ]
    }

    private func brief(
        _ asked: String?,
        _ context: MCPContext
    ) async throws(MCPError) -> String {
        var params: JSONObject = [
            "agent": .string(agent(context.session)), "trace": .string(trace(context).trace.hex),
        ]
        params["phase"] = asked.map { .string($0) }
        let standing: JSONValue
        do throws(ControlError) {
            standing = try await access.call(Method.standing, .object(params))
        } catch {
            let code: MCPError.Code = error.code == .usage ? .invalidParams : .internalError
            throw MCPError(code, "\(error.message). \(error.hint)")
        }
        let phase = standing["phase"]?.stringValue.flatMap { Phase(letter: $0) } ?? .hunt
        let reached = standing.texts("reached").joined(separator: ", ")
        return """
            Phase \(phase.letter): \(Self.meaning(phase))
            Your cycle has reached: \(reached.isEmpty ? "nothing yet" : reached).
            Allowed: \(standing.texts("allowed").joined(separator: ", ")).
            Blocked: \(standing.texts("blocked").joined(separator: ", ")).
            Next: \(ToolUse.steps(standing)).
            Say each step with hive_emitSignal before you take it; what the rules refuse is kept in \
            quarantine, and the answer says what to do instead.
            """
    }

    private static func meaning(_ phase: Phase) -> String {
        switch phase {
        case .hunt: "hunt. Look, read and search; change nothing, run nothing."
        case .interlock: "interlock. Write the interface and a test that fails for its absence."
        case .validate: "validate. Write what makes the failing test pass, and nothing else."
        case .evolve: "evolve. Make it clearer and deliver it; the same tests stay green."
        case .handoff: "handoff. A person has taken over."
        }
    }

    // MARK: Completion

    package func completions(
        of reference: JSONValue,
        argument: String,
        beginning: String,
        _ context: MCPContext
    ) async throws(MCPError) -> [String] {
        let all: [String]
        switch (reference["type"]?.stringValue, argument) {
        case ("ref/prompt", _):
            let name = reference["name"]?.stringValue ?? ""
            guard name == Self.brief || access.personas.contains(where: { $0.name == name }) else {
                throw MCPError(.invalidParams, "no prompt \(name.shown): prompts/list names them")
            }
            all = name == Self.brief && argument == "phase" ? Phase.cycle.map(\.letter) : []
        case ("ref/resource", _) where !Self.isTemplate(reference["uri"]):
            throw MCPError(.invalidParams, "no such resource: resources/templates/list names them")
        case ("ref/resource", "phase"): all = Phase.allCases.map(\.letter)
        case ("ref/resource", "port"): all = Port.all.map { "\($0.rawValue)" }
        case ("ref/resource", "since"): all = try await recent("sequence")
        case ("ref/resource", "id"): all = try await recent("id")
        case ("ref/resource", _): all = []
        default: throw MCPError(.invalidParams, "`ref.type` is ref/prompt or ref/resource")
        }
        let begun = beginning.lowercased()
        return all.filter { $0.lowercased().hasPrefix(begun) }
    }

    /// A template's address, or that of a resource without parameters.
    private static func isTemplate(_ uri: JSONValue?) -> Bool {
        guard let uri = uri?.stringValue else { return false }
        return [BoardResource.signalsTemplate, BoardResource.signalTemplate].contains(uri)
            || (try? BoardResource(uri)) != nil
    }

    private static let recentMax: Int64 = 100

    /// What the newest accepted lines have under a key, the newest first, each once.
    private func recent(_ key: String) async throws(MCPError) -> [String] {
        let params: JSONValue = ["last": .integer(Self.recentMax), "verdict": "accepted"]
        do throws(ControlError) {
            let lines = try await access.call(Method.logRead, params)["lines"]?.arrayValue ?? []
            var seen: Set<String> = []
            return lines.reversed().compactMap { line in
                line[key]?.stringValue ?? line[key]?.integerValue.map(\.description)
            }.filter { seen.insert($0).inserted }
        } catch {
            throw MCPError(.internalError, "\(error.message). \(error.hint)")
        }
    }
}
