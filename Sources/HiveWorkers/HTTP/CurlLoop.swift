import HiveProcess
import CCurl
import CLinux
import Glibc

/// What the engine's thread keeps; nothing of it is ever seen by another thread.
///
/// A turn sleeps in epoll_wait(2), lets libcurl act on what is ready, and then looks at what has
/// come of it: requests that ended, deadlines that passed, requests that may start.
final class CurlLoop {
    let mailbox: CurlMailbox
    let manner: CurlHandle.Manner
    let multi: UnsafeMutableRawPointer
    private let epoll: Int32
    /// When libcurl wants to be called, monotonic nanoseconds; nil: never.
    private var timer: UInt64?

    /// By slot: every request that waits or runs.
    var transfers: [CurlTransfer?] = []
    var freeSlots: [Int] = []
    var deadlines = DeadlineHeap()
    var gate: ConnectGate<CurlTransfer>
    /// Places where a request has got past connecting, and others may follow.
    var passable: [HTTPPlace] = []
    /// Handles that rest, for the next requests.
    var handles: [CurlHandle] = []

    /// Connections that are kept open for later requests; and handles, which belong to none.
    static let keptMax = 512
    /// Sockets that one wait finds ready at most: `clinux_epoll_wait_ready` sets it.
    private static let readyMax = 64

    init(mailbox: CurlMailbox, manner: CurlHandle.Manner) throws(WorkerError) {
        self.mailbox = mailbox
        self.manner = manner
        gate = ConnectGate(isPlainShared: manner.sharesPlainConnections)
        guard let multi = curl_multi_init() else {
            throw WorkerError(
                message: "libcurl cannot be set up",
                hint: "look at the limits of memory and open files (ulimit -a)"
            )
        }
        self.multi = multi
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        // From here on all is set, and what is thrown leaves the rest to `deinit`.
        guard epoll >= 0, control(EPOLL_CTL_ADD, mailbox.descriptor, EPOLLIN.rawValue) else {
            throw .noDescriptor("an epoll set")
        }
        ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, Self.keptMax)
        ccurl_multi_set_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
        ccurl_multi_set_callbacks(
            multi,
            Unmanaged.passUnretained(self).toOpaque(),
            CurlCallbacks.watchSocket,
            CurlCallbacks.setTimer
        )
    }

    deinit {
        // Before the epoll set: libcurl says of each connection that it is closed.
        curl_multi_cleanup(multi)
        if epoll >= 0 { close(epoll) }
    }

    /// Runs until the mailbox is closed.
    func run() {
        let ready = UnsafeMutablePointer<clinux_ready>.allocate(capacity: Self.readyMax)
        defer { ready.deallocate() }
        var hasMail = true
        while true {
            if hasMail, !takeMail() { return }
            openDoors()
            hasMail = act(ready, count: wait(ready))
            fireTimer()
            settle()
        }
    }

    private func wait(_ ready: UnsafeMutablePointer<clinux_ready>) -> Int {
        let next = [timer, deadlines.earliest].compactMap { $0 }.min()
        let wait = MonotonicClock.milliseconds(from: MonotonicClock.nanoseconds, until: next)
        // Only EINTR can fail here, and the next turn waits again.
        return Int(clinux_epoll_wait_ready(epoll, ready, wait))
    }

    /// Lets libcurl act on what is ready; true where there is mail.
    private func act(_ ready: UnsafeMutablePointer<clinux_ready>, count: Int) -> Bool {
        var hasMail = false
        for index in 0..<max(count, 0) {
            let (socket, events) = (Int32(bitPattern: ready[index].token), ready[index].events)
            guard socket != mailbox.descriptor else {
                hasMail = true
                continue
            }
            var bits: Int32 = 0
            if events & EPOLLIN.rawValue != 0 { bits |= CURL_CSELECT_IN }
            if events & EPOLLOUT.rawValue != 0 { bits |= CURL_CSELECT_OUT }
            if events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { bits |= CURL_CSELECT_ERR }
            var running: Int32 = 0
            curl_multi_socket_action(multi, socket, bits, &running)
        }
        return hasMail
    }

    private func fireTimer() {
        guard let timer, timer <= MonotonicClock.nanoseconds else { return }
        self.timer = nil
        var running: Int32 = 0
        curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running)
    }
}

// MARK: - What libcurl asks for

extension CurlLoop {
    /// Watches a socket for what libcurl waits for, or no longer.
    ///
    /// - Parameters:
    ///   - socket: libcurl's.
    ///   - interest: One of `CURL_POLL_IN` and its like.
    ///   - isKnown: True: libcurl has been told that it is in the set.
    func watch(_ socket: Int32, _ interest: Int32, isKnown: Bool) {
        guard interest != CURL_POLL_REMOVE else {
            // It may be closed, and have left the set by that.
            _ = control(EPOLL_CTL_DEL, socket, 0)
            return
        }
        var events: UInt32 = 0
        if interest & CURL_POLL_IN != 0 { events |= EPOLLIN.rawValue }
        if interest & CURL_POLL_OUT != 0 { events |= EPOLLOUT.rawValue }
        if isKnown, control(EPOLL_CTL_MOD, socket, events) { return }
        if control(EPOLL_CTL_ADD, socket, events) || control(EPOLL_CTL_MOD, socket, events) {
            // Any address will do: it comes back as known, until libcurl lets the socket go.
            curl_multi_assign(multi, socket, multi)
        }
    }

    /// Changes the set; the descriptor itself is its token.
    private func control(_ operation: Int32, _ descriptor: Int32, _ events: UInt32) -> Bool {
        let token = UInt32(bitPattern: descriptor)
        return clinux_epoll_control(epoll, operation, descriptor, events, token) == 0
    }

    func setTimer(_ milliseconds: Int) {
        guard milliseconds >= 0 else {
            timer = nil
            return
        }
        let bounded = UInt64(min(milliseconds, CurlTransfer.millisecondsMax))
        timer = MonotonicClock.nanoseconds + bounded * 1_000_000
    }
}
