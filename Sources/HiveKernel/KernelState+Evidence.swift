package import HiveSignal

// A receipt comes as a metric (SPEC §6). Whoever drives the fold verifies its signature, for the
// kernel knows neither keys nor digests; what came out is in the context. What the receipts prove
// is remembered whatever the rules ask for: a person may begin to ask in the middle of a cycle.
//
// Few lines come here: what is called from the path of every line stays out of it.

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
    @inline(never)
    func judgeReceipt(
        _ finding: ReceiptFinding,
        in trace: TraceState,
        rules: Rules,
        _ judgement: inout Judgement
    ) {
        if case .verified(let told) = finding {
            judgement.provesPhase = counts(told, in: trace, judgement.trace)
        }
        if !judgement.provesPhase && rules.asksForEvidence {
            judgement.warningSet.insert(.badEvidence)
        }
    }

    /// False for a receipt of another cycle, or one that was told before.
    private func counts(
        _ told: PhaseProof,
        in state: TraceState,
        _ trace: TraceID
    ) -> Bool {
        // A signal may have opened the next cycle since the witness looked.
        guard told.cycle > 0, told.cycle == state.cycle || told.cycle == state.cycle - 1,
            let receipt = told.receipt
        else { return false }
        return !proofs.hasSeen(receipt, in: trace)
    }

    /// Remembers a receipt that counts.
    @inline(never)
    mutating func take(
        _ finding: ReceiptFinding?,
        in state: TraceState,
        _ trace: TraceID
    ) {
        guard case .verified(var proof) = finding else { return }
        // A refactor goes where an E signal would go now (SPEC §3).
        let goesBefore = !state.reached.has(.validate) && state.reachedBefore.has(.evolve)
        if proof.phase == .evolve && proof.cycle == state.cycle && goesBefore { proof.cycle -= 1 }
        proofs.note(proof, in: trace)
    }

    /// What a signal claims and no receipt shows; nothing else is held against it.
    @inline(never)
    func judgeEvidence(
        _ line: borrowing ScannedLine,
        _ evidence: NamedEvidence,
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
        evidence: NamedEvidence = .none,
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
        switch evidence {
        case .none: break
        case .receipt(let name):
            if !proofs.has(name, of: phase, in: trace, cycle: cycle) { isUnwitnessed = true }
        case .other: isUnwitnessed = true
        }
        if isUnwitnessed { lacking.append(.unwitnessed) }
        return lacking
    }
}
