import HiveProcess

/// What `git status --porcelain=v2 --branch -z` says (git-status(1), "Porcelain Format Version 2").
struct GitStatus: Sendable {
    /// The last commit; nil before the first one.
    var commit: String?
    /// Nil for a detached HEAD.
    var branch: String?
    var upstream: String?
    /// Commits that the upstream lacks, and that it has over HEAD; nil without an upstream.
    var ahead: Int?
    var behind: Int?
    /// In the order of their paths.
    var entries: [Entry] = []
    /// True: there are more entries.
    var isCut = false

    /// A file that is not as in the last commit.
    struct Entry: Sendable, Hashable {
        enum Kind: Sendable, Hashable {
            case tracked, conflicting, untracked
        }

        var kind: Kind
        var path: RepositoryPath
        /// Its name in the last commit, where it was renamed.
        var original: RepositoryPath?
        /// The letter for the index against HEAD: `M`, `A`, `D`, `R`, …; `.` for the same.
        var staged: Character
        /// The letter for the work tree against the index.
        var unstaged: Character
        var isSubmodule: Bool

        /// True: the last commit has no such file under any name.
        var isNew: Bool {
            kind == .untracked || staged == "A" || (staged == "." && unstaged == "A")
        }

        /// True: the last commit has the file, the next one will not.
        var isDeleted: Bool {
            kind == .tracked && !isNew && (staged == "D" || unstaged == "D")
        }
    }

    /// Asks for the status of all but hive's own files.
    static func read(_ repository: Repository) async throws(WorkerError) -> GitStatus {
        let output = try await repository.git.run(
            [
                "status", "--porcelain=v2", "--branch", "--ahead-behind", "-z",
                "--untracked-files=all", "--ignore-submodules=dirty", "--find-renames", "--",
            ] + repository.pathspecs
        )
        var status = GitStatus(fields: output.fields)
        status.isCut = output.isCut
        return status
    }

    init(fields: [ArraySlice<UInt8>]) {
        var fields = fields.makeIterator()
        while let field = fields.next() {
            switch field.first {
            case UInt8(ascii: "#"): takeHeader(String(decoding: field, as: UTF8.self))
            case UInt8(ascii: "1"): append(field, .tracked, wordsBeforePath: 8)
            case UInt8(ascii: "u"): append(field, .conflicting, wordsBeforePath: 10)
            case UInt8(ascii: "2"):
                append(field, .tracked, wordsBeforePath: 9, original: fields.next())
            case UInt8(ascii: "?"):
                // A folder, by its slash, is another repository inside this one.
                guard field.last != UInt8(ascii: "/") else { continue }
                let path = RepositoryPath(field.dropFirst(2))
                entries.append(
                    Entry(
                        kind: .untracked,
                        path: path,
                        staged: ".",
                        unstaged: "?",
                        isSubmodule: false
                    )
                )
            default: break
            }
        }
        entries.sort { $0.path < $1.path }
    }

    /// `1 XY SUB …`: letters of index and work tree, then whether it is a submodule.
    private mutating func append(
        _ field: ArraySlice<UInt8>,
        _ kind: Entry.Kind,
        wordsBeforePath: Int,
        original: ArraySlice<UInt8>? = nil
    ) {
        let words = field.split(
            separator: UInt8(ascii: " "),
            maxSplits: wordsBeforePath,
            omittingEmptySubsequences: false
        )
        guard words.count == wordsBeforePath + 1, words[1].count == 2,
            let staged = words[1].first, let unstaged = words[1].last
        else { return }
        entries.append(
            Entry(
                kind: kind,
                path: RepositoryPath(words[wordsBeforePath]),
                original: original.map { RepositoryPath($0) },
                staged: Character(Unicode.Scalar(staged)),
                unstaged: Character(Unicode.Scalar(unstaged)),
                isSubmodule: words[2].first == UInt8(ascii: "S")
            )
        )
    }

    private mutating func takeHeader(_ header: String) {
        let words = header.split(separator: " ", maxSplits: 2)
        guard words.count == 3 else { return }
        let value = String(words[2])
        switch words[1] {
        case "branch.oid": commit = value == "(initial)" ? nil : value
        case "branch.head": branch = value == "(detached)" ? nil : value
        case "branch.upstream": upstream = value
        case "branch.ab":
            let counts = value.split(separator: " ").compactMap { Int($0) }
            guard counts.count == 2 else { return }
            ahead = counts[0]
            behind = -counts[1]
        default: break
        }
    }
}
