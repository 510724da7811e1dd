import HiveKernel
import HiveLedger
import HiveProcess
import HiveSignal

/// Quarantine entries as `quarantine.list` and `quarantine.show` give them.
enum QuarantineText {
    static func summary(_ row: QuarantineRow) -> JSONValue {
        let entry = JSONValue(entry: row.entry) ?? [:]
        var summary: JSONObject = [:]
        for key in [
            "id", "ts", "violation", "gates", "violations", "reason", "line", "offset", "length",
            "agent",
        ] {
            summary[key] = entry[key] ?? .null
        }
        summary["text"] = .string(snippet(entry))
        summary["attemptedPhase"] = entry["attemptedPhase"] ?? .null
        summary["masked"] = row.masked
        summary["disposition"] = .string(row.disposition.word)
        return .object(summary)
    }

    static func whole(_ row: QuarantineRow, rules: Rules) -> JSONValue {
        let entry = JSONValue(entry: row.entry) ?? [:]
        var whole = entry.objectValue ?? [:]
        whole["masked"] = row.masked
        whole["disposition"] = .string(row.disposition.word)
        whole["text"] = .string(EntryText.of(entry))
        whole["explanations"] = .array(explanations(entry, rules: rules).map(\.json))
        return .object(whole)
    }

    /// Explains anew from the entry's bytes, with the verdict that stands.
    private static func explanations(_ entry: JSONValue, rules: Rules) -> [Explanation] {
        var judgement = Judgement()
        let names = (entry["gates"]?.arrayValue ?? []).compactMap(\.stringValue)
        judgement.gates = GateSet(names: names)
        judgement.violations = (entry["violations"]?.arrayValue ?? [])
            .compactMap { $0.stringValue.flatMap(Violation.init(rawValue:)) }
        judgement.phaseBefore = entry["currentPhase"]?.stringValue.flatMap(Phase.init(letter:))
        judgement.generation = entry["gen"]?.integerValue
        judgement.trace = entry["traceId"]?.stringValue.flatMap(TraceID.init(hex:)) ?? .zero
        guard let raw = entry["raw"]?.stringValue.flatMap({ Base64.decode(Array($0.utf8)) }) else {
            var line = ScannedLine()
            let length = LineFramer.lineBytesMax
            line.failure = FrameFailure(fault: .oversize, position: length)
            let none = UnsafeRawBufferPointer(start: nil, count: 0)
            return Explanation.list(line: line, bytes: none, judgement: judgement, rules: rules)
        }
        var scanner = SignalScanner()
        return raw.withUnsafeBytes { bytes in
            let line = scanner.scan(bytes, atFileStart: entry["offset"]?.integerValue == 0)
            return Explanation.list(line: line, bytes: bytes, judgement: judgement, rules: rules)
        }
    }
}

extension Explanation {
    /// The shape of an explanation in `quarantine.show`.
    var json: JSONValue {
        let isGate = Violation(rawValue: code) == nil
        return [
            isGate ? "gate" : "violation": .string(code),
            "found": .string(found),
            "expected": .string(expected),
            "cure": .string(cure),
        ]
    }
}

extension QuarantineText {
    /// A message longer than this is cut in a list.
    private static let snippetBytesMax = 256

    /// What the line said, in a few words: its message, else the line itself.
    private static func snippet(_ entry: JSONValue) -> String {
        let signal = entry["signal"].map { $0["data"] ?? $0 }
        let text = signal?["msg"]?.stringValue ?? EntryText.of(entry)
        // Cut first: a line may be as long as a mebibyte.
        let head = PlainText.cut(text, toBytes: 4 * snippetBytesMax)
        return PlainText.cut(PlainText.oneLine(head), toBytes: snippetBytesMax)
    }
}

extension QuarantineRow {
    /// Null for a line that was never on the board.
    var masked: JSONValue { offset == nil ? .null : .string(maskState.word) }
}

extension MaskState {
    var word: String {
        switch self {
        case .pending: "pending"
        case .masked: "masked"
        case .left: "left"
        case .restored: "restored"
        }
    }
}

extension Disposition {
    var word: String {
        switch self {
        case .unseen: "unseen"
        case .discarded: "discarded"
        case .released: "released"
        case .restored: "restored"
        }
    }
}
