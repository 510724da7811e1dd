package import HiveSignal
import Synchronization

/// What an endpoint saw until now.
///
/// Each request ends in one way: `requests` is the sum of `answersWhole`, `answersBroken`,
/// `abandoned` and `inFlight`.
package struct EndpointLog: Sendable {
    /// One request.
    package struct Entry: Sendable, Hashable {
        /// From 1.
        package var number: Int
        package var key: String?
        package var model: String
        package var prompt: String
    }

    /// So many entries are kept; later requests are only counted.
    package static let entriesMax = 100_000

    /// Requests that were whole.
    package var requests = 0
    /// Answers begun, by their status; requests that got none are in none of these.
    package var byStatus: [Int: Int] = [:]
    /// Requests, by the key they came with.
    package var byKey: [String: Int] = [:]
    /// Requests, by what went wrong with them: the fault's name.
    package var byFault: [String: Int] = [:]
    package var connectionsAccepted = 0
    package var connectionsOpen = 0
    package var inFlight = 0
    /// The most requests that waited for the end of their answers at once.
    package var inFlightMax = 0
    /// Answers sent to their last byte.
    package var answersWhole = 0
    /// Answers that were to end before their end, or to be none: cut, reset, closed.
    package var answersBroken = 0
    /// Requests whose client hung up, or reset the stream, before the answer was whole.
    package var abandoned = 0
    /// Different bodies that came.
    package var bodiesDistinct = 0
    /// The requests themselves, the first `entriesMax`.
    package var entries: [Entry] = []

    /// Everything but the entries and the keys: each key is named by its number of requests alone.
    package var json: JSONValue {
        func object(_ counts: [(String, Int)]) -> JSONValue {
            var object = JSONObject()
            for (name, count) in counts { object[name] = .integer(Int64(count)) }
            return .object(object)
        }
        return [
            "requests": .integer(Int64(requests)),
            "byStatus": object(byStatus.sorted { $0.key < $1.key }.map { ("\($0.key)", $0.value) }),
            "byFault": object(byFault.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }),
            "byKey": .array(byKey.values.sorted().map { .integer(Int64($0)) }),
            "connectionsAccepted": .integer(Int64(connectionsAccepted)),
            "inFlightMax": .integer(Int64(inFlightMax)),
            "answersWhole": .integer(Int64(answersWhole)),
            "answersBroken": .integer(Int64(answersBroken)),
            "abandoned": .integer(Int64(abandoned)),
            "bodiesDistinct": .integer(Int64(bodiesDistinct)),
        ]
    }
}

/// Keeps the log, and tells those who wait for something to be in it.
final class EndpointRecorder: Sendable {
    private struct Waiter {
        var holds: @Sendable (EndpointLog) -> Bool
        var continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var log = EndpointLog()
        var numbersSoFar = 0
        /// How often each body came, by its digest.
        var timesSeen: [Int: Int] = [:]
        var waiters: [Int: Waiter] = [:]
        var waitersSoFar = 0
        var isStopped = false
    }

    private let state = Mutex(State())

    var log: EndpointLog { state.withLock { $0.log } }

    /// Notes a request that is whole, and numbers it.
    func request(_ message: EndpointMessage, isHTTP2: Bool) -> EndpointRequest {
        var hasher = Hasher()
        message.body.withUnsafeBytes { hasher.combine(bytes: $0) }
        let digest = hasher.finalize()
        let (number, times) = state.withLock { state in
            state.numbersSoFar += 1
            state.timesSeen[digest, default: 0] += 1
            return (state.numbersSoFar, state.timesSeen[digest] ?? 1)
        }
        let request = EndpointRequest(
            number: number,
            timesSeen: times,
            isHTTP2: isHTTP2,
            message
        )
        let entry = EndpointLog.Entry(
            number: number,
            key: request.key,
            model: request.model,
            prompt: request.prompt
        )
        change { log in
            log.requests += 1
            log.inFlight += 1
            log.inFlightMax = max(log.inFlightMax, log.inFlight)
            if times == 1 { log.bodiesDistinct += 1 }
            if let key = entry.key { log.byKey[key, default: 0] += 1 }
            if log.entries.count < EndpointLog.entriesMax { log.entries.append(entry) }
        }
        return request
    }

    /// Changes the log, then wakes whoever waited for it to become so.
    func change(_ body: (inout EndpointLog) -> Void) {
        let woken = state.withLock { state in
            body(&state.log)
            guard !state.waiters.isEmpty else { return [Waiter]() }
            let ready = state.waiters.filter { $0.value.holds(state.log) }
            for id in ready.keys { state.waiters[id] = nil }
            return Array(ready.values)
        }
        for waiter in woken { waiter.continuation.resume() }
    }

    /// Waits until the log is as wanted, the endpoint stops, or the waiting task is cancelled.
    func wait(until holds: @escaping @Sendable (EndpointLog) -> Bool) async {
        let id = state.withLock { state in
            state.waitersSoFar += 1
            return state.waitersSoFar
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    // A cancellation that came first has nothing to take out: hence the look here,
                    // under the lock that the handler takes too.
                    if state.isStopped || holds(state.log) || Task.isCancelled { return true }
                    state.waiters[id] = Waiter(holds: holds, continuation: continuation)
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.continuation.resume()
        }
    }

    /// Nothing will change any more.
    func stop() {
        let waiters = state.withLock { state in
            state.isStopped = true
            defer { state.waiters = [:] }
            return state.waiters.values.map(\.continuation)
        }
        for waiter in waiters { waiter.resume() }
    }
}
