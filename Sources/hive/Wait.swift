import Glibc

/// Waiting for another process, which gives no event to wait for.
enum Wait {
    private static let stepMilliseconds: Int32 = 20

    /// Asks `condition` every few milliseconds; false where it does not hold in time.
    static func until<Failure: Error>(
        millisecondsMax: Int,
        _ condition: () throws(Failure) -> Bool
    ) throws(Failure) -> Bool {
        let clock = ContinuousClock()
        let deadline = clock.now + .milliseconds(millisecondsMax)
        while true {
            if try condition() { return true }
            if clock.now >= deadline { return false }
            poll(nil, 0, stepMilliseconds)
        }
    }
}
