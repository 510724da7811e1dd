/// How one call goes: what it has sent, and whether it tries again after a failure.
struct CallCourse: Sendable {
    enum Step: Sendable, Hashable {
        /// Into the line again, after a pause.
        case again(milliseconds: Int)
        case fail
    }

    /// Its place in the line, from its first try to its last.
    let ticket: Int
    let policy: ModelPolicy
    /// Requests sent.
    private(set) var attempts = 0
    /// Why the last request failed; nil: none was sent.
    private(set) var last: RequestFailure?
    /// What requests cost whose answers could not be used; one for each request at most.
    private(set) var wasted: [ModelSpending] = []
    /// Tries after the first, with those that sent nothing because the host was down.
    private var retries = 0
    /// True once it was asked again after running out of time.
    private var hasTimedOut = false
    /// The request that `ModelCall.willSend` was told of last.
    private var announced = 0
    /// True where a request that failed has handed on some text.
    private var isHalfTold = false

    init(ticket: Int, policy: ModelPolicy) {
        self.ticket = ticket
        self.policy = policy
    }

    /// The number to tell `ModelCall.willSend`; nil: it knows, but the request could not go out.
    var unannounced: Int? { announced == attempts + 1 ? nil : attempts + 1 }

    mutating func noteAnnounced() { announced = attempts + 1 }

    mutating func noteSent() { attempts += 1 }

    mutating func noteText(_ hasText: Bool) { isHalfTold = isHalfTold || hasText }

    /// True where the text that was handed on is void, since it begins anew.
    mutating func takeBackText() -> Bool {
        defer { isHalfTold = false }
        return isHalfTold
    }

    /// What to do about a request that failed.
    ///
    /// - Parameters:
    ///   - failure: How it failed.
    ///   - wasQueued: Of a request that ran out of time: the server had not come to it.
    ///   - random: Draws the pause.
    /// - Returns: Whether to try again.
    mutating func step(
        after failure: RequestFailure,
        wasQueued: Bool,
        using random: inout some RandomNumberGenerator
    ) -> Step {
        last = failure
        if let spent = failure.spent { wasted.append(spent) }
        switch failure.kind {
        case .rejected: return .fail
        // Each refusal is one key less: there is an end to them without counting.
        case .keyRefused: return .again(milliseconds: 0)
        case .timedOut:
            guard wasQueued, !hasTimedOut, useRetry() else { return .fail }
            hasTimedOut = true
            return .again(milliseconds: 0)
        // Where a key rests there is another, or its rest is the pause.
        case _ where failure.rest != nil:
            return useRetry() ? .again(milliseconds: 0) : .fail
        case .rateLimit, .serverError, .overload, .noConnection, .broken:
            return backOff(using: &random)
        }
    }

    /// What to do where the host is down and nothing is sent.
    mutating func stepWhileDown(using random: inout some RandomNumberGenerator) -> Step {
        backOff(using: &random)
    }

    /// A pause that may be twice as long each time, drawn from zero on ("full jitter"), so that
    /// those that failed together do not come back together.
    private mutating func backOff(using random: inout some RandomNumberGenerator) -> Step {
        let most = min(
            policy.backoffBaseMilliseconds << min(retries, 16),
            policy.backoffMillisecondsMax
        )
        guard useRetry() else { return .fail }
        return .again(milliseconds: Int.random(in: 0...most, using: &random))
    }

    private mutating func useRetry() -> Bool {
        guard retries < policy.retriesMax else { return false }
        retries += 1
        return true
    }
}
