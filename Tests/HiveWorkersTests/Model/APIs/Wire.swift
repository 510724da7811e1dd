import HiveTestKit
import HiveWorkers
import Testing

/// Answers as they come over the wire, for the tests of the model APIs.
enum Wire {
    static func answer(
        _ body: String,
        type: String? = "application/json",
        status: Int = 200
    ) -> HTTPResponse {
        answer(Array(body.utf8), type: type, status: status)
    }

    static func answer(
        _ body: [UInt8],
        type: String? = "application/json",
        status: Int = 200
    ) -> HTTPResponse {
        let headers = type.map { ["content-type": $0] } ?? [:]
        return HTTPResponse(status: status, headers: headers, body: body)
    }

    /// A stream of events, each the data of one.
    static func events(_ data: [String]) -> String {
        data.map { "data: \($0)\n\n" }.joined()
    }

    static func lines(_ documents: [String]) -> String {
        documents.map { "\($0)\n" }.joined()
    }

    static let eventType = "text/event-stream; charset=utf-8"
    static let lineType = "application/x-ndjson"

    static func question(
        system: String? = "be brief",
        temperature: Double? = nil
    ) -> ModelRequest {
        ModelRequest(
            model: "m-1",
            system: system,
            prompt: "say \"hi\"\n",
            temperature: temperature,
            outputTokensMax: 64
        )
    }
}

/// What reading a stream gave.
struct Streamed: Equatable {
    /// What came piece by piece, joined.
    var pieces = ""
    var result: Result<ModelAnswer, ModelFault>

    /// Reads the bytes in these pieces.
    init(_ api: any ModelAPI, _ pieces: [[UInt8]], type: String?) {
        var reader = api.streamReader()
        for piece in pieces { self.pieces += reader.read(piece) }
        let response = Wire.answer("", type: type)
        do throws(ModelFault) {
            result = .success(try reader.finish(response))
        } catch {
            result = .failure(error)
        }
    }

    init(_ api: any ModelAPI, _ text: String, type: String? = Wire.eventType) {
        self.init(api, [Array(text.utf8)], type: type)
    }

    var answer: ModelAnswer? { try? result.get() }

    var fault: ModelFault? {
        guard case .failure(let fault) = result else { return nil }
        return fault
    }
}

/// Whole answers and streams as each API gives them: all say `Hé 👋 there`.
struct Sample: Sendable, CustomTestStringConvertible {
    static let text = "Hé 👋 there"
    static let usage = TokenUsage(inputTokens: 12, outputTokens: 5)

    var kind: ModelAPIKind
    var whole: String
    var stream: String
    var streamType: String

    var testDescription: String { kind.rawValue }

    func api() throws -> any ModelAPI { try ModelAPIs.make(kind) }

    static let all = [
        Sample(kind: .openai, whole: openAI, stream: openAIStream, streamType: Wire.eventType),
        Sample(
            kind: .openrouter,
            whole: openAI,
            stream: ": OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\n" + openAIStream,
            streamType: Wire.eventType
        ),
        Sample(
            kind: .ollama,
            whole: #"""
                {"model":"m-1","created_at":"2026-01-01T00:00:00Z","message":{"role":"assistant",
                "content":"Hé 👋 there"},"done":true,"done_reason":"stop","prompt_eval_count":12,
                "eval_count":5,"total_duration":4353619900}
                """#,
            stream: Wire.lines([
                #"{"model":"m-1","message":{"role":"assistant","content":"Hé 👋"},"done":false}"#,
                #"{"model":"m-1","message":{"role":"assistant","content":" there"},"done":false}"#,
                #"""
                {"model":"m-1","message":{"role":"assistant","content":""},"done":true,\#
                "done_reason":"stop","prompt_eval_count":12,"eval_count":5}
                """#,
            ]),
            streamType: Wire.lineType
        ),
        Sample(
            kind: .anthropic,
            whole: #"""
                {"id":"msg_1","type":"message","role":"assistant","model":"m-1",
                "content":[{"type":"text","text":"Hé 👋"},{"type":"text","text":" there"}],
                "stop_reason":"end_turn","stop_sequence":null,
                "usage":{"input_tokens":12,"output_tokens":5}}
                """#,
            stream: anthropicStream,
            streamType: Wire.eventType
        ),
    ]

    private static let openAI = #"""
        {"id":"c-1","object":"chat.completion","model":"m-1","choices":[{"index":0,"message":
        {"role":"assistant","content":"Hé 👋 there","refusal":null},"finish_reason":"stop"}],
        "usage":{"prompt_tokens":12,"completion_tokens":5,"total_tokens":17}}
        """#

    private static let openAIStream = Wire.events([
        #"{"model":"m-1","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}"#,
        #"{"model":"m-1","choices":[{"index":0,"delta":{"content":"Hé "},"finish_reason":null}]}"#,
        #"{"model":"m-1","choices":[{"index":0,"delta":{"content":"\ud83d\udc4b there"}}]}"#,
        #"{"model":"m-1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null}"#,
        #"{"model":"m-1","choices":[],"usage":{"prompt_tokens":12,"completion_tokens":5}}"#,
        "[DONE]",
    ])

    private static let anthropicStream = [
        (
            "message_start",
            #"""
            ,"message":{"type":"message","model":"m-1","content":[],"stop_reason":null,\#
            "usage":{"input_tokens":12,"output_tokens":1}}
            """#
        ),
        ("content_block_start", #","index":0,"content_block":{"type":"text","text":""}"#),
        ("ping", ""),
        ("content_block_delta", #","index":0,"delta":{"type":"text_delta","text":"Hé 👋"}"#),
        ("content_block_delta", #","index":0,"delta":{"type":"text_delta","text":" there"}"#),
        ("content_block_stop", #","index":0"#),
        ("message_delta", #","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":5}"#),
        ("message_stop", ""),
    ].map { "event: \($0)\ndata: {\"type\":\"\($0)\"\($1)}\n\n" }.joined()
}
