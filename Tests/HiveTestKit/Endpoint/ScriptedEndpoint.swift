import CLinux
import Glibc
import Synchronization

/// A model server on 127.0.0.1 that behaves as its script says.
///
/// It speaks HTTP/1.1 and HTTP/2 (cleartext, with prior knowledge) on one port, and under its
/// address the APIs of OpenAI (`/v1`), OpenRouter (`/api/v1`), ollama (`/api`) and Anthropic
/// (`/v1/messages`).
package final class ScriptedEndpoint: Sendable {
    /// `http://127.0.0.1:PORT`; the APIs' paths follow.
    package let address: String
    package let port: UInt16

    private let sockets: EndpointSockets
    private let recorder = EndpointRecorder()
    /// Nil once it is stopped.
    private let thread: Mutex<JoinedThread?>

    /// Starts to listen, on a port that the kernel chooses.
    package init(_ script: EndpointScript = EndpointScript()) throws {
        let sockets = try EndpointSockets()
        let recorder = recorder
        self.sockets = sockets
        port = sockets.port
        address = "http://127.0.0.1:\(sockets.port)"
        thread = Mutex(
            try JoinedThread {
                EndpointLoop(sockets: sockets, script: script, recorder: recorder).run()
            }
        )
    }

    deinit { stop() }

    /// Closes every connection and the port; nothing runs any more when it returns.
    package func stop() {
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        guard let running else { return }
        sockets.signal()
        running.join()
        sockets.closeListener()
        recorder.stop()
    }

    /// What it saw until now.
    package func seen() -> EndpointLog { recorder.log }

    /// Waits until so many requests have come whole.
    package func waitFor(requests: Int) async {
        await waitUntil { $0.requests >= requests }
    }

    /// Waits until the log is as wanted.
    ///
    /// It returns too when the endpoint is stopped or the waiting task is cancelled: look at the
    /// log afterwards.
    package func waitUntil(_ holds: @escaping @Sendable (EndpointLog) -> Bool) async {
        await recorder.wait(until: holds)
    }
}

/// What the endpoint's thread sleeps on.
final class EndpointSockets: Sendable {
    let epoll: Int32
    let listener: Int32
    /// An eventfd: readable when the endpoint is to stop.
    let wake: Int32
    let port: UInt16
    private let isListening = Atomic(true)

    /// Connections that may wait to be accepted.
    private static let backlog: Int32 = 4_096

    init() throws {
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        wake = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        let type = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        listener = socket(AF_INET, Int32(type), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let listens = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, size) == 0 && listen(listener, Self.backlog) == 0
                    && getsockname(listener, address, &size) == 0
            }
        }
        port = UInt16(bigEndian: address.sin_port)
        guard epoll >= 0, wake >= 0, listens else {
            throw TestKitError("the endpoint cannot listen on 127.0.0.1: errno \(errno)")
        }
    }

    deinit {
        closeListener()
        for descriptor in [epoll, wake] where descriptor >= 0 { close(descriptor) }
    }

    /// Gives the port back.
    func closeListener() {
        guard isListening.exchange(false, ordering: .acquiringAndReleasing) else { return }
        close(listener)
    }

    /// Makes `wake` readable, for good.
    func signal() {
        var one: UInt64 = 1
        _ = write(wake, &one, MemoryLayout<UInt64>.size)
    }
}
