package import HiveProcess

/// The families of servers that hive knows how to ask.
package enum ModelAPIKind: String, Sendable, CaseIterable {
    /// OpenAI, and all that speak as it does: llama.cpp, vLLM, LM Studio, Groq, …
    case openai
    case openrouter
    case ollama
    case anthropic
    /// A local proxy for GitHub Copilot that speaks as OpenAI does, and wants no key.
    case copilotAPI = "copilot-api"

    /// Where it is spoken to when nobody says otherwise.
    package var defaultBaseURL: String {
        switch self {
        case .openai: "https://api.openai.com/v1"
        case .openrouter: "https://openrouter.ai/api/v1"
        case .ollama: "http://127.0.0.1:11434"
        case .anthropic: "https://api.anthropic.com"
        case .copilotAPI: ModelAPIs.copilotBaseURL(port: ModelAPIs.copilotPort)
        }
    }
}

/// Makes model APIs.
package enum ModelAPIs {
    /// Where copilot-api listens when nobody says otherwise.
    package static let copilotPort: UInt16 = 4_141

    /// The API of one kind of server at a base address.
    ///
    /// - Parameters:
    ///   - kind: Who is spoken to.
    ///   - baseURL: With `/v1` at its end for those that speak as OpenAI does; Ollama has an API of
    ///     its own and, below `/v1`, OpenAI's. Nil: `ModelAPIKind.defaultBaseURL`.
    /// - Returns: The API; it does no I/O.
    /// - Throws: `WorkerError` where the address is none: see `baseURL(_:)`.
    package static func make(
        _ kind: ModelAPIKind,
        baseURL: String? = nil
    ) throws(WorkerError) -> any ModelAPI {
        let base = try BaseURL(baseURL ?? kind.defaultBaseURL)
        switch kind {
        case .openrouter:
            return ChatAPI(base: base, dialect: OpenAIDialect(variation: .openRouter))
        case .anthropic:
            return ChatAPI(base: base.dropping("/v1"), dialect: AnthropicDialect())
        case .ollama where !base.text.hasSuffix("/v1"):
            return ChatAPI(base: base.dropping("/api"), dialect: OllamaDialect())
        case .openai, .ollama, .copilotAPI:
            let isOwn = base.isAt("api.openai.com") || base.isAt("openai.azure.com")
            let variation = isOwn ? OpenAIDialect.Variation.openAI : .compatible
            return ChatAPI(base: base, dialect: OpenAIDialect(variation: variation))
        }
    }

    /// A base address in its normal form: no slash at the end, scheme and host in lower case.
    ///
    /// - Parameter text: `http` or `https`, a host, perhaps a port and a path.
    /// - Returns: The address.
    /// - Throws: `WorkerError` for another scheme, a name or password, a query, a fragment, or
    ///   characters that no address has; it does not repeat the text, which may hold a secret.
    package static func baseURL(_ text: String) throws(WorkerError) -> String {
        try BaseURL(text).text
    }

    /// Where copilot-api is on this machine.
    package static func copilotBaseURL(port: UInt16) -> String { "http://127.0.0.1:\(port)/v1" }
}
