/// One answer, before it is put into HTTP/1.1 or HTTP/2.
struct EndpointAnswer: Sendable {
    enum Ending: Sendable, Equatable {
        case whole
        /// So many bytes of the body as they stand on the wire, then the end; never the whole.
        case cut(afterBytes: Int)
        /// No answer: the connection is closed, in good order.
        case closed
        /// No answer: the connection is reset.
        case reset
        /// No answer, ever.
        case silent
        /// Headers that do not end.
        case endlessHeaders
    }

    enum Pace: Sendable, Equatable {
        case free
        /// One byte, a pause, the next.
        case bytes(milliseconds: Int)
        /// One piece, a pause, the next.
        case pieces(milliseconds: Int)
    }

    /// The bytes of headers that `.endlessHeaders` sends: more than any client should take.
    static let endlessHeaderBytes = 4 << 20

    var status = 200
    /// Names are written small: HTTP/2 wants it, HTTP/1.1 does not mind.
    var headers: [(name: String, value: String)] = []
    var body = BytePieces()
    /// True: its length is not told beforehand (HTTP/1.1: chunked).
    var isStream = false
    var ending = Ending.whole
    var pace = Pace.free
    /// The fault that made it so, for the log.
    var faultName: String?

    init(status: Int = 200, contentType: String, body: BytePieces, isStream: Bool = false) {
        self.status = status
        self.body = body
        self.isStream = isStream
        headers = [("content-type", contentType)]
    }

    /// No answer, in the way of `ending`.
    init(_ ending: Ending) {
        self.ending = ending
        isStream = true
        headers = [("content-type", "application/json")]
    }

    /// True: a status line goes out.
    var hasStatus: Bool {
        switch ending {
        case .whole, .cut, .endlessHeaders: true
        case .closed, .reset, .silent: false
        }
    }

    /// A reason phrase for the status line (RFC 9110 §15).
    static func reason(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 307: "Temporary Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 411: "Length Required"
        case 413: "Content Too Large"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 529: "Overloaded"
        default: "Status"
        }
    }
}
