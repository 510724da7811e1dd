import HiveSignal

/// Payloads as agents' programs write them: less strict than a signal has to be.
///
/// A program in JavaScript writes half of a surrogate pair without a thought, and a file's name may
/// be no UTF-8. What could not be read would be let through, so both are read with U+FFFD in their
/// place.
enum PayloadText {
    /// A tool's arguments may nest; the parser's stack is bounded by it.
    static let depthMax = 256

    static func value(of bytes: [UInt8]) throws(JSONError) -> JSONValue {
        do {
            return try JSONValue(parsing: bytes, depthMax: depthMax)
        } catch {
            guard error.fault == .loneSurrogate || error.fault == .invalidUTF8 else { throw error }
        }
        return try JSONValue(parsing: repaired(bytes), depthMax: depthMax)
    }

    private static let replacement = Array(#"\uFFFD"#.utf8)
    private static let backslash = UInt8(ascii: "\\")

    static func repaired(_ bytes: [UInt8]) -> [UInt8] {
        let bytes = Array(String(decoding: bytes, as: UTF8.self).utf8)
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            guard bytes[index] == backslash else {
                text.append(bytes[index])
                index += 1
                continue
            }
            switch unit(bytes, index) {
            case .some(0xD800...0xDBFF):
                if case .some(0xDC00...0xDFFF) = unit(bytes, index + 6) {
                    text += bytes[index..<(index + 12)]
                    index += 12
                } else {
                    text += replacement
                    index += 6
                }
            case .some(0xDC00...0xDFFF):
                text += replacement
                index += 6
            default:
                text += bytes[index..<min(index + 2, bytes.count)]
                index += 2
            }
        }
        return text
    }

    /// The code unit of `\uXXXX` at this place; nil: none is there.
    private static func unit(_ bytes: [UInt8], _ index: Int) -> UInt16? {
        guard index + 6 <= bytes.count, bytes[index] == backslash,
            bytes[index + 1] == UInt8(ascii: "u")
        else { return nil }
        let digits = bytes[(index + 2)..<(index + 6)]
        guard digits.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }) else { return nil }
        return UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}
