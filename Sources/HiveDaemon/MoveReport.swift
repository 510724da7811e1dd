import HiveKernel
import HiveSignal

/// HiveControl's `Method.moves`: what the phase rules would say to a signal, port by port.
struct MoveReport {
    let state: KernelState
    var rules: Rules
    let generationTrace: TraceID

    init(fold: Fold) {
        state = fold.state
        rules = fold.context.rules
        generationTrace = fold.context.generationTrace
    }

    /// - Throws: exit code 2 for no phase, no trace, or a beginning that several traces have.
    func answer(_ params: JSONValue) throws(HiveError) -> JSONValue {
        guard let word = params["mode"]?.stringValue else { return try answerByRules(params) }
        guard let mode = Mode(rawValue: word) else {
            throw .usage("no mode \(word)", hint: "strict, paired or observe")
        }
        var other = self
        other.rules.mode = mode
        return try other.answerByRules(params)
    }

    private func answerByRules(_ params: JSONValue) throws(HiveError) -> JSONValue {
        let phases: [Phase]
        if let word = params["to"]?.stringValue {
            phases = [try Self.phase(word, among: Phase.allCases)]
        } else {
            phases = Phase.cycle
        }
        let from = try params["from"].map { value throws(HiveError) in
            let word = value.stringValue ?? "-"
            let phase = word == "-" ? nil : try Self.phase(word, among: Phase.cycle)
            return standing(TraceState(standingAt: phase), nil, phases)
        }
        var ofTrace: JSONValue?
        if let prefix = params["trace"]?.stringValue {
            let trace = try self.trace(prefix)
            ofTrace = standing(state.traces[trace] ?? TraceState(), trace, phases)
        } else if from == nil {
            let trace = state.lastTrace ?? generationTrace
            ofTrace = standing(state.traces[trace] ?? TraceState(), trace, phases)
        }
        return [
            "mode": .string(rules.mode.rawValue),
            "from": from ?? .null,
            "trace": ofTrace ?? .null,
        ]
    }

    private func standing(
        _ trace: TraceState,
        _ identifier: TraceID?,
        _ phases: [Phase]
    ) -> JSONValue {
        [
            "traceId": .optional(identifier?.hex),
            "cycle": .integer(trace.cycle),
            "phase": .optional(trace.standing(rules.mode)?.letter),
            "reached": .array(trace.reached.phases.map { .string($0.letter) }),
            "moves": .array(
                phases.map { phase in
                    let rulings = state.rulings(
                        on: phase,
                        in: trace,
                        of: identifier,
                        rules: rules
                    )
                    return [
                        "to": .string(phase.letter),
                        "ports": .array(rulings.map { json($0, in: trace) }),
                    ]
                }
            ),
        ]
    }

    private func json(_ ruling: PortRuling, in trace: TraceState) -> JSONValue {
        [
            "port": .integer(Int64(ruling.port.rawValue)),
            "verdict": ruling.isAccepted ? "accepted" : "quarantined",
            "violations": .array(ruling.violations.map { .string($0.rawValue) }),
            "warnings": .array(ruling.warnings.map { .string($0) }),
            "cycle": .integer(ruling.placement.cycle(of: trace)),
        ]
    }

    private static func phase(_ word: String, among phases: [Phase]) throws(HiveError) -> Phase {
        guard let phase = Phase(letter: word.uppercased()), phases.contains(phase) else {
            let letters = phases.map(\.letter).joined(separator: ", ")
            throw .usage("no phase \(word) here", hint: "one of \(letters)")
        }
        return phase
    }

    /// The trace of that id, or the only one that begins so.
    private func trace(_ prefix: String) throws(HiveError) -> TraceID {
        let word = prefix.lowercased()
        var found = state.traces(beginning: word)
        // The generation's own is known before anybody has spoken in it.
        if generationTrace.hex.hasPrefix(word), !found.contains(generationTrace) {
            found.append(generationTrace)
        }
        guard let trace = found.first else {
            throw .usage("no trace \(prefix) has begun", hint: "hive state lists them")
        }
        guard found.count == 1 else {
            throw .usage("\(found.count) traces begin with \(prefix)", hint: "give more of it")
        }
        return trace
    }
}
