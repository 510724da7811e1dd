import HiveSignal

/// Swift Testing's event stream: JSON lines of tests and of what happened to them (its ABI,
/// versions 0 to 6.3).
struct SwiftTestingEvents {
    private struct Test {
        var name: String
        var isSuite: Bool
        var isStarted = false
        var isEnded = false
        var isSkipped = false
        var isKnownToFail = false
        var saysFailed = false
        /// What failed: the first message, and whether each was an expectation's.
        var failure: (kind: TestCase.Failure, message: String)?
        var reason = ""
    }

    /// By the ids of the stream.
    private var tests: [String: Test] = [:]
    private var isRunning = false
    private var isEnded = false
    private var faults: [String] = []

    init(_ bytes: [UInt8]) {
        for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: true) {
            guard let record = try? JSONValue(parsing: Array(line)), let payload = record["payload"]
            else {
                faults.append("Swift Testing's event stream is torn or no JSON")
                return
            }
            if isEnded { faults.append("Swift Testing's event stream goes on behind its end") }
            switch record["kind"]?.stringValue {
            case "test": list(payload)
            case "event": take(payload)
            default: break
            }
        }
        if !isEnded {
            faults.append("Swift Testing's run has no end: its process crashed or called exit")
        }
    }

    /// Puts the tests that ran, and the faults, into a report.
    func add(to draft: inout ReportDraft) {
        faults.forEach { draft.fault($0) }
        for test in tests.values.sorted(by: { $0.name < $1.name }) {
            if test.isStarted, !test.isEnded, !test.isSkipped, isEnded {
                draft.fault("the test \(test.name) began and did not end")
            }
            if test.isEnded, !test.isSuite, test.saysFailed != (test.failure != nil) {
                draft.fault("the test \(test.name) ended otherwise than its issues say")
            }
            guard !test.isSuite || test.failure != nil else { continue }
            if let failure = test.failure {
                draft.add(test.name, .failed(failure.kind), message: failure.message)
            } else if test.isSkipped || test.isKnownToFail {
                draft.add(test.name, .skipped, message: test.reason)
            } else if test.isEnded {
                draft.add(test.name, .passed)
            } else if test.isStarted {
                draft.add(test.name, .failed(.error), message: "it did not end")
            }
        }
    }
}

// MARK: - Records

extension SwiftTestingEvents {
    private mutating func list(_ payload: JSONValue) {
        guard let id = payload["id"]?.stringValue else { return }
        guard tests[id] == nil else {
            faults.append("Swift Testing lists the test \(id) twice")
            return
        }
        let isSuite = payload["kind"]?.stringValue == "suite"
        tests[id] = Test(name: Self.name(id: id, payload), isSuite: isSuite)
    }

    /// The id without the line, which moves with every edit above it.
    private static func name(id: String, _ payload: JSONValue) -> String {
        guard let place = payload["sourceLocation"], let line = place["line"]?.integerValue,
            let column = place["column"]?.integerValue, let file = place["fileID"]?.stringValue
        else { return id }
        let end = "/\(file.lastPathPart):\(line):\(column)"
        return id.hasSuffix(end) ? String(id.dropLast(end.count)) : id
    }

    private mutating func take(_ event: JSONValue) {
        switch event["kind"]?.stringValue {
        case "runStarted":
            if isRunning { faults.append("Swift Testing's run begins twice in one stream") }
            isRunning = true
        case "runEnded": isEnded = true
        case "testStarted":
            change(event) { test, faults in
                if test.isStarted { faults.append("the test \(test.name) was run again") }
                test.isStarted = true
            }
        case "testEnded":
            change(event) { test, faults in
                if !test.isStarted || test.isEnded {
                    faults.append("the test \(test.name) ends without a beginning")
                }
                test.isEnded = true
                test.saysFailed = Self.symbol(of: event) == "fail"
            }
        case "testSkipped", "testCancelled":
            change(event) { test, _ in
                test.isSkipped = true
                test.reason = Self.text(of: event)
            }
        case "issueRecorded": record(event)
        default: break
        }
    }

    private mutating func record(_ event: JSONValue) {
        let issue = event["issue"]
        let isKnown = issue?["isKnown"]?.boolValue == true
        let isWarning = issue?["severity"]?.stringValue == "warning"
        let isFailure = issue?["isFailure"]?.boolValue ?? !(isKnown || isWarning)
        let text = Self.text(of: event)
        guard event["testID"]?.stringValue != nil else {
            if isFailure { faults.append("an issue belongs to no test: \(text)") }
            return
        }
        change(event) { test, _ in
            if isKnown {
                test.isKnownToFail = true
                test.reason = text
            }
            guard isFailure else { return }
            let kind: TestCase.Failure =
                Self.isAssertion(text) && !test.isSuite ? .assertion : .error
            if let failure = test.failure {
                test.failure?.kind = failure.kind == .error ? .error : kind
            } else {
                test.failure = (kind, text)
            }
        }
    }

    /// The stream does not say an issue's kind, but its first message begins with words of Swift
    /// Testing's own for it; a test's comment is a message behind that.
    private static func isAssertion(_ text: String) -> Bool {
        ["Expectation failed", "Issue recorded", "Confirmation was confirmed"].contains {
            text.hasPrefix($0)
        }
    }

    private mutating func change(
        _ event: JSONValue,
        _ body: (inout Test, inout [String]) -> Void
    ) {
        guard let id = event["testID"]?.stringValue else { return }
        guard var test = tests[id] else {
            faults.append("Swift Testing's stream speaks of a test that it did not list: \(id)")
            return
        }
        body(&test, &faults)
        tests[id] = test
    }

    private static func symbol(of event: JSONValue) -> String? {
        event["messages"]?.arrayValue?.first?["symbol"]?.stringValue
    }

    private static func text(of event: JSONValue) -> String {
        let messages = event["messages"]?.arrayValue ?? []
        return messages.compactMap { $0["text"]?.stringValue }.joined(separator: ": ")
    }
}
