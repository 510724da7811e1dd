import Foundation
import HiveTestKit
import Synchronization

/// A server on 127.0.0.1 that says exactly what a test tells it to, for answers that no server
/// should give.
///
/// It has a thread for the listener and one for each connection; they end with the server.
final class RawServer: Sendable {
    /// What it does when a request's head and body have come.
    enum Step: Sendable {
        case send(String)
        case sendBytes([UInt8])
        /// The end of the connection, in good order.
        case close
        /// The end of the connection by RST.
        case reset
        /// Nothing, until the client goes away.
        case hang
    }

    let port: UInt16
    var address: String { "http://127.0.0.1:\(port)" }
    /// The heads of the requests, as they came.
    var heads: [String] { state.withLock { $0 } }

    private let listener: Int32
    private let state = Mutex<[String]>([])

    /// Starts to listen.
    ///
    /// - `greeting`: What it says before it is asked.
    /// - `steps`: Gets each request's head.
    init(greeting: String = "", _ steps: @escaping @Sendable (String) -> [Step]) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        port = try Self.bind(listener)
        guard listen(listener, 256) == 0 else { throw TestKitError("listen: errno \(errno)") }
        let listener = listener
        Thread.detachNewThread { [weak self] in
            while true {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0 else {
                    // Closed here, and not before: its number may be another's at once.
                    Glibc.close(listener)
                    return
                }
                Thread.detachNewThread { [weak self] in
                    _ = Self.send(Array(greeting.utf8), descriptor)
                    Self.serve(descriptor, steps) { head in
                        self?.state.withLock { $0.append(head) }
                    }
                    Glibc.close(descriptor)
                }
            }
        }
    }

    /// One that answers every request with this text, then closes.
    convenience init(_ answer: String) throws { try self.init { _ in [.send(answer), .close] } }

    deinit {
        // Ends the accept(2), now or when it is called next.
        shutdown(listener, Int32(SHUT_RDWR))
    }

    /// A port where nobody listens.
    static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { Glibc.close(descriptor) }
        return try bind(descriptor)
    }

    private static func bind(_ descriptor: Int32) throws -> UInt16 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                Glibc.bind(descriptor, address, size) == 0
                    && getsockname(descriptor, address, &size) == 0
            }
        }
        guard isBound else { throw TestKitError("no port on 127.0.0.1: errno \(errno)") }
        return UInt16(bigEndian: address.sin_port)
    }

    private static func serve(
        _ descriptor: Int32,
        _ steps: (String) -> [Step],
        note: (String) -> Void
    ) {
        var bytes: [UInt8] = []
        while let head = readRequest(descriptor, &bytes) {
            note(head)
            for step in steps(head) where !perform(step, descriptor) { return }
        }
    }

    /// The head of the next request; nil where the client has gone.
    private static func readRequest(_ descriptor: Int32, _ bytes: inout [UInt8]) -> String? {
        while true {
            if let end = bytes.range(of: "\r\n\r\n") {
                let head = String(decoding: bytes[..<end.upperBound], as: UTF8.self)
                let length = head.lowercased().components(separatedBy: "content-length: ").last
                    .flatMap { Int($0.prefix { $0.isNumber }) }
                let whole = end.upperBound + (length ?? 0)
                if bytes.count >= whole {
                    bytes.removeFirst(whole)
                    return head
                }
            }
            var chunk = [UInt8](repeating: 0, count: 65_536)
            let count = recv(descriptor, &chunk, chunk.count, 0)
            guard count > 0 else { return nil }
            bytes += chunk[..<count]
        }
    }

    /// False where the connection is to end.
    private static func perform(_ step: Step, _ descriptor: Int32) -> Bool {
        switch step {
        case .send(let text): return send(Array(text.utf8), descriptor)
        case .sendBytes(let bytes): return send(bytes, descriptor)
        case .close: return false
        case .reset:
            var linger = linger(l_onoff: 1, l_linger: 0)
            let size = socklen_t(MemoryLayout<linger>.size)
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, size)
            return false
        case .hang:
            var byte: UInt8 = 0
            while recv(descriptor, &byte, 1, 0) > 0 {}
            return false
        }
    }

    private static func send(_ bytes: [UInt8], _ descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
