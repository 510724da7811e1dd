/// `swift test`: Swift Testing by its event stream, XCTest by the frame that it prints.
///
/// Both are written in the process that the tests run in. Swift Testing's stream is a file of its
/// own that ends with the run's end, so what tests print is not in it, and a process that ends
/// early leaves it torn. XCTest on Linux has no report but its output; SwiftPM's own one, had with
/// `--parallel`, goes by the exit codes of processes and takes a skipped test, and one that calls
/// exit(0), for passed. So XCTest's frame is read, as `XCTestFrame` says.
struct SwiftRunner: TestRunner {
    static let name = "swift"
    private static let file = "swift-testing.jsonl"

    var name: String { Self.name }

    func takes(_ words: [String]) -> Bool {
        words.count > 1 && words[0].lastPathPart == "swift" && words[1] == "test"
    }

    /// Without `--parallel`, which runs XCTest's tests in processes whose output is not shown.
    func invocation(of words: [String], reportingTo folder: String) -> RunnerInvocation {
        let serial = words.without(options: ["--num-workers"], flags: ["--parallel"])
        let place = serial.firstIndex(of: "test")
        let options = ["--event-stream-output-path", "\(folder)/\(Self.file)"]
        return RunnerInvocation(words: serial.inserting(options, behind: place))
    }

    func report(of run: FinishedRun) -> RunReport {
        var draft = ReportDraft(runner: name)
        let frame = XCTestFrame(run.output)
        frame.faults.forEach { draft.fault($0) }
        for found in frame.cases { draft.add(found.name, found.outcome, message: found.message) }
        if let bytes = run.reports[Self.file] {
            SwiftTestingEvents(bytes).add(to: &draft)
        } else if !frame.isWhole || frame.cases.isEmpty || frame.sawSwiftTesting {
            // With --disable-swift-testing there is none, and XCTest's frame stands for itself.
            draft.faultMissing(Self.file, after: run)
        }
        return draft.finished(run)
    }
}
