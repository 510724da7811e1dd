import Synchronization

/// Tells followers that lines were judged.
///
/// A follower reads them from the ledger, after its own cursor, so a slow one holds nothing up and
/// misses nothing.
final class VerdictHub: Sendable {
    private struct State {
        var followers: [Int: AsyncStream<Int64>.Continuation] = [:]
        var nextFollower = 0
        var sequence: Int64 = -1
        var hasEnded = false
    }

    private let state = Mutex<State>(State())

    /// The last sequence at once, then the newest whenever there is a newer one.
    func follow() -> AsyncStream<Int64> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Int64.self,
            bufferingPolicy: .bufferingNewest(1)
        )
        let number = state.withLock { state in
            state.nextFollower += 1
            if state.hasEnded {
                continuation.finish()
            } else {
                state.followers[state.nextFollower] = continuation
                continuation.yield(state.sequence)
            }
            return state.nextFollower
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { _ = $0.followers.removeValue(forKey: number) }
        }
        return stream
    }

    /// Lines up to this sequence are committed.
    func publish(_ sequence: Int64) {
        state.withLock { state in
            guard sequence != state.sequence else { return }
            state.sequence = sequence
            for follower in state.followers.values { follower.yield(sequence) }
        }
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
