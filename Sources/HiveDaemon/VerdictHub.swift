import Synchronization

/// Tells followers that lines were judged.
///
/// A follower reads them from the ledger, after its own cursor, so a slow one holds nothing up and
/// misses nothing.
final class VerdictHub: Sendable {
    /// How far a board is judged.
    struct Tip: Sendable, Hashable {
        var sequence: Int64
        var generation: Int64
        /// Lines that went to the quarantine without having been on the board.
        var refused: Int64
    }

    private struct State {
        var followers: [Int: AsyncStream<Tip>.Continuation] = [:]
        var nextFollower = 0
        var tip = Tip(sequence: -1, generation: .min, refused: 0)
        var hasEnded = false
    }

    private let state = Mutex<State>(State())

    /// The tip at once, then the newest whenever there is a newer one.
    func follow() -> AsyncStream<Tip> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Tip.self,
            bufferingPolicy: .bufferingNewest(1)
        )
        let number = state.withLock { state in
            state.nextFollower += 1
            if state.hasEnded {
                continuation.finish()
            } else {
                state.followers[state.nextFollower] = continuation
                continuation.yield(state.tip)
            }
            return state.nextFollower
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { _ = $0.followers.removeValue(forKey: number) }
        }
        return stream
    }

    /// Lines up to this tip are committed; only the board's thread says so.
    func publish(_ tip: Tip) {
        let followers = state.withLock { state -> [Int: AsyncStream<Tip>.Continuation] in
            guard tip != state.tip else { return [:] }
            state.tip = tip
            return state.followers
        }
        // Not under the lock: a task that is woken is locked by the runtime, and so is one that is
        // cancelled, while its `onTermination` waits for ours.
        for follower in followers.values { follower.yield(tip) }
    }

    /// Ends every stream.
    func end() {
        let followers = state.withLock { state in
            state.hasEnded = true
            defer { state.followers = [:] }
            return state.followers
        }
        for follower in followers.values { follower.finish() }
    }
}
