/// A generation that ended: what its archive holds, as far as it is judged.
package struct GenerationRow: Sendable, Hashable {
    package var generation: Int64
    /// The generation that came after it.
    package var next: Int64
    /// The last sequence of the generations before it.
    package var start: Int64
    package var summary: String
    /// True where a person ended it with cycles open.
    package var isForced: Bool
    /// Unix milliseconds.
    package var endedMilliseconds: Int64
    /// The last sequence before it ended.
    package var sequence: Int64
    /// Bytes judged of its file when it ended; what is judged behind them came late.
    package var flippedAt: Int64
    /// Bytes judged of its file, late ones counted.
    package var offset: Int64
    package var lines: Int64
    package var accepted: Int64
    package var quarantined: Int64
    package var blank: Int64
    /// Late lines of the next generation, which stand on its board instead.
    package var copied: Int64
    /// The chain's head behind the last judged line, 32 bytes.
    package var chain: [UInt8]
    /// Judged bytes that are not in its file; see `Position.lost`.
    package var lost: [LostSpan]

    /// The end of the generation that `position` is in.
    package init(
        ending position: Position,
        next: Int64,
        summary: String,
        isForced: Bool,
        milliseconds: Int64
    ) {
        generation = position.generation
        self.next = next
        start = position.generationStart
        self.summary = summary
        self.isForced = isForced
        endedMilliseconds = milliseconds
        sequence = position.sequence
        flippedAt = position.offset
        offset = position.offset
        lines = position.lines
        accepted = position.accepted
        quarantined = position.quarantined
        blank = position.blank
        copied = 0
        chain = position.chain
        lost = position.lost
    }
}

/// A late line of an archive that belongs on the board, until it stands there.
package struct CopyRow: Sendable, Hashable {
    /// The archive's generation.
    package var generation: Int64
    /// Where the line stands in the archive.
    package var offset: Int64
    /// The board's length before the line was appended to it: it is looked for behind.
    package var boardBytes: Int64
    /// The line, without its LF.
    package var raw: [UInt8]

    package init(generation: Int64, offset: Int64, boardBytes: Int64, raw: [UInt8]) {
        self.generation = generation
        self.offset = offset
        self.boardBytes = boardBytes
        self.raw = raw
    }
}
