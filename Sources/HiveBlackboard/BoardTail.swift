package import HiveSignal

/// Follows the board from a saved position and hands out its whole lines.
///
/// It holds no file: each call is given the board to read from. Offsets are logical, those of the
/// generation's file as it was written; where bytes were taken out of the file, a byte stands
/// `shift` bytes before its logical offset. Owned by one thread.
package final class BoardTail {
    /// The bytes behind the last LF: a line whose writer has not ended it.
    package struct Torn: Sendable, Hashable {
        /// Where the line starts (logical).
        package var offset: Int64
        package var length: Int64
        /// When the line was first seen without its LF.
        package var since: ContinuousClock.Instant

        package init(offset: Int64, length: Int64, since: ContinuousClock.Instant) {
            self.offset = offset
            self.length = length
            self.since = since
        }
    }

    /// Why a batch ended.
    package enum Progress: Sendable, Hashable {
        /// A bound was reached; call again at once.
        case more
        /// No whole line is left.
        case caughtUp
        /// The file is shorter than what was already read of it: it was truncated. Find out what
        /// became of it, and start a new tail.
        case shrunk(size: Int64)
    }

    /// Bytes that were judged and are no longer in the file; see the type's description.
    package let shift: Int64
    /// The torn tail as of the last batch that caught up.
    package private(set) var torn: Torn?

    private let reader: LineReader

    /// A tail that begins behind the given bytes and lines.
    ///
    /// - Parameters:
    ///   - offset: the first byte to hand out (logical); a line's start.
    ///   - lines: the lines before it, blank ones counted.
    ///   - shift: what to take off a logical offset to get the place in the file.
    ///   - keptBytesMax: a longer line is handed out without its bytes.
    package init(
        offset: Int64 = 0,
        lines: Int64 = 0,
        shift: Int64 = 0,
        keptBytesMax: Int = LineFramer.keptBytesMax
    ) {
        self.shift = shift
        reader = LineReader(LineFramer(offset: offset, lines: lines, keptBytesMax: keptBytesMax))
    }

    /// Behind the last line handed out (logical).
    package var offset: Int64 { reader.framer.offset }

    /// The lines handed out and those before them.
    package var lines: Int64 { reader.framer.lines }

    /// Hands out the next whole lines, in order.
    ///
    /// - Parameters:
    ///   - board: the file to go on reading.
    ///   - now: for the age of a torn tail.
    ///   - linesMax: the most lines to hand out.
    ///   - bytesMax: no further line once this much of the file is handed out or dropped.
    ///   - body: gets each line and its bytes without LF, valid only inside; nil for a line too
    ///     long to keep (read it with `forEachChunk`).
    /// - Returns: why the batch ended.
    /// - Throws: `io` where reading fails: call again. What `body` throws ends the tail: start a
    ///   new one at the position that was saved.
    package func next(
        from board: BoardFile,
        now: ContinuousClock.Instant,
        linesMax: Int,
        bytesMax: Int,
        _ body: (FramedLine, UnsafeRawBufferPointer?) throws(BoardError) -> Void
    ) throws(BoardError) -> Progress {
        let bytesEnd = progressOffset + Int64(bytesMax)
        var linesLeft = linesMax
        while linesLeft > 0, progressOffset < bytesEnd {
            if let (line, bytes) = reader.next() {
                linesLeft -= 1
                try body(line, bytes)
                continue
            }
            let count = try reader.fill { buffer, offset throws(BoardError) in
                try board.read(at: offset - shift, into: buffer)
            }
            if count == 0 { return try atEnd(of: board, now: now) }
        }
        torn = nil
        return .more
    }

    /// Hands out the bytes of a line that was too long to keep, in bounded pieces.
    ///
    /// - Returns: the bytes handed out; fewer than `length` where the file ends before.
    @discardableResult
    package func forEachChunk(
        of board: BoardFile,
        offset: Int64,
        length: Int64,
        _ body: (UnsafeRawBufferPointer) throws(BoardError) -> Void
    ) throws(BoardError) -> Int64 {
        try board.forEachChunk(offset: offset - shift, length: length, body)
    }

    /// What is done with: handed out, or dropped from inside a giant line.
    private var progressOffset: Int64 { reader.framer.offset + reader.framer.discarded }

    private func atEnd(of board: BoardFile, now: ContinuousClock.Instant)
        throws(BoardError) -> Progress
    {
        let size = try board.size()
        guard size + shift >= reader.readOffset else { return .shrunk(size: size) }
        let length = reader.readOffset - offset
        if length == 0 {
            torn = nil
        } else {
            let since = torn?.offset == offset ? torn?.since : nil
            torn = Torn(offset: offset, length: length, since: since ?? now)
        }
        return .caughtUp
    }
}
