import HiveKernel
import HiveSignal

/// CloudEvents 1.0 in JSON format, for rule books that accept nothing else (G8, G11).
struct SignalEnvelope {
    var identifier: String
    var source: String
    /// The event's type, not the signal's.
    var type: String
    var traceparent: String?

    /// The envelope with a signal in it.
    func around(_ signal: JSONObject, now: Timestamp) -> JSONObject {
        var envelope: JSONObject = [
            "specversion": "1.0",
            "id": .string(identifier),
            "source": .string(source),
            "type": .string(type),
            "time": .string(now.rfc3339),
            "datacontenttype": "application/json",
            "hfogen": signal["gen"] ?? .null,
            "hfohive": signal["hive"] ?? .null,
            "hfoport": signal["port"] ?? .null,
        ]
        envelope["traceparent"] = traceparent.map { .string($0) }
        envelope["data"] = .object(signal)
        return envelope
    }
}

/// The line on the board that a worker's outcome becomes.
///
/// `JSONWriter` escapes whatever a worker says, so nothing in it can end the line or the string.
enum OutcomeLine {
    /// - Returns: One line without its LF, below `LineFramer.lineBytesMax` by far.
    static func bytes(
        _ outcome: Outcome,
        to assignment: Assignment,
        asEnvelope: Bool,
        now: Timestamp
    ) -> [UInt8] {
        let line = line(outcome, to: assignment, asEnvelope: asEnvelope, now: now)
        if (try? JSONValue(parsing: line)) != nil { return line }
        // Details that are nested too deep for a line (F2) are left out.
        var plain = outcome
        plain.details = [:]
        return self.line(plain, to: assignment, asEnvelope: asEnvelope, now: now)
    }

    private static func line(
        _ outcome: Outcome,
        to assignment: Assignment,
        asEnvelope: Bool,
        now: Timestamp
    ) -> [UInt8] {
        var signal = signal(outcome, to: assignment, now: now)
        if asEnvelope { signal = envelope(signal, assignment, now: now) }
        var writer = JSONWriter()
        writer.value(.object(signal))
        return writer.bytes
    }

    private static func signal(
        _ outcome: Outcome,
        to assignment: Assignment,
        now: Timestamp
    ) -> JSONObject {
        var signal: JSONObject = [
            "ts": .string(now.rfc3339),
            "mark": .double(rounded(outcome.confidence * assignment.signal.mark)),
            "pull": .string(assignment.signal.pull.word),
            "msg": .string(message(outcome.message)),
            "type": .string(outcome.isFailure ? "error" : "signal"),
            "hive": .string(assignment.phase.letter),
            "gen": .integer(assignment.task.signal.generation),
            "port": .integer(Int64(assignment.port.rawValue)),
            "id": .string(identifier(of: assignment.task)),
            "parent": .string(assignment.signal.reference),
            "agent": .string(assignment.persona.name),
            "traceparent": .string(traceparent(of: assignment)),
            "task": .string(assignment.task.text),
        ]
        if let result = result(outcome.details) { signal["result"] = result }
        return signal
    }

    private static func envelope(
        _ signal: JSONObject,
        _ assignment: Assignment,
        now: Timestamp
    ) -> JSONObject {
        SignalEnvelope(
            identifier: identifier(of: assignment.task),
            source: "/hive/port/\(assignment.port.rawValue)",
            type: "hive.outcome",
            traceparent: traceparent(of: assignment)
        ).around(signal, now: now)
    }

    /// The line with another time.
    static func stamped(_ line: [UInt8], at now: Timestamp) -> [UInt8] {
        guard var object = (try? JSONValue(parsing: line))?.objectValue else { return line }
        if var data = object["data"]?.objectValue {
            data["ts"] = .string(now.rfc3339)
            object["data"] = .object(data)
            object["time"] = .string(now.rfc3339)
        } else {
            object["ts"] = .string(now.rfc3339)
        }
        var writer = JSONWriter()
        writer.value(.object(object))
        return writer.bytes
    }

    /// `o-GEN-OFFSET-PORT`: the task's name, told apart from it.
    static func identifier(of task: TaskName) -> String {
        "o" + task.text.dropFirst()
    }

    /// The outcome's own span in the trace of the signal that asked.
    private static func traceparent(of assignment: Assignment) -> String {
        let digest = GenerationTrace.span(of: identifier(of: assignment.task))
        return Traceparent(trace: assignment.trace, parent: digest, flags: 1)?.text ?? ""
    }

    /// Four decimals tell marks apart and stay readable; never more than the mark itself.
    private static func rounded(_ mark: Double) -> Double {
        let nearest = (mark * 10_000).rounded() / 10_000
        return nearest - mark <= .ulpOfOne ? nearest : (mark * 10_000).rounded(.down) / 10_000
    }

    /// The message on one line or several, cut between characters where it is too long.
    private static func message(_ text: String) -> String {
        let trimmed = text.trimmingWhitespace
        guard !trimmed.isEmpty else { return "(no answer)" }
        return trimmed.cut(toBytes: Outcome.messageBytesMax)
    }

    private static func result(_ details: JSONObject) -> JSONValue? {
        guard !details.isEmpty else { return nil }
        var writer = JSONWriter()
        writer.value(.object(details))
        guard writer.bytes.count <= Outcome.detailsBytesMax else {
            return ["omitted": "over \(Outcome.detailsBytesMax) bytes"]
        }
        return .object(details)
    }
}

extension String {
    fileprivate var trimmingWhitespace: String {
        guard let first = firstIndex(where: { !$0.isWhitespace }),
            let last = lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(self[first...last])
    }
}
