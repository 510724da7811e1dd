import HiveControl
import Synchronization

/// What a connection gives to the task that serves it.
enum InboundMessage: Sendable {
    /// One message, without its line end.
    case message([UInt8])
    /// What came cannot be cut into messages; nothing follows.
    case unreadable(ControlError)
}

/// The half of a connection that tasks see: messages in, bytes out, and when it is over.
///
/// The loop's thread moves the bytes. The two sides meet under one lock, held for a copy at most.
final class SocketConnection: Sendable {
    /// The loop reads no more while so many messages wait unread.
    static let pendingMessagesMax = 64
    /// The loop reads no more while so many bytes of messages wait unread: 4 MiB.
    static let pendingBytesMax = 4 << 20
    /// `send` suspends while more bytes than this wait for the peer: 4 MiB.
    static let outgoingBytesMax = 4 << 20

    let peer: PeerCredentials
    /// What the peer sends, in order; ends when no more will come.
    ///
    /// Report each one with `took`, so that there is room for more.
    let messages: AsyncStream<InboundMessage>
    /// Ends when the peer has hung up or the loop shuts down; nothing is ever in it.
    let ending: AsyncStream<Never>

    private let inbound: AsyncStream<InboundMessage>.Continuation
    private let ended: AsyncStream<Never>.Continuation
    private let wakeup: SocketWakeup
    private let state = Mutex(State())

    private enum Stage {
        case open
        /// The loop shuts down: answers are still taken, but nobody waits for room.
        case ending
        /// The peer has hung up.
        case gone
    }

    private struct State {
        var stage = Stage.open
        /// The task that served it is done: to be closed once the rest is out.
        var isFinished = false
        var pendingMessages = 0
        var pendingBytes = 0
        var outgoing = OutgoingBytes()
        /// Those who wait for room; true: there is some, false: there never will be.
        var senders: [CheckedContinuation<Bool, Never>] = []

        var hasRoom: Bool {
            pendingMessages < pendingMessagesMax && pendingBytes < pendingBytesMax
        }

        mutating func takeSenders() -> [CheckedContinuation<Bool, Never>] {
            defer { senders = [] }
            return senders
        }
    }

    init(peer: PeerCredentials, wakeup: SocketWakeup) {
        self.peer = peer
        self.wakeup = wakeup
        (messages, inbound) = AsyncStream.makeStream()
        (ending, ended) = AsyncStream.makeStream()
    }
}

// MARK: - The serving task's side

extension SocketConnection {
    /// A message was taken out of `messages`: room for another one.
    func took(_ message: InboundMessage) {
        let isRoomNews = state.withLock { state in
            let hadRoom = state.hasRoom
            state.pendingMessages -= 1
            state.pendingBytes -= message.byteCount
            return !hadRoom && state.hasRoom
        }
        if isRoomNews { wakeup.signal() }
    }

    /// Queues bytes for the peer, then waits while more than `outgoingBytesMax` wait.
    ///
    /// - Throws: `.machineFailed` where the peer is gone. The bytes may or may not have reached it.
    func send(_ bytes: [UInt8]) async throws(ControlError) {
        let isOpen = await withCheckedContinuation { continuation in
            let answer: Bool? = state.withLock { state in
                guard state.stage != .gone, !state.isFinished else { return false }
                state.outgoing.append(bytes)
                guard state.stage == .open, state.outgoing.count > Self.outgoingBytesMax else {
                    return true
                }
                state.senders.append(continuation)
                return nil
            }
            if answer != false { wakeup.signal() }
            if let answer { continuation.resume(returning: answer) }
        }
        guard isOpen else { throw Self.peerIsGone }
    }

    /// True from the moment that `ending` ends.
    var isEnding: Bool { state.withLock { $0.stage != .open } }

    /// Nothing more will be sent or read: closed once what waits is out.
    func finish() {
        state.withLock { $0.isFinished = true }
        wakeup.signal()
    }

    static let peerIsGone = ControlError(.machineFailed, "the client has gone")
}

// MARK: - The loop's side

extension SocketConnection {
    /// False: read no more until a message is taken.
    var hasRoom: Bool { state.withLock { $0.hasRoom } }

    /// True where nothing needs the descriptor any more.
    ///
    /// While the loop shuts down, nobody waits for a peer that takes no more (`isBlocked`).
    func mayClose(isBlocked: Bool) -> Bool {
        state.withLock { state in
            state.isFinished
                && (state.outgoing.isEmpty || state.stage == .ending && isBlocked)
        }
    }

    /// True when the task that served it is done.
    var isFinished: Bool { state.withLock { $0.isFinished } }

    func deliver(_ message: InboundMessage) {
        state.withLock { state in
            state.pendingMessages += 1
            state.pendingBytes += message.byteCount
        }
        inbound.yield(message)
    }

    /// No message will follow.
    func endOfInput() { inbound.finish() }

    /// The loop shuts down: whoever serves this should come to an end.
    func end() { leave(.ending) }

    /// The peer is gone: what waits for it is dropped.
    func hangUp() { leave(.gone) }

    private func leave(_ stage: Stage) {
        let senders = state.withLock { state in
            if state.stage != .gone { state.stage = stage }
            if state.stage == .gone { state.outgoing = OutgoingBytes() }
            return state.takeSenders()
        }
        for sender in senders { sender.resume(returning: false) }
        ended.finish()
    }

    /// Offers what waits to `write`, once; it answers with the bytes it took, or nil for a failure.
    ///
    /// - Returns: what is left in bytes; nil where `write` failed.
    func flush(_ write: (UnsafeRawBufferPointer) -> Int?) -> Int? {
        let (left, senders) = state.withLock {
            state -> (Int?, [CheckedContinuation<Bool, Never>]) in
            guard !state.outgoing.isEmpty else { return (0, []) }
            guard let count = state.outgoing.withBytes(write) else { return (nil, []) }
            state.outgoing.drop(count)
            let hasRoom = state.outgoing.count <= Self.outgoingBytesMax
            return (state.outgoing.count, hasRoom ? state.takeSenders() : [])
        }
        for sender in senders { sender.resume(returning: true) }
        return left
    }
}

extension InboundMessage {
    fileprivate var byteCount: Int {
        switch self {
        case .message(let bytes): bytes.count
        case .unreadable: 0
        }
    }
}

/// Bytes on their way out: appended behind, dropped in front.
private struct OutgoingBytes {
    /// Dropped bytes are moved out of the way once there are so many, and they are the most.
    private static let slackBytesMax = 64 << 10

    private var bytes: [UInt8] = []
    private var start = 0

    var count: Int { bytes.count - start }
    var isEmpty: Bool { count == 0 }

    mutating func append(_ more: [UInt8]) { bytes.append(contentsOf: more) }

    mutating func drop(_ count: Int) {
        start += count
        if start == bytes.count {
            self = OutgoingBytes()
        } else if start > Self.slackBytesMax, start > bytes.count / 2 {
            bytes.removeFirst(start)
            start = 0
        }
    }

    func withBytes<Value>(_ body: (UnsafeRawBufferPointer) -> Value) -> Value {
        bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[start...])) }
    }
}
