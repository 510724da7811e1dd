import HiveTestKit
import Testing

@testable import HiveWorkers

/// Answers that stream, whatever the pieces.
struct ChatStreamTests {
    private let openAI: any ModelAPI
    private let ollama: any ModelAPI
    private let anthropic: any ModelAPI

    init() throws {
        openAI = try ModelAPIs.make(.openai, baseURL: "http://h/v1")
        ollama = try ModelAPIs.make(.ollama)
        anthropic = try ModelAPIs.make(.anthropic)
    }

    private static let chunk = #"{"choices":[{"delta":{"content":"a"}}]}"#

    @Test(arguments: Sample.all)
    func `a stream is the same answer as a whole, cut at any byte`(_ sample: Sample) throws {
        let api = try sample.api()
        let bytes = Array(sample.stream.utf8)
        let answer = ModelAnswer(text: Sample.text, model: "m-1", usage: Sample.usage)
        for place in bytes.indices {
            let streamed = Streamed(
                api,
                [Array(bytes[..<place]), Array(bytes[place...])],
                type: sample.streamType
            )
            #expect(streamed.answer == answer, "cut at \(place)")
            #expect(streamed.pieces == Sample.text, "cut at \(place)")
        }
        let single = Streamed(api, bytes.map { [$0] }, type: sample.streamType)
        #expect(single.answer == answer)
        #expect(single.pieces == Sample.text)
    }

    @Test(arguments: Sample.all)
    func `a stream that ends early is cut until the model has stopped`(_ sample: Sample) throws {
        let api = try sample.api()
        let bytes = Array(sample.stream.utf8)
        var hasEnded = false
        for end in bytes.indices {
            let streamed = Streamed(api, [Array(bytes[..<end])], type: sample.streamType)
            // From the first end that is one, each later one is.
            if let answer = streamed.answer {
                hasEnded = true
                #expect(answer.text == Sample.text)
            } else {
                #expect(!hasEnded, "ended at \(end)")
                #expect(streamed.fault?.kind == .cut, "ended at \(end)")
            }
        }
        #expect(hasEnded)
    }

    @Test(arguments: Sample.all)
    func `a server that does not stream gives a plain answer`(_ sample: Sample) throws {
        let api = try sample.api()
        let answer = try api.answer(in: Wire.answer(sample.whole))
        let bytes = Array(sample.whole.utf8)
        for type in ["application/json", sample.streamType, nil] {
            #expect(Streamed(api, [bytes], type: type).answer == answer)
            #expect(Streamed(api, bytes.map { [$0] }, type: type).answer == answer)
            let blanks = Array("\u{FEFF} \r\n".utf8)
            #expect(Streamed(api, [blanks, bytes], type: type).answer == answer)
        }
        let page = Streamed(api, [bytes], type: "text/html")
        #expect(page.fault?.kind == .malformed)
    }

    @Test(arguments: Sample.all)
    func `a page instead of a stream names the address`(_ sample: Sample) throws {
        let api = try sample.api()
        let fault = Streamed(api, "<html>\n<p>Log in\n\n</html>", type: "text/html").fault
        #expect(fault?.kind == .malformed)
        #expect(fault?.message.contains("found text/html, expected ") == true)
        #expect(fault?.message.contains(api.baseURL) == true)
    }

    @Test(arguments: Sample.all)
    func `an empty stream is cut`(_ sample: Sample) throws {
        let api = try sample.api()
        #expect(Streamed(api, "", type: sample.streamType).fault?.kind == .cut)
        #expect(Streamed(api, "", type: nil).fault?.kind == .cut)
        #expect(Streamed(api, "\n\n", type: sample.streamType).fault?.kind == .cut)
    }

    @Test func `usage comes in the last chunk, and nothing behind the end counts`() {
        let streamed = Streamed(
            openAI,
            Wire.events([Self.chunk, "[DONE]", Self.chunk, "not JSON"])
        )
        #expect(streamed.answer == ModelAnswer(text: "a"))
        #expect(streamed.pieces == "a")
    }

    @Test func `a stream that ended at its limit is cut short, and an answer`() {
        let last = #"{"choices":[{"delta":{"content":"b"},"finish_reason":"length"}]}"#
        let streamed = Streamed(openAI, Wire.events([Self.chunk, last]))
        #expect(streamed.answer == ModelAnswer(text: "ab", isCut: true))
    }

