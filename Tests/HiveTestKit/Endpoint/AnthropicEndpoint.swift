import HiveSignal

/// Anthropic's messages.
struct AnthropicEndpoint: EndpointAPI {
    func complaint(about request: EndpointRequest) -> String? {
        if request.headers["anthropic-version"] == nil {
            return "anthropic-version: header is required"
        }
        if request.json["max_tokens"]?.integerValue == nil {
            return "max_tokens: Field required"
        }
        let roles = (request.json["messages"]?.arrayValue ?? []).map { $0["role"]?.stringValue }
        // The system prompt is a field of its own; among the messages it is refused.
        return roles.allSatisfy { $0 == "user" || $0 == "assistant" }
            ? nil : "messages: roles are \"user\" and \"assistant\""
    }

    func answer(
        _ completion: Completion,
        _ request: EndpointRequest,
        _ script: EndpointScript
    ) -> EndpointAnswer {
        var answer: EndpointAnswer
        if request.json["stream"]?.boolValue == true {
            answer = EndpointAnswer(
                contentType: "text/event-stream; charset=utf-8",
                body: BytePieces(events(completion, request).map { Array($0.utf8) }),
                isStream: true
            )
        } else {
            let message = message(
                request,
                content: [["type": "text", "text": .string(completion.text)]],
                stopReason: stopReason(completion),
                usage: usage(completion, outputTokens: completion.outputTokens)
            )
            answer = EndpointAnswer(
                contentType: "application/json",
                body: BytePieces(message.text)
            )
        }
        answer.headers.append(("request-id", "req_\(request.number)"))
        return answer
    }

    private func message(
        _ request: EndpointRequest,
        content: JSONValue,
        stopReason: JSONValue,
        usage: JSONValue
    ) -> JSONValue {
        [
            "model": .string(request.model), "id": .string("msg_\(request.number)"),
            "type": "message", "role": "assistant", "content": content,
            "stop_reason": stopReason, "stop_sequence": nil, "usage": usage,
        ]
    }

    private func stopReason(_ completion: Completion) -> JSONValue {
        completion.isCut ? "max_tokens" : "end_turn"
    }

    private func usage(_ completion: Completion, outputTokens: Int) -> JSONValue {
        [
            "input_tokens": .integer(Int64(completion.inputTokens)),
            "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0,
            "output_tokens": .integer(Int64(outputTokens)), "service_tier": "standard",
        ]
    }

    // MARK: A stream

    private func events(_ completion: Completion, _ request: EndpointRequest) -> [String] {
        let start = message(
            request,
            content: [],
            stopReason: nil,
            // The first event counts the tokens until then: one.
            usage: usage(completion, outputTokens: 1)
        )
        let deltas = completion.pieces.map { piece in
            event(
                "content_block_delta",
                ["index": 0, "delta": ["type": "text_delta", "text": .string(piece)]]
            )
        }
        let end: JSONObject = [
            "delta": ["stop_reason": stopReason(completion), "stop_sequence": nil],
            "usage": ["output_tokens": .integer(Int64(completion.outputTokens))],
        ]
        return [
            event("message_start", ["message": start]),
            event(
                "content_block_start",
                ["index": 0, "content_block": ["type": "text", "text": ""]]
            ),
            event("ping", [:]),
        ] + deltas + [
            event("content_block_stop", ["index": 0]),
            event("message_delta", end),
            event("message_stop", [:]),
        ]
    }

    private func event(_ type: String, _ members: JSONObject) -> String {
        var data: JSONObject = ["type": .string(type)]
        for (name, value) in members { data[name] = value }
        return "event: \(type)\ndata: \(JSONValue.object(data).text)\n\n"
    }

    // MARK: Models and errors

    func models(_ names: [String], _ request: EndpointRequest) -> JSONValue {
        let models = names.map { name -> JSONValue in
            [
                "type": "model", "id": .string(name), "display_name": .string(name),
                "created_at": "2025-12-29T00:00:00Z",
            ]
        }
        return [
            "data": .array(models), "has_more": false,
            "first_id": names.first.map { .string($0) } ?? nil,
            "last_id": names.last.map { .string($0) } ?? nil,
        ]
    }

    func error(_ status: Int, _ message: String) -> JSONValue {
        let type =
            switch status {
            case 400: "invalid_request_error"
            case 401: "authentication_error"
            case 403: "permission_error"
            case 404: "not_found_error"
            case 413: "request_too_large"
            case 429: "rate_limit_error"
            case 529: "overloaded_error"
            default: "api_error"
            }
        return [
            "type": "error", "error": ["type": .string(type), "message": .string(message)],
            "request_id": nil,
        ]
    }
}
