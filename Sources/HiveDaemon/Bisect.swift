import HiveBlackboard
import HiveKernel
import HiveLedger
import HiveSignal

extension Replay {
    /// HiveControl's `Method.bisect`: since when a violation was possible, and when it happened.
    ///
    /// - Throws: exit code 2 for what no line can be asked for.
    func bisect(_ params: JSONValue) throws(HiveError) -> JSONValue {
        let violation = try Self.violation(params)
        let history = try AuditHistory(
            source: HiveError.wrap { try JournalView(path: settings.audit) }
        )
        var run = try ReplayRun(settings: settings, history: history, params: params)
        let bisect = Bisect(violation, context: run.context)
        run.onLine = bisect.take
        try run.foldBoard()
        return bisect.report
    }

    /// The violation that the parameters name.
    private static func violation(_ params: JSONValue) throws(HiveError) -> Violation {
        let hint = "one of \(Violation.bisected.map(\.rawValue).joined(separator: ", "))"
        guard let word = params["violation"]?.stringValue, !word.isEmpty else {
            throw .usage("no violation given", hint: hint)
        }
        let name = word.uppercased()
        if let violation = Violation(rawValue: name) {
            guard violation.origin != .clock else {
                throw .usage("\(name) hangs on when a line arrived, not on the board", hint: hint)
            }
            return violation
        }
        if let letter = name.first, "FG".contains(letter), Int(name.dropFirst()) != nil {
            throw .usage("\(name) is a gate, which any line can fail at any time", hint: hint)
        }
        guard !unjudged.contains(name) else {
            throw .usage("no rule of this version draws \(name) from a line", hint: hint)
        }
        throw .usage("no violation \(word)", hint: hint)
    }

    /// Names of SPEC §3 that the fold of a board has no rule for.
    private static let unjudged: Set<String> = ["TOOL_BLOCKED", "TAMPERED"]
}

extension Violation {
    /// Those that `hive bisect` can be asked for.
    static let bisected = allCases.filter { $0.origin != .clock && $0 != .declared }
}

/// One search under way: the state after each line is asked, until there is nothing left to find.
private final class Bisect {
    private let violation: Violation
    private let context: JudgingContext
    private var possibility: Possibility
    private var example: Possibility.Example?
    /// The line after which the violation was possible; nil: from the start on.
    private var possibleAfter: Found?
    private var first: Found?

    private struct Found {
        var sequence: Int64
        var line: Int64
        var signal: JSONValue
    }

    init(_ violation: Violation, context: JudgingContext) {
        self.violation = violation
        self.context = context
        possibility = Possibility(of: violation, rules: context.rules)
        example = possibility.example(in: context.generationTrace, of: KernelState())
    }

    /// Takes a line and the state after it.
    ///
    /// - Returns: false once both answers are known.
    func take(_ line: ReplayedLine, _ state: KernelState) -> Bool {
        if example == nil, line.judgement.isAccepted {
            example = possibility.example(in: line.judgement.trace, of: state)
            if example != nil { possibleAfter = found(line, state) }
        }
        if line.judgement.draws(violation) { first = found(line, state) }
        return first == nil || example == nil
    }

    /// HiveControl's `Method.bisect`.
    var report: JSONValue {
        [
            "violation": .string(violation.rawValue),
            "mode": .string(context.rules.mode.rawValue),
            "possibleAfter": example.map(json) ?? .null,
            "first": first.map { .object(json($0)) } ?? .null,
        ]
    }

    private func json(_ example: Possibility.Example) -> JSONValue {
        let start = Found(sequence: 0, line: 0, signal: .null)
        var object = json(possibleAfter ?? start)
        object["traceId"] = .string(example.trace.hex)
        object["phaseBefore"] = .optional(example.phaseBefore?.letter)
        object["example"] = [
            "hive": .string(example.phase.letter), "port": .integer(Int64(example.port.rawValue)),
        ]
        return .object(object)
    }

    private func json(_ found: Found) -> JSONObject {
        [
            "sequence": .integer(found.sequence),
            "line": .integer(found.line),
            "signal": found.signal,
        ]
    }

    /// The line as `log` shows it, by the verdict of the rules asked for.
    private func found(_ line: ReplayedLine, _ state: KernelState) -> Found {
        let position = Position(boardID: "", generation: context.generation, chain: [])
        var fold = Fold(state: KernelState(), position: position, rules: context.rules)
        fold.scan(line.frame, line.bytes)
        let outcome = fold.outcome(
            of: line.judgement,
            line.frame,
            line.bytes,
            now: Timestamp(seconds: 0)
        )
        var signal: JSONObject
        switch outcome {
        case .blank: signal = [:]
        case .accepted(let row, _): signal = LogLine.json(row).objectValue ?? [:]
        case .quarantined(let row):
            signal = LogLine.json(row).objectValue ?? [:]
            // Other rules may quarantine what the board has accepted: then there is no entry.
            signal["entry"] = .optional(line.entry)
        }
        signal["sequence"] = .integer(state.sequence)
        return Found(sequence: state.sequence, line: line.frame.number, signal: .object(signal))
    }
}
