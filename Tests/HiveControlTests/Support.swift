import Glibc
import HiveControl
import Testing

/// A temporary folder of one test's own, gone with it.
final class TemporaryFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/hive-control-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil, "mkdtemp: errno \(errno)")
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit {
        for name in ["hive.sock", "fake"] { unlink(path + "/" + name) }
        rmdir(path)
    }
}

/// A server that takes one connection on its own thread and lets a script answer its messages.
final class ScriptedServer {
    /// What to do with each request: bytes to send back, nil to close the connection.
    typealias Script = @Sendable (ControlRequest) -> [UInt8]?

    private let thread: pthread_t

    init(path: String, script: @escaping Script) throws {
        let listener = try Self.listen(path: path)
        let job = Unmanaged.passRetained(Job(listener: listener, script: script))
        var thread = pthread_t()
        let code = pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Job>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            },
            job.toOpaque()
        )
        try #require(code == 0, "pthread_create: \(code)")
        self.thread = thread
    }

    /// Waits until the connection is closed.
    func join() { pthread_join(thread, nil) }

    /// A listening socket; connections wait in its backlog.
    static func listen(path: String) throws -> Int32 {
        let listener = try UnixSocket.make()
        let bound = try UnixSocket.withAddress(of: path) { Glibc.bind(listener, $0, $1) }
        try #require(bound == 0, "bind: errno \(errno)")
        try #require(Glibc.listen(listener, 4) == 0, "listen: errno \(errno)")
        return listener
    }

    /// What the thread owns; handed over once, before it starts.
    private final class Job: Sendable {
        let listener: Int32
        let script: Script

        init(listener: Int32, script: @escaping Script) {
            self.listener = listener
            self.script = script
        }

        func run() {
            let connection = accept(listener, nil, nil)
            defer {
                close(connection)
                close(listener)
            }
            var buffer = LineBuffer()
            var chunk = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = chunk.withUnsafeMutableBytes {
                    UnixSocket.receive(into: $0, from: connection)
                }
                guard count > 0 else { return }
                buffer.append(Array(chunk[..<count]))
                while let message = try? buffer.next() {
                    guard let request = try? ControlRequest(parsing: message),
                        let answer = script(request), UnixSocket.send(answer, to: connection)
                    else { return }
                }
            }
        }
    }
}

/// The seed of this run's random tests: `HIVE_SEED`, or a new one.
func testSeed() -> UInt64 {
    guard let text = getenv("HIVE_SEED"), let seed = UInt64(String(cString: text)) else {
        return UInt64.random(in: 0...UInt64.max)
    }
    return seed
}

/// SplitMix64: one seed, one sequence.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
