import HiveSignal
import HiveTestKit
import HiveWorkers
import Testing

/// The engine against the scripted endpoint: what a good server and a bad one do to a request.
struct CurlEngineTests {
    @Test func `an answer comes whole, with its status and its headers by lower-case name`()
        async throws
    {
        let endpoint = try ScriptedEndpoint()
        let response = try await CurlEngine().send(.question("abcde", to: endpoint))
        #expect(response.status == 200)
        #expect(response.headers["content-type"] == "application/json")
        #expect(try response.reply() == "edcba")
    }

    @Test func `a request that fails by its status is an answer with a body`() async throws {
        let endpoint = try ScriptedEndpoint(
            EndpointScript { _ in .status(429, retryAfterSeconds: 7, body: "slow down") }
        )
        let pieces = Pieces()
        let response = try await CurlEngine().send(
            .question("x", to: endpoint),
            onBytes: pieces.take
        )
        #expect(response.status == 429)
        #expect(response.headers["retry-after"] == "7")
        #expect(response.text == "slow down")
        #expect(pieces.all.isEmpty)
    }

    @Test func `requests one after the other share a connection`() async throws {
        let endpoint = try ScriptedEndpoint()
        let engine = try CurlEngine(idleSecondsMax: .patient)
        for number in 1...20 {
            let response = try await engine.send(.question("\(number)", to: endpoint))
            #expect(try response.reply() == String("\(number)".reversed()))
        }
        #expect(endpoint.seen().connectionsAccepted == 1)
    }

    @Test func `512 at once are all under way together, each with its own answer`() async throws {
        let endpoint = try ScriptedEndpoint(EndpointScript(latencyMilliseconds: 500))
        let engine = try CurlEngine(idleSecondsMax: .patient)
        try await engine.ask(512, endpoint)
        #expect(endpoint.seen().requests == 512)
        #expect(endpoint.seen().bodiesDistinct == 512)
        #expect(endpoint.seen().connectionsAccepted <= 512)
        // Those that are kept carry the next ones.
        let accepted = endpoint.seen().connectionsAccepted
        try await engine.ask(64, endpoint)
        #expect(endpoint.seen().connectionsAccepted == accepted)
    }

    @Test func `a stream comes piece by piece, in order, and leaves no body`() async throws {
        var script = EndpointScript()
        script.pieceMilliseconds = 1
        script.reply = { _ in (0..<500).map { "\($0) " }.joined() }
        let endpoint = try ScriptedEndpoint(script)
        let pieces = Pieces()
        let response = try await CurlEngine().send(
            .question("count", to: endpoint, streams: true),
            onBytes: pieces.take
        )
        #expect(response.status == 200)
        #expect(response.body.isEmpty)
        #expect(pieces.all.count > 1)
        let text = String(decoding: pieces.all.joined(), as: UTF8.self)
        let words = try text.split(separator: "\n").filter { $0.hasPrefix("data: {") }
            .map { line in
                let json = try JSONValue(parsing: String(line.dropFirst(6)))
                return json["choices"]?.arrayValue?.first?["delta"]?["content"]?.stringValue ?? ""
            }
        #expect(words.joined() == (0..<500).map { "\($0) " }.joined())
        #expect(text.hasSuffix("data: [DONE]\n\n"))
    }

    @Test func `gzip is asked for and taken back`() async throws {
        var script = EndpointScript()
        let long = String(repeating: "all work and no play ", count: 5_000)
        script.reply = { _ in long }
        let endpoint = try ScriptedEndpoint(script)
        let response = try await CurlEngine().send(.question("x", to: endpoint))
        #expect(response.headers["content-encoding"] == "gzip")
        #expect(try response.reply() == long)
    }

    @Test func `a small gzip stream that becomes a large one is given up`() async throws {
        let endpoint = try ScriptedEndpoint(EndpointScript { _ in .gzipBomb(bytes: 64 << 20) })
        let failure = await CurlEngine.failure(of: .question("x", to: endpoint))
        #expect(failure?.kind == .tooLarge)
        #expect(failure?.message == "127.0.0.1: the answer has over 1048576 bytes")
    }

