internal import HiveSignal

/// A client's configuration with hive's server in it; all else stays byte for byte.
package struct ClientConfiguration: Sendable {
    private let kind: MCPClientKind
    private let server: MCPServerEntry

    /// Why a file is left as it is.
    package struct Refusal: Error, Sendable {
        package var reason: String
    }

    package init(_ kind: MCPClientKind, _ server: MCPServerEntry) {
        self.kind = kind
        self.server = server
    }

    /// A file that holds nothing but hive's server.
    package var alone: String {
        guard kind != .codex else { return CodexText.section(server) }
        let servers: JSONValue = [MCPClientKind.serverName: kind.entry(server)]
        return PrettyJSON.text([kind.serversKey: servers], indent: PrettyJSON.indent) + "\n"
    }

    /// The file with hive's server in it; nil: there is no file yet.
    ///
    /// Throws for a file that cannot be changed safely: JSON with comments, say.
    package func added(to text: String?) throws(Refusal) -> String {
        guard let text, !text.allSatisfy(\.isWhitespace) else { return alone }
        guard kind != .codex else { return try CodexText.added(server, to: text) }
        let edit = try JSONEdit(text)
        let path = (outer: kind.serversKey, inner: MCPClientKind.serverName)
        let before = edit.member(at: path)?.objectValue ?? [:]
        return try edit.setting(kind.entry(server, over: before), at: path)
    }
}

/// The lines that one text has and another has not, for people.
package enum TextDifference {
    package enum Change: Sendable, Hashable {
        case same(String)
        case removed(String)
        case added(String)
    }

    /// Lines around a change that are shown, too.
    private static let contextLines = 2

    /// The one stretch that is another, and some lines around it; none for equal texts.
    package static func changes(from old: String, to new: String) -> [Change] {
        guard old != new else { return [] }
        let before = lines(old)
        let after = lines(new)
        let head = zip(before, after).prefix { $0 == $1 }.count
        let rest = min(before.count, after.count) - head
        let tail = zip(before.reversed(), after.reversed()).prefix { $0 == $1 }.prefix(rest).count
        let above = before[max(0, head - contextLines)..<head]
        let below = before[(before.count - tail)...].prefix(contextLines)
        return above.map(Change.same)
            + before[head..<(before.count - tail)].map(Change.removed)
            + after[head..<(after.count - tail)].map(Change.added)
            + below.map(Change.same)
    }

    private static func lines(_ text: String) -> [String] {
        // Swift's `\r\n` is one character and no `\n`.
        var lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
            .map(String.init)
        if lines.last == "" { lines.removeLast() }
        return lines
    }
}
