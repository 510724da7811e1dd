/// What carries HTTP requests; the one that ships is `CurlEngine`.
package protocol HTTPTransport: Sendable {
    /// Sends a request and waits for the whole answer.
    ///
    /// Nothing is tried twice and no redirection is followed: a key goes where it was meant to go.
    ///
    /// - Parameters:
    ///   - request: What to send, and how far it may go.
    ///   - onBytes: Gets the pieces of the body of a 2xx answer in their order, as they come, on
    ///     the transport's thread: it must not block. The response's `body` is empty then. Nil,
    ///     and for any other status: the body is collected.
    /// - Returns: The answer, whatever its status.
    /// - Throws: `HTTPFailure` where there was no whole answer, or the waiting task was cancelled.
    func send(
        _ request: HTTPRequest,
        onBytes: (@Sendable ([UInt8]) -> Void)?
    ) async throws(HTTPFailure) -> HTTPResponse
}

/// One request, complete.
package struct HTTPRequest: Sendable {
    package enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
    }

    package var method: Method
    /// Absolute, `http` or `https`.
    package var url: String
    /// Names and values; neither has a control character.
    package var headers: [HTTPField]
    package var body: [UInt8]
    package var limits: HTTPLimits

    package init(
        method: Method = .post,
        url: String,
        headers: [HTTPField] = [],
        body: [UInt8] = [],
        limits: HTTPLimits = HTTPLimits()
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.limits = limits
    }
}

extension HTTPRequest: CustomStringConvertible, CustomReflectable {
    /// Method, and the address without its user and its query.
    ///
    /// Those may hold keys; headers do, and are never printed.
    package var description: String {
        let shown = url.prefix { $0 != "?" && $0 != "#" }
        guard let user = shown.lastIndex(of: "@") else { return "\(method.rawValue) \(shown)" }
        return "\(method.rawValue) …\(shown[user...])"
    }

    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// One header.
package struct HTTPField: Sendable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// How long a request may take and how much may come back.
package struct HTTPLimits: Sendable, Hashable {
    /// Until the connection stands, TLS and all.
    package var connectMilliseconds: Int
    /// From the start until the first byte of the answer; nil: as long as the whole may take.
    package var firstByteMilliseconds: Int?
    /// From the start until the last byte.
    package var totalMilliseconds: Int
    /// Bytes of body as they are read, after gzip; a longer answer is given up.
    package var responseBytes: Int

    package init(
        connectMilliseconds: Int = 10_000,
        firstByteMilliseconds: Int? = nil,
        totalMilliseconds: Int = 30_000,
        responseBytes: Int = 1 << 20
    ) {
        self.connectMilliseconds = connectMilliseconds
        self.firstByteMilliseconds = firstByteMilliseconds
        self.totalMilliseconds = totalMilliseconds
        self.responseBytes = responseBytes
    }
}

/// A whole answer.
package struct HTTPResponse: Sendable {
    package var status: Int
    /// By lower-case name; of two with one name the later holds.
    package var headers: [String: String]
    package var body: [UInt8]

    package init(status: Int, headers: [String: String] = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// Why there is no whole answer.
package struct HTTPFailure: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Kind: Sendable, Hashable {
        /// The waiting task was cancelled.
        case cancelled
        /// No connection: the name, the address, the port, TLS.
        case noConnection
        /// The connection broke before the answer was whole.
        case broken
        /// A deadline passed.
        case timedOut
        /// More came than `HTTPLimits.responseBytes`.
        case tooLarge
        /// The request could not be made: a malformed address, say.
        case unusable
    }

    package var kind: Kind
    /// What happened, on one line: the host and the reason, never a header or a body.
    package var message: String

    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    package var description: String { message }
}
