import HiveProcess
import CCurl

/// Where a request goes: the host and port of its address, as libcurl reads them.
///
/// libcurl's own parser is asked, so that what is decided here (the proxy, the name look-up) is
/// decided about the host that is spoken to.
struct HTTPPlace: Sendable, Hashable {
    /// Lower-case; an IPv6 address is in brackets.
    let host: String
    let port: String
    let isSecure: Bool

    /// The longest address that is taken, bytes.
    static let addressBytesMax = 8_192

    /// Reads an address.
    ///
    /// - Throws: `.unusable`; the message never repeats the address, which may hold a key.
    init(of address: String) throws(HTTPFailure) {
        guard address.utf8.count <= Self.addressBytesMax else {
            throw HTTPFailure(
                .unusable,
                "the address has over \(Self.addressBytesMax) bytes; give a shorter one"
            )
        }
        guard address.utf8.allSatisfy(HTTPText.isPrintable) else {
            throw HTTPFailure(
                .unusable,
                "the address has a space or a control character in it; take it out"
            )
        }
        guard let parser = curl_url() else {
            throw HTTPFailure(.unusable, "the address cannot be read: no memory")
        }
        defer { curl_url_cleanup(parser) }
        let code = curl_url_set(parser, CURLUPART_URL, address, 0)
        guard code == CURLUE_OK else {
            let reason = String(cString: curl_url_strerror(code)).lowercased()
            throw HTTPFailure(
                .unusable,
                "the address cannot be read (\(reason)); it must begin with http:// or https://"
            )
        }
        let scheme = Self.part(CURLUPART_SCHEME, of: parser)
        guard scheme == "http" || scheme == "https" else {
            throw HTTPFailure(.unusable, "the address must begin with http:// or https://")
        }
        let host = Self.part(CURLUPART_HOST, of: parser).lowercased()
        guard !host.isEmpty else {
            throw HTTPFailure(.unusable, "the address names no host; give http://HOST/…")
        }
        self.host = host
        port = Self.part(CURLUPART_PORT, of: parser)
        isSecure = scheme == "https"
    }

    /// True: this machine, which no proxy stands before.
    var isLoopback: Bool {
        let name = host.hasSuffix(".") ? String(host.dropLast()) : host
        return name == "localhost" || name.hasSuffix(".localhost") || name == "[::1]"
            || (isNumeric && name.hasPrefix("127."))
    }

    /// True: an address and not a name, so that nothing is looked up.
    var isNumeric: Bool {
        host.hasPrefix("[")
            || host.utf8.allSatisfy { $0 == UInt8(ascii: ".") || HTTPText.isDigit($0) }
    }

    /// The host, for a message.
    var name: String { PlainText.cut(PlainText.oneLine(host), toBytes: PlainText.lineBytesMax) }

    /// The host and port, for a message.
    var nameAndPort: String { "\(name):\(port)" }

    private static func part(_ part: CURLUPart, of parser: OpaquePointer) -> String {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(parser, part, &text, UInt32(CURLU_DEFAULT_PORT)) == CURLUE_OK else {
            return ""
        }
        defer { curl_free(text) }
        return text.map { String(cString: $0) } ?? ""
    }
}

/// What bytes HTTP allows where.
enum HTTPText {
    static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    /// Neither a control character nor a space.
    static func isPrintable(_ byte: UInt8) -> Bool { byte > 0x20 && byte != 0x7F }

    /// True for a field's value: no control character, which could end the line.
    static func isValue(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }

    /// True for a field's name (RFC 9110 §5.6.2, token).
    static func isName(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: marks.contains(byte)
                }
            }
    }

    /// Beside letters and digits.
    private static let marks = Array("!#$%&'*+-.^_`|~".utf8)
}
