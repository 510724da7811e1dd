import HiveKernel
import HiveSignal
import Testing

/// What the rules ask of claims where evidence is asked for (SPEC §6).
@Suite struct EvidenceTests {
    private static let red = ReceiptName(number: 1)
    private static let green = ReceiptName(number: 2)
    private static let refactor = ReceiptName(number: 3)

    private func board(_ evidence: Evidence, _ mode: Mode = .paired) -> Board {
        var rules = Rules()
        rules.evidence = evidence
        return Board(mode, rules: rules)
    }

    @Test(arguments: [Mode.strict, .paired])
    func `the way with receipts is open, and no step of it without`(mode: Mode) {
        var board = board(.required, mode)
        board.walk([.hunt, .interlock])
        #expect(board.append(.signal(.validate)).findings == ["REWARD_HACK"])
        #expect(board.tell(.interlock, Self.red).provesPhase)
        #expect(board.append(.signal(.validate)).isAccepted)
        #expect(board.append(.signal(.evolve)).findings == ["UNWITNESSED"])
        board.tell(.validate, Self.green)
        #expect(board.append(.signal(.evolve)).isAccepted)
        #expect(board.state.quarantined == 2)
    }

    @Test func `an old red is none in the next cycle, even told again`() {
        var board = board(.required)
        board.walk([.hunt, .interlock])
        board.tell(.interlock, Self.red)
        board.walk([.validate])
        board.tell(.validate, Self.green)
        board.walk([.evolve, .hunt, .interlock])
        let again = board.tell(.interlock, Self.red, cycle: 1)
        #expect(again.isAccepted && !again.provesPhase)
        #expect(again.warnings == ["BAD_EVIDENCE"])
        #expect(board.append(.signal(.validate)).findings == ["REWARD_HACK"])
        #expect(board.tell(.interlock, ReceiptName(number: 9)).provesPhase)
        #expect(board.newestProof?.cycle == 2)
        #expect(board.append(.signal(.validate)).isAccepted)
    }

    @Test func `a receipt of a trace that has begun no cycle counts for nothing`() {
        var board = board(.required)
        #expect(board.tell(.interlock, Self.red).warnings == ["BAD_EVIDENCE"])
        board.walk([.hunt, .interlock])
        #expect(board.append(.signal(.validate)).findings == ["REWARD_HACK"])
    }

    @Test func `a receipt is its own trace's`() {
        var board = board(.required)
        for number in [UInt64(1), 2] { board.walk([.hunt, .interlock], trace: trace(number)) }
        board.tell(.interlock, Self.red, trace: trace(1))
        #expect(board.append(.signal(.validate).trace(trace(1))).isAccepted)
        #expect(board.append(.signal(.validate).trace(trace(2))).findings == ["REWARD_HACK"])
    }

    @Test func `a late E belongs to the cycle before, and so do its receipts`() {
        var board = board(.required)
        board.walk([.hunt, .interlock])
        board.tell(.interlock, Self.red)
        board.walk([.validate])
        board.tell(.validate, Self.green)
        board.walk([.evolve, .hunt])
        #expect(board.tell(.evolve, Self.refactor).provesPhase)
        #expect(board.newestProof?.cycle == 1)
        let late = board.append(.signal(.evolve).evidence(Self.refactor))
        #expect(late.isAccepted && late.cycle == 1)
    }

    @Test func `evidence that is named must be a receipt of the phase, seen in the cycle`() {
        var board = board(.required)
        board.walk([.hunt])
        let unwitnessed = ["UNWITNESSED"]
        #expect(board.append(.signal(.interlock).evidence(Self.red)).findings == unwitnessed)
        board.tell(.interlock, Self.red)
        #expect(board.append(.signal(.interlock).evidence(Self.red)).isAccepted)
        #expect(board.append(.signal(.validate).evidence(Self.red)).findings == unwitnessed)
        #expect(board.append(.signal(.hunt).evidence(Self.red)).findings == unwitnessed)
        board.tell(.validate, Self.green)
        #expect(board.append(.signal(.validate).evidence(Self.green)).isAccepted)
        let made = Draft.signal(.evolve).with("evidence", "\"r-nonsense\"")
        #expect(board.append(made).findings == unwitnessed)
        let escaped = Self.green.text.replacing("r", with: "\\u0072")
        let same = Draft.signal(.validate).with("evidence", "\"\(escaped)\"")
        #expect(board.append(same).isAccepted)
        #expect(board.append(.signal(.validate).with("evidence", "null")).isAccepted)
        #expect(board.append(.signal(.validate).with("evidence", "7")).warnings == ["BAD_EVIDENCE"])
    }

