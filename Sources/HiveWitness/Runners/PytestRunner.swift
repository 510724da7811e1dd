/// pytest, by the JUnit XML that it writes itself at the end of its session.
///
/// The report is written in the process that the tests run in: what a test does to pytest's own
/// objects, or to the file once pytest has written it, is not seen.
struct PytestRunner: TestRunner {
    static let name = "pytest"
    private static let file = "pytest.xml"

    var name: String { Self.name }

    func takes(_ words: [String]) -> Bool {
        guard let program = words.first?.lastPathPart else { return false }
        if program == "pytest" || program == "py.test" { return true }
        let isPython =
            program.hasPrefix("python")
            && program.dropFirst(6).allSatisfy {
                $0.isNumber || $0 == "."
            }
        guard isPython, let place = words.dropFirst().firstIndex(where: { !$0.hasPrefix("-") })
        else { return false }
        return words[place] == "pytest" && words[place - 1] == "-m"
    }

    /// Plug-ins that run a failing test again are left out: in the report the last try is all that
    /// is left of a test.
    func invocation(of words: [String], reportingTo folder: String) -> RunnerInvocation {
        let options = [
            "-p", "no:cacheprovider", "-p", "no:rerunfailures", "-p", "no:flaky",
            "-p", "no:pytest-retry", "-o", "junit_family=xunit2",
            "--junitxml=\(folder)/\(Self.file)",
        ]
        return RunnerInvocation(words: words.insertingBeforeRest(options))
    }

    func report(of run: FinishedRun) -> RunReport {
        var draft = ReportDraft(runner: name)
        guard let bytes = run.reports[Self.file] else {
            draft.faultMissing(Self.file, after: run)
            return draft.finished(run)
        }
        do {
            let report = try JUnitReport(XMLReader.read(bytes), countsTests: false)
            report.contradictions.forEach { draft.fault($0) }
            add(report.cases, to: &draft)
        } catch {
            draft.fault("pytest's report cannot be read: \(error)")
        }
        checkEnd(of: run, in: &draft)
        return draft.finished(run, codeOfNone: 5)
    }

    // MARK: - Cases

    private func add(_ cases: [JUnitReport.Case], to draft: inout ReportDraft) {
        var failed: Set<String> = []
        for found in cases {
            // A test that ends the session leaves a case without a name.
            guard !found.name.isEmpty else {
                draft.fault("a test ended the session from inside")
                continue
            }
            let name = [found.className, found.name].filter { !$0.isEmpty }.joined(separator: "::")
            // Where the tear-down fails after the test, pytest writes a second case for
            // it. It is the same failure, and no longer one by assertion alone.
            let isTeardown = found.failures.isEmpty && !found.errors.isEmpty
            if isTeardown, failed.remove(name) != nil {
                draft.worsen(name)
                continue
            }
            if !found.failures.isEmpty { failed.insert(name) }
            let (outcome, message) = Self.outcome(of: found)
            draft.add(name, outcome, message: message)
        }
    }

    private static func outcome(of found: JUnitReport.Case) -> (TestCase.Outcome, String) {
        if let error = found.errors.first {
            return (.failed(.error), error.attributes["message"] ?? "")
        }
        let messages = found.failures.map { $0.attributes["message"] ?? "" }
        if let other = messages.first(where: { !isAssertion($0) }) {
            return (.failed(.error), other)
        }
        if let message = messages.first { return (.failed(.assertion), message) }
        if let skip = found.skip { return (.skipped, skip.attributes["message"] ?? "") }
        return (.passed, "")
    }

    /// True where pytest says that an AssertionError or `pytest.fail` ended the test.
    ///
    /// The message starts with what pytest writes: the exception's type, with its module but for
    /// the built-in ones, or, of an `assert` that it rewrote, the word itself. What a test puts
    /// into its exception comes behind that, and cannot turn one type into another.
    private static func isAssertion(_ message: String) -> Bool {
        let line = message.prefix { $0 != "\n" }
        return line == "AssertionError" || line.hasPrefix("AssertionError: ")
            || line.hasPrefix("assert ") || line == "Failed" || line.hasPrefix("Failed: ")
            || line.hasPrefix("[XPASS(strict)]")
    }

    // MARK: - The end

    /// pytest's exit codes: 0 passed, 1 failed, 2 interrupted, 3 internal error, 4 usage, 5 none.
    private func checkEnd(of run: FinishedRun, in draft: inout ReportDraft) {
        switch run.exitCode {
        case 2? where !draft.hasFailures:
            draft.fault("pytest was interrupted")
        case 3?: draft.fault("pytest had an internal error: \(ReportDraft.lastWords(of: run))")
        case 4?: draft.fault("pytest refused its options: \(ReportDraft.lastWords(of: run))")
        default: break
        }
        // Tests print here, too; but all that they can bring about with it is a fault.
        let end = run.output.suffix(Self.endBytesMax).split(separator: 0x0A).suffix(8)
        for line in end.map({ String(decoding: $0, as: UTF8.self) }) {
            if line.contains(" rerun") && line.contains(" passed") {
                draft.fault("tests were run again until they passed: \(line)")
            }
            if line.hasPrefix("!!!!") && line.contains("Exit:") {
                draft.fault("a test ended the session from inside: \(line)")
            }
        }
    }

    private static let endBytesMax = 4_096
}
