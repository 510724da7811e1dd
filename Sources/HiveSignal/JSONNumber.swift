/// A JSON number as it was read: RFC 8259 §6.
struct JSONNumber {
    /// The index behind it, or a packed failure.
    var end: Int
    /// The digits as one integer, as far as `digits` ≤ 19; otherwise meaningless.
    var mantissa: UInt64 = 0
    /// How many digits there are before the exponent.
    var digits = 0
    /// The power of ten that `mantissa` is to be multiplied by.
    var exponent = 0
    var isNegative = false
    /// No fraction and no exponent.
    var isInteger = true

    /// Its value, saturated; meaningful only where `isInteger`.
    var integer: Int64 {
        let limit = UInt64(Int64.max)
        if digits > JSONNumber.digitsMax || mantissa > limit {
            return isNegative ? Int64.min : Int64.max
        }
        return isNegative ? 0 &- Int64(mantissa) : Int64(mantissa)
    }

    /// True where `integer` is the number itself and not the nearest Int64.
    var fitsInteger: Bool {
        isInteger && digits <= JSONNumber.digitsMax
            && mantissa <= UInt64(Int64.max) + (isNegative ? 1 : 0)
    }

    /// More digits than a UInt64 is sure to hold are not kept.
    static let digitsMax = 19
    /// Exponents beyond it are cut to it: they cannot matter, and a sum of two must not overflow.
    static let exponentMax = 1_000_000
}

extension JSONBytes {
    /// Reads the number at `start`.
    func number(at start: Int) -> JSONNumber {
        var number = JSONNumber(end: start)
        var index = start
        if base[index] == UInt8(ascii: "-") {
            number.isNegative = true
            index &+= 1
        }
        guard index < count, JSONBytes.isDigit(base[index]) else {
            return JSONNumber(end: JSONBytes.fail(.syntax, at: index))
        }
        let whole = index
        index = digits(from: index, into: &number.mantissa)
        number.digits = index &- whole
        if base[whole] == UInt8(ascii: "0"), number.digits > 1 {
            return JSONNumber(end: JSONBytes.fail(.syntax, at: whole &+ 1))
        }
        if index < count, base[index] == UInt8(ascii: ".") {
            let fraction = index &+ 1
            index = digits(from: fraction, into: &number.mantissa)
            if index == fraction { return JSONNumber(end: JSONBytes.fail(.syntax, at: index)) }
            number.digits &+= index &- fraction
            number.exponent = fraction &- index
            number.isInteger = false
        }
        number.end = index
        if index < count, base[index] | 0x20 == UInt8(ascii: "e") { readExponent(of: &number) }
        return number
    }

    @inline(__always)
    private func digits(from start: Int, into mantissa: inout UInt64) -> Int {
        var index = start
        while index < count, JSONBytes.isDigit(base[index]) {
            mantissa = mantissa &* 10 &+ UInt64(base[index] &- 0x30)
            index &+= 1
        }
        return index
    }

    private func readExponent(of number: inout JSONNumber) {
        number.isInteger = false
        var index = number.end &+ 1
        var isNegative = false
        if index < count, base[index] == UInt8(ascii: "-") || base[index] == UInt8(ascii: "+") {
            isNegative = base[index] == UInt8(ascii: "-")
            index &+= 1
        }
        let first = index
        var exponent = 0
        while index < count, JSONBytes.isDigit(base[index]) {
            exponent = min(exponent &* 10 &+ Int(base[index] &- 0x30), JSONNumber.exponentMax)
            index &+= 1
        }
        number.exponent &+= isNegative ? 0 &- exponent : exponent
        number.end = index == first ? JSONBytes.fail(.syntax, at: index) : index
    }

    /// The double nearest to a number that starts at `start`; infinite where it is out of range.
    @inline(__always)
    func double(of number: JSONNumber, at start: Int) -> Double {
        // Both factors are exact doubles, so one rounding gives the nearest (Clinger 1990).
        if number.digits <= JSONNumber.digitsMax, number.mantissa <= 1 << 53, number.exponent <= 0,
            number.exponent >= -15
        {
            let magnitude = Double(number.mantissa) / JSONBytes.powerOfTen(0 &- number.exponent)
            return number.isNegative ? -magnitude : magnitude
        }
        return slowDouble(start..<number.end)
    }

