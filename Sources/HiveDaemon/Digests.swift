import Crypto
package import HiveSignal

/// The generation's own trace: what signals without `traceparent` speak in (SPEC §3).
package enum GenerationTrace {
    /// The first 16 bytes of SHA-256 of `hive-gen-N`.
    package static func of(_ generation: Int64) -> TraceID {
        of("hive-gen-\(generation)")
    }

    /// The first 16 bytes of SHA-256 of a name: the trace of what has none.
    static func of(_ name: String) -> TraceID {
        let digest = Array(SHA256.hash(data: Array(name.utf8)))
        return TraceID(high: word(digest[0..<8]), low: word(digest[8..<16]))
    }

    /// A span's id made from a name, never 0 (W3C Trace Context: `parent-id`).
    static func span(of name: String) -> UInt64 {
        max(1, word(Array(SHA256.hash(data: Array(name.utf8)))[0..<8]))
    }

    private static func word(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
}

/// The chain over all judged lines (SPEC §5): what was judged, in which order, with which verdict.
///
/// chain(0) = SHA-256(board id); chain(n) = SHA-256(chain(n−1) ‖ bytes of line n ‖ verdict byte),
/// the bytes without the LF, the verdict byte `A` or `Q` in ASCII. Blank lines are not in it.
package struct HashChain: Sendable, Hashable {
    /// 32 bytes.
    package private(set) var head: [UInt8]

    package init(boardID: String) {
        head = Array(SHA256.hash(data: Array(boardID.utf8)))
    }

    package init(head: [UInt8]) { self.head = head }

    /// 64 lower-case hex digits.
    package var hex: String { Hex.encode(head) }

    package mutating func add(_ line: UnsafeRawBufferPointer, accepted: Bool) {
        var hasher = begin()
        hasher.update(bufferPointer: line)
        finish(&hasher, accepted: accepted)
    }

    /// The hasher for a line that comes in pieces; end it with `finish`.
    func begin() -> SHA256 {
        var hasher = SHA256()
        head.withUnsafeBytes { hasher.update(bufferPointer: $0) }
        return hasher
    }

    mutating func finish(_ hasher: inout SHA256, accepted: Bool) {
        let verdict: UInt8 = accepted ? UInt8(ascii: "A") : UInt8(ascii: "Q")
        withUnsafeBytes(of: verdict) { hasher.update(bufferPointer: $0) }
        let digest = hasher.finalize()
        digest.withUnsafeBytes { bytes in
            head.withUnsafeMutableBytes { $0.copyMemory(from: bytes) }
        }
    }
}
