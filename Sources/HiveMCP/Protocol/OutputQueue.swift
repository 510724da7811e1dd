internal import Glibc
import HiveControl
internal import Synchronization

// What is written, and in what order
//
// One thread writes; whoever has something to say queues it and goes on. A client may stop to read:
// then answers fill the queue up to a bound, behind which no more requests are taken (`room`), so
// that the client waits for itself. Notifications need no answer and would not be held up by that:
// those of which only the last matters are queued once, the others are left out while the queue is
// long.

/// The messages on their way to the client.
final class OutputQueue: Sendable {
    /// Bytes queued behind which no more requests are taken.
    static let answerBytesMax = 8 << 20
    /// Bytes queued behind which notifications that may be missed are left out.
    static let notificationBytesMax = 1 << 20
    /// A client that takes nothing for so long while it is owed something is given up.
    static let writeMillisecondsMax: Int32 = 600_000
    /// Written at a time: what a pipe takes whole once it takes anything.
    private static let writeBytes = Int(PIPE_BUF)
    /// How many lines that are written may stand before those that are not.
    private static let writtenLinesMax = 1_024

    private struct State {
        var lines: [[UInt8]] = []
        /// The first in `lines` that is not written yet.
        var next = 0
        var bytes = 0
        /// Lines in the queue that are queued once only.
        var single: Set<[UInt8]> = []
        var isFinished = false
        var isBroken = false
        /// For room in the queue.
        var waiting: [CheckedContinuation<Void, Never>] = []
        /// For the end.
        var ending: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    private let queued = Permits(0)
    /// Starts to write; the descriptor stays the caller's.
    func start(_ descriptor: Int32) throws(ControlError) {
        try OwnThread.start { [self] in
            while let line = takeNext() {
                guard Self.write(line, to: descriptor) else { break }
                wrote(line)
            }
            close()
        }
    }

    /// Queues what the client waits for.
    func answer(_ line: [UInt8]) { state.withLock { push(line, &$0) } }

    /// Queues what may be missed; left out while the queue is long.
    func notify(_ line: [UInt8]) {
        state.withLock { state in
            if state.bytes < Self.notificationBytesMax { push(line, &state) }
        }
    }

    /// Queues what is the same however often it is said, unless it waits there already.
    func notifyOnce(_ line: [UInt8]) {
        state.withLock { state in
            if state.single.insert(line).inserted { push(line, &state) }
        }
    }

    /// Waits until the queue is short enough for another request; false once the client is gone.
    func room() async -> Bool {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                guard state.bytes > Self.answerBytesMax, !state.isBroken else { return true }
                state.waiting.append(continuation)
                return false
            }
            if isReady { continuation.resume() }
        }
        return state.withLock { !$0.isBroken }
    }

    /// Waits until everything is written after `finish`, or the client takes no more.
    func untilEnded() async {
        await withCheckedContinuation { continuation in
            let hasEnded = state.withLock { state in
                if !state.isBroken { state.ending.append(continuation) }
                return state.isBroken
            }
            if hasEnded { continuation.resume() }
        }
    }

    /// Nothing more is queued: what is there is written.
    func finish() {
        state.withLock { $0.isFinished = true }
        queued.give()
    }

    private func push(_ line: [UInt8], _ state: inout State) {
        guard !state.isFinished, !state.isBroken else { return }
        state.lines.append(line)
        state.bytes += line.count
        queued.give()
    }

    // MARK: On the thread

    private func takeNext() -> [UInt8]? {
        queued.take()
        return state.withLock { state in
            guard state.next < state.lines.count else { return nil }
            let line = state.lines[state.next]
            state.lines[state.next] = []
            state.next += 1
            if state.next == state.lines.count || state.next == Self.writtenLinesMax {
                state.lines.removeFirst(state.next)
                state.next = 0
            }
            // From here on the same is news again.
            state.single.remove(line)
            return line
        }
    }

    private func wrote(_ line: [UInt8]) {
        let waiting = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.bytes -= line.count
            guard state.bytes <= Self.answerBytesMax else { return [] }
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    private func close() {
        let waiting = state.withLock { state in
            state.isBroken = true
            state.lines = []
            state.next = 0
            defer { (state.waiting, state.ending) = ([], []) }
            return state.waiting + state.ending
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Writes all of it; false where the client is gone, or takes nothing for too long.
    private static func write(_ line: [UInt8], to descriptor: Int32) -> Bool {
        line.withUnsafeBytes { raw in
            var rest = raw[...]
            while !rest.isEmpty {
                var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                let count = poll(&ready, 1, writeMillisecondsMax)
                if count < 0 && errno == EINTR { continue }
                guard count == 1, ready.revents & Int16(POLLOUT) != 0 else { return false }
                let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(writeBytes))
                let written = Glibc.write(descriptor, piece.baseAddress, piece.count)
                if written < 0 && (errno == EINTR || errno == EAGAIN) { continue }
                guard written > 0 else { return false }
                rest = rest.dropFirst(written)
            }
            return true
        }
    }
}
