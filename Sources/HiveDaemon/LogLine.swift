import HiveKernel
package import HiveLedger
package import HiveSignal

/// A verdict as `hive log` shows it (the shape is in HiveControl's `Methods`).
package enum LogLine {
    /// An accepted line.
    package static func json(_ row: SignalRow) -> JSONValue {
        let warnings = row.warnings.split(separator: ",").map { JSONValue.string(String($0)) }
        return [
            "sequence": .integer(row.sequence),
            "verdict": "accepted",
            "line": .integer(row.line),
            "offset": .integer(row.offset),
            "ts": .string(Timestamp(milliseconds: row.timestampMilliseconds).rfc3339),
            "type": .string(row.type.word),
            "phase": .string(row.phase.letter),
            "port": .integer(Int64(row.port.rawValue)),
            "gen": .integer(row.generation),
            "generation": .integer(row.boardGeneration),
            "mark": .double(row.mark),
            "pull": .string(row.pull.word),
            "msg": .string(row.message),
            "id": .optional(row.identifier),
            "parent": .optional(row.parent),
            "task": .optional(row.task),
            "agent": .optional(row.agent),
            "traceId": .string(row.trace.hex),
            "cycle": .integer(row.cycle),
            "warnings": .array(warnings),
            "entry": .null,
            "gates": [],
            "violations": [],
            "reason": "",
        ]
    }

    /// A quarantined line: what is known of it is in its entry.
    package static func json(_ row: QuarantineRow) -> JSONValue {
        let entry = JSONValue(entry: row.entry) ?? [:]
        let signal = entry["signal"].map { $0["data"] ?? $0 } ?? [:]
        return [
            "sequence": row.sequence.map { .integer($0) } ?? .null,
            "verdict": "quarantined",
            "line": row.line.map { .integer($0) } ?? .null,
            "offset": row.offset.map { .integer($0) } ?? .null,
            "ts": signal["ts"] ?? .null,
            "type": signal["type"] ?? .null,
            "phase": signal["hive"] ?? .null,
            "port": signal["port"] ?? .null,
            "gen": signal["gen"] ?? .null,
            "generation": .integer(row.boardGeneration),
            "mark": signal["mark"] ?? .null,
            "pull": signal["pull"] ?? .null,
            "msg": signal["msg"] ?? .string(EntryText.of(entry)),
            "id": signal["id"] ?? .null,
            "parent": signal["parent"] ?? .null,
            "task": signal["task"] ?? .null,
            "agent": entry["agent"] ?? .null,
            "traceId": entry["traceId"] ?? .null,
            "cycle": .null,
            "warnings": [],
            "entry": .string(row.identifier),
            "gates": entry["gates"] ?? [],
            "violations": entry["violations"] ?? [],
            "reason": entry["reason"] ?? "",
        ]
    }
}

/// The text of a quarantined line for people.
enum EntryText {
    /// UTF-16 decoded; other bytes as UTF-8, what is none replaced.
    ///
    /// Empty for a line not copied.
    static func of(_ entry: JSONValue) -> String {
        if let decoded = entry["decoded"]?.stringValue { return decoded }
        guard let base64 = entry["raw"]?.stringValue, let raw = Base64.decode(Array(base64.utf8))
        else { return "" }
        return String(decoding: LineTrim.content(of: raw), as: UTF8.self)
    }
}

extension JSONValue {
    static func optional(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
}

extension EmitResult {
    /// The shape of one `emit` result.
    package var json: JSONValue {
        switch row {
        case .accepted(let row):
            [
                "verdict": "accepted",
                "gates": [],
                "violations": [],
                "warnings": .array(
                    row.warnings.split(separator: ",").map { .string(String($0)) }
                ),
                "reason": "",
                "offset": .integer(row.offset),
                "line": .integer(row.line),
                "sequence": .integer(row.sequence),
                "id": .null,
                "signalId": .string(row.name),
                "appended": .bool(wasAppended),
            ]
        case .quarantined(let row):
            Self.json(quarantined: row, wasAppended: wasAppended)
        }
    }

    private static func json(quarantined row: QuarantineRow, wasAppended: Bool) -> JSONValue {
        let line = LogLine.json(row)
        return [
            "verdict": "quarantined",
            "gates": line["gates"] ?? [],
            "violations": line["violations"] ?? [],
            "warnings": [],
            "reason": line["reason"] ?? "",
            "offset": line["offset"] ?? .null,
            "line": line["line"] ?? .null,
            "sequence": line["sequence"] ?? .null,
            "id": .string(row.identifier),
            "signalId": .null,
            "appended": .bool(wasAppended),
        ]
    }
}

extension SignalRow {
    /// By what others call it their parent: its own id, else where it stands.
    fileprivate var name: String {
        identifier ?? SignalPlace(generation: boardGeneration, offset: offset).text
    }
}
