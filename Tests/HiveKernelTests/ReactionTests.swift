import HiveKernel
import HiveSignal
import Testing

/// Who is asked by an accepted signal (SPEC §5).
struct ReactionTests {
    @Test(arguments: [
        (Phase.hunt, 0, Pull.downstream, Phase.interlock, [1, 6]),
        (.interlock, 6, .downstream, .validate, [2, 5]),
        (.validate, 2, .downstream, .evolve, [3, 4]),
        (.evolve, 3, .downstream, .hunt, [0, 7]),
        (.hunt, 0, .upstream, .evolve, [3, 4]),
        (.interlock, 1, .upstream, .hunt, [0, 7]),
        (.validate, 5, .upstream, .interlock, [1, 6]),
        (.evolve, 4, .upstream, .validate, [2, 5]),
        (.hunt, 0, .lateral, .hunt, [7]),
        (.interlock, 6, .lateral, .interlock, [1]),
        (.validate, 2, .lateral, .validate, [5]),
        (.evolve, 4, .lateral, .evolve, [3]),
    ])
    func `a pull asks the ports that it points at`(
        phase: Phase,
        port: Int,
        pull: Pull,
        asked: Phase,
        ports: [Int]
    ) {
        var board = Board()
        board.walk(Array(Phase.cycle.prefix { $0 != phase }))
        for type in [SignalType.signal, .event] {
            let draft = Draft.signal(phase, port: port).pull(pull).type(type)
            let reaction = board.append(draft).reaction
            #expect(reaction.ports.map { Int($0.rawValue) } == ports)
            #expect(reaction.phase == asked)
            #expect(reaction.depth == 0)
        }
    }

    @Test(arguments: [Pull.downstream, .upstream, .lateral])
    func `an error asks ports 5 and 7, a metric nobody`(pull: Pull) {
        var board = Board()
        let error = board.append(Draft.signal().pull(pull).type(.error)).reaction
        #expect(error.ports.map(\.rawValue) == [5, 7])
        #expect(error.phase == .hunt)
        #expect(board.append(Draft.signal().pull(pull).type(.metric)).reaction.isNone)
    }

    @Test func `a weak signal, a refused one and a switched off rule book ask nobody`() {
        var board = Board()
        #expect(!board.append(Draft.signal().with("mark", "0.29")).wantsAnswers)
        #expect(board.append(Draft.signal().with("mark", "0.3")).wantsAnswers)
        let refused = board.append(Draft.signal(.evolve))
        #expect(!refused.isAccepted && !refused.wantsAnswers && refused.reaction.isNone)
        board.context.rules.reactions.isEnabled = false
        #expect(!board.append(Draft.signal()).wantsAnswers)
    }

    @Test func `the ports asked are those that the rule book gives the phase`() {
        var rules = Rules()
        rules.phaseOfPort[6] = .validate
        var board = Board(rules: rules)
        #expect(board.append(Draft.signal()).reaction.ports.map(\.rawValue) == [1])
    }

    // MARK: Outcomes

    @Test func `an outcome is exempt from phase and port rules and moves nothing`() {
        var board = Board()
        let asked = board.offset
        board.append(Draft.signal().with("pull", "\"upstream\""))
        let before = board.state.cycles
        // Port 3 in phase E, while the cycle stands at H.
        let outcome = Draft.signal(.evolve, port: 3).task(asked, port: 3)
        let judgement = board.append(outcome)
        #expect(judgement.findings.isEmpty && judgement.warnings.isEmpty)
        #expect(judgement.answers?.name.port.rawValue == 3)
        #expect(!judgement.wantsAnswers, "chains end after one step")
        #expect(board.state.cycles == before)
        #expect(board.state.lastPhase == .hunt)
    }

    @Test func `a task is answered once; the second answer is judged as any signal`() {
        var board = Board()
        let asked = board.offset
        board.append(Draft.signal().with("pull", "\"upstream\""))
        let outcome = Draft.signal(.evolve, port: 3).task(asked, port: 3)
        #expect(board.append(outcome).isAccepted)
        let again = board.append(outcome)
        #expect(again.findings.first == "SKIPPED_INTERLOCK")
        #expect(again.warnings == ["TASK_ANSWERED"])
        #expect(board.append(Draft.signal(.evolve, port: 4).task(asked, port: 4)).isAccepted)
    }

