import HiveProcess

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

    /// The variables that may hold its keys, the usual one first; empty: it needs none.
    var keyNames: [String] {
        switch self {
        case .local, .exec, .ollama, .copilotAPI: []
        case .openrouter: Self.numbered("OPENROUTER_API_KEY")
        case .openai: Self.numbered("OPENAI_API_KEY")
        case .anthropic: Self.numbered("ANTHROPIC_API_KEY")
        case .direct: Self.openai.keyNames + Self.anthropic.keyNames
        }
    }

    /// True: models over HTTP.
    var isModel: Bool { self != .local && self != .exec }

    private static func numbered(_ name: String) -> [String] {
        [name] + (1...9).map { "\(name)\($0)" }
    }
}

/// Which models are asked, and where they are, as the environment says (SPEC §9).
package struct ModelSettings: Sendable, Hashable {
    /// `HIVE_MODEL`: the model for everything, whatever a persona wants.
    package let model: String?
    /// `DEFAULT_WORKER_MODEL`: the model where a persona wants none.
    package let workerModel: String?
    /// `OLLAMA_MODEL`: the same, of the backend ollama.
    package let ollamaModel: String?
    /// `REQUEST_TIMEOUT_MS`: how long one request may take.
    package let timeoutMilliseconds: Int64
    /// `COPILOT_API_PORT`.
    package let copilotPort: Int64
    /// `OPENAI_BASE_URL` and the like, by name.
    private let addresses: [String: String]

    static let timeoutMillisecondsDefault: Int64 = 30_000
    static let copilotPortDefault: Int64 = 4_141

    static let names =
        [
            "HIVE_MODEL", "DEFAULT_WORKER_MODEL", "OLLAMA_MODEL", "REQUEST_TIMEOUT_MS",
            "COPILOT_API_PORT",
        ] + addressNames

    private static let addressNames = [
        "OPENAI_BASE_URL", "OPENROUTER_BASE_URL", "ANTHROPIC_BASE_URL", "OLLAMA_BASE_URL",
    ]

    init(
        _ warnings: inout [String],
        lookup: (String) -> (value: String, place: String)?
    ) {
        func number(_ name: String, _ range: ClosedRange<Int64>, _ usual: Int64) -> Int64 {
            guard let (value, place) = lookup(name) else { return usual }
            if let number = Int64(value), range.contains(number) { return number }
            let expected = "\(range.lowerBound) to \(range.upperBound)"
            warnings.append("\(name) in \(place) is no number from \(expected); \(usual) holds")
            return usual
        }
        model = lookup("HIVE_MODEL")?.value
        workerModel = lookup("DEFAULT_WORKER_MODEL")?.value
        ollamaModel = lookup("OLLAMA_MODEL")?.value
        timeoutMilliseconds = number(
            "REQUEST_TIMEOUT_MS",
            1...ScatterRequest.timeoutMillisecondsLimit,
            Self.timeoutMillisecondsDefault
        )
        copilotPort = number("COPILOT_API_PORT", 1...65_535, Self.copilotPortDefault)
        var addresses: [String: String] = [:]
        for name in Self.addressNames { addresses[name] = lookup(name)?.value }
        self.addresses = addresses
    }

    /// The base address that the environment gives a backend, and the variable's name.
    func address(of backend: Backend) -> (name: String, value: String)? {
        let name: String
        switch backend {
        case .openai: name = "OPENAI_BASE_URL"
        case .openrouter: name = "OPENROUTER_BASE_URL"
        case .anthropic: name = "ANTHROPIC_BASE_URL"
        case .ollama: name = "OLLAMA_BASE_URL"
        case .copilotAPI:
            return ("COPILOT_API_PORT", "http://127.0.0.1:\(copilotPort)/v1")
        case .local, .exec, .direct: return nil
        }
        return addresses[name].map { (name, $0) }
    }
}

/// The keys that the environment and `.env` hold, by name.
package struct Secrets: Sendable, Hashable {
    private let byName: [String: String]

    init(_ byName: [String: String]) { self.byName = byName }

    package func has(_ name: String) -> Bool { byName[name] != nil }

    /// The keys of a backend with their names, the usual one first.
    func keys(of backend: Backend) -> [(name: String, value: String)] {
        backend.keyNames.compactMap { name in byName[name].map { (name, $0) } }
    }

    /// For those who must keep them out of what they write.
    var values: [String] { byName.values.sorted() }

    /// Keeps them out of core dumps: call it as soon as they are in memory.
    ///
    /// Where there are none a crash may leave its core.
    package func keepOutOfCores() {
        if !byName.isEmpty { CoreDumps.forbid() }
    }

    /// The variables that hold keys.
    static let known =
        [Backend.openrouter, .openai, .anthropic].flatMap(\.keyNames)
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
