import HiveSignal

/// Anthropic's messages.
struct AnthropicDialect: ChatDialect {
    static let version = "2023-06-01"
    /// Other APIs go up to 2.
    static let temperatureMax = 1.0
    /// Of a page of models; the most that may be asked for.
    static let modelsMax = 1_000

    static let framing = StreamFraming.events
    static let contentKey = "content"

    let chatPath = "/v1/messages"
    let modelsPath = "/v1/models?limit=\(modelsMax)"

    func headers(key: String?) -> [HTTPField] {
        [HTTPField("anthropic-version", Self.version)]
            + (key.map { [HTTPField("x-api-key", $0)] } ?? [])
    }

    func body(for request: ModelRequest, streams: Bool) -> JSONValue {
        var body: JSONObject = ["model": .string(request.model)]
        body["max_tokens"] = .integer(Int64(request.outputTokensMax))
        if let system = request.system { body["system"] = .string(system) }
        body["messages"] = [ChatMedia.message("user", request.prompt)]
        if let temperature = ChatMedia.temperature(request) {
            body["temperature"] = .double(min(temperature, Self.temperatureMax))
        }
        body["stream"] = .bool(streams)
        return .object(body)
    }

    /// A whole message, or an event of one; events that are not known mean nothing.
    func read(_ document: JSONObject, into draft: inout AnswerDraft) throws(ModelFault) {
        switch document["type"]?.stringValue {
        case "message_start":
            if let message = document["message"]?.objectValue { read(message: message, &draft) }
        case "content_block_start":
            if let block = document["content_block"] { read(blocks: [block], &draft) }
        case "content_block_delta":
            guard let delta = document["delta"]?.objectValue else { return }
            if delta["type"]?.stringValue == "text_delta" {
                draft.append(delta["text"]?.stringValue ?? "")
            } else if AnswerDraft.hasText(in: delta, under: ["thinking"]) {
                draft.hasReasoning = true
            }
        case "message_delta":
            note(stop: document["delta"]?["stop_reason"], &draft)
            read(usage: document["usage"], &draft)
        case "message_stop": draft.isOver = true
        case "message", nil: read(message: document, &draft)
        default: break
        }
    }

    func modelNames(in document: JSONObject) -> [JSONValue]? {
        document["data"]?.arrayValue?.compactMap { $0["id"] }
    }

    private func read(message: JSONObject, _ draft: inout AnswerDraft) {
        draft.note(model: message["model"])
        read(blocks: message["content"]?.arrayValue ?? [], &draft)
        note(stop: message["stop_reason"], &draft)
        read(usage: message["usage"], &draft)
    }

    private func read(blocks: [JSONValue], _ draft: inout AnswerDraft) {
        draft.append(AnswerDraft.text(of: .array(blocks)))
        let hasThoughts = blocks.contains { $0["type"]?.stringValue == "thinking" }
        draft.hasReasoning = draft.hasReasoning || hasThoughts
    }

    private func note(stop reason: JSONValue?, _ draft: inout AnswerDraft) {
        draft.note(stopReason: reason) {
            $0 == "max_tokens" || $0 == "model_context_window_exceeded"
        }
    }

    /// Counts are totals so far: a later one replaces an earlier one.
    private func read(usage: JSONValue?, _ draft: inout AnswerDraft) {
        guard let usage = usage?.objectValue else { return }
        draft.outputTokens = AnswerDraft.tokens(usage["output_tokens"]) ?? draft.outputTokens
        guard let fresh = AnswerDraft.tokens(usage["input_tokens"]) else { return }
        let cached = ["cache_creation_input_tokens", "cache_read_input_tokens"].compactMap {
            AnswerDraft.tokens(usage[$0])
        }
        draft.inputTokens = cached.reduce(fresh, +)
    }
}
