import CLinux
import Glibc

// One thread with epoll serves every connection: it sleeps until a socket has news, a timer is
// due, or the endpoint is stopped. What a connection says is decided by pure values: the wire
// (`HTTP1Wire`, `HTTP2Wire`) cuts bytes into requests and lays answers out, `EndpointAPI` writes
// them. The loop moves the bytes and keeps the time.
//
// A client that hangs up while it waits is gone, though it may only have closed its half: servers
// do the same, and a cancelled request can be told from one that is served.

/// What the endpoint's thread keeps; nothing of it is ever seen by another thread.
final class EndpointLoop {
    private static let wakeToken: UInt32 = 0
    private static let listenerToken: UInt32 = 1
    private static let firstConnectionToken: UInt32 = 2
    /// Ready descriptors taken at once; CLinux's array has so many.
    private static let readyMax = 64
    private static let readBytes = 64 << 10
    /// Connections at a time; later ones wait in the listener's queue.
    private static let connectionsMax = 8_192

    private let sockets: EndpointSockets
    private let script: EndpointScript
    private let recorder: EndpointRecorder
    private var connections: [UInt32: EndpointConnection] = [:]
    private var nextToken = firstConnectionToken
    private var timers = EndpointTimers()
    private var isAccepting = true
    private let scratch: UnsafeMutableRawBufferPointer

    init(sockets: EndpointSockets, script: EndpointScript, recorder: EndpointRecorder) {
        self.sockets = sockets
        self.script = script
        self.recorder = recorder
        scratch = .allocate(byteCount: Self.readBytes, alignment: 16)
    }

    deinit { scratch.deallocate() }

    /// Serves until the endpoint is stopped.
    func run() {
        watch(sockets.wake, Self.wakeToken)
        watch(sockets.listener, Self.listenerToken)
        var ready = [clinux_ready](repeating: clinux_ready(), count: Self.readyMax)
        while true {
            let count = clinux_epoll_wait_ready(sockets.epoll, &ready, timeoutMilliseconds())
            // Only EINTR can fail here; it is cured by another turn.
            for event in ready.prefix(Int(max(0, count))) {
                switch event.token {
                case Self.wakeToken: return
                case Self.listenerToken: acceptAll()
                default: serve(event)
                }
            }
            fireTimers()
        }
    }

    private func watch(_ descriptor: Int32, _ token: UInt32) {
        _ = clinux_epoll_control(
            sockets.epoll,
            EPOLL_CTL_ADD,
            descriptor,
            EPOLLIN.rawValue,
            token
        )
    }

    /// The listener is left alone while nothing can be accepted.
    private func watch(listener isWatched: Bool) {
        isAccepting = isWatched
        _ = clinux_epoll_control(
            sockets.epoll,
            EPOLL_CTL_MOD,
            sockets.listener,
            isWatched ? EPOLLIN.rawValue : 0,
            Self.listenerToken
        )
    }

    // MARK: Connections

