// The grammar of RFC 8259, byte by byte, for both of its readers: `SignalScanner`, which walks a
// line once and keeps slices, and `JSONValue`, which builds a tree.
//
// A function takes the index where its token starts and returns the index behind it, or a negative
// number: a `FrameFailure` packed by `JSONBytes.fail`. So there is no state to keep in memory, and
// everything travels in registers. Nothing reads at or beyond `count`.

/// Bytes that are to be read as JSON text.
///
/// Valid only as long as the buffer it was made from.
struct JSONBytes {
    let base: UnsafePointer<UInt8>
    let count: Int

    /// A negative index that says what failed, and where.
    @inline(__always)
    static func fail(_ fault: FrameFault, at position: Int) -> Int {
        ~(position << 4 | Int(fault.rawValue))
    }

    /// The failure in a negative index.
    static func failure(_ index: Int) -> FrameFailure {
        let fault = FrameFault(rawValue: UInt8(truncatingIfNeeded: ~index & 15)) ?? .syntax
        return FrameFailure(fault: fault, position: ~index >> 4)
    }

    /// The eight bytes at `index` as a little-endian word; there must be eight.
    @inline(__always)
    func word(at index: Int) -> UInt64 {
        UInt64(littleEndian: UnsafeRawPointer(base + index).loadUnaligned(as: UInt64.self))
    }

    /// The first index from `index` on that is no JSON white space (`count` where there is none).
    @inline(__always)
    func skipSpace(_ start: Int) -> Int {
        var index = start
        while index < count, base[index] <= 0x20, JSONBytes.isSpace(base[index]) { index &+= 1 }
        return index
    }

    @inline(__always)
    static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A
    }

    @inline(__always)
    static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    /// The index behind `true`, `false` or `null` at `index`.
    func literal(at index: Int) -> Int {
        switch base[index] {
        case UInt8(ascii: "t"): literal("true", at: index)
        case UInt8(ascii: "f"): literal("false", at: index)
        case UInt8(ascii: "n"): literal("null", at: index)
        default: JSONBytes.fail(.syntax, at: index)
        }
    }

    private func literal(_ word: StaticString, at index: Int) -> Int {
        for place in 0..<word.utf8CodeUnitCount {
            guard index &+ place < count, base[index &+ place] == word.utf8Start[place] else {
                return JSONBytes.fail(.syntax, at: index &+ place)
            }
        }
        return index &+ word.utf8CodeUnitCount
    }
}

// MARK: - Strings

/// Where a string ends.
struct StringSpan {
    /// The index of the closing quote, or a packed failure.
    var close: Int
    var isEscaped: Bool
}

extension JSONBytes {
    /// Reads the string whose opening quote is just before `start`.
    ///
    /// Checks escapes, surrogate pairs and UTF-8 (Unicode 15, table 3-7) on the way.
    @inline(__always)
    func string(from start: Int) -> StringSpan {
        var index = start
        while index &+ 16 <= count {
            // Both words at once and no branch between them: the lengths of short strings cannot
            // be predicted, and a wrong guess costs more than the second word.
            let low = JSONBytes.specials(in: word(at: index))
            let high = JSONBytes.specials(in: word(at: index &+ 8))
            if low | high != 0 {
                index &+=
                    low != 0 ? low.trailingZeroBitCount >> 3 : 8 &+ high.trailingZeroBitCount >> 3
                if base[index] == UInt8(ascii: "\"") {
                    return StringSpan(close: index, isEscaped: false)
                }
                break
            }
            index &+= 16
        }
        return stringRest(from: index)
    }

    /// The high bit of each byte that cannot be stepped over: `"`, `\`, a control, or not ASCII.
    ///
    /// A borrow can set bits above a true one, so only the lowest set bit is to be trusted.
    @inline(__always)
    static func specials(in word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quotes = (word ^ (ones &* 0x22)) &- ones
        let backslashes = (word ^ (ones &* 0x5C)) &- ones
        let controls = word &- (ones &* 0x20)
        return (quotes | backslashes | controls | word) & (ones &* 0x80)
    }

    /// The high bit of each `"`; only the lowest set bit is to be trusted.
    @inline(__always)
    static func quotes(in word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let distance = word ^ (ones &* 0x22)
        return (distance &- ones) & ~distance & (ones &* 0x80)
    }

