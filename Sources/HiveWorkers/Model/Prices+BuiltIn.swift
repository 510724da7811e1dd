extension PriceTable {
    /// The prices of `specs/prices.yaml`: they hold where there is no such file.
    ///
    /// The dated names of a model cost what it costs; the stars are no wider, because `gpt-5-pro`
    /// and `o3-deep-research` cost many times what `gpt-5` and `o3` do.
    package static let builtIn = PriceTable([
        // OpenAI, and the same on OpenRouter.
        openAI("gpt-4o", input: 2.5, output: 10),
        openAI("gpt-4o-mini", input: 0.15, output: 0.6),
        openAI("gpt-4.1", input: 2, output: 8),
        openAI("gpt-4.1-mini", input: 0.4, output: 1.6),
        openAI("gpt-4.1-nano", input: 0.1, output: 0.4),
        openAI("gpt-5", input: 1.25, output: 10),
        openAI("gpt-5-mini", input: 0.25, output: 2),
        openAI("gpt-5-nano", input: 0.05, output: 0.4),
        openAI("o3", input: 2, output: 8),
        openAI("o4-mini", input: 1.1, output: 4.4),
        // Anthropic, and the same on OpenRouter, which writes versions with a point.
        Entry(["claude-opus-4-5*", "anthropic/claude-opus-4.5*"], input: 5, output: 25),
        Entry(["claude-opus-4*", "anthropic/claude-opus-4*"], input: 15, output: 75),
        Entry(["claude-opus-4-1*", "anthropic/claude-opus-4.1*"], input: 15, output: 75),
        Entry(["claude-sonnet-4*", "anthropic/claude-sonnet-4*"], input: 3, output: 15),
        Entry(["claude-haiku-4-5*", "anthropic/claude-haiku-4.5*"], input: 1, output: 5),
        Entry(["claude-3-5-haiku*", "anthropic/claude-3.5-haiku*"], input: 0.8, output: 4),
        Entry(["claude-3-haiku*", "anthropic/claude-3-haiku*"], input: 0.25, output: 1.25),
        // OpenRouter's own mark of what is free.
        Entry(["*:free"], backend: "openrouter", input: 0, output: 0),
        // On one's own machine, or paid for by the month.
        Entry(["*"], backend: "ollama", input: 0, output: 0),
        Entry(["*"], backend: "copilot-api", input: 0, output: 0),
        Entry(["smollm2*"], input: 0, output: 0),
    ])

    private static func openAI(_ model: String, input: Double, output: Double) -> Entry {
        let names = [model, "\(model)-2*"]
        return Entry(names + names.map { "openai/\($0)" }, input: input, output: output)
    }
}
