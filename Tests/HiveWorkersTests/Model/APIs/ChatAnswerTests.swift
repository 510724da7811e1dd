import HiveProcess
import HiveTestKit
import Testing

@testable import HiveWorkers

/// Answers that come whole.
struct ChatAnswerTests {
    private let openAI: any ModelAPI
    private let openRouter: any ModelAPI
    private let ollama: any ModelAPI
    private let anthropic: any ModelAPI

    init() throws {
        openAI = try ModelAPIs.make(.openai, baseURL: "http://h/v1")
        openRouter = try ModelAPIs.make(.openrouter)
        ollama = try ModelAPIs.make(.ollama)
        anthropic = try ModelAPIs.make(.anthropic)
    }

    private func openAI(_ message: String, reason: String = "stop") -> HTTPResponse {
        Wire.answer(#"{"choices":[{"message":\#(message),"finish_reason":"\#(reason)"}]}"#)
    }

    private func fault(_ api: any ModelAPI, _ response: HTTPResponse) throws -> ModelFault {
        try #require(throws: ModelFault.self) { try api.answer(in: response) }
    }

    @Test(arguments: Sample.all)
    func `text, model and usage are read`(_ sample: Sample) throws {
        let answer = try sample.api().answer(in: Wire.answer(sample.whole))
        #expect(
            answer == ModelAnswer(text: Sample.text, model: "m-1", usage: Sample.usage)
        )
    }

    @Test(arguments: [
        #"{"content":"a b"}"#,
        #"{"content":[{"type":"text","text":"a"},{"type":"text","text":" b"}]}"#,
        #"{"content":[{"type":"image_url","image_url":{}},{"text":"a b"}]}"#,
        #"{"content":"a b","refusal":null}"#, #"{"content":"a b","reasoning_content":"hm"}"#,
    ])
    func `content may be text or parts`(_ message: String) throws {
        #expect(try openAI.answer(in: openAI(message)).text == "a b")
    }

