/// How a client stands with its server: for `hive status` and `hive doctor`.
package struct ModelStanding: Sendable, Hashable {
    package struct Key: Sendable, Hashable {
        package enum State: Sendable, Hashable {
            case ready
            /// The server wants to see no more of it for so long.
            case resting(milliseconds: Int)
            /// The server will not take it; the reason in words.
            case retired(reason: String)
        }

        /// The variable; nil: the server is asked without a key.
        package var name: String?
        package var state: State
        package var inFlight: Int
        /// Requests sent with it.
        package var requests: Int
    }

    package enum Host: Sendable, Hashable {
        case answers
        /// Nothing is sent for so long; the reason in words.
        case isDown(milliseconds: Int, reason: String)
        /// One request is on its way to see whether it is back.
        case isTried(reason: String)
    }

    /// Whom it asks: a host, and a port where one is given.
    package var hostName: String
    package var host: Host
    package var keys: [Key]
    /// How many requests may be in flight now.
    package var concurrencyLimit: Int
    package var inFlight: Int
    /// Calls that wait for their turn.
    package var waiting: Int
    /// Requests sent, the retries among them.
    package var requests: Int
    /// Requests sent again, by reason.
    package var retries: [ModelRetryReason: Int]
}

extension ModelStanding {
    init(
        _ admission: Admission,
        hostName: String,
        retries: [ModelRetryReason: Int],
        at now: Int
    ) {
        let reason = admission.breaker.reason
        self.hostName = hostName
        host =
            switch admission.breaker.state {
            case .closed: .answers
            case .open(let until): .isDown(milliseconds: max(until - now, 0), reason: reason)
            case .probing: .isTried(reason: reason)
            }
        keys = admission.keys.entries.map { Key($0, at: now) }
        concurrencyLimit = admission.concurrency.limit
        inFlight = admission.concurrency.inFlight
        waiting = admission.waiting
        requests = keys.reduce(0) { $0 + $1.requests }
        self.retries = retries
    }
}

extension ModelStanding.Key {
    fileprivate init(_ entry: KeyRing.Entry, at now: Int) {
        name = entry.key?.name
        state =
            if let reason = entry.refusal {
                .retired(reason: reason)
            } else if entry.restsUntil > now {
                .resting(milliseconds: entry.restsUntil - now)
            } else {
                .ready
            }
        inFlight = entry.inFlight
        requests = entry.requests
    }
}
