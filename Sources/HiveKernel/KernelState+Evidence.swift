package import HiveSignal

// A receipt comes as a metric (SPEC §6). Whoever drives the fold verifies its signature, for the
// kernel knows neither keys nor digests; what came out is in the context. What the receipts prove
// is remembered whatever the rules ask for: a person may begin to ask in the middle of a cycle.

/// What a metric that carries a receipt was found to be by whoever verifies signatures.
package enum ReceiptFinding: Sendable, Hashable {
    /// A machine that a person approved has signed it, for this board, generation and trace: it
    /// proves a phase of the cycle that the trace was in.
    case verified(PhaseProof)
    /// Nobody answers for it.
    case refused
}

extension Rules {
    /// True where a claim without its receipt is told of.
    @inline(__always)
    package var asksForEvidence: Bool { if case .off = evidence { false } else { true } }
}

extension KernelState {
    /// What a metric's receipt proves; a warning where it counts for nothing.
    func judgeReceipt(
        _ finding: ReceiptFinding,
        in trace: TraceState,
        rules: Rules,
        _ judgement: inout Judgement
    ) {
        if case .verified(let told) = finding {
            judgement.proof = proof(told, in: trace, judgement.trace)
        }
        if judgement.proof == nil && rules.asksForEvidence {
            judgement.warningSet.insert(.badEvidence)
        }
    }

    /// Nil for a receipt of another cycle, or one that was told before.
    private func proof(
        _ told: PhaseProof,
        in state: TraceState,
        _ trace: TraceID
    ) -> PhaseProof? {
        // A signal may have opened the next cycle since the witness looked.
        guard told.cycle > 0, told.cycle == state.cycle || told.cycle == state.cycle - 1,
            let receipt = told.receipt, !proofs.hasSeen(receipt, in: trace)
        else { return nil }
        var proof = told
        // A refactor goes where an E signal would go now (SPEC §3).
        let goesBefore = !state.reached.has(.validate) && state.reachedBefore.has(.evolve)
        if told.phase == .evolve && told.cycle == state.cycle && goesBefore { proof.cycle -= 1 }
        return proof
    }

    /// What a signal claims and no receipt shows; nothing else is held against it.
    func judgeEvidence(
        _ line: borrowing ScannedLine,
        _ evidence: UnsafeRawBufferPointer?,
        rules: Rules,
        observes: Bool,
        _ judgement: inout Judgement
    ) {
        let lacking = unproven(
            line.fields.phase.value,
            line.fields.type.value,
            evidence: evidence,
            in: judgement.trace,
            cycle: judgement.cycle
        )
        if case .required = rules.evidence, !observes {
            judgement.violationList = lacking
        } else {
            judgement.observed.append(contentsOf: lacking)
        }
    }

    /// What rules that ask for evidence have against a signal that names this evidence, or none.
    func unproven(
        _ phase: Phase,
        _ type: SignalType,
        evidence: UnsafeRawBufferPointer? = nil,
        in trace: TraceID,
        cycle: Int64
    ) -> ViolationList {
        var lacking: ViolationList = []
        var isUnwitnessed = false
        switch phase {
        case .validate:
            // Who says that something failed claims no green.
            let isClaim = if case .error = type { false } else { true }
            if isClaim && !proofs.prove(.interlock, of: cycle, in: trace) {
                lacking.append(.rewardHack)
            }
        case .evolve:
            // An E of any type closes the cycle.
            isUnwitnessed = !proofs.prove(.validate, of: cycle, in: trace)
        case .hunt, .interlock, .handoff: break
        }
        if let evidence {
            let name = ReceiptName(utf8: evidence)
            let isSeen = name.map { proofs.has($0, of: phase, in: trace, cycle: cycle) } ?? false
            isUnwitnessed = isUnwitnessed || !isSeen
        }
        if isUnwitnessed { lacking.append(.unwitnessed) }
        return lacking
    }
}
