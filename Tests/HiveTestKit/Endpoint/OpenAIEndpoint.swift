import Glibc
import HiveSignal

/// OpenAI's chat completions, and OpenRouter's, which add to them what an answer cost.
struct OpenAIEndpoint: EndpointAPI {
    let isOpenRouter: Bool

    func complaint(about request: EndpointRequest) -> String? { nil }

    func answer(
        _ completion: Completion,
        _ request: EndpointRequest,
        _ script: EndpointScript
    ) -> EndpointAnswer {
        let usage = usage(completion, script)
        guard request.json["stream"]?.boolValue == true else {
            return EndpointAnswer(
                contentType: "application/json",
                body: BytePieces(whole(completion, request, usage).text)
            )
        }
        return EndpointAnswer(
            contentType: isOpenRouter ? "text/event-stream" : "text/event-stream; charset=utf-8",
            body: BytePieces(events(completion, request, usage).map { Array($0.utf8) }),
            isStream: true
        )
    }

    // MARK: The parts of an answer

    private func head(_ kind: String, _ request: EndpointRequest) -> JSONObject {
        let prefix = isOpenRouter ? "gen-" : "chatcmpl-"
        var head: JSONObject = [
            "id": .string("\(prefix)\(request.number)"), "object": .string(kind),
            "created": .integer(Int64(time(nil))), "model": .string(request.model),
        ]
        if isOpenRouter {
            head["provider"] = "Scripted"
        } else {
            head["service_tier"] = "default"
            head["system_fingerprint"] = "fp_5c21a0d7e4"
        }
        return head
    }

    private func whole(
        _ completion: Completion,
        _ request: EndpointRequest,
        _ usage: JSONValue
    ) -> JSONValue {
        var message: JSONObject = [
            "role": "assistant", "content": .string(completion.text), "refusal": nil,
        ]
        if isOpenRouter { message["reasoning"] = .null } else { message["annotations"] = [] }
        var answer = head("chat.completion", request)
        answer["choices"] = [
            choice("message", .object(message), finish: finishReason(completion))
        ]
        answer["usage"] = usage
        return .object(answer)
    }

    private func choice(_ name: String, _ value: JSONValue, finish: JSONValue) -> JSONValue {
        var choice = JSONObject()
        choice["index"] = 0
        choice[name] = value
        choice["logprobs"] = .null
        choice["finish_reason"] = finish
        if isOpenRouter { choice["native_finish_reason"] = finish }
        return .object(choice)
    }

    private func finishReason(_ completion: Completion) -> JSONValue {
        completion.isCut ? "length" : "stop"
    }

    private func usage(_ completion: Completion, _ script: EndpointScript) -> JSONValue {
        let total = completion.inputTokens + completion.outputTokens
        var usage: JSONObject = [
            "prompt_tokens": .integer(Int64(completion.inputTokens)),
            "completion_tokens": .integer(Int64(completion.outputTokens)),
            "total_tokens": .integer(Int64(total)),
            "prompt_tokens_details": ["cached_tokens": 0, "audio_tokens": 0],
        ]
        if isOpenRouter {
            usage["cost"] = .double(Double(total) * script.dollarsPerThousandTokens / 1_000)
            usage["is_byok"] = false
            usage["cost_details"] = ["upstream_inference_cost": nil]
            usage["completion_tokens_details"] = ["reasoning_tokens": 0]
        } else {
            usage["completion_tokens_details"] = [
                "reasoning_tokens": 0, "audio_tokens": 0,
                "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0,
            ]
        }
        return .object(usage)
    }

    // MARK: A stream

    /// The role, the text, the reason of the end, the usage where it is wanted, and `[DONE]`.
    private func events(
        _ completion: Completion,
        _ request: EndpointRequest,
        _ usage: JSONValue
    ) -> [String] {
        let wantsUsage =
            isOpenRouter || request.json["stream_options"]?["include_usage"]?.boolValue == true
        let head = head("chat.completion.chunk", request)
        func event(_ choices: [JSONValue], _ usage: JSONValue? = nil) -> String {
            var chunk = head
            chunk["choices"] = .array(choices)
            if let usage {
                chunk["usage"] = usage
            } else if wantsUsage && !isOpenRouter {
                chunk["usage"] = .null
            }
            return "data: \(JSONValue.object(chunk).text)\n\n"
        }
        func delta(_ delta: JSONValue, finish: JSONValue = nil) -> String {
            event([choice("delta", delta, finish: finish)])
        }
        // What OpenRouter sends while a model makes up its mind: a comment.
        var events = isOpenRouter ? [": OPENROUTER PROCESSING\n\n"] : []
        events.append(delta(["role": "assistant", "content": "", "refusal": nil]))
        events += completion.pieces.map { delta(["content": .string($0)]) }
        events.append(delta([:], finish: finishReason(completion)))
        if wantsUsage { events.append(event([], usage)) }
        events.append("data: [DONE]\n\n")
        return events
    }

    // MARK: Models and errors

    func models(_ names: [String], _ request: EndpointRequest) -> JSONValue {
        guard !isOpenRouter else {
            return ["data": .array(names.map(openRouterModel))]
        }
        let models = names.map { name -> JSONValue in
            [
                "id": .string(name), "object": "model", "created": 1_767_000_000,
                "owned_by": "scripted",
            ]
        }
        return ["object": "list", "data": .array(models)]
    }

    private func openRouterModel(_ name: String) -> JSONValue {
        [
            "id": .string(name), "name": .string(name), "created": 1_767_000_000,
            "context_length": 8_192, "pricing": ["prompt": "0.000002", "completion": "0.000002"],
        ]
    }

    func error(_ status: Int, _ message: String) -> JSONValue {
        if isOpenRouter {
            return ["error": ["code": .integer(Int64(status)), "message": .string(message)]]
        }
        let (type, code): (String, JSONValue) =
            switch status {
            case 401: ("invalid_request_error", "invalid_api_key")
            case 429: ("requests", "rate_limit_exceeded")
            case 500...: ("server_error", nil)
            default: ("invalid_request_error", nil)
            }
        return [
            "error": [
                "message": .string(message), "type": .string(type), "param": nil, "code": code,
            ]
        ]
    }
}
