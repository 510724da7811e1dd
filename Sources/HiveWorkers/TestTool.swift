package import HiveProcess
package import HiveSignal

/// Port 4's tool: runs the project's tests and says how they went.
package struct TestTool: Worker {
    /// What the rule book names under `witness`.
    package typealias TestCommand = (words: [String], limits: Command.Limits)

    /// How sure it is where it has counts, where it has an exit code alone, and where it has
    /// nothing.
    private enum Confidence {
        static let counted = 0.9
        static let exitCodeOnly = 0.5
        static let nothing = 0.3
    }

    /// The project's folder, absolute.
    private let folder: String
    private let test: TestCommand?
    private let runs: TestRuns

    /// - `test`: nil where the rule book names no test command.
    package init(folder: String, test: TestCommand?, runs: TestRuns) {
        self.folder = folder
        self.test = test
        self.runs = runs
    }

    /// Failing tests are a good answer; a command that cannot be run to its end is a failure.
    ///
    /// - Throws: `WorkerError.cancelled` alone.
    package func answer(_ assignment: Assignment) async throws(WorkerError) -> Outcome {
        guard let test, !test.words.isEmpty else { return Self.nothingSet }
        let command = Command(
            words: test.words,
            folder: folder,
            hidesSecrets: true,
            isInBackground: true,
            limits: test.limits
        )
        do {
            return outcome(of: try await runs.run(command), test)
        } catch {
            guard error != .cancelled else { throw error }
            return Outcome(
                message: PlainText.oneLine("tests: \(error)"),
                confidence: Confidence.nothing,
                details: ["command": words(test)],
                isFailure: true
            )
        }
    }

    private static let nothingSet = Outcome(
        message: "tests: no test command is set; name one in specs/rules.yaml, such as "
            + "`witness: {test: [make, test]}`",
        confidence: Confidence.nothing
    )

    private func outcome(of run: TestRun, _ test: TestCommand) -> Outcome {
        let isCounted = run.report != nil
        var outcome = Outcome(
            message: message(for: run, test),
            confidence: isCounted ? Confidence.counted : Confidence.exitCodeOnly,
            details: details(of: run, test)
        )
        if !run.isComplete {
            outcome.isFailure = true
            outcome.confidence = Confidence.nothing
        }
        return outcome
    }

    // MARK: Words

    private func message(for run: TestRun, _ test: TestCommand) -> String {
        var text = "tests: \(summary(of: run, test))"
        if run.isReused { text += ", known for this tree" }
        if let failures = run.report?.failures, !failures.isEmpty {
            text += ": failed: \(failures.joined(separator: ", "))"
            let more = (run.report?.failed ?? 0) - failures.count
            if more > 0 { text += " and \(more) more" }
        } else if run.result.ending != .exited(0) {
            let reason = [run.result.errors, run.result.output].lazy
                .map(PlainText.lastLine)
                .first { !$0.isEmpty }
            if let reason { text += ": \(reason)" }
        }
        return text
    }

    private func summary(of run: TestRun, _ test: TestCommand) -> String {
        let time = Seconds.text(run.result.seconds)
        if run.result.isOutputCut {
            return "ended after \(time): more output than \(test.limits.outputBytes >> 10) KiB"
        }
        switch run.result.ending {
        case .timedOut: return "not done after \(Seconds.text(test.limits.seconds)), and ended"
        case .signalled(let number): return "ended by signal \(number) after \(time)"
        case .exited(let code):
            guard let report = run.report else {
                return "exit code \(code) in \(time), no counts in the output"
            }
            // A runner that is content in a command that is not hides something.
            let isOdd = (code == 0) != (report.failed == 0)
            let odd = isOdd ? ", but exit code \(code)" : ""
            return "\(counts(report)) in \(time) (\(report.runner))\(odd)"
        }
    }

    private func counts(_ report: TestReport) -> String {
        guard report.total > 0 else { return "none ran" }
        var parts = ["\(report.passed) passed", "\(report.failed) failed"]
        if report.skipped > 0 { parts.append("\(report.skipped) skipped") }
        return parts.joined(separator: ", ")
    }

    // MARK: Facts

    private func words(_ test: TestCommand) -> JSONValue {
        .array(test.words.map { .string($0) })
    }

    private func details(of run: TestRun, _ test: TestCommand) -> JSONObject {
        var details: JSONObject = ["command": words(test)]
        if case .exited(let code) = run.result.ending { details["exit"] = .integer(Int64(code)) }
        if let report = run.report {
            details["passed"] = .integer(Int64(report.passed))
            details["failed"] = .integer(Int64(report.failed))
            details["skipped"] = .integer(Int64(report.skipped))
        }
        details["seconds"] = .double(Seconds.rounded(run.result.seconds))
        if let failures = run.report?.failures {
            details["failures"] = .array(failures.map { .string($0) })
        }
        if let tree = run.tree { details["tree"] = .string(tree) }
        details["reused"] = .bool(run.isReused)
        return details
    }
}
