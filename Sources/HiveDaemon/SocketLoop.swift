import Glibc
import HiveControl
import Logging
import Synchronization

// One thread owns every descriptor of the control socket. It sleeps in poll(2) on the listener, the
// connections and one end of a socket pair, and wakes only when one of them has news: there is no
// timer. (poll, not epoll: with at most 130 descriptors, asking for what each turn needs is simpler
// than keeping a kernel's set in step, and Swift's Glibc module offers only the one.)
//
// A connection has two halves. `SocketPeer` is the thread's: the descriptor and the bytes read.
// `SocketConnection` is what tasks see: a stream of messages, and `send`. Tasks never touch a
// descriptor and the thread never waits for a task: tasks change the shared half and signal the
// wakeup, and the thread looks at every connection again. So a slow peer, or a slow handler, holds
// up nobody but itself.
//
// A connection keeps its place in the table until its peer is closed and its task is done:
// `connectionsMax` bounds both.

/// The control socket's event loop: accepts, reads messages, writes what tasks send.
final class SocketLoop: Sendable {
    /// Connections at a time; one more is told so and closed.
    static let connectionsMax = 128

    /// Every accepted connection, once; ends when the loop shuts down.
    ///
    /// Whoever takes one calls `finish()` on it in the end.
    let connections: AsyncStream<SocketConnection>

    fileprivate let arrivals: AsyncStream<SocketConnection>.Continuation
    fileprivate let listener: SocketListener
    fileprivate let policy: PeerPolicy
    fileprivate let logger: Logger
    fileprivate let wakeup: SocketWakeup
    fileprivate let shutDownFlag = Atomic(false)

    init(listener: SocketListener, policy: PeerPolicy, logger: Logger) throws(HiveError) {
        self.listener = listener
        self.policy = policy
        self.logger = logger
        wakeup = try SocketWakeup()
        (connections, arrivals) = AsyncStream.makeStream()
    }

    /// Runs the loop on a thread of its own until it is shut down and every connection is over.
    ///
    /// Cancellation does not reach the thread: call `shutDown()`.
    func run() async throws(HiveError) {
        defer { arrivals.finish() }
        try await DedicatedThread.run { SocketLoopThread(loop: self).run() }
    }

    /// Closes the listener, removes its file, and brings every connection to its end.
    ///
    /// A connection closes when its task has finished; what its peer does not take at once is lost.
    func shutDown() {
        shutDownFlag.store(true, ordering: .releasing)
        wakeup.signal()
    }
}

/// What the loop's thread keeps; nothing of it is ever seen by another thread.
private final class SocketLoopThread {
    /// How long to leave the listener alone where the system cannot accept (no descriptors, no
    /// memory): its news would not go away, and asking at once would take the whole processor.
    private static let acceptPauseMilliseconds: Int32 = 1_000

    private let loop: SocketLoop
    private var peers: [SocketPeer] = []
    private var isListening = true
    private var isAcceptPaused = false

    init(loop: SocketLoop) { self.loop = loop }

    func run() {
        let scratch = UnsafeMutableRawBufferPointer.allocate(
            byteCount: ControlLimits.readBytes,
            alignment: 16
        )
        defer { scratch.deallocate() }
        repeat {
            if isListening, loop.shutDownFlag.load(ordering: .acquiring) { beginShutdown() }
            for index in peers.indices { peers[index].settle() }
            peers.removeAll(where: \.isOver)
            guard isListening || !peers.isEmpty else { return }
            turn(scratch)
        } while true
    }

    /// Sleeps until there is news, and takes it in.
    private func turn(_ scratch: UnsafeMutableRawBufferPointer) {
        let accepts = isListening && !isAcceptPaused
        // poll(2) passes over negative descriptors: the places stay fixed.
        var asked = [
            pollfd(fd: loop.wakeup.readEnd, events: Int16(POLLIN), revents: 0),
            pollfd(fd: accepts ? loop.listener.descriptor : -1, events: Int16(POLLIN), revents: 0),
        ]
        for peer in peers {
            asked.append(pollfd(fd: peer.descriptor, events: peer.interest, revents: 0))
        }
        let ready = poll(
            &asked,
            nfds_t(asked.count),
            isAcceptPaused ? Self.acceptPauseMilliseconds : -1
        )
        isAcceptPaused = false
        // Only EINTR and ENOMEM can fail here; both are cured by trying again.
        guard ready > 0 else { return }
        // Before anything is looked at, so that a signal from now on brings another turn.
        if asked[0].revents != 0 { loop.wakeup.drain() }
        for (index, answer) in asked.dropFirst(2).enumerated() where answer.revents != 0 {
            peers[index].react(to: answer.revents, scratch: scratch)
        }
        if asked[1].revents != 0 { acceptAll() }
    }

