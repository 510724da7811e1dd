import HiveWorkers
import Testing

/// What is made of answers byte by byte, right ones and wrong ones.
struct CurlAnswerTests {
    @Test func `interim answers and trailers are no part of the answer's headers`() async throws {
        let server = try RawServer(
            """
            HTTP/1.1 103 Early Hints\r\nx-which: interim\r\n\r\n\
            HTTP/1.1 200 OK\r\nX-Which: final\r\ntransfer-encoding: chunked\r\n\r\n\
            5\r\nhello\r\n0\r\nx-which: trailer\r\n\r\n
            """
        )
        let response = try await CurlEngine().send(.get(server))
        #expect(response.text == "hello")
        #expect(response.headers["x-which"] == "final")
    }

    @Test func `of two headers with one name the later holds, without blanks around it`()
        async throws
    {
        let server = try RawServer(
            """
            HTTP/1.1 204 No Content\r\nRetry-After: 1\r\nRETRY-AFTER:  \t2 \t\r\n\
            empty:\r\n\r\n
            """
        )
        let response = try await CurlEngine().send(.get(server))
        #expect(response.status == 204)
        #expect(response.headers == ["retry-after": "2", "empty": ""])
    }

    @Test(
        arguments: [
            ("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello", 5),
            ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhey\r\n", 3),
            ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nA\r\nhey", 3),
            ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhey\r\nzz\r\n", 3),
        ]
    )
    func `an answer that ends before its end is broken`(_ answer: String, bytes: Int) async throws {
        let server = try RawServer(answer)
        let failure = await CurlEngine.failure(of: .get(server))
        #expect(failure?.kind == .broken)
        #expect(failure?.message == "127.0.0.1: the answer broke off after \(bytes) bytes")
    }

    @Test func `a reset in the middle of a body is broken`() async throws {
        let server = try RawServer { _ in
            [.send("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhello"), .reset]
        }
        #expect(await CurlEngine.failure(of: .get(server))?.kind == .broken)
    }

    @Test(
        arguments: [
            "hello\r\n\r\n", "HTTP/0.9 200 OK\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n",
            "HTTP/1.1 9999999999999999999999 OK\r\n\r\n",
        ]
    )
    func `what is no HTTP is broken`(_ answer: String) async throws {
        let server = try RawServer(answer)
        let failure = await CurlEngine.failure(of: .get(server))
        #expect(failure?.kind == .broken)
        #expect(failure?.message == "127.0.0.1: what came is no HTTP answer")
    }

    @Test func `a body that is not compressed as it says is broken`() async throws {
        let server = try RawServer(
            "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 5\r\n\r\nhello"
        )
        let failure = await CurlEngine.failure(of: .get(server))
        #expect(failure?.kind == .broken)
        #expect(failure?.message == "127.0.0.1: the answer is not compressed as it says")
    }

    @Test func `headers that end before their end are broken`() async throws {
        for answer in ["HTTP/1.1 200 OK\r\ncontent-le", "HTTP/1.1 200 OK\r\na: b\r\n"] {
            let server = try RawServer(answer)
            let failure = await CurlEngine.failure(of: .get(server))
            #expect(failure?.kind == .broken)
            #expect(failure?.message == "127.0.0.1: the answer broke off in its headers")
        }
    }

    @Test func `headers over the bound are given up, in one line or in many`() async throws {
        let long = "x-long: " + String(repeating: "a", count: 300_000) + "\r\n"
        let many = String(repeating: "x-many: aaaaaaaaaaaaaaaaaaaaaaa\r\n", count: 3_000)
        for headers in [long, many] {
            let server = try RawServer("HTTP/1.1 200 OK\r\n\(headers)\r\n")
            let failure = await CurlEngine.failure(of: .get(server))
            #expect(failure?.kind == .tooLarge)
            #expect(failure?.message.hasPrefix("127.0.0.1: the answer's headers") == true)
        }
    }

    @Test func `interim answers without an end are given up`() async throws {
        let interim = String(repeating: "HTTP/1.1 102 Processing\r\n\r\n", count: 10_000)
        let server = try RawServer(interim)
        #expect(await CurlEngine.failure(of: .get(server))?.kind == .tooLarge)
    }

    @Test func `a body as long as the bound is taken, and one byte more is not`() async throws {
        let server = try RawServer("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n0123456789")
        var request = HTTPRequest.get(server)
        request.limits.responseBytes = 10
        #expect(try await CurlEngine().send(request).text == "0123456789")
        request.limits.responseBytes = 9
        #expect(await CurlEngine.failure(of: request)?.kind == .tooLarge)
    }
}
