import HiveTestKit
import HiveWorkers
import Testing

/// Connections that do not come about, deadlines, cancelling, and the engine's own end.
struct CurlDeadlineTests {
    @Test func `a refused connection names the place and the reason`() async throws {
        let port = try RawServer.freePort()
        let failure = await CurlEngine.failure(of: HTTPRequest(url: "http://127.0.0.1:\(port)/"))
        #expect(failure?.kind == .noConnection)
        #expect(failure?.message == "cannot connect to 127.0.0.1:\(port): Connection refused")
    }

    @Test func `an unknown name fails all that asked for it`() async throws {
        let engine = try CurlEngine()
        let failures = await withTaskGroup(of: HTTPFailure?.self) { group in
            for _ in 0..<64 {
                group.addTask {
                    // "invalid" never exists (RFC 6761).
                    await engine.failure(
                        of: HTTPRequest(url: "https://hive.invalid/", limits: .patient)
                    )
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(failures.count == 64)
        let expected = HTTPFailure(.noConnection, "hive.invalid: no such host")
        #expect(failures.allSatisfy { $0 == expected })
    }

    @Test func `a name that is known carries many at once`() async throws {
        let endpoint = try ScriptedEndpoint(EndpointScript(latencyMilliseconds: 50))
        let engine = try CurlEngine()
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<64 {
                var request = HTTPRequest.question("\(number)", to: endpoint)
                request.url = "http://localhost:\(endpoint.port)/v1/chat/completions"
                let named = request
                group.addTask { try await engine.send(named).status }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses == Array(repeating: 200, count: 64))
        #expect(endpoint.seen().inFlightMax > 1)
    }

    @Test func `TLS that does not come about ends at the deadline of the connection`() async throws
    {
        // It takes the greeting and says nothing; the second request waits for the first.
        let server = try RawServer { _ in [.hang] }
        let request = HTTPRequest(
            url: "https://127.0.0.1:\(server.port)/",
            limits: HTTPLimits(connectMilliseconds: 250)
        )
        let engine = try CurlEngine()
        async let one = engine.failure(of: request)
        async let other = engine.failure(of: request)
        let expected = HTTPFailure(
            .noConnection,
            "127.0.0.1:\(server.port): no connection within 250 ms"
        )
        #expect(await [one, other] == [expected, expected])
    }

    @Test func `what is no TLS is no connection`() async throws {
        let server = try RawServer(greeting: "220 mail.example.com ESMTP\r\n") { _ in [.hang] }
        let failure = await CurlEngine.failure(
            of: HTTPRequest(url: "https://127.0.0.1:\(server.port)/", limits: .patient)
        )
        #expect(failure?.kind == .noConnection)
        #expect(failure?.message.hasPrefix("cannot connect to 127.0.0.1:") == true)
    }

    @Test func `an answer that does not begin ends at the deadline of the first byte`() async throws
    {
        let endpoint = try ScriptedEndpoint(EndpointScript { _ in .hang })
        var request = HTTPRequest.question("x", to: endpoint)
        request.limits.firstByteMilliseconds = 300
        let failure = await CurlEngine.failure(of: request)
        #expect(failure == HTTPFailure(.timedOut, "127.0.0.1: no first byte within 300 ms"))
        // The connection is given up, so that the server can stop working.
        await endpoint.waitUntil { $0.abandoned == 1 }
        #expect(endpoint.seen().abandoned == 1)
    }

    @Test func `an answer that does not end ends at the deadline of the whole`() async throws {
        var script = EndpointScript { _ in .slowLoris }
        script.slowLorisMilliseconds = 10
        let endpoint = try ScriptedEndpoint(script)
        var request = HTTPRequest.question("x", to: endpoint)
        request.limits.firstByteMilliseconds = 60_000
        request.limits.totalMilliseconds = 1_000
        let failure = await CurlEngine.failure(of: request)
        #expect(failure == HTTPFailure(.timedOut, "127.0.0.1: no whole answer within 1 s"))
    }

    @Test func `an answer that has begun is not held to the deadline of its first byte`()
        async throws
    {
        let server = try RawServer { _ in [.send("HTTP/1.1 200 OK\r\n"), .hang] }
        var request = HTTPRequest.get(server)
        request.limits = HTTPLimits(firstByteMilliseconds: 20_000, totalMilliseconds: 1_000)
        let failure = await CurlEngine.failure(of: request)
        #expect(failure?.message == "127.0.0.1: no whole answer within 1 s")
    }

    @Test(arguments: [Int.min, -1, 0, 1, Int.max])
    func `limits at the ends of their range do no harm`(_ limit: Int) async throws {
        let server = try RawServer("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        var request = HTTPRequest.get(server)
        request.limits = HTTPLimits(
            connectMilliseconds: limit,
            firstByteMilliseconds: limit,
            totalMilliseconds: limit,
            responseBytes: limit
        )
        let failure = await CurlEngine.failure(of: request)
        #expect(failure == nil || [.timedOut, .noConnection].contains(failure?.kind))
        request.limits = .patient
        request.limits.responseBytes = limit
        #expect(try await CurlEngine().send(request).body.isEmpty)
    }

    @Test func `a task that is cancelled before it sends sends nothing`() async throws {
        let endpoint = try ScriptedEndpoint()
        let engine = try CurlEngine()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await engine.failure(of: .question("x", to: endpoint))
        }
        #expect(await task.value?.kind == .cancelled)
        #expect(endpoint.seen().connectionsAccepted == 0)
    }

    @Test func `a task that is cancelled while it waits gives its request up`() async throws {
        let endpoint = try ScriptedEndpoint(EndpointScript { _ in .hang })
        let engine = try CurlEngine()
        let task = Task { await engine.failure(of: .question("x", to: endpoint)) }
        await endpoint.waitFor(requests: 1)
        task.cancel()
        #expect(await task.value == HTTPFailure(.cancelled, "the request was cancelled"))
        await endpoint.waitUntil { $0.abandoned == 1 }
        #expect(endpoint.seen().abandoned == 1)
    }

    @Test func `a task that is cancelled while it reads gets no further piece`() async throws {
        var script = EndpointScript()
        script.pieceMilliseconds = 5
        script.reply = { _ in String(repeating: "and so on ", count: 100_000) }
        let endpoint = try ScriptedEndpoint(script)
        let engine = try CurlEngine()
        let pieces = Pieces()
        let (firstPiece, came) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            var request = HTTPRequest.question("x", to: endpoint, streams: true)
            request.limits.responseBytes = 1 << 30
            let failure = await engine.failure(of: request) { bytes in
                pieces.take(bytes)
                came.yield()
            }
            return (failure, pieces.all.count)
        }
        for await _ in firstPiece { break }
        task.cancel()
        let (failure, count) = await task.value
        #expect(failure?.kind == .cancelled)
        // Others are still carried, and nothing comes for the one that ended.
        await endpoint.waitUntil { $0.abandoned == 1 }
        #expect(pieces.all.count == count)
    }

    @Test func `shutting down ends what is under way and what comes later`() async throws {
        let endpoint = try ScriptedEndpoint(EndpointScript { _ in .hang })
        let engine = try CurlEngine()
        let failures = await withTaskGroup(of: HTTPFailure?.self) { group in
            for number in 0..<50 {
                group.addTask { await engine.failure(of: .question("\(number)", to: endpoint)) }
            }
            await endpoint.waitFor(requests: 50)
            engine.shutDown()
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(failures.count == 50)
        #expect(failures.allSatisfy { $0?.kind == .cancelled })
        #expect(await engine.failure(of: .question("x", to: endpoint))?.kind == .cancelled)
        await endpoint.waitUntil { $0.connectionsOpen == 0 }
        #expect(endpoint.seen().connectionsOpen == 0)
        engine.shutDown()
    }

    @Test func `an engine that nobody holds any more closes its connections`() async throws {
        let endpoint = try ScriptedEndpoint()
        _ = try await CurlEngine().send(.question("x", to: endpoint))
        await endpoint.waitUntil { $0.connectionsAccepted == 1 && $0.connectionsOpen == 0 }
        #expect(endpoint.seen().connectionsOpen == 0)
    }
}