    private func beginShutdown() {
        isListening = false
        loop.listener.close()
        loop.arrivals.finish()
        for index in peers.indices { peers[index].end() }
    }

    private func acceptAll() {
        while true {
            let descriptor = accept(loop.listener.descriptor, nil, nil)
            guard descriptor < 0 else {
                admit(descriptor)
                continue
            }
            switch errno {
            case EINTR, ECONNABORTED: continue
            case EAGAIN: return
            case let code:
                isAcceptPaused = true
                loop.logger.error(
                    "cannot accept a control connection; trying again in a second",
                    metadata: ["error": "\(String(cString: strerror(code)))"]
                )
                return
            }
        }
    }

    private func admit(_ descriptor: Int32) {
        // accept4(2), which would do both at once, is not in Swift's Glibc module.
        guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0,
            fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0,
            let credentials = PeerCredentials(descriptor: descriptor)
        else {
            close(descriptor)
            return
        }
        if let refusal = refusal(of: credentials) {
            loop.logger.notice(
                "refused a control connection",
                metadata: [
                    "reason": "\(refusal.message)", "uid": "\(credentials.uid)",
                    "pid": "\(credentials.pid)",
                ]
            )
            return refuse(descriptor, refusal)
        }
        let connection = SocketConnection(peer: credentials, wakeup: loop.wakeup)
        guard case .enqueued = loop.arrivals.yield(connection) else {
            // Nobody serves any more: the shutdown is on its way.
            close(descriptor)
            return
        }
        peers.append(SocketPeer(descriptor: descriptor, connection: connection))
    }

    private func refusal(of peer: PeerCredentials) -> ControlError? {
        guard loop.policy.admits(peer) else {
            return ControlError(
                .machineFailed,
                "user \(peer.uid) may not use this daemon's socket",
                hint: "run as the daemon's user, or join the group that `socket.group` names"
            )
        }
        guard peers.count < SocketLoop.connectionsMax else {
            return ControlError(
                .machineFailed,
                "too many connections (\(SocketLoop.connectionsMax))",
                hint: "end some of the commands that follow this board, then try again"
            )
        }
        return nil
    }

    /// Says why, as far as the socket takes it at once, and closes.
    private func refuse(_ descriptor: Int32, _ error: ControlError) {
        let line = ControlResponse(id: nil, result: .failure(error)).line
        _ = line.withUnsafeBytes {
            send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        close(descriptor)
    }
}

/// Wakes a thread that sleeps in poll(2), from any other.
final class SocketWakeup: Sendable {
    let readEnd: Int32
    private let writeEnd: Int32
    private let isSignalled = Atomic(false)

    init() throws(HiveError) {
        // A socket pair, because pipe2(2) and eventfd(2) are not in Swift's Glibc module.
        let type = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(type), 0, &ends) == 0 else {
            throw HiveError.machine(
                "cannot make a socket pair: \(String(cString: strerror(errno)))",
                hint: "raise the limit on open files (ulimit -n)"
            )
        }
        readEnd = ends[0]
        writeEnd = ends[1]
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    /// Makes `readEnd` readable; a byte at most is under way, however often it is called.
    func signal() {
        guard !isSignalled.exchange(true, ordering: .acquiringAndReleasing) else { return }
        var byte: UInt8 = 1
        _ = write(writeEnd, &byte, 1)
    }

    /// Takes the byte, then makes room for the next: a signal that found it there came before now.
    func drain() {
        var byte: UInt8 = 0
        _ = read(readEnd, &byte, 1)
        _ = isSignalled.exchange(false, ordering: .acquiringAndReleasing)
    }
}
