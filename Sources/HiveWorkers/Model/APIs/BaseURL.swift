import HiveProcess

/// The address below which an API lives: `http` or `https`, a host, perhaps a port and a path.
///
/// Normal form: scheme and host in lower case, no slash at the end. What is refused is never
/// repeated in an error: people paste keys and passwords into the wrong variable.
struct BaseURL: Sendable, Hashable {
    /// A longer address is a mistake.
    static let bytesMax = 2_048

    let text: String
    /// Without port; an IPv6 address has its brackets.
    let host: String

    init(_ given: String) throws(WorkerError) {
        let given = Self.trimmed(given)
        guard !given.isEmpty else { throw Self.error("is empty") }
        guard given.utf8.count <= Self.bytesMax else {
            throw Self.error("is longer than \(Self.bytesMax) bytes")
        }
        guard given.utf8.allSatisfy(Self.isPlain) else {
            throw Self.error("has a blank or a character that addresses have to escape")
        }
        let lower = given.lowercased()
        guard let scheme = ["https://", "http://"].first(where: lower.hasPrefix) else {
            throw Self.error("does not begin with http:// or https://")
        }
        guard !given.contains("?"), !given.contains("#") else {
            throw Self.error("has a query or a fragment behind it")
        }
        let rest = given.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" }
        guard !authority.contains("@") else {
            throw Self.error("has a name or a password before the host")
        }
        let (host, port) = try Self.hostAndPort(String(authority))
        var path = rest.dropFirst(authority.count)
        while path.last == "/" { path.removeLast() }
        self.host = host
        text = scheme + host + port + path
    }

    private init(text: String, host: String) {
        self.text = text
        self.host = host
    }

    /// The address without this ending, where it has it.
    func dropping(_ ending: String) -> BaseURL {
        guard text.hasSuffix(ending) else { return self }
        return BaseURL(text: String(text.dropLast(ending.count)), host: host)
    }

    /// True where the host is this one or below it.
    func isAt(_ domain: String) -> Bool { host == domain || host.hasSuffix(".\(domain)") }

    /// - Returns: The host in lower case, and `:port` or nothing.
    private static func hostAndPort(
        _ authority: String
    ) throws(WorkerError) -> (String, port: String) {
        let isBracketed = authority.hasPrefix("[")
        let end =
            isBracketed
            ? authority.firstIndex(of: "]").map { authority.index(after: $0) }
            : authority.firstIndex(of: ":") ?? authority.endIndex
        guard let end else { throw error("has an IPv6 address without its closing bracket") }
        let host = authority[..<end].lowercased()
        let name = isBracketed ? String(host.dropFirst().dropLast()) : host
        let isHost = name.utf8.allSatisfy { isBracketed ? isIPv6($0) : isHostName($0) }
        guard isHost, name.utf8.contains(where: { $0 != UInt8(ascii: ".") }) else {
            throw error("has no host that can be one")
        }
        let port = authority[end...]
        guard port.isEmpty || isPort(port) else {
            throw error("has a port that is no number from 1 to 65535")
        }
        return (host, String(port))
    }

    private static func isPort(_ text: Substring) -> Bool {
        let digits = text.dropFirst()
        guard text.first == ":", digits.utf8.allSatisfy(ASCII.isDigit) else {
            return false
        }
        return UInt16(digits).map { $0 > 0 } ?? false
    }

    /// Printable ASCII but for what RFC 3986 leaves out.
    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x21...0x7E).contains(byte) && !"\"<>\\^`{|}".utf8.contains(byte)
    }

    private static func isHostName(_ byte: UInt8) -> Bool {
        ASCII.isWord(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }

    private static func isIPv6(_ byte: UInt8) -> Bool {
        ASCII.isDigit(byte) || "abcdef:.".utf8.contains(byte)
    }

    private static func trimmed(_ text: String) -> String {
        let blank: Set<Character> = [" ", "\t", "\n", "\r", "\r\n"]
        let rest = text.drop(while: blank.contains)
        return String(rest.reversed().drop(while: blank.contains).reversed())
    }

    private static func error(_ problem: String) -> WorkerError {
        WorkerError(
            message: "the base address of the model API \(problem)",
            hint: "write it like https://api.openai.com/v1 or http://127.0.0.1:8080/v1"
        )
    }
}
