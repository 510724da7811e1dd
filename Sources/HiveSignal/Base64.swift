/// Base 64 with the standard alphabet and padding: RFC 4648 §4.
package enum Base64 {
    private static let alphabet: StaticString =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    private static let pad = UInt8(ascii: "=")

    /// The text, as ASCII bytes.
    package static func encode(_ bytes: [UInt8]) -> [UInt8] {
        bytes.withUnsafeBytes(encode)
    }

    /// The text, as ASCII bytes.
    package static func encode(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var index = 0
        while index < bytes.count {
            let left = min(bytes.count - index, 3)
            var group = UInt32(bytes[index]) << 16
            if left > 1 { group |= UInt32(bytes[index + 1]) << 8 }
            if left > 2 { group |= UInt32(bytes[index + 2]) }
            text.append(letter(group >> 18))
            text.append(letter(group >> 12))
            text.append(left > 1 ? letter(group >> 6) : pad)
            text.append(left > 2 ? letter(group) : pad)
            index += 3
        }
        return text
    }

    /// The bytes; nil for a strange character, missing or early padding, or stray bits under it.
    package static func decode(_ text: [UInt8]) -> [UInt8]? {
        text.withUnsafeBytes(decode)
    }

    /// The bytes; nil for a strange character, missing or early padding, or stray bits under it.
    package static func decode(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3)
        var index = 0
        while index < text.count {
            let isLast = index + 4 == text.count
            let padding = !isLast || text[index + 3] != pad ? 0 : text[index + 2] == pad ? 2 : 1
            var group: UInt32 = 0
            for place in 0..<(4 - padding) {
                guard let value = value(of: text[index + place]) else { return nil }
                group |= UInt32(value) << UInt32(18 - 6 * place)
            }
            guard group & (1 << UInt32(8 * padding) - 1) == 0 else { return nil }
            for place in 0..<(3 - padding) {
                bytes.append(UInt8(truncatingIfNeeded: group >> UInt32(16 - 8 * place)))
            }
            index += 4
        }
        return bytes
    }

    private static func letter(_ sextet: UInt32) -> UInt8 {
        alphabet.utf8Start[Int(sextet & 63)]
    }

    private static func value(of letter: UInt8) -> UInt8? {
        switch letter {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): letter - 65
        case UInt8(ascii: "a")...UInt8(ascii: "z"): letter - 71
        case UInt8(ascii: "0")...UInt8(ascii: "9"): letter + 4
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
