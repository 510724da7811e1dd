/// Any command that writes a JUnit XML report to the file that `{report}` in its words stands for.
///
/// Nothing is known of the program: the tests may well run in the process that writes the report.
struct JUnitRunner: TestRunner {
    static let name = "junit"
    private static let file = "report.xml"

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
        do {
            let report = try JUnitReport(XMLReader.read(bytes))
            report.contradictions.forEach { draft.fault($0) }
            for found in report.cases { Self.add(found, to: &draft) }
        } catch {
            draft.fault("the JUnit report cannot be read: \(error)")
        }
        return draft.finished(run)
    }

    private static func add(_ found: JUnitReport.Case, to draft: inout ReportDraft) {
        guard !found.name.isEmpty else { return draft.fault("a test case has no name") }
        let name = fullName(of: found)
        if found.isRetried { draft.fault("the test \(name) was run again until it passed") }
        if let error = found.errors.first {
            draft.add(name, .failed(.error), message: message(of: error))
        } else if let failure = found.failures.first(where: { !isAssertion($0) }) {
            draft.add(name, .failed(.error), message: message(of: failure))
        } else if let failure = found.failures.first {
            draft.add(name, .failed(.assertion), message: message(of: failure))
        } else if let skip = found.skip {
            draft.add(name, .skipped, message: message(of: skip))
        } else {
            draft.add(name, .passed)
        }
    }

    /// Suites, class and name; what only repeats what is in front of it is left out.
    private static func fullName(of found: JUnitReport.Case) -> String {
        var parts: [String] = []
        for part in found.suites + [found.className] where !part.isEmpty && part != parts.last {
            parts.append(part)
        }
        return (parts + [found.name]).joined(separator: " > ")
    }

    /// JUnit's `<failure>` is an assertion's, unless its type is an exception of another kind.
    private static func isAssertion(_ failure: XMLElement) -> Bool {
        let type = failure.attributes["type"]?.lowercased() ?? ""
        guard !["assert", "comparison", "expect"].contains(where: type.contains) else {
            return true
        }
        return !["error", "exception", "panic", "timeout"].contains(where: type.contains)
    }

    private static func message(of element: XMLElement) -> String {
        let message = element.attributes["message"] ?? ""
        return message.isEmpty ? element.text : message
    }
}

/// Where a command's own report goes.
enum ReportPlace {
    static let mark = "{report}"
    static let hint = "the test command must write its report to \(mark), given as one of its words"
}

extension [String] {
    /// The words with the path of the report for `{report}`.
    func naming(report path: String) -> [String] {
        map { word in
            var rest = word[...]
            var named = ""
            while let mark = rest.firstRange(of: ReportPlace.mark) {
                named += rest[..<mark.lowerBound] + path
                rest = rest[mark.upperBound...]
            }
            return named + rest
        }
    }
}
