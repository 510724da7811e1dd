import CLinux
import Glibc

/// A connection of the endpoint's: its descriptor, and the version of HTTP that it speaks.
final class EndpointConnection {
    /// Bytes that wait to be written before more are asked for.
    private static let outputBytesMax = 64 << 10
    /// The first bytes of HTTP/2 with prior knowledge (RFC 9113 §3.4).
    private static let prefaceStart = Array("PRI".utf8)

    enum State {
        case open
        /// What had to go out is out; what still comes in is dropped until the client hangs up.
        case draining
        case closed
    }

    let descriptor: Int32
    private(set) var state = State.open
    /// Nil until the first bytes tell which one it is.
    private var wire: (any EndpointWire)?
    /// What has come before that is clear.
    private var unread: [UInt8] = []
    private var output: [UInt8] = []
    private var written = 0
    /// True: the socket takes no more for now.
    private(set) var isBlocked = false
    /// What epoll was told last.
    var interestWatched = EPOLLIN.rawValue
    /// Answers whose time has not come, by exchange.
    var waiting: [UInt32: EndpointAnswer] = [:]
    /// Exchanges whose request has come and whose answer is not out.
    var inFlight: Set<UInt32> = []

    init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    var isHTTP2: Bool { wire?.isHTTP2 ?? false }

    /// The epoll events that matter now.
    var interest: UInt32 {
        let reads = state == .draining || wire?.wantsInput ?? true
        return (reads ? EPOLLIN.rawValue : 0) | (isBlocked ? EPOLLOUT.rawValue : 0)
    }

    /// Reads once; false: the client has hung up, or broken off.
    func read(into scratch: UnsafeMutableRawBufferPointer) -> Bool {
        let count = recv(descriptor, scratch.baseAddress, scratch.count, 0)
        guard count > 0 else { return count < 0 && (errno == EAGAIN || errno == EINTR) }
        if state == .open { take(UnsafeRawBufferPointer(rebasing: scratch[..<count])) }
        return true
    }

    func nextRequest() -> (exchange: UInt32, message: EndpointMessage)? { wire?.nextRequest() }

    func answer(_ exchange: UInt32, _ answer: EndpointAnswer) { wire?.answer(exchange, answer) }

    func resume(_ exchange: UInt32) { wire?.resume(exchange) }

    func takeNews() -> [WireNews] { wire?.takeNews() ?? [] }

    /// Lays out what may go out next; what became of it is in `takeNews`.
    func fill() {
        guard state == .open, !isBlocked else { return }
        wire?.fill(&output, upTo: Self.outputBytesMax)
    }

    /// Writes what is laid out; true: there is room for more.
    func flush() -> Bool {
        guard state == .open else { return false }
        if wire?.end == .reset {
            reset()
            return false
        }
        guard output.isEmpty else { return write() }
        if wire?.end == .afterOutput {
            state = .draining
            shutdown(descriptor, Int32(SHUT_WR))
        }
        return false
    }

    /// The bytes that tell HTTP/2 from HTTP/1 are the first three.
    private func take(_ bytes: UnsafeRawBufferPointer) {
        if wire != nil {
            wire?.receive(bytes)
            return
        }
        unread.append(contentsOf: bytes)
        guard unread.count >= Self.prefaceStart.count else { return }
        wire = unread.starts(with: Self.prefaceStart) ? HTTP2Wire() : HTTP1Wire()
        unread.withUnsafeBytes { wire?.receive($0) }
        unread = []
    }

    /// Writes once; false: the socket takes no more for now, or is gone.
    private func write() -> Bool {
        isBlocked = false
        let count = output.withUnsafeBytes { bytes in
            let rest = bytes[written...]
            return send(
                descriptor,
                UnsafeRawBufferPointer(rebasing: rest).baseAddress,
                rest.count,
                Int32(MSG_NOSIGNAL)
            )
        }
        if count < 0 {
            isBlocked = errno == EAGAIN
            if !isBlocked && errno != EINTR { state = .closed }
            return errno == EINTR
        }
        written += count
        guard written == output.count else { return true }
        output.removeAll(keepingCapacity: output.capacity <= 4_096)
        written = 0
        return true
    }

    /// With no time to linger the kernel drops what waits and sends RST (socket(7)).
    private func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(
            descriptor,
            SOL_SOCKET,
            SO_LINGER,
            &option,
            socklen_t(MemoryLayout<linger>.size)
        )
        state = .closed
    }
}
