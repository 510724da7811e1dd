package import HiveSignal

extension KernelState {
    /// What the rules allow next in a trace, in the order of a cycle.
    ///
    /// - Returns: each phase that a signal may name now, with the ports that may say it. X is never
    ///   among them: that is a person's.
    package func moves(in trace: TraceID, rules: Rules) -> [AssignedState.Move] {
        let standing = traces[trace] ?? TraceState()
        return Phase.cycle.compactMap { phase in
            var opensCycle = false
            let ports = Port.all.filter { port in
                let ruling = ruling(on: phase, port: port, in: standing, rules: rules)
                guard ruling.violations.isEmpty,
                    !isUnproven(phase, ruling, in: trace, standing, rules: rules)
                else { return false }
                if case .nextCycle = ruling.placement { opensCycle = true }
                return true
            }
            guard !ports.isEmpty else { return nil }
            return AssignedState.Move(phase: phase, ports: ports, opensCycle: opensCycle)
        }
    }

    /// True where the rules keep a phase from a signal until a receipt is there.
    private func isUnproven(
        _ phase: Phase,
        _ ruling: PhaseRules.Ruling,
        in trace: TraceID,
        _ standing: TraceState,
        rules: Rules
    ) -> Bool {
        guard case .required = rules.evidence, rules.mode != .observe else { return false }
        let cycle = ruling.placement.cycle(of: standing)
        return !unproven(phase, .signal, in: trace, cycle: cycle).isEmpty
    }
}