    @Test(arguments: [
        "\"nobody asked\"", "\"t-87-0-5\"", "\"t-87-1-1\"", "\"t-88-0-1\"", "\"t-87-00-1\"",
        "\"t-87-0-8\"", "\"t-87-0-\"", "\"T-87-0-1\"", "\"t-87-99999999999999999999-1\"", "\"\"",
    ])
    func `an unknown task gives no exemption`(task: String) {
        var board = Board()
        board.append(Draft.signal())
        let judgement = board.append(Draft.signal(.evolve, port: 3).with("task", task))
        #expect(judgement.findings == ["SKIPPED_INTERLOCK", "SKIPPED_VALIDATE"])
        #expect(judgement.warnings.contains("UNKNOWN_TASK"))
    }

    @Test func `only the port that is asked, in the trace that asks, may answer`() {
        var board = Board()
        let asked = board.offset
        board.append(Draft.signal())
        let other = board.append(Draft.signal(.validate, port: 2).task(asked, port: 1))
        #expect(!other.isAccepted && other.answers == nil)
        let elsewhere = Draft.signal(.interlock, port: 1).task(asked, port: 1).trace(trace(9))
        #expect(board.append(elsewhere).findings == ["SKIPPED_HUNT"])
    }

    @Test func `an answer in another phase than the one asked is none`() {
        var board = Board()
        let asked = board.offset
        board.append(Draft.signal())
        let judgement = board.append(Draft.signal(.validate, port: 1).task(asked, port: 1))
        #expect(judgement.findings.first == "SKIPPED_INTERLOCK")
        #expect(judgement.warnings == ["UNKNOWN_TASK"])
    }

    @Test func `a rule book that asks less knows the answers that are there all the same`() {
        for change in [
            { (rules: inout ReactionRules) in rules.isEnabled = false },
            { (rules: inout ReactionRules) in rules.depthMax = 0 },
            { (rules: inout ReactionRules) in rules.minimumMark = 0.9 },
        ] {
            var board = Board()
            change(&board.context.rules.reactions)
            let asked = board.offset
            #expect(!board.append(Draft.signal().pull(.upstream)).wantsAnswers)
            let outcome = Draft.signal(.evolve, port: 3).task(asked, port: 3)
            #expect(board.append(outcome).isAccepted)
        }
    }

    @Test func `a signal's place is nobody's to take as an id`() {
        var board = Board()
        let squatter = Draft.signal().type(.metric).trace(trace(7))
        let place = SignalPlace(
            generation: 87,
            offset: Int64(squatter.id("s-87-000").text.utf8.count) + 1
        )
        board.append(squatter.id(place.text))
        #expect(board.offset == place.offset)
        board.append(Draft.signal())
        #expect(board.append(Draft.signal().parent(place.text)).findings.isEmpty)
    }

    @Test func `an X stays an emergency, whatever task it names`() {
        var board = Board()
        let asked = board.offset
        board.append(Draft.signal())
        let judgement = board.append(Draft.signal(.handoff, port: 1).task(asked, port: 1))
        #expect(judgement.findings == ["EMERGENCY"])
    }

    @Test func `a chain goes on to the depth that the rules allow`() {
        var rules = Rules()
        rules.reactions.depthMax = 3
        var board = Board(rules: rules)
        var asked = board.offset
        #expect(board.append(Draft.signal()).reaction.depth == 0)
        // Port 1 answers port 0, port 6 answers port 1, and so on, each asking its partner.
        for (depth, port) in [(1, 1), (2, 6), (3, 1)] {
            let next = board.offset
            let outcome = Draft.signal(.interlock, port: port).task(asked, port: port)
            let judgement = board.append(outcome.pull(.lateral))
            #expect(judgement.answers?.name.signal.offset == asked)
            #expect(judgement.wantsAnswers == (depth != 3))
            #expect(judgement.reaction.depth == UInt8(depth))
            asked = next
        }
    }

    @Test func `a chain that others spin on and on never counts as new`() {
        var board = Board()
        var asked = board.offset
        board.append(Draft.signal())
        for step in 1...600 {
            let next = board.offset
            let port = step % 2 == 1 ? 1 : 6
            let outcome = Draft.signal(.interlock, port: port).task(asked, port: port)
            let judgement = board.append(outcome.pull(.lateral))
            #expect(judgement.answers != nil && !judgement.wantsAnswers, "step \(step)")
            asked = next
        }
    }

    @Test func `a signal without an id is called by its place`() {
        var board = Board()
        let asked = board.offset
        board.append(Draft.signal())
        let child = Draft.signal().parent("s-87-\(asked)")
        #expect(board.append(child).warnings.isEmpty)
        #expect(board.append(child.trace(trace(3))).findings == ["G10"])
        #expect(board.append(Draft.signal().parent("s-87-1")).warnings == ["UNKNOWN_PARENT"])
    }
}

