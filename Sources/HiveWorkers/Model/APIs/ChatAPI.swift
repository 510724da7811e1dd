import HiveProcess
import HiveSignal

// How the model APIs are built
//
// All of them are one thing: a JSON document goes to an address, and one document or a stream of
// documents comes back. `ChatAPI` is that thing, written once: addresses, headers, content types,
// broken JSON, errors inside an answer, bounds. A `ChatDialect` is what differs: paths, members,
// and what the members of a document mean. A dialect reads a whole answer and a piece of one with
// the same code into an `AnswerDraft`, for the pieces of each API look like parts of its whole.
//
//     bytes → (events | lines | one document) → JSONObject → dialect → AnswerDraft → ModelAnswer

/// What differs between the families of servers.
protocol ChatDialect: Sendable {
    /// How a stream is cut into documents.
    static var framing: StreamFraming { get }
    /// The member without which a whole answer is none.
    static var contentKey: String { get }
    /// Behind the base address.
    var chatPath: String { get }
    var modelsPath: String { get }

    /// Beside those that say what goes and what may come.
    func headers(key: String?) -> [HTTPField]

    func body(for request: ModelRequest, streams: Bool) -> JSONValue

    /// Adds what one document says to the draft: a whole answer, or a piece of one.
    func read(_ document: JSONObject, into draft: inout AnswerDraft) throws(ModelFault)

    /// The names in a list of models; nil where it is no such list.
    func modelNames(in document: JSONObject) -> [JSONValue]?
}

/// How the documents of a stream follow each other.
enum StreamFraming: Sendable {
    /// Server-sent events.
    case events
    /// One document a line.
    case lines

    /// The content types of such a stream, the usual one first.
    var mediaTypes: [String] {
        switch self {
        case .events: ["text/event-stream"]
        case .lines:
            ["application/x-ndjson", "application/ndjson", "application/jsonl", "application/json"]
        }
    }
}

/// A family of servers at a base address.
struct ChatAPI<Dialect: ChatDialect>: ModelAPI {
    let base: BaseURL
    let dialect: Dialect

    var baseURL: String { base.text }

    func request(for request: ModelRequest, key: String?, streams: Bool) -> HTTPRequest {
        let accepted = streams ? Dialect.framing.mediaTypes[0] : ChatMedia.json
        return HTTPRequest(
            method: .post,
            url: base.text + dialect.chatPath,
            headers: [HTTPField("Content-Type", ChatMedia.json), HTTPField("Accept", accepted)]
                + dialect.headers(key: key.map(ChatMedia.headerValue)),
            body: Array(dialect.body(for: request, streams: streams).text.utf8)
        )
    }

    func answer(in response: HTTPResponse) throws(ModelFault) -> ModelAnswer {
        try answer(in: response, types: [ChatMedia.json])
    }

    func streamReader() -> any ModelStreamReader { ChatStreamReader(api: self) }

    func complaint(in response: HTTPResponse) -> String { Complaint.text(of: response) }

    func modelsRequest(key: String?) -> HTTPRequest {
        HTTPRequest(
            method: .get,
            url: base.text + dialect.modelsPath,
            headers: [HTTPField("Accept", ChatMedia.json)]
                + dialect.headers(key: key.map(ChatMedia.headerValue)),
            limits: HTTPLimits(responseBytes: ChatMedia.modelsBytesMax)
        )
    }

    func models(in response: HTTPResponse) -> [String]? {
        guard let document = try? object(response.body),
            let names = dialect.modelNames(in: document)
        else { return nil }
        return names.prefix(ChatMedia.modelsMax).compactMap { AnswerDraft.modelName($0) }
    }
}

// MARK: - Reading, shared with streams

