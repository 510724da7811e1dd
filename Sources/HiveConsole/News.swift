import HiveControl
import HiveSignal
import Synchronization

/// What is judged while a person types: a thread follows the log and leaves it here.
///
/// Bounded: what is not taken in time is counted, and only the counts are kept.
final class News: Sendable {
    /// What came since the last look.
    struct Batch: Sendable {
        /// LogLines, oldest first; at most `linesMax`.
        var lines: [JSONValue] = []
        /// Generations that ended, as `Method.flipped` has them; at most `linesMax`.
        var flips: [JSONValue] = []
        /// How many more there were, after those.
        var unkept: Int64 = 0
        /// Of those.
        var unkeptQuarantined: Int64 = 0
        /// The daemon closed the connection.
        var hasEnded = false

        var isEmpty: Bool { lines.isEmpty && flips.isEmpty && unkept == 0 && !hasEnded }

        /// True where more changed than the lines themselves tell: see `status`.
        var changesState: Bool {
            !flips.isEmpty || lines.contains { $0.text("phase") == "X" && $0.isAccepted }
        }
    }

    private static let linesMax = 256

    private struct State {
        var batch = Batch()
        /// A line is news once, also where a daemon tells it twice.
        var lastSequence: Int64 = -1
    }

    private let state = Mutex(State())
    private let wake: Wake

    init(wake: Wake) { self.wake = wake }

    /// Follows the daemon's log on a thread and a connection of its own, until the daemon goes.
    ///
    /// - `after`: the last sequence that is no news any more.
    func follow(_ access: HiveAccess, after: Int64) throws(CommandError) {
        state.withLock { $0.lastSequence = after }
        try CommandError.wrap { () throws(ControlError) in
            try OwnThread.start { [self] in read(access, after) }
        }
    }

    private func read(_ access: HiveAccess, _ after: Int64) {
        if let client = try? access.connect() {
            // How it ended does not matter: the next command tells, if it cannot be done.
            try? client.follow(Method.logFollow, ["after": .integer(after)]) { notification in
                switch notification.method {
                case Method.log: add(notification.params)
                case Method.flipped: add(flip: notification.params)
                default: break
                }
            }
        }
        state.withLock { $0.batch.hasEnded = true }
        wake.signal()
    }

    func take() -> Batch {
        state.withLock { state in
            defer { state.batch = Batch() }
            return state.batch
        }
    }

    private func add(flip: JSONValue) {
        state.withLock { state in
            if state.batch.flips.count < Self.linesMax { state.batch.flips.append(flip) }
        }
        wake.signal()
    }

    private func add(_ line: JSONValue) {
        state.withLock { state in
            if let sequence = line.integer("sequence") {
                guard sequence > state.lastSequence else { return }
                state.lastSequence = sequence
            }
            if state.batch.lines.count < Self.linesMax && state.batch.unkept == 0 {
                state.batch.lines.append(line)
                return
            }
            state.batch.unkept += 1
            if !line.isAccepted { state.batch.unkeptQuarantined += 1 }
        }
        wake.signal()
    }
}
