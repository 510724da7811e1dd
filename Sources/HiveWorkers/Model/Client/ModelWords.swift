import HiveProcess

/// Puts into words what went wrong between a client and its server: one line, and no key.
struct ModelWords: Sendable {
    /// Whom it asks: a host, and a port where one is given.
    let host: String
    /// As in `HIVE_BACKEND`.
    let backend: String
    private let hasKeys: Bool
    private let secrets: SecretValues

    init(baseURL: String, backend: String, keys: [ModelKey]) {
        host = Self.host(of: baseURL)
        self.backend = backend
        hasKeys = !keys.isEmpty
        secrets = SecretValues(keys.map(\.value))
    }

    /// How much of what a server says is repeated, bytes.
    static let quoteBytesMax = 400

    /// Host and port of an address, without a name and a password that it may hold.
    private static func host(of url: String) -> String {
        let scheme = url.firstRange(of: "://")
        let rest = scheme.map { url[$0.upperBound...] } ?? url[...]
        let authority = rest.prefix { !"/?#".contains($0) }
        let host = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] }
        return PlainText.oneLine(String(host ?? authority))
    }

    /// What somebody else wrote: plain, without keys, on one line, and not too long.
    ///
    /// Secrets are looked for when nothing hidden can stand between their letters any more, and
    /// before a cut could halve one.
    func quoted(_ text: String) -> String {
        PlainText.cut(secrets.masked(PlainText.oneLine(text)), toBytes: Self.quoteBytesMax)
    }
}

// MARK: - Requests that failed

extension ModelWords {
    /// What an answer says whose status is no success.
    ///
    /// - Parameters:
    ///   - response: The answer.
    ///   - complaint: What the server says is wrong; untrusted.
    ///   - key: What was sent along; nil: nothing.
    ///   - model: The model that was wanted.
    ///   - rest: When it wants to be asked again, milliseconds; nil: it does not say.
    /// - Returns: What became of the request.
    func failure(
        _ response: HTTPResponse,
        complaint: String,
        key: ModelKey?,
        model: String,
        rest: Int?
    ) -> RequestFailure {
        let complaint = quoted(complaint)
        let end = complaint.isEmpty ? "" : ": \(complaint)"
        let status = response.status
        switch status {
        case 401: return keyRefusal(key, status: status, end: end)
        case 403 where Self.saysThatKeyIsBad(complaint):
            return keyRefusal(key, status: status, end: end)
        case 429:
            return RequestFailure(
                .rateLimit,
                "\(host) answers 429 (rate limit)\(end)",
                hint: "ask again later, give it more keys, or ask less at once "
                    + "(MAX_CONCURRENT_WORKERS, --concurrency)",
                rest: RequestFailure.Rest(milliseconds: rest, reason: "429 (rate limit)")
            )
        case 503, 529:
            return RequestFailure(
                .overload,
                "\(host) answers \(status) (too much to do)\(end)",
                hint:
                    "ask again later, or ask less at once (MAX_CONCURRENT_WORKERS, --concurrency)",
                rest: rest.map { milliseconds in
                    RequestFailure.Rest(
                        milliseconds: milliseconds,
                        reason: "\(status) (too much to do)"
                    )
                },
                host: .fails
            )
        case 500, 502, 504:
            return RequestFailure(
                .serverError,
                "\(host) answers \(status) (an error of its own)\(end)",
                hint: "ask again later; if it stays so, look at the server",
                host: .fails
            )
        case 408:
            return RequestFailure(
                .serverError,
                "\(host) answers 408 (it waited too long for the question)\(end)",
                hint: "ask again later"
            )
        default:
            return rejection(status: status, end: end, model: model)
        }
    }

    private func rejection(status: Int, end: String, model: String) -> RequestFailure {
        let says: String
        let hint: String
        switch status {
        case 402:
            says = "\(host) wants to be paid first (402)"
            hint = "put money on the account, or use another key"
        case 403:
            says = "\(host) forbids it (403)"
            hint = "look at what the key may do, or name another model with --model or HIVE_MODEL"
        case 404:
            says = "the model \(quoted(model)) is not there (404)"
            hint =
                "name another with --model or HIVE_MODEL"
                + (end.isEmpty ? ", or mend the address of \(host)" : "")
        case 413:
            says = "the question is too long for \(host) (413)"
            hint = "shorten it"
        case 300..<400:
            says = "\(host) answers \(status) (it has moved)"
            hint = "give \(backend) its new address: no key is sent after a redirection"
        case 500...:
            says = "\(host) answers \(status) (an error of its own)"
            hint = "look at the server"
        default:
            says = "\(host) does not take the question (\(status))"
            hint = "look at the model's name and at what it can be asked"
        }
        return RequestFailure(
            .rejected,
            says + end,
            hint: hint,
            host: status >= 500 ? .fails : .answers
        )
    }

