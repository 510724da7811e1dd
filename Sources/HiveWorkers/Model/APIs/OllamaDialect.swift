import HiveSignal

/// Ollama's own API.
struct OllamaDialect: ChatDialect {
    static let framing = StreamFraming.lines
    static let contentKey = "message"

    let chatPath = "/api/chat"
    let modelsPath = "/api/tags"

    /// Ollama itself wants no key; what stands before it may.
    func headers(key: String?) -> [HTTPField] { ChatMedia.bearer(key) }

    func body(for request: ModelRequest, streams: Bool) -> JSONValue {
        var options: JSONObject = ["num_predict": .integer(Int64(request.outputTokensMax))]
        if let temperature = ChatMedia.temperature(request) {
            options["temperature"] = .double(temperature)
        }
        return [
            "model": .string(request.model),
            "messages": ChatMedia.messages(request),
            "stream": .bool(streams),
            "options": .object(options),
        ]
    }

    func read(_ document: JSONObject, into draft: inout AnswerDraft) throws(ModelFault) {
        draft.note(model: document["model"])
        if let message = document["message"]?.objectValue {
            draft.append(AnswerDraft.text(of: message["content"]))
            let isReasoning = AnswerDraft.hasText(in: message, under: ["thinking"])
            draft.hasReasoning = draft.hasReasoning || isReasoning
        }
        draft.note(stopReason: document["done_reason"]) { $0 == "length" }
        guard document["done"]?.boolValue == true else { return }
        draft.isOver = true
        guard let output = AnswerDraft.tokens(document["eval_count"]) else { return }
        draft.outputTokens = output
        // Left out where the whole prompt was in the cache.
        let input = document["prompt_eval_count"]
        draft.inputTokens = input == nil ? 0 : AnswerDraft.tokens(input)
    }

    func modelNames(in document: JSONObject) -> [JSONValue]? {
        document["models"]?.arrayValue?.compactMap { $0["model"] ?? $0["name"] }
    }
}
