/// An answer, and what it took.
package struct ModelReply: Sendable, Hashable {
    package var answer: ModelAnswer
    /// Requests sent.
    package var attempts: Int
    /// Of the request that was answered, from its start to its last byte.
    package var latencyMilliseconds: Int
    /// What earlier requests cost whose answers could not be used.
    package var wasted: [ModelSpending]

    package init(
        answer: ModelAnswer,
        attempts: Int,
        latencyMilliseconds: Int,
        wasted: [ModelSpending] = []
    ) {
        self.answer = answer
        self.attempts = attempts
        self.latencyMilliseconds = latencyMilliseconds
        self.wasted = wasted
    }

    /// All that was paid for it.
    package var spent: [ModelSpending] {
        wasted + [ModelSpending(usage: answer.usage, dollars: answer.dollars)].compactMap(\.self)
    }
}

/// Why a model gave no answer.
package struct ModelError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Kind: Sendable, Hashable {
        /// The waiting task was cancelled.
        case cancelled
        /// `ModelCall.willSend` refused: nothing was sent.
        case refused
        /// All that was allowed was tried.
        case failed
    }

    package var kind: Kind
    /// What happened, on one line; never a key.
    package var message: String
    /// What to do about it; empty where there is nothing to do.
    package var hint: String
    /// Requests sent.
    package var attempts: Int
    /// What requests cost whose answers could not be used.
    package var wasted: [ModelSpending] = []

    package init(_ kind: Kind, _ message: String, hint: String = "", attempts: Int = 0) {
        self.kind = kind
        self.message = message
        self.hint = hint
        self.attempts = attempts
    }

    package var description: String { hint.isEmpty ? message : "\(message); \(hint)" }

    /// True where the server says that the question is longer than the model can read.
    ///
    /// There is no code for it: OpenAI says `context_length_exceeded`, Anthropic `prompt is too
    /// long`, llama.cpp `exceed_context_size_error`, a proxy 413.
    package var isTooLong: Bool {
        let words = message.lowercased()
        return kind == .failed
            && ["context_length", "context size", "context length", "too long"].contains {
                words.contains($0)
            }
    }
}

/// How one question is put.
package struct ModelCall: Sendable {
    package var request: ModelRequest
    /// Of each request that is sent.
    package var limits: HTTPLimits
    /// Called before each request is sent, with its number from 1.
    ///
    /// What it throws ends the call: nothing is sent.
    package var willSend: @Sendable (_ attempt: Int) async throws(ModelError) -> Void
    /// Gets the answer's text as it comes, and must not block; nil: the answer does not stream.
    ///
    /// Where a request fails half-way and is tried again, the text begins anew: `""` says so.
    package var onText: (@Sendable (String) -> Void)?

    package init(
        request: ModelRequest,
        limits: HTTPLimits,
        willSend: @escaping @Sendable (_ attempt: Int) async throws(ModelError) -> Void = { _ in },
        onText: (@Sendable (String) -> Void)? = nil
    ) {
        self.request = request
        self.limits = limits
        self.willSend = willSend
        self.onText = onText
    }
}
