extension TestReport {
    /// jest: `Tests:       1 failed, 2 skipped, 3 passed, 6 total`.
    @Sendable static func jest(_ lines: [ReportLine]) -> TestReport? {
        let summaries = lines.lazy.compactMap { line -> [Substring: Int]? in
            guard let rest = line.after("Tests:") else { return nil }
            let tally = Tally.numberThenWord(rest)
            return tally["total"] == nil ? nil : tally
        }
        guard let tally = summaries.first else { return nil }
        var report = TestReport(
            "jest",
            passed: tally["passed"] ?? 0,
            failed: tally["failed"] ?? 0,
            skipped: (tally["skipped"] ?? 0) + (tally["todo"] ?? 0)
        )
        for line in lines {
            guard let name = line.after("● "), name != "Console" else { continue }
            report.addFailure(name)
        }
        return report
    }

    /// vitest: `Tests  1 failed | 2 passed | 1 skipped (4)`.
    @Sendable static func vitest(_ lines: [ReportLine]) -> TestReport? {
        let summaries = lines.lazy.compactMap { line -> [Substring: Int]? in
            guard let rest = line.after("Tests "), rest.hasSuffix(")") else { return nil }
            let tally = Tally.numberThenWord(rest.prefix { $0 != "(" }, separator: "|")
            return tally.isEmpty ? nil : tally
        }
        guard let tally = summaries.first else { return nil }
        var report = TestReport(
            "vitest",
            passed: tally["passed"] ?? 0,
            failed: tally["failed"] ?? 0,
            skipped: (tally["skipped"] ?? 0) + (tally["todo"] ?? 0)
        )
        for line in lines {
            // `FAIL  src/a.test.ts > suite > name`.
            guard let rest = line.after("FAIL "), rest.contains(" > ") else { continue }
            report.addFailure(rest)
        }
        return report
    }

    /// `node --test` and everything else that writes TAP.
    @Sendable static func nodeOrTAP(_ lines: [ReportLine]) -> TestReport? {
        nodeTest(lines) ?? tap(lines)
    }

    /// node --test: `ℹ pass 2` (spec) or `# pass 2` (TAP) and the like, one a line, at the end.
    private static func nodeTest(_ lines: [ReportLine]) -> TestReport? {
        var tally: [Substring: Int] = [:]
        var names: [Substring] = []
        for line in lines {
            if let rest = line.after("ℹ ") ?? line.after("# ") {
                let words = rest.split(separator: " ")
                guard words.count == 2, let number = Tally.count(words[1]) else { continue }
                tally[words[0]] = number
            } else if line.text == "✖ failing tests:" {
                // From here on the same again, without the suites around them.
                names = []
            } else if let rest = line.after("✖ "), let name = withoutDuration(rest) {
                names.append(name)
            } else if let rest = line.after("not ok ") {
                names.append(tapName(rest))
            } else if line.text == "type: 'suite'" {
                _ = names.popLast()
            }
        }
        guard let passed = tally["pass"], let failed = tally["fail"], tally["tests"] != nil else {
            return nil
        }
        var report: TestReport? = TestReport(
            "node --test",
            passed: passed,
            failed: failed + (tally["cancelled"] ?? 0),
            skipped: (tally["skipped"] ?? 0) + (tally["todo"] ?? 0)
        )
        report.addFailures(names)
        return report
    }

    /// `name (1.2ms)` without the time; nil without one, as in `✖ failing tests:`.
    private static func withoutDuration(_ text: Substring) -> Substring? {
        guard let end = text.ranges(of: " (").last, text[end.upperBound...].contains("ms)") else {
            return nil
        }
        return text[..<end.lowerBound]
    }
}

// MARK: - TAP

extension TestReport {
    /// TAP 12 to 14: `ok 1 - name`, `not ok 2 - name # skip why`; subtests are indented.
    private static func tap(_ lines: [ReportLine]) -> TestReport? {
        var report = TestReport("TAP")
        var hasPlan = false
        for line in lines where !line.isIndented {
            if line.text.hasPrefix("1..") {
                let plan = line.text.dropFirst(3).prefix { $0 != " " && $0 != "#" }
                hasPlan = hasPlan || Tally.count(plan) != nil
            } else if let rest = line.after("Bail out!") {
                report.failed += 1
                report.addFailure("Bail out!\(rest)")
            } else if let rest = line.after("not ok") {
                switch tapDirective(rest) {
                case "skip", "todo": report.skipped += 1
                default:
                    report.failed += 1
                    report.addFailure(tapName(rest))
                }
            } else if let rest = line.after("ok"), rest.isEmpty || rest.hasPrefix(" ") {
                if tapDirective(rest) == "skip" { report.skipped += 1 } else { report.passed += 1 }
            }
        }
        return hasPlan ? report : nil
    }

    /// `skip` or `todo`, which say that a failure is none; else something else.
    private static func tapDirective(_ rest: Substring) -> String {
        guard let mark = rest.ranges(of: " # ").last else { return "" }
        return String(rest[mark.upperBound...].prefix(4)).lowercased()
    }

    /// ` 2 - a name # skip why` → `a name`.
    private static func tapName(_ rest: Substring) -> Substring {
        let end = rest.ranges(of: " # ").last?.lowerBound ?? rest.endIndex
        let number = rest[..<end].drop { $0 == " " }
        let name = number.drop { $0.isNumber }.drop { $0 == " " }
        return name.hasPrefix("- ") ? name.dropFirst(2) : name
    }
}
