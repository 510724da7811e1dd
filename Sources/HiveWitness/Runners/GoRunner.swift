/// `go test`, by the events of its `-json`.
///
/// The events are made by the go tool, but out of what the test program prints. From Go 1.20 on
/// its own lines carry a mark that only a program which means to forge them would print; before,
/// any printed line will do. `GoEvents` says what is checked.
struct GoRunner: TestRunner {
    static let name = "go"
    private static let file = "cover.out"

    var name: String { Self.name }

    func takes(_ words: [String]) -> Bool {
        words.count > 1 && words[0].lastPathPart == "go" && words[1] == "test"
    }

    /// Nothing from the cache: a result from there was not seen.
    func invocation(of words: [String], reportingTo folder: String) -> RunnerInvocation {
        let options = ["-json", "-count=1", "-coverprofile=\(folder)/\(Self.file)"]
        let place = words.place(of: ["go"]).flatMap { words[$0...].firstIndex(of: "test") }
        return RunnerInvocation(words: words.inserting(options, behind: place))
    }

    func report(of run: FinishedRun) -> RunReport {
        var draft = ReportDraft(runner: name)
        let events = GoEvents(run.output)
        events.add(to: &draft)
        if events.isEmpty, run.exitCode != 0 {
            draft.fault("go test ran nothing: \(ReportDraft.lastWords(of: run))")
        }
        if let bytes = run.reports[Self.file] {
            draft.covered = GoCoverProfile(bytes, packages: events.packageNames)?.covered
        }
        return draft.finished(run)
    }
}
