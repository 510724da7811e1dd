internal import HiveSignal

/// hive's server in Codex's TOML: two tables, at the end of the file.
enum CodexText {
    private static let name = "mcp_servers.\(MCPClientKind.serverName)"

    static func section(_ server: MCPServerEntry) -> String {
        // What JSON writes as a string is a basic string of TOML, too.
        func quoted(_ text: String) -> String { JSONValue.string(text).text }
        let arguments = server.arguments.map(quoted).joined(separator: ", ")
        let environment = server.environment.map { "\($0.name) = \(quoted($0.value))\n" }
        return "[\(name)]\ncommand = \(quoted(server.command))\nargs = [\(arguments)]\n"
            + "\n[\(name).env]\n" + environment.joined()
    }

    /// - Throws: where hive's server stands in the file in a form that this does not know.
    static func added(
        _ server: MCPServerEntry,
        to text: String
    ) throws(ClientConfiguration.Refusal) -> String {
        let section = section(server)
        guard !text.hasSuffix(section), !text.contains(section + "\n") else { return text }
        var kept: [Substring] = []
        var isOurs = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let code = line.trimmingSpace
            if code.hasPrefix("[") { isOurs = isHeader(code) }
            if !isOurs { kept.append(line) }
        }
        while kept.last?.trimmingSpace.isEmpty == true { kept.removeLast() }
        let rest = kept.joined(separator: "\n")
        let isPlain =
            kept.count == text.split(separator: "\n", omittingEmptySubsequences: false).count
            || !(text.contains("\"\"\"") || text.contains("'''"))
        let isElsewhere = rest.contains(MCPClientKind.serverName)
        let isInline = kept.contains { line in
            let code = line.trimmingSpace
            return code.hasPrefix("mcp_servers ") || code.hasPrefix("mcp_servers=")
        }
        guard isPlain, !isElsewhere, !isInline else {
            throw ClientConfiguration.Refusal(reason: "its servers are written in another form")
        }
        return rest.isEmpty ? section : rest + "\n\n" + section
    }

    private static func isHeader(_ code: Substring) -> Bool {
        code == "[\(name)]" || code.hasPrefix("[\(name).")
    }
}

extension Substring {
    fileprivate var trimmingSpace: Substring {
        var text = self
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return text
    }
}
