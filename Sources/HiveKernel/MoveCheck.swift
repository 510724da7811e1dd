package import HiveSignal

/// What the rules say to a signal of one phase from one port.
package struct PortRuling: Sendable, Hashable {
    package var port: Port
    /// What they have against it, the primary violation first; none in `observe`.
    package var violations: [Violation]
    /// Codes, as a judgement has them: what is worth knowing, and in `observe` what only warns.
    package var warnings: [String]
    /// The cycle that it would count in.
    package var placement: Placement

    package var isAccepted: Bool { violations.isEmpty }
}

extension TraceState {
    /// A trace whose first cycle came to a phase step by step; nil: no cycle has begun.
    package init(standingAt phase: Phase?) {
        self.init()
        guard let phase else { return }
        for step in Phase.cycle where step.rawValue <= phase.rawValue {
            take(step, as: .currentCycle, sequence: 0)
        }
    }
}

extension KernelState {
    /// What the rules would say to a signal of `phase` in a trace that stands so, port by port.
    ///
    /// They look at the trace, the phase, the port and the receipts alone: what else a signal says
    /// may fail too.
    ///
    /// - Parameters:
    ///   - phase: the signal's.
    ///   - standing: where its trace stands.
    ///   - trace: whose receipts count; nil: of a trace that is only thought of, none is asked for.
    ///   - rules: those to judge by.
    /// - Returns: a ruling a port.
    package func rulings(
        on phase: Phase,
        in standing: TraceState,
        of trace: TraceID? = nil,
        rules: Rules
    ) -> [PortRuling] {
        Port.all.map { port in
            var ruling = ruling(on: phase, port: port, in: standing, rules: rules)
            let observes = rules.mode == .observe
            var lacking: ViolationList = []
            if let trace, rules.asksForEvidence, phase != .handoff, ruling.violations.isEmpty {
                let cycle = ruling.placement.cycle(of: standing)
                lacking = unproven(phase, .signal, in: trace, cycle: cycle)
            }
            let isRequired = if case .required = rules.evidence { true } else { false }
            if isRequired { ruling.violations.append(contentsOf: lacking) }
            let warned = isRequired ? [] : lacking.array.map(\.rawValue)
            let note = ruling.isHuntInOpenCycle ? [Warning.huntInOpenCycle.rawValue] : []
            let observed = observes ? ruling.violations.array.map(\.rawValue) : []
            return PortRuling(
                port: port,
                violations: observes ? [] : ruling.violations.array,
                warnings: note + observed + warned,
                placement: ruling.placement
            )
        }
    }

    /// The remembered traces whose ids begin so.
    package func traces(beginning prefix: String) -> [TraceID] {
        traces.states.keys.filter { $0.hex.hasPrefix(prefix) }
    }
}
