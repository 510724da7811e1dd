internal import HiveSignal

// What a model is told of each tool
//
// Every word here is read by every model in every session: all of it together stays under 2,000
// tokens, and a test measures it. Output schemas name what is always there.

/// The tools as `tools/list` gives them.
enum ToolCatalogue {
    /// One tool's entry.
    static func json(_ name: ToolName) -> JSONValue {
        let entry = entry(name)
        return [
            "name": .string(name.rawValue),
            "description": .string(entry.description),
            "inputSchema": entry.input,
            "outputSchema": entry.output,
            "annotations": .object(entry.hints),
        ]
    }

    private struct Entry {
        var description: String
        var input: JSONValue
        var output: JSONValue
        var hints: JSONObject
    }

    private static func entry(_ name: ToolName) -> Entry {
        switch name {
        case .validateSignal, .emitSignal, .quarantine, .search: ofSignals(name)
        case .checkPhase, .getState, .allowedTools, .flip: ofPhases(name)
        case .witness, .scatter, .gather, .ask: ofWork(name)
        }
    }

    // MARK: Signals

    private static func ofSignals(_ name: ToolName) -> Entry {
        switch name {
        case .validateSignal:
            Entry(
                description: "Would this signal pass gates G0-G11 and the phase rules now?",
                input: object(["signal": signal], needs: ["signal"]),
                output: object(
                    ["valid": flag, "gates": list(open), "violations": texts, "quarantined": flag],
                    needs: ["valid", "gates", "quarantined"]
                ),
                hints: reads
            )
        case .emitSignal:
            Entry(
                description: """
                    Say a signal: {msg, hive: H|I|V|E, port: 0-7, mark: 0-1, \
                    pull: upstream|downstream|lateral, type: signal|event|error|metric, parent?}. \
                    What else it needs is filled in. What the rules refuse is quarantined.
                    """,
                input: object(["signal": signal], needs: ["signal"]),
                output: object(
                    [
                        "success": flag, "signalId": maybeText, "error": maybeText,
                        "quarantined": flag, "violations": texts,
                    ],
                    needs: ["success", "signalId", "error", "quarantined", "violations"]
                ),
                hints: hints(reads: false, destroys: false, repeats: false)
            )
        case .quarantine:
            Entry(
                description: "Put a signal of your own that is wrong into quarantine.",
                input: object(["signal": signal, "reason": text], needs: ["signal", "reason"]),
                output: object(["id": text, "violation": text], needs: ["id", "violation"]),
                hints: hints(reads: false, destroys: false, repeats: false)
            )
        default:
            Entry(
                description: "Find accepted signals by words.",
                input: object(["words": text, "limit": whole], needs: ["words"]),
                output: object(["signals": list(open)], needs: ["signals"]),
                hints: reads
            )
        }
    }

    // MARK: Phases

    private static func ofPhases(_ name: ToolName) -> Entry {
        switch name {
        case .checkPhase:
            Entry(
                description: """
                    May the trace go on to a phase? With currentPhase: by the strict table.
                    """,
                input: object(
                    ["currentPhase": phase, "requestedPhase": phase, "traceId": text],
                    needs: ["requestedPhase"]
                ),
                output: object(
                    [
                        "allowed": flag, "violation": maybeText, "violations": texts,
                        "correctSequence": texts,
                    ],
                    needs: ["allowed", "violation", "violations", "correctSequence"]
                ),
                hints: reads
            )
        case .getState:
            Entry(
                description: "Where your trace stands, and what may follow.",
                input: object(["traceId": text]),
                output: object(
                    [
                        "phase": maybeText, "port": maybeWhole, "traceId": text, "gen": whole,
                        "cycle": whole, "mode": text, "reached": texts, "openTasks": whole,
                        "nextAllowed": list(open),
                    ],
                    needs: [
                        "phase", "port", "traceId", "gen", "cycle", "mode", "reached", "openTasks",
                        "nextAllowed",
                    ]
                ),
                hints: reads
            )
        case .allowedTools:
            Entry(
                description: "What your phase allows: actions, and tools of hive.",
                input: object([:]),
                output: object(
                    [
                        "phase": maybeText, "allowed": texts, "blocked": texts, "tools": texts,
                        "unresolved": list(open),
                    ],
                    needs: ["phase", "allowed", "blocked", "tools", "unresolved"]
                ),
                hints: reads
            )
        default: flip
        }
    }

