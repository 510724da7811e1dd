import HiveKernel
import HiveSignal
import Testing

/// Which signal would draw a violation, and from which state on.
struct PossibilityTests {
    /// The number of accepted lines after which each violation is possible in a board's own trace.
    private static func possible(_ violation: Violation, _ mode: Mode, _ way: [Phase]) -> Int? {
        var board = Board(mode)
        let shared = Board.sharedTrace(of: 87)
        var possibility = Possibility(of: violation, rules: board.context.rules)
        if possibility.example(in: shared, of: board.state) != nil { return 0 }
        for (index, phase) in way.enumerated() {
            board.walk([phase])
            if possibility.example(in: shared, of: board.state) != nil { return index + 1 }
        }
        return nil
    }

    private static let table: [(Violation, Int?, Int?)] = [
        (.skippedHunt, 0, 0), (.rewardHack, 0, 0), (.skippedInterlock, 1, 0),
        (.skippedValidate, 1, 1), (.incompleteCycle, 2, nil), (.prematureFlip, 3, nil),
        (.lazyAI, 3, nil), (.backwardJump, 3, nil), (.portOutOfPhase, nil, 0),
        (.emergency, 0, 0), (.wrongGeneration, 0, 0), (.duplicateID, nil, nil),
        (.fakeTimestamp, nil, nil),
    ]

    @Test(arguments: table)
    func `a violation is possible from the place that the rules give it`(
        violation: Violation,
        strict: Int?,
        paired: Int?
    ) {
        #expect(Self.possible(violation, .strict, Phase.cycle) == strict)
        #expect(Self.possible(violation, .paired, Phase.cycle) == paired)
        #expect(Self.possible(violation, .observe, Phase.cycle) == paired)
    }

    @Test(arguments: [Mode.strict, .paired, .observe])
    func `the example draws the violation, and no line before it could`(mode: Mode) throws {
        for violation in Violation.allCases where violation.origin == .phaseRules {
            var board = Board(mode)
            var possibility = Possibility(of: violation, rules: board.context.rules)
            for phase in [.hunt] + Phase.cycle + Phase.cycle {
                let shared = Board.sharedTrace(of: 87)
                let example = possibility.example(in: shared, of: board.state)
                let told = Self.told(violation, board)
                if let example {
                    let port = Int(example.port.rawValue)
                    let judged = board.judge(.signal(example.phase, port: port))
                    #expect(judged.draws(violation), "\(violation) \(example)")
                    #expect(judged.phaseBefore == example.phaseBefore)
                    break
                }
                #expect(!told, "\(violation) in \(mode)")
                board.walk([phase])
            }
        }
    }

    /// True where any of the signals that may come next is told the violation.
    private static func told(_ violation: Violation, _ board: Board) -> Bool {
        var board = board
        for phase in Phase.cycle {
            for port in Port.all {
                let draft = Draft.signal(phase, port: Int(port.rawValue))
                if board.judge(draft).draws(violation) { return true }
            }
        }
        return false
    }

    @Test func `the example is the plainest: alone where it can be, from a port of the phase`() {
        let state = KernelState()
        let shared = Board.sharedTrace(of: 87)
        var hunt = Possibility(of: .skippedHunt, rules: Rules())
        let example = hunt.example(in: shared, of: state)
        #expect(example?.phase == .interlock && example?.port.phase == .interlock)
        #expect(hunt.example(in: shared, of: state) == nil, "a trace that stood so was asked")
        var port = Possibility(of: .portOutOfPhase, rules: Rules())
        #expect(port.example(in: shared, of: state)?.phase == .hunt)
    }

    @Test func `an id can be repeated once one is remembered`() {
        var board = Board()
        var possibility = Possibility(of: .duplicateID, rules: board.context.rules)
        let shared = Board.sharedTrace(of: 87)
        board.append(.signal(.hunt))
        #expect(possibility.example(in: shared, of: board.state) == nil)
        board.append(.signal(.hunt).id(String(repeating: "x", count: 300)))
        #expect(possibility.example(in: shared, of: board.state) == nil, "too long to be known")
        board.append(.signal(.hunt).id("a"))
        #expect(possibility.example(in: shared, of: board.state) != nil)
        #expect(board.append(.signal(.hunt).id("a")).draws(.duplicateID))
    }
}
