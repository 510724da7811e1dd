internal import Glibc

/// Splits what a client sends into lines; one that is too long is told of and not kept.
struct InputLines {
    /// The longest message, in bytes without its LF.
    static let lineBytesMax = 4 << 20

    enum Line: Sendable, Hashable {
        case whole([UInt8])
        /// A line longer than `bytesMax`, told as soon as it is known; the rest of it is skipped.
        case oversize
    }

    private let bytesMax: Int
    private var bytes: [UInt8] = []
    private var isSkipping = false

    init(bytesMax: Int = lineBytesMax) { self.bytesMax = bytesMax }

    /// Takes a piece; any split of the bytes gives the same lines.
    mutating func append(_ piece: UnsafeRawBufferPointer, _ take: (Line) -> Void) {
        var rest = piece[...]
        while let base = rest.base.baseAddress, !rest.isEmpty,
            let found = memchr(base + rest.startIndex, Int32(UInt8(ascii: "\n")), rest.count)
        {
            let end = UnsafeRawPointer(found) - base
            keep(UnsafeRawBufferPointer(rebasing: rest[..<end]), take)
            rest = rest[(end + 1)...]
            finish(take)
        }
        keep(UnsafeRawBufferPointer(rebasing: rest), take)
    }

    /// The input has ended, perhaps without an LF.
    mutating func finish(_ take: (Line) -> Void) {
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        // Blank lines are no messages.
        let isBlank = bytes.allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        if !isSkipping && !isBlank { take(.whole(bytes)) }
        // A long message's room is not held for the short ones that follow.
        bytes = []
        isSkipping = false
    }

    private mutating func keep(_ piece: UnsafeRawBufferPointer, _ take: (Line) -> Void) {
        guard !isSkipping else { return }
        guard bytes.count + piece.count <= bytesMax else {
            bytes = []
            isSkipping = true
            return take(.oversize)
        }
        bytes.append(contentsOf: piece)
    }
}
