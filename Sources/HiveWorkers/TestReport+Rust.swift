extension TestReport {
    /// `cargo test`: `test result: FAILED. 1 passed; 1 failed; 1 ignored; …` for each binary.
    @Sendable static func cargoTest(_ lines: [ReportLine]) -> TestReport? {
        var report: TestReport?
        var names: [Substring] = []
        for line in lines {
            if let rest = line.after("test result: ") {
                let counts = rest.drop { $0 != "." }.dropFirst()
                let tally = Tally.numberThenWord(counts, separator: ";")
                guard let passed = tally["passed"], let failed = tally["failed"] else { continue }
                let skipped = tally["ignored"] ?? 0
                report.add("cargo test", passed: passed, failed: failed, skipped: skipped)
            } else if let rest = line.after("test "), rest.hasSuffix(" ... FAILED") {
                names.append(rest.dropLast(" ... FAILED".count))
            }
        }
        report.addFailures(names)
        return report
    }
}
