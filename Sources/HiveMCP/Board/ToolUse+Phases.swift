internal import HiveControl
internal import HiveSignal

// The tools about phases: where a trace stands, what may follow, and the generation's end.

extension ToolUse {
    func checkPhase(_ arguments: ToolArguments) async throws(ToolFailure) -> ToolResult {
        let asked = try arguments.phase("requestedPhase")
        let requested = try arguments.needed("requestedPhase", asked)
        let current: Phase?
        let standing: JSONValue
        if let given = try arguments.phase("currentPhase") {
            current = given
            guard given != .handoff else { return afterHandoff() }
            let answer = try await call(
                Method.moves,
                [
                    "from": .string(given.letter), "to": .string(requested.letter),
                    "mode": "strict",
                ]
            )
            standing = answer["from"] ?? .null
        } else {
            standing = try await moves(
                of: try arguments.trace("traceId") ?? trace.trace,
                to: requested
            )
            current = standing["phase"]?.stringValue.flatMap { Phase(letter: $0) }
        }
        let violations = Self.violations(standing)
        let sequence = violations.isEmpty ? [requested] : Self.sequence(current, requested)
        let letters = sequence.map(\.letter)
        let before = current?.letter ?? "nothing"
        return ToolResult(
            structured: [
                "allowed": .bool(violations.isEmpty),
                "violation": .maybe(violations.first),
                "violations": .texts(violations),
                "correctSequence": .texts(letters),
            ],
            text: violations.isEmpty
                ? "\(requested.letter) may follow \(before)."
                : "\(requested.letter) may not follow \(before): "
                    + "\(violations.joined(separator: ", ")). "
                    + (letters.isEmpty
                        ? "A person signs it (hive override)."
                        : "The way is \(letters.joined(separator: ", then ")).")
        )
    }

    /// SPEC §3: X →, the override says where the trace goes on.
    private func afterHandoff() -> ToolResult {
        ToolResult(
            structured: [
                "allowed": false, "violation": "EMERGENCY", "violations": ["EMERGENCY"],
                "correctSequence": [],
            ],
            text: "After X the person's override says where the trace goes on: see hive_getState."
        )
    }

    /// A trace's standing, and what the rules would say to a phase; one that is unknown has not
    /// begun.
    private func moves(
        of trace: TraceID,
        to phase: Phase
    ) async throws(ToolFailure) -> JSONValue {
        do throws(ControlError) {
            let params: JSONValue = [
                "trace": .string(trace.hex), "to": .string(phase.letter),
            ]
            return try await features.access.call(Method.moves, params)["trace"] ?? .null
        } catch {
            guard error.code == .usage else { throw ToolFailure(error) }
            let params: JSONValue = ["from": "-", "to": .string(phase.letter)]
            return try await call(Method.moves, params)["from"] ?? .null
        }
    }

    /// What the rules have against the phase, from the port that they have least against.
    private static func violations(_ standing: JSONValue) -> [String] {
        let ports = standing["moves"]?.arrayValue?.first?["ports"]?.arrayValue ?? []
        return ports.map { $0.texts("violations") }.min { $0.count < $1.count } ?? []
    }

    /// The steps from one phase to another, round the cycle; none leads to X.
    private static func sequence(_ current: Phase?, _ requested: Phase) -> [Phase] {
        let cycle = Phase.cycle
        guard let end = cycle.firstIndex(of: requested) else { return [] }
        let start = current.flatMap { cycle.firstIndex(of: $0) }.map { $0 + 1 } ?? 0
        let count = (end - start + cycle.count) % cycle.count + 1
        return (0..<count).map { cycle[(start + $0) % cycle.count] }
    }

    func state(_ arguments: ToolArguments) async throws(ToolFailure) -> ToolResult {
        let standing: JSONValue
        if let asked = try arguments.trace("traceId") {
            let params: JSONValue = ["trace": .string(asked.hex)]
            standing = try await call(Method.standing, params)
        } else {
            standing = try await self.standing()
        }
        let structured = try await features.state(standing)
        let phase = standing["phase"]?.stringValue ?? "no phase yet"
        let cycle = standing["cycle"]?.integerValue ?? 0
        return ToolResult(
            structured: structured,
            text: "\(phase), cycle \(cycle). Next: \(Self.steps(standing))."
        )
    }

