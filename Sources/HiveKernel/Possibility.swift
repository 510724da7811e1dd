package import HiveSignal

// `hive bisect` asks SPEC §3 the other way round: not what the rules have against a signal, but
// which signal they would have something against, and since when.

extension Violation {
    /// What makes a signal draw it.
    package enum Origin: Sendable, Hashable {
        /// Where its cycle stands, its phase and its port.
        case phaseRules
        /// An id that is remembered.
        case identifiers
        /// What it says of itself, wherever the board stands: another generation, X, or a receipt
        /// that nobody saw.
        case signal
        /// When it arrived.
        case clock
        /// What its author says of it: no line draws it.
        case author
    }

    package var origin: Origin {
        switch self {
        case .skippedHunt, .skippedInterlock, .skippedValidate, .rewardHack, .prematureFlip,
            .backwardJump, .incompleteCycle, .lazyAI, .portOutOfPhase:
            .phaseRules
        case .duplicateID: .identifiers
        case .wrongGeneration, .emergency, .unwitnessed: .signal
        case .fakeTimestamp, .staleTimestamp: .clock
        case .declared: .author
        }
    }
}

/// The search for the first state from which the next signal can draw a violation.
///
/// After each line only the trace that it moved needs asking, and only where none has stood so
/// before: the phase rules know nothing of a trace but its shape.
package struct Possibility: Sendable {
    /// A signal that would draw the violation.
    package struct Example: Sendable, Hashable {
        package var trace: TraceID
        package var phase: Phase
        package var port: Port
        /// Where the trace's cycle stands; nil where none has begun.
        package var phaseBefore: Phase?
    }

    /// All that the phase rules look at in a trace.
    private struct Shape: Hashable {
        var hasBegun: Bool
        var reached: PhaseSet
        var reachedBefore: PhaseSet
        var phase: Phase

        init(_ trace: TraceState) {
            hasBegun = trace.cycle > 0
            reached = trace.reached
            reachedBefore = trace.reachedBefore
            phase = trace.phase
        }
    }

    private let violation: Violation
    private let rules: Rules
    private var asked: Set<Shape> = []

    package init(of violation: Violation, rules: Rules) {
        self.violation = violation
        self.rules = rules
    }

    /// Asks about a trace as it stands now.
    ///
    /// - Returns: the plainest signal that would draw the violation; nil where none would, or where
    ///   a trace that stood so was asked about before.
    package mutating func example(in trace: TraceID, of state: KernelState) -> Example? {
        let standing = state.traces[trace] ?? TraceState()
        let drawing: (phase: Phase, port: Port)?
        switch violation.origin {
        case .phaseRules:
            guard asked.insert(Shape(standing)).inserted else { return nil }
            drawing = standing.signal(drawing: violation, rules: rules)
        case .identifiers: drawing = state.identifiers.count > 0 ? anySignal(.hunt) : nil
        case .signal where violation == .unwitnessed && !rules.asksForEvidence: drawing = nil
        case .signal: drawing = anySignal(violation == .emergency ? .handoff : .hunt)
        case .clock, .author: drawing = nil
        }
        return drawing.map {
            Example(
                trace: trace,
                phase: $0.phase,
                port: $0.port,
                phaseBefore: standing.standing(rules.mode)
            )
        }
    }

    /// Where phase and port do not matter.
    private func anySignal(_ phase: Phase) -> (phase: Phase, port: Port)? {
        Port.all.first { rules.owner(of: $0) == .hunt }.map { (phase, $0) }
    }
}

extension TraceState {
    /// The signal that would draw the violation with the fewest others beside it; of several the
    /// first in the order of a cycle, from the first port that owns the phase.
    func signal(drawing violation: Violation, rules: Rules) -> (phase: Phase, port: Port)? {
        var plainest: (phase: Phase, port: Port)?
        var fewest = Int.max
        for phase in Phase.cycle {
            let owners = Port.all.filter { rules.owner(of: $0) == phase }
            for port in owners + Port.all {
                let drawn = PhaseRules.judge(phase, port: port, in: self, rules: rules)
                    .violations.array
                guard drawn.contains(violation), drawn.count < fewest else { continue }
                (plainest, fewest) = ((phase, port), drawn.count)
            }
        }
        return plainest
    }
}

extension Judgement {
    /// True where the line drew the violation, even if `observe` let it pass.
    package func draws(_ violation: Violation) -> Bool {
        guard !violationList.isEmpty || !observed.isEmpty else { return false }
        return violationList.array.contains(violation) || observed.array.contains(violation)
    }
}
