/// The grammar of a media type: RFC 9110 §8.3.1.
enum MediaType {
    /// True for `*/json` and `*/*+json`, with or without parameters (CloudEvents JSON format §3.1).
    static func isJSON(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var rest = bytes[...]
        guard !token(&rest).isEmpty, rest.popFirst() == UInt8(ascii: "/") else { return false }
        let subtype = token(&rest).map { $0 | 0x20 }
        guard subtype.elementsEqual("json".utf8) || hasSuffix(subtype, "+json") else {
            return false
        }
        return areParameters(rest)
    }

    /// `*( OWS ";" OWS [ token "=" ( token / quoted-string ) ] )`.
    private static func areParameters(_ bytes: Slice<UnsafeRawBufferPointer>) -> Bool {
        var rest = bytes
        while true {
            skipSpace(&rest)
            guard let separator = rest.popFirst() else { return true }
            guard separator == UInt8(ascii: ";") else { return false }
            skipSpace(&rest)
            if rest.isEmpty || rest.first == UInt8(ascii: ";") { continue }
            guard !token(&rest).isEmpty, rest.popFirst() == UInt8(ascii: "=") else { return false }
            guard rest.first == UInt8(ascii: "\"") ? quoted(&rest) : !token(&rest).isEmpty else {
                return false
            }
        }
    }

    private static func quoted(_ rest: inout Slice<UnsafeRawBufferPointer>) -> Bool {
        rest.removeFirst()
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\"") { return true }
            if byte == UInt8(ascii: "\\"), rest.popFirst() == nil { return false }
        }
        return false
    }

    private static func skipSpace(_ rest: inout Slice<UnsafeRawBufferPointer>) {
        rest = rest.drop { $0 == 0x20 || $0 == 0x09 }
    }

    /// Takes a token, maybe an empty one, off the front.
    private static func token(
        _ rest: inout Slice<UnsafeRawBufferPointer>
    ) -> Slice<UnsafeRawBufferPointer> {
        let token = rest.prefix(while: isTokenByte)
        rest = rest[token.endIndex...]
        return token
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        if JSONBytes.isDigit(byte) || (byte | 0x20) &- 0x61 < 26 { return true }
        let others: StaticString = "!#$%&'*+-.^_`|~"
        return others.withUTF8Buffer { $0.contains(byte) }
    }

    private static func hasSuffix(_ bytes: [UInt8], _ suffix: String) -> Bool {
        bytes.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
    }
}
