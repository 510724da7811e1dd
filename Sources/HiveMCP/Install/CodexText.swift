internal import HiveSignal

// Codex's TOML is edited line by line, for it is a person's file: hive's two tables go to the end,
// and of lines that a person added to them none is lost. What cannot be read so, a value of several
// lines for example, is refused.

/// hive's server in Codex's TOML: two tables, at the end of the file.
enum CodexText {
    private static let name = "mcp_servers.\(MCPClientKind.serverName)"
    private static let refusal = ClientConfiguration.Refusal(
        reason: "its servers are written in another form"
    )

    static func section(_ server: MCPServerEntry) -> String {
        section(server, over: Own())
    }

    /// - Throws: where hive's server stands in the file in a form that this does not know.
    static func added(
        _ server: MCPServerEntry,
        to text: String
    ) throws(ClientConfiguration.Refusal) -> String {
        let feeds = text.utf8.count { $0 == UInt8(ascii: "\n") }
        let pairs = text.count { $0 == "\r\n" }
        guard pairs > 0 else { return try addedLines(server, to: text) }
        guard pairs == feeds else {
            throw ClientConfiguration.Refusal(reason: "its lines end in two ways")
        }
        let plain = String(decoding: text.utf8.filter { $0 != UInt8(ascii: "\r") }, as: UTF8.self)
        let edited = try addedLines(server, to: plain)
        return edited == plain ? text : edited.replacing("\n", with: "\r\n")
    }

    private static func addedLines(
        _ server: MCPServerEntry,
        to text: String
    ) throws(ClientConfiguration.Refusal) -> String {
        var kept: [Substring] = []
        var own = Own()
        var table: Table?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let code = line.trimmingSpace
            if code.hasPrefix("[") { table = Table(header: code) }
            guard let table else {
                kept.append(line)
                continue
            }
            if !code.hasPrefix("[") || table == .other { try own.take(line, code, in: table) }
        }
        let rest = kept.trimmed.joined(separator: "\n")
        let isPlain = own.isEmpty || !(text.contains("\"\"\"") || text.contains("'''"))
        let isElsewhere = rest.contains(MCPClientKind.serverName)
        let isInline = kept.contains { line in
            let code = line.trimmingSpace
            return code.hasPrefix("mcp_servers ") || code.hasPrefix("mcp_servers=")
        }
        guard isPlain, !isElsewhere, !isInline else { throw refusal }
        let section = section(server, over: own)
        guard !text.hasSuffix(section), !text.contains(section + "\n") else { return text }
        return rest.isEmpty ? section : rest + "\n\n" + section
    }

    private static func section(_ server: MCPServerEntry, over own: Own) -> String {
        // What JSON writes as a string is a basic string of TOML, too.
        func quoted(_ text: String) -> String { JSONValue.string(text).text }
        let arguments = server.arguments(over: own.arguments).map(quoted).joined(separator: ", ")
        var variables = own.environment
        for (name, value) in server.environment
        where server.sets(name, over: variables[name].map { .string($0) }) {
            variables[name] = "\(name) = \(quoted(value))"
        }
        func lines(_ list: some Sequence<String>) -> String { list.map { $0 + "\n" }.joined() }
        return "[\(name)]\ncommand = \(quoted(server.command))\nargs = [\(arguments)]\n"
            + lines(own.members) + "\n[\(name).env]\n" + lines(variables.list)
            + (own.others.isEmpty ? "" : "\n" + lines(own.others.trimmed))
    }

    /// Which of hive's tables a line stands in.
    private enum Table {
        case server, environment, other

        /// Nil: a table of somebody else's.
        init?(header code: Substring) {
            // A comment may stand behind it.
            let header = code.prefix { $0 != "#" }.trimmingSpace
            switch header {
            case "[\(name)]": self = .server
            case "[\(name).env]": self = .environment
            default:
                guard header.hasPrefix("[\(name).") else { return nil }
                self = .other
            }
        }
    }

    /// What stands in hive's tables, line by line.
    private struct Own {
        var arguments: [String] = []
        /// Lines but `command` and `args`.
        var members: [String] = []
        var environment = Variables()
        /// Tables below hive's, headers and all.
        var others: [String] = []
        var isEmpty = true

        mutating func take(
            _ line: Substring,
            _ code: Substring,
            in table: Table
        ) throws(ClientConfiguration.Refusal) {
            isEmpty = false
            if table == .other { return others.append(String(line)) }
            guard !code.isEmpty else { return }
            let isRemark = code.hasPrefix("#")
            let key = code.prefix { $0 != "=" }.trimmingSpace
            let value = code.dropFirst(code.prefix { $0 != "=" }.count + 1).trimmingSpace
            guard isRemark || (key.count < code.count && CodexText.isWhole(value)) else {
                throw CodexText.refusal
            }
            switch (table, isRemark ? "" : key) {
            case (.server, "command"): return
            case (.server, "args"):
                guard let list = (try? JSONValue(parsing: String(value)))?.arrayValue else {
                    throw CodexText.refusal
                }
                arguments = list.compactMap(\.stringValue)
            case (.environment, _): environment.take(String(key), String(line))
            default: members.append(String(line))
            }
        }
    }

    /// Lines by the variable that they set, in their order.
    private struct Variables {
        private(set) var list: [String] = []
        private var places: [String: Int] = [:]

        subscript(name: String) -> String? {
            get { places[name].map { list[$0] } }
            set {
                guard let newValue else { return }
                take(name, newValue)
            }
        }

        mutating func take(_ name: String, _ line: String) {
            if let place = places[name] {
                list[place] = line
            } else {
                if !name.hasPrefix("#") { places[name] = list.count }
                list.append(line)
            }
        }
    }

    /// True for a value that ends on its line, as far as brackets tell.
    private static func isWhole(_ value: Substring) -> Bool {
        guard let first = value.first else { return false }
        guard first == "[" || first == "{" else { return true }
        return value.prefix { $0 != "#" }.trimmingSpace.last == (first == "[" ? "]" : "}")
    }
}

extension Array where Element: StringProtocol {
    /// Without blank lines at the end.
    fileprivate var trimmed: ArraySlice<Element> {
        var lines = self[...]
        while lines.last?.allSatisfy(\.isWhitespace) == true { lines.removeLast() }
        return lines
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