    private static var flip: Entry {
        Entry(
            description: """
                End the generation: archives the board, begins an empty one. Allowed once \
                every cycle that reached I has reached E.
                """,
            input: object(
                ["currentGen": whole, "summary": text],
                needs: ["currentGen", "summary"]
            ),
            output: object(
                [
                    "newGen": whole, "newPhase": text, "newTraceId": text,
                    "blackboardArchived": text,
                ],
                needs: ["newGen", "newPhase", "newTraceId", "blackboardArchived"]
            ),
            hints: hints(reads: false, destroys: true, repeats: false)
        )
    }

    // MARK: Others' work

    private static func ofWork(_ name: ToolName) -> Entry {
        switch name {
        case .witness:
            Entry(
                description: """
                    Run the project's tests on the index (or the working folder) in a clean room: \
                    a signed receipt proves I red, V green or E refactor.
                    """,
                input: object(["phase": choice(["I", "V", "E"]), "working": flag]),
                output: object(
                    ["proven": flag, "phase": text, "kind": text, "id": text, "violations": texts],
                    needs: ["proven", "phase", "id", "violations"]
                ),
                hints: hints(reads: false, destroys: false, repeats: true)
            )
        case .scatter:
            Entry(
                description: """
                    Ask models: many tasks {prompt, id?, port?, systemPrompt?}, or a prompt count \
                    times. timeout: ms a request.
                    """,
                input: object([
                    "tasks": list(open), "prompt": text, "count": whole, "backend": text,
                    "model": text, "concurrency": whole, "timeout": whole,
                ]),
                output: answers,
                hints: asks
            )
        case .gather:
            Entry(
                description: "Wait for a scatter's answers. timeout: ms in all.",
                input: object([
                    "taskIds": texts, "scatterId": text, "timeout": whole,
                    "aggregation": choice(["concat", "vote", "best"]),
                ]),
                output: answers,
                hints: asks
            )
        default:
            Entry(
                description: "Ask a swarm one question; two thirds must agree, or no answer.",
                input: object(
                    [
                        "question": text, "swarm": whole, "disruptors": whole, "models": texts,
                        "timeout": whole,
                    ],
                    needs: ["question"]
                ),
                output: object(
                    ["answer": maybeText, "confidence": ["type": "number"], "status": text],
                    needs: ["answer", "confidence", "status"]
                ),
                hints: asks
            )
        }
    }

    private static var answers: JSONValue {
        object(
            ["scatterId": text, "taskIds": texts, "allComplete": flag, "results": list(open)],
            needs: ["scatterId", "taskIds", "allComplete", "results"]
        )
    }

    // MARK: Schemas

    private static let text: JSONValue = ["type": "string"]
    private static let whole: JSONValue = ["type": "integer"]
    private static let flag: JSONValue = ["type": "boolean"]
    private static let open: JSONValue = ["type": "object"]
    private static let maybeText: JSONValue = ["type": ["string", "null"]]
    private static let maybeWhole: JSONValue = ["type": ["integer", "null"]]
    private static let texts = list(text)
    private static let phase = choice(["H", "I", "V", "E", "X"])
    /// An object, or its text: what is no JSON can be validated, too.
    private static let signal: JSONValue = ["type": ["object", "string"]]

    private static func list(_ items: JSONValue) -> JSONValue {
        ["type": "array", "items": items]
    }

    private static func choice(_ words: [String]) -> JSONValue {
        ["enum": .array(words.map { .string($0) })]
    }

    private static func object(_ properties: JSONObject, needs: [String] = []) -> JSONValue {
        var schema: JSONObject = ["type": "object"]
        if !properties.isEmpty { schema["properties"] = .object(properties) }
        if !needs.isEmpty { schema["required"] = .array(needs.map { .string($0) }) }
        return .object(schema)
    }

    // MARK: Hints

    private static let reads: JSONObject = ["readOnlyHint": true, "openWorldHint": false]
    /// Others are asked, over the network perhaps; asking again costs again.
    private static let asks: JSONObject = ["destructiveHint": false]

    private static func hints(reads: Bool, destroys: Bool, repeats: Bool) -> JSONObject {
        [
            "readOnlyHint": .bool(reads), "destructiveHint": .bool(destroys),
            "idempotentHint": .bool(repeats), "openWorldHint": false,
        ]
    }
}
