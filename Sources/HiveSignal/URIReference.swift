/// The grammar of a URI reference: RFC 3986, URI or relative-ref.
enum URIReference {
    /// True for a URI or a relative reference; the empty one is valid, too.
    static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var rest = bytes[...]
        if let hash = rest.firstIndex(of: UInt8(ascii: "#")) {
            guard consists(rest[(hash + 1)...], of: "/?:@") else { return false }
            rest = rest[..<hash]
        }
        if let question = rest.firstIndex(of: UInt8(ascii: "?")) {
            guard consists(rest[(question + 1)...], of: "/?:@") else { return false }
            rest = rest[..<question]
        }
        let segment = rest.prefix { $0 != UInt8(ascii: "/") }
        if let colon = segment.firstIndex(of: UInt8(ascii: ":")) {
            guard isScheme(rest[..<colon]) else { return false }
            rest = rest[(colon + 1)...]
        }
        guard rest.starts(with: "//".utf8) else { return consists(rest, of: "/:@") }
        rest = rest.dropFirst(2)
        let authority = rest.prefix { $0 != UInt8(ascii: "/") }
        return isAuthority(authority) && consists(rest[authority.endIndex...], of: "/:@")
    }

    /// `[ userinfo "@" ] host [ ":" port ]`.
    private static func isAuthority(_ authority: Slice<UnsafeRawBufferPointer>) -> Bool {
        var host = authority
        if let at = authority.lastIndex(of: UInt8(ascii: "@")) {
            guard consists(authority[..<at], of: ":") else { return false }
            host = authority[(at + 1)...]
        }
        if host.first == UInt8(ascii: "[") {
            guard let close = host.firstIndex(of: UInt8(ascii: "]")) else { return false }
            let port = host[(close + 1)...]
            guard port.isEmpty || port.first == UInt8(ascii: ":") else { return false }
            return isLiteral(host[(host.startIndex + 1)..<close]) && isPort(port.dropFirst())
        }
        guard let colon = host.firstIndex(of: UInt8(ascii: ":")) else {
            return consists(host, of: "")
        }
        return consists(host[..<colon], of: "") && isPort(host[(colon + 1)...])
    }

    private static func isPort(_ port: Slice<UnsafeRawBufferPointer>) -> Bool {
        port.allSatisfy(JSONBytes.isDigit)
    }

    /// What stands between the brackets of a host: an IPv6 address or a later version's.
    private static func isLiteral(_ literal: Slice<UnsafeRawBufferPointer>) -> Bool {
        if let first = literal.first, first | 0x20 == UInt8(ascii: "v") {
            let parts = literal.dropFirst().split(
                separator: UInt8(ascii: "."),
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return false }
            return parts[0].allSatisfy { Hex.value(of: $0) != nil }
                && !parts[1].contains(UInt8(ascii: "%")) && consists(parts[1], of: ":")
        }
        return isIPv6(literal)
    }

    /// Eight groups, or fewer around one `::`; the last two may be an IPv4 address.
    private static func isIPv6(_ address: Slice<UnsafeRawBufferPointer>) -> Bool {
        var parts = address.split(
            separator: UInt8(ascii: ":"),
            omittingEmptySubsequences: false
        )
        guard parts.count >= 3 else { return false }
        // A `::` at either end leaves one empty part more than a `::` inside.
        if parts[0].isEmpty {
            guard parts[1].isEmpty else { return false }
            parts.removeFirst()
        }
        if parts[parts.count - 1].isEmpty {
            guard parts[parts.count - 2].isEmpty else { return false }
            parts.removeLast()
        }
        let gaps = parts.count { $0.isEmpty }
        var groups = parts.filter { !$0.isEmpty }
        var width = groups.count
        if let last = groups.last, parts.last?.isEmpty == false, last.contains(UInt8(ascii: ".")) {
            guard isIPv4(last) else { return false }
            groups.removeLast()
            width += 1
        }
        let areHex = groups.allSatisfy { group in
            group.count <= 4 && group.allSatisfy { Hex.value(of: $0) != nil }
        }
        return areHex && (gaps == 0 ? width == 8 : gaps == 1 && width <= 7)
    }

    private static func isIPv4(_ address: Slice<UnsafeRawBufferPointer>) -> Bool {
        let octets = address.split(
            separator: UInt8(ascii: "."),
            omittingEmptySubsequences: false
        )
        return octets.count == 4
            && octets.allSatisfy { octet in
                guard !octet.isEmpty, octet.count <= 3, octet.allSatisfy(JSONBytes.isDigit) else {
                    return false
                }
                let value = octet.reduce(0) { $0 * 10 + Int($1 - 0x30) }
                return value <= 255 && (octet.count == 1 || octet.first != UInt8(ascii: "0"))
            }
    }

    private static func isScheme(_ scheme: Slice<UnsafeRawBufferPointer>) -> Bool {
        guard let first = scheme.first, isLetter(first) else { return false }
        return scheme.allSatisfy { byte in
            isLetter(byte) || JSONBytes.isDigit(byte) || byte == UInt8(ascii: "+")
                || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }

    /// True where all bytes are unreserved, sub-delims, percent-encoded, or one of `others`.
    private static func consists(
        _ bytes: Slice<UnsafeRawBufferPointer>,
        of others: StaticString
    ) -> Bool {
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            if byte == UInt8(ascii: "%") {
                guard index + 2 < bytes.endIndex, Hex.value(of: bytes[index + 1]) != nil,
                    Hex.value(of: bytes[index + 2]) != nil
                else { return false }
                index += 2
            } else if !isLetter(byte), !JSONBytes.isDigit(byte), !isOne(byte, of: "-._~"),
                !isOne(byte, of: "!$&'()*+,;="), !isOne(byte, of: others)
            {
                return false
            }
            index += 1
        }
        return true
    }

    private static func isOne(_ byte: UInt8, of set: StaticString) -> Bool {
        set.withUTF8Buffer { $0.contains(byte) }
    }
}
