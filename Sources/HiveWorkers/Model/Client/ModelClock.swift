import Glibc

/// Where time comes in, so that tests can make their own.
package struct ModelClock: Sendable {
    /// Milliseconds of a clock that never jumps.
    package var now: @Sendable () -> Int
    /// Milliseconds of Unix time: servers name moments by the calendar.
    package var unixTime: @Sendable () -> Int
    /// Returns after so many milliseconds; throws at once where the task is cancelled.
    package var wait: @Sendable (_ milliseconds: Int) async throws -> Void

    package init(
        now: @escaping @Sendable () -> Int,
        unixTime: @escaping @Sendable () -> Int,
        wait: @escaping @Sendable (_ milliseconds: Int) async throws -> Void
    ) {
        self.now = now
        self.unixTime = unixTime
        self.wait = wait
    }

    /// The machine's clocks.
    package static let system = ModelClock(
        now: { milliseconds(CLOCK_MONOTONIC) },
        unixTime: { milliseconds(CLOCK_REALTIME) },
        wait: { try await Task.sleep(for: .milliseconds($0)) }
    )

    private static func milliseconds(_ clock: clockid_t) -> Int {
        var time = timespec()
        clock_gettime(clock, &time)
        return time.tv_sec * 1_000 + time.tv_nsec / 1_000_000
    }
}
