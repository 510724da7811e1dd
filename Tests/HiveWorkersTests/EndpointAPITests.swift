import HiveSignal
import HiveTestKit
import Testing

/// The four APIs that the scripted endpoint speaks, as their real servers do.
struct EndpointAPITests {
    private func answer(
        _ path: String,
        _ json: JSONValue,
        headers: [String] = []
    ) throws -> RawAnswer {
        let endpoint = try ScriptedEndpoint()
        let connection = try RawConnection(to: endpoint)
        try connection.post(path, json, headers: headers)
        return try connection.readAnswer()
    }

    /// The JSON of each `data:` line.
    private func events(_ answer: RawAnswer) throws -> [JSONValue] {
        try answer.text.split(separator: "\n").filter { $0.hasPrefix("data: {") }
            .map { try JSONValue(parsing: String($0.dropFirst(6))) }
    }

    @Test func `openai answers whole`() throws {
        let answer = try answer("/v1/chat/completions", .question("abcde"))
        let json = try answer.json()
        #expect(answer.status == 200)
        #expect(answer.headers["content-type"] == "application/json")
        #expect(json["object"] == "chat.completion")
        #expect(json["model"] == "scripted-1")
        let choice = json["choices"]?.arrayValue?.first
        #expect(choice?["message"]?["role"] == "assistant")
        #expect(choice?["message"]?["content"] == "edcba")
        #expect(choice?["finish_reason"] == "stop")
        #expect(json["usage"]?["prompt_tokens"] == 2)
        #expect(json["usage"]?["completion_tokens"] == 2)
        #expect(json["usage"]?["total_tokens"] == 4)
    }

    @Test func `openai streams role, text, reason and usage, in that order`() throws {
        for wantsUsage in [true, false] {
            let options: JSONObject = [
                "stream": true, "stream_options": ["include_usage": .bool(wantsUsage)],
            ]
            let prompt = String("a text that takes several pieces".reversed())
            let answer = try answer("/v1/chat/completions", .question(prompt, more: options))
            #expect(answer.headers["content-type"] == "text/event-stream; charset=utf-8")
            #expect(answer.text.hasSuffix("data: [DONE]\n\n"))
            let events = try events(answer)
            #expect(events.allSatisfy { $0["object"] == "chat.completion.chunk" })
            let choices = events.compactMap { $0["choices"]?.arrayValue?.first }
            #expect(choices.first?["delta"]?["role"] == "assistant")
            let text = choices.compactMap { $0["delta"]?["content"]?.stringValue }.joined()
            #expect(text == "a text that takes several pieces")
            #expect(choices.last?["finish_reason"] == "stop")
            #expect(choices.last?["delta"] == [:])
            #expect((events.last?["choices"] == []) == wantsUsage)
            #expect((events.last?["usage"]?["total_tokens"] == 16) == wantsUsage)
            #expect(events.first?["usage"] == (wantsUsage ? .null : nil))
        }
    }

    @Test func `a limit on tokens cuts the answer and says so`() throws {
        let answer = try answer(
            "/v1/chat/completions",
            .question("ééééééé", more: ["max_completion_tokens": 3])
        )
        let json = try answer.json()
        let choice = json["choices"]?.arrayValue?.first
        #expect(choice?["message"]?["content"] == "éééééé")
        #expect(choice?["finish_reason"] == "length")
        #expect(json["usage"]?["completion_tokens"] == 3)
    }

    @Test func `openrouter tells the cost, whole and streamed`() throws {
        let path = "/api/v1/chat/completions"
        let whole = try answer(path, .question("abcdefgh")).json()
        #expect(whole["usage"]?["cost"] == .double(0.000008))
        #expect(whole["provider"] == "Scripted")
        let streamed = try answer(path, .question("abcdefgh", more: ["stream": true]))
        #expect(streamed.text.hasPrefix(": OPENROUTER PROCESSING\n\n"))
        #expect(try events(streamed).last?["usage"]?["cost"] == .double(0.000008))
    }

