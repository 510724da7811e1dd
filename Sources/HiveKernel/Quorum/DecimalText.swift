/// A number as people write it, by its value.
///
/// `4`, `4.0`, `+4`, `$4`, `1,000`, `2.5e3`: a sign, an amount's currency sign, digits in threes or
/// without commas, a point, an exponent. Nothing is guessed about other countries' commas: `1,5` is
/// no number.
struct DecimalText {
    /// `-12.5`: no leading and no trailing zeros, no sign on zero.
    let canonical: String

    /// More digits than anybody answers with: such a text is compared as text.
    static let digitsMax = 64
    /// Larger exponents are compared as text.
    static let exponentMax = 64

    private static let currencies: Set<Character> = ["$", "€", "£", "¥"]

    /// Nil for a text that is no number.
    init?(_ text: String) {
        guard text.utf8.count <= 2 * Self.digitsMax else { return nil }
        var rest = text[...]
        var isNegative = false
        var hasSign = false
        var hasCurrency = false
        while let first = rest.first {
            if !hasSign, first == "-" || first == "+" || first == "\u{2212}" {
                hasSign = true
                isNegative = first != "+"
            } else if !hasCurrency, Self.currencies.contains(first) {
                hasCurrency = true
            } else {
                break
            }
            rest = rest.dropFirst()
        }
        guard let exponent = Self.takeExponent(&rest) else { return nil }
        let parts = rest.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = Self.whole(parts.first ?? "") else { return nil }
        let fraction = parts.count > 1 ? parts[1] : ""
        guard fraction.utf8.allSatisfy(Self.isDigit), !(whole.isEmpty && fraction.isEmpty),
            whole.count + fraction.count <= Self.digitsMax
        else { return nil }
        canonical = Self.canonical(
            digits: Array(whole.utf8) + Array(fraction.utf8),
            point: whole.count + exponent,
            isNegative: isNegative
        )
    }

    /// Cuts `e3` off the end; 0 where there is none, nil for one that makes no sense.
    private static func takeExponent(_ rest: inout Substring) -> Int? {
        guard let mark = rest.firstIndex(where: { $0 == "e" || $0 == "E" }) else { return 0 }
        let text = rest[rest.index(after: mark)...]
        guard let exponent = Int(text), (-exponentMax...exponentMax).contains(exponent) else {
            return nil
        }
        rest = rest[..<mark]
        return exponent
    }

    /// The digits before the point, commas gone; nil where commas stand anywhere but in threes.
    private static func whole(_ text: Substring) -> String? {
        let groups = text.split(separator: ",", omittingEmptySubsequences: false)
        guard groups.allSatisfy({ $0.utf8.allSatisfy(isDigit) }) else { return nil }
        guard groups.count > 1 else { return groups.first.map { String($0) } ?? "" }
        guard (1...3).contains(groups[0].count), groups.dropFirst().allSatisfy({ $0.count == 3 })
        else { return nil }
        return groups.joined()
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    /// - `point`: how many digits stand before the decimal point; negative: zeros behind it.
    private static func canonical(digits: [UInt8], point: Int, isNegative: Bool) -> String {
        let zero = UInt8(ascii: "0")
        guard let first = digits.firstIndex(where: { $0 != zero }),
            let last = digits.lastIndex(where: { $0 != zero })
        else { return "0" }
        let kept = digits[first...last]
        let place = point - first
        var text: [UInt8] = isNegative ? [UInt8(ascii: "-")] : []
        if place <= 0 {
            text += [zero, UInt8(ascii: ".")] + [UInt8](repeating: zero, count: -place) + kept
        } else if place >= kept.count {
            text += kept + [UInt8](repeating: zero, count: place - kept.count)
        } else {
            text += kept.prefix(place) + [UInt8(ascii: ".")] + kept.dropFirst(place)
        }
        return String(decoding: text, as: UTF8.self)
    }
}
