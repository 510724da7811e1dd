// The JVM's runners, where their summaries are plain text.

extension TestReport {
    /// Maven and JUnit 4: `Tests run: 5, Failures: 1, Errors: 0, Skipped: 1`.
    @Sendable static func surefire(_ lines: [ReportLine]) -> TestReport? {
        var report: TestReport?
        var names: [Substring] = []
        for line in lines {
            let text = withoutLevel(line.text)
            if text.hasPrefix("Tests run:") {
                // Each class has such a line, and a module ends with one; only a class's is timed.
                let tally = Tally.wordThenNumber(text)
                guard !text.contains("Time elapsed"), let total = tally["Tests run"] else {
                    continue
                }
                report.add(
                    "JUnit",
                    total: total,
                    failed: (tally["Failures"] ?? 0) + (tally["Errors"] ?? 0),
                    skipped: tally["Skipped"] ?? 0
                )
            } else if text.hasSuffix("<<< FAILURE!") || text.hasSuffix("<<< ERROR!") {
                names.append(text.prefix { $0 != " " })
            } else if let passed = junit4Count(text) {
                report.add("JUnit", passed: passed)
            }
        }
        report.addFailures(names)
        return report
    }

    /// JUnit 4 says no more than `OK (5 tests)` where all is well.
    private static func junit4Count(_ text: Substring) -> Int? {
        guard text.hasPrefix("OK ("), text.hasSuffix(" tests)") || text.hasSuffix(" test)") else {
            return nil
        }
        return Tally.count(text.dropFirst("OK (".count).prefix { $0 != " " })
    }

    /// Gradle, where a test failed: `5 tests completed, 1 failed, 1 skipped`.
    @Sendable static func gradle(_ lines: [ReportLine]) -> TestReport? {
        var report: TestReport?
        var names: [Substring] = []
        for line in lines {
            if line.text.hasSuffix(" FAILED"), line.text.contains(" > ") {
                names.append(line.text.dropLast(" FAILED".count))
            }
            guard line.text.first?.isNumber == true else { continue }
            let words = line.text.prefix { $0 != "," }.split(separator: " ")
            guard words.count == 3, words[1].hasPrefix("test"), words[2] == "completed",
                let total = Tally.count(words[0])
            else { continue }
            let tally = Tally.numberThenWord(line.text)
            report.add(
                "gradle",
                total: total,
                failed: tally["failed"] ?? 0,
                skipped: tally["skipped"] ?? 0
            )
        }
        report.addFailures(names)
        return report
    }

    /// JUnit's console launcher: `[         5 tests successful      ]` and the like.
    @Sendable static func junitConsole(_ lines: [ReportLine]) -> TestReport? {
        var report: TestReport?
        for line in lines where line.text.hasPrefix("[") && line.text.hasSuffix("]") {
            let words = line.text.dropFirst().dropLast().split(separator: " ")
            guard words.count == 3, words[1] == "tests", let number = Tally.count(words[0]) else {
                continue
            }
            switch words[2] {
            case "successful": report.add("JUnit", passed: number)
            case "failed": report.add("JUnit", failed: number)
            case "skipped", "aborted": report.add("JUnit", skipped: number)
            default: break
            }
        }
        return report
    }

    /// Without Maven's `[INFO] ` in front.
    private static func withoutLevel(_ text: Substring) -> Substring {
        guard text.hasPrefix("["), let end = text.firstIndex(of: "]") else { return text }
        return text[end...].dropFirst().drop { $0 == " " }
    }
}
