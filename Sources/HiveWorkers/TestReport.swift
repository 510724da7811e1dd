import HiveProcess

// How a report is read
//
// Test runners say what happened in text that people read, and no two alike. Each family of
// runners has a reader: a function from the lines of the output to a report, or nil where the
// family has not spoken. A command may run several (`make test`), so what they read is added up;
// families are cut so that no two count the same test.
//
// A reader counts tests, not assertions. It goes by whole lines at their beginning, as a test's
// own output is in the same text. A report is a convenience, and proves nothing: see the witness.

/// What the output of a test command says about its tests.
package struct TestReport: Sendable, Hashable {
    /// How many names of failed tests are kept, of at most 200 bytes each.
    package static let failuresMax = 10

    /// Who ran the tests: `swift test`, `pytest`, …; several are joined by ` + `.
    package var runner: String
    package var passed: Int
    package var failed: Int
    package var skipped: Int
    /// Names of failed tests in the order they failed, at most `failuresMax`.
    package private(set) var failures: [String] = []

    init(_ runner: String, passed: Int = 0, failed: Int = 0, skipped: Int = 0) {
        self.runner = runner
        self.passed = passed
        self.failed = failed
        self.skipped = skipped
    }

    /// Reads what a test command wrote; nil where no known runner has spoken.
    package init?(output: [UInt8], errors: [UInt8] = []) {
        let lines = ReportLine.lines(of: output) + ReportLine.lines(of: errors)
        let reports = Self.readers.compactMap { $0(lines) }
        guard var report = reports.first else { return nil }
        for other in reports.dropFirst() { report.add(other) }
        self = report
    }

    private static let readers: [@Sendable ([ReportLine]) -> TestReport?] = [
        swiftTest, pytest, unittest, goTest, cargoTest, jest, vitest, nodeOrTAP, surefire, gradle,
        junitConsole,
    ]

    /// How many tests there were.
    package var total: Int { passed + failed + skipped }

    mutating func addFailure(_ name: some StringProtocol) {
        let name = PlainText.cut(PlainText.oneLine(String(name)), toBytes: 200)
        guard !name.isEmpty, failures.count < Self.failuresMax, !failures.contains(name) else {
            return
        }
        failures.append(name)
    }

    private mutating func add(_ other: TestReport) {
        runner += " + \(other.runner)"
        passed += other.passed
        failed += other.failed
        skipped += other.skipped
        for name in other.failures { addFailure(name) }
    }
}

extension TestReport? {
    /// Adds the counts of one summary of several.
    ///
    /// - `runner`: whose summary it is; the first one begins the report.
    mutating func add(_ runner: String, passed: Int = 0, failed: Int = 0, skipped: Int = 0) {
        var report = self ?? TestReport(runner)
        report.passed += passed
        report.failed += failed
        report.skipped += skipped
        self = report
    }

    /// Adds the counts of a summary that does not say how many passed.
    mutating func add(_ runner: String, total: Int, failed: Int, skipped: Int) {
        let passed = Swift.max(0, total - failed - skipped)
        add(runner, passed: passed, failed: failed, skipped: skipped)
    }

    mutating func addFailures(_ names: [Substring]) {
        for name in names { self?.addFailure(name) }
    }
}

/// A line of a test runner's output, without escape sequences.
struct ReportLine: Sendable {
    /// With the white space in front, which some runners nest by.
    let indented: Substring
    /// Without white space at both ends.
    let text: Substring

    init(_ line: Substring) {
        indented = line
        let start = line.drop(while: \.isWhitespace)
        let isPadded = start.last?.isWhitespace == true
        text =
            isPadded ? start[...(start.lastIndex { !$0.isWhitespace } ?? start.startIndex)] : start
    }

    var isIndented: Bool { indented.startIndex != text.startIndex }

    /// The lines that are not blank.
    static func lines(of output: [UInt8]) -> [ReportLine] {
        output.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }).compactMap { bytes in
            // Most lines are plain already, and there may be a great many.
            let isPlain = !bytes.contains { $0 == 0x1B || $0 == 0 }
            let text = isPlain ? String(decoding: bytes, as: UTF8.self) : PlainText.clean(bytes)
            let line = ReportLine(text[...])
            return line.text.isEmpty ? nil : line
        }
    }

    /// What follows `prefix`; nil where the line does not begin with it.
    func after(_ prefix: String) -> Substring? {
        text.hasPrefix(prefix) ? text.dropFirst(prefix.count) : nil
    }

    /// What follows a symbol beyond ASCII and the space behind it, as in `✔ Test …`.
    var behindSymbol: Substring? {
        guard let symbol = text.unicodeScalars.first, !symbol.isASCII,
            let space = text.firstIndex(of: " ")
        else { return nil }
        return text[space...].drop { $0 == " " }
    }
}

/// Numbers in the summaries of test runners.
enum Tally {
    /// `1 failed, 2 passed` as ["failed": 1, "passed": 2]; parts of another form are left out.
    static func numberThenWord(
        _ text: Substring,
        separator: Character = ","
    ) -> [Substring: Int] {
        var tally: [Substring: Int] = [:]
        for part in text.split(separator: separator) {
            let words = part.split(separator: " ")
            guard words.count >= 2, let number = count(words[0]) else { continue }
            tally[words[1]] = number
        }
        return tally
    }

    /// `Failures: 1, Errors: 0` as ["Failures": 1, "Errors": 0]; `=` will do for the colon.
    static func wordThenNumber(_ text: Substring) -> [Substring: Int] {
        var tally: [Substring: Int] = [:]
        for part in text.split(separator: ",") {
            let words = part.split { $0 == ":" || $0 == "=" }.map { ReportLine($0).text }
            guard words.count == 2, let number = count(words[1]) else { continue }
            tally[words[0]] = number
        }
        return tally
    }

    /// A count of tests; nil for what is none, or absurdly large.
    static func count(_ digits: Substring) -> Int? {
        guard digits.utf8.count <= 9, digits.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else {
            return nil
        }
        return Int(digits)
    }
}
