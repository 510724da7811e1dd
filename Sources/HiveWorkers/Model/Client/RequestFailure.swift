/// What became of a request that was sent and brought no answer to use.
struct RequestFailure: Error, Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case keyRefused
        case rateLimit
        /// 408, or 5xx but for the two of `overload`; also told inside a 2xx answer.
        case serverError
        /// 503 and 529: too much to do.
        case overload
        case noConnection
        /// The connection, or the stream on it, ended before the answer did.
        case broken
        case timedOut
        /// To ask again would bring the same, or cost twice.
        case rejected
    }

    /// How long the key is to rest, and why.
    struct Rest: Sendable, Hashable {
        /// Nil: the server does not say.
        var milliseconds: Int?
        /// What it answered: `429 (rate limit)`.
        var reason: String
    }

    /// What it says about the host.
    enum Host: Sendable, Hashable {
        /// It answers, if only to refuse.
        case answers
        case fails
        /// It took too long, which may be the question's fault.
        case slow
    }

    var kind: Kind
    /// What happened and where, on one line; never a key.
    var message: String
    var hint: String
    var rest: Rest?
    var host: Host
    /// What it cost all the same; nil: nothing, or nobody knows.
    var spent: ModelSpending?

    init(
        _ kind: Kind,
        _ message: String,
        hint: String,
        rest: Rest? = nil,
        host: Host = .answers
    ) {
        self.kind = kind
        self.message = message
        self.hint = hint
        self.rest = rest
        self.host = host
    }

    var isOverload: Bool { kind == .rateLimit || kind == .overload }

    /// Under which word the retry is counted; nil: it is not tried again.
    var retryReason: ModelRetryReason? {
        switch kind {
        case .keyRefused: .keyRefused
        case .rateLimit: .rateLimit
        case .serverError: .serverError
        case .overload: .overload
        case .noConnection: .noConnection
        case .broken: .broken
        case .timedOut: .queued
        case .rejected: nil
        }
    }
}

/// Why a request was sent again.
package enum ModelRetryReason: String, Sendable, Hashable, CaseIterable {
    /// 429.
    case rateLimit
    /// 503, 529.
    case overload
    /// 408, another 5xx, or an error inside an answer.
    case serverError
    case noConnection
    /// The connection or the stream broke.
    case broken
    /// Its time passed in the server's queue.
    case queued
    /// With another key.
    case keyRefused
}
