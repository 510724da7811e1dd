import HiveBlackboard
import HiveKernel
import HiveLedger
import HiveSignal

// Lines that are appended to a board after its generation ended, by writers who keep the old file
// open (SPEC §7). The archive is watched for `flip.linger` seconds after the end and after every
// late line, and looked at again at each start.
//
// A late line of the ended generation, or of none, is judged by that generation's fold, where it
// left off, and stays. A late line of the board's present generation is copied to the board, judged
// there, and blanked in the archive (`Engine+Copies`).

/// A generation that ended and whose old file may still be written to.
struct ClosingGeneration {
    /// As the ledger has it.
    var row: GenerationRow
    var board: BoardFile
    /// Nobody else's daemon may take the archive for its board meanwhile.
    var lock: FileLock?
    /// Where its fold left off; nil: to be folded anew, once there is something to judge.
    var fold: Fold?
    /// Entries of the generation whose lines are still to come.
    var known = EntryLookup()
    /// In monotonic seconds.
    var until: Double
    /// True: its manifest does not tell of the last late lines.
    var isManifestStale = false

    var generation: Int64 { row.generation }

    /// Where the next late line stands in the file.
    var place: Int64 { row.offset - row.lost.reduce(0) { $0 + $1.length } }
}

/// Late lines read in one go.
private struct LateBatch {
    var pending: PendingBatch
    var copies: [CopyRow] = []
    var scanner = SignalScanner()
    var scanned = ScannedLine()
}

extension Engine {
    /// Judges what came late to archives that are still watched.
    ///
    /// - Returns: how many lines were judged or copied.
    @discardableResult
    func catchUpLate(live: Bool) throws(HiveError) -> Int {
        guard !closing.isEmpty || hasCopies else { return 0 }
        var count = 0
        do {
            if hasCopies { try copyOver(isRetry: true) }
            // What waits to be copied still stands in its archive.
            guard !hasCopies else { return 0 }
            for index in closing.indices { count += try catchUp(closing: index, live: live) }
            try copyOver(isRetry: false)
        } catch {
            hasCopies = true
            try reload()
            for index in closing.indices {
                closing[index].fold = nil
                closing[index].known = try lateEntries(of: closing[index].generation)
            }
            throw error
        }
        letGo()
        return count
    }

    /// Ends the watch over archives to which nothing came for long enough.
    private func letGo() {
        let now = SystemClock.monotonicSeconds()
        for index in closing.indices where closing[index].isManifestStale {
            writeManifest(closing[index].row)
            closing[index].isManifestStale = false
        }
        closing.removeAll { $0.until <= now }
    }

    /// What a manifest says is in the ledger: one that cannot be written harms nothing else.
    func writeManifest(_ row: GenerationRow) {
        do throws(HiveError) {
            try archives.write(row, boardID: fold.position.boardID)
        } catch {
            warn("\(error.message): \(error.hint)")
        }
    }

    /// When `catchUpLate` is next to be called though nothing happens, in monotonic seconds.
    var lateDeadline: Double? {
        let ends = closing.map(\.until).min()
        // Nothing else is looked at while copies wait.
        return hasCopies ? copiesDue : ends
    }

    private func catchUp(closing index: Int, live: Bool) throws(HiveError) -> Int {
        var count = 0
        while true {
            let archive = closing[index].board
            let size = try HiveError.wrap { try archive.size() }
            guard size > closing[index].place, try isAsJudged(index) else { return count }
            let taken = try judgeLate(index, live: live)
            guard taken > 0 else { return count }
            count += taken
            let linger = Double(rules.flipLingerSeconds)
            closing[index].until = SystemClock.monotonicSeconds() + linger
        }
    }

    /// False where the archive is no longer what was judged; it is let go then.
    private func isAsJudged(_ index: Int) throws(HiveError) -> Bool {
        if let fold = try lateFold(index) {
            closing[index].fold = fold
            return true
        }
        closing[index].until = 0
        warn(
            "the archive \(archives.board(of: closing[index].generation)) is not what was judged:"
                + " put it back as it was; its late lines are judged at the next start then"
        )
        return false
    }

