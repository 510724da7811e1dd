package import HiveSignal

/// Where one trace stands: its current cycle, and the one before while that still takes its own E.
package struct TraceState: Sendable, Hashable {
    /// From 1; 0 before the first signal that counts.
    package var cycle: Int64 = 0
    package var reached: PhaseSet = []
    /// What the cycle before had reached; empty once it takes nothing more.
    package var reachedBefore: PhaseSet = []
    /// The phase of the last signal that counted: `strict`'s current phase.
    package var phase: Phase = .hunt
    /// The sequence of that signal.
    package var lastSequence: Int64 = 0

    package init() {}

    package init(
        cycle: Int64,
        reached: PhaseSet,
        reachedBefore: PhaseSet,
        phase: Phase,
        lastSequence: Int64
    ) {
        self.cycle = cycle
        self.reached = reached
        self.reachedBefore = reachedBefore
        self.phase = phase
        self.lastSequence = lastSequence
    }

    /// Takes a signal in: into the cycle that `placement` names.
    mutating func take(_ phase: Phase, as placement: Placement, sequence: Int64) {
        lastSequence = sequence
        switch placement {
        case .previousCycle:
            reachedBefore = reachedBefore.adding(phase)
            return
        case .nextCycle:
            cycle += 1
            reachedBefore = reached
            reached = []
        case .currentCycle:
            if cycle == 0 { cycle = 1 }
        }
        self.phase = phase
        reached = reached.adding(phase)
        if phase == .interlock { reachedBefore = [] }
    }
}

/// Which of a trace's cycles a signal belongs to.
package enum Placement: Sendable, Hashable {
    case currentCycle
    case nextCycle
    case previousCycle

    /// The cycle that a signal placed so counts in.
    @inline(__always)
    package func cycle(of trace: TraceState) -> Int64 {
        switch self {
        case .currentCycle: max(1, trace.cycle)
        case .nextCycle: trace.cycle + 1
        case .previousCycle: trace.cycle - 1
        }
    }
}
