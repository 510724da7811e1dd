/// Looks through the lines of a change for what weakens a project; pure.
struct ChangeScanner {
    /// No more of a line is looked at.
    static let lineBytesMax = 65_536
    /// More findings of a kind are only counted.
    static let findingsMax = 200

    enum Kind: CaseIterable, Sendable {
        case secret, skippedTest, deletedTest, removedAssertion, disabledCheck, stub

        /// With its number: `2 skipped tests`.
        func counted(_ count: Int) -> String {
            switch self {
            case .secret: HiveWorkers.counted(count, "secret")
            case .skippedTest: HiveWorkers.counted(count, "skipped or focused test")
            case .deletedTest: HiveWorkers.counted(count, "deleted test file")
            case .removedAssertion:
                HiveWorkers.counted(count, "test file") + " with fewer assertions"
            case .disabledCheck: HiveWorkers.counted(count, "disabled check")
            case .stub: HiveWorkers.counted(count, "stub")
            }
        }

        /// The key in details.
        var key: String {
            switch self {
            case .secret: "secrets"
            case .skippedTest: "skippedTests"
            case .deletedTest: "deletedTests"
            case .removedAssertion: "removedAssertions"
            case .disabledCheck: "disabledChecks"
            case .stub: "stubs"
            }
        }
    }

    struct Finding: Sendable, Hashable {
        var path: RepositoryPath
        /// From 1; nil for a file as a whole.
        var line: Int?
        /// The mark, or the kind of secret; never the secret.
        var what: String
    }

    private(set) var findings: [Kind: [Finding]] = [:]
    private(set) var counts: [Kind: Int] = [:]
    private(set) var addedLines = 0
    private(set) var files: Set<RepositoryPath> = []

    /// Scans the lines that a patch adds, and counts the assertions it takes away.
    mutating func scan(_ patch: GitPatch) {
        for file in patch.files {
            if let path = file.new {
                for line in file.added { scan(line.text, number: line.number, of: path) }
            }
            countAssertions(file)
        }
    }

    /// Scans a new file.
    mutating func scan(_ file: WorkFile) {
        guard !file.isBinary else { return }
        for (index, line) in file.lines.enumerated() {
            scan(line, number: index + 1, of: file.path)
        }
    }

    /// Finds test files that are gone, and not only to another folder.
    mutating func scan(_ entries: [GitStatus.Entry]) {
        let moved = Set(entries.filter(\.isNew).map(\.path.lastComponent))
        for entry in entries where entry.isDeleted && SourceKind.isTest(entry.path) {
            guard !moved.contains(entry.path.lastComponent) else { continue }
            add(.deletedTest, Finding(path: entry.path, what: "deleted"))
        }
    }

    private mutating func scan(
        _ text: ArraySlice<UInt8>,
        number: Int,
        of path: RepositoryPath
    ) {
        addedLines += 1
        files.insert(path)
        let line = Array(text.prefix(Self.lineBytesMax))
        if let secret = Secrets.kind(in: text, isSettingsFile: SourceKind.isSettings(path)) {
            add(.secret, Finding(path: path, line: number, what: secret))
        }
        guard !SourceKind.isProse(path) else { return }
        let lower = line.map(ASCII.lowercased)
        let place = MarkPlace(path)
        let lists: [(Kind, [Mark])] = [
            (.skippedTest, Marks.skippedTests), (.disabledCheck, Marks.disabledChecks),
            (.stub, Marks.stubs),
        ]
        for (kind, marks) in lists {
            let mark = marks.first { place.mayHave($0) && $0.isIn(line, lower: lower) }
            if let mark { add(kind, Finding(path: path, line: number, what: mark.name)) }
        }
    }

    private mutating func countAssertions(_ file: GitPatch.File) {
        guard let path = file.new, SourceKind.isTest(path) else { return }
        let count = { (lines: [GitPatch.Line]) in
            lines.count { Marks.isAssertion($0.text.map(ASCII.lowercased)) }
        }
        let lost = count(file.removed) - count(file.added)
        guard lost > 0 else { return }
        add(.removedAssertion, Finding(path: path, what: "\(lost) fewer"))
    }

    private mutating func add(_ kind: Kind, _ finding: Finding) {
        counts[kind, default: 0] += 1
        if findings[kind, default: []].count < Self.findingsMax {
            findings[kind, default: []].append(finding)
        }
    }
}

/// What a file is, as far as marks ask.
private struct MarkPlace {
    let fileExtension: String
    let isTest: Bool
    let isScript: Bool

    init(_ path: RepositoryPath) {
        fileExtension = path.fileExtension
        isTest = SourceKind.isTest(path)
        isScript = SourceKind.isScript(path)
    }

    func mayHave(_ mark: Mark) -> Bool {
        guard mark.extensions.isEmpty || mark.extensions.contains(fileExtension) else {
            return false
        }
        return switch mark.scope {
        case .anywhere: true
        case .tests: isTest
        case .scripts: isScript
        }
    }
}
