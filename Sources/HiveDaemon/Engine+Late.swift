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
// there, and blanked in the archive. Copies go through the ledger, so that each is appended once:
//
// 1. One transaction: the archive is judged this far; these lines are to be copied.
// 2. They are appended to the board.
// 3. They are blanked in the archive.
// 4. The ledger forgets them.
//
// After a crash what is to be copied is first looked for on the board.

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
            for index in closing.indices { closing[index].fold = nil }
            try reload()
            throw error
        }
        try letGo()
        return count
    }

    /// Ends the watch over archives to which nothing came for long enough.
    private func letGo() throws(HiveError) {
        let now = SystemClock.monotonicSeconds()
        for index in closing.indices where closing[index].isManifestStale {
            try archives.write(closing[index].row, boardID: fold.position.boardID)
            closing[index].isManifestStale = false
        }
        closing.removeAll { $0.until <= now }
    }

    /// When `catchUpLate` is next to be called though nothing happens, in monotonic seconds.
    var lateDeadline: Double? {
        let ends = closing.map(\.until).min()
        guard hasCopies, let copiesDue else { return ends }
        return min(ends ?? copiesDue, copiesDue)
    }

    private func catchUp(closing index: Int, live: Bool) throws(HiveError) -> Int {
        var count = 0
        while true {
            let archive = closing[index].board
            let size = try HiveError.wrap { try archive.size() }
            guard size > closing[index].place else { return count }
            let taken = try judgeLate(index, live: live)
            guard taken > 0 else { return count }
            count += taken
            let linger = Double(rules.flipLingerSeconds)
            closing[index].until = SystemClock.monotonicSeconds() + linger
        }
    }

    /// One batch of late lines; 0 where no whole line is new.
    ///
    /// - `bytesMax`: no further line once this much is judged.
    func judgeLate(
        _ index: Int,
        live: Bool,
        bytesMax: Int = Engine.bytesPerBatchMax
    ) throws(HiveError) -> Int {
        var old = try lateFold(index)
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

    // MARK: Copies

    /// Appends to the board what came to an archive and belongs here.
    ///
    /// - `isRetry`: true where some may stand there already.
    private func copyOver(isRetry: Bool) throws(HiveError) {
        guard hasCopies, !boardIsMissing else { return }
        let ledger = self.ledger
        let copies = try HiveError.wrap { try ledger.copies() }
        let missing = try isRetry ? notOnBoard(copies) : copies
        if !missing.isEmpty {
            guard try isReadyForCopies() else { return }
            for chunk in missing.chunks(bytesMax: Self.bytesPerBatchMax) {
                var bytes = try hasTornTail() ? [UInt8(ascii: "\n")] : []
                for copy in chunk { bytes += copy.raw + [UInt8(ascii: "\n")] }
                let board = self.board
                try HiveError.wrap { _ = try board.append(bytes) }
            }
            try onStep(.lateCopied)
        }
        for copy in copies { try blank(copy) }
        try HiveError.wrap { try ledger.endCopies() }
        hasCopies = false
        copiesDue = nil
        try catchUp(live: true)
    }

    /// A torn tail's writer is given its time to end it.
    private func isReadyForCopies() throws(HiveError) -> Bool {
        guard try hasTornTail() else { return true }
        let now = SystemClock.monotonicSeconds()
        if let copiesDue { return copiesDue <= now }
        copiesDue = now + TornTailWait.secondsMax
        return false
    }

    private func currentBoardBytes() throws(HiveError) -> Int64 {
        let board = self.board
        return boardIsMissing ? 0 : try HiveError.wrap { try board.size() }
    }

    /// The copies that the board does not hold behind where it ended before they were appended.
    private func notOnBoard(_ copies: [CopyRow]) throws(HiveError) -> [CopyRow] {
        guard let start = copies.map(\.boardBytes).min() else { return [] }
        var standing: [[UInt8]: Int] = [:]
        let wanted = Set(copies.map(\.raw))
        let board = self.board
        let tail = BoardTail(offset: min(start, try currentBoardBytes()))
        try HiveError.wrap {
            try tail.walk(board) { _, bytes throws(BoardError) in
                if let bytes, case let line = Array(bytes), wanted.contains(line) {
                    standing[line, default: 0] += 1
                }
                return true
            }
        }
        return copies.filter { copy in
            guard let count = standing[copy.raw], count > 0 else { return true }
            standing[copy.raw] = count - 1
            return false
        }
    }

    /// Takes a copied line out of its archive: it stands on the board now.
    private func blank(_ copy: CopyRow) throws(HiveError) {
        let spaces = [UInt8](repeating: UInt8(ascii: " "), count: copy.raw.count)
        let path = archives.board(of: copy.generation)
        let open = closing.first { $0.generation == copy.generation }
        let lost = open?.row.lost ?? []
        try HiveError.wrap {
            let archive = try open?.board ?? BoardFile(path: path)
            var position = Position(boardID: "", generation: copy.generation, chain: [])
            position.lost = lost
            guard let place = position.place(of: copy.offset) else { return }
            _ = try archive.overwrite(at: place, expecting: copy.raw, with: spaces)
        }
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

extension [CopyRow] {
    /// The rows in pieces that are appended in one write each.
    fileprivate func chunks(bytesMax: Int) -> [[CopyRow]] {
        var chunks: [[CopyRow]] = []
        var bytes = 0
        for row in self {
            if chunks.isEmpty || bytes + row.raw.count > bytesMax {
                chunks.append([])
                bytes = 0
            }
            chunks[chunks.count - 1].append(row)
            bytes += row.raw.count + 1
        }
        return chunks
    }
}
