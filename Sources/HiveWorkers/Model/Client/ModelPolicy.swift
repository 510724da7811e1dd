/// How hard a model server may be pressed, and how patiently it is asked again.
package struct ModelPolicy: Sendable, Hashable {
    /// Requests in flight at once, 1…512, over all keys.
    package var concurrencyMax: Int
    /// Tries after the first; a call sends at most one request for each, and one more for every
    /// key that is refused.
    package var retriesMax: Int
    /// For each key; nil: as many as the server takes.
    package var requestsPerMinute: Int?
    /// The longest pause before the first retry; each further one may be twice as long.
    package var backoffBaseMilliseconds: Int
    /// No pause between tries is longer.
    package var backoffMillisecondsMax: Int
    /// The longest rest that calls wait for where every key rests; for a longer one they fail.
    package var restMillisecondsMax: Int

    package init(
        concurrencyMax: Int = 50,
        retriesMax: Int = 4,
        requestsPerMinute: Int? = nil,
        backoffBaseMilliseconds: Int = 500,
        backoffMillisecondsMax: Int = 30_000,
        restMillisecondsMax: Int = 300_000
    ) {
        self.concurrencyMax = min(max(concurrencyMax, 1), Self.concurrencyLimit)
        self.retriesMax = min(max(retriesMax, 0), Self.retriesLimit)
        self.requestsPerMinute = requestsPerMinute.map { min(max($0, 1), Self.rateLimit) }
        self.backoffBaseMilliseconds = min(
            max(backoffBaseMilliseconds, 1),
            Self.pauseMillisecondsLimit
        )
        self.backoffMillisecondsMax = min(
            max(backoffMillisecondsMax, 1),
            Self.pauseMillisecondsLimit
        )
        self.restMillisecondsMax = min(max(restMillisecondsMax, 0), Self.pauseMillisecondsLimit)
    }

    /// The most that any policy may allow.
    package static let concurrencyLimit = 512
    package static let retriesLimit = 16
    /// Requests a minute beyond which a limit is none.
    package static let rateLimit = 1_000_000
    /// A day.
    package static let pauseMillisecondsLimit = 86_400_000
}

/// A key, by the variable that it came from.
package struct ModelKey: Sendable, Hashable {
    /// As in the environment: `OPENROUTER_API_KEY3`.
    package let name: String
    let value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

extension ModelKey: CustomStringConvertible, CustomReflectable {
    /// The name alone: a value is never printed.
    package var description: String { name }

    package var customMirror: Mirror { Mirror(self, children: []) }
}
