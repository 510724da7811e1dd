internal import HiveControl
internal import HiveSignal

// The tools about signals: asked about, said, declared wrong, found.

extension ToolUse {
    func validate(_ arguments: ToolArguments) async throws(ToolFailure) -> ToolResult {
        let line = try await line(arguments)
        if let fault = Self.fault(line.text) { return Self.noLine(fault) }
        let judged = try await call(Method.validate, ["line": .string(line.text)])
        let failed = Set(judged.texts("gates"))
        let errors = Self.errors(judged)
        let gates = judged.texts("asked").map { gate -> JSONValue in
            [
                "gate": .string(gate),
                "passed": .bool(!failed.contains(gate)),
                "error": .maybe(failed.contains(gate) ? errors[gate] ?? "fails" : nil),
            ]
        }
        let isAccepted = judged["verdict"] == "accepted"
        let reason = judged["reason"]?.stringValue ?? ""
        return ToolResult(
            structured: [
                "valid": .bool(failed.isEmpty),
                "gates": .array(gates),
                "violations": .texts(judged.texts("violations")),
                "quarantined": .bool(!isAccepted),
            ],
            text: isAccepted ? "It would be accepted." : "It would be quarantined: \(reason)"
        )
    }

    /// Why a text is not one line, and so no signal: nothing of it would be judged; nil: it is one.
    private static func fault(_ text: String) -> String? {
        if text.utf8.contains(UInt8(ascii: "\n")) {
            return "a line feed; expected one JSON object on one line"
        }
        return text.utf8.allSatisfy { [0x20, 0x09, 0x0D].contains($0) }
            ? "a blank line; expected one JSON object" : nil
    }

    private static func noLine(_ fault: String) -> ToolResult {
        ToolResult(
            structured: [
                "valid": false,
                "gates": [["gate": "F2", "passed": false, "error": .string(fault)]],
                "violations": [],
                "quarantined": false,
            ],
            text: "It is no signal: \(fault)."
        )
    }

    /// What each failed gate or violation is explained by.
    private static func errors(_ judged: JSONValue) -> [String: String] {
        var errors: [String: String] = [:]
        for explanation in judged["explanations"]?.arrayValue ?? [] {
            let code = explanation["gate"]?.stringValue ?? explanation["violation"]?.stringValue
            guard let code, let found = explanation["found"]?.stringValue,
                let expected = explanation["expected"]?.stringValue
            else { continue }
            // A time that only the clock refuses is told by its violation: G0_FAKE_TIMESTAMP.
            let gate = code.hasPrefix("G0_") ? "G0" : code
            errors[gate] = "\(found); expected \(expected)"
        }
        return errors
    }

    func emit(_ arguments: ToolArguments) async throws(ToolFailure) -> ToolResult {
        let line = try await line(arguments)
        let answer = try await call(Method.emit, ["lines": [line.json]])
        guard let result = answer["results"]?.arrayValue?.first else {
            throw ToolFailure("the board did not answer", hint: "See hive_getState.")
        }
        let isAccepted = result["verdict"] == "accepted"
        if !isAccepted { features.tellRefused(result, session) }
        let reason = result["reason"]?.stringValue ?? ""
        var structured: JSONObject = [
            "success": .bool(isAccepted),
            "signalId": .maybe(isAccepted ? line.identifier : nil),
            "error": .maybe(isAccepted ? nil : reason),
            "quarantined": .bool(!isAccepted),
            "violations": .texts(result.texts("violations")),
            "gates": .texts(result.texts("gates")),
        ]
        guard !isAccepted else {
            structured["warnings"] = result["warnings"] ?? []
            let place = result["sequence"]?.integerValue.map { " as signal \($0)" } ?? ""
            return ToolResult(structured: structured, text: "Accepted\(place).")
        }
        structured["entry"] = result["id"] ?? .null
        let standing = try await standing()
        structured["nextAllowed"] = standing["nextAllowed"] ?? []
        return ToolResult(
            structured: structured,
            text: "Quarantined: \(reason). Next: \(Self.steps(standing)).",
            isError: true
        )
    }

    func quarantine(_ arguments: ToolArguments) async throws(ToolFailure) -> ToolResult {
        let reason = try arguments.needed("reason", try arguments.text("reason"))
        let line = try await line(arguments)
        let result = try await call(
            Method.quarantineAdd,
            ["line": .string(line.text), "reason": .string(reason)]
        )
        features.tellRefused(result, session)
        let id = result["id"]?.stringValue ?? ""
        let violation = result.texts("violations").first ?? ""
        return ToolResult(
            structured: ["id": .string(id), "violation": .string(violation)],
            text: "Quarantined as \(id)."
        )
    }

    func search(_ arguments: ToolArguments) async throws(ToolFailure) -> ToolResult {
        let words = try arguments.needed("words", try arguments.text("words"))
        let limit = min(max(1, try arguments.whole("limit") ?? 20), Self.foundMax)
        let found = try await call(
            Method.search,
            ["words": .string(words), "limit": .integer(limit)]
        )
        let lines = found["lines"]?.arrayValue ?? []
        let signals = lines.map { line -> JSONValue in
            var signal: JSONObject = [:]
            for key in ["sequence", "id", "ts", "phase", "port", "agent", "traceId", "msg"] {
                signal[key] = line[key] ?? .null
            }
            return .object(signal)
        }
        return ToolResult(
            structured: ["signals": .array(signals)],
            text: lines.count == 1 ? "1 signal." : "\(lines.count) signals."
        )
    }

    private static let foundMax: Int64 = 100

    // MARK: The line

    /// The line that a signal is on the board.
    private struct Line {
        var text: String
        /// Nil where it has none.
        var identifier: String?
        /// True: where the rules require envelopes it goes out in one.
        var isPlainSignal = false

        var json: JSONValue { isPlainSignal ? ["signal": .string(text)] : .string(text) }
    }

    /// A plain object gets what it does not say; an envelope and a text are taken as they are.
    private func line(_ arguments: ToolArguments) async throws(ToolFailure) -> Line {
        switch arguments.json["signal"] {
        case .string(let text): return Line(text: text, identifier: Self.identifier(text))
        case .object(let envelope) where envelope["specversion"] != nil:
            return Line(
                text: JSONValue.object(envelope).text,
                identifier: envelope["id"]?.stringValue
            )
        case .object(let signal):
            let filled = try await filled(signal)
            return Line(
                text: JSONValue.object(filled).text,
                identifier: filled["id"]?.stringValue,
                isPlainSignal: true
            )
        default:
            throw ToolFailure("`signal` is no object", hint: "Give the signal as a JSON object.")
        }
    }

    private static func identifier(_ text: String) -> String? {
        (try? JSONValue(parsing: text))?["id"]?.stringValue
    }

    /// As `hive emit` does; what a signal says of itself stays, right or wrong.
    private func filled(_ given: JSONObject) async throws(ToolFailure) -> JSONObject {
        var signal = given
        func fill(_ key: String, _ value: JSONValue) {
            if signal[key] == nil { signal[key] = value }
        }
        fill("ts", .string(features.access.now().rfc3339))
        fill("mark", 1)
        fill("pull", "downstream")
        fill("type", "signal")
        if signal["gen"] == nil {
            signal["gen"] = try await call(Method.state)["gen"] ?? .null
        }
        fill("id", .string("mcp-" + features.access.newTraceparent().trace.hex.prefix(16)))
        fill("agent", .string(features.agent(session)))
        if signal["traceparent"] == nil {
            signal["traceparent"] = .string(trace.text)
            signal["tracestate"] = features.tracestate(context).map { .string($0) }
        }
        return signal
    }
}
