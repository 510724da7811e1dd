/// How much news a person gets: so many lines a second, then a count.
///
/// Time comes in as milliseconds of a clock that never goes back.
struct NewsGate: Sendable {
    /// Lines shown in one window.
    static let linesMax = 20
    static let windowMilliseconds: Int64 = 1000

    private var windowStart: Int64?
    private var shown = 0
    /// Held back in this window.
    private(set) var heldBack: Int64 = 0

    /// How many of `count` lines may be shown now; the others are counted.
    mutating func admit(_ count: Int, andMore uncounted: Int64 = 0, now: Int64) -> Int {
        if let start = windowStart, now - start < Self.windowMilliseconds {
            // The window goes on.
        } else {
            windowStart = now
            shown = 0
        }
        // Once lines are held back, so are all after them: the count comes in its place.
        let admitted = heldBack > 0 ? 0 : min(count, Self.linesMax - shown)
        shown += admitted
        heldBack += Int64(count - admitted) + uncounted
        return admitted
    }

    /// Milliseconds until the count is due; nil: nothing is held back.
    func untilDue(now: Int64) -> Int64? {
        guard heldBack > 0, let windowStart else { return nil }
        return max(0, windowStart + Self.windowMilliseconds - now)
    }

    /// What was held back, once its window has ended; 0 before.
    mutating func takeDue(now: Int64) -> Int64 {
        guard untilDue(now: now) == 0 else { return 0 }
        defer {
            heldBack = 0
            windowStart = nil
        }
        return heldBack
    }
}
