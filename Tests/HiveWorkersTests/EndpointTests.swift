import HiveSignal
import HiveTestKit
import Testing

/// The scripted endpoint over HTTP/1.1, driven by raw sockets.
struct EndpointTests {
    private static let path = "/v1/chat/completions"

    @Test func `requests that come before their turn are answered in their order`() throws {
        let endpoint = try ScriptedEndpoint(EndpointScript(latencyMilliseconds: 5))
        let connection = try RawConnection(to: endpoint)
        for prompt in ["one", "two", "three"] {
            try connection.post(Self.path, .question(prompt))
        }
        for reply in ["eno", "owt", "eerht"] {
            let json = try connection.readAnswer().json()
            #expect(json["choices"]?.arrayValue?.first?["message"]?["content"] == .string(reply))
        }
        #expect(endpoint.seen().connectionsAccepted == 1)
        #expect(endpoint.seen().inFlightMax == 1)
    }

    @Test func `a request may come byte by byte`() throws {
        let endpoint = try ScriptedEndpoint()
        let connection = try RawConnection(to: endpoint)
        for byte in "\r\nGET /v1/models?a=b HTTP/1.1\r\nHost: x\r\n\r\n".utf8 {
            try connection.send([byte])
        }
        let json = try connection.readAnswer().json()
        #expect(json["data"]?.arrayValue?.first?["id"] == "scripted-1")
    }

    @Test(arguments: [
        ("GET /nowhere HTTP/1.1\r\n\r\n", 404), ("GET /v1/chat/completions HTTP/1.1\r\n\r\n", 405),
        ("POST /v1/chat/completions HTTP/1.1\r\ncontent-length: 2\r\n\r\n{}", 400),
        ("nonsense\r\n\r\n", 400), ("GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\ncontent-length: -1\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\ncontent-length: 1048577\r\n\r\n", 413),
        ("POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n", 411),
        ("GET / HTTP/1.1\r\nx: " + String(repeating: "y", count: 70_000), 431),
    ])
    func `what cannot be served is refused`(request: String, status: Int) throws {
        let endpoint = try ScriptedEndpoint()
        let connection = try RawConnection(to: endpoint)
        try connection.send(request)
        #expect(try connection.readAnswer().status == status)
    }

    @Test func `a connection ends where the client wants it to`() throws {
        let endpoint = try ScriptedEndpoint()
        let connection = try RawConnection(to: endpoint)
        try connection.send("GET /v1/models HTTP/1.1\r\nConnection: close\r\n\r\n")
        let bytes = try connection.readToEnd()
        #expect(RawAnswer.parse(bytes)?.1 == bytes.count)
    }

    @Test func `only the keys of the script are let in`() throws {
        var script = EndpointScript()
        script.keys = ["right"]
        let endpoint = try ScriptedEndpoint(script)
        let connection = try RawConnection(to: endpoint)
        for (header, status) in [
            ("authorization: Bearer right", 200), ("x-api-key: right", 200),
            ("authorization: Bearer wrong", 401), ("x-other: right", 401),
        ] {
            try connection.post(Self.path, .question("q"), headers: [header])
            #expect(try connection.readAnswer().status == status, "\(header)")
        }
        #expect(endpoint.seen().byStatus == [200: 2, 401: 2])
        #expect(endpoint.seen().byKey == ["right": 2, "wrong": 1])
    }

    @Test func `it knows a question that comes again`() throws {
        let endpoint = try ScriptedEndpoint(
            EndpointScript { $0.timesSeen < 3 ? .status(500) : nil }
        )
        let connection = try RawConnection(to: endpoint)
        for (prompt, status) in [("a", 500), ("b", 500), ("a", 500), ("a", 200), ("b", 500)] {
            try connection.post(Self.path, .question(prompt))
            #expect(try connection.readAnswer().status == status)
        }
        let seen = endpoint.seen()
        #expect(seen.bodiesDistinct == 2)
        #expect(seen.entries.map(\.prompt) == ["a", "b", "a", "a", "b"])
        #expect(seen.entries.map(\.number) == [1, 2, 3, 4, 5])
        #expect(seen.byFault == ["500": 4])
    }

    @Test func `512 requests are in flight at once, and those who hang up are counted`()
        async throws
    {
        OpenFiles.raiseLimit(to: 4_096)
        let endpoint = try ScriptedEndpoint(EndpointScript { _ in .hang })
        var connections = try (0..<512).map { _ in try RawConnection(to: endpoint) }
        for connection in connections { try connection.post(Self.path, .question("q")) }
        await endpoint.waitFor(requests: 512)
        #expect(endpoint.seen().inFlight == 512)
        connections = []
        await endpoint.waitUntil { $0.connectionsOpen == 0 }
        let seen = endpoint.seen()
        #expect(seen.abandoned == 512)
        #expect(seen.inFlightMax == 512)
        #expect(seen.inFlight == 0)
        #expect(seen.byStatus == [:])
    }

    @Test func `what is stopped lets nobody wait`() async throws {
        let endpoint = try ScriptedEndpoint()
        let connection = try RawConnection(to: endpoint)
        async let waiting: Void = endpoint.waitFor(requests: 1)
        endpoint.stop()
        endpoint.stop()
        await waiting
        // The end, or a reset where it was never accepted.
        #expect((try? connection.readToEnd()) ?? [] == [])
    }

    @Test func `whoever is cancelled waits no longer`() async throws {
        let endpoint = try ScriptedEndpoint()
        let waiting = Task { await endpoint.waitFor(requests: 1) }
        waiting.cancel()
        await waiting.value
        #expect(endpoint.seen().requests == 0)
    }
}
