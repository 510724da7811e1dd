import Glibc
import HiveBlackboard
import HiveKernel
import HiveLedger
import HiveSignal

/// The last bytes judged, to see at a glance that the file was not cut and written anew between two
/// looks.
struct Anchor {
    static let bytesMax = 64
    /// Where the bytes stand, as written.
    var offset: Int64
    var raw: [UInt8]
    /// What stands there once the line is masked; nil for an accepted line.
    var mask: [UInt8]?

    init?(_ frame: FramedLine, _ bytes: UnsafeRawBufferPointer, _ outcome: Fold.Outcome) {
        let suffix = bytes.suffix(Self.bytesMax)
        offset = frame.offset + Int64(bytes.count - suffix.count)
        raw = Array(suffix)
        if case .quarantined(let row) = outcome {
            let mask = Mask.bytes(entry: row.identifier, length: bytes.count)
            self.mask = Array(mask.suffix(Self.bytesMax))
        }
    }
}

extension Engine {
    /// Looks at the board's path and file, then judges what is new.
    ///
    /// An event is only a hint: what counts is which file the path names, its size, and whether the
    /// bytes judged last still stand. A replacement that keeps the judged prefix is none.
    @discardableResult
    package func look(live: Bool) throws(HiveError) -> Int {
        if let unfinished { try finish(unfinished) }
        let board = self.board
        let identity = try HiveError.wrap { try board.identityAtPath() }
        guard let identity else {
            let judged = boardIsMissing ? 0 : try catchUp(live: live)
            boardIsMissing = true
            return judged
        }
        var judged = 0
        if identity != board.identity {
            if !boardIsMissing { judged = try catchUp(live: live) }
            try takeNewFile()
        } else if try !anchorStands() {
            try reconcile()
        }
        // Answers may have waited for the board to come back.
        if boardIsMissing { wakesDispatcher = true }
        boardIsMissing = false
        judged += try catchUp(live: live)
        if !unmasked.isEmpty {
            try maskAnew(unmasked)
            unmasked = []
        }
        if try takeForcedFlipIfPossible() { judged += try catchUp(live: live) }
        return judged + (try catchUpLate(live: live))
    }

    /// Opens the file that the path names now and finds out how much of what was judged it holds.
    private func takeNewFile() throws(HiveError) {
        let path = settings.board
        let (fresh, lock) = try HiveError.wrap {
            let fresh = try BoardFile(path: path)
            return (fresh, try fresh.lock())
        }
        board = fresh
        boardLock = lock
        try reconcile()
    }

    /// True where the file is as long as it was judged and the last judged bytes stand in it.
    private func anchorStands() throws(HiveError) -> Bool {
        let board = self.board
        let size = try HiveError.wrap { try board.size() }
        guard let end = fold.position.place(of: fold.position.offset), size >= end else {
            return false
        }
        guard let anchor, let place = fold.position.place(of: anchor.offset) else { return true }
        return try HiveError.wrap {
            var window = FileWindow(board: board, bytes: Anchor.bytesMax)
            if try window.holds(anchor.raw, at: place) { return true }
            guard let mask = anchor.mask else { return false }
            return try window.holds(mask, at: place)
        }
    }

    /// At start: identity, size and the last 64 KiB; the whole prefix is checked in the background.
    func checkTail() throws(HiveError) {
        let position = fold.position
        defer { noteIdentity() }
        guard position.offset > 0 else { return }
        let board = self.board
        let size = try HiveError.wrap { try board.size() }
        let end = position.place(of: position.offset) ?? 0
        guard size >= end else { return try reconcile() }
        let check = PrefixCheck(ledger: ledger, position: position)
        let ledger = self.ledger
        let result = try HiveError.wrap {
            let start = try ledger.lineStart(
                atOrBefore: max(0, position.offset - Self.tailCheckBytes),
                generation: position.generation
            )
            return try check.run(on: board, from: start)
        }
        if case .differs = result { try reconcile() }
    }

    /// How many of the last judged bytes are checked at once at start.
    static let tailCheckBytes: Int64 = 64 << 10

    /// Finds the judged prefix that the file still holds, whole lines; what lies beyond is judged
    /// as new.
    func reconcile() throws(HiveError) {
        // Lost bytes may be back: of the two readings of the file the one that fits further holds.
        var whole = fold.position
        whole.lost = []
        let readings = fold.position.lost.isEmpty ? [whole] : [whole, fold.position]
        let results = try readings.map { (position) throws(HiveError) in
            try compare(position)
        }
        noteIdentity()
        let best = results.indices.max { results[$0].reach < results[$1].reach } ?? 0
        let wasLost = !fold.position.lost.isEmpty
        fold.position.lost = readings[best].lost
        if case .differs(let start) = results[best] {
            try noteTampering(from: start)
        } else {
            if wasLost && fold.position.lost.isEmpty { try noteWholeAgain() }
            try maskAgain()
        }
        startTail()
        try savePosition()
    }

    private func compare(_ position: Position) throws(HiveError) -> PrefixCheck.Result {
        let check = PrefixCheck(ledger: ledger, position: position)
        let board = self.board
        return try HiveError.wrap { try check.run(on: board) }
    }

    /// The lost bytes stand in the file again: nothing is tampered with any more.
    private func noteWholeAgain() throws(HiveError) {
        fold.position.tampered = nil
        try record(.repaired(generation: fold.position.generation))
    }

    /// The judged bytes from here on are no longer in the file: state stays, TAMPERED stands.
    package func noteTampering(from start: Int64) throws(HiveError) {
        let lost = fold.position.offset - start
        let message =
            "TAMPERED: \(lost) judged bytes from offset \(start) on are gone or changed"
            + " (found at \(clock().rfc3339))"
        fold.position.lose(from: start)
        fold.position.tampered = message
        anchor = nil
        try record(
            .tampered(
                generation: fold.position.generation,
                message: message,
                lost: AuditEvent.LostRange(offset: start, length: lost)
            )
        )
        startTail()
        try savePosition()
    }

    /// A copy of the board from before a mask shows the line again: mask it again.
    private func maskAgain() throws(HiveError) {
        guard rules.masks, rules.mode != .observe else { return }
        let ledger = self.ledger
        let position = fold.position
        let board = self.board
        let masks = try HiveError.wrap {
            var masks: [PendingMask] = []
            var window = FileWindow(board: board, bytes: 1 << 16)
            var failure: (any Error)?
            let end = position.offset
            try ledger.judged(from: 0, to: end, generation: position.generation) { line in
                do {
                    if let mask = try Self.faded(line, position, &window) { masks.append(mask) }
                    return true
                } catch {
                    failure = error
                    return false
                }
            }
            if let failure { throw failure }
            return masks
        }
        try mask(masks, on: board, fold.position)
    }

    /// The mask that a line has in the ledger and no longer on the board.
    private static func faded(
        _ line: JudgedLine,
        _ position: Position,
        _ window: inout FileWindow
    ) throws -> PendingMask? {
        guard case .quarantined(let offset, _, let identifier, .masked, let entry) = line,
            let place = position.place(of: offset), let raw = StoredEntry(json: entry)?.raw,
            try window.holds(raw, at: place)
        else { return nil }
        return PendingMask(identifier: identifier, offset: offset, raw: raw)
    }

    private func noteIdentity() {
        fold.position.device = board.identity.device
        fold.position.inode = board.identity.inode
    }
}
