import HiveKernel
import HiveLedger
import HiveSignal
package import HiveWitness

/// A metric whose receipt counted, for the audit.
struct CountedReceipt {
    var generation: Int64
    var offset: Int64
    var claim: WitnessClaim

    /// Nil for a row that carries no receipt.
    init?(_ row: SignalRow) {
        guard let signed = SignedWitness(line: row.raw) else { return nil }
        generation = row.boardGeneration
        offset = row.offset
        claim = signed.claim
    }
}

/// Where the keys of the machines are that may witness for a board.
package typealias WitnessSource = (Settings) -> () throws(HiveError) -> [OwnerKey]

extension Engine {
    /// The machines that the owner of a board has approved, looked up anew each time they are asked
    /// for.
    ///
    /// A receipt is rare, and a person may approve a machine while the daemon runs. The approval is
    /// the project folder's, and counts only where the key that is pinned for the board signed it.
    package static func approvedWitnesses(
        _ settings: Settings
    ) -> () throws(HiveError) -> [OwnerKey] {
        let owner = pinnedKey(settings)
        let folder = Paths.resolved(settings.workingFolder)
        let project = GitTop.of(folder) ?? folder
        return { () throws(HiveError) in
            guard let owner = try owner() else { return [] }
            let keys = try HiveError.wrap { try KeyFolder.ofProcess() }
            return ApprovalDesk(folder: project, keys: keys).witnesses(approvedBy: owner)
        }
    }

    /// Tells the audit, before the ledger, that a line's receipt counted.
    func recordReceipt(_ receipt: CountedReceipt, in fold: Fold) throws(HiveError) {
        let isAudited = fold.receipts.audited[receipt.offset] == receipt.claim.receipt
        guard !isRefolding, !isAudited else { return }
        try record(
            .witnessed(
                AuditEvent.WitnessedEvent(
                    generation: receipt.generation,
                    offset: receipt.offset,
                    receipt: receipt.claim.receipt,
                    kind: receipt.claim.kind,
                    key: receipt.claim.key
                )
            )
        )
    }
}

extension Fold {
    /// Knows what the audit says of receipts on this board.
    ///
    /// - `offset`: lines before it are judged and do not come again.
    mutating func takeReceipts(of history: AuditHistory, from offset: Int64) {
        receipts.audited = history.receipts(of: position.generation)
            .filter { $0.key >= offset }
        receipts.auditedUntil = position.quietUntil
    }
}
