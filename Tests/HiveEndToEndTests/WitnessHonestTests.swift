import HiveSignal
import HiveTestKit
import Testing

/// The honest path through all phases, in real projects: proven, with no friction, everywhere.
@Suite struct WitnessHonestTests {
    @Test(.enabled(if: TestToolchain.node != nil, "there is no node with a test runner"))
    func `every honest step is proven with node's runner`() throws {
        try walk(.node, isWhole: true)
    }

    @Test(.enabled(if: TestToolchain.pytest != nil, "there is no python3 with pytest"))
    func `every honest step is proven with pytest`() throws {
        try walk(.pytest, isWhole: true)
    }

    @Test(.enabled(if: TestToolchain.cargo != nil, "there is no cargo"))
    func `every honest step is proven with cargo`() throws {
        try walk(.cargo, isWhole: Campaign.isTorture)
    }

    @Test(.enabled(if: TestToolchain.go != nil, "there is no go"))
    func `every honest step is proven with go`() throws {
        try walk(.go, isWhole: Campaign.isTorture)
    }

    @Test(
        .enabled(if: TestToolchain.swift != nil, "there is no swift"),
        .enabled(if: Campaign.isTorture, "each tree is built anew: HIVE_TORTURE=1")
    )
    func `every honest step is proven with swift`() throws {
        try walk(.swift, isWhole: true)
    }

    /// H, I, V and E; the whole of it with a removal and a squash, too, and run again elsewhere.
    private func walk(_ language: WitnessLanguage, isWhole: Bool) throws {
        let toolchain = try #require(language.toolchain)
        let project = try WitnessedProject(
            language.base,
            test: language.test,
            toolchain: toolchain
        )
        let start = try project.folder.git("rev-parse", "HEAD").trimmed
        try project.folder.writeFiles(["docs/adding.md": "# Adding\n\nWhat others do.\n"])
        try project.folder.commitAll("docs: what there is on adding")

        try project.prove("I", language.red, message: "I: adding")
        try project.prove("V", language.green, message: "feat: adding")
        #expect(try project.prove("E", language.refactor, message: "E: clearer").kind == "refactor")
        var claims = ["H", "I", "V", "E"]
        if isWhole {
            try removeOld(language, project)
            try squash(language, project)
            claims += ["E", "V"]
        }

        let range = "\(start)..HEAD"
        let verified = try project.verify(range)
        #expect(verified.exitCode == 0, "\(verified)")
        #expect(verified.verdicts.compactMap { $0["claim"]?.stringValue } == claims)
        #expect(verified.standings == claims.map { _ in "proven" }, "\(verified.text)")
        let clone = try project.clone()
        #expect(try clone.verify(range).text == verified.text)
        guard isWhole else { return }
        let again = try clone.verify(range, "--rerun")
        #expect(again.exitCode == 0, "\(again)")
        #expect(again.standings == verified.standings, "\(again.text)")
        #expect(again.reasons.count { $0.hasPrefix("run again: ") } == claims.count - 1)
    }

    /// Dead code goes, and the tests that only it had.
    private func removeOld(_ language: WitnessLanguage, _ project: WitnessedProject) throws {
        for name in language.removed { try project.folder.remove(name) }
        let seen = try project.prove("E", language.withoutOld, message: "refactor: old is dead")
        #expect(seen.kind == "removal", "\(seen)")
    }

    /// A red and its green become one commit, which is witnessed again.
    private func squash(_ language: WitnessLanguage, _ project: WitnessedProject) throws {
        try project.prove("I", language.next.red, message: "I: subtracting")
        try project.prove("V", language.next.green, message: "V: subtracting")
        try project.folder.git("reset", "--quiet", "--soft", "HEAD~2")
        let seen = try project.witness("--phase", "V")
        #expect(seen.isProven, "\(seen)")
        try project.folder.commitAll("V: subtracting, as one commit")
    }
}