    /// One batch of late lines; 0 where no whole line is new.
    ///
    /// - `bytesMax`: no further line once this much is judged.
    func judgeLate(
        _ index: Int,
        live: Bool,
        bytesMax: Int = Engine.bytesPerBatchMax
    ) throws(HiveError) -> Int {
        guard var old = try lateFold(index) else { return 0 }
        old.state.count(to: fold.state.sequence)
        old.context.now = live ? clock() : nil
        var late = LateBatch(pending: PendingBatch(now: clock(), position: old.position))
        let row = closing[index].row
        let archive = closing[index].board
        let tail = BoardTail(
            offset: row.offset,
            lines: row.lines,
            shift: old.position.shift
        )
        var known = closing[index].known
        let boardBytes = try currentBoardBytes()
        let before = old.state.sequence
        do throws(BoardError) {
            _ = try tail.next(
                from: archive,
                now: .now,
                linesMax: Self.linesPerBatchMax,
                bytesMax: bytesMax
            ) { frame, bytes throws(BoardError) in
                late.pending.lines += 1
                if let bytes, late.isOf(fold.position.generation, bytes) {
                    late.copies.append(
                        CopyRow(
                            generation: row.generation,
                            offset: frame.offset,
                            boardBytes: boardBytes,
                            raw: Array(bytes)
                        )
                    )
                    old.passBlank(over: frame)
                    return
                }
                let (outcome, isKnown) = try old.judge(
                    frame,
                    bytes,
                    of: archive,
                    tail,
                    known: &known,
                    in: quarantine,
                    now: late.pending.now
                )
                late.pending.add(outcome, known: isKnown, bytes: bytes)
            }
        } catch {
            throw HiveError(error)
        }
        guard late.pending.lines > 0 else { return 0 }
        closing[index].known = known
        try commit(&late, of: index, old, tookSequences: old.state.sequence - before)
        return late.pending.lines
    }

    private func commit(
        _ late: inout LateBatch,
        of index: Int,
        _ old: Fold,
        tookSequences count: Int64
    ) throws(HiveError) {
        try append(entries: late.pending)
        for override in late.pending.overrides { try recordOverride(override) }
        for receipt in late.pending.receipts { try recordReceipt(receipt, in: old) }
        var row = closing[index].row
        let copied = Int64(late.copies.count)
        if count + copied > 0 && !isRefolding {
            try record(
                .late(
                    AuditEvent.LateLines(
                        generation: row.generation,
                        offset: row.offset,
                        end: old.position.offset,
                        after: old.state.sequence - count,
                        count: count,
                        copied: copied,
                        boardGeneration: fold.position.generation,
                        boardOffset: fold.position.offset
                    )
                )
            )
        }
        let settled = old.settledPosition
        row.offset = settled.offset
        row.lines = settled.lines
        row.accepted = settled.accepted
        row.quarantined = settled.quarantined
        row.blank = settled.blank
        row.chain = settled.chain
        row.copied += copied
        fold.state.count(to: old.state.sequence)
        var batch = Batch(position: fold.settledPosition)
        // Nothing is asked in a generation that has ended, and its ids are not the board's.
        batch.signals = late.pending.batch.signals
        batch.quarantined = late.pending.batch.quarantined
        batch.ended = row
        batch.copies = late.copies
        try HiveError.wrap { _ = try ledger.commit(batch) }
        closing[index].row = row
        closing[index].fold = old
        closing[index].isManifestStale = true
        if !late.copies.isEmpty { hasCopies = true }
        try onStep(.lateCommitted)
        try mask(late.pending.masks, on: closing[index].board, old.position)
    }
}

extension LateBatch {
    /// True for a signal that says it is of this generation.
    fileprivate mutating func isOf(_ generation: Int64, _ bytes: UnsafeRawBufferPointer) -> Bool {
        scanner.scan(bytes, atFileStart: false, into: &scanned)
        guard scanned.failure == nil, !scanned.isBlank else { return false }
        let found = scanned.fields.generation
        return found.state == .good && found.value == generation
    }
}
