import HiveKernel
import HiveSignal
import Testing

/// What may follow where, asked without a signal: it must be what a signal is told.
struct MoveCheckTests {
    private static let places: [Phase?] = [nil] + Phase.cycle

    @Test(arguments: Mode.allCases)
    func `every port is told what a signal of its own is told`(mode: Mode) {
        for place in Self.places {
            for phase in Phase.allCases {
                for port in Port.all {
                    var board = Board(mode)
                    board.walk(Phase.cycle.filter { $0.rawValue <= place?.rawValue ?? 0 })
                    if place == nil { board = Board(mode) }
                    let rulings = board.state.rulings(
                        on: phase,
                        in: TraceState(standingAt: place),
                        rules: board.context.rules
                    )
                    let judged = board.judge(.signal(phase, port: Int(port.rawValue)))
                    let ruling = rulings[Int(port.rawValue)]
                    #expect(ruling.port == port)
                    #expect(ruling.isAccepted == judged.isAccepted)
                    #expect(ruling.violations == judged.violations)
                    #expect(ruling.warnings == judged.warnings)
                }
            }
        }
    }

    @Test func `a hunt after evolve opens the next cycle, and evolve still belongs to the last`() {
        var board = Board()
        board.walk(Phase.cycle + [.hunt])
        let trace = board.state.traces[Board.sharedTrace(of: 87)] ?? TraceState()
        let rules = board.context.rules
        let evolve = board.state.rulings(on: .evolve, in: trace, rules: rules)
        #expect(evolve[3].placement == .previousCycle && evolve[3].isAccepted)
        let hunt = board.state.rulings(on: .hunt, in: TraceState(standingAt: .evolve), rules: rules)
        #expect(hunt[7].placement == .nextCycle && hunt[7].isAccepted)
    }

    @Test func `traces are found by the beginning of their ids`() {
        var board = Board()
        for number in 1...3 as ClosedRange<UInt64> { board.walk([.hunt], trace: trace(number)) }
        let zeros = String(repeating: "0", count: 31)
        #expect(board.state.traces(beginning: zeros + "2") == [trace(2)])
        #expect(board.state.traces(beginning: zeros).count == 3)
        #expect(board.state.traces(beginning: "f").isEmpty)
    }
}
