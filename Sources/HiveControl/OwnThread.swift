import Glibc

/// A thread for work that blocks: epoll, libedit, pipes, reading the news.
package enum OwnThread {
    /// Runs `body` on a new detached thread.
    ///
    /// Throws `machineFailed` where there can be none.
    package static func start(_ body: @escaping @Sendable () -> Void) throws(ControlError) {
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
        throw ControlError(
            .machineFailed,
            "cannot start a thread: \(String(cString: strerror(code)))",
            hint: "look at the limits of processes and memory (ulimit -a)"
        )
    }

    private final class Body: Sendable {
        let run: @Sendable () -> Void

        init(run: @escaping @Sendable () -> Void) { self.run = run }
    }
}
