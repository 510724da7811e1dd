package import HiveSignal

/// How many lines were judged in each of the last 60 seconds.
package struct RateMeter: Sendable {
    private static let secondsMax = 60
    private var counts = [Int](repeating: 0, count: secondsMax)
    private var newest: Int64 = 0

    package init() {}

    package mutating func add(_ lines: Int, at now: Timestamp) {
        move(to: now.seconds)
        counts[Self.index(newest)] += lines
    }

    /// Lines a second over the last `seconds` (1…60) seconds.
    package mutating func perSecond(over seconds: Int, at now: Timestamp) -> Double {
        move(to: now.seconds)
        let sum = (0..<Int64(seconds)).reduce(0) { $0 + counts[Self.index(newest - $1)] }
        return Double(sum) / Double(seconds)
    }

    private mutating func move(to second: Int64) {
        guard second > newest else { return }
        let gap = min(second - newest, Int64(Self.secondsMax))
        for step in 0..<gap { counts[Self.index(second - step)] = 0 }
        newest = second
    }

    private static func index(_ second: Int64) -> Int {
        Int(((second % Int64(secondsMax)) + Int64(secondsMax)) % Int64(secondsMax))
    }
}