    @Test func `a refusal is no answer, whole or in pieces`() throws {
        let whole = try fault(openAI, openAI(#"{"content":null,"refusal":"I cannot\nsay 4"}"#))
        #expect(whole.message.contains("the model refused: I cannot say 4"), "\(whole)")
        let pieces = ["I cannot", " say 4"].map {
            #"{"choices":[{"delta":{"refusal":"\#($0)"}}]}"#
        }
        let streamed = Streamed(openAI, Wire.events(pieces + ["[DONE]"]))
        #expect(streamed.fault?.message.contains("the model refused: I cannot say 4") == true)
    }

    @Test func `an answer without text tells what it cost`() throws {
        let usage = #""usage":{"prompt_tokens":12,"completion_tokens":5}"#
        let choices = #""choices":[{"message":{"content":null},"finish_reason":"stop"}]"#
        let spent = ModelSpending(usage: Sample.usage, dollars: nil)
        #expect(try fault(openAI, Wire.answer("{\(choices),\(usage)}")).spent == spent)
        #expect(try fault(openAI, Wire.answer("{\(usage)}")).spent == spent)
        #expect(try fault(openAI, Wire.answer("{\(choices)}")).spent == nil)
        let chunk = #"{"choices":[{"delta":{},"finish_reason":"stop"}],\#(usage)}"#
        #expect(Streamed(openAI, Wire.events([chunk, "[DONE]"])).fault?.spent == spent)
    }

    @Test func `an answer that ended at its limit is cut`() throws {
        #expect(try openAI.answer(in: openAI(#"{"content":"a"}"#, reason: "length")).isCut)
        let local = #"{"message":{"content":"a"},"done":true,"done_reason":"length"}"#
        #expect(try ollama.answer(in: Wire.answer(local)).isCut)
        for reason in ["max_tokens", "model_context_window_exceeded"] {
            let body = #"{"content":[{"type":"text","text":"a"}],"stop_reason":"\#(reason)"}"#
            #expect(try anthropic.answer(in: Wire.answer(body)).isCut)
        }
        #expect(try !openAI.answer(in: openAI(#"{"content":"a"}"#)).isCut)
    }

    @Test(arguments: [
        (#"{"content":null}"#, "stop", "stopped at once (stop)"),
        (#"{"content":" \n"}"#, "", "said nothing"),
        (#"{"content":null,"reasoning_content":"hm"}"#, "length", "went into reasoning"),
        (#"{"content":"","reasoning":"hm"}"#, "stop", "reasoned and then said nothing"),
        (#"{"content":null}"#, "length", "allow it more"),
        (#"{"content":""}"#, "content_filter", "withheld it (content_filter)"),
        (#"{"content":null,"tool_calls":[]}"#, "tool_calls", "asked for a tool"),
    ])
    func `an answer without text says why`(
        _ message: String,
        _ reason: String,
        _ words: String
    ) throws {
        let fault = try fault(openAI, openAI(message, reason: reason))
        #expect(fault.kind == .malformed)
        #expect(fault.message.contains(words), "\(fault.message)")
    }

    @Test(arguments: [
        #"{"error":{"message":"Overloaded","type":"overloaded_error"}}"#,
        #"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#,
        #"{"error":"Overloaded (overloaded_error)"}"#,
        #"{"object":"error","message":"Overloaded (overloaded_error)","code":503}"#,
    ])
    func `an error inside an answer is the server's`(_ body: String) throws {
        for api in [openAI, openRouter, ollama, anthropic] {
            let fault = try fault(api, Wire.answer(body))
            #expect(fault == ModelFault(.serverError, "Overloaded (overloaded_error)"))
        }
    }

    @Test func `OpenRouter's error inside a choice is the server's`() throws {
        let error = #"{"code":502,"message":"no provider"}"#
        let body = #"{"choices":[{"error":\#(error),"message":{"content":"x"}}]}"#
        #expect(try fault(openRouter, Wire.answer(body)).kind == .serverError)
        #expect(
            try fault(openRouter, openAI(#"{"content":"x"}"#, reason: "error")).kind == .serverError
        )
    }

    @Test func `an error that is null is none`() throws {
        let body = #"{"error":null,"choices":[{"message":{"content":"a"}}]}"#
        #expect(try openAI.answer(in: Wire.answer(body)).text == "a")
    }

    @Test func `a page instead of an answer names the address`() throws {
        let fault = try fault(
            openAI,
            Wire.answer("<html>Log in</html>", type: "text/html; charset=x")
        )
        #expect(
            fault
                == ModelFault(
                    .malformed,
                    "found text/html, expected application/json: is http://h/v1 the address of the API?"
                )
        )
    }

    @Test(arguments: [
        nil, "application/json", "Application/JSON;charset=utf-8", "application/problem+json",
    ])
    func `an answer may name its type in any way that means JSON`(_ type: String?) throws {
        let body = #"{"choices":[{"message":{"content":"a"}}]}"#
        #expect(try openAI.answer(in: Wire.answer(body, type: type)).text == "a")
    }

    @Test(arguments: [
        ("", "not JSON"), ("{", "not JSON"), ("[]", "no object"), ("{}", "no choices"),
        (#"{"choices":null}"#, "no choices"), (#"{"choices":1}"#, "no text"),
        (#"{"choices":[],"choices":[]}"#, "a key that is there twice"),
        (#"{"choices":[{"index":1,"message":{"content":"b"}}]}"#, "no text"),
        ("{\"a\":" + String(repeating: "[", count: 100_000), "nesting"),
    ])
    func `what is no answer is malformed, in words`(_ body: String, _ words: String) throws {
        let fault = try fault(openAI, Wire.answer(body))
        #expect(fault.kind == .malformed)
        #expect(fault.message.contains(words), "\(fault.message)")
    }

    @Test func `bytes that are not UTF-8 are malformed`() throws {
        var body = Array(#"{"choices":[{"message":{"content":"a"}}]}"#.utf8)
        let place = try #require(body.lastIndex(of: UInt8(ascii: "a")))
        body[place] = 0xFF
        #expect(try fault(openAI, Wire.answer(body)).kind == .malformed)
    }

    @Test(arguments: [
        "-1", "1e300", "9223372036854775807", "1.5", "\"7\"", "null", "true", "1000000001",
    ])
    func `a count of tokens that cannot be true counts as not told`(_ count: String) throws {
        let usage = #"{"prompt_tokens":\#(count),"completion_tokens":1}"#
        let body = #"{"choices":[{"message":{"content":"a"}}],"usage":\#(usage)}"#
        #expect(try openAI.answer(in: Wire.answer(body)).usage == nil)
    }

    @Test(arguments: ["-0.1", "1e300", "\"1\"", "null", "100001"])
    func `a cost that cannot be true counts as not told`(_ cost: String) throws {
        let body = #"{"choices":[{"message":{"content":"a"}}],"usage":{"cost":\#(cost)}}"#
        #expect(try openRouter.answer(in: Wire.answer(body)).dollars == nil)
    }

    @Test(arguments: [
        (#""cost":0.25"#, 0.25),
        (#""cost":0.25,"is_byok":false,"cost_details":{"upstream_inference_cost":0.25}"#, 0.25),
        (#""cost":0.25,"is_byok":true,"cost_details":{"upstream_inference_cost":0.5}"#, 0.75),
    ])
    func `OpenRouter's figure is what it cost`(_ usage: String, _ dollars: Double) throws {
        let body = #"{"choices":[{"message":{"content":"a"}}],"usage":{\#(usage)}}"#
        #expect(try openRouter.answer(in: Wire.answer(body)).dollars == dollars)
        #expect(try openAI.answer(in: Wire.answer(body)).dollars == nil)
    }

    @Test func `what Anthropic read from its cache was read too`() throws {
        let body = #"""
            {"type":"message","content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"a"}],
            "usage":{"input_tokens":5,"cache_creation_input_tokens":7,"cache_read_input_tokens":11,
            "output_tokens":3}}
            """#
        let answer = try anthropic.answer(in: Wire.answer(body))
        #expect(answer.text == "a")
        #expect(answer.usage == TokenUsage(inputTokens: 23, outputTokens: 3))
    }

    @Test func `Ollama leaves the prompt's count out where all was cached`() throws {
        let body = #"{"message":{"content":"a"},"done":true,"eval_count":3}"#
        let usage = TokenUsage(inputTokens: 0, outputTokens: 3)
        #expect(try ollama.answer(in: Wire.answer(body)).usage == usage)
    }

    @Test func `a model's name is one bounded line`() throws {
        let name = #"a\nb\u001b[31m"# + String(repeating: "x", count: 5_000)
        let body = #"{"model":"\#(name)","choices":[{"message":{"content":"a"}}]}"#
        let model = try #require(try openAI.answer(in: Wire.answer(body)).model)
        #expect(model.hasPrefix("a b"))
        #expect(model.utf8.count <= AnswerDraft.modelBytesMax)
        #expect(!model.contains("\u{1B}"))
    }

    // MARK: Models

    @Test func `the models are named`() throws {
        let data = Wire.answer(
            #"{"object":"list","data":[{"id":"a"},{"id":""},{"id":7},{"id":"b/c"}]}"#
        )
        for api in [openAI, openRouter, anthropic] {
            #expect(api.models(in: data) == ["a", "b/c"])
        }
        let tags = Wire.answer(#"{"models":[{"name":"a:1","model":"a:1"},{"name":"b"}]}"#)
        #expect(ollama.models(in: tags) == ["a:1", "b"])
        #expect(ollama.models(in: Wire.answer(#"{"models":[]}"#)) == [])
    }

    @Test(arguments: ["", "<html>", "[]", "{}", #"{"data":{"id":"a"}}"#, #"{"models":"a"}"#])
    func `what is no list of models is none`(_ body: String) throws {
        for api in [openAI, openRouter, ollama, anthropic] {
            #expect(api.models(in: Wire.answer(body)) == nil)
        }
    }

    // MARK: Hostile servers

    @Test(arguments: Sample.all)
    func `mutated answers are answers or faults, bounded, and never a trap`(_ sample: Sample) throws
    {
        var generator = SeededGenerator()
        let api = try sample.api()
        let bytes = Array(sample.whole.utf8)
        for round in 0..<Campaign.size(short: 2_000, long: 50_000) {
            let body = bytes.mutated(by: &generator)
            do throws(ModelFault) {
                let answer = try api.answer(in: Wire.answer(body))
                #expect(answer.text.utf8.count <= body.count)
            } catch {
                let isBounded = error.message.utf8.count <= 2 * PlainText.lineBytesMax
                #expect(isBounded, "seed \(generator.seed), round \(round): \(error.message)")
            }
            let said = api.complaint(in: Wire.answer(body, status: 500))
            #expect(said.utf8.count <= Complaint.bytesMax && !said.contains("\n"))
            _ = api.models(in: Wire.answer(body))
        }
    }
}

extension [UInt8] {
    /// The bytes with a few of them changed, lost, doubled or moved.
    func mutated(by generator: inout SeededGenerator) -> [UInt8] {
        var bytes = self
        for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
            case 1: bytes[place] = "{}[]\",:\\0-e\n".utf8.randomElement(using: &generator) ?? 0
            case 2: bytes.remove(at: place)
            case 3:
                let end = Int.random(in: place...bytes.count, using: &generator)
                bytes.removeSubrange(place..<end)
            default:
                let end = Swift.min(bytes.count, place + Int.random(in: 1...40, using: &generator))
                bytes.insert(contentsOf: bytes[place..<end], at: place)
            }
        }
        return bytes
    }
}
