import Glibc
import HiveSignal

/// Ollama's own chat: lines of JSON, streamed unless the request says otherwise.
struct OllamaEndpoint: EndpointAPI {
    func complaint(about request: EndpointRequest) -> String? { nil }

    func answer(
        _ completion: Completion,
        _ request: EndpointRequest,
        _ script: EndpointScript
    ) -> EndpointAnswer {
        guard request.json["stream"]?.boolValue != false else {
            let last = line(completion.text, request, counts(completion))
            return EndpointAnswer(
                contentType: "application/json; charset=utf-8",
                body: BytePieces(last)
            )
        }
        let lines =
            completion.pieces.map { line($0, request, ["done": false]) + "\n" }
            + [line("", request, counts(completion)) + "\n"]
        return EndpointAnswer(
            contentType: "application/x-ndjson",
            body: BytePieces(lines.map { Array($0.utf8) }),
            isStream: true
        )
    }

    private func line(
        _ text: String,
        _ request: EndpointRequest,
        _ rest: JSONObject
    ) -> String {
        var line: JSONObject = [
            "model": .string(request.model),
            "created_at": .string(Timestamp(seconds: Int64(time(nil))).rfc3339),
            "message": ["role": "assistant", "content": .string(text)],
        ]
        for (name, value) in rest { line[name] = value }
        return JSONValue.object(line).text
    }

    /// What only the last line has; durations are nanoseconds.
    private func counts(_ completion: Completion) -> JSONObject {
        [
            "done_reason": completion.isCut ? "length" : "stop", "done": true,
            "total_duration": 191_566_416, "load_duration": 2_154_458,
            "prompt_eval_count": .integer(Int64(completion.inputTokens)),
            "prompt_eval_duration": 38_380_900,
            "eval_count": .integer(Int64(completion.outputTokens)),
            "eval_duration": 149_991_000,
        ]
    }

    func models(_ names: [String], _ request: EndpointRequest) -> JSONValue {
        let models = names.map { name -> JSONValue in
            [
                "name": .string(name), "model": .string(name),
                "modified_at": "2025-12-29T10:00:00.123456789Z", "size": 98_566_144,
                "digest": .string(String(repeating: "0f", count: 32)),
                "details": [
                    "parent_model": "", "format": "gguf", "family": "llama",
                    "families": ["llama"], "parameter_size": "134.52M",
                    "quantization_level": "Q4_1",
                ],
            ]
        }
        return ["models": .array(models)]
    }

    func error(_ status: Int, _ message: String) -> JSONValue { ["error": .string(message)] }
}
