import HiveSignal
import HiveTestKit
import Testing

// A cheat is tried as an agent would try it: it changes the project, asks for a receipt, commits
// whatever the answer is, and hopes that `hive verify` is content. What became of it is read from
// the commands' own answers, and `specs/cheats.md` says the same.

/// One way to pass for honest work, and what hive makes of it.
struct Cheat: Sendable, CustomTestStringConvertible {
    /// What becomes of a cheat.
    enum End: Sendable, Hashable {
        /// `hive witness` proves nothing, and `hive verify` is not content either.
        case refused([String])
        /// The receipt is had, or none is needed; `hive verify` says no.
        case failed([String])
        /// It changes nothing of what is run or believed.
        case idle
        /// Proven; the receipt or `hive verify` says what a reader should look at.
        case told
        /// Proven, until the tests are run again in another place.
        case later([String])
        /// Proven.
        case unseen
    }

    /// What it begins with.
    enum Start: Sendable {
        /// A project in node whose tests pass.
        case base
        /// One step on: a witnessed red, and a stub that it fails on.
        case red
        /// One more: green.
        case green
        /// A project with pytest, and a witnessed red.
        case python
        /// A project with cargo, whose tests pass.
        case rust

        /// Nil: this machine cannot try it.
        var toolchain: TestToolchain? {
            switch self {
            case .base, .red, .green: .node
            case .python: .pytest
            case .rust: .cargo
            }
        }
    }

    /// A row of the table.
    var name: String
    var end: End
    /// Words of hive's that a reader gets; where nobody sees it, what helps.
    var says: String
    var start: Start = .red
    /// True: it is tried in `make torture` only.
    var isSlow = false
    var act: @Sendable (CheatDesk) throws -> Sighting

    var testDescription: String { name }
}

/// What was seen of a cheat.
struct Sighting: Sendable {
    var end: Cheat.End
    /// All words of hive's about it.
    var words: [String]
}

/// Where a cheat is tried.
struct CheatDesk: Sendable {
    let project: WitnessedProject
    /// The commit that it begins with.
    let start: String

    var folder: TemporaryFolder { project.folder }

    init(_ start: Cheat.Start) throws {
        project = try WitnessedProject(Self.archive(of: start).get())
        self.start = try project.folder.git("rev-parse", "HEAD").trimmed
    }

    /// Writes files, has the change witnessed, commits it, and asks for the verdict.
    ///
    /// The phase is that of the message, else what the change looks like.
    /// The last commit is what counts. `staging` is `git add --all`.
    func attempt(
        _ message: String,
        _ files: [String: String] = [:],
        staging: Bool = true
    ) throws -> Sighting {
        try folder.writeFiles(files)
        let said = ["I", "V", "E"].first { message.hasPrefix($0 + ":") }
        let words = said.map { ["--phase", $0] } ?? []
        if staging { try folder.git("add", "--all") }
        let output = try project.hive(["witness", "--json"] + words)
        let seen = try WitnessedProject.Witnessed(output)
        try folder.git("commit", "--quiet", "--allow-empty", "--message", message)
        let range = "HEAD~1..HEAD"
        return try sighting(seen, project.verify(range), range, rerun: false)
    }

    /// Commits without asking for a receipt, and asks for the verdict.
    func commit(
        _ message: String,
        _ files: [String: String] = [:],
        range: String = "HEAD~1..HEAD"
    ) throws -> Sighting {
        try folder.writeFiles(files)
        try folder.commitAll(message)
        return try judge(range)
    }

    /// What `hive verify` says of commits.
    func judge(_ range: String = "HEAD~1..HEAD", rerun: Bool = false) throws -> Sighting {
        try sighting(nil, project.verify(range), range, rerun: rerun)
    }

    private func sighting(
        _ seen: WitnessedProject.Witnessed?,
        _ verified: WitnessedProject.Verified,
        _ range: String,
        rerun: Bool
    ) throws -> Sighting {
        let words = (seen?.words ?? []) + verified.reasons + [verified.error]
        if let seen, !seen.isProven, verified.exitCode == 1 {
            return Sighting(end: .refused(seen.violations.unique), words: words)
        }
        guard verified.exitCode == 0 else {
            return Sighting(end: .failed(verified.violations.unique), words: words)
        }
        guard rerun else { return Sighting(end: .unseen, words: words) }
        let again = try project.clone().verify(range, "--rerun")
        return Sighting(
            end: again.exitCode == 1 ? .later(again.violations.unique) : .unseen,
            words: words + again.reasons + [again.error]
        )
    }

    // MARK: Beginnings

    static let stub = "export const add = (a, b) => null;\n"
    static let sum = "export const add = (a, b) => a + b;\n"
    static let addTest = WitnessLanguage.nodeTest("add", "add(1, 2)", "3")

    /// A test file of node's runner with one test.
    static func test(_ body: String, importing names: String = "{add}") -> String {
        """
        import test from 'node:test';
        import assert from 'node:assert/strict';
        import \(names) from '../src/add.js';
        test('add', () => { \(body) });

        """
    }

    private static func archive(
        of start: Cheat.Start
    ) -> Result<WitnessedProject.Archive, any Error> {
        switch start {
        case .base: base
        case .red: red
        case .green: green
        case .python: python
        case .rust: rust
        }
    }

    private static let base = Result { try begun(.node).archive() }
    private static let red = Result {
        let project = try WitnessedProject(base.get())
        try project.prove("I", WitnessLanguage.node.red)
        return try project.archive()
    }
    private static let green = Result {
        let project = try WitnessedProject(red.get())
        try project.prove("V", WitnessLanguage.node.green)
        return try project.archive()
    }
    private static let python = Result {
        let project = try begun(.pytest)
        try project.prove("I", WitnessLanguage.pytest.red)
        return try project.archive()
    }

    private static let rust = Result { try begun(.cargo).archive() }

    static func begun(_ language: WitnessLanguage) throws -> WitnessedProject {
        guard let toolchain = language.toolchain else {
            throw TestKitError("there is no \(language.name)")
        }
        return try WitnessedProject(language.base, test: language.test, toolchain: toolchain)
    }
}

extension [String] {
    /// Each once, the first in front.
    fileprivate var unique: [String] {
        var seen: Set<String> = []
        return filter { seen.insert($0).inserted }
    }
}
