import HiveBlackboard
import HiveLedger
import HiveSignal

extension Engine {
    /// Puts the lost bytes back where they stood, from the ledger, and ends TAMPERED.
    ///
    /// The board is replaced by a file that holds what it holds now with the lost lines in their
    /// places, so that every offset is where a byte stands again and nothing is judged twice. A
    /// masked line comes back as its mask; blank lines between lost lines come back as spaces; a
    /// lost line that was too large to be copied comes back as spaces. Bytes that are appended
    /// meanwhile are carried over.
    package func repair() throws(HiveError) {
        let position = fold.position
        guard position.tampered != nil || !position.lost.isEmpty || boardIsMissing else { return }
        if boardIsMissing {
            let path = settings.board
            try HiveError.wrap { _ = try BoardFile.create(at: path) }
            boardIsMissing = false
            wakesDispatcher = true
        }
        try look(live: true)
        if !fold.position.lost.isEmpty { try putBack(fold.position.lost) }
        fold.position.lost = []
        fold.position.tampered = nil
        fold.position.device = board.identity.device
        fold.position.inode = board.identity.inode
        try record(.repaired(generation: fold.position.generation))
        try savePosition()
        startTail()
        try catchUp(live: true)
    }

    private func putBack(_ spans: [LostSpan]) throws(HiveError) {
        let old = board
        let (ledger, generation) = (self.ledger, fold.position.generation)
        let position = fold.position
        let (fresh, lock) = try HiveError.wrap {
            let replacement = try BoardReplacement(of: old)
            var copied: Int64 = 0
            for span in spans {
                let place = position.place(of: span.offset + span.length) ?? copied
                try replacement.copy(from: copied, to: place)
                copied = place
                try Self.restore(span, from: ledger, generation, into: replacement)
            }
            let fresh = try replacement.finish(copyingFrom: copied)
            return (fresh, try fresh.lock())
        }
        board = fresh
        boardLock = lock
        anchor = nil
    }

    /// Writes a lost span as the ledger has it: exactly as many bytes as were lost.
    private static func restore(
        _ span: LostSpan,
        from ledger: Ledger,
        _ generation: Int64,
        into replacement: BoardReplacement
    ) throws {
        let end = span.offset + span.length
        var written = span.offset
        var failure: (any Error)?
        try ledger.judged(from: span.offset, to: end, generation: generation) { line in
            do {
                try replacement.append(blanks: line.offset - written)
                let content = line.standing
                try replacement.append(content + [UInt8(ascii: "\n")])
                written = line.offset + Int64(content.count) + 1
                return true
            } catch {
                failure = error
                return false
            }
        }
        if let failure { throw failure }
        try replacement.append(blanks: end - written)
    }
}

extension JudgedLine {
    /// Bytes of the line without its LF.
    var length: Int64 {
        switch self {
        case .accepted(_, let raw): Int64(raw.count)
        case .quarantined(_, let length, _, _, _): length
        }
    }

    /// What stands on the board for this line.
    var standing: [UInt8] {
        switch self {
        case .accepted(_, let raw): return raw
        case .quarantined(_, let length, let identifier, let state, let entry):
            if state == .left || state == .restored {
                return StoredEntry(json: entry)?.raw
                    ?? Array(repeating: UInt8(ascii: " "), count: Int(length))
            }
            return Mask.bytes(entry: identifier, length: Int(length))
        }
    }
}
