/// One question to a model.
package struct ModelRequest: Sendable, Hashable {
    package var model: String
    /// The system prompt; nil: none.
    package var system: String?
    package var prompt: String
    /// Sampling temperature, 0…2; nil: the model's own.
    package var temperature: Double?
    /// The most tokens that the answer may have.
    package var outputTokensMax: Int

    package init(
        model: String,
        system: String? = nil,
        prompt: String,
        temperature: Double? = nil,
        outputTokensMax: Int
    ) {
        self.model = model
        self.system = system
        self.prompt = prompt
        self.temperature = temperature
        self.outputTokensMax = outputTokensMax
    }
}

/// What a model answered.
package struct ModelAnswer: Sendable, Hashable {
    /// As it came: bounded by the transport, and data like any other.
    package var text: String
    /// The model that the server says has answered; nil: it does not say.
    package var model: String?
    /// Nil where the server does not count.
    package var usage: TokenUsage?
    /// The server's own figure of what it cost, in dollars.
    package var dollars: Double?
    /// True: it ended at `outputTokensMax`.
    package var isCut: Bool

    package init(
        text: String,
        model: String? = nil,
        usage: TokenUsage? = nil,
        dollars: Double? = nil,
        isCut: Bool = false
    ) {
        self.text = text
        self.model = model
        self.usage = usage
        self.dollars = dollars
        self.isCut = isCut
    }
}

/// Tokens read and written.
package struct TokenUsage: Sendable, Hashable {
    package var inputTokens: Int64
    package var outputTokens: Int64

    package init(inputTokens: Int64, outputTokens: Int64) {
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
    }
}

/// What one request cost, whether or not its answer can be used.
package struct ModelSpending: Sendable, Hashable {
    /// Nil where the server does not count.
    package var usage: TokenUsage?
    /// The server's own figure, in dollars; nil: it has none.
    package var dollars: Double?

    /// Nil where nothing is known.
    package init?(usage: TokenUsage?, dollars: Double?) {
        guard usage != nil || dollars != nil else { return nil }
        self.usage = usage
        self.dollars = dollars
    }

    /// What it cost, by the server's figure or else by its tokens; nil: nobody knows.
    package func dollars(at price: Price?) -> Double? {
        dollars ?? usage.flatMap { price?.dollars($0) }
    }
}

extension [ModelSpending] {
    /// The tokens of all of them; nil where no server counts.
    package var usage: TokenUsage? {
        let counted = compactMap(\.usage)
        guard !counted.isEmpty else { return nil }
        return counted.reduce(TokenUsage(inputTokens: 0, outputTokens: 0)) { sum, one in
            TokenUsage(
                inputTokens: sum.inputTokens + one.inputTokens,
                outputTokens: sum.outputTokens + one.outputTokens
            )
        }
    }

    /// What all of them cost, as far as it is known; nil: nothing is.
    package func dollars(at price: Price?) -> Double? {
        let known = compactMap { $0.dollars(at: price) }
        return known.isEmpty ? nil : known.reduce(0, +)
    }
}

/// How a family of servers is spoken to: what goes out and what comes back, and no I/O.
package protocol ModelAPI: Sendable {
    /// The base address, without a slash at its end.
    var baseURL: String { get }

    /// The request for one answer; its limits are the caller's to set.
    ///
    /// - Parameters:
    ///   - request: What is asked.
    ///   - key: Goes into the header that the API wants it in; nil: the server needs none.
    ///   - streams: True: the answer is to come piece by piece, with usage in the last one.
    /// - Returns: Method, address, headers and body.
    func request(for request: ModelRequest, key: String?, streams: Bool) -> HTTPRequest

    /// Reads a 2xx answer that did not stream.
    func answer(in response: HTTPResponse) throws(ModelFault) -> ModelAnswer

    /// A reader for one answer that streams.
    func streamReader() -> any ModelStreamReader

    /// What the server says is wrong, from the body of any other status, on one line.
    ///
    /// Empty where it says nothing. It may repeat a key: mask it before it is shown.
    func complaint(in response: HTTPResponse) -> String

    /// A request that costs nothing and names the models there are.
    func modelsRequest(key: String?) -> HTTPRequest

    /// The names in the answer to `modelsRequest`; nil where it is no such answer.
    func models(in response: HTTPResponse) -> [String]?
}

/// Reads an answer piece by piece, wherever the pieces are cut.
package protocol ModelStreamReader: Sendable {
    /// Takes the next bytes.
    ///
    /// - Returns: The text that they add to the answer; empty for none.
    mutating func read(_ bytes: [UInt8]) -> String

    /// Ends the reading.
    ///
    /// - Parameter response: Status and headers of what was read.
    /// - Returns: The whole answer.
    /// - Throws: `.cut` where the stream ended before the answer did.
    mutating func finish(_ response: HTTPResponse) throws(ModelFault) -> ModelAnswer
}

/// Why an answer cannot be used.
package struct ModelFault: Error, Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        /// The stream ended before the answer did; to ask again may help.
        case cut
        /// It is not what the API promises: another content type, broken JSON, no text.
        case malformed
        /// The server tells of an error of its own inside a 2xx answer; to ask again may help.
        case serverError
    }

    package var kind: Kind
    /// What was found and what was expected, on one line; it may repeat what the server said.
    package var message: String
    /// What the answer cost all the same, as far as it says.
    package var spent: ModelSpending?

    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }
}