    @Test func `one whole message as a piece is an answer`() {
        let message = #"{"choices":[{"message":{"content":"whole"},"finish_reason":"stop"}]}"#
        #expect(Streamed(openAI, Wire.events([message, "[DONE]"])).answer?.text == "whole")
    }

    @Test(arguments: [
        #"data: {"error":{"message":"no more","code":502},"choices":[{"delta":{},"finish_reason":"error"}]}"#,
        #"data: {"error":"no more"}"#, "event: error\ndata: no more",
        "event: error\ndata: {\"message\":\"no more\"}",
        #"data: {"choices":[{"delta":{},"error":{"message":"no more"}}]}"#,
    ])
    func `an error in the middle of a stream is the server's`(_ event: String) {
        let streamed = Streamed(openAI, Wire.events([Self.chunk]) + event + "\n\ndata: [DONE]\n\n")
        #expect(streamed.fault == ModelFault(.serverError, "no more"))
        #expect(streamed.pieces == "a")
    }

    @Test func `Anthropic's and Ollama's errors in the middle are the server's`() {
        let overloaded = #"""
            event: error
            data: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}


            """#
        let fault = ModelFault(.serverError, "Overloaded (overloaded_error)")
        #expect(Streamed(anthropic, overloaded).fault == fault)
        let lines = Wire.lines([
            #"{"message":{"content":"a"},"done":false}"#, #"{"error":"out of memory"}"#,
        ])
        let local = Streamed(ollama, lines, type: Wire.lineType)
        #expect(local.fault == ModelFault(.serverError, "out of memory"))
        // The last line need not end.
        let open = Streamed(ollama, String(lines.dropLast()), type: Wire.lineType)
        #expect(open.fault == local.fault)
    }

    @Test func `Anthropic's thoughts are no text`() {
        let stream = #"""
            data: {"type":"content_block_start","content_block":{"type":"thinking","thinking":""}}

            data: {"type":"content_block_delta","delta":{"type":"thinking_delta","thinking":"hm"}}

            data: {"type":"message_delta","delta":{"stop_reason":"max_tokens"},"usage":{}}

            data: {"type":"message_stop"}


            """#
        let streamed = Streamed(anthropic, stream)
        #expect(streamed.pieces == "")
        #expect(streamed.fault?.message.contains("went into reasoning") == true)
    }

    @Test func `a broken chunk makes the stream malformed and ends the text`() {
        let streamed = Streamed(openAI, Wire.events([Self.chunk, "{", Self.chunk, "[DONE]"]))
        #expect(streamed.fault?.kind == .malformed)
        #expect(streamed.pieces == "a")
        let lines = Wire.lines([#"{"message":{"content":"a"}}"#, "{", #"{"done":true}"#])
        let local = Streamed(ollama, lines, type: Wire.lineType)
        #expect(local.fault?.kind == .malformed)
    }

    @Test func `a line without an end is malformed and not kept`() {
        let piece = Array(repeating: UInt8(ascii: "x"), count: 1 << 16)
        let pieces = Array(repeating: piece, count: 40)
        for (api, type) in [(openAI, Wire.eventType), (ollama, Wire.lineType)] {
            let fault = Streamed(api, pieces, type: type).fault
            #expect(fault?.kind == .malformed)
            #expect(fault?.message.contains("longer than") == true)
        }
        let document = Streamed(openAI, [[UInt8(ascii: "{")]] + pieces + pieces, type: nil)
        #expect(document.fault?.message == "the answer is longer than 4 MiB")
    }

    @Test(arguments: Sample.all)
    func `mutated streams give the same in one piece and in many`(_ sample: Sample) throws {
        var generator = SeededGenerator()
        let api = try sample.api()
        let bytes = Array(sample.stream.utf8)
        for round in 0..<Campaign.size(short: 1_000, long: 25_000) {
            let stream = bytes.mutated(by: &generator)
            let whole = Streamed(api, [stream], type: sample.streamType)
            let step = Int.random(in: 1...16, using: &generator)
            let pieces = stride(from: 0, to: stream.count, by: step).map {
                Array(stream[$0..<min($0 + step, stream.count)])
            }
            let pieced = Streamed(api, pieces, type: sample.streamType)
            #expect(pieced == whole, "seed \(generator.seed), round \(round)")
            #expect(whole.pieces.utf8.count <= stream.count)
        }
    }
}
