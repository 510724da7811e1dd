import HiveSignal
import HiveTestKit
import Testing

/// What the scripted endpoint does wrong when it is told to.
struct EndpointFaultTests {
    private static let path = "/v1/chat/completions"

    /// A connection that has asked one question of an endpoint with one fault.
    private func asked(_ fault: Fault, streams: Bool = false) throws -> (
        ScriptedEndpoint, RawConnection
    ) {
        var script = EndpointScript { _ in fault }
        script.slowLorisMilliseconds = 1
        let endpoint = try ScriptedEndpoint(script)
        let connection = try RawConnection(to: endpoint)
        try connection.post(
            Self.path,
            .question("a question", more: streams ? ["stream": true] : [:]),
            headers: ["authorization: Bearer sk-secret"]
        )
        return (endpoint, connection)
    }

    @Test func `a status comes with its words and the time to wait`() throws {
        let (_, connection) = try asked(.status(429, retryAfterSeconds: 7))
        let answer = try connection.readAnswer()
        #expect(answer.status == 429)
        #expect(answer.headers["retry-after"] == "7")
        #expect(try answer.json()["error"]?["code"] == "rate_limit_exceeded")
        let (_, other) = try asked(.status(503, body: "upstream died"))
        #expect(try other.readAnswer().text == "upstream died")
    }

    @Test func `a cut answer has as many bytes as it was to have`() throws {
        for streams in [false, true] {
            let (endpoint, connection) = try asked(.cut(afterBytes: 40), streams: streams)
            let bytes = try connection.readToEnd()
            let head = try #require(bytes.range(of: "\r\n\r\n"))
            #expect(bytes.count - head.upperBound == 40)
            #expect(RawAnswer.parse(bytes) == nil)
            #expect(endpoint.seen().answersBroken == 1)
        }
        let (_, connection) = try asked(.cut(afterBytes: 1_000_000))
        #expect(RawAnswer.parse(try connection.readToEnd()) == nil)
    }

    @Test func `a reset is an error, a close is an end`() throws {
        let (_, reset) = try asked(.reset)
        let error = #expect(throws: TestKitError.self) { _ = try reset.readToEnd() }
        #expect(error?.description == "recv: errno 104")
        let (_, closed) = try asked(.closeBeforeAnswer)
        #expect(try closed.readToEnd() == [])
    }

    @Test func `a slow answer is the whole answer`() throws {
        let (endpoint, connection) = try asked(.slowLoris)
        let answer = try connection.readAnswer()
        #expect(try answer.json()["usage"]?["prompt_tokens"] == 3)
        #expect(endpoint.seen().answersWhole == 1)
    }

    @Test func `a malformed stream has half an event and no end`() throws {
        let (_, connection) = try asked(.malformedSSE, streams: true)
        let text = try connection.readAnswer().text
        #expect(text.hasPrefix("data: {\"id\""))
        #expect(text.hasSuffix("data: {\"choices\":[{\"delta\":{\"content\":\n\nda"))
    }

    @Test func `an answer that is none says so by its type or not at all`() throws {
        let (_, page) = try asked(.wrongContentType)
        #expect(try page.readAnswer().headers["content-type"] == "text/html")
        let (_, broken) = try asked(.notJSON)
        let answer = try broken.readAnswer()
        #expect(answer.headers["content-type"] == "application/json")
        #expect(throws: JSONError.self) { _ = try answer.json() }
    }

    @Test func `a huge answer is a right one with blanks behind it`() throws {
        for streams in [false, true] {
            let (_, connection) = try asked(.hugeBody(bytes: 300_000), streams: streams)
            let answer = try connection.readAnswer()
            #expect(answer.body.count == 300_000)
            #expect(answer.text.contains("noitseuq a"))
        }
    }

    @Test func `headers without end are long, and then silent`() throws {
        let (endpoint, connection) = try asked(.noHeadersEnd)
        var bytes: [UInt8] = []
        while bytes.count < 4 << 20 { bytes += try connection.read() }
        #expect(bytes.range(of: "\r\n\r\n") == nil)
        #expect(endpoint.seen().inFlight == 1)
    }

    @Test func `keys come back where they are to be echoed`() throws {
        let (_, connection) = try asked(.echoKeys)
        let answer = try connection.readAnswer()
        #expect(answer.text.contains("Bearer sk-secret"))
        #expect(answer.headers["x-echo"] == "Bearer sk-secret")
    }

    @Test func `a redirection names where to`() throws {
        let (_, connection) = try asked(.redirect(to: "http://127.0.0.1:9/x"))
        let answer = try connection.readAnswer()
        #expect(answer.status == 307)
        #expect(answer.headers["location"] == "http://127.0.0.1:9/x")
    }

    @Test func `shares are drawn by seed and number, and come out as asked`() throws {
        func statuses(seed: Int, count: Int) throws -> [Int] {
            let script = try EndpointProgram.script([
                "--share", "429:0.2", "--share", "500:0.1", "--seed", "\(seed)",
                "--retry-after", "3",
            ])
            let endpoint = try ScriptedEndpoint(script)
            let connection = try RawConnection(to: endpoint)
            return try (0..<count).map { _ in
                try connection.post(Self.path, .question("q"))
                return try connection.readAnswer().status
            }
        }
        let first = try statuses(seed: 1, count: 500)
        #expect(try statuses(seed: 1, count: 100) == Array(first.prefix(100)))
        #expect(try statuses(seed: 2, count: 100) != Array(first.prefix(100)))
        // Seed 1 is what it is for ever: no chance here.
        #expect((60...140).contains(first.count { $0 == 429 }))
        #expect((25...75).contains(first.count { $0 == 500 }))
    }

    @Test(arguments: [
        ["--share", "429"], ["--share", "429:2"], ["--share", "tired:0.1"], ["--latency", "soon"],
        ["--latency"], ["--latency", "9999999999999"], ["--nonsense", "1"], ["--seed", "-1"],
    ])
    func `the program says what it does not understand`(arguments: [String]) {
        let error = #expect(throws: TestKitError.self) {
            _ = try EndpointProgram.script(arguments)
        }
        #expect(error?.description.contains("usage: ") == true)
    }
}
