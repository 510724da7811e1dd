import CCurl

/// One request from its submission to its answer.
///
/// `@unchecked Sendable` is safe: what a task sets is set before the submission, whose lock orders
/// it before everything that the engine's thread does; from then on only that thread touches it.
final class CurlTransfer: @unchecked Sendable {
    enum Stage {
        /// In the mailbox, or not even there.
        case submitted
        /// Waits until it may connect.
        case waiting
        /// libcurl has it.
        case running
        case ended
    }

    /// What it waits for next, which the clock may end.
    enum Deadline {
        case connect
        case firstByte
        case total
    }

    typealias Answer = Result<HTTPResponse, HTTPFailure>

    let place: HTTPPlace
    let limits: HTTPLimits
    let onBytes: (@Sendable ([UInt8]) -> Void)?
    /// When `send` was called, monotonic nanoseconds.
    let startedAt: UInt64
    /// Set before the submission, resumed once.
    var continuation: CheckedContinuation<Answer, Never>?
    /// Nil once libcurl has its own copy.
    var request: HTTPRequest?

    var stage = Stage.submitted
    /// While it runs.
    var handle: CurlHandle?
    /// While it is submitted; a note of a callback goes there.
    var loop: CurlLoop?
    /// Its place in the engine's table, and in the deadlines.
    var slot = 0
    var deadline = Deadline.connect
    var isCancelled = false
    /// True: it was let through the gate, and others may wait for it to get past connecting.
    var isConnecting = false
    /// Since `startedAt`, libcurl has asked to send it so often: once is all there is.
    var sendings = 0
    /// True: a byte of the answer has come.
    var hasBegun = false
    /// Why a callback gave it up.
    var givenUp: HTTPFailure?
    private(set) var head = ResponseHead()
    private(set) var body: [UInt8] = []
    private(set) var bodyBytes = 0
    /// Whether the body goes to `onBytes`; nil until the first of it has come.
    private var streams: Bool?

    init(
        _ request: HTTPRequest,
        to place: HTTPPlace,
        onBytes: (@Sendable ([UInt8]) -> Void)?
    ) {
        self.request = request
        self.place = place
        self.onBytes = onBytes
        limits = request.limits
        startedAt = MonotonicClock.nanoseconds
    }

    /// Takes a line of the head.
    ///
    /// - Returns: False where it has become too long.
    func takeHead(_ line: UnsafeRawBufferPointer) -> Bool {
        guard head.append(line) else {
            givenUp = HTTPFailure(
                .tooLarge,
                "\(place.name): the answer's headers have over \(ResponseHead.bytesMax) bytes"
            )
            return false
        }
        return true
    }

    /// Takes a piece of the body.
    ///
    /// - Parameters:
    ///   - piece: Bytes, decoded.
    ///   - status: The answer's status; asked for once.
    /// - Returns: False where it has become too long.
    func takeBody(_ piece: UnsafeRawBufferPointer, status: () -> Int) -> Bool {
        guard piece.count <= limits.responseBytes - bodyBytes else {
            givenUp = HTTPFailure(
                .tooLarge,
                "\(place.name): the answer has over \(limits.responseBytes) bytes"
            )
            return false
        }
        bodyBytes += piece.count
        let streams = self.streams ?? (onBytes != nil && 200..<300 ~= status())
        self.streams = streams
        if streams, let onBytes {
            onBytes(Array(piece))
        } else {
            body.append(contentsOf: piece)
        }
        return true
    }

    /// The whole answer.
    func response(status: Int) -> HTTPResponse {
        HTTPResponse(status: status, headers: head.fields(), body: body)
    }

    /// The next deadline, and what it ends, monotonic nanoseconds.
    func nextDeadline() -> (Deadline, UInt64) {
        var next = (Deadline.total, startedAt + Self.nanoseconds(limits.totalMilliseconds))
        func consider(_ deadline: Deadline, _ milliseconds: Int?) {
            guard let milliseconds else { return }
            let at = startedAt + Self.nanoseconds(milliseconds)
            if at < next.1 { next = (deadline, at) }
        }
        if !hasBegun { consider(.firstByte, limits.firstByteMilliseconds) }
        // While it runs, libcurl keeps this one.
        if stage == .waiting { consider(.connect, limits.connectMilliseconds) }
        return next
    }

    /// Limits are held to this, so that sums of times cannot overflow: a week.
    static let millisecondsMax = 604_800_000

    private static func nanoseconds(_ milliseconds: Int) -> UInt64 {
        UInt64(min(max(milliseconds, 0), millisecondsMax)) * 1_000_000
    }
}
