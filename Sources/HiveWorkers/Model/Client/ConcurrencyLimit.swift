/// How many requests may be in flight: less where the server has too many, more where it copes.
///
/// Additive increase, multiplicative decrease: the limit halves where the server says that it is
/// too much, and grows by one for every `limit` answers. It starts at its maximum, for most
/// servers take what they are given. Requests are told apart by serial numbers: of all those that
/// were in flight when the limit shrank, none shrinks it again, so it halves at most once for
/// each round trip.
struct ConcurrencyLimit: Sendable, Hashable {
    /// How many of the last answers tell how long the server takes.
    static let answersMax = 32
    /// An answer is of late within so many total limits of the request that asks.
    static let lateTotals = 2

    let max: Int
    private(set) var limit: Int
    private(set) var inFlight = 0
    /// Answers since the limit last changed.
    private var answers = 0
    /// Requests before this one were in flight at the last cut.
    private var cutBefore = 0
    private var recent: [Recent] = []

    private struct Recent: Sendable, Hashable {
        var endedAt: Int
        var latency: Int
    }

    init(max: Int) {
        self.max = Swift.max(max, 1)
        limit = self.max
    }

    var hasRoom: Bool { inFlight < limit }

    mutating func begin() { inFlight += 1 }

    mutating func end() { inFlight -= 1 }

    /// A request was answered.
    ///
    /// - Parameters:
    ///   - latency: From its start to its end, milliseconds.
    ///   - now: Milliseconds.
    mutating func succeed(latency: Int, at now: Int) {
        if recent.count >= Self.answersMax { recent.removeFirst() }
        recent.append(Recent(endedAt: now, latency: latency))
        answers += 1
        if answers >= limit {
            limit = min(limit + 1, max)
            answers = 0
        }
    }

    /// The server said that it has too much to do.
    ///
    /// - Parameters:
    ///   - serial: The request that was told so.
    ///   - nextSerial: The number that the next request will have.
    mutating func overload(serial: Int, nextSerial: Int) {
        cut(to: limit / 2, serial: serial, nextSerial: nextSerial)
    }

    /// A request ran out of time: tells whether it was too long in the server's queue.
    ///
    /// It was, where the answers of late took over half of what it was given. The limit shrinks to
    /// half of what the server finishes in that time.
    ///
    /// - Parameters:
    ///   - total: What the request was given, milliseconds.
    ///   - serial: The request.
    ///   - nextSerial: The number that the next request will have.
    ///   - now: Milliseconds.
    /// - Returns: True where it was only queued, and asking again makes sense.
    mutating func timeOut(total: Int, serial: Int, nextSerial: Int, at now: Int) -> Bool {
        let late = recent.filter { $0.endedAt > now - Self.lateTotals * total }
        guard let first = late.first, let last = late.last else { return false }
        let median = late.map(\.latency).sorted()[late.count / 2]
        guard median > total / 2 else { return false }
        let span = last.endedAt - first.endedAt
        // Those that ended together were worked on together: one more than the gaps between.
        let finished =
            span > 0 ? Swift.max(1, (late.count - 1) * total / span) : late.count
        cut(to: min(finished, limit) / 2, serial: serial, nextSerial: nextSerial)
        return true
    }

    private mutating func cut(to fewer: Int, serial: Int, nextSerial: Int) {
        guard serial >= cutBefore else { return }
        cutBefore = nextSerial
        limit = Swift.max(fewer, 1)
        answers = 0
    }
}
