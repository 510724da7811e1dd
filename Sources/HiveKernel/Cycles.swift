package import HiveSignal

/// One line of `hive state`'s `cycles`: a trace's current cycle.
package struct CycleSummary: Sendable, Hashable {
    package var trace: TraceID
    package var cycle: Int64
    package var phase: Phase
    package var reached: PhaseSet
}

extension KernelState {
    /// The current cycle of every remembered trace, the most recently touched first.
    package var cycles: [CycleSummary] {
        traces.states.sorted { $0.value.lastSequence > $1.value.lastSequence }.map {
            CycleSummary(
                trace: $0.key,
                cycle: $0.value.cycle,
                phase: $0.value.reached.highest ?? $0.value.phase,
                reached: $0.value.reached
            )
        }
    }
}