    func allowedTools() async throws(ToolFailure) -> ToolResult {
        let standing = try await standing()
        let tools = features.visible(in: standing).map(\.rawValue)
        var structured: JSONObject = ["tools": .texts(tools)]
        for key in ["phase", "allowed", "blocked", "unresolved"] {
            structured[key] = standing[key] ?? .null
        }
        let phase = standing["phase"]?.stringValue ?? "H"
        let blocked = standing.texts("blocked").joined(separator: ", ")
        return ToolResult(
            structured: structured,
            text: blocked.isEmpty
                ? "\(phase) blocks nothing." : "\(phase) blocks \(blocked)."
        )
    }

    // MARK: The generation's end

    func flip(_ arguments: ToolArguments) async throws(ToolFailure) -> ToolResult {
        let given = try arguments.needed("currentGen", try arguments.whole("currentGen"))
        let summary = try arguments.needed("summary", try arguments.text("summary"))
        let generation = try await call(Method.state)["gen"]?.integerValue ?? 0
        guard given == generation else {
            throw ToolFailure(
                "WRONG_GENERATION: the board is in generation \(generation), not \(given)",
                hint: "Look at it again: hive_getState.",
                details: [
                    "violation": "WRONG_GENERATION", "violations": ["WRONG_GENERATION"],
                ]
            )
        }
        if session.client.canElicit { try await confirm(generation, summary) }
        let flip = try await call(Method.flip, ["summary": .string(summary)])
        let violations = flip.texts("violations")
        guard violations.isEmpty else { throw try await refusal(flip, violations) }
        let trace = try await call(Method.state)["traceId"] ?? .null
        let next = flip["next"]?.integerValue ?? 0
        return ToolResult(
            structured: [
                "newGen": .integer(next),
                "newPhase": "H",
                "newTraceId": trace,
                "blackboardArchived": flip["archive"] ?? .null,
            ],
            text: "Generation \(generation) is archived; \(next) begins with H."
        )
    }

    private func refusal(
        _ flip: JSONValue,
        _ violations: [String]
    ) async throws(ToolFailure) -> ToolFailure {
        let open = flip["open"]?.arrayValue ?? []
        let traces = open.prefix(Self.tracesTold).map { cycle in
            let trace = cycle["traceId"]?.stringValue?.prefix(8) ?? "?"
            return "\(trace) stands in \(cycle["phase"]?.stringValue ?? "?")"
        }
        let standing = try await standing()
        return ToolFailure(
            "\(violations.joined(separator: ", ")): \(traces.joined(separator: ", "))",
            hint: "Bring every cycle to E. Next: \(Self.steps(standing)).",
            details: [
                "violation": .maybe(violations.first),
                "violations": .texts(violations),
                "open": .array(open),
                "nextAllowed": standing["nextAllowed"] ?? [],
            ]
        )
    }

    /// How many of the cycles that are in the way are named.
    private static let tracesTold = 3
    private static let summaryBytesMax = 256

    /// Asks the person at the client.
    private func confirm(_ generation: Int64, _ summary: String) async throws(ToolFailure) {
        let form: JSONValue = [
            "message": .string(
                "End generation \(generation)? Its board is archived and an empty one begins. "
                    + "Summary: \(summary.onOneLine.cut(toBytes: Self.summaryBytesMax))"
            ),
            "requestedSchema": [
                "type": "object",
                "properties": [
                    "confirm": ["type": "boolean", "title": "End the generation"]
                ],
                "required": ["confirm"],
            ],
        ]
        let answer: JSONValue
        do throws(MCPError) {
            answer = try await session.ask("elicitation/create", form)
        } catch {
            throw ToolFailure(
                "nobody confirmed the flip: \(error.message)",
                hint: "A person may do it: hive flip."
            )
        }
        guard answer["action"] == "accept", answer["content"]?["confirm"] == true else {
            throw ToolFailure("the person did not want the flip", hint: "Ask what is missing.")
        }
    }
}

extension HiveFeatures {
    /// `hive_getState` and `hive://state`, from what `Method.standing` gave.
    func state(_ standing: JSONValue) async throws(ToolFailure) -> JSONObject {
        let budget = try await call(Method.budget, [:])
        let waiting = budget["waiting"]?.integerValue ?? 0
        let running = budget["running"]?.integerValue ?? 0
        var state: JSONObject = [:]
        for key in ["phase", "port", "traceId", "gen", "cycle", "mode", "reached"] {
            state[key] = standing[key] ?? .null
        }
        state["openTasks"] = .integer(waiting + running)
        state["nextAllowed"] = standing["nextAllowed"] ?? []
        return state
    }
}
