/// Lets one request at a time look a host's name up, and the others follow once it is known.
///
/// libcurl starts a thread for each look-up: 512 requests at once to a name that it does not know
/// would be 512 threads with one question. The first goes alone until it has its address; by then
/// libcurl's own cache answers the others.
struct NameGate<Request> {
    private enum Lookup {
        /// One has gone ahead; these wait for it, in their order.
        case underWay(waiting: [Request])
        /// libcurl remembers the address at least until then, in nanoseconds.
        case known(until: UInt64)
    }

    /// What a request that asks to go is told.
    enum Answer {
        /// The name is known.
        case go
        /// It goes alone; `found` or `gaveUp` must follow for its place.
        case lead
        /// It is kept until then.
        case wait
    }

    /// How long a name is taken for known; shorter than `CurlHandle.nameCacheSeconds`, so that
    /// libcurl still knows it too.
    static var knownNanoseconds: UInt64 { 45_000_000_000 }
    /// Names that are remembered; forgetting one costs a request that goes alone.
    static var namesMax: Int { 256 }

    private var lookups: [HTTPPlace: Lookup] = [:]

    init() {}

    /// Asks for a request to go.
    mutating func ask(_ request: Request, to place: HTTPPlace, at now: UInt64) -> Answer {
        switch lookups[place] {
        case .known(let until) where until > now: return .go
        case .underWay(var waiting):
            // Taken out and put back, so that appending does not copy the others.
            lookups[place] = nil
            waiting.append(request)
            lookups[place] = .underWay(waiting: waiting)
            return .wait
        case .known, nil:
            if lookups.count >= Self.namesMax { forget() }
            lookups[place] = .underWay(waiting: [])
            return .lead
        }
    }

    /// The one that went ahead has the address.
    ///
    /// - Returns: Those that waited: they go now.
    mutating func found(_ place: HTTPPlace, at now: UInt64) -> [Request] {
        let waiting = takeWaiting(for: place)
        lookups[place] = .known(until: now + Self.knownNanoseconds)
        return waiting
    }

    /// The one that went ahead ended without an address.
    ///
    /// - Returns: Those that waited: they ask again, or fail as it did.
    mutating func gaveUp(_ place: HTTPPlace) -> [Request] {
        let waiting = takeWaiting(for: place)
        lookups[place] = nil
        return waiting
    }

    private func takeWaiting(for place: HTTPPlace) -> [Request] {
        guard case .underWay(let waiting) = lookups[place] else { return [] }
        return waiting
    }

    private mutating func forget() {
        lookups = lookups.filter { _, lookup in
            if case .underWay = lookup { return true }
            return false
        }
    }
}