    @Test func `ollama streams lines unless it is told not to`() throws {
        let streamed = try answer("/api/chat", .question("a longer prompt"))
        #expect(streamed.headers["content-type"] == "application/x-ndjson")
        let lines = try streamed.text.split(separator: "\n").map {
            try JSONValue(parsing: String($0))
        }
        let text = lines.compactMap { $0["message"]?["content"]?.stringValue }.joined()
        #expect(text == "tpmorp regnol a")
        #expect(lines.dropLast().allSatisfy { $0["done"] == false })
        #expect(lines.last?["done"] == true)
        #expect(lines.last?["prompt_eval_count"] == 4)
        let whole = try answer(
            "/api/chat",
            .question("abcdefgh", more: ["stream": false, "options": ["num_predict": 1]])
        ).json()
        #expect(whole["message"]?["content"] == "hgfe")
        #expect(whole["done_reason"] == "length")
        #expect(whole["eval_count"] == 1)
    }

    @Test func `anthropic answers whole, and wants its header and a limit`() throws {
        let version = ["anthropic-version: 2023-06-01", "x-api-key: k"]
        let good = JSONValue.question("abcd", more: ["max_tokens": 10, "system": "be brief"])
        let json = try answer("/v1/messages", good, headers: version).json()
        #expect(json["content"]?.arrayValue?.first?["text"] == "dcba")
        #expect(json["stop_reason"] == "end_turn")
        #expect(json["usage"]?["input_tokens"] == 4)
        #expect(json["usage"]?["output_tokens"] == 1)
        for (body, headers) in [(good, []), (.question("no limit"), version)] {
            let refused = try answer("/v1/messages", body, headers: headers)
            #expect(refused.status == 400)
            #expect(try refused.json()["error"]?["type"] == "invalid_request_error")
        }
    }

    @Test func `anthropic streams its eight kinds of event`() throws {
        let answer = try answer(
            "/v1/messages",
            .question("a longer prompt", more: ["max_tokens": 2, "stream": true]),
            headers: ["anthropic-version: 2023-06-01"]
        )
        let events = try events(answer)
        let types = events.compactMap { $0["type"]?.stringValue }
        #expect(
            types == [
                "message_start", "content_block_start", "ping", "content_block_delta",
                "content_block_stop", "message_delta", "message_stop",
            ]
        )
        #expect(answer.text.hasPrefix("event: message_start\ndata: {"))
        #expect(events[0]["message"]?["usage"]?["input_tokens"] == 4)
        #expect(events[3]["delta"]?["text"] == "tpmorp r")
        #expect(events[5]["delta"]?["stop_reason"] == "max_tokens")
        #expect(events[5]["usage"]?["output_tokens"] == 2)
    }

    @Test func `each API names its models in its own way`() throws {
        var script = EndpointScript()
        script.models = ["m-1", "m-2"]
        let endpoint = try ScriptedEndpoint(script)
        let connection = try RawConnection(to: endpoint)
        for (path, header, list, name) in [
            ("/v1/models", "x: y", "data", "id"), ("/api/v1/models", "x: y", "data", "id"),
            ("/api/tags", "x: y", "models", "name"),
            ("/v1/models", "anthropic-version: 2023-06-01", "data", "id"),
        ] {
            try connection.send("GET \(path) HTTP/1.1\r\n\(header)\r\n\r\n")
            let models = try connection.readAnswer().json()[list]?.arrayValue ?? []
            #expect(models.map { $0[name] } == ["m-1", "m-2"])
        }
    }

    @Test func `each API tells errors in its own way`() throws {
        let endpoint = try ScriptedEndpoint(EndpointScript { _ in .status(429) })
        let connection = try RawConnection(to: endpoint)
        func error(_ path: String) throws -> JSONValue {
            try connection.post(path, .question("q"))
            return try connection.readAnswer().json()
        }
        #expect(try error("/v1/chat/completions")["error"]?["type"] == "requests")
        #expect(try error("/api/v1/chat/completions")["error"]?["code"] == 429)
        #expect(try error("/api/chat")["error"] == "scripted: 429")
        #expect(try error("/v1/messages")["error"]?["type"] == "rate_limit_error")
    }
}
