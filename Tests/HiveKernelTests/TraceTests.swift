import HiveKernel
import HiveSignal
import Testing

/// Several traces on one board, generations, and what never moves a trace.
struct TraceTests {
    @Test(arguments: [Mode.strict, .paired])
    func `traces side by side do not touch each other`(mode: Mode) {
        var together = Board(mode)
        var apart = (1...3).map { _ in Board(mode) }
        let story: [(Int, Phase)] = [
            (0, .hunt), (1, .interlock), (1, .hunt), (0, .interlock), (2, .validate), (2, .hunt),
            (0, .validate), (1, .evolve), (0, .evolve), (2, .interlock), (0, .hunt),
            (1, .interlock),
        ]
        for (number, phase) in story {
            let draft = Draft.signal(phase).trace(trace(UInt64(number) + 1))
            let judgement = together.append(draft)
            #expect(judgement == apart[number].append(draft))
            #expect(judgement.trace == trace(UInt64(number) + 1))
        }
        for (number, board) in apart.enumerated() {
            let own = trace(UInt64(number) + 1)
            #expect(together.state.traces[own]?.reached == board.state.traces[own]?.reached)
            #expect(together.state.traces[own]?.cycle == board.state.traces[own]?.cycle)
        }
    }

    @Test func `cycles are listed with the most recently touched first`() {
        var board = Board()
        for number: UInt64 in [1, 2, 3, 1] { board.append(.signal().trace(trace(number))) }
        #expect(board.state.cycles.map(\.trace) == [trace(1), trace(3), trace(2)])
        #expect(board.state.lastTrace == trace(1))
        #expect(board.state.lastPhase == .hunt)
    }

    @Test(arguments: [Mode.strict, .paired])
    func `another generation is refused where generations are judged`(mode: Mode) {
        var board = Board(mode)
        let judgement = board.append(.signal(.evolve).generation(88))
        #expect(judgement.findings == ["WRONG_GENERATION"], "and nothing of its phase")
        #expect(board.state.traces.states.isEmpty)
        #expect(
            board.append(.signal().generation(88).type(.metric)).findings == ["WRONG_GENERATION"]
        )
    }

    @Test func `without --gen a signal speaks in its own generation's trace`() {
        var board = Board()
        board.context.judgesGeneration = false
        board.walk([.hunt])
        let other = board.append(.signal(.interlock).generation(88))
        #expect(other.findings == ["SKIPPED_HUNT"])
        #expect(other.trace == Board.sharedTrace(of: 88))
        let hunt = board.append(.signal(.hunt).generation(88))
        #expect(hunt.isAccepted)
        #expect(hunt.cycle == 1)
        #expect(board.append(.signal(.interlock)).trace == Board.sharedTrace(of: 87))
        #expect(board.state.cycles.count == 2)
    }

    @Test func `a signal without a generation is of the board's own`() {
        var board = Board()
        board.walk([.hunt])
        for json in [nil, "\"87\"", "8.7", "null"] {
            let judgement = board.append(.signal(.interlock).with("gen", json))
            #expect(judgement.gates == .gate(6))
            #expect(judgement.trace == Board.sharedTrace(of: 87))
            #expect(judgement.phaseBefore == .hunt)
        }
    }

    @Test func `observe warns of another generation and takes it in`() {
        var board = Board(.observe)
        let judgement = board.append(.signal(.interlock).generation(88))
        #expect(judgement.isAccepted)
        #expect(judgement.warnings == ["WRONG_GENERATION", "SKIPPED_HUNT"])
        #expect(judgement.trace == Board.sharedTrace(of: 88))
    }

    @Test(arguments: Mode.allCases)
    func `a metric may come at any time and moves nothing`(mode: Mode) {
        var board = Board(mode)
        for phase in Phase.cycle {
            let judgement = board.append(.signal(phase, port: 3).type(.metric))
            #expect(judgement.isAccepted)
            #expect(judgement.warnings == [])
            #expect(judgement.cycle == 0)
        }
        #expect(board.state.traces.states.isEmpty)
        board.walk(Phase.cycle)
        let before = board.state.traces
        let hunt = board.append(.signal(.hunt).type(.metric).id("metric"))
        #expect(hunt.cycle == 1, "it opens no cycle")
        #expect(board.state.traces == before)
        #expect(board.state.lastPhase == .evolve)
        #expect(board.append(.signal().id("metric")).findings == ["DUPLICATE_ID"])
    }

    @Test(arguments: [SignalType.signal, .event, .error])
    func `every other type is judged and counts`(type: SignalType) {
        var board = Board()
        #expect(board.append(.signal(.interlock).type(type)).findings == ["SKIPPED_HUNT"])
        board.append(.signal(.hunt).type(type))
        #expect(board.append(.signal(.interlock).type(type)).isAccepted)
    }

    @Test(arguments: SignalType.allCases)
    func `an X is an emergency, and only observe lets it pass, unmoved`(type: SignalType) {
        for mode in Mode.allCases {
            for way in [[], [Phase.hunt]] {
                var board = Board(mode)
                board.walk(way)
                let before = board.state.traces
                let judgement = board.append(.signal(.handoff).type(type))
                let isObserved = mode == .observe
                #expect(judgement.findings == (isObserved ? [] : ["EMERGENCY"]))
                #expect(judgement.warnings == (isObserved ? ["EMERGENCY"] : []))
                #expect(judgement.cycle == Int64(way.count), "it counts in no cycle of its own")
                #expect(board.state.traces == before)
            }
        }
    }

    @Test func `gates only: no violations, but ids are still known as parents`() {
        var board = Board()
        board.context.gatesOnly = true
        let first = board.append(.signal(.evolve, port: 0).generation(99).id("a").trace(trace(1)))
        #expect(first.findings == [])
        #expect(board.append(.signal(.handoff).id("a").trace(trace(2))).findings == [])
        #expect(board.append(.signal().parent("a").trace(trace(1))).findings == [])
        #expect(board.append(.signal().parent("a").trace(trace(2))).findings == ["G10"])
        #expect(board.append(.signal().with("mark", nil)).findings == ["G1"])
        #expect(board.state.traces.states.isEmpty)
        #expect(board.state.identifiers.count == 1)
    }

    @Test func `a line whose verdict stands is only counted`() {
        var board = Board()
        board.walk([.hunt])
        let before = board.state
        board.state.stepKnownQuarantined()
        #expect(board.state.sequence == before.sequence + 1)
        #expect(board.state.quarantined == before.quarantined + 1)
        #expect(board.state.accepted == before.accepted)
        #expect(board.state.traces == before.traces)
    }
}
