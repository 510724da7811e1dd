import Glibc

/// Time that only goes forward, as epoll counts it.
enum MonotonicClock {
    static var nanoseconds: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// For epoll_wait(2): -1 for no deadline; rounded up, so that a wait never ends before it.
    static func milliseconds(from now: UInt64, until deadline: UInt64?) -> Int32 {
        guard let deadline else { return -1 }
        guard deadline > now else { return 0 }
        return Int32(clamping: (deadline - now + 999_999) / 1_000_000)
    }
}
