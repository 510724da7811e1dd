import HiveKernel
import HiveSignal
import Testing

/// A state that is saved and put together again goes on as the one that never stopped.
struct RestartTests {
    @Test(arguments: Mode.allCases)
    func `a fold restarted at every line is the fold that never stopped`(mode: Mode) {
        let seed = testSeed()
        var random = SeededGenerator(seed: seed)
        for round in 0..<12 {
            let place: Comment = "HIVE_SEED=\(seed), \(mode), round \(round)"
            let capacity = random.pick([1, 3, 8, 64])
            var whole = Board(mode, state: Self.empty(identifiers: capacity))
            whole.context.judgesGeneration = random.oneIn(2)
            whole.context.rules.evidence = random.pick(Evidence.allCases)
            var restarted = whole
            for number in 0..<80 {
                let draft = Self.answer(to: whole.state, &random) ?? Self.draft(&random)
                whole.context.receipt = Self.finding(in: whole.state, &random, number)
                restarted.context.receipt = whole.context.receipt
                restarted.state = Self.savedAndRestored(restarted.state, capacity: capacity)
                let foreseen = whole.judge(draft)
                let judgement = whole.append(draft)
                #expect(judgement == foreseen, place)
                #expect(judgement == restarted.append(draft), place)
                #expect(whole.state == restarted.state, place)
                guard whole.state == restarted.state else { return }
            }
            #expect(whole.state.accepted > 0, place)
            #expect(whole.state.accepted + whole.state.quarantined == 80, place)
        }
    }

    @Test func `a quarantined line changes nothing that a verdict hangs on`() {
        let seed = testSeed()
        var random = SeededGenerator(seed: seed)
        var withAll = Board()
        var withGood = Board()
        for _ in 0..<400 {
            let draft = Self.draft(&random)
            let judgement = withAll.append(draft)
            guard judgement.isAccepted else { continue }
            #expect(withGood.append(draft) == judgement, "HIVE_SEED=\(seed)")
        }
        #expect(withAll.state.quarantined > 0, "HIVE_SEED=\(seed)")
        let standings = [withAll, withGood].map { board in
            board.state.cycles.map { "\($0.trace.hex) \($0.cycle) \($0.reached.rawValue)" }
        }
        #expect(standings[0] == standings[1], "HIVE_SEED=\(seed)")
    }

    // MARK: Saving

    private static func empty(identifiers capacity: Int) -> KernelState {
        savedAndRestored(KernelState(), capacity: capacity)
    }

    /// What the ledger does: counts, traces, ids and signals in order of arrival.
    private static func savedAndRestored(_ state: KernelState, capacity: Int) -> KernelState {
        var identifiers = RecentIdentifiers(capacity: capacity)
        state.identifiers.forEach { bytes, entry in
            let fits = identifiers.insert(bytes, trace: entry.trace, sequence: entry.sequence)
            #expect(fits)
        }
        var signals = RecentSignals(capacity: capacity)
        for entry in state.signals.all { signals.append(entry) }
        let traces = state.traces.states.map { trace, at in
            let saved = TraceState(
                cycle: at.cycle,
                reached: at.reached,
                reachedBefore: at.reachedBefore,
                phase: at.phase,
                lastSequence: at.lastSequence
            )
            return (trace, saved)
        }
        var proofs = ProofTable()
        for trace in state.traces.states.keys {
            for proof in state.proofs.all(of: trace) {
                proofs.note(PhaseProof(proof.text) ?? proof, in: trace)
            }
        }
        return KernelState(
            sequence: state.sequence,
            accepted: state.accepted,
            quarantined: state.quarantined,
            lastTrace: state.lastTrace,
            lastPhase: state.lastPhase,
            traces: traces,
            identifiers: identifiers,
            signals: signals,
            proofs: proofs
        )
    }

    // MARK: Drafts

    /// Now and then an outcome of something that was asked, or of something that never was.
    private static func answer(to state: KernelState, _ random: inout SeededGenerator) -> Draft? {
        let signals = state.signals.all
        guard random.oneIn(3), !signals.isEmpty else { return nil }
        let asked = random.pick(signals)
        let port = random.pick(random.oneIn(4) ? Port.all : asked.reaction.ports + [Port.all[3]])
        let name = TaskName(signal: asked.place, port: port)
        return Draft.signal(random.pick(Phase.cycle), port: Int(port.rawValue))
            .with("task", "\"\(name.text)\"").parent(asked.place.text).trace(asked.trace)
    }

    /// What a line's receipt may have been found to be, were it a metric that carries one.
    private static func finding(
        in state: KernelState,
        _ random: inout SeededGenerator,
        _ number: Int
    ) -> ReceiptFinding? {
        guard random.oneIn(2) else { return nil }
        let standing = state.traces[trace(UInt64(1 + random.below(3)))]
        return .verified(
            PhaseProof(
                cycle: standing?.cycle ?? 1,
                phase: random.pick([.interlock, .validate, .evolve]),
                receipt: ReceiptName(number: UInt64(number))
            )
        )
    }

    /// A line such as a busy board has: mostly allowed, from few traces, ids and parents.
    private static func draft(_ random: inout SeededGenerator) -> Draft {
        let phase = random.oneIn(30) ? Phase.handoff : random.pick(Phase.cycle)
        var draft = Draft.signal(phase)
        if random.oneIn(5) { draft = draft.with("port", "\(random.below(9))") }
        if random.oneIn(6) { draft = draft.type(random.pick(SignalType.allCases)) }
        if random.oneIn(8) { draft = draft.generation(88) }
        if !random.oneIn(3) { draft = draft.trace(trace(UInt64(1 + random.below(3)))) }
        if random.oneIn(2) { draft = draft.id("i\(random.below(40))") }
        if random.oneIn(4) { draft = draft.parent("i\(random.below(40))") }
        if random.oneIn(40) { draft = draft.id(String(repeating: "l", count: 300)) }
        if random.oneIn(20) { draft = draft.with("mark", nil) }
        return random.oneIn(10) ? draft.enveloped(id: "i\(random.below(40))") : draft
    }
}
