import HiveKernel
import HiveSignal
import Testing

/// SPEC §3's table of `strict`, cell by cell.
struct StrictTests {
    /// From every place a trace may stand at: the way there, and what each next phase is told.
    static let table: [(way: [Phase], told: [Phase: [String]])] = [
        (
            [],
            [
                .hunt: [], .interlock: ["SKIPPED_HUNT"],
                .validate: ["SKIPPED_HUNT", "REWARD_HACK"], .evolve: ["SKIPPED_HUNT"],
                .handoff: ["EMERGENCY"],
            ]
        ),
        (
            [.hunt],
            [
                .hunt: [], .interlock: [], .validate: ["SKIPPED_INTERLOCK", "REWARD_HACK"],
                .evolve: ["SKIPPED_INTERLOCK", "SKIPPED_VALIDATE"], .handoff: ["EMERGENCY"],
            ]
        ),
        (
            [.hunt, .interlock],
            [
                .hunt: ["INCOMPLETE_CYCLE"], .interlock: [], .validate: [],
                .evolve: ["REWARD_HACK", "SKIPPED_VALIDATE"], .handoff: ["EMERGENCY"],
            ]
        ),
        (
            [.hunt, .interlock, .validate],
            [
                .hunt: ["PREMATURE_FLIP", "LAZY_AI"], .interlock: ["BACKWARD_JUMP"],
                .validate: [], .evolve: [], .handoff: ["EMERGENCY"],
            ]
        ),
        (
            Phase.cycle,
            [
                .hunt: [], .interlock: ["BACKWARD_JUMP"], .validate: ["BACKWARD_JUMP"],
                .evolve: [], .handoff: ["EMERGENCY"],
            ]
        ),
    ]

    @Test(arguments: table.indices)
    func `every step from every place, from every port`(row: Int) {
        let (way, told) = Self.table[row]
        for next in Phase.allCases {
            for port in 0...7 {
                var board = Board(.strict)
                board.walk(way)
                let before = board.state.traces
                let judgement = board.append(.signal(next, port: port))
                #expect(judgement.gates == [])
                #expect(judgement.violations.map(\.rawValue) == told[next], "\(way) to \(next)")
                #expect(judgement.phaseBefore == way.last)
                #expect(judgement.warnings == [])
                #expect(judgement.isAccepted || board.state.traces == before)
            }
        }
    }

    @Test func `a refused step leaves the trace where it stood`() {
        var board = Board(.strict)
        board.walk([.hunt, .evolve, .validate, .interlock])
        #expect(board.state.accepted == 2)
        #expect(board.state.quarantined == 2)
        #expect(board.append(.signal(.validate)).isAccepted)
    }

    @Test func `from E to H the next cycle opens, and nothing of the old one holds`() {
        var board = Board(.strict)
        board.walk(Phase.cycle)
        let hunt = board.append(.signal(.hunt))
        #expect(hunt.cycle == 2)
        let evolve = board.append(.signal(.evolve))
        #expect(evolve.findings == ["SKIPPED_INTERLOCK", "SKIPPED_VALIDATE"])
        #expect(board.state.cycles.map(\.cycle) == [2])
        #expect(board.state.cycles.map(\.phase) == [.hunt])
        #expect(board.state.cycles.map(\.reached) == [PhaseSet(.hunt)])
    }

    @Test func `an H beside an H is the same cycle without a note`() {
        var board = Board(.strict)
        board.walk([.hunt])
        let again = board.append(.signal(.hunt, port: 3))
        #expect(again.cycle == 1)
        #expect(again.warnings == [])
    }
}
