// libcurl is quick to take the expensive way where many requests to one host start together:
//
// - It starts a thread for each look-up of a name: 512 requests to a name that it does not know
//   would be 512 threads with one question. So the first goes alone until the address is known;
//   from then on libcurl's own cache answers.
// - A connection that speaks HTTP/2 takes about a hundred requests, but libcurl opens a new one for
//   each request that finds the others full or unfinished: 512 requests over TLS would be 413
//   handshakes. So only a few connect at once, and the others share what comes of it.
//
// A host that speaks HTTP/1.1 in plain text, a model server on this machine above all, has neither
// trouble: at an address it passes without a look, by a name it waits for the first look-up only.

/// Keeps the requests to each place that must not connect yet, in their order.
struct ConnectGate<Request> {
    private struct Door {
        /// Requests that were let through and have not got past connecting.
        var connecting = 0
        /// libcurl knows the place at least until then, monotonic nanoseconds.
        var knownUntil: UInt64 = 0
        var waiting: [Request] = []
        /// Those of `waiting` before it are gone.
        var next = 0
    }

    /// How long a place is taken for known; shorter than `CurlHandle.nameCacheSeconds`, so that
    /// libcurl still knows its name too.
    static var knownNanoseconds: UInt64 { 45_000_000_000 }
    /// How many may connect at once where connections are shared; over HTTP/2 these are soon room
    /// for more than a thousand requests.
    static var connectingMax: Int { 16 }
    /// Places that are remembered while nothing goes on there; to forget one costs a request that
    /// goes alone.
    static var placesMax: Int { 256 }

    private var doors: [HTTPPlace: Door] = [:]
    /// True: connections in plain text are shared too.
    private let isPlainShared: Bool

    init(isPlainShared: Bool) { self.isPlainShared = isPlainShared }

    /// True: requests may share a connection, so that one counts as connecting until it has one.
    func sharesConnections(_ place: HTTPPlace) -> Bool { place.isSecure || isPlainShared }

    /// True: everything may connect at once.
    func isOpen(_ place: HTTPPlace) -> Bool { place.isNumeric && !sharesConnections(place) }

    /// Asks for a request to go.
    ///
    /// - Returns: True: it goes now, and `leave` must follow. False: it is kept until `next`.
    mutating func admits(_ request: Request, to place: HTTPPlace, at now: UInt64) -> Bool {
        if doors.count >= Self.placesMax, doors[place] == nil { forget() }
        let hasRoom = hasRoom(place, at: now)
        if hasRoom {
            doors[place, default: Door()].connecting += 1
        } else {
            doors[place, default: Door()].waiting.append(request)
        }
        return hasRoom
    }

    /// A request that was let through connects no more: it got past that, or it ended.
    mutating func leave(_ place: HTTPPlace) {
        doors[place]?.connecting -= 1
    }

    /// A request has got past connecting: the place is known.
    mutating func learn(_ place: HTTPPlace, at now: UInt64) {
        doors[place]?.knownUntil = now + Self.knownNanoseconds
    }

    /// The next that may go now; `leave` must follow for it.
    mutating func next(to place: HTTPPlace, at now: UInt64) -> Request? {
        guard let door = doors[place], door.next < door.waiting.count, hasRoom(place, at: now)
        else { return nil }
        let request = door.waiting[door.next]
        doors[place]?.next += 1
        doors[place]?.connecting += 1
        if door.next + 1 == door.waiting.count {
            doors[place]?.waiting = []
            doors[place]?.next = 0
        }
        return request
    }

    /// All that wait, for good.
    mutating func takeWaiting(for place: HTTPPlace) -> [Request] {
        guard let door = doors[place] else { return [] }
        doors[place]?.waiting = []
        doors[place]?.next = 0
        return Array(door.waiting[door.next...])
    }

    private func hasRoom(_ place: HTTPPlace, at now: UInt64) -> Bool {
        guard let door = doors[place] else { return true }
        guard door.knownUntil > now else { return door.connecting == 0 }
        return !sharesConnections(place) || door.connecting < Self.connectingMax
    }

    private mutating func forget() {
        doors = doors.filter { _, door in door.connecting > 0 || door.next < door.waiting.count }
    }
}
