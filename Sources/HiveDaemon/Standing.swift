import HiveKernel
import HiveLedger
import HiveSignal

/// HiveControl's `Method.standing`: where an agent stands, and what its phase allows (SPEC §4).
struct Standing {
    private let fold: Fold
    private let view: HiveView
    private let agent: String?
    private let trace: TraceID
    private let phase: Phase?
    private let port: Port?
    private let tellsRules: Bool

    /// An agent's last line that counts is looked for among so many.
    private static let linesMax: Int64 = 256
    private static let entriesMax: Int64 = 1_000

    /// - Throws: exit code 2 for a `trace` or `phase` that is none.
    init(fold: Fold, view: HiveView, _ params: JSONValue) throws(HiveError) {
        self.fold = fold
        self.view = view
        agent = params["agent"]?.stringValue
        tellsRules = params["rules"]?.boolValue ?? false
        let named = try params["trace"]?.stringValue.map(Self.trace)
        var last: JSONValue?
        if let agent {
            last = try Self.lastSignal(of: agent, in: named, view, fold.position.generation)
        }
        let lastTrace = last?["traceId"]?.stringValue.flatMap(TraceID.init(hex:))
        trace = named ?? lastTrace ?? fold.state.lastTrace ?? fold.context.generationTrace
        port = last?["port"]?.integerValue.flatMap(UInt8.init(exactly:))
            .flatMap(Port.init(rawValue:))
        if let letter = params["phase"]?.stringValue {
            guard let phase = Phase(letter: letter.uppercased()), phase != .handoff else {
                throw .usage("no phase \(letter) here", hint: "one of H, I, V, E")
            }
            self.phase = phase
        } else {
            let spoken = last?["phase"]?.stringValue.flatMap(Phase.init(letter:))
            let reached = fold.state.traces[trace]?.reached ?? []
            // An agent that said nothing yet has no part in a cycle that is over.
            let isNews = agent != nil && reached.has(.evolve)
            phase = spoken ?? (isNews ? nil : reached.phases.last)
        }
    }

    /// True where an answer tells of a cycle that another agent may still join: it is short of E.
    static func isUnderWay(_ answer: JSONValue) -> Bool {
        answer["phase"] != .null && answer["reached"]?.arrayValue?.contains("E") == false
    }

    /// A trace-id, or the one in a traceparent.
    private static func trace(_ text: String) throws(HiveError) -> TraceID {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        let hex = parts.count >= 4 ? String(parts[1]) : text
        guard let trace = TraceID(hex: hex) else {
            throw .usage("no trace: \(text)", hint: "32 lower-case hex digits, or a traceparent")
        }
        return trace
    }

    /// The agent's newest accepted line of this generation that speaks of a phase of its own.
    private static func lastSignal(
        of agent: String,
        in trace: TraceID?,
        _ view: HiveView,
        _ generation: Int64
    ) throws(HiveError) -> JSONValue? {
        var params: JSONObject = [
            "agent": .string(agent), "verdict": "accepted", "last": .integer(linesMax),
        ]
        if let trace { params["trace"] = .string(trace.hex) }
        let lines = try view.log(.object(params))["lines"]?.arrayValue ?? []
        return lines.last { line in
            line["type"] != "metric" && line["phase"] != "X"
                && line["gen"]?.integerValue == generation
        }
    }

    /// The answer; `book` is the rule book that the fold judges by.
    func answer(by book: RuleBook) throws(HiveError) -> JSONValue {
        guard tellsRules, var answer = try json.objectValue else { return try json }
        answer["rules"] = .string(book.text)
        return .object(answer)
    }

    private var json: JSONValue {
        get throws(HiveError) {
            let rules = fold.context.rules
            let standing = fold.state.traces[trace] ?? TraceState()
            let moves = fold.state.moves(in: trace, rules: rules)
            let blocked = Action.all.filter {
                rules.actions.refusal(of: $0, in: phase, port: port, rules: rules) != nil
            }
            return [
                "agent": .optional(agent),
                "gen": .integer(fold.position.generation),
                "mode": .string(rules.mode.rawValue),
                "evidence": .string(rules.evidence.rawValue),
                "traceId": .string(trace.hex),
                "cycle": .integer(standing.cycle),
                "phase": .optional(phase?.letter),
                "port": port.map { .integer(Int64($0.rawValue)) } ?? .null,
                "reached": .array(standing.reached.phases.map { .string($0.letter) }),
                "unresolved": .array(try unresolved(in: standing)),
                "nextAllowed": .array(
                    moves.map { move in
                        [
                            "phase": .string(move.phase.letter),
                            "ports": .array(move.ports.map { .integer(Int64($0.rawValue)) }),
                        ]
                    }
                ),
                "allowed": .array(Action.all.filter { !blocked.contains($0) }.map(\.json)),
                "blocked": .array(blocked.map(\.json)),
            ]
        }
    }

    /// Phase violations of the agent that stand in this cycle.
    private func unresolved(in standing: TraceState) throws(HiveError) -> [JSONValue] {
        guard let agent else { return [] }
        let list = try view.unseenEntries(limit: Self.entriesMax)
        let start = try cycleStart(standing.cycle)
        return list.compactMap { row in
            guard row.boardGeneration == fold.position.generation,
                row.sequence.map({ $0 >= start }) ?? true,
                let entry = JSONValue(entry: row.entry), entry["agent"] == .string(agent),
                entry["traceId"] == .string(trace.hex),
                entry["violations"]?.arrayValue?.isEmpty == false
            else { return nil }
            let attempted = entry["attemptedPhase"]?.stringValue.flatMap(Phase.init(letter:))
            if let attempted, standing.reached.phases.contains(attempted) { return nil }
            var told: JSONObject = [:]
            for key in ["id", "violation", "attemptedPhase", "reason"] {
                told[key] = entry[key] ?? .null
            }
            return .object(told)
        }
    }

    /// The sequence of the cycle's first hunt; 0: it is too long ago to be looked for.
    private func cycleStart(_ cycle: Int64) throws(HiveError) -> Int64 {
        let lines = try view.log([
            "trace": .string(trace.hex), "phase": "H", "verdict": "accepted",
            "last": .integer(Self.linesMax),
        ])
        let hunts = lines["lines"]?.arrayValue ?? []
        guard let first = hunts.firstIndex(where: { $0["cycle"]?.integerValue == cycle }),
            first > 0 || hunts.count < Self.linesMax
        else { return 0 }
        return hunts[first]["sequence"]?.integerValue ?? 0
    }
}

extension Action {
    fileprivate var json: JSONValue { .string(name) }
}
