internal import Glibc

/// The bounds of the control protocol.
package enum ControlLimits {
    /// The longest message, in bytes without its LF: 32 MiB, so that two lines of the longest kind
    /// that quarantine keeps (16 MiB) fit.
    package static let messageBytesMax = 32 << 20
    /// Bytes asked of a socket at a time.
    package static let readBytes = 64 << 10
}

/// Splits a stream of bytes into messages, one a line; any split of the bytes gives the same ones.
///
/// Memory stays bounded: append what one read gave, then take messages until nil, and no more
/// than `messageBytesMax` and one read are ever held.
package struct LineBuffer: Sendable {
    private static let lineFeed: UInt8 = 0x0A
    private static let carriageReturn: UInt8 = 0x0D

    private let messageBytesMax: Int
    private var bytes: [UInt8] = []
    /// The first byte not yet given out.
    private var start = 0
    /// No LF stands in `start..<searched`: a long message is searched once, however it arrives.
    private var searched = 0

    package init(messageBytesMax: Int = ControlLimits.messageBytesMax) {
        self.messageBytesMax = messageBytesMax
    }

    /// Bytes of a message whose LF has not come yet.
    package var pendingBytes: Int { bytes.count - start }

    package mutating func append(_ chunk: UnsafeRawBufferPointer) {
        dropConsumed()
        bytes.append(contentsOf: chunk)
    }

    package mutating func append(_ chunk: [UInt8]) {
        dropConsumed()
        bytes.append(contentsOf: chunk)
    }

    /// The next whole message, without its LF or CRLF; nil where it has not come yet.
    ///
    /// Empty lines are passed over.
    ///
    /// - Throws: `.parseError` once a message is longer than the bound. The stream cannot be
    ///   trusted after that: close it.
    package mutating func next() throws(ControlError) -> [UInt8]? {
        while let end = findLineFeed() {
            var message = bytes[start..<end]
            start = end + 1
            searched = start
            if message.last == Self.carriageReturn { message.removeLast() }
            if message.count > messageBytesMax { throw oversize }
            if !message.isEmpty { return Array(message) }
        }
        if pendingBytes > messageBytesMax { throw oversize }
        return nil
    }

    /// What is left when the stream has ended: a last message without LF, or nil.
    package mutating func finish() -> [UInt8]? {
        defer { self = LineBuffer(messageBytesMax: messageBytesMax) }
        return pendingBytes == 0 ? nil : Array(bytes[start...])
    }

    private var oversize: ControlError {
        ControlError(
            .parseError,
            "a message is longer than \(messageBytesMax) bytes",
            hint: "send fewer lines in one call"
        )
    }

    private mutating func findLineFeed() -> Int? {
        let from = searched
        searched = bytes.count
        return bytes.withUnsafeBytes { raw -> Int? in
            guard let base = raw.baseAddress, from < raw.count else { return nil }
            guard let found = memchr(base + from, Int32(Self.lineFeed), raw.count - from)
            else { return nil }
            return UnsafeRawPointer(found) - base
        }
    }

    /// Moves the rest to the front, at most once for each append.
    private mutating func dropConsumed() {
        guard start > 0 else { return }
        bytes.removeSubrange(..<start)
        searched -= start
        start = 0
    }
}
