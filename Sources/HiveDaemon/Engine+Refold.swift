import HiveBlackboard
import HiveKernel
import HiveLedger
import HiveSignal

// Generations that ended, folded anew: all of them where the ledger is new, one of them where a
// late line came to its archive and its fold is no longer in memory.

extension Engine {
    /// Judges everything that a new ledger is made of: archive after archive, then the board.
    ///
    /// `present` is the board, or an archive where an end was begun and not finished; `lock` is
    /// that of what is at the board's path.
    func refold(
        _ history: AuditHistory,
        then present: BoardFile,
        lock: FileLock
    ) throws(HiveError) {
        let mark = RebuildMark(settings)
        if !history.flips.isEmpty { try mark.set() }
        try savePosition()
        for flip in history.flips {
            let isLast = flip.generation == history.flips.last?.generation
            try refold(until: flip, then: isLast ? present : nil, history)
        }
        fold.position.tampered = history.tampered
        try refoldLate(to: .max, history)
        try catchUp(live: false)
        if let pending = history.pendingFlip {
            try finish(pending, lock: lock)
            fold.position.quietUntil = try currentBoardBytes()
            try catchUp(live: false)
        }
        try mark.clear()
    }

    /// Judges an archive from its start, late lines of others in between as the audit has them,
    /// and goes over to the next generation.
    ///
    /// - `board`: the next generation's; nil: it is an archive too.
    func refold(
        until flip: AuditEvent.Flip,
        then board: BoardFile?,
        _ history: AuditHistory
    ) throws(HiveError) {
        isRefolding = true
        defer { isRefolding = false }
        try refoldLate(to: flip.offset, history)
        try catchUp(live: false, until: flip.offset)
        if !flip.chain.isEmpty, flip.chain != fold.chain.hex {
            let archive = archives.board(of: flip.generation)
            warn(
                "the archive \(archive) is not what was judged when its generation ended:"
                    + " put it back as it was, then delete the state folder"
            )
        }
        let row = GenerationRow(
            ending: fold.settledPosition,
            next: flip.next,
            summary: flip.summary,
            isForced: flip.isForced,
            milliseconds: flip.endedMilliseconds
        )
        closing.append(
            ClosingGeneration(row: row, board: self.board, fold: fold, known: known, until: 0)
        )
        let path = archives.board(of: flip.next)
        let (next, quietUntil) = try HiveError.wrap {
            let next = try board ?? BoardFile(path: path)
            return (next, try next.size())
        }
        let before = fold
        self.board = next
        fold = try Fold.start(
            of: flip.next,
            history,
            rules: before.context.rules,
            boardID: before.position.boardID
        )
        // The late lines themselves take their numbers.
        fold.skips = []
        fold.takeKeys(of: before)
        fold.position.refused = before.position.refused
        fold.position.quarantineBytes = before.position.quarantineBytes
        fold.position.auditBytes = before.position.auditBytes
        fold.position.quietUntil = quietUntil
        fold.receipts.auditedUntil = quietUntil
        fold.position.device = next.identity.device
        fold.position.inode = next.identity.inode
        known = EntryLookup()
        known.restored = history.restored
        let journal = quarantine
        try HiveError.wrap {
            _ = try known.load(from: journal, after: 0, generation: flip.next)
        }
        anchor = nil
        startTail()
        let position = fold.settledPosition
        _ = try HiveError.wrap { try ledger.flip(to: position, ending: row) }
    }

    /// Judges late lines that the audit has up to an offset of the present board.
    func refoldLate(to end: Int64, _ history: AuditHistory) throws(HiveError) {
        let wasRefolding = isRefolding
        isRefolding = true
        defer { isRefolding = wasRefolding }
        for late in history.late(during: fold.position.generation) where late.boardOffset <= end {
            try catchUp(live: false, until: late.boardOffset)
            guard let index = closing.firstIndex(where: { $0.generation == late.generation })
            else { continue }
            closing[index].row.copied += late.copied
            while closing[index].row.offset < late.end {
                let left = late.end - closing[index].row.offset
                let bytesMax = Int(min(left, Int64(Self.bytesPerBatchMax)))
                guard try judgeLate(index, live: false, bytesMax: bytesMax) > 0 else { break }
            }
        }
    }

    /// Opens the archives that may have grown since they were looked at, and writes the manifests
    /// that are missing or behind.
    func openArchives() throws(HiveError) {
        let ledger = self.ledger
        let (rows, copies) = try HiveError.wrap {
            (try ledger.generations(), try ledger.copies())
        }
        hasCopies = !copies.isEmpty
        let open = Set(closing.map(\.generation))
        for row in rows {
            let path = archives.board(of: row.generation)
            guard FileProbe.exists(path) else {
                warn("the archive \(path) is gone: put it back, or the ledger cannot be rebuilt")
                continue
            }
            writeManifest(row)
            if !open.contains(row.generation) { try reopen(row, at: path) }
        }
        let until = SystemClock.monotonicSeconds() + Double(rules.flipLingerSeconds)
        for index in closing.indices { closing[index].until = until }
    }

    private func reopen(_ row: GenerationRow, at path: String) throws(HiveError) {
        let archive = try HiveError.wrap { try BoardFile(path: path) }
        var old = ClosingGeneration(row: row, board: archive, until: 0)
        let size = try HiveError.wrap { try archive.size() }
        let lingers =
            clock().milliseconds - row.endedMilliseconds < rules.flipLingerSeconds * 1_000
        guard size > old.place || lingers else { return }
        if size > old.place { old.known = try lateEntries(of: row.generation) }
        closing.append(old)
    }

    /// The entries of a generation that ended: among them may be some whose lines a crash kept from
    /// the ledger, wherever they stand by now.
    func lateEntries(of generation: Int64) throws(HiveError) -> EntryLookup {
        let journal = quarantine
        return try HiveError.wrap {
            var known = EntryLookup()
            _ = try known.load(from: journal, after: 0, generation: generation)
            return known
        }
    }

    /// The fold of a generation that ended, as far as its archive is judged.
    ///
    /// Nil where the archive is no longer what was judged.
    func lateFold(_ index: Int) throws(HiveError) -> Fold? {
        let old = closing[index]
        if let fold = old.fold { return fold }
        let history = try AuditHistory(source: audit)
        var past = try Fold.start(
            of: old.generation,
            history,
            rules: rules,
            boardID: fold.position.boardID
        )
        past.takeKeys(of: fold)
        past.receipts.auditedUntil = old.row.offset
        let journal = quarantine
        var known = try lateEntries(of: old.generation)
        let tail = BoardTail()
        let now = clock()
        do throws(BoardError) {
            try tail.walk(old.board) { frame, bytes throws(BoardError) in
                guard frame.offset < old.row.offset else { return false }
                _ = try past.judge(
                    frame,
                    bytes,
                    of: old.board,
                    tail,
                    known: &known,
                    in: journal,
                    now: now
                )
                return past.position.offset < old.row.offset
            }
        } catch {
            throw HiveError(error)
        }
        return past.chain.head == old.row.chain ? past : nil
    }
}
