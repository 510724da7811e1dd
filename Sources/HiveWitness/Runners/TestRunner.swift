// What a test runner says
//
// Tests print what they like, and an exit code is easily had. So a run is judged by the report that
// the runner itself writes, into a folder outside the tree that is empty when the run begins. Where
// a runner has no report but its output, the reader takes only what the runner's own frame says and
// checks that its counts add up; what does not is a fault, and a report with a fault proves
// nothing.

/// A family of test runners: how it is made to write a report, and how that is read.
package protocol TestRunner: Sendable {
    /// As people call it: `swift test`, `pytest`, `go test`, …
    var name: String { get }

    /// True where these words run this family's tests themselves.
    func takes(_ words: [String]) -> Bool

    /// The words that run the same tests and have the report written.
    ///
    /// `words` is the project's test command; `folder` is where reports go, absolute, as the
    /// program sees it, and empty before the run.
    func invocation(of words: [String], reportingTo folder: String) -> RunnerInvocation

    /// Reads what a run left.
    ///
    /// Nothing in it is trusted: a report that is missing, torn or contradicts itself or the exit
    /// code gives a fault and no trap.
    func report(of run: FinishedRun) -> RunReport
}

/// How a runner is called so that it reports.
package struct RunnerInvocation: Sendable, Hashable {
    package var words: [String]
    /// Variables that it needs beside the clean environment.
    package var environment: [String: String]

    package init(words: [String], environment: [String: String] = [:]) {
        self.words = words
        self.environment = environment
    }
}

/// What a run of the test command left.
package struct FinishedRun: Sendable, Hashable {
    /// The exit code; nil where a signal or the time limit ended it.
    package var exitCode: Int32?
    /// What it printed, at most as much as the limits keep.
    package var output: [UInt8]
    /// The end of what it printed to standard error.
    package var errors: [UInt8]
    /// The files in the report folder after the run, by their names in it.
    package var reports: [String: [UInt8]]
    /// The folder that it ran in, absolute, as the program saw it; nil: not known.
    ///
    /// Some runners name files by absolute paths only.
    package var folder: String?

    package init(
        exitCode: Int32?,
        output: [UInt8],
        errors: [UInt8] = [],
        reports: [String: [UInt8]] = [:],
        folder: String? = nil
    ) {
        self.exitCode = exitCode
        self.output = output
        self.errors = errors
        self.reports = reports
        self.folder = folder
    }
}

/// What the runner itself says of a run.
package struct RunReport: Sendable, Hashable {
    /// The runner's name.
    package var runner: String
    /// One for each test, in the order of their names; no name twice.
    package var cases: [TestCase]
    /// Why it cannot be believed, a line each; empty: it can.
    package var faults: [String]
    /// Which lines of which files the tests ran, by the path in the tree; nil: the runner cannot
    /// say.
    package var covered: [String: Set<Int>]?

    package init(
        runner: String,
        cases: [TestCase] = [],
        faults: [String] = [],
        covered: [String: Set<Int>]? = nil
    ) {
        self.runner = runner
        self.cases = cases
        self.faults = faults
        self.covered = covered
    }
}

/// One test, as its runner names it, and what became of it.
package struct TestCase: Sendable, Hashable {
    package enum Outcome: Sendable, Hashable {
        case passed
        /// It ran and did not hold.
        case failed(Failure)
        /// It did not run, or its failure was expected.
        case skipped
    }

    package enum Failure: String, Sendable, Hashable {
        /// By an assertion: it looked, and what it saw was wrong.
        case assertion
        /// In any other way: an exception, a crash, a time-out, a missing name, a failed set-up.
        case error
    }

    /// Full: with its file, suite or package, so that it is unique in the run.
    package var name: String
    package var outcome: Outcome
    /// What the runner says about it, one line of at most 240 bytes; empty where it passed.
    package var message: String

    package init(name: String, outcome: Outcome, message: String = "") {
        self.name = name
        self.outcome = outcome
        self.message = message
    }
}
