// swift test: XCTest and Swift Testing, one behind the other in the same output.

extension TestReport {
    @Sendable static func swiftTest(_ lines: [ReportLine]) -> TestReport? {
        var report = TestReport("swift test")
        var hasSpoken = false
        var hasCases = false
        var executed: TestReport?
        for line in lines {
            if let rest = line.after("Test Case '") {
                hasCases = true
                report.addCase(rest)
            } else if let rest = line.after("Executed "), let summary = xctestSummary(rest) {
                hasSpoken = true
                // The last one is that of all suites.
                executed = summary
            } else if let rest = line.behindSymbol, rest.hasPrefix("Test ") {
                if rest.hasPrefix("Test run with ") {
                    hasSpoken = true
                } else {
                    report.addTest(rest)
                }
            }
        }
        guard hasSpoken else { return nil }
        if !hasCases, let executed {
            report.passed += executed.passed
            report.failed += executed.failed
            report.skipped += executed.skipped
        }
        return report
    }

    /// XCTest: `FooTests.testBar' failed (0.001 seconds)`, on macOS `-[Module.FooTests testBar]'`.
    private mutating func addCase(_ rest: Substring) {
        guard let quote = rest.firstIndex(of: "'") else { return }
        let verb = rest[quote...].dropFirst(2).prefix { $0 != " " }
        switch verb {
        case "passed": passed += 1
        case "skipped": skipped += 1
        case "failed":
            failed += 1
            addFailure(rest[..<quote])
        default: break
        }
    }

    /// XCTest: `3 tests, with 1 test skipped and 2 failures (0 unexpected) in 0.1 (0.1) seconds`.
    private static func xctestSummary(_ rest: Substring) -> TestReport? {
        guard let total = rest.split(separator: " ").first.flatMap(Tally.count) else { return nil }
        let words = rest.split { $0 == " " || $0 == "," }
        func number(before word: Substring) -> Int {
            guard let place = words.firstIndex(where: { $0.hasPrefix(word) }), place > 0 else {
                return 0
            }
            return Tally.count(words[place - 1]) ?? 0
        }
        let skipped = words.firstIndex(of: "skipped").flatMap { place in
            place > 1 ? Tally.count(words[place - 2]) : nil
        }
        // Failures are of assertions: no more tests can have failed than there were.
        let failed = min(number(before: "failure"), total)
        return TestReport(
            "swift test",
            passed: max(0, total - failed - (skipped ?? 0)),
            failed: failed,
            skipped: skipped ?? 0
        )
    }

    /// Swift Testing: `Test "a name" passed after 0.1 seconds.`, `Test foo() skipped: "why"`.
    private mutating func addTest(_ line: Substring) {
        let line = line.dropFirst("Test ".count)
        guard !line.hasPrefix("case passing "), !line.hasSuffix(" started.") else { return }
        // A name may hold these words, so the last ones count.
        if let end = line.ranges(of: " passed after ").last,
            Self.isDuration(line[end.upperBound...])
        {
            passed += 1
        } else if let end = line.ranges(of: " failed after ").last,
            Self.isDuration(line[end.upperBound...])
        {
            failed += 1
            addFailure(Self.testName(line[..<end.lowerBound]))
        } else if line.hasSuffix(" skipped.") || line.contains(" skipped: ") {
            skipped += 1
        }
    }

    private static func isDuration(_ text: Substring) -> Bool { text.first?.isNumber == true }

    /// Without quotes and `with 2 test cases`.
    private static func testName(_ text: Substring) -> Substring {
        var name = text
        if name.hasSuffix(" test cases") || name.hasSuffix(" test case"),
            let end = name.ranges(of: " with ").last
        {
            name = name[..<end.lowerBound]
        }
        let isQuoted = name.count > 1 && name.hasPrefix("\"") && name.hasSuffix("\"")
        return isQuoted ? name.dropFirst().dropLast() : name
    }
}
