import Glibc

/// A thread that blocks, and that its maker joins.
package struct JoinedThread: Sendable {
    private let thread: pthread_t

    /// Runs `body` on a new thread.
    package init(_ body: @escaping @Sendable () -> Void) throws {
        let box = Unmanaged.passRetained(Body(run: body))
        var thread = pthread_t()
        let code = pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            },
            box.toOpaque()
        )
        guard code == 0 else {
            box.release()
            throw TestKitError("there is no thread left: errno \(code)")
        }
        self.thread = thread
    }

    /// Waits until it has ended; to be called once.
    package func join() { pthread_join(thread, nil) }

    private final class Body: Sendable {
        let run: @Sendable () -> Void

        init(run: @escaping @Sendable () -> Void) { self.run = run }
    }
}
