/// The lines of a `.gitignore` that keep hive's files out of a repository (gitignore(5)).
///
/// Each file has a line of its own, for the folder they stand in may be the user's too. A pattern
/// that covers more does as well; where it is there already, nothing is added.
struct IgnoreBlock {
    static let title = "# hive: the board and what belongs to it"

    /// A file or folder below the one that has the `.gitignore`.
    struct Entry: Hashable {
        /// Its path's parts.
        var parts: [String]
        var isFolder: Bool

        /// Anchored at the folder, with what a pattern would read otherwise escaped.
        var pattern: String {
            let path = parts.map(Self.escaped).joined(separator: "/")
            return "/" + path + (isFolder ? "/" : "")
        }

        /// Lines that cover it, exactly or with a folder above it.
        var coveringLines: Set<String> {
            var lines: Set<String> = []
            for count in parts.indices.map({ $0 + 1 }) {
                let path = parts[..<count].map(Self.escaped).joined(separator: "/")
                let isWhole = count == parts.count
                var endings = [""]
                if !isWhole || isFolder { endings += ["/", "/*", "/**"] }
                for ending in endings { lines.formUnion([path + ending, "/" + path + ending]) }
            }
            // A pattern without a slash counts at any depth.
            if let name = parts.last.map(Self.escaped) {
                lines.insert(name)
                if isFolder { lines.insert(name + "/") }
            }
            return lines
        }

        private static func escaped(_ part: String) -> String {
            part.reduce(into: "") { text, character in
                if #"\*?[ "#.contains(character) { text.append("\\") }
                text.append(character)
            }
        }
    }

    let entries: [Entry]

    /// Those of hive's files that stand inside the folder; what a line cannot name is left out.
    init(settings: Settings, folder: String) {
        let places = [
            (settings.board, false), (settings.quarantine, false), (settings.audit, false),
            (settings.archive, true), (settings.stateDirectory, true),
        ]
        entries = places.compactMap { path, isFolder in
            guard path.hasPrefix(folder + "/"), !path.contains(where: \.isNewline) else {
                return nil
            }
            let parts = path.dropFirst(folder.count + 1).split(separator: "/").map(String.init)
            return parts.contains("..") ? nil : Entry(parts: parts, isFolder: isFolder)
        }
    }

    /// The patterns that this text lacks.
    func missing(in text: String) -> [String] {
        let lines = Self.lines(of: text)
        return entries.filter { lines.isDisjoint(with: $0.coveringLines) }.map(\.pattern)
    }

    /// What to append so that nothing is missing; empty where nothing is.
    func addition(to text: String) -> String {
        let missing = missing(in: text)
        guard !missing.isEmpty else { return "" }
        var addition = ""
        if let last = text.utf8.last, last != UInt8(ascii: "\n") { addition += "\n" }
        if !Self.lines(of: text).contains(Self.title) {
            addition += text.isEmpty ? Self.title + "\n" : "\n\(Self.title)\n"
        }
        return addition + missing.joined(separator: "\n") + "\n"
    }

    /// Lines as git reads them: without CR and blanks at their end.
    private static func lines(of text: String) -> Set<String> {
        let lines = text.split(whereSeparator: \.isNewline).map { line in
            var line = line
            while line.last == " " || line.last == "\t" { line.removeLast() }
            return String(line)
        }
        return Set(lines)
    }
}
