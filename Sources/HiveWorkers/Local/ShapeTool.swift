import HiveProcess
import HiveSignal

/// Port 2, shape: what changed against the last commit.
enum ShapeTool {
    /// Files in the details.
    static let filesMax = 20
    private static let commitDigits = 9

    static func answer(in repository: Repository) async throws(WorkerError) -> Answer {
        var change = try await Change(of: repository)
        try await change.countLines(in: repository)
        return answer(to: change)
    }

    static func answer(to change: Change) -> Answer {
        let since =
            change.status.commit.map { "since \($0.prefix(commitDigits))" }
            ?? "in a repository without a commit"
        guard !change.status.entries.isEmpty else {
            return Answer(
                summary: "nothing has changed \(since)",
                confidence: Answer.Confidence.nothingFound,
                details: ["commit": commit(change), "files": []]
            )
        }
        let files = files(change)
        let added = files.reduce(0) { $0 + $1.count.added }
        let removed = files.reduce(0) { $0 + $1.count.removed }
        return Answer(
            summary: "\(counted(files.count, "file")) changed \(since): "
                + "\(counted(added, "line")) added, \(removed) removed"
                + states(change.status) + change.leftOutNote,
            lines: files.map(\.shown),
            confidence: Answer.Confidence.found,
            details: [
                "commit": commit(change),
                "added": .integer(Int64(added)),
                "removed": .integer(Int64(removed)),
                "count": .integer(Int64(files.count)),
                "files": .array(files.prefix(filesMax).map(\.json)),
            ]
        )
    }

    private static func commit(_ change: Change) -> JSONValue {
        change.status.commit.map { .string($0) } ?? .null
    }

    /// The files that changed most first.
    private static func files(_ change: Change) -> [ChangedFile] {
        let large = Set(change.large)
        let files = change.status.entries.map { entry in
            ChangedFile(
                entry: entry,
                count: change.counts[entry.path] ?? Change.LineCount(added: 0, removed: 0),
                isLarge: large.contains(entry.path)
            )
        }
        return files.sorted { left, right in
            let leftLines = left.count.added + left.count.removed
            let rightLines = right.count.added + right.count.removed
            return (rightLines, left.entry.path) < (leftLines, right.entry.path)
        }
    }

    /// How many are in which state; a file may be in several.
    static func states(_ status: GitStatus) -> String {
        let counts = [
            (status.entries.filter(\.isStaged).count, "staged"),
            (status.entries.filter(\.isUnstaged).count, "unstaged"),
            (status.entries.filter { $0.kind == .untracked }.count, "untracked"),
            (status.entries.filter { $0.kind == .conflicting }.count, "in conflict"),
        ]
        let words = counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        return words.isEmpty ? "" : "; " + words.joined(separator: ", ")
    }
}

/// A changed file with its count.
private struct ChangedFile {
    var entry: GitStatus.Entry
    var count: Change.LineCount
    var isLarge: Bool

    /// `changed src/a.swift +3 -1 (staged)`.
    var shown: String {
        let name = entry.original.map { "\($0.shown) -> \(entry.path.shown)" } ?? entry.path.shown
        return "\(entry.verb) \(name) \(size) (\(entry.state))"
    }

    private var size: String {
        if isLarge { return "large" }
        if entry.isSubmodule { return "submodule" }
        return count.isBinary ? "binary" : "+\(count.added) -\(count.removed)"
    }

    var json: JSONValue {
        [
            "path": .string(entry.path.shown),
            "from": entry.original.map { .string($0.shown) } ?? .null,
            "change": .string(entry.verb),
            "state": .string(entry.state),
            "added": .integer(Int64(count.added)),
            "removed": .integer(Int64(count.removed)),
        ]
    }
}

extension GitStatus.Entry {
    var isStaged: Bool { kind == .tracked && staged != "." }
    var isUnstaged: Bool { kind == .tracked && unstaged != "." }

    /// What happened to the file since the last commit.
    var verb: String {
        if kind == .conflicting { return "conflict in" }
        if original != nil { return "renamed" }
        if isDeleted { return "deleted" }
        return isNew ? "new" : "changed"
    }

    /// How far it is on its way into a commit.
    var state: String {
        switch kind {
        case .untracked: "untracked"
        case .conflicting: "in conflict"
        case .tracked where isStaged && isUnstaged: "partly staged"
        case .tracked: isStaged ? "staged" : "unstaged"
        }
    }
}
