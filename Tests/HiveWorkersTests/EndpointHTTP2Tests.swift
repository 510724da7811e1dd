import HiveSignal
import Testing

@testable import HiveTestKit

/// HTTP/2 of the scripted endpoint: frame by frame, as no client would let us.
struct EndpointHTTP2Tests {
    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    // MARK: Header blocks

    private func bytes(_ hex: String) -> [UInt8] {
        let digits = hex.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count, by: 2).map {
            UInt8(digits[$0] << 4 | digits[$0 + 1])
        }
    }

    /// RFC 7541, appendices C.3 (plain) and C.4 (Huffman): three requests on one connection.
    @Test(arguments: [
        [
            "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
            "8286 84be 5808 6e6f 2d63 6163 6865",
            "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
        ],
        [
            "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff",
            "8286 84be 5886 a8eb 1064 9cbf",
            "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
        ],
    ])
    func `the header blocks of the RFC are read`(blocks: [String]) {
        var decoder = HPACKDecoder()
        let read = blocks.map { (decoder.decode(bytes($0)) ?? []).map(\.value) }
        #expect(read[0] == ["GET", "http", "/", "www.example.com"])
        #expect(read[1] == ["GET", "http", "/", "www.example.com", "no-cache"])
        #expect(read[2] == ["GET", "https", "/index.html", "www.example.com", "custom-value"])
    }

    @Test func `the Huffman code is that of the RFC from its shortest to its longest`() {
        // Appendix B: `0` 00000, `\` 19 bits, 10 (LF) 30 bits, each with its padding of ones.
        #expect(HPACKHuffman.decode([0x07]) == Array("0".utf8))
        #expect(HPACKHuffman.decode([0xFF, 0xFE, 0x1F]) == Array("\\".utf8))
        #expect(HPACKHuffman.decode([0xFF, 0xFF, 0xFF, 0xF3]) == [10])
        // The end as a symbol, padding by zeros, and padding of a whole byte.
        #expect(HPACKHuffman.decode([0xFF, 0xFF, 0xFF, 0xFF]) == nil)
        #expect(HPACKHuffman.decode([0x00]) == nil)
        #expect(HPACKHuffman.decode([0x07, 0xFF]) == nil)
    }

    @Test(arguments: ["80", "be", "3fe21f", "40ff", "00", "0003", "ffffffffff", "0083ffffff"])
    func `a broken header block is known as one`(hex: String) {
        var decoder = HPACKDecoder()
        #expect(decoder.decode(bytes(hex)) == nil)
    }

    @Test func `the table forgets the oldest, and all of it when it is made small`() {
        var decoder = HPACKDecoder()
        let long = String(repeating: "v", count: 100)
        for number in 0..<40 {
            let field = HPACKEncoder.literal("name-\(number % 10)", long)
            #expect(decoder.decode([0x40] + field.dropFirst()) != nil)
        }
        // 4,096 bytes hold 29 fields of 138 bytes each.
        #expect(decoder.decode([0x80 | 62 + 28]) != nil)
        #expect(decoder.decode([0x80 | 62 + 29]) == nil)
        #expect(decoder.decode([0x20, 0x80 | 62]) == nil)
    }

    // MARK: Connections

    /// A connection with the preface sent, and the means to read frames.
    private final class Client {
        private let connection: RawConnection
        private var buffer: [UInt8] = []

        init(_ endpoint: ScriptedEndpoint, settings: [UInt8] = []) throws {
            connection = try RawConnection(to: endpoint)
            try send(EndpointHTTP2Tests.preface + HTTP2Frame.frame(.settings, settings))
        }

        func send(_ bytes: [UInt8]) throws { try connection.send(bytes) }

        /// Asks a question on a stream.
        func ask(_ stream: UInt32, _ prompt: String, headers: [[UInt8]] = []) throws {
            let body = Array(JSONValue.question(prompt).text.utf8)
            let block =
                [0x83, 0x86] + HPACKEncoder.literal(":path", "/v1/chat/completions")
                + headers.joined()
            try send(
                HTTP2Frame.headers(block, stream: stream, endsStream: false)
                    + HTTP2Frame.frame(
                        .data,
                        flags: HTTP2Frame.endStream,
                        stream: stream,
                        body
                    )
            )
        }

        func frame() throws -> HTTP2Frame {
            while true {
                if buffer.count >= 9 {
                    let count = Int(HTTP2Frame.number(buffer[0..<3]))
                    if buffer.count >= 9 + count {
                        defer { buffer.removeFirst(9 + count) }
                        return HTTP2Frame(
                            kind: HTTP2Frame.Kind(rawValue: buffer[3]),
                            flags: buffer[4],
                            stream: HTTP2Frame.number(buffer[5..<9]),
                            payload: Array(buffer[9..<9 + count])
                        )
                    }
                }
                let bytes = try connection.read()
                guard !bytes.isEmpty else { throw TestKitError("the connection ended") }
                buffer += bytes
            }
        }

        /// The next frame of a kind; others are passed over.
        func frame(_ kind: HTTP2Frame.Kind) throws -> HTTP2Frame {
            while true {
                let frame = try frame()
                if frame.kind == kind { return frame }
            }
        }
    }

    @Test func `answers of many streams share one connection, the quick before the slow`() throws {
        var script = EndpointScript { $0.prompt == "slow" ? .slowLoris : nil }
        script.slowLorisMilliseconds = 10
        let endpoint = try ScriptedEndpoint(script)
        let client = try Client(endpoint)
        try client.ask(1, "slow")
        for stream in 1...64 { try client.ask(UInt32(stream) * 2 + 1, "prompt \(stream)") }
        var bodies: [UInt32: [UInt8]] = [:]
        var ended: [UInt32] = []
        while ended.count < 65 {
            let frame = try client.frame(.data)
            bodies[frame.stream, default: []] += frame.payload
            if frame.has(HTTP2Frame.endStream) { ended.append(frame.stream) }
        }
        #expect(ended.last == 1)
        for stream in 1...64 {
            let json = try JSONValue(parsing: bodies[UInt32(stream) * 2 + 1] ?? [])
            let text = json["choices"]?.arrayValue?.first?["message"]?["content"]?.stringValue
            #expect(text == String("prompt \(stream)".reversed()))
        }
        #expect(endpoint.seen().connectionsAccepted == 1)
        #expect(endpoint.seen().answersWhole == 65)
    }

    @Test func `no more is sent than the windows let through`() throws {
        let endpoint = try ScriptedEndpoint(EndpointScript { _ in .hugeBody(bytes: 1_000) })
        // SETTINGS 4: streams begin with a window of 100 bytes.
        let client = try Client(endpoint, settings: [0, 4, 0, 0, 0, 100])
        try client.ask(1, "q")
        #expect(try client.frame(.data).payload.count == 100)
        // Nothing of it may come before the answer to this PING.
        try client.send(HTTP2Frame.frame(.ping, [1, 2, 3, 4, 5, 6, 7, 8]))
        let pong = try client.frame()
        #expect(pong.kind == .ping)
        #expect(pong.payload == [1, 2, 3, 4, 5, 6, 7, 8])
        try client.send(HTTP2Frame.frame(.windowUpdate, stream: 1, HTTP2Frame.bytes(150)))
        #expect(try client.frame(.data).payload.count == 150)
        // A larger initial window counts for streams that are there, too.
        try client.send(HTTP2Frame.frame(.settings, [0, 4, 0, 0, 0, 250]))
        #expect(try client.frame(.data).payload.count == 150)
        try client.send(HTTP2Frame.frame(.windowUpdate, stream: 1, HTTP2Frame.bytes(5_000)))
        var rest = 0
        var isEnd = false
        while !isEnd {
            let frame = try client.frame(.data)
            rest += frame.payload.count
            isEnd = frame.has(HTTP2Frame.endStream)
        }
        #expect(rest == 600)
    }

    @Test func `a stream that the client resets is abandoned, the others go on`() async throws {
        let endpoint = try ScriptedEndpoint(
            EndpointScript { $0.prompt == "hang" ? .hang : nil }
        )
        let client = try Client(endpoint)
        try client.ask(1, "hang")
        await endpoint.waitFor(requests: 1)
        try client.send(HTTP2Frame.frame(.resetStream, stream: 1, HTTP2Frame.bytes(8)))
        try client.ask(3, "go on")
        #expect(try client.frame(.data).stream == 3)
        #expect(endpoint.seen().abandoned == 1)
        #expect(endpoint.seen().answersWhole == 1)
    }

    @Test func `a cut is the stream's, and the connection is used on`() throws {
        let endpoint = try ScriptedEndpoint(
            EndpointScript { $0.number == 1 ? .cut(afterBytes: 7) : nil }
        )
        let client = try Client(endpoint)
        try client.ask(1, "a")
        #expect(try client.frame(.data).payload.count == 7)
        #expect(try client.frame(.resetStream).stream == 1)
        try client.ask(3, "b")
        #expect(try client.frame(.data).has(HTTP2Frame.endStream))
    }

    @Test func `headers may come in pieces, padded and with a priority`() throws {
        let endpoint = try ScriptedEndpoint()
        let client = try Client(endpoint)
        let block = [0x82, 0x86] + HPACKEncoder.literal(":path", "/v1/models")
        let first: [UInt8] = [3] + [0, 0, 0, 0, 16] + block.prefix(4) + [0, 0, 0]
        let flags = HTTP2Frame.padded | HTTP2Frame.priority | HTTP2Frame.endStream
        try client.send(
            HTTP2Frame.frame(.headers, flags: flags, stream: 1, first)
                + HTTP2Frame.frame(.continuation, stream: 1, Array(block[4..<6]))
                + HTTP2Frame.frame(
                    .continuation,
                    flags: HTTP2Frame.endHeaders,
                    stream: 1,
                    Array(block[6...])
                )
        )
        let body = try JSONValue(parsing: client.frame(.data).payload)
        #expect(body["data"]?.arrayValue?.first?["id"] == "scripted-1")
    }

    /// What a client must not do, and the code that it is told (RFC 9113 §7).
    @Test(arguments: [
        (
            HTTP2Frame.frame(.headers, flags: 4, stream: 2, [0x82]),
            HTTP2Frame.ErrorCode.protocolError
        ),
        (HTTP2Frame.frame(.headers, flags: 4, stream: 1, [0x80]), .compressionError),
        (HTTP2Frame.frame(.headers, flags: 12, stream: 1, [9, 0x82]), .protocolError),
        (HTTP2Frame.frame(.continuation, flags: 4, stream: 1, [0x82]), .protocolError),
        (HTTP2Frame.frame(.headers, stream: 1, [0x82]) + HTTP2Frame.frame(.ping), .protocolError),
        (HTTP2Frame.frame(.settings, [0, 4, 0]), .frameSizeError),
        (HTTP2Frame.frame(.settings, [0, 4, 255, 255, 255, 255]), .flowControlError),
        (HTTP2Frame.frame(.windowUpdate, [1]), .frameSizeError),
        (HTTP2Frame.frame(.windowUpdate, [127, 255, 255, 255]), .flowControlError),
        (HTTP2Frame.head(.data, stream: 1, count: 16_385), .frameSizeError),
        (HTTP2Frame.frame(.pushPromise, stream: 1), .protocolError),
    ])
    func `a broken rule ends the connection`(bytes: [UInt8], code: HTTP2Frame.ErrorCode) throws {
        let client = try Client(try ScriptedEndpoint())
        try client.send(bytes)
        let frame = try client.frame(.goAway)
        #expect(HTTP2Frame.number(frame.payload[4..<8]) == code.rawValue)
    }
}
