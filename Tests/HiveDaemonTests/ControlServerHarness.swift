import Glibc
import HiveControl
import HiveSignal
import Logging
import ServiceLifecycle
import Synchronization
import Testing

@testable import HiveDaemon

// MARK: - Servers for the tests

extension ControlServerTests {
    /// Tells nobody anything.
    static let quietLogger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Answers with the params, with much text, with who asks, or with a refusal.
    static let echo: ControlServer.Handler = { request, peer, _ in
        let result: Result<JSONValue, ControlError> =
            switch request.method {
            case "echo": .success(request.params)
            case "whoami":
                .success(["uid": .integer(Int64(peer.uid)), "pid": .integer(Int64(peer.pid))])
            case "large":
                .success(
                    .string(
                        String(
                            repeating: "x",
                            count: Int(request.params["bytes"]?.integerValue ?? 0)
                        )
                    )
                )
            default: .failure(ControlError(.rulesSayNo, "the rules say no", hint: "ask a person"))
            }
        return ControlResponse(id: request.id, result: result)
    }

    /// Runs `body` while a server in a folder of its own serves; shuts it down after.
    func withServer(
        _ handler: @escaping ControlServer.Handler = ControlServerTests.echo,
        policy: PeerPolicy? = nil,
        _ body: (_ path: String) async throws -> Void
    ) async throws {
        try await withFolder { folder in
            let path = "\(folder)/hive.sock"
            try await serving(path, handler, policy: policy) { try await body(path) }
        }
    }

    /// Runs `body` while a server at `path` serves; returns once that has shut down.
    func serving<Value>(
        _ path: String,
        _ handler: @escaping ControlServer.Handler,
        policy: PeerPolicy? = nil,
        _ body: () async throws -> Value
    ) async throws -> Value {
        let server = ControlServer(
            path: path,
            policy: policy,
            logger: Self.quietLogger,
            handler: handler
        )
        try server.start()
        let services = ServiceGroup(services: [server], logger: Self.quietLogger)
        return try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await services.run() }
            let value = try await body()
            await services.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return value
        }
    }

    /// A folder for one socket; both are gone afterwards.
    func withFolder<Value>(_ body: (String) async throws -> Value) async throws -> Value {
        var template = Array("/tmp/hive-socket-XXXXXX".utf8CString)
        let folder = String(cString: try #require(mkdtemp(&template)))
        defer {
            unlink("\(folder)/hive.sock")
            rmdir(folder)
        }
        return try await body(folder)
    }

    /// Runs blocking work beside the cooperative pool.
    func offPool<Value: Sendable>(
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await DedicatedThread.run { Result { try work() } }.get()
    }

    /// Suspends until the task is cancelled.
    static func untilCancelled() async {
        let never = AsyncStream<Never> { _ in }
        for await _ in never {}
    }

    /// The permissions of the file itself, links not followed.
    func mode(of path: String) throws -> mode_t {
        var status = stat()
        try #require(lstat(path, &status) == 0)
        return status.st_mode & 0o777
    }

    /// Leaves what a killed daemon leaves: a socket's file with nobody behind it.
    func makeStaleSocket(_ path: String) throws {
        let group: SocketGroup? = nil
        let listener = try SocketListener(path: path, group: group)
        // The file is moved aside while the listener closes, so it does not remove it.
        try #require(rename(path, "\(path).kept") == 0)
        listener.close()
        try #require(rename("\(path).kept", path) == 0)
    }
}

// MARK: - A client

/// A client that sends any bytes and blocks for whole messages.
final class RawClient: Sendable {
    let descriptor: Int32
    private let buffer = Mutex(LineBuffer())

    init(_ path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        // A server that does not answer fails the test rather than hang it.
        var limit = timeval(tv_sec: 30, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(result == 0)
    }

    deinit { close(descriptor) }

    /// Sends all bytes, or as many as the server takes before it closes.
    func send(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count {
                let rest = UnsafeRawBufferPointer(rebasing: buffer[done...])
                let count = Glibc.send(
                    descriptor,
                    rest.baseAddress,
                    rest.count,
                    Int32(MSG_NOSIGNAL)
                )
                if count <= 0 { return }
                done += count
            }
        }
    }

    /// The next message; nil once the server has closed the connection.
    func next() throws -> JSONValue? {
        try buffer.withLock { buffer in
            while true {
                if let message = try buffer.next() { return try JSONValue(parsing: message) }
                var chunk = [UInt8](repeating: 0, count: ControlLimits.readBytes)
                let count = read(descriptor, &chunk, chunk.count)
                if count == 0 || count < 0 && errno == ECONNRESET { return nil }
                try #require(count > 0)
                buffer.append(Array(chunk[..<count]))
            }
        }
    }

    func call(_ request: ControlRequest) throws -> JSONValue? {
        send(request.line)
        return try next()
    }
}
