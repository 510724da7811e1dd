import HiveKernel
import HiveSignal
import Testing

/// The bound on how many traces are remembered.
struct TraceTableTests {
    /// How many are forgotten when there is one too many (a decision of record, 0005).
    static let forgottenAtOnce = 8_192

    /// A board full to the last trace; trace `n` spoke at sequence `touched(n)`.
    private func fullBoard(_ touched: (Int64) -> Int64) -> Board {
        let count = Int64(TraceTable.countMax)
        let states = (1...count).map { number in
            let state = TraceState(
                cycle: 1,
                reached: PhaseSet(.hunt),
                reachedBefore: [],
                phase: .hunt,
                lastSequence: touched(number)
            )
            return (trace(UInt64(number)), state)
        }
        return Board(
            state: KernelState(
                sequence: count,
                accepted: count,
                quarantined: 0,
                lastTrace: trace(1),
                lastPhase: .hunt,
                traces: states,
                identifiers: RecentIdentifiers(),
                signals: RecentSignals()
            )
        )
    }

    @Test func `one trace too many forgets exactly the least recently touched`() {
        let count = Int64(TraceTable.countMax)
        // The highest numbers spoke first.
        var board = fullBoard { count + 1 - $0 }
        board.append(.signal().trace(trace(7)))
        #expect(board.state.traces.states.count == TraceTable.countMax, "no new trace, none goes")
        #expect(board.state.takeForgotten() == [])
        let newcomer = trace(UInt64(count) + 1)
        board.append(.signal().trace(newcomer))
        let kept = TraceTable.countMax + 1 - Self.forgottenAtOnce
        #expect(board.state.traces.states.count == kept)
        let expected = ((kept)...TraceTable.countMax).map { trace(UInt64($0)) }
        #expect(Set(board.state.takeForgotten()) == Set(expected))
        #expect(board.state.takeForgotten() == [], "they are handed over once")
        #expect(board.state.traces[newcomer] != nil)
        #expect(board.state.traces[trace(1)] != nil)
        let afresh = board.append(.signal(.interlock).trace(trace(UInt64(count))))
        #expect(afresh.findings == ["SKIPPED_HUNT"], "a forgotten trace starts afresh")
    }

    @Test func `a trace that speaks again is not handed over as forgotten`() {
        var board = fullBoard { $0 }
        board.append(.signal().trace(trace(UInt64(TraceTable.countMax) + 1)))
        #expect(board.state.traces[trace(3)] == nil)
        let again = board.append(.signal().trace(trace(3)))
        #expect(again.cycle == 1)
        let forgotten = board.state.takeForgotten()
        #expect(!forgotten.contains(trace(3)), "whoever deletes the forgotten must not delete it")
        #expect(forgotten.count == Self.forgottenAtOnce - 1)
    }
}
