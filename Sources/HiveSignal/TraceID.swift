/// A W3C Trace Context trace-id: 16 bytes, not all zero.
package struct TraceID: Sendable, Hashable, Comparable {
    /// Bytes 0…7, big-endian.
    package let high: UInt64
    /// Bytes 8…15, big-endian.
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The all-zero id, which is not a valid trace (W3C Trace Context §3.2.2.3).
    package static let zero = TraceID(high: 0, low: 0)

    package var isZero: Bool { high == 0 && low == 0 }

    /// From 32 lower-case hex digits; nil for anything else.
    package init?(hex: String) {
        var digits = hex.utf8.makeIterator()
        guard hex.utf8.count == 32, let high = Self.word(&digits), let low = Self.word(&digits)
        else { return nil }
        self.init(high: high, low: low)
    }

    /// 32 lower-case hex digits.
    package var hex: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32)
        for word in [high, low] {
            for shift in stride(from: 60, through: 0, by: -4) {
                let digit = UInt8(truncatingIfNeeded: word >> UInt64(shift)) & 15
                bytes.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    package static func < (left: TraceID, right: TraceID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }

    private static func word(_ digits: inout String.UTF8View.Iterator) -> UInt64? {
        var word: UInt64 = 0
        for _ in 0..<16 {
            switch digits.next() {
            case .some(let byte) where byte >= 0x30 && byte <= 0x39:
                word = word << 4 | UInt64(byte - 0x30)
            case .some(let byte) where byte >= 0x61 && byte <= 0x66:
                word = word << 4 | UInt64(byte - 0x57)
            default: return nil
            }
        }
        return word
    }
}
