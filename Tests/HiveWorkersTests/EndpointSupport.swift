import Foundation
import HiveSignal
import HiveTestKit

/// A raw TCP connection to an endpoint, for what no HTTP client would do.
final class RawConnection {
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    /// An endpoint stops with its last reference: not before its connections are done.
    private let endpoint: ScriptedEndpoint?
    /// How long the other side may be silent before the test fails.
    private static let silenceSecondsMax = 60

    init(to endpoint: ScriptedEndpoint) throws {
        self.endpoint = endpoint
        descriptor = try Self.connect(endpoint.port)
    }

    /// To `http://127.0.0.1:PORT`.
    init(to address: String) throws {
        guard let port = address.split(separator: ":").last.flatMap({ UInt16($0) }) else {
            throw TestKitError("no port in \(address)")
        }
        endpoint = nil
        descriptor = try Self.connect(port)
    }

    deinit { close(descriptor) }

    private static func connect(_ port: UInt16) throws -> Int32 {
        let descriptor = socket(
            AF_INET,
            Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue),
            0
        )
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else {
            defer { close(descriptor) }
            throw TestKitError("connect to \(port): errno \(errno)")
        }
        var limit = timeval(tv_sec: silenceSecondsMax, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        return descriptor
    }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw TestKitError("send: errno \(errno)") }
            rest = rest.dropFirst(count)
        }
    }

    /// Sends a POST with this JSON.
    func post(_ path: String, _ json: JSONValue, headers: [String] = []) throws {
        let body = Array(json.text.utf8)
        let lines =
            ["POST \(path) HTTP/1.1", "host: 127.0.0.1", "content-length: \(body.count)"]
            + headers + ["", ""]
        try send(Array(lines.joined(separator: "\r\n").utf8) + body)
    }

    /// What the next read brings; empty at the end.
    ///
    /// - Throws: `TestKitError` with `errno` where the connection broke.
    func read() throws -> [UInt8] {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &chunk, chunk.count, 0)
        guard count >= 0 else { throw TestKitError("recv: errno \(errno)") }
        return Array(chunk[..<count])
    }

    /// Everything until the other side ends.
    func readToEnd() throws -> [UInt8] {
        var all = buffer
        while true {
            let bytes = try read()
            guard !bytes.isEmpty else { return all }
            all += bytes
        }
    }

    /// One answer; what follows it is kept for the next call.
    func readAnswer() throws -> RawAnswer {
        while true {
            if let (answer, length) = RawAnswer.parse(buffer) {
                buffer.removeFirst(length)
                return answer
            }
            let bytes = try read()
            guard !bytes.isEmpty else {
                throw TestKitError("ended inside \(String(decoding: buffer, as: UTF8.self))")
            }
            buffer += bytes
        }
    }
}

/// An HTTP/1.1 answer, its chunks put together.
struct RawAnswer {
    var status = 0
    var headers: [String: String] = [:]
    var body: [UInt8] = []

    var text: String { String(decoding: body, as: UTF8.self) }
    func json() throws -> JSONValue { try JSONValue(parsing: body) }

    /// The answer at the start of the bytes and its length; nil: it is not whole.
    static func parse(_ bytes: [UInt8]) -> (RawAnswer, Int)? {
        guard let head = bytes.range(of: "\r\n\r\n") else { return nil }
        var answer = RawAnswer()
        let lines = String(decoding: bytes[..<head.lowerBound], as: UTF8.self)
            .components(separatedBy: "\r\n")
        answer.status = Int(lines[0].split(separator: " ")[1]) ?? 0
        for line in lines.dropFirst() {
            let parts = line.components(separatedBy: ": ")
            answer.headers[parts[0].lowercased()] = parts.dropFirst().joined(separator: ": ")
        }
        var place = head.upperBound
        guard answer.headers["transfer-encoding"] == "chunked" else {
            let end = place + (Int(answer.headers["content-length"] ?? "0") ?? 0)
            guard bytes.count >= end else { return nil }
            answer.body = Array(bytes[place..<end])
            return (answer, end)
        }
        while let line = bytes.range(of: "\r\n", from: place) {
            let size = String(decoding: bytes[place..<line.lowerBound], as: UTF8.self)
            let start = line.upperBound
            let count = Int(size, radix: 16) ?? 0
            guard bytes.count >= start + count + 2 else { return nil }
            answer.body += bytes[start..<start + count]
            place = start + count + 2
            if count == 0 { return (answer, place) }
        }
        return nil
    }
}

extension [UInt8] {
    /// Where a text begins and ends, from an index on.
    func range(of text: String, from start: Int = 0) -> Range<Int>? {
        Data(self).range(of: Data(text.utf8), in: start..<count)
    }
}

extension JSONValue {
    /// A question as the OpenAI API takes it.
    static func question(_ prompt: String, more: JSONObject = [:]) -> JSONValue {
        var question: JSONObject = [
            "model": "scripted-1",
            "messages": [["role": "user", "content": .string(prompt)]],
        ]
        for (name, value) in more { question[name] = value }
        return .object(question)
    }
}
