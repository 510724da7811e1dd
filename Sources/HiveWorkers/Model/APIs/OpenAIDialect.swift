import HiveSignal

/// Chat completions as OpenAI made them, and most others speak.
struct OpenAIDialect: ChatDialect {
    enum Variation: Sendable {
        /// llama.cpp, vLLM, Ollama below `/v1`, copilot-api, …
        case compatible
        /// OpenAI's own service: its newer models refuse `max_tokens`, which is all that many
        /// others know.
        case openAI
        /// Says who asks, and gets to know what it cost.
        case openRouter
    }

    /// Where OpenRouter's pages say that requests come from: hive has no page of its own.
    static let referer = "http://localhost/hive"
    static let title = "hive"

    static let framing = StreamFraming.events
    static let contentKey = "choices"

    let variation: Variation
    let chatPath = "/chat/completions"
    let modelsPath = "/models"

    func headers(key: String?) -> [HTTPField] {
        let names = [HTTPField("HTTP-Referer", Self.referer), HTTPField("X-Title", Self.title)]
        return ChatMedia.bearer(key) + (variation == .openRouter ? names : [])
    }

    func body(for request: ModelRequest, streams: Bool) -> JSONValue {
        var body: JSONObject = [
            "model": .string(request.model), "messages": ChatMedia.messages(request),
        ]
        let limit = variation == .openAI ? "max_completion_tokens" : "max_tokens"
        body[limit] = .integer(Int64(request.outputTokensMax))
        if let temperature = ChatMedia.temperature(request) {
            body["temperature"] = .double(temperature)
        }
        body["stream"] = .bool(streams)
        if streams { body["stream_options"] = ["include_usage": true] }
        if variation == .openRouter { body["usage"] = ["include": true] }
        return .object(body)
    }

    func read(_ document: JSONObject, into draft: inout AnswerDraft) throws(ModelFault) {
        draft.note(model: document["model"])
        if let usage = document["usage"]?.objectValue { readUsage(usage, into: &draft) }
        guard let choice = choice(in: document) else { return }
        if let said = Complaint.inside(choice) { throw .server(said) }
        // A server that only pretends to stream sends a whole message as its one piece.
        if let message = choice["delta"]?.objectValue ?? choice["message"]?.objectValue {
            draft.append(AnswerDraft.text(of: message["content"]))
            // A refusal is no answer: nobody may count or act on it as if it were one.
            draft.note(refusal: message["refusal"]?.stringValue ?? "")
            let isReasoning = AnswerDraft.hasText(
                in: message,
                under: ["reasoning_content", "reasoning"]
            )
            draft.hasReasoning = draft.hasReasoning || isReasoning
        }
        let reason = choice["finish_reason"]
        if reason?.stringValue == "error" { throw .server("") }
        draft.note(stopReason: reason) { $0 == "length" }
    }

    func modelNames(in document: JSONObject) -> [JSONValue]? {
        document["data"]?.arrayValue?.compactMap { $0["id"] }
    }

    /// The answer among the choices: hive asks for one.
    private func choice(in document: JSONObject) -> JSONObject? {
        document["choices"]?.arrayValue?.lazy
            .compactMap(\.objectValue)
            .first { ($0["index"]?.integerValue ?? 0) == 0 }
    }

    private func readUsage(_ usage: JSONObject, into draft: inout AnswerDraft) {
        draft.inputTokens = AnswerDraft.tokens(usage["prompt_tokens"]) ?? draft.inputTokens
        draft.outputTokens = AnswerDraft.tokens(usage["completion_tokens"]) ?? draft.outputTokens
        guard variation == .openRouter, var dollars = AnswerDraft.dollars(usage["cost"]) else {
            return
        }
        // With a provider's key of one's own the provider's bill comes on top of OpenRouter's.
        // Without one the provider's figure is there too, and is no bill.
        if usage["is_byok"]?.boolValue == true {
            let upstream = usage["cost_details"]?["upstream_inference_cost"]
            dollars += AnswerDraft.dollars(upstream) ?? 0
        }
        draft.dollars = dollars
    }
}
