package import HiveSignal

// A person's override is the one X that is accepted (SPEC §8). Whoever drives the fold verifies the
// signature, for the kernel knows neither keys nor digests; what came out is in the context.

/// What an X signal was found to be by whoever verifies signatures.
package enum OverrideFinding: Sendable, Hashable {
    case verified(Override)
    case refused(OverrideFault)
}

/// Why an X is no override.
package enum OverrideFault: UInt8, Sendable, Hashable, CaseIterable {
    case unsigned, noKey, otherKey, badSignature, otherBoard, otherGeneration, staleHead
    case unknownHead, nonceUsed, wrongGeneration

    /// What was found, for people.
    package var found: String {
        switch self {
        case .unsigned: "an X that no person signed"
        case .noKey: "an X, and no key is pinned to verify it with"
        case .otherKey: "an X that another key signed"
        case .badSignature: "an X whose signature is not of this line"
        case .otherBoard: "an X that was signed for another board"
        case .otherGeneration: "an X that was signed in another generation"
        case .staleHead:
            "an X whose head is more than \(OverrideClaim.headLinesMax) lines back"
        case .unknownHead: "an X whose head is none of this board's"
        case .nonceUsed: "an X that was used before"
        case .wrongGeneration: "an X that begins no later generation"
        }
    }
}

/// What overrides have changed, and the next lines depend on.
package struct ForcedState: Sendable, Hashable {
    /// A bit a port: it is asked nothing and may not speak.
    package var mutedPorts: UInt8 = 0
    /// The SHA-256 of the line that may pass, if it comes next.
    package var pass: [UInt8]?
    /// The generation that is to begin, where a person ended this one.
    package var nextGeneration: Int64?

    package init() {}

    func isMuted(_ port: UInt8) -> Bool { mutedPorts & (1 << port) != 0 }
}

extension TraceState {
    /// Stands the trace at a phase, whatever it had reached.
    ///
    /// Back to H, with more than H reached, is the next cycle; any other phase is of this one.
    mutating func force(_ phase: Phase, sequence: Int64) {
        lastSequence = sequence
        if phase == .hunt && reached.highest != .hunt {
            reachedBefore = reached.has(.evolve) ? reached : []
            cycle += 1
        } else {
            if cycle == 0 { cycle = 1 }
            if phase != .hunt { reachedBefore = [] }
        }
        self.phase = phase
        reached = Phase.cycle.prefix { $0.rawValue <= phase.rawValue }
            .reduce(into: PhaseSet()) { $0 = $0.adding($1) }
    }

    /// Green, and no refactor: what closing the cycle now makes of it.
    var isLazy: Bool { reached.has(.validate) && !reached.has(.evolve) }
}

extension KernelState {
    /// The cycles that reached I and not E: those that keep a generation from its end (SPEC §7).
    package var openCycles: [CycleSummary] {
        cycles.filter { $0.reached.has(.interlock) && !$0.reached.has(.evolve) }
    }

    /// What the phase rules say to a signal, and that its port may be muted.
    @inline(__always)
    func ruling(
        on phase: Phase,
        port: Port,
        in trace: TraceState,
        rules: Rules
    ) -> PhaseRules.Ruling {
        var ruling = PhaseRules.judge(phase, port: port, in: trace, rules: rules)
        if forced.isMuted(port.rawValue), !ruling.violations.array.contains(.portOutOfPhase) {
            ruling.violations.append(.portOutOfPhase)
        }
        return ruling
    }

    /// What an X forces, where it may; nothing changes yet.
    func judgeHandoff(
        _ finding: OverrideFinding?,
        in trace: TraceState,
        context: JudgingContext,
        _ judgement: inout Judgement
    ) {
        var fault = OverrideFault.unsigned
        switch finding {
        case .verified(.generation(let next)) where next <= context.generation:
            fault = .wrongGeneration
        case .verified(let override):
            judgement.isOverride = true
            switch override {
            case .phase(let phase):
                var forced = trace
                forced.force(phase, sequence: sequence)
                judgement.cycle = forced.cycle
                if forced.cycle > trace.cycle && trace.isLazy { judgement.observed.append(.lazyAI) }
            case .generation:
                if traces.hasLazy { judgement.observed.append(.lazyAI) }
            case .release, .port, .tampering: break
            }
            return
        case .refused(let other): fault = other
        case nil: break
        }
        judgement.overrideFault = fault
        if context.rules.mode == .observe {
            judgement.observed.append(.emergency)
        } else {
            judgement.violationList.append(.emergency)
        }
    }
}

extension TraceTable {
    /// True where some cycle has V and no E.
    fileprivate var hasLazy: Bool { states.values.contains(where: \.isLazy) }
}