    @Test func `who says that something failed claims no green, and still closes no cycle`() {
        var board = board(.required)
        board.walk([.hunt, .interlock])
        #expect(board.append(.signal(.validate).type(.error)).isAccepted)
        #expect(board.append(.signal(.evolve).type(.error)).findings == ["UNWITNESSED"])
        #expect(board.append(.signal(.validate).type(.event)).findings == ["REWARD_HACK"])
        #expect(board.append(.signal(.validate).type(.metric)).isAccepted)
    }

    @Test func `what the mode has against a signal is all that is said of it`() {
        var board = board(.required)
        board.walk([.hunt])
        let early = board.append(.signal(.validate).evidence(Self.green))
        #expect(early.findings == ["SKIPPED_INTERLOCK", "REWARD_HACK"])
    }

    @Test(arguments: [(Evidence.warn, Mode.paired), (.warn, .observe), (.required, .observe)])
    func `a warning of the same name lets the line pass`(evidence: Evidence, mode: Mode) {
        var board = board(evidence, mode)
        board.walk([.hunt, .interlock])
        let green = board.append(.signal(.validate).evidence(Self.green))
        #expect(green.isAccepted && green.warnings == ["REWARD_HACK", "UNWITNESSED"])
        let end = board.append(.signal(.evolve))
        #expect(end.isAccepted && end.warnings == ["UNWITNESSED"])
        #expect(board.state.traces[Board.sharedTrace(of: 87)]?.reached.has(.evolve) == true)
    }

    // MARK: What a person forces

    @Test func `a person who forces V stands for the red, and for a green that has none`() {
        var board = board(.required)
        board.force(.validate)
        #expect(board.append(.signal(.validate)).isAccepted)
        #expect(board.append(.signal(.evolve)).isAccepted)
        board.walk([.hunt, .interlock])
        #expect(board.append(.signal(.validate)).findings == ["REWARD_HACK"])
        board.tell(.interlock, Self.red)
        board.force(.validate)
        #expect(board.append(.signal(.evolve)).findings == ["UNWITNESSED"])
        board.force(.evolve)
        #expect(board.append(.signal(.evolve)).isAccepted)
    }

    @Test func `back to I takes the green with it, and the red stays`() {
        var board = board(.required)
        board.walk([.hunt, .interlock])
        board.tell(.interlock, Self.red)
        board.walk([.validate])
        board.tell(.validate, Self.green)
        board.force(.interlock)
        #expect(board.append(.signal(.validate)).isAccepted)
        #expect(board.append(.signal(.evolve)).findings == ["UNWITNESSED"])
    }

    @Test func `a released line passes with a warning`() {
        var board = board(.required)
        board.walk([.hunt, .interlock])
        board.context.isReleased = true
        let released = board.append(.signal(.validate))
        board.context.isReleased = false
        #expect(released.isAccepted && released.warnings == ["REWARD_HACK"])
        #expect(board.append(.signal(.validate)).findings == ["REWARD_HACK"])
    }

    // MARK: What is told of it

