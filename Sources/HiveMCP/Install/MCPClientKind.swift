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
    func entry(_ server: MCPServerEntry) -> JSONValue {
        var entry: JSONObject = [:]
        switch self {
        case .vscode: entry["type"] = "stdio"
        case .zed: entry["source"] = "custom"
        case .claude, .cursor, .codex: break
        }
        entry["command"] = .string(server.command)
        entry["args"] = .texts(server.arguments)
        var environment: JSONObject = [:]
        for (name, value) in server.environment { environment[name] = .string(value) }
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
