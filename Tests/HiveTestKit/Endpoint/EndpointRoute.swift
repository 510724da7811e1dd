import HiveSignal

/// One of the APIs that the endpoint speaks: how its servers write answers and errors.
protocol EndpointAPI {
    /// What is wrong with a request; nil: nothing.
    func complaint(about request: EndpointRequest) -> String?
    func answer(
        _ completion: Completion,
        _ request: EndpointRequest,
        _ script: EndpointScript
    ) -> EndpointAnswer
    func models(_ names: [String], _ request: EndpointRequest) -> JSONValue
    func error(_ status: Int, _ message: String) -> JSONValue
}

/// A path that is served.
struct EndpointRoute {
    var method: String
    private var api: any EndpointAPI

    /// Nil: nothing is served there.
    init?(path: String) {
        switch path {
        case "/v1/chat/completions": (method, api) = ("POST", OpenAIEndpoint(isOpenRouter: false))
        case "/api/v1/chat/completions":
            (method, api) = ("POST", OpenAIEndpoint(isOpenRouter: true))
        case "/v1/messages": (method, api) = ("POST", AnthropicEndpoint())
        case "/api/chat": (method, api) = ("POST", OllamaEndpoint())
        case "/v1/models": (method, api) = ("GET", OpenAIEndpoint(isOpenRouter: false))
        case "/api/v1/models": (method, api) = ("GET", OpenAIEndpoint(isOpenRouter: true))
        case "/api/tags": (method, api) = ("GET", OllamaEndpoint())
        default: return nil
        }
    }

    /// The API that a path belongs to; two of them have `/v1/models`, told apart by a header.
    static func api(of path: String, _ headers: [String: String]) -> any EndpointAPI {
        if path == "/v1/messages" || headers["anthropic-version"] != nil {
            return AnthropicEndpoint()
        }
        if path.hasPrefix("/api/v1") { return OpenAIEndpoint(isOpenRouter: true) }
        return path.hasPrefix("/api/") ? OllamaEndpoint() : OpenAIEndpoint(isOpenRouter: false)
    }

    func complaint(about request: EndpointRequest) -> String? {
        guard case .object = request.json else { return "the body is no JSON object" }
        guard !request.model.isEmpty else { return "model: a name is missing" }
        guard request.json["messages"]?.arrayValue?.isEmpty == false else {
            return "messages: at least one is wanted"
        }
        return api.complaint(about: request)
    }

    func answer(
        _ completion: Completion,
        _ request: EndpointRequest,
        _ script: EndpointScript
    ) -> EndpointAnswer {
        api.answer(completion, request, script)
    }

    func models(_ names: [String], _ request: EndpointRequest) -> EndpointAnswer {
        let api = Self.api(of: request.path, request.headers)
        return EndpointAnswer(
            contentType: "application/json",
            body: BytePieces(api.models(names, request).text)
        )
    }
}

/// What the model says, and what it counts.
struct Completion {
    /// The text of a piece of a stream has so many characters.
    private static let pieceCharacters = 12
    /// A token is taken to be so many bytes.
    private static let bytesPerToken = 4

    var text: String
    var inputTokens: Int
    var outputTokens: Int
    /// True: it ended where the request's limit is.
    var isCut: Bool

    init(text: String, of request: EndpointRequest) {
        inputTokens = Self.tokens(request.inputText)
        let json = request.json
        let given =
            json["max_completion_tokens"] ?? json["max_tokens"] ?? json["options"]?["num_predict"]
        let limit = Int(clamping: given?.integerValue ?? .max)
        outputTokens = Self.tokens(text)
        isCut = limit > 0 && outputTokens > limit
        self.text = text
        guard isCut else { return }
        var bytes = 0
        self.text = String(
            text.prefix {
                bytes += $0.utf8.count
                return bytes <= limit * Self.bytesPerToken
            }
        )
        outputTokens = limit
    }

    /// The text as a stream brings it.
    var pieces: [String] {
        var pieces: [String] = []
        var rest = text[...]
        while !rest.isEmpty {
            pieces.append(String(rest.prefix(Self.pieceCharacters)))
            rest = rest.dropFirst(Self.pieceCharacters)
        }
        return pieces
    }

    private static func tokens(_ text: String) -> Int {
        (text.utf8.count + bytesPerToken - 1) / bytesPerToken
    }
}
