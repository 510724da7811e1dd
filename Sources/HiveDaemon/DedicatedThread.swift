import HiveControl
import Synchronization

/// A thread of its own for work that blocks: epoll, long folds.
///
/// The cooperative pool never waits for it.
enum DedicatedThread {
    /// Runs `body` on a new detached thread.
    static func start(_ body: @escaping @Sendable () -> Void) throws(HiveError) {
        do {
            try OwnThread.start(body)
        } catch {
            throw .machine(error.message, hint: error.hint)
        }
    }

    /// Runs blocking work on a thread of its own and waits for it without blocking.
    static func run<Value: Sendable>(
        _ work: @escaping @Sendable () -> Value
    ) async throws(HiveError) -> Value {
        do {
            return try await withCheckedThrowingContinuation { continuation in
                do {
                    try start { continuation.resume(returning: work()) }
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        } catch {
            throw HiveError(error)
        }
    }

    /// Runs blocking work as `run` does, and stops waiting for it when the task is cancelled.
    ///
    /// The work itself goes on; the end of the process ends it.
    static func runUnlessCancelled(_ work: @escaping @Sendable () -> Void) async throws {
        let box = Waiting()
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                box.set(continuation)
                if Task.isCancelled { return box.end(throwing: CancellationError()) }
                do {
                    try start {
                        work()
                        box.end(throwing: nil)
                    }
                } catch {
                    box.end(throwing: error)
                }
            }
        } onCancel: {
            box.end(throwing: CancellationError())
        }
    }

    /// A continuation that the first of several ends.
    private final class Waiting: Sendable {
        private let continuation = Mutex<CheckedContinuation<Void, any Error>?>(nil)

        func set(_ waiting: CheckedContinuation<Void, any Error>) {
            continuation.withLock { $0 = waiting }
        }

        func end(throwing error: (any Error)?) {
            let waiting = continuation.withLock { waiting in
                defer { waiting = nil }
                return waiting
            }
            if let error { waiting?.resume(throwing: error) } else { waiting?.resume() }
        }
    }
}
