/// Any command that writes TAP 13 or 14 to the file that `{report}` in its words stands for.
///
/// Nothing is known of the program: the tests may well run in the process that writes the report.
struct TAPRunner: TestRunner {
    static let name = "tap"
    private static let file = "report.tap"

    var name: String { Self.name }

    /// Never: only the rule book can say what a program writes.
    func takes(_ words: [String]) -> Bool { false }

    func invocation(of words: [String], reportingTo folder: String) -> RunnerInvocation {
        RunnerInvocation(words: words.naming(report: "\(folder)/\(Self.file)"))
    }

    func report(of run: FinishedRun) -> RunReport {
        var draft = ReportDraft(runner: name)
        guard let bytes = run.reports[Self.file] else {
            draft.faultMissing(Self.file, after: run)
            draft.fault(ReportPlace.hint)
            return draft.finished(run)
        }
        let reader = TAPReader(bytes)
        for fault in reader.faults { draft.fault("the TAP report contradicts itself: \(fault)") }
        add(reader.points, to: &draft)
        return draft.finished(run)
    }

    private func add(_ points: [TAPReader.Point], to draft: inout ReportDraft) {
        // Behind its subtests comes the point that sums them up: it fails as they do.
        var isError: [[String]: Bool] = [:]
        for point in points {
            let name = point.path.joined(separator: " > ")
            let message = point.details["message"] ?? point.details["error"] ?? ""
            if let directive = point.directive {
                draft.add(name, .skipped, message: directive)
            } else if point.isOK {
                draft.add(name, .passed)
            } else {
                let failure = Self.failure(of: point, subtests: isError[point.path])
                draft.add(name, .failed(failure), message: message)
                let parent = Array(point.path.dropLast())
                isError[parent] = isError[parent] == true || failure == .error
            }
        }
    }

    /// A point that is `not ok` looked at something, unless its diagnostics name another cause.
    private static func failure(
        of point: TAPReader.Point,
        subtests isError: Bool?
    ) -> TestCase.Failure {
        if point.isSummary, let isError { return isError ? .error : .assertion }
        if let code = point.details["code"] {
            return code == "ERR_ASSERTION" ? .assertion : .error
        }
        let kind = (point.details["name"] ?? point.details["type"] ?? "").lowercased()
        guard !kind.contains("assert") else { return .assertion }
        let others = ["error", "exception", "timeout"]
        return others.contains(where: kind.contains) ? .error : .assertion
    }
}
