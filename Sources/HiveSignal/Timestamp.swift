/// A moment in time: seconds and nanoseconds since 1970-01-01T00:00:00Z.
package struct Timestamp: Sendable, Hashable, Comparable {
    /// Unix seconds; negative before 1970.
    ///
    /// A leap second (`:60`) counts as the second after it.
    package let seconds: Int64
    /// 0 ≤ nanoseconds < 1,000,000,000; digits after the ninth are cut.
    package let nanoseconds: UInt32

    package init(seconds: Int64, nanoseconds: UInt32 = 0) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    /// - Parameter milliseconds: Unix milliseconds, before 1970 negative.
    package init(milliseconds: Int64) {
        let (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1_000)
        self.init(
            seconds: rest < 0 ? seconds - 1 : seconds,
            nanoseconds: UInt32(rest < 0 ? rest + 1_000 : rest) * 1_000_000
        )
    }

    /// Unix milliseconds, the rest cut off.
    package var milliseconds: Int64 { seconds * 1_000 + Int64(nanoseconds / 1_000_000) }

    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }
}
