import HiveTestKit
import Testing

@testable import HiveWorkers

/// What models cost.
struct PricesTests {
    private func price(_ model: String, at backend: String = "openai") -> [Double]? {
        PriceTable.builtIn.price(backend: backend, model: model).map {
            [$0.inputPerMillion, $0.outputPerMillion]
        }
    }

    @Test(arguments: [
        ("gpt-4o", [2.5, 10]), ("gpt-4o-2024-08-06", [2.5, 10]), ("gpt-4o-mini", [0.15, 0.6]),
        ("gpt-4o-mini-2024-07-18", [0.15, 0.6]), ("gpt-4.1", [2, 8]), ("gpt-4.1-nano", [0.1, 0.4]),
        ("gpt-5-mini-2025-08-07", [0.25, 2]), ("openai/gpt-5", [1.25, 10]), ("o3", [2, 8]),
        ("openai/o4-mini", [1.1, 4.4]), ("claude-opus-4-5-20251101", [5, 25]),
        ("claude-opus-4-1-20250805", [15, 75]), ("claude-opus-4-20250514", [15, 75]),
        ("anthropic/claude-opus-4.5", [5, 25]), ("anthropic/claude-opus-4.1", [15, 75]),
        ("claude-sonnet-4-5", [3, 15]), ("anthropic/claude-sonnet-4", [3, 15]),
        ("claude-haiku-4-5-20251001", [1, 5]), ("anthropic/claude-3.5-haiku", [0.8, 4]),
        ("claude-3-haiku-20240307", [0.25, 1.25]), ("SmolLM2-135M-Instruct", [0, 0]),
    ])
    func `a model that is shipped has its price`(_ model: String, _ expected: [Double]) {
        #expect(price(model) == expected)
    }

    @Test(arguments: [
        "gpt-5-pro", "o3-pro", "o3-deep-research", "gpt-4o-realtime-preview", "gpt-4", "llama3.2",
        "",
        "xgpt-4o", "meta/llama:free",
    ])
    func `a model that nobody priced has none`(_ model: String) {
        #expect(price(model) == nil)
    }

    @Test func `a backend that is free is free for every model`() {
        #expect(price("gpt-4o", at: "copilot-api") == [0, 0])
        #expect(price("llama3.2:1b", at: "ollama") == [0, 0])
        #expect(price("meta/llama:free", at: "openrouter") == [0, 0])
        #expect(price("openai/gpt-4o", at: "openrouter") == [2.5, 10])
    }

    @Test func `the most specific entry holds`() {
        typealias Entry = PriceTable.Entry
        let table = PriceTable([
            Entry(["abc"], input: 1, output: 0), Entry(["*abc*"], input: 2, output: 0),
            Entry(["ab*", "abd*"], input: 3, output: 0), Entry(["*"], input: 4, output: 0),
            Entry(["a*e"], input: 5, output: 0), Entry(["a*"], backend: "b", input: 6, output: 0),
            Entry(["x"], input: 7, output: 0), Entry(["X"], input: 8, output: 0),
        ])
        let found = { table.price(backend: $0, model: $1)?.inputPerMillion }
        #expect(found("a", "abc") == 1)
        #expect(found("a", "ABCD") == 2)
        #expect(found("a", "abx") == 3)
        #expect(found("a", "zzz") == 4)
        #expect(found("b", "abc") == 6)
        #expect(found("b", "zzz") == 4)
        #expect(found("a", "x") == 8)
        #expect(PriceTable([]).price(backend: "a", model: "x") == nil)
    }

    @Test(arguments: [
        ("*", "", true), ("**", "a", true), ("", "", true), ("", "a", false), ("a*c", "abbc", true),
        ("a*c", "abcd", false), ("*/claude-*", "anthropic/claude-3", true),
        ("*ab*ab", "abab", true),
        ("*ab*ab", "aab", false), ("*aab", "aaaab", true), ("a*b*c*", "a-b-c-", true),
        ("é*", "éa", true), ("*b", "a", false),
    ])
    func `a star is any run of characters`(_ pattern: String, _ name: String, _ isMatch: Bool) {
        let table = PriceTable([PriceTable.Entry([pattern], input: 1, output: 1)])
        #expect((table.price(backend: "x", model: name) != nil) == isMatch)
    }

    @Test func `stars agree with their definition`() {
        func matches(_ pattern: Substring, _ name: Substring) -> Bool {
            guard let first = pattern.first else { return name.isEmpty }
            if first == "*" {
                return matches(pattern.dropFirst(), name)
                    || (!name.isEmpty && matches(pattern, name.dropFirst()))
            }
            return name.first == first && matches(pattern.dropFirst(), name.dropFirst())
        }
        var generator = SeededGenerator()
        func word(_ letters: String, _ length: Int) -> String {
            String((0..<length).compactMap { _ in letters.randomElement(using: &generator) })
        }
        for _ in 0..<Campaign.size(short: 5_000, long: 100_000) {
            let pattern = word("ab*", Int.random(in: 0...7, using: &generator))
            let name = word("ab", Int.random(in: 0...9, using: &generator))
            let table = PriceTable([PriceTable.Entry([pattern], input: 1, output: 1)])
            let isMatch = table.price(backend: "x", model: name) != nil
            #expect(
                isMatch == matches(pattern[...], name[...]),
                "seed \(generator.seed): \(pattern) \(name)"
            )
        }
    }

    @Test func `tokens cost what the table says`() {
        let price = Price(inputPerMillion: 2, outputPerMillion: 8)
        #expect(price.dollars(TokenUsage(inputTokens: 1_000_000, outputTokens: 500_000)) == 6)
        #expect(price.dollars(TokenUsage(inputTokens: 0, outputTokens: 0)) == 0)
        #expect(price.dollarsLikely(promptBytes: 4_000_000, outputTokens: 0) == 2)
        #expect(price.dollarsLikely(promptBytes: 1, outputTokens: 0) == 0.000_002)
    }

    @Test func `no call costs more than its bound`() {
        let price = Price(inputPerMillion: 2, outputPerMillion: 8)
        let bound = price.dollarsMax(promptBytes: 1_000, outputTokensMax: 100)
        // As many tokens as bytes, what a template adds, and all the output there may be.
        let worst = TokenUsage(
            inputTokens: 1_000 + Int64(Price.templateTokensMax),
            outputTokens: 100
        )
        #expect(bound == price.dollars(worst))
        #expect(bound >= price.dollarsLikely(promptBytes: 1_000, outputTokens: 100))
        #expect(price.dollarsMax(promptBytes: -100, outputTokensMax: -1) == 0)
        #expect(price.dollarsMax(promptBytes: .max, outputTokensMax: .max).isFinite)
    }

    @Test func `every shipped entry has a price that can be one`() {
        for entry in PriceTable.builtIn.entries {
            #expect(!entry.models.isEmpty)
            #expect((0...1_000).contains(entry.price.inputPerMillion))
            #expect(entry.price.outputPerMillion >= entry.price.inputPerMillion)
        }
    }
}
