import HiveKernel
import HiveSignal
import Testing

/// Random boards on which receipts come and claims are made, judged beside plain models.
@Suite struct EvidencePropertyTests {
    @Test(arguments: Mode.allCases)
    func `without evidence asked for, receipts change no verdict and no warning`(mode: Mode) {
        let seed = testSeed()
        var random = SeededGenerator(seed: seed)
        var blind = Board(mode)
        var seeing = Board(mode)
        for number in 0..<600 {
            let step = EvidenceStep(&random, in: seeing.state, number)
            var judgement = seeing.take(step)
            judgement.provesPhase = false
            #expect(judgement == blind.append(step.draft), "HIVE_SEED=\(seed)")
        }
        #expect(seeing.state.accepted == blind.state.accepted)
        #expect(seeing.state.traces == blind.state.traces, "HIVE_SEED=\(seed)")
        #expect(!seeing.state.proofs.all(of: trace(1)).isEmpty, "HIVE_SEED=\(seed)")
    }

    @Test(arguments: [Mode.strict, .paired], [Evidence.warn, .required])
    func `what is asked for is what the receipts of the cycle do not show`(
        mode: Mode,
        evidence: Evidence
    ) {
        let seed = testSeed()
        var random = SeededGenerator(seed: seed)
        var rules = Rules()
        rules.evidence = evidence
        var board = Board(mode, rules: rules)
        var model = ProofModel()
        var codes: [String: Int] = [:]
        for number in 0..<1_500 {
            let place: Comment = "HIVE_SEED=\(seed), \(mode), \(evidence), step \(number)"
            let step = EvidenceStep(&random, in: board.state, number)
            var lenient = board
            lenient.context.rules.evidence = .off
            let plain = lenient.judge(step.draft)
            let judgement = board.take(step)
            let lacking =
                plain.isAccepted && !step.isMetric ? model.lacking(step, plain.cycle) : []
            for code in lacking { codes[code, default: 0] += 1 }
            if evidence == .required {
                #expect(judgement.violations.map(\.rawValue) == plain.findings + lacking, place)
            } else {
                #expect(judgement.findings == plain.findings, place)
                let told = judgement.warnings.filter { $0 != "BAD_EVIDENCE" }
                #expect(told == plain.warnings + lacking, place)
            }
            if judgement.provesPhase, let proof = board.state.proofs.all(of: step.trace).last {
                model.note(proof, step.trace)
            }
        }
        #expect(codes["REWARD_HACK"] ?? 0 > 0, "HIVE_SEED=\(seed)")
        #expect(codes["UNWITNESSED"] ?? 0 > 0, "HIVE_SEED=\(seed)")
        #expect(board.state.traces[trace(1)]?.cycle ?? 0 > 1, "HIVE_SEED=\(seed)")
    }
}

/// One line of a random board: a signal that may claim, or a metric that may prove.
struct EvidenceStep {
    var phase: Phase
    var type: SignalType
    var trace: TraceID
    var evidence: ReceiptName?
    var finding: ReceiptFinding?

    var isMetric: Bool { type == .metric }

    init(_ random: inout SeededGenerator, in state: KernelState, _ number: Int) {
        trace = HiveKernelTests.trace(UInt64(1 + random.below(2)))
        let standing = state.traces[trace]
        phase = random.pick(Phase.cycle)
        type = random.pick([.signal, .signal, .event, .error])
        // Now and then an id that was, or will be, somebody's.
        if random.oneIn(3) {
            evidence = ReceiptName(number: UInt64(max(0, number - random.below(20))))
        }
        guard random.oneIn(3) else { return }
        type = .metric
        phase = random.pick([.interlock, .validate, .evolve])
        let name = ReceiptName(number: UInt64(max(0, number - (random.oneIn(6) ? 1 : 0))))
        evidence = name
        let cycle = (standing?.cycle ?? 0) - Int64(random.oneIn(8) ? 1 : 0)
        finding =
            random.oneIn(10)
            ? .refused : .verified(PhaseProof(cycle: cycle, phase: phase, receipt: name))
    }

    var draft: Draft {
        let draft = Draft.signal(phase).type(type).trace(trace)
        return evidence.map(draft.evidence) ?? draft
    }
}

extension Board {
    mutating func take(_ step: EvidenceStep) -> Judgement {
        context.receipt = step.finding
        defer { context.receipt = nil }
        return append(step.draft)
    }
}

/// SPEC §6's rules, written from their prose: every receipt that counted, and nothing forgotten.
private struct ProofModel {
    private var seen: [TraceID: [PhaseProof]] = [:]

    mutating func note(_ proof: PhaseProof, _ trace: TraceID) {
        seen[trace, default: []].append(proof)
    }

    func lacking(_ step: EvidenceStep, _ cycle: Int64) -> [String] {
        let here = (seen[step.trace] ?? []).filter { $0.cycle == cycle }
        var lacking: [String] = []
        let hasRed = here.contains { $0.phase == .interlock }
        if step.phase == .validate && step.type != .error && !hasRed { lacking = ["REWARD_HACK"] }
        let hasGreen = here.contains { $0.phase == .validate }
        // The newest eight of a phase are known by name.
        let named = here.filter { $0.phase == step.phase }.suffix(8).map(\.receipt)
        let isFalse = step.evidence.map { !named.contains($0) } ?? false
        if step.phase == .evolve && !hasGreen || isFalse { lacking.append("UNWITNESSED") }
        return lacking
    }
}
