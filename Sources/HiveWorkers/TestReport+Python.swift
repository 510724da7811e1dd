extension TestReport {
    /// pytest: `=== 1 failed, 2 passed, 1 skipped in 0.12s ===`, without the rulers under `-q`.
    @Sendable static func pytest(_ lines: [ReportLine]) -> TestReport? {
        guard let summary = lines.lazy.reversed().compactMap(pytestSummary).first else {
            return nil
        }
        var report = summary
        for line in lines where !line.isIndented {
            for verdict in ["FAILED ", "ERROR "] {
                // `path::name - reason`; a file that cannot be imported has no `::name`.
                guard let rest = line.after(verdict) else { continue }
                let end = rest.ranges(of: " - ").first?.lowerBound ?? rest.endIndex
                if rest[..<end].contains("::") || rest[..<end].hasSuffix(".py") {
                    report.addFailure(rest[..<end])
                }
            }
        }
        return report
    }

    private static func pytestSummary(_ line: ReportLine) -> TestReport? {
        let ruler = line.text.drop { $0 == "=" || $0 == " " }
        guard ruler.first?.isNumber == true || ruler.hasPrefix("no tests ran"),
            let end = ruler.ranges(of: " in ").last,
            // `0.12s`, or `75.30s (0:01:15)`.
            let time = ruler[end.upperBound...].split(separator: " ").first,
            time.hasSuffix("s"), time.dropLast().allSatisfy({ $0.isNumber || $0 == "." })
        else { return nil }
        let text = ruler[..<end.lowerBound]
        if text == "no tests ran" { return TestReport("pytest") }
        let tally = Tally.numberThenWord(text)
        let words: Set<Substring> = [
            "passed", "failed", "skipped", "xfailed", "xpassed", "error", "errors", "deselected",
            "warning", "warnings", "rerun", "subtests",
        ]
        guard !tally.isEmpty, tally.count == text.split(separator: ",").count,
            tally.keys.allSatisfy(words.contains)
        else { return nil }
        func number(_ words: Substring...) -> Int { words.reduce(0) { $0 + (tally[$1] ?? 0) } }
        return TestReport(
            "pytest",
            passed: number("passed", "xpassed"),
            failed: number("failed", "error", "errors"),
            skipped: number("skipped", "xfailed")
        )
    }

    /// unittest: `Ran 2 tests in 0.000s`, then `OK` or `FAILED (failures=1, skipped=1)`.
    @Sendable static func unittest(_ lines: [ReportLine]) -> TestReport? {
        var report: TestReport?
        var total: Int?
        var names: [Substring] = []
        for line in lines where !line.isIndented {
            if let rest = line.after("Ran ") {
                total = rest.contains(" in ") ? Tally.count(rest.prefix { $0 != " " }) : nil
            } else if let ran = total, line.text.hasPrefix("OK") || line.text.hasPrefix("FAILED") {
                let inside = line.text.drop { $0 != "(" }.dropFirst().prefix { $0 != ")" }
                let tally = Tally.wordThenNumber(inside)
                func number(_ words: Substring...) -> Int {
                    words.reduce(0) { $0 + (tally[$1] ?? 0) }
                }
                report.add(
                    "unittest",
                    total: ran,
                    failed: number("failures", "errors", "unexpected successes"),
                    skipped: number("skipped", "expected failures")
                )
                total = nil
            } else if let name = line.after("FAIL: ") ?? line.after("ERROR: ") {
                names.append(name.prefix { $0 != " " })
            }
        }
        report.addFailures(names)
        return report
    }
}