extension ChatAPI {
    /// Reads one document that is a whole answer.
    ///
    /// - `types`: the content types that it may have; one that says nothing may have any.
    func answer(
        in response: HTTPResponse,
        types: [String]
    ) throws(ModelFault) -> ModelAnswer {
        try checkType(of: response, isOneOf: types)
        let document = try object(response.body)
        var draft = AnswerDraft()
        do throws(ModelFault) {
            try read(document, into: &draft)
            guard let content = document[Dialect.contentKey], !content.isNull else {
                throw ModelFault(
                    .malformed,
                    "the answer has no \(Dialect.contentKey): is \(baseURL) the address of the API?"
                )
            }
            return try draft.answer()
        } catch {
            throw draft.charging(error)
        }
    }

    /// Reads one document of an answer.
    func read(_ bytes: [UInt8], into draft: inout AnswerDraft) throws(ModelFault) {
        try read(try object(bytes), into: &draft)
    }

    /// What a captive portal or a proxy sends instead has another content type.
    func checkType(
        of response: HTTPResponse,
        isOneOf types: [String]
    ) throws(ModelFault) {
        guard let found = ChatMedia.type(of: response), !types.contains(found),
            !(types.contains(ChatMedia.json) && found.hasSuffix("+json"))
        else { return }
        let shown = PlainText.cut(PlainText.oneLine(found), toBytes: ChatMedia.shownBytesMax)
        throw ModelFault(
            .malformed,
            "found \(shown), expected \(types[0]): is \(baseURL) the address of the API?"
        )
    }

    private func read(
        _ document: JSONObject,
        into draft: inout AnswerDraft
    ) throws(ModelFault) {
        if let said = Complaint.inside(document) { throw .server(said) }
        try dialect.read(document, into: &draft)
    }

    private func object(_ bytes: [UInt8]) throws(ModelFault) -> JSONObject {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let value: JSONValue
        do {
            value = try JSONValue(parsing: bytes.starts(with: mark) ? Array(bytes[3...]) : bytes)
        } catch {
            throw ModelFault(.malformed, "the answer is \(error)")
        }
        guard let object = value.objectValue else {
            throw ModelFault(.malformed, "the answer is JSON, but no object")
        }
        return object
    }
}

extension ModelFault {
    /// The server tells of an error of its own.
    static func server(_ said: String) -> ModelFault {
        ModelFault(.serverError, said.isEmpty ? "the server reports an error" : said)
    }
}

/// What goes and what comes, beside the documents themselves.
enum ChatMedia {
    static let json = "application/json"
    /// How much of a foreign content type a message shows, bytes.
    static let shownBytesMax = 80
    /// OpenRouter's list of models is the longest, some hundred KiB.
    static let modelsBytesMax = 8 << 20
    /// The names that a list of models is read for.
    static let modelsMax = 2_000

    /// The content type in lower case and without parameters; nil where there is none.
    static func type(of response: HTTPResponse) -> String? {
        let type = response.headers["content-type"].map { $0.prefix { $0 != ";" } }
        guard let type, let word = type.split(whereSeparator: \.isWhitespace).first else {
            return nil
        }
        return word.lowercased()
    }

    /// A key as a header can carry it: what would end the header is left out.
    static func headerValue(_ key: String) -> String {
        let kept = key.unicodeScalars.filter { $0.value > 0x20 && $0.value != 0x7F }
        return String(String.UnicodeScalarView(kept))
    }

    static func bearer(_ key: String?) -> [HTTPField] {
        key.map { [HTTPField("Authorization", "Bearer \($0)")] } ?? []
    }

    /// A number of sampling, where JSON can say it.
    static func temperature(_ request: ModelRequest) -> Double? {
        request.temperature.flatMap { $0.isFinite ? $0 : nil }
    }

    /// The messages of APIs that have the system prompt among them.
    static func messages(_ request: ModelRequest) -> JSONValue {
        let system = request.system.map { message("system", $0) }
        return .array([system, message("user", request.prompt)].compactMap(\.self))
    }

    static func message(_ role: String, _ content: String) -> JSONValue {
        ["role": .string(role), "content": .string(content)]
    }
}