    /// 10^n, exact, for 0 ≤ n ≤ 15.
    @inline(__always)
    private static func powerOfTen(_ n: Int) -> Double {
        var power: UInt64 = 1
        var left = n
        while left > 0 {
            power = power &* 10
            left &-= 1
        }
        return Double(power)
    }

    @inline(never)
    private func slowDouble(_ range: Range<Int>) -> Double {
        let bytes = UnsafeBufferPointer(start: base + range.lowerBound, count: range.count)
        return Double(String(decoding: bytes, as: UTF8.self)) ?? .nan
    }
}

extension JSONBytes {
    /// True where a number lies below 0 or above 1, and only its nearest double does not:
    /// `-1e-400` and `1.0000000000000001`.
    func leavesUnit(_ number: JSONNumber, at start: Int, nearest value: Double) -> Bool {
        guard value == 0 && number.isNegative || value == 1 else { return false }
        // Significant digits, and whether one behind the first is not 0.
        var digits = 0
        var hasMore = false
        for index in start..<number.end {
            if base[index] | 0x20 == UInt8(ascii: "e") { break }
            guard JSONBytes.isDigit(base[index]) else { continue }
            guard digits > 0 || base[index] != UInt8(ascii: "0") else { continue }
            hasMore = hasMore || digits > 0 && base[index] != UInt8(ascii: "0")
            digits += 1
        }
        return value == 0 ? digits > 0 : digits + number.exponent > 0 && hasMore
    }
}

// MARK: - Short numbers

/// The usual numbers of a signal, read from one word without a loop.
///
/// Each function has nothing to say (nil) about a number that is longer, unusual or wrong, or too
/// near the end of the text; `number(at:)` does.
extension JSONBytes {
    /// A JSON integer without a sign, of one to seven digits.
    @inline(__always)
    func shortInteger(at index: Int) -> (value: Int64, length: Int)? {
        guard index &+ 8 <= count else { return nil }
        let values = word(at: index) ^ JSONBytes.digitZeros
        let length = JSONBytes.nonDigits(in: values).trailingZeroBitCount >> 3
        guard length &- 1 < 7, length > 0, endsNumber(at: index &+ length),
            values & 0xFF != 0 || length == 1
        else { return nil }
        let digits = values &<< UInt64(truncatingIfNeeded: 64 &- length &* 8)
        return (Int64(truncatingIfNeeded: JSONBytes.decimal(digits)), length)
    }

    /// A JSON number of one digit, a point, and one to five digits.
    @inline(__always)
    func shortFraction(at index: Int) -> (value: Double, length: Int)? {
        guard index &+ 8 <= count, base[index &+ 1] == UInt8(ascii: ".") else { return nil }
        let values = word(at: index) ^ JSONBytes.digitZeros
        // The point is no digit: look behind it.
        let length = JSONBytes.nonDigits(in: values & ~0xFF00).trailingZeroBitCount >> 3
        guard length > 2, length < 8, endsNumber(at: index &+ length),
            JSONBytes.isDigit(base[index])
        else { return nil }
        let kept = values & ~(~0 &<< UInt64(truncatingIfNeeded: length &* 8))
        // Leave the point out, and read d.fffff as dffffff millionths: one exact division.
        let digits = (kept & 0xFF) &<< 8 | kept & ~0xFFFF
        return (Double(JSONBytes.decimal(digits)) / 1_000_000, length)
    }

    private static let digitZeros: UInt64 = 0x3030_3030_3030_3030

    /// The high bit of each byte above 9; the lowest set one is exact.
    @inline(__always)
    private static func nonDigits(in values: UInt64) -> UInt64 {
        ((values &+ 0x7676_7676_7676_7676) | values) & 0x8080_8080_8080_8080
    }

    /// The number that eight bytes of 0…9 spell, the first one lowest.
    @inline(__always)
    private static func decimal(_ digits: UInt64) -> UInt64 {
        let pairs = digits &* 10 &+ digits &>> 8
        let even = (pairs & 0x0000_00FF_0000_00FF) &* 0x000F_4240_0000_0064
        let odd = (pairs &>> 16 & 0x0000_00FF_0000_00FF) &* 0x0000_2710_0000_0001
        return (even &+ odd) &>> 32
    }

    @inline(__always)
    private func endsNumber(at index: Int) -> Bool {
        base[index] == UInt8(ascii: ",") || base[index] == UInt8(ascii: "}")
    }
}
