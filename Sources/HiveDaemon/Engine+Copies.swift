import HiveBlackboard
import HiveLedger
import HiveSignal

// Late lines of the board's present generation are copied to the board (SPEC §7). They go through
// the ledger, so that each is appended once:
//
// 1. One transaction: the archive is judged this far; these lines are to be copied.
// 2. They are appended to the board.
// 3. They are blanked in the archive.
// 4. The ledger forgets them.
//
// After a failure what is to be copied is first looked for on the board, where it may be judged
// already, and masked.

extension Engine {
    /// Appends to the board what came to an archive and belongs here.
    ///
    /// - `isRetry`: true where some may stand there already.
    func copyOver(isRetry: Bool) throws(HiveError) {
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

    /// What waits to be copied to the board goes there now: its generation ends.
    func settleCopies() throws(HiveError) {
        guard hasCopies else { return }
        copiesDue = 0
        try catchUpLate(live: true)
    }

    /// A torn tail's writer is given its time to end it.
    private func isReadyForCopies() throws(HiveError) -> Bool {
        guard try hasTornTail() else { return true }
        let now = SystemClock.monotonicSeconds()
        if let copiesDue { return copiesDue <= now }
        copiesDue = now + TornTailWait.secondsMax
        return false
    }

    func currentBoardBytes() throws(HiveError) -> Int64 {
        let board = self.board
        return boardIsMissing ? 0 : try HiveError.wrap { try board.size() }
    }

    /// The copies that the board does not hold behind where it ended before they were appended.
    private func notOnBoard(_ copies: [CopyRow]) throws(HiveError) -> [CopyRow] {
        guard let start = copies.map(\.boardBytes).min() else { return [] }
        var standing: [[UInt8]: Int] = [:]
        let wanted = Set(copies.map(\.raw))
        let (board, position, ledger) = (self.board, fold.position, self.ledger)
        let tail = BoardTail(
            offset: min(start, try currentBoardBytes()) + position.shift,
            shift: position.shift
        )
        var masked: [Int64] = []
        try HiveError.wrap {
            try tail.walk(board) { frame, bytes throws(BoardError) in
                guard let bytes else { return true }
                let line = Array(bytes)
                if wanted.contains(line) {
                    standing[line, default: 0] += 1
                } else if line.starts(with: Mask.start) {
                    masked.append(frame.offset)
                }
                return true
            }
            for offset in masked {
                let row = try ledger.quarantine(
                    boardGeneration: position.generation,
                    offset: offset
                )
                guard let row, let raw = StoredEntry(json: row.entry)?.raw else { continue }
                standing[raw, default: 0] += 1
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
