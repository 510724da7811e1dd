import HiveTestKit
import HiveWorkers
import Testing

/// What goes out, and where to.
struct CurlRequestTests {
    private static let emptyAnswer = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"

    @Test func `a request goes out as it was given, and with nothing that was not meant`()
        async throws
    {
        let server = try RawServer { _ in [.send(Self.emptyAnswer)] }
        let request = HTTPRequest(
            url: "\(server.address)/v1/x?y=1#fragment",
            headers: [HTTPField("Authorization", "Bearer abc"), HTTPField("X-Empty", "")],
            body: Array("{}".utf8),
            limits: .patient
        )
        _ = try await CurlEngine().send(request)
        let lines = server.heads.first?.split(separator: "\r\n").map(String.init) ?? []
        #expect(lines.first == "POST /v1/x?y=1 HTTP/1.1")
        #expect(
            Set(lines.dropFirst()) == [
                "Host: 127.0.0.1:\(server.port)", "User-Agent: hive", "Accept: */*",
                "Authorization: Bearer abc", "X-Empty:", "Content-Length: 2",
                lines.first { $0.hasPrefix("Accept-Encoding: ") } ?? "",
            ]
        )
        #expect(lines.contains { $0.hasPrefix("Accept-Encoding: ") && $0.contains("gzip") })
    }

    @Test func `a POST without a body says so, and a large one arrives without being asked for`()
        async throws
    {
        let server = try RawServer { _ in [.send(Self.emptyAnswer)] }
        let engine = try CurlEngine()
        var request = HTTPRequest(url: server.address, limits: .patient)
        _ = try await engine.send(request)
        request.body = [UInt8](repeating: 0x20, count: 3 << 20)
        request.headers = [HTTPField("content-type", "text/plain")]
        _ = try await engine.send(request)
        #expect(server.heads.count == 2)
        #expect(server.heads.first?.contains("Content-Length: 0\r\n") == true)
        #expect(server.heads.last?.contains("Content-Length: \(3 << 20)\r\n") == true)
        #expect(server.heads.last?.contains("content-type: text/plain\r\n") == true)
        #expect(server.heads.allSatisfy { !$0.contains("Expect") })
    }

    @Test func `this machine is asked itself, and others through the proxy`() async throws {
        let proxy = try RawServer { _ in [.send(Self.emptyAnswer)] }
        let server = try RawServer { _ in [.send(Self.emptyAnswer)] }
        let engine = try CurlEngine(proxy: proxy.address)
        for host in ["127.0.0.1", "localhost", "LOCALHOST", "127.1"] {
            let request = HTTPRequest(url: "http://\(host):\(server.port)/", limits: .patient)
            #expect(try await engine.send(request).status == 200)
        }
        #expect(server.heads.count == 4)
        #expect(proxy.heads.isEmpty)
        let other = HTTPRequest(url: "http://model.invalid/v1", limits: .patient)
        #expect(try await engine.send(other).status == 200)
        #expect(proxy.heads.first?.hasPrefix("POST http://model.invalid/v1 HTTP/1.1\r\n") == true)
    }

    @Test(
        arguments: [
            "", "nowhere", "ftp://127.0.0.1/", "file:///etc/passwd", "http://",
            "http://127.0.0.1/\r\nx-smuggled: 1", "http://127.0.0.1/a b", "http://a\u{0}b/",
            "http://127.0.0.1:99999/", "http://[::1/", "https://exa mple/", "http://\u{7F}/",
            "http://" + String(repeating: "a", count: 9_000),
        ]
    )
    func `an address that cannot be used is refused before anything is sent`(_ address: String)
        async throws
    {
        let failure = await CurlEngine.failure(of: HTTPRequest(url: address, limits: .patient))
        #expect(failure?.kind == .unusable)
        #expect(failure?.message.contains("address") == true)
    }

    @Test(
        arguments: [
            HTTPField("x", "a\r\nb: c"), HTTPField("x", "a\nb"), HTTPField("x", "\u{0}"),
            HTTPField("x", "a\u{7F}"), HTTPField("", "a"), HTTPField("a b", "c"),
            HTTPField("a:b", "c"), HTTPField("a\r\nb", "c"), HTTPField("é", "c"),
        ]
    )
    func `a header that could smuggle another is refused`(_ field: HTTPField) async throws {
        let server = try RawServer { _ in [.send(Self.emptyAnswer)] }
        var request = HTTPRequest.get(server)
        request.headers = [field]
        #expect(await CurlEngine.failure(of: request)?.kind == .unusable)
        #expect(server.heads.isEmpty)
    }

    @Test func `no failure tells what is secret in the request`() async throws {
        let port = try RawServer.freePort()
        let silent = try RawServer { _ in [.hang] }
        let broken = try RawServer { _ in [.reset] }
        var failures: [HTTPFailure?] = []
        for port in [port, silent.port, broken.port] {
            let request = HTTPRequest(
                url: "http://secret1:secret2@127.0.0.1:\(port)/secret3?secret4",
                headers: [HTTPField("authorization", "Bearer secret5")],
                body: Array("secret6".utf8),
                limits: port == silent.port ? HTTPLimits(firstByteMilliseconds: 100) : .patient
            )
            failures.append(await CurlEngine.failure(of: request))
            #expect(!"\(request)".contains("secret1") && !"\(request)".contains("secret4"))
            let unusable = HTTPRequest(
                url: request.url,
                headers: [HTTPField("secret\n", "x"), HTTPField("authorization", "secret5\n")]
            )
            failures.append(await CurlEngine.failure(of: unusable))
        }
        #expect(
            failures.map(\.?.kind) == [
                .noConnection, .unusable, .timedOut, .unusable, .broken, .unusable,
            ]
        )
        #expect(failures.allSatisfy { $0?.message.contains("secret") == false })
    }
}
