extension JSONBytes {
    /// The text between a string's quotes, which `string(from:)` has accepted.
    func decodedString(_ range: Range<Int>, isEscaped: Bool) -> String {
        guard isEscaped else {
            let bytes = UnsafeBufferPointer(start: base + range.lowerBound, count: range.count)
            return String(decoding: bytes, as: UTF8.self)
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(range.count)
        decode(range, into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the UTF-8 of the text between a string's quotes, which `string(from:)` has accepted.
    func decode(_ range: Range<Int>, into bytes: inout [UInt8]) {
        var index = range.lowerBound
        while index < range.upperBound {
            guard base[index] == UInt8(ascii: "\\") else {
                bytes.append(base[index])
                index &+= 1
                continue
            }
            let (scalar, length) = escapedScalar(at: index)
            appendUTF8(of: scalar, to: &bytes)
            index &+= length
        }
    }

    /// The character that the escape at `index` stands for, and the bytes the escape takes.
    ///
    /// The escape must have been accepted by `escape(at:)`.
    func escapedScalar(at index: Int) -> (scalar: UInt32, length: Int) {
        let letter = base[index &+ 1]
        switch letter {
        case UInt8(ascii: "b"): return (0x08, 2)
        case UInt8(ascii: "f"): return (0x0C, 2)
        case UInt8(ascii: "n"): return (0x0A, 2)
        case UInt8(ascii: "r"): return (0x0D, 2)
        case UInt8(ascii: "t"): return (0x09, 2)
        case UInt8(ascii: "u"): break
        default: return (UInt32(letter), 2)
        }
        let unit = UInt32(truncatingIfNeeded: hexUnit(at: index &+ 2))
        guard unit & 0xFC00 == 0xD800 else { return (unit, 6) }
        let low = UInt32(truncatingIfNeeded: hexUnit(at: index &+ 8))
        return (0x10000 + ((unit & 0x3FF) << 10 | low & 0x3FF), 12)
    }

    private func appendUTF8(of scalar: UInt32, to bytes: inout [UInt8]) {
        func append(_ value: UInt32) { bytes.append(UInt8(truncatingIfNeeded: value)) }
        switch scalar {
        case ..<0x80:
            append(scalar)
        case ..<0x800:
            append(0xC0 | scalar >> 6)
            append(0x80 | scalar & 0x3F)
        case ..<0x10000:
            append(0xE0 | scalar >> 12)
            append(0x80 | scalar >> 6 & 0x3F)
            append(0x80 | scalar & 0x3F)
        default:
            append(0xF0 | scalar >> 18)
            append(0x80 | scalar >> 12 & 0x3F)
            append(0x80 | scalar >> 6 & 0x3F)
            append(0x80 | scalar & 0x3F)
        }
    }
}
