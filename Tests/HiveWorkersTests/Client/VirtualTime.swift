import Foundation
import HiveWorkers
import Synchronization

// Time that passes only when nobody has anything to do
//
// Everything in `run` is executed by one thread, job after job in the order they became ready.
// When no job is ready, every task waits for something, and the clock jumps to the moment that
// the next of them waits for. So a test of hours takes milliseconds and always goes the same way.
// Where nobody waits for the time either, nothing will ever happen: the test stops there.

/// An executor with a clock of its own.
final class VirtualTime: TaskExecutor {
    private struct Timer {
        var due: Int
        var order: Int
        var waiter: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now = 1_000
        var jobs: [UnownedJob] = []
        var timers: [Int: Timer] = [:]
        var cancelled: Set<Int> = []
        var orders = 0
        var isOver = false
    }

    private let state = Mutex(State())
    private let news = DispatchSemaphore(value: 0)

    /// Runs the body, and all that it starts and waits for, in virtual time.
    static func run<Value: Sendable>(
        _ body: @Sendable (VirtualTime) async throws -> Value
    ) async rethrows -> Value {
        let time = VirtualTime()
        Thread.detachNewThread { time.loop() }
        defer { time.end() }
        return try await withTaskExecutorPreference(time) {
            try await body(time)
        }
    }

    /// Milliseconds.
    var now: Int { state.withLock { $0.now } }

    /// The moment that stands for Unix time 0 of `unixTime`.
    static let unixTimeAtStart = 784_111_777_000

    var clock: ModelClock {
        ModelClock(
            now: { self.now },
            unixTime: { Self.unixTimeAtStart + self.now - 1_000 },
            wait: { try await self.wait($0) }
        )
    }

    func wait(_ milliseconds: Int) async throws {
        let id = state.withLock { state in
            state.orders += 1
            return state.orders
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { waiter in
                let isCancelled = state.withLock { state in
                    if state.cancelled.remove(id) != nil { return true }
                    let due = state.now + max(0, milliseconds)
                    state.timers[id] = Timer(due: due, order: id, waiter: waiter)
                    return false
                }
                if isCancelled { waiter.resume(throwing: CancellationError()) }
            }
        } onCancel: {
            let timer = state.withLock { state in
                let timer = state.timers.removeValue(forKey: id)
                if timer == nil { state.cancelled.insert(id) }
                return timer
            }
            timer?.waiter.resume(throwing: CancellationError())
        }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.jobs.append(job) }
        news.signal()
    }

    private func end() {
        state.withLock { $0.isOver = true }
        news.signal()
    }

    private func loop() {
        while true {
            let jobs = state.withLock { state in
                defer { state.jobs = [] }
                return state.jobs
            }
            for job in jobs { job.runSynchronously(on: asUnownedTaskExecutor()) }
            guard jobs.isEmpty else { continue }
            if advance() { continue }
            if state.withLock({ $0.isOver }) { return }
            news.wait()
        }
    }

    /// Goes on to the next moment that somebody waits for.
    private func advance() -> Bool {
        let timer: Timer? = state.withLock { state in
            guard state.jobs.isEmpty else { return nil }
            let next = state.timers.min { left, right in
                (left.value.due, left.value.order) < (right.value.due, right.value.order)
            }
            guard let next else { return nil }
            state.now = max(state.now, next.value.due)
            return state.timers.removeValue(forKey: next.key)
        }
        timer?.waiter.resume()
        return timer != nil
    }
}