    private func acceptAll() {
        while true {
            let isFull = connections.count >= Self.connectionsMax
            let descriptor = isFull ? -1 : accept(sockets.listener, nil, nil)
            guard descriptor >= 0 else {
                if !isFull, errno == EINTR || errno == ECONNABORTED { continue }
                // Where no descriptor is to be had, asking again at once would never end.
                if isFull || errno != EAGAIN { watch(listener: false) }
                return
            }
            var on: Int32 = 1
            let size = socklen_t(MemoryLayout<Int32>.size)
            // Answers go out in small pieces, each at its time.
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, size)
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
            connections[nextToken] = EndpointConnection(descriptor: descriptor)
            watch(descriptor, nextToken)
            nextToken = nextToken == .max ? Self.firstConnectionToken : nextToken + 1
            recorder.change { log in
                log.connectionsAccepted += 1
                log.connectionsOpen += 1
            }
        }
    }

    private func serve(_ event: clinux_ready) {
        guard let connection = connections[event.token] else { return }
        let hasInput = event.events & ~EPOLLOUT.rawValue != 0
        if hasInput, !connection.read(into: scratch) { return drop(event.token, connection) }
        advance(event.token, connection)
    }

    /// Takes the requests that are whole and writes what may go out, until there is no more to do.
    ///
    /// What is written is in the log beforehand: who has read an answer finds it there.
    private func advance(_ token: UInt32, _ connection: EndpointConnection) {
        let before = connection.interestWatched
        var goesOn = true
        while goesOn {
            while let (exchange, message) = connection.nextRequest() {
                begin(token, connection, exchange, message)
            }
            connection.fill()
            let hasNews = take(connection.takeNews(), token, connection)
            goesOn = connection.flush() || (hasNews && !connection.isBlocked)
        }
        guard connection.state != .closed else { return drop(token, connection) }
        let interest = connection.interest
        guard interest != before else { return }
        connection.interestWatched = interest
        _ = clinux_epoll_control(
            sockets.epoll,
            EPOLL_CTL_MOD,
            connection.descriptor,
            interest,
            token
        )
    }

    /// Closes; what was in flight will have no answer.
    private func drop(_ token: UInt32, _ connection: EndpointConnection) {
        connections[token] = nil
        let left = connection.inFlight.count
        connection.inFlight = []
        _ = clinux_epoll_control(sockets.epoll, EPOLL_CTL_DEL, connection.descriptor, 0, 0)
        if !isAccepting { watch(listener: true) }
        recorder.change { log in
            log.connectionsOpen -= 1
            log.inFlight -= left
            log.abandoned += left
        }
    }

    // MARK: Exchanges

    private func begin(
        _ token: UInt32,
        _ connection: EndpointConnection,
        _ exchange: UInt32,
        _ message: EndpointMessage
    ) {
        connection.inFlight.insert(exchange)
        let request = recorder.request(message, isHTTP2: connection.isHTTP2)
        let answer = script.answer(to: request)
        guard script.latencyMilliseconds > 0 else { return start(connection, exchange, answer) }
        connection.waiting[exchange] = answer
        schedule(token, exchange, afterMilliseconds: script.latencyMilliseconds)
    }

    private func start(
        _ connection: EndpointConnection,
        _ exchange: UInt32,
        _ answer: EndpointAnswer
    ) {
        recorder.change { log in
            if let fault = answer.faultName { log.byFault[fault, default: 0] += 1 }
            if answer.hasStatus { log.byStatus[answer.status, default: 0] += 1 }
        }
        connection.answer(exchange, answer)
    }

    /// True where there was news that may let the connection go on.
    private func take(
        _ news: [WireNews],
        _ token: UInt32,
        _ connection: EndpointConnection
    ) -> Bool {
        var goesOn = false
        for item in news {
            switch item {
            case .answered(let exchange, let isWhole):
                goesOn = true
                end(exchange, of: connection) { log in
                    if isWhole { log.answersWhole += 1 } else { log.answersBroken += 1 }
                }
            case .abandoned(let exchange):
                end(exchange, of: connection) { $0.abandoned += 1 }
            case .paused(let exchange, let milliseconds):
                schedule(token, exchange, afterMilliseconds: milliseconds)
            }
        }
        return goesOn
    }

    private func end(
        _ exchange: UInt32,
        of connection: EndpointConnection,
        _ note: (inout EndpointLog) -> Void
    ) {
        guard connection.inFlight.remove(exchange) != nil else { return }
        connection.waiting[exchange] = nil
        recorder.change { log in
            log.inFlight -= 1
            note(&log)
        }
    }

    // MARK: Time

    private func schedule(_ token: UInt32, _ exchange: UInt32, afterMilliseconds pause: Int) {
        let due = Self.now() + UInt64(max(0, pause)) * 1_000_000
        timers.add(.init(nanoseconds: due, connection: token, exchange: exchange))
    }

    private func fireTimers() {
        let now = Self.now()
        while let timer = timers.takeDue(at: now) {
            guard let connection = connections[timer.connection] else { continue }
            if let answer = connection.waiting.removeValue(forKey: timer.exchange) {
                start(connection, timer.exchange, answer)
            } else {
                connection.resume(timer.exchange)
            }
            advance(timer.connection, connection)
        }
    }

    /// How long epoll may sleep: a begun millisecond is a whole one, for a timer is never early.
    private func timeoutMilliseconds() -> Int32 {
        guard let next = timers.next else { return -1 }
        let now = Self.now()
        return next <= now ? 0 : Int32(clamping: (next - now + 999_999) / 1_000_000)
    }

    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
