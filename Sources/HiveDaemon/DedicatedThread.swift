import Glibc
import Synchronization

/// A thread of its own for work that blocks: epoll, long folds.
///
/// The cooperative pool never waits for it.
enum DedicatedThread {
    /// Runs `body` on a new detached thread.
    static func start(_ body: @escaping @Sendable () -> Void) throws(HiveError) {
        let box = Unmanaged.passRetained(Body(run: body))
        var thread = pthread_t()
        let code = pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument else { return nil }
                let body = Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
                body.run()
                return nil
            },
            box.toOpaque()
        )
        guard code != 0 else {
            pthread_detach(thread)
            return
        }
        box.release()
        throw .machine(
            "cannot start a thread: \(String(cString: strerror(code)))",
            hint: "look at the limits of processes and memory (ulimit -a)"
        )
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

    private final class Body: Sendable {
        let run: @Sendable () -> Void

        init(run: @escaping @Sendable () -> Void) { self.run = run }
    }
}
