import HiveBlackboard
import HiveKernel
import HiveLedger
import HiveSignal
import HiveWitness

extension Fold {
    /// Judges a line of a board; one that is too large to hold is read again for its digests.
    ///
    /// - `known`: entries of this generation, from which the line's own is taken.
    mutating func judge(
        _ frame: FramedLine,
        _ bytes: UnsafeRawBufferPointer?,
        of board: BoardFile,
        _ tail: BoardTail,
        known: inout EntryLookup,
        in entries: some EntrySource,
        now: Timestamp
    ) throws(BoardError) -> (outcome: Outcome, isKnown: Bool) {
        if let bytes {
            let entry = try known.entry(for: frame, bytes: bytes, in: entries)
            return (judge(frame, bytes: bytes, known: entry, now: now), entry != nil)
        }
        var digest = GiantDigest(chain: chain)
        try tail.forEachChunk(of: board, offset: frame.offset, length: frame.length) {
            chunk throws(BoardError) in digest.add(chunk)
        }
        let sha256 = digest.finish()
        let entry = try known.entry(forGiant: frame, sha256: sha256, in: entries)
        let outcome = judge(
            giant: frame,
            sha256: sha256,
            chained: &digest.chained,
            known: entry,
            now: now
        )
        return (outcome, entry != nil)
    }
}

extension Fold {
    /// The fold that goes on where the ledger stopped.
    init(_ restored: Restored, rules: Rules) {
        self.init(
            state: KernelState(restored),
            position: restored.position,
            rules: rules,
            heads: restored.heads
        )
    }

    /// The heads to go on with; late lines take numbers and leave the chain as it is.
    static func heads(
        _ heads: [ChainHead],
        _ state: KernelState,
        _ position: Position
    ) -> RecentHeads {
        if heads.isEmpty && position.chain == HashChain(boardID: position.boardID).head {
            let start = position.generationStart
            return RecentHeads(first: ChainHead(sequence: start, chain: position.chain))
        }
        let present = ChainHead(sequence: state.sequence, chain: position.chain)
        return RecentHeads(heads.last?.chain == present.chain ? heads : heads + [present])
    }

    /// Takes the nonces of the overrides that a copy of them could still pass for.
    mutating func spendNonces(in ledger: Ledger) throws(HiveError) {
        let oldest = overrides.heads.oldestSequence
        let rows = try HiveError.wrap {
            try ledger.signals(
                after: oldest - 1,
                limit: RecentHeads.capacity,
                filter: SignalFilter(phase: .handoff)
            )
        }
        // Where rules only warn, an X of nobody's stands there too.
        let emergency = Violation.emergency.rawValue
        for row in rows where !row.warnings.split(separator: ",").contains(emergency[...]) {
            overrides.spend(row.raw, sequence: row.sequence)
        }
    }

    /// Has receipts verified with the keys of the machines that may witness.
    mutating func verifyReceipts(_ witnesses: @escaping () throws(HiveError) -> [OwnerKey]) {
        receipts.witnesses = { (try? witnesses()) ?? [] }
    }

    /// Has overrides verified with the key that is pinned for the board.
    mutating func verifyOverrides(_ key: @escaping () throws(HiveError) -> OwnerKey?) {
        overrides.key = { (try? key()) ?? nil }
    }
}
