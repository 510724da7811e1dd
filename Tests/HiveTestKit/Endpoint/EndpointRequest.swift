package import HiveSignal

/// A request as the endpoint has read it.
package struct EndpointRequest: Sendable {
    /// In the order in which requests were whole, from 1.
    package var number: Int
    package var method: String
    /// Without its query.
    package var path: String
    /// By lower-case name; of two with one name the later holds.
    package var headers: [String: String]
    package var body: [UInt8]
    /// True: it came over HTTP/2.
    package var isHTTP2: Bool
    /// Requests with this same body so far, this one too.
    package var timesSeen: Int
    /// The body as JSON; null for anything else.
    package var json: JSONValue

    init(number: Int, timesSeen: Int, isHTTP2: Bool, _ message: EndpointMessage) {
        self.number = number
        self.timesSeen = timesSeen
        self.isHTTP2 = isHTTP2
        method = message.method
        path = message.path.split(separator: "?").first.map(String.init) ?? "/"
        headers = message.headers
        body = message.body
        json = message.body.isEmpty ? .null : (try? JSONValue(parsing: message.body)) ?? .null
    }

    /// Of `Authorization: Bearer` or of `x-api-key`; nil: it came without one.
    package var key: String? {
        if let key = headers["x-api-key"] { return key }
        let words = headers["authorization"]?.split(separator: " ") ?? []
        guard words.count == 2, words[0].lowercased() == "bearer" else { return nil }
        return String(words[1])
    }

    /// The model it asks for.
    package var model: String { json["model"]?.stringValue ?? "" }

    /// The text of the last message of the user.
    package var prompt: String {
        let last = json["messages"]?.arrayValue?.last { $0["role"]?.stringValue == "user" }
        return last?["content"].map(Self.text) ?? ""
    }

    /// Everything that the model is to read: the system prompt and each message.
    var inputText: String {
        let messages = json["messages"]?.arrayValue ?? []
        let contents = [json["system"]] + messages.map { $0["content"] }
        return contents.compactMap { $0.map(Self.text) }.joined(separator: "\n")
    }

    /// True: an encoding by gzip is welcome.
    var acceptsGzip: Bool { headers["accept-encoding"]?.contains("gzip") ?? false }

    /// A content is a text, or a list of parts of which some are texts.
    private static func text(of content: JSONValue) -> String {
        if let text = content.stringValue { return text }
        return (content.arrayValue ?? []).compactMap { $0["text"]?.stringValue }.joined()
    }
}

/// A request as it came over the wire, HTTP/1.1 or HTTP/2.
struct EndpointMessage: Sendable, Equatable {
    /// The largest body that is taken: 1 MiB.
    static let bodyBytesMax = 1 << 20
    /// The most bytes of headers that are taken.
    static let headBytesMax = 64 << 10

    var method = ""
    var path = ""
    var headers: [String: String] = [:]
    var body: [UInt8] = []
}
