package import HiveSignal

extension Explanation {
    static func violation(
        _ violation: Violation,
        _ line: ScannedLine,
        _ bytes: UnsafeRawBufferPointer,
        _ judgement: Judgement,
        _ rules: Rules
    ) -> Explanation {
        let fields = line.fields
        let phase = fields.phase.value
        func made(_ found: String, _ expected: String, _ cure: String) -> Explanation {
            Explanation(code: violation.rawValue, found: found, expected: expected, cure: cure)
        }
        switch violation {
        case .portOutOfPhase: return port(phase, fields.port.value, judgement, rules)
        case .wrongGeneration:
            return made(
                "gen \(fields.generation.value)",
                "the board's generation" + (judgement.generation.map { ", \($0)" } ?? ""),
                "set gen to the board's generation (hive state)"
            )
        case .rewardHack where phase == .validate && judgement.primary == violation.rawValue:
            // The order of phases has something else against such a V first.
            return made(
                "V (\(meaning(phase))) in a cycle without a red receipt",
                "a test that hive saw fail first",
                "\(witness(.interlock)), then say it again"
            )
        case .unwitnessed: return unwitnessed(line, bytes)
        case .emergency:
            return made(
                (judgement.overrideFault ?? .unsigned).found,
                "a signed override",
                "a person signs one (hive override); agents speak in H, I, V and E"
            )
        case .duplicateID:
            return made(
                "an id that an accepted signal has already",
                "an id of its own",
                "make a new id for every signal"
            )
        case .fakeTimestamp:
            return made(
                "ts lies in the future",
                "at most \(rules.futureSecondsMax) seconds ahead of the clock",
                "write the present time: date -u +%Y-%m-%dT%H:%M:%SZ"
            )
        case .staleTimestamp:
            return made(
                "ts is too old",
                "at most \(rules.stalenessSecondsMax ?? 0) seconds old",
                "write the present time: date -u +%Y-%m-%dT%H:%M:%SZ"
            )
        case .declared:
            return made(
                "a signal that its author finds wrong",
                "a signal that its author stands by",
                "mend what is wrong with it, then emit it anew"
            )
        case .skippedHunt, .skippedInterlock, .skippedValidate, .rewardHack, .prematureFlip,
            .backwardJump, .incompleteCycle, .lazyAI:
            return order(violation, phase, before: judgement.phaseBefore, rules)
        }
    }

    /// A port that may not speak now.
    private static func port(
        _ phase: Phase,
        _ port: UInt8,
        _ judgement: Judgement,
        _ rules: Rules
    ) -> Explanation {
        let code = Violation.portOutOfPhase.rawValue
        guard !judgement.isMuted else {
            return Explanation(
                code: code,
                found: "port \(port), which a person muted",
                expected: "another port",
                cure: "speak from another port, or ask the person: hive override port"
                    + " \(port) unmute"
            )
        }
        return Explanation(
            code: code,
            found: "port \(port) in phase \(phase.letter)",
            expected: "port \(rules.ports(of: phase))",
            cure: "speak from a port of the phase, or in the phase of the port"
        )
    }

    /// A claim that no receipt shows.
    private static func unwitnessed(
        _ line: ScannedLine,
        _ bytes: UnsafeRawBufferPointer
    ) -> Explanation {
        let phase = line.fields.phase.value
        func made(_ found: String, _ expected: String, _ cure: String) -> Explanation {
            let code = Violation.unwitnessed.rawValue
            return Explanation(code: code, found: found, expected: expected, cure: cure)
        }
        guard line.fields.evidence.state == .good else {
            return made(
                "E (\(meaning(phase))) in a cycle without a green receipt",
                "tests that hive saw pass first",
                "\(witness(.validate)), then say it again"
            )
        }
        let found = FoundText(line: line, bytes: bytes).text("evidence", line.fields.evidence)
        guard let kinds = receiptKinds(phase) else {
            return made(
                found,
                "none: nothing is witnessed in \(phase.letter)",
                "leave evidence out"
            )
        }
        let before = phase == .evolve ? ", with a green one before it" : ""
        return made(
            found,
            "a \(kinds) receipt of this trace's cycle\(before)",
            "leave evidence out, or \(witness(phase)) and name that receipt"
        )
    }

    /// The kinds of receipts that a phase's claims rest on; nil where there are none.
    private static func receiptKinds(_ phase: Phase) -> String? {
        let kinds = ReceiptKind.allCases.filter { $0.phase == phase }.map(\.rawValue)
        return kinds.isEmpty ? nil : kinds.joined(separator: " or ")
    }

    /// How a receipt comes about, and how a person without one goes on.
    private static func witness(_ phase: Phase) -> String {
        "run hive witness --phase \(phase.letter) in the same trace"
            + " (or a person forces the phase, or sets evidence: warn in the rule book)"
    }

    /// The violations of the order of phases.
    private static func order(
        _ violation: Violation,
        _ phase: Phase,
        before: Phase?,
        _ rules: Rules
    ) -> Explanation {
        let stands = before.map { "the cycle stands at \($0.letter)" } ?? "no cycle has begun"
        let next = nextPhase(after: before)
        let port = rules.ports(of: next, joined: " or ")
        return Explanation(
            code: violation.rawValue,
            found: "\(phase.letter) (\(meaning(phase))) while \(stands)",
            expected: "\(expectation(violation)) first",
            cure: "next allowed: \(next.letter) (\(meaning(next))) from port \(port)"
        )
    }

    /// The phase that moves a cycle on from where it stands.
    static func nextPhase(after phase: Phase?) -> Phase {
        switch phase {
        case nil, .evolve, .handoff: .hunt
        case .hunt: .interlock
        case .interlock: .validate
        case .validate: .evolve
        }
    }

    private static func meaning(_ phase: Phase) -> String {
        switch phase {
        case .hunt: "research"
        case .interlock: "failing tests"
        case .validate: "implementation"
        case .evolve: "refactor"
        case .handoff: "handoff"
        }
    }

    private static func expectation(_ violation: Violation) -> String {
        switch violation {
        case .skippedHunt: "H, research,"
        case .skippedInterlock: "I, failing tests,"
        case .skippedValidate: "V, the implementation,"
        case .rewardHack: "red before green: failing tests,"
        case .prematureFlip: "E before the next H: the cycle's end"
        case .lazyAI: "a refactor (E) after green"
        case .incompleteCycle: "V and E before the next H: the rest of the cycle"
        default: "no step back: the cycle's end"
        }
    }
}

extension Rules {
    /// The ports that own a phase, as in `2 or 5`.
    package func ports(of phase: Phase, joined separator: String = " or ") -> String {
        Port.all.filter { phaseOfPort[Int($0.rawValue)] == phase }.map { "\($0.rawValue)" }
            .joined(separator: separator)
    }
}
