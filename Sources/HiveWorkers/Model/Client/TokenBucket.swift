/// At most so many requests a minute, with a minute's worth saved up at most.
///
/// It counts in sixty-thousandths of a request, of which a millisecond brings exactly
/// `requestsPerMinute`: nothing is lost to rounding.
struct TokenBucket: Sendable, Hashable {
    private static let unitsPerRequest = 60_000

    let requestsPerMinute: Int
    private var units: Int
    private var countedAt: Int

    /// A full one.
    init(requestsPerMinute: Int, at now: Int) {
        self.requestsPerMinute = requestsPerMinute
        units = requestsPerMinute * Self.unitsPerRequest
        countedAt = now
    }

    /// When there is a token, milliseconds: `now`, or later.
    func readyAt(_ now: Int) -> Int {
        let missing = Self.unitsPerRequest - units(at: now)
        return missing <= 0 ? now : now + (missing + requestsPerMinute - 1) / requestsPerMinute
    }

    /// Takes a token that `readyAt` told of.
    mutating func take(at now: Int) {
        units = units(at: now) - Self.unitsPerRequest
        countedAt = max(countedAt, now)
    }

    /// Puts back a token that was not used.
    mutating func putBack(at now: Int) {
        units = min(units(at: now) + Self.unitsPerRequest, unitsMax)
        countedAt = max(countedAt, now)
    }

    private var unitsMax: Int { requestsPerMinute * Self.unitsPerRequest }

    private func units(at now: Int) -> Int {
        // More than a minute fills it, whatever it held.
        let elapsed = min(max(now - countedAt, 0), 60_000)
        return min(units + elapsed * requestsPerMinute, unitsMax)
    }
}
