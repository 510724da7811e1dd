/// One physical line: everything behind the LF before it, up to and without its own LF.
package struct FramedLine: Sendable, Hashable {
    /// Where it starts in the file, in bytes.
    package var offset: Int64
    /// Its bytes, without the LF.
    package var length: Int64
    /// Its number in the file, from 1; blank lines count.
    package var number: Int64
    /// Where it starts in the buffer passed; nil where it is longer than
    /// `LineFramer.keptBytesMax`, and its bytes may be gone.
    package var start: Int?

    package init(offset: Int64, length: Int64, number: Int64, start: Int?) {
        self.offset = offset
        self.length = length
        self.number = number
        self.start = start
    }
}

/// Cuts a growing file into lines, whatever the pieces it is read in.
///
/// Pure: the caller reads. The contract: it keeps a buffer of the file's bytes from
/// `offset + discarded` on, and calls `next(in:)` until that says `.incomplete`.
/// - `.line(line, consumed)`: the line's bytes are `buffer[line.start ..< line.start + length]`.
///   Before the next call the first `consumed` bytes (line and LF) are to be dropped.
/// - `.incomplete(discard)`: no whole line is left. The first `discard` bytes are to be dropped
///   (it is 0 but for a line over the limit), the rest is to be kept, and what the file has
///   next is to be appended behind it before the next call.
///
/// The framer remembers how far a torn tail was searched, so that a line which comes a byte at a
/// time is searched once. It holds a number for a line too long to keep, and none of its bytes.
package struct LineFramer: Sendable, Hashable {
    /// F1 (SPEC §1): a longer line is judged oversize.
    package static let lineBytesMax = 1 << 20
    /// A line longer than this is not kept in memory.
    package static let keptBytesMax = 16 << 20

    /// What a look at the buffer gave.
    package enum Step: Sendable, Hashable {
        /// A whole line; `consumed` counts its LF and, for a line not kept, what is left of it.
        case line(FramedLine, consumed: Int)
        /// No LF yet; `discard` bytes at the start of the buffer need not be kept.
        case incomplete(discard: Int)
    }

    /// The first byte of the file that is not yet in a whole line.
    package private(set) var offset: Int64
    /// How many whole lines came before `offset`.
    package private(set) var lines: Int64
    /// The bytes from `offset` on that the caller was told to drop: 0 but inside a giant line.
    package private(set) var discarded: Int64 = 0
    /// The bytes from `offset` on that are known to hold no LF; never less than `discarded`.
    private var searched: Int64 = 0
    private let keptBytesMax: Int64

    /// A framer for a file whose first `offset` bytes are `lines` whole lines.
    ///
    /// - Parameters:
    ///   - offset: where to begin; the byte before it, if any, is an LF.
    ///   - lines: how many lines lie before `offset`.
    ///   - keptBytesMax: the longest line whose bytes are kept.
    package init(
        offset: Int64 = 0,
        lines: Int64 = 0,
        keptBytesMax: Int = LineFramer.keptBytesMax
    ) {
        self.offset = offset
        self.lines = lines
        self.keptBytesMax = Int64(keptBytesMax)
    }

    /// The next whole line in the file's bytes from `offset + discarded` on.
    package mutating func next(in buffer: UnsafeRawBufferPointer) -> Step {
        let known = Int(truncatingIfNeeded: searched &- discarded)
        guard let lineFeed = LineFramer.firstLineFeed(in: buffer, from: known) else {
            searched = discarded &+ Int64(buffer.count)
            guard searched > keptBytesMax else { return .incomplete(discard: 0) }
            discarded = searched
            return .incomplete(discard: buffer.count)
        }
        let line = framed(length: discarded &+ Int64(lineFeed))
        advance(past: line.length &+ 1)
        return .line(line, consumed: lineFeed &+ 1)
    }

    /// The last line, which has no LF, for a file that will not grow; nil where there is none.
    ///
    /// To be called after `next(in:)` said `.incomplete`, with what is left of the buffer.
    package mutating func finish(in buffer: UnsafeRawBufferPointer) -> FramedLine? {
        let length = discarded &+ Int64(buffer.count)
        guard length > 0 else { return nil }
        let line = framed(length: length)
        advance(past: length)
        return line
    }

    private func framed(length: Int64) -> FramedLine {
        let isKept = length <= keptBytesMax
        return FramedLine(
            offset: offset,
            length: length,
            number: lines &+ 1,
            start: isKept ? 0 : nil
        )
    }

    private mutating func advance(past bytes: Int64) {
        offset &+= bytes
        lines &+= 1
        discarded = 0
        searched = 0
    }
}

// MARK: - Searching

extension LineFramer {
    /// The index of the first LF at or behind `start`, or nil.
    package static func firstLineFeed(
        in buffer: UnsafeRawBufferPointer,
        from start: Int
    ) -> Int? {
        guard let base = buffer.baseAddress else { return nil }
        let count = buffer.count
        var index = start
        while index &+ 32 <= count {
            let first = marks(base, index) | marks(base, index &+ 8)
            let second = marks(base, index &+ 16) | marks(base, index &+ 24)
            if first | second != 0 { break }
            index &+= 32
        }
        while index &+ 8 <= count {
            let marks = marks(base, index)
            if marks != 0 { return index &+ marks.trailingZeroBitCount >> 3 }
            index &+= 8
        }
        while index < count {
            if base.load(fromByteOffset: index, as: UInt8.self) == 0x0A { return index }
            index &+= 1
        }
        return nil
    }

    /// The high bit of each LF among the eight bytes at `index`.
    ///
    /// The lowest is exact; a borrow may set others above it. Plain words do as well here as SIMD
    /// types, whose operators the optimizer does not always see through.
    @inline(__always)
    private static func marks(_ base: UnsafeRawPointer, _ index: Int) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let word = UInt64(littleEndian: (base + index).loadUnaligned(as: UInt64.self))
        let distance = word ^ (ones &* 0x0A)
        return (distance &- ones) & ~distance & (ones &* 0x80)
    }
}