    /// The rest of a string, from its first byte that is not plain, or its last few bytes.
    @inline(never)
    private func stringRest(from start: Int) -> StringSpan {
        var index = start
        var isEscaped = false
        while index < count {
            let byte = base[index]
            if byte == UInt8(ascii: "\"") {
                return StringSpan(close: index, isEscaped: isEscaped)
            }
            if byte == UInt8(ascii: "\\") {
                isEscaped = true
                index = escape(at: index)
            } else if byte >= 0x80 {
                let length = sequenceLength(at: index)
                index = length > 0 ? index &+ length : JSONBytes.fail(.invalidUTF8, at: index)
            } else if byte < 0x20 {
                index = JSONBytes.fail(.syntax, at: index)
            } else {
                index = skipPlain(from: index &+ 1)
            }
            if index < 0 { return StringSpan(close: index, isEscaped: isEscaped) }
        }
        return StringSpan(close: JSONBytes.fail(.syntax, at: count), isEscaped: isEscaped)
    }

    /// Steps over whole words of plain bytes, to the first special one.
    @inline(__always)
    private func skipPlain(from start: Int) -> Int {
        var index = start
        while index &+ 8 <= count {
            let marks = JSONBytes.specials(in: word(at: index))
            if marks != 0 { return index &+ marks.trailingZeroBitCount >> 3 }
            index &+= 8
        }
        return index
    }

    /// The index behind the escape (or the pair of escapes of a surrogate pair) at `index`.
    func escape(at index: Int) -> Int {
        guard index &+ 1 < count else { return JSONBytes.fail(.syntax, at: count) }
        switch base[index &+ 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
            UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return index &+ 2
        case UInt8(ascii: "u"):
            let unit = hexUnit(at: index &+ 2)
            if unit < 0 { return JSONBytes.fail(.syntax, at: index) }
            if unit & 0xF800 != 0xD800 { return index &+ 6 }
            guard unit < 0xDC00, isLowSurrogate(at: index &+ 6) else {
                return JSONBytes.fail(.loneSurrogate, at: index)
            }
            return index &+ 12
        default:
            return JSONBytes.fail(.syntax, at: index)
        }
    }

    private func isLowSurrogate(at index: Int) -> Bool {
        guard index &+ 6 <= count, base[index] == UInt8(ascii: "\\"),
            base[index &+ 1] == UInt8(ascii: "u")
        else { return false }
        return hexUnit(at: index &+ 2) & ~0x3FF == 0xDC00
    }

    /// The value of four hex digits at `index`; negative where there are not four.
    func hexUnit(at index: Int) -> Int {
        guard index &+ 4 <= count else { return -1 }
        var unit = 0
        for place in 0..<4 {
            guard let digit = Hex.value(of: base[index &+ place]) else { return -1 }
            unit = unit << 4 | Int(digit)
        }
        return unit
    }

    /// The length of the well-formed UTF-8 sequence at `index`, 1…4; 0 where it is ill-formed.
    @inline(__always)
    func sequenceLength(at index: Int) -> Int {
        let lead = base[index]
        if lead < 0x80 { return 1 }
        let left = count &- index
        guard lead >= 0xC2, left >= 2 else { return 0 }
        let second = base[index &+ 1]
        if lead < 0xE0 { return second & 0xC0 == 0x80 ? 2 : 0 }
        if lead < 0xF0 {
            let low: UInt8 = lead == 0xE0 ? 0xA0 : 0x80
            let high: UInt8 = lead == 0xED ? 0x9F : 0xBF
            guard second >= low, second <= high, left >= 3 else { return 0 }
            return base[index &+ 2] & 0xC0 == 0x80 ? 3 : 0
        }
        let low: UInt8 = lead == 0xF0 ? 0x90 : 0x80
        let high: UInt8 = lead == 0xF4 ? 0x8F : 0xBF
        guard lead <= 0xF4, second >= low, second <= high, left >= 4 else { return 0 }
        return base[index &+ 2] & 0xC0 == 0x80 && base[index &+ 3] & 0xC0 == 0x80 ? 4 : 0
    }
}
