import HiveProcess

/// A report while it is being read: it keeps the names unique and everything bounded.
struct ReportDraft {
    static let casesMax = 50_000
    static let nameBytesMax = 1_024
    static let faultsMax = 16
    /// How much of a message is looked at before it is made one line, bytes.
    static let messageBytesRead = 4_096

    let runner: String
    var covered: [String: Set<Int>]?
    private var cases: [String: TestCase] = [:]
    private var faults: [String] = []
    private var faultsLeftOut = 0

    init(runner: String) {
        self.runner = runner
    }

    var isEmpty: Bool { cases.isEmpty }

    var hasFailures: Bool { cases.values.contains { $0.outcome.isFailure } }

    /// Says why the report cannot be believed, on one line.
    mutating func fault(_ reason: String) {
        guard faults.count < Self.faultsMax else {
            faultsLeftOut += 1
            return
        }
        faults.append(Self.line(reason))
    }

    /// Takes a test; one that is there already is a fault, and the worse outcome counts.
    mutating func add(_ name: String, _ outcome: TestCase.Outcome, message: String = "") {
        guard name.utf8.count <= Self.nameBytesMax else {
            return fault("a test's name is longer than \(Self.nameBytesMax) bytes: \(name)")
        }
        let name = PlainText.oneLine(name)
        guard !name.isEmpty else { return fault("a test has no name") }
        guard cases.count < Self.casesMax || cases[name] != nil else {
            return fault("there are more than \(Self.casesMax) tests")
        }
        if let other = cases[name] {
            fault("the test \(name) is there twice: run it once, and give each test its own name")
            guard outcome.rank > other.outcome.rank else { return }
        }
        let message = outcome == .passed ? "" : Self.line(message)
        cases[name] = TestCase(name: name, outcome: outcome, message: message)
    }

    /// Makes the failure of a test that is there one that was not by assertion alone.
    mutating func worsen(_ name: String) {
        cases[PlainText.oneLine(name)]?.outcome = .failed(.error)
    }

    /// The report, once what the exit code says has been compared with what the tests say.
    ///
    /// `codeOfNone` is the exit code with which the runner says that there are no tests.
    consuming func finished(_ run: FinishedRun, codeOfNone: Int32 = 0) -> RunReport {
        if run.exitCode != codeOfNone || !isEmpty { compare(with: run) }
        if faultsLeftOut > 0 { faults.append("and \(faultsLeftOut) more faults") }
        return RunReport(
            runner: runner,
            cases: cases.values.sorted { $0.name < $1.name },
            faults: faults,
            covered: covered
        )
    }

    /// Says that the file which the runner should have written is not there.
    mutating func faultMissing(_ file: String, after run: FinishedRun) {
        fault("\(runner) left no report (\(file)); it ended with: \(Self.lastWords(of: run))")
    }

    /// The last line of standard error that says something, else of the output.
    static func lastWords(of run: FinishedRun) -> String {
        let tail = run.output.suffix(CommandRunner.errorBytesMax)
        let words = [PlainText.lastLine(run.errors), PlainText.lastLine(tail)]
        return words.first { !$0.isEmpty } ?? "no word"
    }

    /// One plain line of at most `PlainText.lineBytesMax` bytes.
    static func line(_ text: some StringProtocol) -> String {
        let start = String(decoding: text.utf8.prefix(messageBytesRead), as: UTF8.self)
        return PlainText.cut(PlainText.oneLine(start), toBytes: PlainText.lineBytesMax)
    }

    private mutating func compare(with run: FinishedRun) {
        switch run.exitCode {
        case nil:
            fault("\(runner) was ended by a signal or the time limit, not by itself")
        case 0? where hasFailures:
            fault("\(runner) says by its exit code 0 that all is well, yet tests failed")
        case let code? where code != 0 && !hasFailures && faults.isEmpty:
            fault(
                "\(runner) ended with exit code \(code), yet no test failed: "
                    + Self.lastWords(of: run)
            )
        default: break
        }
    }
}

extension TestCase.Outcome {
    var isFailure: Bool {
        if case .failed = self { true } else { false }
    }

    /// How bad it is: of two outcomes of one name the worse is kept.
    fileprivate var rank: Int {
        switch self {
        case .passed: 0
        case .skipped: 1
        case .failed(.assertion): 2
        case .failed(.error): 3
        }
    }
}
