// The frame that XCTest prints around its tests
//
// XCTest on Linux has no other report, and tests can print the same lines. But it runs its tests
// one after another, says of each when it begins and how it ended, and counts tests, skips and
// failures suite by suite. So a line that a test prints stands inside of that test's own frame,
// where no other test can begin or end, or it spoils the count. There is one frame, even where
// there are no tests of XCTest's, and it comes before Swift Testing begins: what tests of Swift
// Testing print is behind it, and not looked at.
//
// What gets through: a test that prints the rest of the frame, with counts that fit, and ends the
// process before XCTest can print it.

/// XCTest's tests, as its printed frame tells them.
struct XCTestFrame {
    struct Case {
        var name: String
        var outcome: TestCase.Outcome
        var message: String
    }

    private struct Suite {
        var name: String
        var counts = Counts()
    }

    struct Counts: Equatable {
        var tests = 0
        var skipped = 0
        var failures = 0
        var unexpected = 0

        mutating func add(_ other: Counts) {
            tests += other.tests
            skipped += other.skipped
            failures += other.failures
            unexpected += other.unexpected
        }
    }

    /// A test that has begun.
    private struct Open {
        var name: String
        var messages: [(text: String, isUnexpected: Bool)] = []
        var skipReason = ""
    }

    private(set) var cases: [Case] = []
    private(set) var faults: [String] = []
    /// True once the outermost suite has ended with its counts.
    private(set) var isWhole = false
    /// True where Swift Testing said that it began.
    private(set) var sawSwiftTesting = false
    private var suites: [Suite] = []
    private var open: Open?
    /// The suite that has ended and whose counts come next.
    private var ended: Suite?
    private var isBegun = false

    init(_ output: [UInt8]) {
        for line in output.split(separator: 0x0A, omittingEmptySubsequences: true) {
            take(String(decoding: line, as: UTF8.self))
        }
        if isBegun, !isWhole {
            let place = open.map { " in \($0.name)" } ?? ""
            faults.append("XCTest's run has no end: its process crashed or called exit\(place)")
        }
    }

    private mutating func take(_ line: String) {
        guard !sawSwiftTesting else { return }
        // A test may have printed without a newline in front of XCTest's own words.
        if let found = XCTestLine(line) {
            take(found)
        } else if let open, let error = XCTestLine.error(in: line, of: open.name) {
            self.open?.messages.append(error)
        } else if let open, let reason = XCTestLine.skip(in: line, of: open.name) {
            self.open?.skipReason = reason
        } else if open == nil, line.hasSuffix("Test run started.") {
            sawSwiftTesting = true
        }
    }

    private mutating func take(_ line: XCTestLine) {
        switch line {
        case .suiteBegan(let name): begin(suite: name)
        case .suiteEnded(let name): end(suite: name)
        case .caseBegan(let name): begin(name)
        case .caseEnded(let name, let word): end(name, word)
        case .counts(let counts): compare(counts)
        }
    }

    private mutating func begin(suite name: String) {
        guard !isWhole, open == nil, ended == nil else {
            faults.append("XCTest's suite \(name) begins where none can: a test printed it")
            return
        }
        isBegun = true
        suites.append(Suite(name: name))
    }

    private mutating func end(suite name: String) {
        guard open == nil, suites.last?.name == name, ended == nil else {
            faults.append("XCTest's suite \(name) ends where it cannot: a test printed it")
            return
        }
        ended = suites.popLast()
    }

    private mutating func compare(_ counts: Counts) {
        // Anybody may print such a line; only behind the end of a suite it is XCTest's.
        guard let suite = ended else { return }
        ended = nil
        if counts != suite.counts {
            faults.append("XCTest counts otherwise than its lines in the suite \(suite.name)")
        }
        if suites.isEmpty {
            isWhole = true
        } else {
            suites[suites.count - 1].counts.add(suite.counts)
        }
    }

    private mutating func begin(_ name: String) {
        guard open == nil, !suites.isEmpty, ended == nil else {
            faults.append("the test \(name) begins where none can: a test printed it")
            return
        }
        open = Open(name: name)
    }

    private mutating func end(_ name: String, _ word: Substring) {
        guard let test = open, test.name == name, !suites.isEmpty else {
            faults.append("the test \(name) ends where it cannot: a test printed it")
            return
        }
        open = nil
        var counts = Counts(tests: 1, failures: test.messages.count)
        counts.unexpected = test.messages.count { $0.isUnexpected }
        var found = Case(name: name, outcome: .passed, message: "")
        switch word {
        case "failed":
            found.outcome = .failed(counts.unexpected == 0 ? .assertion : .error)
            found.message = test.messages.first?.text ?? ""
            let isTimeOut = test.messages.contains { $0.text.hasPrefix("Asynchronous wait failed") }
            if isTimeOut || test.messages.isEmpty { found.outcome = .failed(.error) }
        case "skipped":
            counts.skipped = 1
            found.outcome = .skipped
            found.message = test.skipReason
        default: break
        }
        if word != "failed", !test.messages.isEmpty {
            faults.append("the test \(name) \(word), yet it has failures")
        }
        suites[suites.count - 1].counts.add(counts)
        cases.append(found)
    }
}
