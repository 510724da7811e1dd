import HiveSignal
import Testing

@testable import HiveWitness

@Suite struct FindingTests {
    private func run(
        passed: [String] = [],
        asserted: [String] = [],
        errors: [String] = [],
        skipped: [String] = [],
        exit: Int32? = nil,
        faults: [String] = []
    ) -> Tally {
        let cases =
            passed.map { TestCase(name: $0, outcome: .passed) }
            + asserted.map { TestCase(name: $0, outcome: .failed(.assertion)) }
            + errors.map { TestCase(name: $0, outcome: .failed(.error)) }
            + skipped.map { TestCase(name: $0, outcome: .skipped) }
        let report = RunReport(runner: "test", cases: cases, faults: faults)
        return Tally(report, exitCode: exit ?? (asserted.isEmpty && errors.isEmpty ? 0 : 1))
    }

    private func red(_ proving: [String], passed: [String] = [], skipped: [String] = []) -> Receipt
    {
        var receipt = Receipt(
            kind: .red,
            isProven: true,
            tree: "t",
            base: "b",
            command: ["test"],
            runner: "test",
            rules: "r",
            pinsDigest: "p",
            codeDigest: "c",
            baseCodeDigest: "c",
            sandbox: "bubblewrap",
            timestamp: "2026-11-21T12:00:00.000Z"
        )
        receipt.proving = proving
        receipt.failed = proving
        receipt.passed = passed
        receipt.skipped = skipped
        return receipt
    }

    // MARK: Red

    @Test func `a test that fails by assertion twice is red`() {
        let seen = run(passed: ["a"], asserted: ["b"])
        let finding = Finding.red(first: seen, second: seen)
        #expect(finding.isProven)
        #expect(finding.proving == ["b"])
    }

    @Test func `an exception, a passing run and no test at all are not red`() {
        for seen in [run(errors: ["a"]), run(passed: ["a"]), run(), run(skipped: ["a"])] {
            #expect(!Finding.red(first: seen, second: seen).isProven)
        }
    }

    @Test func `what fails once only is not red, and is told`() {
        let finding = Finding.red(
            first: run(asserted: ["a", "b"]),
            second: run(passed: ["a"], asserted: ["b"])
        )
        #expect(finding.proving == ["b"])
        #expect(finding.notes.contains { $0.contains("not the same twice: a") })
    }

    @Test func `a report with a fault proves nothing`() {
        let seen = run(asserted: ["a"], faults: ["the report is torn"])
        let finding = Finding.red(first: seen, second: seen)
        #expect(!finding.isProven)
        #expect(finding.notes.first?.contains("the report is torn") == true)
    }

    // MARK: Green

    @Test func `green is the red tests passing with all else as it was`() {
        let finding = Finding.green(
            run(passed: ["a", "b"], skipped: ["s"]),
            red: red(["b"], passed: ["a"], skipped: ["s"])
        )
        #expect(finding.isProven)
        #expect(finding.proving == ["b"])
    }

    @Test func `a test that is gone or newly skipped is a hack`() {
        let gone = Finding.green(run(passed: ["b"]), red: red(["b"], passed: ["a"]))
        #expect(gone.violations == ["REWARD_HACK"])
        let skipped = Finding.green(
            run(passed: ["b"], skipped: ["a"]),
            red: red(["b"], passed: ["a"])
        )
        #expect(skipped.violations == ["REWARD_HACK"])
    }

    @Test func `a skipped red test, a failing one and a bad exit code are not green`() {
        #expect(!Finding.green(run(passed: ["a"], skipped: ["b"]), red: red(["b"])).isProven)
        #expect(!Finding.green(run(asserted: ["b"]), red: red(["b"])).isProven)
        #expect(!Finding.green(run(passed: ["b"], exit: 3), red: red(["b"])).isProven)
    }

    @Test func `a red that passes without the change is spent`() {
        var finding = Finding()
        finding.reverted(run(passed: ["b"]), red: red(["b"]), byAssertion: true)
        #expect(finding.violations == ["REWARD_HACK"])
    }

    @Test func `on the code of the red it must fail by assertion, elsewhere in any way`() {
        var strict = Finding()
        strict.reverted(run(errors: ["b"]), red: red(["b"]), byAssertion: true)
        #expect(!strict.isProven)
        var loose = Finding()
        loose.reverted(run(errors: ["b"]), red: red(["b"]), byAssertion: false)
        #expect(loose.isProven)
    }

    // MARK: Refactor

    @Test func `a refactor keeps what passed, and may add`() {
        let base = run(passed: ["a"])
        #expect(Finding.refactor(run(passed: ["a", "b"]), base: base).isProven)
        #expect(!Finding.refactor(run(passed: ["b"]), base: base).isProven)
        #expect(!Finding.refactor(run(passed: ["a"], asserted: ["b"]), base: base).isProven)
        #expect(!Finding.refactor(run(passed: ["b"]), base: run()).isProven)
    }

    // MARK: Lines of a difference

    @Test func `added lines are counted by the new file's numbers`() {
        let difference = """
            --- a/x.py
            +++ b/x.py
            @@ -1,3 +1,4 @@ def f():
             one
            -two
            +zwei
            +drei
             vier
            @@ -10,0 +12 @@
            +zwölf
            \\ No newline at end of file
            """
        #expect(ChangedLines.added(in: difference) == [2, 3, 12])
    }

    @Test(arguments: ["", "@@", "@@ x", "@@ -1 +", "+++ b", "+lonely"])
    func `what is no difference adds nothing`(_ text: String) {
        #expect(ChangedLines.added(in: text).isEmpty)
    }
}

@Suite struct CommitClaimTests {
    private func claim(_ subject: String, trailers: String = "") -> String? {
        let commit = CommitInfo(
            id: "c",
            tree: "t",
            parents: [],
            author: "a",
            authorEmail: "a@a",
            time: 0,
            subject: subject,
            body: "",
            trailers: trailers
        )
        return CommitClaim(commit).phase?.letter
    }

    @Test func `a commit says its phase by trailer, letter or conventional type`() {
        #expect(claim("V: it works") == "V")
        #expect(claim("feat(parser)!: it works") == "V")
        #expect(claim("test: it fails") == "I")
        #expect(claim("docs: it reads") == "H")
        #expect(claim("refactor: it is shorter") == "E")
        #expect(claim("V: it works", trailers: "Hive-Phase: E\n") == "E")
        #expect(claim("V: it works", trailers: "hive-phase:I") == "I")
    }

    @Test func `what names no phase claims none`() {
        #expect(claim("it works") == nil)
        #expect(claim("chore: a bump") == nil)
        #expect(claim("X: an emergency") == nil)
        #expect(claim("V") == nil)
        #expect(claim("feature: it works") == nil)
        #expect(claim("fix it: now") == nil)
        #expect(claim("it works", trailers: "Hive-Phase: X") == nil)
    }
}