/// The ring of remembered signals.
struct RecentSignalsTests {
    @Test func `the oldest signal goes first, the others are found`() {
        var signals = RecentSignals(capacity: 5)
        for number in 1...17 {
            signals.append(Self.entry(Int64(number)))
            let kept = max(1, number - 4)...number
            for other in 1...17 {
                let found = signals.find(SignalPlace(generation: 87, offset: Int64(other) * 10))
                #expect((found != nil) == kept.contains(other))
                #expect(found.map { $0.sequence == Int64(other) } ?? true)
            }
            #expect(signals.find(SignalPlace(generation: 87, offset: 11)) == nil)
        }
        #expect(signals.find(SignalPlace(generation: 88, offset: 170)) == nil)
    }

    @Test func `offsets that begin anew are another file's`() {
        var signals = RecentSignals(capacity: 5)
        for number in 1...7 { signals.append(Self.entry(Int64(number))) }
        signals.append(Self.entry(1))
        #expect(signals.count == 1)
    }

    private static func entry(_ number: Int64) -> RecentSignals.Entry {
        RecentSignals.Entry(
            place: SignalPlace(generation: 87, offset: number * 10),
            sequence: number,
            trace: trace(1),
            reaction: .none
        )
    }
}

struct TaskBudgetTests {
    private static func admit(
        _ budget: inout TaskBudget,
        _ marks: [Double],
        at second: Int64,
        _ rules: BudgetRules
    ) -> [Double] {
        budget.admit(marks, mark: { $0 }, now: Timestamp(seconds: second), rules: rules)
    }

    @Test func `the strongest marks come first, the board's order decides between equals`() {
        var rules = BudgetRules()
        rules.tasksOpen = 3
        var budget = TaskBudget()
        #expect(Self.admit(&budget, [0.4, 0.9, 0.5, 0.9, 0.3], at: 0, rules) == [0.9, 0.5, 0.9])
        #expect(Self.admit(&budget, [1], at: 0, rules).isEmpty)
        budget.close(1)
        let twins = budget.admit(
            [("first", 0.5), ("second", 0.5)],
            mark: \.1,
            now: Timestamp(seconds: 1),
            rules: rules
        )
        #expect(twins.map(\.0) == ["first"])
    }

    @Test func `an hour later there is room again`() {
        var rules = BudgetRules()
        rules.tasksPerHour = 2
        var budget = TaskBudget()
        #expect(Self.admit(&budget, [0.5], at: 100, rules).count == 1)
        #expect(Self.admit(&budget, [0.5, 0.5], at: 200, rules).count == 1)
        budget.close(2)
        #expect(Self.admit(&budget, [0.5], at: 3_699, rules).isEmpty)
        #expect(Self.admit(&budget, [0.5, 0.5], at: 3_700, rules).count == 1)
        #expect(Self.admit(&budget, [0.5, 0.5], at: 3_800, rules).count == 1)
    }

    @Test func `a budget restored knows what was spent`() {
        var rules = BudgetRules()
        rules.tasksPerHour = 5
        var budget = TaskBudget(
            open: 1,
            assigned: [(second: 10, count: 3), (second: 20, count: 1)]
        )
        #expect(budget.open == 1)
        #expect(Self.admit(&budget, [0.5, 0.5], at: 30, rules).count == 1)
    }

    @Test func `a mark halves once in a half-life and never rises`() {
        #expect(Evaporation.mark(0.8, afterSeconds: 0, halfLifeSeconds: 60) == 0.8)
        for halvings in 1...40 {
            let faded = Evaporation.mark(
                1,
                afterSeconds: Double(halvings) * 60,
                halfLifeSeconds: 60
            )
            #expect(faded == Double(sign: .plus, exponent: -halvings, significand: 1))
        }
        let half = Evaporation.mark(1, afterSeconds: 30, halfLifeSeconds: 60)
        #expect(abs(half - 0.707_106_781_186_547_5) < 1e-15)
        var last = 1.0
        for tenth in 1...1_000 {
            let mark = Evaporation.mark(1, afterSeconds: Double(tenth) / 10, halfLifeSeconds: 7)
            #expect(mark < last)
            last = mark
        }
        #expect(Evaporation.mark(0.8, afterSeconds: 1e9, halfLifeSeconds: nil) == 0.8)
        #expect(Evaporation.mark(1, afterSeconds: .infinity, halfLifeSeconds: 1) < 1e-300)
        #expect(Evaporation.mark(0.8, afterSeconds: -5, halfLifeSeconds: 1) == 0.8)
    }
}
