import HiveBlackboard
import HiveKernel
import HiveLedger
import HiveSignal

extension Engine {
    /// Appends a quarantined line anew, mended or as it was, and has it judged; the past never
    /// changes.
    ///
    /// - `prefix`: the start of an entry's id that no other entry has.
    /// - `mended`: the line to append; nil: the original, UTF-16 decoded, stray line-end bytes
    ///   taken off.
    package func release(_ prefix: String, mended: [UInt8]?) throws(HiveError) -> EmitResult {
        let row = try entry(prefix)
        let line: [UInt8]
        if let mended { line = mended } else { line = try original(of: row) }
        let result = try emit(line)
        guard case .accepted(let signal) = result.row else { return result }
        let name = signal.identifier ?? "line \(signal.line)"
        let event = AuditEvent.released(entry: row.identifier, as: name)
        try record(event)
        try apply(event)
        try savePosition()
        return result
    }

    /// Puts the masked bytes back on the board; they are not masked again.
    package func restore(_ prefix: String) throws(HiveError) {
        let row = try entry(prefix)
        guard row.offset != nil else {
            throw .refused(
                "\(row.identifier) never stood on the board: there are no bytes to put back",
                hint: "append it anew: hive quarantine release \(row.identifier.prefix(12))"
            )
        }
        try look(live: true)
        guard row.maskState == .masked || row.maskState == .pending else {
            throw .refused(
                "\(row.identifier) is not masked: its bytes stand on the board",
                hint: "see hive quarantine show \(row.identifier)"
            )
        }
        let event = AuditEvent.restored(entry: row.identifier)
        try record(event)
        try apply(event)
        try savePosition()
    }

    /// Marks entries as seen.
    package func discard(_ prefixes: [String]) throws(HiveError) -> Int {
        var identifiers: [String] = []
        for prefix in prefixes { identifiers.append(try entry(prefix).identifier) }
        let event = AuditEvent.discarded(entries: identifiers)
        try record(event)
        try apply(event)
        try savePosition()
        return identifiers.count
    }

    /// Carries out a decision that the audit holds; doing it twice is doing it once.
    func apply(_ event: AuditEvent) throws(HiveError) {
        switch event {
        case .released(let entry, _): try settle(entry, .released)
        case .discarded(let entries):
            for entry in entries { try settle(entry, .discarded) }
        case .restored(let identifier):
            let row = try? entry(identifier)
            guard let row else { return }
            try putBack(row)
            try settle(identifier, .restored, maskState: .restored)
        case .tampered(_, let message, _): fold.position.tampered = message
        case .repaired: fold.position.tampered = nil
        case .adopted, .rules, .checkpoint, .flipping, .flipped, .notFlipped, .late, .overridden,
            .witnessed:
            return
        }
    }

    private func settle(
        _ identifier: String,
        _ disposition: Disposition,
        maskState: MaskState? = nil
    ) throws(HiveError) {
        try HiveError.wrap {
            _ = try ledger.setDisposition(identifier, disposition, maskState: maskState)
        }
    }

    /// Writes an entry's bytes over its mask, where the mask stands.
    private func putBack(_ row: QuarantineRow) throws(HiveError) {
        guard let (board, position) = try file(of: row.boardGeneration),
            let offset = row.offset, let place = position.place(of: offset),
            let raw = StoredEntry(json: row.entry)?.raw
        else { return }
        let mask = Mask.bytes(entry: row.identifier, length: raw.count)
        let done = try HiveError.wrap {
            if try board.overwrite(at: place, expecting: mask, with: raw) { return true }
            return try board.overwrite(at: place, expecting: raw, with: raw)
        }
        guard done else {
            throw .machine(
                "the board does not hold the mask of \(row.identifier) at byte \(place)",
                hint: "the board was changed by someone else; see hive status"
            )
        }
    }

    /// The file that a generation's lines stand in, and where in it; nil where it is gone.
    private func file(of generation: Int64) throws(HiveError) -> (BoardFile, Position)? {
        guard generation != fold.position.generation else { return (board, fold.position) }
        let ledger = self.ledger
        let path = archives.board(of: generation)
        let rows = try HiveError.wrap { try ledger.generations() }
        guard let row = rows.first(where: { $0.generation == generation }),
            FileProbe.exists(path)
        else { return nil }
        var position = Position(boardID: fold.position.boardID, generation: generation, chain: [])
        position.lost = row.lost
        return (try HiveError.wrap { try BoardFile(path: path) }, position)
    }

    /// Masks what a crash left unmasked, each line in its generation's file.
    func maskAnew(_ rows: [QuarantineRow]) throws(HiveError) {
        for (generation, rows) in Dictionary(grouping: rows, by: \.boardGeneration) {
            guard let (board, position) = try file(of: generation) else { continue }
            try mask(rows.compactMap(PendingMask.init), on: board, position)
        }
    }

    /// The one entry whose id starts so.
    func entry(_ prefix: String) throws(HiveError) -> QuarantineRow {
        try HiveView(ledger: ledger).entry(prefix)
    }

    private func original(of row: QuarantineRow) throws(HiveError) -> [UInt8] {
        guard let entry = StoredEntry(json: row.entry), let raw = entry.raw else {
            throw .refused(
                "\(row.identifier) was too large to be copied: its bytes are only on the board",
                hint: "give the mended line with --line"
            )
        }
        if let decoded = entry.value["decoded"]?.stringValue { return Array(decoded.utf8) }
        return Array(LineTrim.content(of: raw))
    }
}

/// Takes what belongs to line ends off a line: a stray NUL in front, `\r` or `\r\0` behind.
enum LineTrim {
    static func content(of line: [UInt8]) -> ArraySlice<UInt8> {
        var content = line[...]
        if content.first == 0 { content.removeFirst() }
        if content.suffix(2).elementsEqual([0x0D, 0x00]) {
            content.removeLast(2)
        } else if content.last == 0x0D {
            content.removeLast()
        }
        return content
    }
}