    private func keyRefusal(_ key: ModelKey?, status: Int, end: String) -> RequestFailure {
        let says =
            key.map { "\($0.name) was refused by \(host)" } ?? "\(host) wants a key"
        return RequestFailure(.keyRefused, "\(says) (\(status))\(end)", hint: keyHint)
    }

    private var keyHint: String {
        hasKeys ? "put a valid one into .env" : "put the key of \(backend) into .env"
    }

    private var hostHint: String {
        "see that it runs, and that the address of \(backend) is right"
    }

    /// Whether a 403 is about the key, and not about what it may do.
    private static func saysThatKeyIsBad(_ complaint: String) -> Bool {
        let text = complaint.lowercased()
        let isAboutKey = ["api key", "api_key", "api-key", "apikey", "credential"]
            .contains { text.contains($0) }
        let isBad = [
            "invalid", "incorrect", "not valid", "expired", "revoked", "disabled", "unknown",
        ]
        .contains { text.contains($0) }
        return isAboutKey && isBad
    }

    /// Why no whole answer came; nil where the call was cancelled.
    func failure(_ failure: HTTPFailure) -> RequestFailure? {
        let message = quoted(failure.message)
        switch failure.kind {
        case .cancelled: return nil
        case .noConnection:
            return RequestFailure(
                .noConnection,
                message,
                hint: hostHint,
                host: .fails
            )
        case .broken:
            return RequestFailure(.broken, message, hint: "ask again later", host: .fails)
        case .timedOut:
            return RequestFailure(
                .timedOut,
                message,
                hint: "allow more time (--timeout, REQUEST_TIMEOUT_MS); "
                    + "to ask again by itself could pay twice",
                host: .slow
            )
        case .tooLarge:
            return RequestFailure(.rejected, message, hint: "ask for less at once")
        case .unusable:
            return RequestFailure(
                .rejected,
                message,
                hint: "look at the address of \(backend)",
                host: .slow
            )
        }
    }

    /// Why an answer cannot be used.
    func failure(_ fault: ModelFault) -> RequestFailure {
        var failure = words(for: fault)
        failure.spent = fault.spent
        return failure
    }

    private func words(for fault: ModelFault) -> RequestFailure {
        let message = "\(host): \(quoted(fault.message))"
        return switch fault.kind {
        case .cut: RequestFailure(.broken, message, hint: "ask again later", host: .fails)
        case .serverError:
            RequestFailure(.serverError, message, hint: "ask again later", host: .fails)
        case .malformed:
            RequestFailure(
                .rejected,
                message,
                hint: "see that the address of \(backend) is that of such a server"
            )
        }
    }
}

// MARK: - Calls that failed

extension ModelWords {
    /// The last failure of a call that is not tried again.
    func error(_ failure: RequestFailure, attempts: Int) -> ModelError {
        let isTold = attempts > 1
        return ModelError(
            .failed,
            failure.message + (isTold ? " (\(attempts) requests sent)" : ""),
            hint: failure.hint,
            attempts: attempts
        )
    }

    /// A call that ended because nobody may send.
    ///
    /// - Parameters:
    ///   - reason: As the line was told; `.admitted` is none.
    ///   - attempts: Requests sent.
    /// - Returns: The call's error.
    func error(_ reason: Admission.Decision, attempts: Int) -> ModelError {
        switch reason {
        case .admitted: cancelled(attempts: attempts)
        case .hostIsDown(let words):
            ModelError(
                .failed,
                words,
                hint: hostHint,
                attempts: attempts
            )
        case .keysRefused(let words):
            ModelError(.failed, words, hint: keyHint, attempts: attempts)
        case .keysRest(let milliseconds, let reason):
            ModelError(
                .failed,
                "\(host) answers \(reason) for another \((milliseconds + 999) / 1_000) s",
                hint: "ask again then, or give \(backend) another key",
                attempts: attempts
            )
        }
    }

    func cancelled(attempts: Int) -> ModelError {
        ModelError(.cancelled, "the question to \(host) was cancelled", attempts: attempts)
    }
}