    @Test func `moves keep what waits for a receipt back`() {
        var board = board(.required)
        board.walk([.hunt, .interlock])
        let shared = Board.sharedTrace(of: 87)
        var moves: [Phase] {
            board.state.moves(in: shared, rules: board.context.rules).map(\.phase)
        }
        #expect(moves == [.hunt, .interlock])
        func rulings(_ board: Board) -> PortRuling? {
            board.state.rulings(
                on: .validate,
                in: board.state.traces[shared] ?? TraceState(),
                of: shared,
                rules: board.context.rules
            )
            .first { $0.port == Port.all[2] }
        }
        #expect(rulings(board)?.violations == [.rewardHack])
        board.tell(.interlock, Self.red)
        #expect(moves == [.hunt, .interlock, .validate])
        #expect(rulings(board)?.violations == [])
        board.context.rules.evidence = .warn
        board.walk([.validate])
        let end = board.state.rulings(
            on: .evolve,
            in: board.state.traces[shared] ?? TraceState(),
            of: shared,
            rules: board.context.rules
        )
        #expect(end.first { $0.port == Port.all[3] }?.warnings == ["UNWITNESSED"])
    }

    @Test func `an explanation says how a receipt comes about, and how to do without`() throws {
        var board = board(.required)
        board.walk([.hunt, .interlock])
        board.append(.signal(.validate))
        let first = try #require(board.explanations().first)
        #expect(
            first.sentence == "REWARD_HACK: V (implementation) in a cycle without a red receipt;"
                + " expected a test that hive saw fail first"
        )
        #expect(first.cure.contains("hive witness --phase I"))
        #expect(first.cure.contains("evidence: warn"))
        board.append(.signal(.interlock).evidence(Self.green))
        let named = try #require(board.explanations().first)
        #expect(named.found == "evidence is \"\(Self.green.text)\"")
        #expect(named.expected == "a red receipt of this trace's cycle")
        board.append(.signal(.hunt).evidence(Self.green))
        #expect(board.explanations().first?.cure == "leave evidence out")
    }

    // MARK: Bounds

    @Test func `what proves a trace is bounded, and forgotten with it`() {
        var table = ProofTable()
        for number in 0..<10_000 {
            let cycle = Int64(1 + number / 1_000)
            let phase = Phase.cycle[1 + number % 3]
            table.note(
                PhaseProof(
                    cycle: cycle,
                    phase: phase,
                    receipt: ReceiptName(number: UInt64(number))
                ),
                in: trace(1)
            )
            #expect(table.all(of: trace(1)).count <= 2 * 3 * 8)
        }
        var board = board(.required)
        board.walk([.hunt, .interlock], trace: trace(1))
        board.tell(.interlock, Self.red, trace: trace(1))
        for number in 2...UInt64(TraceTable.countMax + 1) {
            board.walk([.hunt], trace: trace(number))
        }
        #expect(board.state.traces[trace(1)] == nil)
        #expect(board.state.proofs.all(of: trace(1)).isEmpty)
    }
}

extension Board {
    /// Takes in the metric of a receipt that was verified, in the trace's present cycle.
    @discardableResult
    mutating func tell(
        _ phase: Phase,
        _ receipt: ReceiptName,
        trace: TraceID? = nil,
        cycle: Int64? = nil
    ) -> Judgement {
        let shared = trace ?? Board.sharedTrace(of: 87)
        let cycle = cycle ?? state.traces[shared]?.cycle ?? 0
        let proof = PhaseProof(cycle: cycle, phase: phase, receipt: receipt)
        context.receipt = .verified(proof)
        defer { context.receipt = nil }
        let draft = Draft.signal(phase, port: 4).type(.metric).evidence(receipt)
        return append(trace.map(draft.trace) ?? draft)
    }

    /// What was proven last in the generation's own trace.
    var newestProof: PhaseProof? { state.proofs.all(of: Board.sharedTrace(of: 87)).last }

    /// Takes in an override that was verified.
    mutating func force(_ phase: Phase) {
        context.override = .verified(.phase(phase))
        defer { context.override = nil }
        append(.signal(.handoff).type(.event))
    }
}

extension Draft {
    func evidence(_ receipt: ReceiptName) -> Draft { with("evidence", "\"\(receipt.text)\"") }
}

extension String {
    fileprivate func replacing(_ old: String, with new: String) -> String {
        split(separator: old, omittingEmptySubsequences: false).joined(separator: new)
    }
}
