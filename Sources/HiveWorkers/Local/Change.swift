import HiveProcess

/// What differs from the last commit: what git says, and the text of it.
struct Change: Sendable {
    /// Untracked files that are read, and how many bytes of them in all.
    static let newFilesMax = 2_000
    static let newBytesMax = 16 << 20

    var status: GitStatus
    /// Entries without large files, hive's own left out.
    var entries: [GitStatus.Entry]
    /// Changed files over `Git.fileBytesMax`: neither counted nor scanned.
    var large: [RepositoryPath]
    /// Added and removed lines of tracked files by git's count; nil counts are binary files.
    var counts: [RepositoryPath: LineCount] = [:]
    /// True: a part of the change is not in here, for its size.
    var isCut: Bool

    struct LineCount: Sendable, Hashable {
        var added: Int
        var removed: Int
        var isBinary = false
    }

    /// Asks git for the status, and finds the large files in it.
    init(of repository: Repository) async throws(WorkerError) {
        let status = try await GitStatus.read(repository)
        let large = Set(
            status.entries.map(\.path).filter { path in
                WorkFile.size(of: path, in: repository).map { $0 > Git.fileBytesMax } == true
            }
        )
        self.status = status
        self.large = large.sorted()
        entries = status.entries.filter { !large.contains($0.path) }
        isCut = status.isCut
    }

    /// The files git has no earlier version of, read one after the other up to the bounds.
    mutating func readNewFiles(
        in repository: Repository,
        _ body: (WorkFile) -> Void
    ) {
        var files = 0
        var bytes = 0
        for entry in entries where isReadWhole(entry) {
            guard files < Self.newFilesMax, bytes < Self.newBytesMax else {
                isCut = true
                return
            }
            guard let file = WorkFile(entry.path, in: repository) else { continue }
            files += 1
            bytes += file.bytes.count
            body(file)
        }
    }

    /// Before the first commit git has nothing to compare with: then each file is new.
    private func isReadWhole(_ entry: GitStatus.Entry) -> Bool {
        entry.kind == .untracked || (status.commit == nil && !entry.isSubmodule)
    }

    /// Words for `git diff-index`, which runs no program of the repository's.
    private func comparison(_ format: [String], _ repository: Repository) -> [String] {
        [
            "diff-index", "--no-ext-diff", "--no-textconv", "--no-color",
            "--submodule=short", "--ignore-submodules=dirty", "-M",
        ] + format + ["HEAD", "--"] + repository.pathspecs(leavingOut: large)
    }

    /// The patch of tracked files; empty before the first commit.
    mutating func patch(in repository: Repository) async throws(WorkerError) -> GitPatch {
        guard status.commit != nil else { return GitPatch([]) }
        let output = try await repository.git.run(
            comparison(
                ["-p", "-U0", "--inter-hunk-context=0", "--src-prefix=a/", "--dst-prefix=b/"],
                repository
            )
        )
        isCut = isCut || output.isCut
        return GitPatch(output.bytes)
    }

    /// Counts the lines of tracked files, by git, and of new ones.
    mutating func countLines(in repository: Repository) async throws(WorkerError) {
        if status.commit != nil {
            let output = try await repository.git.run(
                comparison(["--numstat", "-z"], repository)
            )
            isCut = isCut || output.isCut
            counts = Self.counts(output.fields)
        }
        var read: [RepositoryPath: LineCount] = [:]
        readNewFiles(in: repository) { file in
            read[file.path] =
                file.isBinary
                ? LineCount(added: 0, removed: 0, isBinary: true)
                : LineCount(added: file.lines.count, removed: 0)
        }
        counts.merge(read) { _, new in new }
    }

    /// `ADDED TAB REMOVED TAB PATH`, or for a rename without the path, which with its old name
    /// follows in fields of its own.
    static func counts(_ fields: [ArraySlice<UInt8>]) -> [RepositoryPath: LineCount] {
        var counts: [RepositoryPath: LineCount] = [:]
        var fields = fields.makeIterator()
        while let field = fields.next() {
            let words = field.split(
                separator: UInt8(ascii: "\t"),
                maxSplits: 2,
                omittingEmptySubsequences: false
            )
            guard words.count == 3 else { continue }
            var path: ArraySlice<UInt8>? = words[2]
            if words[2].isEmpty {
                _ = fields.next()
                path = fields.next()
            }
            guard let path else { break }
            let numbers = words[0...1].map { Int(String(decoding: $0, as: UTF8.self)) }
            counts[RepositoryPath(path)] = LineCount(
                added: numbers[0] ?? 0,
                removed: numbers[1] ?? 0,
                isBinary: numbers[0] == nil
            )
        }
        return counts
    }

    /// What is not in the answer, for the end of a summary; empty where all is.
    var leftOutNote: String {
        var note = ""
        if !large.isEmpty {
            note +=
                "; not looked into: \(counted(large.count, "file")) over "
                + "\(Git.fileBytesMax >> 20) MiB"
        }
        if isCut { note += "; the change is too large to be seen whole" }
        return note
    }
}
