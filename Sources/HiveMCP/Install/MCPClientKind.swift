internal import HiveSignal

/// The clients whose configuration hive can write.
package enum MCPClientKind: String, Sendable, CaseIterable {
    case claude, vscode, cursor, codex, zed

    /// How hive's server is called there.
    package static let serverName = "hive-enforcer"

    /// Where the client looks for its servers.
    ///
    /// In the project's folder, or in the person's own.
    package func path(project: String, home: String) -> String {
        switch self {
        case .claude: project + "/.mcp.json"
        case .vscode: project + "/.vscode/mcp.json"
        case .cursor: project + "/.cursor/mcp.json"
        case .codex: home + "/.codex/config.toml"
        case .zed: home + "/.config/zed/settings.json"
        }
    }

    /// True for a file that holds for one project, so that paths in it begin there.
    package var isOfProject: Bool {
        switch self {
        case .claude, .vscode, .cursor: true
        case .codex, .zed: false
        }
    }

    /// What the client puts the project's folder in the place of; empty: it starts servers there.
    package var projectVariable: String {
        switch self {
        case .vscode, .cursor: "${workspaceFolder}/"
        case .claude, .codex, .zed: ""
        }
    }

    /// The key that servers stand under.
    var serversKey: String {
        switch self {
        case .claude, .cursor: "mcpServers"
        case .vscode: "servers"
        case .codex: "mcp_servers"
        case .zed: "context_servers"
        }
    }

    /// hive's server as the client's JSON has it.
    ///
    /// - Parameters:
    ///   - server: what hive says of it.
    ///   - before: the entry that is there; what a person added to it stays.
    /// - Returns: the whole entry.
    func entry(_ server: MCPServerEntry, over before: JSONObject = [:]) -> JSONValue {
        var entry = before
        switch self {
        case .vscode: entry["type"] = "stdio"
        case .zed: entry["source"] = "custom"
        case .claude, .cursor, .codex: break
        }
        entry["command"] = .string(server.command)
        let words = before["args"]?.arrayValue?.compactMap(\.stringValue) ?? []
        entry["args"] = .texts(server.arguments(over: words))
        var environment = before["env"]?.objectValue ?? [:]
        for (name, value) in server.environment where server.sets(name, over: environment[name]) {
            environment[name] = .string(value)
        }
        entry["env"] = .object(environment)
        return .object(entry)
    }
}

/// How a client starts hive's server.
package struct MCPServerEntry: Sendable {
    package var command: String
    package var arguments: [String]
    /// In the order they are written in.
    package var environment: [(name: String, value: String)]

    package init(
        command: String,
        arguments: [String],
        environment: [(name: String, value: String)]
    ) {
        self.command = command
        self.arguments = arguments
        self.environment = environment
    }
}

extension MCPServerEntry {
    /// Options that no longer are any: a server that is given one does not start.
    private static let refused = ["--rules", "--mode"]

    /// hive's own arguments, then what a person added.
    func arguments(over before: [String]) -> [String] {
        var kept: [String] = []
        var rest = before[...]
        while let word = rest.popFirst() {
            if Self.refused.contains(word) {
                rest = rest.dropFirst()
                continue
            }
            let option = word.split(separator: "=").first.map(String.init) ?? word
            let isOurs = arguments.contains { $0 == word || $0.hasPrefix("\(option)=") }
            if !isOurs && !Self.refused.contains(option) { kept.append(word) }
        }
        return arguments + kept
    }

    /// True for a variable that hive writes; a generation that a person named is theirs.
    func sets(_ name: String, over before: JSONValue?) -> Bool {
        name != Self.generationVariable || before == nil
    }

    /// What a new board's first generation is.
    package static let generationVariable = "CURRENT_GEN"
}
