import HiveKernel
import HiveSignal
import HiveWitness

/// Says of each metric that carries a receipt whether somebody answers for it (SPEC §6): a machine
/// that the board's owner approved, for this board and generation.
///
/// What was found once stays so: the audit names each line whose receipt counted, and a line that
/// was judged before and that it does not name was none. So a replay and a rebuild need neither
/// keys nor the repository, and whom a person approves later changes nothing that was judged.
struct ReceiptCheck {
    let boardID: String
    let generation: Int64
    /// The machines that may witness now.
    var witnesses: () -> [OwnerKey] = { [] }
    /// The receipts that the audit names, by the offset of their lines.
    var audited: [Int64: ReceiptName] = [:]
    /// Lines before this offset were judged before: the audit knows what they were found to be.
    var auditedUntil: Int64 = 0

    init(boardID: String, generation: Int64) {
        self.boardID = boardID
        self.generation = generation
    }

    /// What a metric is found to be; `offset` is where it stands, nil where it stands nowhere yet.
    ///
    /// Nil for a metric without a receipt, or one that says of itself that nothing is proven.
    func finding(_ line: UnsafeRawBufferPointer, at offset: Int64?) -> ReceiptFinding? {
        let signed: SignedWitness
        switch SignedWitness.read(Array(line)) {
        case .plain: return nil
        case .unreadable: return .refused
        case .signed(let read): signed = read
        }
        let claim = signed.claim
        guard claim.isProven else { return nil }
        guard claim.boardID == boardID, claim.generation == generation,
            isAnsweredFor(signed, at: offset)
        else { return .refused }
        return .verified(claim.proof)
    }

    private func isAnsweredFor(_ signed: SignedWitness, at offset: Int64?) -> Bool {
        if let offset {
            if let receipt = audited[offset] { return receipt == signed.claim.receipt }
            if offset < auditedUntil { return false }
        }
        return witnesses().contains {
            $0.fingerprint == signed.claim.key && $0.verifies(signed.signature, of: signed.message)
        }
    }
}

extension WitnessClaim {
    /// What it proves, where somebody answers for it.
    var proof: PhaseProof { PhaseProof(cycle: cycle, phase: kind.phase, receipt: receipt) }
}