    @Test func `a body over the bound is given up, collected or in pieces`() async throws {
        let endpoint = try ScriptedEndpoint(EndpointScript { _ in .hugeBody(bytes: 3 << 20) })
        var request = HTTPRequest.question("x", to: endpoint)
        request.limits.responseBytes = 2 << 20
        #expect(await CurlEngine.failure(of: request)?.kind == .tooLarge)
        let pieces = Pieces()
        #expect(await CurlEngine.failure(of: request, onBytes: pieces.take)?.kind == .tooLarge)
        #expect(pieces.all.joined().count <= 2 << 20)
        request.limits.responseBytes = 4 << 20
        #expect(try await CurlEngine().send(request).body.count >= 3 << 20)
    }

    @Test func `headers without an end are given up`() async throws {
        let endpoint = try ScriptedEndpoint(EndpointScript { _ in .noHeadersEnd })
        let failure = await CurlEngine.failure(of: .question("x", to: endpoint))
        #expect(failure?.kind == .tooLarge)
    }

    @Test func `a body that is cut is broken, and the message counts what came`() async throws {
        let endpoint = try ScriptedEndpoint(EndpointScript { _ in .cut(afterBytes: 40) })
        var request = HTTPRequest.question("x", to: endpoint)
        request.headers.append(HTTPField("accept-encoding", "identity"))
        let failure = await CurlEngine.failure(of: request)
        #expect(failure?.kind == .broken)
        #expect(failure?.message == "127.0.0.1: the answer broke off after 40 bytes")
    }

    @Test(arguments: [Fault.reset, .closeBeforeAnswer])
    func `a connection that ends before an answer is broken`(_ fault: Fault) async throws {
        let endpoint = try ScriptedEndpoint(EndpointScript { _ in fault })
        let failure = await CurlEngine.failure(of: .question("x", to: endpoint))
        #expect(failure?.kind == .broken)
        #expect(failure?.message == "127.0.0.1: the connection broke before an answer")
        #expect(endpoint.seen().requests == 1)
    }

    @Test func `a kept connection that breaks is no reason to ask twice`() async throws {
        let endpoint = try ScriptedEndpoint(
            EndpointScript { $0.number == 1 ? nil : .closeBeforeAnswer }
        )
        let engine = try CurlEngine(idleSecondsMax: .patient)
        _ = try await engine.send(.question("first", to: endpoint))
        let failure = await engine.failure(of: .question("second", to: endpoint))
        #expect(failure?.kind == .broken)
        #expect(failure?.message == "127.0.0.1: the kept connection broke before an answer")
        #expect(endpoint.seen().requests == 2)
    }

    @Test func `a redirection is an answer, and is not followed`() async throws {
        let other = try ScriptedEndpoint()
        let endpoint = try ScriptedEndpoint(
            EndpointScript { _ in .redirect(to: "\(other.address)/v1/chat/completions") }
        )
        let response = try await CurlEngine().send(.question("x", to: endpoint))
        #expect(response.status == 307)
        #expect(response.headers["location"]?.hasPrefix(other.address) == true)
        #expect(other.seen().requests == 0)
    }

    @Test func `a request without a body and its headers arrive as they were given`() async throws {
        let endpoint = try ScriptedEndpoint()
        let response = try await CurlEngine().send(
            HTTPRequest(method: .get, url: "\(endpoint.address)/v1/models")
        )
        #expect(response.status == 200)
        #expect(response.text.contains("scripted-1"))
    }

    @Test func `HTTP/2 in plain text carries many at once, streams and faults too`() async throws {
        let endpoint = try ScriptedEndpoint(
            EndpointScript(latencyMilliseconds: 100) { request in
                request.prompt == "cut" ? .cut(afterBytes: 10) : nil
            }
        )
        let engine = try CurlEngine(speaksHTTP2OverTCP: true)
        try await engine.ask(100, endpoint)
        #expect(endpoint.seen().inFlightMax > 1)
        let pieces = Pieces()
        let request = HTTPRequest.question("stream", to: endpoint, streams: true)
        #expect(try await engine.send(request, onBytes: pieces.take).status == 200)
        #expect(String(decoding: pieces.all.joined(), as: UTF8.self).hasSuffix("[DONE]\n\n"))
        #expect(await engine.failure(of: .question("cut", to: endpoint))?.kind == .broken)
    }
}

extension Int {
    /// A test may stand still for minutes on a loaded machine: no connection is idle too long.
    fileprivate static let patient = 86_400
}
