import HiveSignal

/// Jest, by the JSON that it writes itself when all is over.
///
/// Jest runs each test file in a context of its own, but in its own process or a worker that
/// reports to it: what a test does to the process around that context is not seen.
struct JestRunner: TestRunner {
    static let name = "jest"
    private static let file = "jest.json"

    var name: String { Self.name }

    func takes(_ words: [String]) -> Bool {
        words.program.map { words[$0].lastPathPart == "jest" } ?? false
    }

    /// `--ci`: no snapshot is written that was not there.
    func invocation(of words: [String], reportingTo folder: String) -> RunnerInvocation {
        let options = ["--ci", "--json", "--outputFile=\(folder)/\(Self.file)"]
        return RunnerInvocation(words: words.insertingBeforeRest(options))
    }

    func report(of run: FinishedRun) -> RunReport {
        JestReport.read(Self.file, of: run, runner: name, isAssertion: Self.isAssertion)
    }

    /// Jest's own matchers leave a result on the error, Node's assertions their code.
    private static func isAssertion(_ found: JestReport.Case) -> Bool {
        !found.details.isEmpty
            && found.details.allSatisfy {
                $0["matcherResult"]?.objectValue != nil
                    || $0["code"]?.stringValue == "ERR_ASSERTION"
            }
    }
}

/// Vitest, by the JSON that it writes itself when all is over.
struct VitestRunner: TestRunner {
    static let name = "vitest"
    private static let file = "vitest.json"

    var name: String { Self.name }

    func takes(_ words: [String]) -> Bool {
        words.program.map { words[$0].lastPathPart == "vitest" } ?? false
    }

    /// `CI`: no watching for changes, and no snapshot is written that was not there.
    func invocation(of words: [String], reportingTo folder: String) -> RunnerInvocation {
        let options = [
            "--reporter=json", "--outputFile=\(folder)/\(Self.file)", "--retry=0",
        ]
        let own = words.without(options: ["--reporter", "--outputFile", "--retry"])
        return RunnerInvocation(
            words: own.insertingBeforeRest(options),
            environment: ["CI": "true"]
        )
    }

    func report(of run: FinishedRun) -> RunReport {
        JestReport.read(Self.file, of: run, runner: name, isAssertion: Self.isAssertion)
    }

    /// Vitest writes an error's stack, which begins with its name.
    ///
    /// An error that a test gives the same name is not told from Vitest's own.
    private static func isAssertion(_ found: JestReport.Case) -> Bool {
        let names = ["AssertionError: ", "AssertionError [ERR_ASSERTION]: ", "Error: Snapshot "]
        return !found.messages.isEmpty
            && found.messages.allSatisfy { message in
                names.contains { message.hasPrefix($0) }
            }
    }
}

extension JestReport {
    /// Reads what Jest or Vitest left.
    fileprivate static func read(
        _ name: String,
        of run: FinishedRun,
        runner: String,
        isAssertion: (Case) -> Bool
    ) -> RunReport {
        var draft = ReportDraft(runner: runner)
        guard let bytes = run.reports[name] else {
            draft.faultMissing(name, after: run)
            return draft.finished(run)
        }
        do {
            let report = try JestReport(bytes)
            report.faults.forEach { draft.fault($0) }
            report.add(to: &draft, tree: run.folder, isAssertion: isAssertion)
        } catch {
            draft.fault("\(runner)'s report is torn or no JSON: \(error)")
        }
        return draft.finished(run)
    }

    private func add(
        to draft: inout ReportDraft,
        tree: String?,
        isAssertion: (Case) -> Bool
    ) {
        let paths = paths(below: tree)
        for found in cases {
            let file = paths[found.file] ?? found.file
            let name = ([file] + found.titles).joined(separator: " > ")
            if found.isRetried { draft.fault("the test \(name) was run again until it passed") }
            let message = found.messages.first ?? ""
            switch found.status {
            case "passed":
                if !found.messages.isEmpty {
                    draft.fault("the test \(name) passed after it had failed: \(message)")
                }
                draft.add(name, .passed)
            case "failed":
                let kind: TestCase.Failure = isAssertion(found) ? .assertion : .error
                draft.add(name, .failed(kind), message: message)
            case "pending", "skipped", "todo", "disabled": draft.add(name, .skipped)
            default: draft.fault("the test \(name) has a status that is none: \(found.status)")
            }
        }
        for broken in brokenFiles {
            let file = paths[broken.file] ?? broken.file
            draft.add(file, .failed(.error), message: broken.message)
        }
    }
}
