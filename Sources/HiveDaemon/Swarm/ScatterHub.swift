import HiveLedger
import Synchronization

/// Tells those who follow a scatter what happens to it.
final class ScatterHub: Sendable {
    enum Event: Sendable {
        /// The task has ended.
        case ended(ScatterTaskRow)
        /// The next piece of a task's answer; empty: it begins anew.
        case text(String, String)
        /// This process works on it no longer.
        case over
        /// It could not be worked on.
        case failed(HiveError)
        /// Time has passed.
        case tick
        /// The follower's time is up.
        case deadline
    }

    typealias Follower = AsyncStream<Event>.Continuation

    private struct State {
        var followers: [Int64: [Int: Follower]] = [:]
        /// Those of them who want the answers' text as it comes.
        var readers: [Int64: Set<Int>] = [:]
        var next = 0
    }

    private let state = Mutex(State())

    /// Events that wait for one follower; of more the oldest are dropped.
    ///
    /// A follower that reads slowly costs no more memory: what it missed it reads in the ledger
    /// when the scatter is over. The last event, which ends its waiting, is never dropped.
    static let eventsMax = 1_024

    /// Events from now on, and what else the follower tells itself.
    ///
    /// - `text`: True: of answers that are asked for from now on, the text as it comes, too.
    func follow(
        _ scatter: Int64,
        text: Bool
    ) -> (events: AsyncStream<Event>, own: Follower) {
        let (events, own) = AsyncStream.makeStream(
            of: Event.self,
            bufferingPolicy: .bufferingNewest(Self.eventsMax)
        )
        let token = state.withLock { state in
            state.next += 1
            state.followers[scatter, default: [:]][state.next] = own
            if text { state.readers[scatter, default: []].insert(state.next) }
            return state.next
        }
        own.onTermination = { [weak self] _ in self?.leave(scatter, token) }
        return (events, own)
    }

    /// True while somebody reads along: only then answers are streamed.
    func isRead(_ scatter: Int64) -> Bool {
        state.withLock { $0.readers[scatter] != nil }
    }

    /// - Returns: False where nobody follows.
    @discardableResult
    func publish(_ event: Event, of scatter: Int64) -> Bool {
        let followers = state.withLock { $0.followers[scatter].map { Array($0.values) } ?? [] }
        for follower in followers { follower.yield(event) }
        return !followers.isEmpty
    }

    private func leave(_ scatter: Int64, _ token: Int) {
        state.withLock { state in
            state.followers[scatter]?[token] = nil
            if state.followers[scatter]?.isEmpty == true { state.followers[scatter] = nil }
            state.readers[scatter]?.remove(token)
            if state.readers[scatter]?.isEmpty == true { state.readers[scatter] = nil }
        }
    }
}
