/// What the tokens of a model cost.
package struct Price: Sendable, Hashable {
    /// Tokens that a chat template may add around the prompt: roles, marks, ends of turns.
    package static let templateTokensMax = 64
    /// What a token is worth in usual text, bytes.
    package static let bytesPerToken = 4.0

    /// Dollars for a million tokens read.
    package var inputPerMillion: Double
    /// Dollars for a million tokens written.
    package var outputPerMillion: Double

    package init(inputPerMillion: Double, outputPerMillion: Double) {
        self.inputPerMillion = inputPerMillion
        self.outputPerMillion = outputPerMillion
    }

    /// What an answer cost.
    package func dollars(_ usage: TokenUsage) -> Double {
        dollars(Double(usage.inputTokens), Double(usage.outputTokens))
    }

    /// What a call costs at most: no tokenizer makes more tokens than bytes.
    ///
    /// - Parameters:
    ///   - promptBytes: Of system prompt and prompt, UTF-8.
    ///   - outputTokensMax: What the answer may have.
    /// - Returns: Dollars.
    package func dollarsMax(promptBytes: Int, outputTokensMax: Int) -> Double {
        dollars(Double(promptBytes) + Double(Self.templateTokensMax), Double(outputTokensMax))
    }

    /// What a call is likely to cost.
    ///
    /// - Parameters:
    ///   - promptBytes: Of system prompt and prompt, UTF-8.
    ///   - outputTokens: What the answer is expected to have.
    /// - Returns: Dollars.
    package func dollarsLikely(promptBytes: Int, outputTokens: Int) -> Double {
        dollars((Double(promptBytes) / Self.bytesPerToken).rounded(.up), Double(outputTokens))
    }

    private func dollars(_ input: Double, _ output: Double) -> Double {
        (max(0, input) * inputPerMillion + max(0, output) * outputPerMillion) / 1_000_000
    }
}

/// Prices by model: `specs/prices.yaml`.
///
/// Of the entries that match a model the most specific one holds. In this order, as far as needed:
/// 1. one that names the backend, before one for any;
/// 2. the pattern with more characters that are not `*`;
/// 3. a pattern without `*`, before one with;
/// 4. the later entry, so that what a user adds at the end replaces what was there.
package struct PriceTable: Sendable, Hashable {
    package struct Entry: Sendable, Hashable {
        /// Nil: any.
        package var backend: String?
        /// Names of models, in which a star is any run of characters, slashes among them.
        ///
        /// Upper and lower case of ASCII letters are the same.
        package var models: [String]
        package var price: Price

        package init(_ models: [String], backend: String? = nil, input: Double, output: Double) {
            self.models = models
            self.backend = backend
            price = Price(inputPerMillion: input, outputPerMillion: output)
        }
    }

    package var entries: [Entry]

    package init(_ entries: [Entry]) { self.entries = entries }

    /// What a model's tokens cost at a backend; nil where no entry matches.
    package func price(backend: String, model: String) -> Price? {
        let name = model.utf8.map(ASCII.lowercased)
        var best: (rank: Rank, price: Price)?
        for entry in entries where entry.backend == nil || entry.backend == backend {
            for pattern in entry.models {
                let glob = Glob(pattern)
                guard glob.matches(name) else { continue }
                let rank = Rank(
                    namesBackend: entry.backend != nil,
                    literals: glob.literals,
                    isExact: !glob.hasStar
                )
                if let best, rank < best.rank { continue }
                best = (rank, entry.price)
            }
        }
        return best?.price
    }

    /// How specific a match is.
    private struct Rank: Comparable {
        var namesBackend: Bool
        var literals: Int
        var isExact: Bool

        static func < (left: Rank, right: Rank) -> Bool {
            if left.namesBackend != right.namesBackend { return right.namesBackend }
            if left.literals != right.literals { return left.literals < right.literals }
            return !left.isExact && right.isExact
        }
    }
}

/// A pattern in which `*` is any run of bytes, and all else is itself.
private struct Glob {
    static let star = UInt8(ascii: "*")

    let pattern: [UInt8]

    init(_ pattern: String) { self.pattern = pattern.utf8.map(ASCII.lowercased) }

    var hasStar: Bool { pattern.contains(Self.star) }
    /// How many bytes stand for themselves.
    var literals: Int { pattern.count { $0 != Self.star } }

    /// Whether the whole name is one that the pattern means.
    ///
    /// It goes back to the last star only, so it takes at most the product of both lengths.
    func matches(_ name: [UInt8]) -> Bool {
        var place = 0
        var index = 0
        var afterStar: (place: Int, index: Int)?
        while index < name.count {
            if place < pattern.count, pattern[place] == Self.star {
                place += 1
                afterStar = (place, index)
            } else if place < pattern.count, pattern[place] == name[index] {
                place += 1
                index += 1
            } else if let star = afterStar {
                // The star takes one byte more.
                place = star.place
                index = star.index + 1
                afterStar = (place, index)
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == Self.star }
    }
}
