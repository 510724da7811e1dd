/// Who answers what is asked (`HIVE_BACKEND`).
package enum Backend: String, Sendable, Hashable, CaseIterable {
    /// The built-in tools: no key, no network, no model.
    case local
    /// A program of the user's, `workers.exec.command` in the rule book.
    case exec
    case openrouter
    case ollama
    case openai
    case anthropic
    case copilotAPI = "copilot-api"
    /// `openai` or `anthropic`, by the key that is there.
    case direct

    /// Those that this version can put to work.
    static let built: [Backend] = [.local, .exec]
}

/// The keys that the environment and `.env` hold, by name.
package struct Secrets: Sendable, Hashable {
    private let byName: [String: String]

    init(_ byName: [String: String]) { self.byName = byName }

    package func has(_ name: String) -> Bool { byName[name] != nil }

    /// For those who must keep them out of what they write.
    var values: [String] { byName.values.sorted() }

    /// The variables that hold keys.
    static let known =
        ["OPENROUTER_API_KEY"] + (1...9).map { "OPENROUTER_API_KEY\($0)" }
        + ["OPENAI_API_KEY", "ANTHROPIC_API_KEY"]
}

extension Secrets: CustomStringConvertible, CustomReflectable {
    /// Names alone: a value is never printed.
    package var description: String { byName.keys.sorted().joined(separator: ", ") }

    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension Settings {
    /// `MAX_CONCURRENT_WORKERS` where it is not given.
    static let workersDefault = 50
    static let workersLimit = 512
}
