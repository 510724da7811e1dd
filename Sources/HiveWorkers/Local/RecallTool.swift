import HiveSignal

/// Port 6, store: recalls earlier signals that share words with this one.
enum RecallTool {
    static let signalsMax = 8
    static let messageCharactersMax = 140

    static func answer(_ assignment: Assignment) -> Answer {
        let recalled = assignment.recalled.prefix(signalsMax)
        guard !recalled.isEmpty else {
            return Answer(
                summary: "no earlier signal shares words with this one",
                confidence: Answer.Confidence.nothingFound,
                details: ["recalled": []]
            )
        }
        return Answer(
            summary: recalled.count == 1
                ? "1 earlier signal shares words with this one"
                : "\(recalled.count) earlier signals share words with this one",
            lines: recalled.map(line),
            confidence: Answer.Confidence.found,
            details: ["recalled": .array(recalled.map(json))]
        )
    }

    /// `2025-12-29T10:00:00Z H port 0, scout, hunt-1: what it said`.
    private static func line(_ signal: AssignedSignal) -> String {
        var who = "port \(signal.port.rawValue)"
        if let agent = signal.agent { who += ", " + Readable.line(agent, charactersMax: 40) }
        return "\(when(signal)) \(signal.phase.letter) \(who), \(reference(signal)): "
            + message(signal)
    }

    private static func json(_ signal: AssignedSignal) -> JSONValue {
        [
            "id": .string(reference(signal)),
            "ts": .string(when(signal)),
            "hive": .string(signal.phase.letter),
            "port": .integer(Int64(signal.port.rawValue)),
            "agent": signal.agent.map { .string(Readable.line($0, charactersMax: 40)) } ?? .null,
            "msg": .string(message(signal)),
        ]
    }

    private static func reference(_ signal: AssignedSignal) -> String {
        Readable.line(signal.reference, charactersMax: 64)
    }

    private static func message(_ signal: AssignedSignal) -> String {
        Readable.line(signal.message, charactersMax: messageCharactersMax)
    }

    /// Milliseconds, always zero here, tell nothing.
    private static func when(_ signal: AssignedSignal) -> String {
        String(signal.timestamp.rfc3339.prefix(19)) + "Z"
    }
}
