internal import Glibc

/// A thread for work that blocks: reading and writing the client's pipes.
enum OwnThread {
    /// Runs `body` on a new detached thread.
    ///
    /// - Throws: `internalError` where the machine has no thread left.
    static func start(_ body: @escaping @Sendable () -> Void) throws(MCPError) {
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
        guard code != 0 else {
            pthread_detach(thread)
            return
        }
        box.release()
        throw MCPError(
            .internalError,
            "cannot start a thread: look at the limits of processes and memory (ulimit -a)"
        )
    }

    private final class Body: Sendable {
        let run: @Sendable () -> Void

        init(run: @escaping @Sendable () -> Void) { self.run = run }
    }
}
