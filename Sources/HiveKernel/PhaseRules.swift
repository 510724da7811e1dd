import HiveSignal

/// SPEC §3 as pure functions: what the rules have against a phase, given where its trace stands.
enum PhaseRules {
    struct Ruling {
        var violations: ViolationList = []
        var placement: Placement = .currentCycle
        var isHuntInOpenCycle = false
    }

    /// The ruling on a signal of `phase` from `port`; X is never allowed here.
    static func judge(_ phase: Phase, port: Port, in trace: TraceState, rules: Rules) -> Ruling {
        guard phase != .handoff else { return Ruling(violations: [.emergency]) }
        return rules.mode == .strict
            ? strict(phase, in: trace)
            : paired(phase, port: port, in: trace, rules: rules)
    }

    /// Only the current phase or its successor.
    static func strict(_ phase: Phase, in trace: TraceState) -> Ruling {
        let current: Phase? = trace.cycle == 0 ? nil : trace.phase
        var ruling = Ruling(violations: strictViolations(from: current, to: phase))
        if current == .evolve && phase == .hunt { ruling.placement = .nextCycle }
        return ruling
    }

    /// SPEC §3's table of `strict`; the first violation is the primary one.
    static func strictViolations(from current: Phase?, to next: Phase) -> ViolationList {
        switch (current, next) {
        case (_, .handoff): [.emergency]
        case (nil, .hunt): []
        case (nil, .validate): [.skippedHunt, .rewardHack]
        case (nil, _): [.skippedHunt]
        case (.hunt, .validate): [.skippedInterlock, .rewardHack]
        case (.hunt, .evolve): [.skippedInterlock, .skippedValidate]
        case (.interlock, .evolve): [.rewardHack, .skippedValidate]
        case (.interlock, .hunt): [.incompleteCycle]
        case (.validate, .hunt): [.prematureFlip, .lazyAI]
        case (.validate, .interlock), (.evolve, .interlock), (.evolve, .validate): [.backwardJump]
        default: []
        }
    }

    /// The predecessor must be reached in this cycle, and the port must own the phase.
    static func paired(
        _ phase: Phase,
        port: Port,
        in trace: TraceState,
        rules: Rules
    ) -> Ruling {
        var ruling = Ruling()
        var reached = trace.reached
        switch phase {
        case .hunt:
            if reached.has(.evolve) {
                ruling.placement = .nextCycle
                reached = []
            } else {
                ruling.isHuntInOpenCycle = reached.has(.interlock) || reached.has(.validate)
            }
        case .interlock:
            if !reached.has(.hunt) { ruling.violations = [.skippedHunt] }
        case .validate:
            if !reached.has(.interlock) {
                ruling.violations =
                    reached.has(.hunt)
                    ? [.skippedInterlock, .rewardHack]
                    : [.skippedHunt, .skippedInterlock, .rewardHack]
            }
        case .evolve:
            if !reached.has(.validate) {
                if trace.reachedBefore.has(.evolve) {
                    ruling.placement = .previousCycle
                    reached = trace.reachedBefore
                } else {
                    ruling.violations = strictViolations(from: reached.highest, to: .evolve)
                }
            }
        case .handoff: ruling.violations = [.emergency]
        }
        let owns = rules.owner(of: port) == phase
        if !owns && !(rules.roams(port) && reached.has(phase)) {
            ruling.violations.append(.portOutOfPhase)
        }
        return ruling
    }
}
