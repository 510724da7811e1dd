import HiveKernel
import HiveSignal
import Testing

/// SPEC §3's `paired` and `observe`: every place a trace can stand at, every phase, every port.
struct PairedTests {
    /// A model and the board that took the same signals.
    private struct Pair {
        var model: PairedModel
        var board: Board
    }

    /// Walks every place that accepted signals lead to, and compares every verdict there.
    ///
    /// - Returns: how many places there are.
    private func compareEverywhere(from start: Pair) -> Int {
        var seen: Set<[Set<Character>]> = [start.model.standing]
        var queue = [start]
        while let pair = queue.popLast() {
            for phase in Phase.allCases {
                for port in 0...7 {
                    guard let next = compare(pair, phase, port) else { continue }
                    if seen.insert(next.model.standing).inserted { queue.append(next) }
                }
            }
        }
        return seen.count
    }

    /// Judges one signal by both; nil where neither takes it in.
    private func compare(_ pair: Pair, _ phase: Phase, _ port: Int) -> Pair? {
        var pair = pair
        let letter = Character(phase.letter)
        let opinion = pair.model.opinion(on: letter, from: port)
        let observes = pair.board.context.rules.mode == .observe
        let before = pair.board.state.traces
        let judgement = pair.board.append(.signal(phase, port: port))
        let place: Comment = "\(phase.letter) from \(port) at \(pair.model.cycles)"
        #expect(judgement.gates == [], place)
        let violations = observes ? [] : opinion.violations
        #expect(judgement.violations.map(\.rawValue) == violations, place)
        #expect(judgement.warnings == opinion.notes + (observes ? opinion.violations : []), place)
        guard judgement.isAccepted, let cycle = opinion.cycle else {
            #expect(pair.board.state.traces == before, place)
            return nil
        }
        #expect(judgement.cycle == Int64(cycle), place)
        pair.model = pair.model.after(letter, in: cycle)
        let current = pair.board.state.cycles.first
        #expect(current?.cycle == Int64(pair.model.cycles.count), place)
        let reached = Set(current?.reached.phases.map { Character($0.letter) } ?? [])
        #expect(reached == pair.model.cycles.last, place)
        return pair
    }

    @Test func `paired agrees with the prose at every place a trace can reach`() {
        let places = compareEverywhere(from: Pair(model: PairedModel(), board: Board(.paired)))
        // None; H, HI, HIV, HIVE; the same four behind a cycle that is whole.
        #expect(places == 9)
    }

    @Test func `other owners and roamers are the rule book's`() {
        var rules = Rules()
        rules.phaseOfPort = [
            .evolve, .hunt, .hunt, .validate, .interlock, .validate, .evolve, .hunt,
        ]
        rules.roamingPorts = Set([1, 4].compactMap(Port.init(rawValue:)))
        var model = PairedModel()
        model.owners = ["H": [1, 2, 7], "I": [4], "V": [3, 5], "E": [0, 6]]
        model.roamers = [1, 4]
        let places = compareEverywhere(
            from: Pair(model: model, board: Board(.paired, rules: rules))
        )
        #expect(places == 9)
    }

    @Test func `observe warns of the same everywhere, and takes in all but X`() {
        let places = compareEverywhere(from: Pair(model: PairedModel(), board: Board(.observe)))
        #expect(places > 50)
    }

    @Test func `a cycle is followed through its overlaps line by line`() {
        var board = Board()
        let story: [(Phase, Int, [String])] = [
            (.hunt, 7, []), (.interlock, 1, []), (.hunt, 0, []),
            (.validate, 1, ["PORT_OUT_OF_PHASE"]), (.validate, 2, []), (.interlock, 6, []),
            (.validate, 0, []), (.evolve, 3, []), (.hunt, 7, []), (.evolve, 4, []),
            (.validate, 5, ["SKIPPED_INTERLOCK", "REWARD_HACK"]), (.interlock, 1, []),
            (.evolve, 4, ["REWARD_HACK", "SKIPPED_VALIDATE"]),
            (.evolve, 2, ["REWARD_HACK", "SKIPPED_VALIDATE", "PORT_OUT_OF_PHASE"]),
        ]
        for (phase, port, violations) in story {
            #expect(board.append(.signal(phase, port: port)).findings == violations)
        }
    }

    @Test func `the cycle before takes its own E, from roamers too, until the new one reaches I`() {
        var board = Board()
        board.walk(Phase.cycle + [.hunt])
        for port in [3, 4, 0, 7] {
            let late = board.append(.signal(.evolve, port: port))
            #expect(late.findings == [])
            #expect(late.cycle == 1)
            #expect(late.phaseBefore == .hunt)
        }
        #expect(board.state.cycles.map(\.reached) == [PhaseSet(.hunt)], "cycle 2 is where it was")
        #expect(board.append(.signal(.interlock)).cycle == 2)
        let tooLate = board.append(.signal(.evolve))
        #expect(tooLate.findings == ["REWARD_HACK", "SKIPPED_VALIDATE"])
    }

    @Test func `an H in an open cycle belongs to it, with a note`() {
        var board = Board()
        board.walk([.hunt, .interlock])
        let hunt = board.append(.signal(.hunt))
        #expect(hunt.isAccepted)
        #expect(hunt.warnings == ["HUNT_IN_OPEN_CYCLE"])
        #expect(hunt.cycle == 1)
        board.walk([.validate, .evolve])
        let next = board.append(.signal(.hunt))
        #expect(next.warnings == [])
        #expect(next.cycle == 2)
    }

    @Test(arguments: Phase.cycle.dropFirst())
    func `ports 0 and 7 may follow into a phase, never lead`(phase: Phase) {
        for port in [0, 7] {
            var board = Board()
            board.walk(Phase.cycle.filter { $0.rawValue < phase.rawValue })
            #expect(board.append(.signal(phase, port: port)).findings == ["PORT_OUT_OF_PHASE"])
            board.walk([phase])
            #expect(board.append(.signal(phase, port: port)).findings == [])
        }
    }
}
