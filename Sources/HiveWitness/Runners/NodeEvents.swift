import HiveSignal

/// What `NodeReporter` wrote.
struct NodeEvents {
    private struct Result {
        var path: [String]
        var outcome: TestCase.Outcome
        var message: String
        /// True where it failed only because tests inside of it did.
        var isSummary: Bool
        var isSuite: Bool
        /// True for a test file itself.
        var isFile: Bool
    }

    /// A test that was queued, where it stands in its file.
    private struct Place: Hashable {
        var file: String
        var name: String
        var nesting: Int64
        var place: String
    }

    static let nestingMax = 64

    private var results: [Result] = []
    private var waiting: [Place: Int] = [:]
    /// The tests that have started, from the outermost inwards: results of inner ones come first.
    private var started: [String] = []
    private var covered: [String: Set<Int>] = [:]
    private var isEnded = false
    private var faults: [String] = []

    init(_ bytes: [UInt8]) {
        for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: true) {
            guard let event = try? JSONValue(parsing: Array(line)), !isEnded else {
                faults.append("the report of node --test is torn or was written to by a test")
                break
            }
            take(event)
        }
        if !isEnded { faults.append("the report of node --test has no end: node did not finish") }
        for place in waiting.filter({ $0.value > 0 }).keys.sorted(by: { $0.name < $1.name }) {
            faults.append(
                "the test \(place.name) in \(place.file) has no result: its file was ended early"
            )
        }
    }

    private mutating func take(_ event: JSONValue) {
        switch event["type"]?.stringValue {
        case "enqueue": queue(event, change: 1)
        case "start": start(event)
        case "pass", "fail":
            queue(event, change: -1)
            end(event)
        case "coverage": cover(event)
        case "end": isEnded = true
        default: faults.append("the report of node --test was written to by a test")
        }
    }

    /// Node queues a test before it runs; a suite whose hook fails never queues its tests.
    private mutating func queue(_ event: JSONValue, change: Int) {
        guard event["isFile"]?.boolValue != true else { return }
        let place = Place(
            file: event["file"]?.stringValue ?? "",
            name: event["name"]?.stringValue ?? "",
            nesting: event["nesting"]?.integerValue ?? 0,
            place: event["place"]?.stringValue ?? ""
        )
        waiting[place, default: 0] += change
    }

    private mutating func start(_ event: JSONValue) {
        guard let name = event["name"]?.stringValue,
            let nesting = event["nesting"]?.integerValue.flatMap({ Int(exactly: $0) }),
            (0...min(started.count, Self.nestingMax)).contains(nesting)
        else {
            faults.append("a test of node's begins out of order")
            return
        }
        started.removeLast(started.count - nesting)
        let file = event["file"]?.stringValue ?? ""
        let isFile = event["isFile"]?.boolValue == true
        started.append(nesting == 0 && !isFile ? "\(file) > \(name)" : name)
    }

    private mutating func end(_ event: JSONValue) {
        guard let nesting = event["nesting"]?.integerValue.flatMap({ Int(exactly: $0) }),
            started.indices.contains(nesting)
        else {
            faults.append("a test of node's ends that never began")
            return
        }
        started.removeLast(started.count - nesting - 1)
        let failure = event["failure"]?.stringValue
        var result = Result(
            path: started,
            outcome: .passed,
            message: event["message"]?.stringValue ?? "",
            isSummary: failure == "subtestsFailed",
            isSuite: event["isSuite"]?.boolValue == true,
            isFile: event["isFile"]?.boolValue == true
        )
        if event["skip"]?.boolValue == true || event["todo"]?.boolValue == true {
            result.outcome = .skipped
        } else if event["type"]?.stringValue == "fail" {
            let isAssertion = failure == "testCodeFailure" && event["assertion"]?.boolValue == true
            result.outcome = .failed(isAssertion ? .assertion : .error)
        }
        results.append(result)
    }

    private mutating func cover(_ event: JSONValue) {
        guard let file = event["file"]?.stringValue, let lines = event["lines"]?.arrayValue else {
            return
        }
        covered[file] = Set(lines.compactMap { $0.integerValue.flatMap { Int(exactly: $0) } })
    }
}

// MARK: - The report

extension NodeEvents {
    /// Puts the tests that ran, and the faults, into a report.
    func add(to draft: inout ReportDraft) {
        faults.forEach { draft.fault($0) }
        if !covered.isEmpty { draft.covered = covered }
        // What sums up its tests comes behind them and fails as they do.
        var isError: [[String]: Bool] = [:]
        for result in results {
            var outcome = result.outcome
            let inner = isError[result.path]
            if result.isSummary, outcome.isFailure, inner == false {
                outcome = .failed(.assertion)
            }
            if case .failed(let failure) = outcome {
                let parent = Array(result.path.dropLast())
                isError[parent] = isError[parent] == true || failure == .error
            }
            // A suite is no test, and a file is none that only loads; both are told where they
            // themselves fail.
            let isTest = !result.isSuite && !result.isFile
            guard isTest || (outcome.isFailure && !(result.isSummary && inner != nil)) else {
                continue
            }
            let name = result.path.joined(separator: " > ")
            draft.add(name, outcome, message: result.message)
        }
    }
}
