// gzip (RFC 1952) by hand: zlib is no module that Swift imports here. What is to be read is stored
// uncompressed; the bomb is one dynamic block (RFC 1951 §3.2.7) whose every two zero bits stand
// for 258 blanks.

/// Answers in gzip.
enum Gzip {
    private static let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF]
    /// The most bytes that a stored block holds.
    private static let storedBytesMax = 65_535

    /// The same pieces as gzip; each can be read as soon as it has come.
    static func stored(_ pieces: BytePieces) -> BytePieces {
        var result = BytePieces([header])
        var check = CRC32()
        var size = 0
        for case .bytes(let bytes) in pieces.pieces {
            check.add(bytes)
            size += bytes.count
            var blocks: [UInt8] = []
            for start in stride(from: 0, to: bytes.count, by: storedBytesMax) {
                blocks += block(bytes[start..<min(start + storedBytesMax, bytes.count)])
            }
            result.append(.bytes(blocks))
        }
        result.append(.bytes([1, 0, 0, 0xFF, 0xFF] + trailer(check, size)))
        return result
    }

    /// A stored block that is not the last.
    private static func block(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        let length = UInt16(bytes.count)
        return [0] + littleEndian(length) + littleEndian(~length) + bytes
    }

    private static func trailer(_ check: CRC32, _ size: Int) -> [UInt8] {
        littleEndian(check.value) + littleEndian(UInt32(truncatingIfNeeded: size))
    }

    private static func littleEndian<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
        (0..<Value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    // MARK: The bomb

    /// The longest match there is.
    private static let matchBytes = 258
    /// What it takes: a code for its length, one for its distance, both `0`.
    private static let matchBits = 2

    /// A gzip stream that becomes exactly so many blanks, a thousandth of their size.
    static func bomb(of count: Int) -> BytePieces {
        let blank = UInt8(ascii: " ")
        // The first blank is written out: matches copy what is there.
        let matches = max(0, count - 1) / matchBytes
        let literals = max(0, count) - matches * matchBytes
        var bits = BitWriter()
        writeTables(&bits)
        if count > 0 { bits.append(code: 0b10, length: 2) }
        // All matches together are zero bits: most of them are whole bytes, and so a run.
        var zeros = matches * matchBits
        while zeros > 0, !bits.isAligned {
            bits.append(code: 0, length: 1)
            zeros -= 1
        }
        var result = BytePieces([header])
        if bits.isAligned {
            result.append(.bytes(bits.bytes))
            result.append(.run([0], count: zeros / 8))
            bits = BitWriter()
            bits.append(code: 0, length: zeros % 8)
        }
        for _ in 1..<max(literals, 1) { bits.append(code: 0b10, length: 2) }
        bits.append(code: 0b11, length: 2)
        var check = CRC32()
        check.addRun(of: blank, count: count)
        result.append(.bytes(bits.bytes + trailer(check, count)))
        return result
    }

    /// The head of a last, dynamic block whose codes are `0` for a match of 258 bytes, `10` for a
    /// blank and `11` for the end, and `0` for the distance 1.
    private static func writeTables(_ bits: inout BitWriter) {
        bits.append(number: 1, width: 1)
        bits.append(number: 2, width: 2)
        bits.append(number: 286 - 257, width: 5)
        bits.append(number: 1 - 1, width: 5)
        bits.append(number: 18 - 4, width: 4)
        // The lengths of the codes for lengths, in the order of RFC 1951: 1 for a run of zeros
        // (18), 2 for the lengths 2 and 1.
        for length in [0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 2] {
            bits.append(number: length, width: 3)
        }
        func zeros(_ count: Int) {
            bits.append(code: 0b0, length: 1)
            bits.append(number: count - 11, width: 7)
        }
        func length(_ length: Int) { bits.append(code: length == 1 ? 0b10 : 0b11, length: 2) }
        zeros(32)
        length(2)  // Symbol 32: a blank.
        zeros(138)
        zeros(85)
        length(2)  // Symbol 256: the end.
        zeros(28)
        length(1)  // Symbol 285: 258 bytes.
        length(1)  // Distance symbol 0: 1.
    }
}

/// Bits in the order of RFC 1951 §3.1.1: numbers from their lowest bit, codes from their highest.
private struct BitWriter {
    private(set) var bytes: [UInt8] = []
    private var used = 8

    var isAligned: Bool { used == 8 }

    mutating func append(number: Int, width: Int) {
        for place in 0..<width { append(number >> place & 1) }
    }

    mutating func append(code: Int, length: Int) {
        for place in (0..<length).reversed() { append(code >> place & 1) }
    }

    private mutating func append(_ bit: Int) {
        if used == 8 {
            bytes.append(0)
            used = 0
        }
        bytes[bytes.count - 1] |= UInt8(bit) << used
        used += 1
    }
}

extension EndpointAnswer {
    /// Makes the body gzip, unless it is so already, or too long to be worth it.
    mutating func compress() {
        let hasRun = body.pieces.contains { if case .run = $0 { true } else { false } }
        let isEncoded = headers.contains { $0.name == "content-encoding" }
        guard hasStatus, !hasRun, !isEncoded, !body.isEmpty else { return }
        body = Gzip.stored(body)
        headers.append(("content-encoding", "gzip"))
    }
}
