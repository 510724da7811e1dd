/// The keys of one server: which one goes next, which rest, which are refused.
///
/// A server that needs no key has one without a name here: it can be told to rest, too.
struct KeyRing: Sendable {
    /// How long a key rests where the server does not say; every further time doubles that.
    static let restMilliseconds = 1_000
    static let restMillisecondsMax = 60_000

    private(set) var entries: [Entry]
    /// Draws so far: what is least lately used has the lowest.
    private var draws = 0

    struct Entry: Sendable {
        /// Nil: no key at all.
        let key: ModelKey?
        fileprivate(set) var inFlight = 0
        /// Requests sent with it.
        fileprivate(set) var requests = 0
        /// Milliseconds; in the past: it does not rest.
        fileprivate(set) var restsUntil = Int.min
        /// What the server answered when it began: `429 (rate limit)`.
        fileprivate(set) var restReason = ""
        /// In words, why the server will have it no more; nil: it will.
        fileprivate(set) var refusal: String?
        fileprivate var bucket: TokenBucket?
        fileprivate var lastDraw = 0
        /// Rests in a row for which the server named no time.
        fileprivate var strikes = 0
        /// Requests before this one were in flight when its last rest began.
        fileprivate var restedBefore = 0

        fileprivate func readyAt(_ now: Int) -> Int {
            max(restsUntil, bucket?.readyAt(now) ?? now, now)
        }
    }

    /// - Parameters:
    ///   - keys: Empty where the server needs none.
    ///   - requestsPerMinute: For each of them; nil: no bound.
    ///   - now: Milliseconds.
    init(_ keys: [ModelKey], requestsPerMinute: Int?, at now: Int) {
        let bucket = requestsPerMinute.map { TokenBucket(requestsPerMinute: $0, at: now) }
        let all: [ModelKey?] = keys.isEmpty ? [nil] : keys
        entries = all.map { Entry(key: $0, bucket: bucket) }
    }

    /// Why there is no key left; nil while there is one.
    var refusal: String? {
        let refusals = entries.compactMap(\.refusal)
        guard refusals.count == entries.count, let first = refusals.first else { return nil }
        return refusals.count == 1 ? first : "all \(refusals.count) keys were refused: \(first)"
    }

    /// When the first key's rest is over, and why it rests; in the past where one does not rest.
    var firstRest: (until: Int, reason: String) {
        let first = entries.lazy.filter { $0.refusal == nil }
            .min { $0.restsUntil < $1.restsUntil }
        return (first?.restsUntil ?? Int.min, first?.restReason ?? "")
    }

    /// When the first key can be used, by rest and by rate: `now`, or later.
    func readyAt(_ now: Int) -> Int {
        entries.lazy.filter { $0.refusal == nil }.map { $0.readyAt(now) }.min() ?? now
    }

    /// Takes the key with the fewest requests in flight, of those the least lately used.
    ///
    /// - Returns: Its place; nil where none can be used now.
    mutating func take(at now: Int) -> Int? {
        let usable = entries.indices.filter { place in
            entries[place].refusal == nil && entries[place].readyAt(now) <= now
        }
        let next = usable.min { left, right in
            let (left, right) = (entries[left], entries[right])
            return (left.inFlight, left.lastDraw) < (right.inFlight, right.lastDraw)
        }
        guard let next else { return nil }
        draws += 1
        entries[next].lastDraw = draws
        entries[next].inFlight += 1
        entries[next].bucket?.take(at: now)
        return next
    }

    /// Whether a key that was taken may still go out.
    func isUsable(_ place: Int, at now: Int) -> Bool {
        entries[place].refusal == nil && entries[place].restsUntil <= now
    }

    mutating func noteSent(_ place: Int) { entries[place].requests += 1 }

    /// Gives back a key; with its token where it is unused, because nothing was sent.
    mutating func giveBack(_ place: Int, isUnused: Bool, at now: Int) {
        entries[place].inFlight -= 1
        if isUnused { entries[place].bucket?.putBack(at: now) }
    }

    /// An answer came: what the key did before is forgiven, unless it was sent before a rest.
    mutating func succeed(_ place: Int, serial: Int) {
        if serial >= entries[place].restedBefore { entries[place].strikes = 0 }
    }

    /// The server wants to see no more of a key for a while.
    ///
    /// - Parameters:
    ///   - place: Which key.
    ///   - milliseconds: As the server said; nil: it did not say.
    ///   - reason: What it answered.
    ///   - serial: The request that was told so.
    ///   - nextSerial: The number that the next request will have.
    ///   - now: Milliseconds.
    mutating func rest(
        _ place: Int,
        for milliseconds: Int?,
        reason: String,
        serial: Int,
        nextSerial: Int,
        at now: Int
    ) {
        // What went out before the last rest tells nothing new, but may know the end better.
        let isNews = serial >= entries[place].restedBefore
        let pause: Int
        if let milliseconds {
            pause = milliseconds
        } else if isNews {
            let doublings = min(entries[place].strikes, 16)
            pause = min(Self.restMilliseconds << doublings, Self.restMillisecondsMax)
            entries[place].strikes += 1
        } else {
            return
        }
        if isNews { entries[place].restedBefore = nextSerial }
        guard now + pause > entries[place].restsUntil else { return }
        entries[place].restsUntil = now + pause
        entries[place].restReason = reason
    }

    /// The server will never take this key.
    mutating func retire(_ place: Int, reason: String) {
        if entries[place].refusal == nil { entries[place].refusal = reason }
    }
}
