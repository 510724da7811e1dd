import HiveSignal

extension TestReport {
    /// `go test`: as JSON, by test (`-v`), or by package.
    @Sendable static func goTest(_ lines: [ReportLine]) -> TestReport? {
        goEvents(lines) ?? goLines(lines)
    }

    /// `go test -json`: `{"Action":"pass","Package":"p","Test":"TestX","Elapsed":0}` a line.
    private static func goEvents(_ lines: [ReportLine]) -> TestReport? {
        var report: TestReport?
        var packagesWithFailures: Set<String> = []
        for line in lines where line.text.hasPrefix("{\"") && line.text.contains("\"Action\":") {
            guard let event = try? JSONValue(parsing: String(line.text)),
                let action = event["Action"]?.stringValue,
                let package = event["Package"]?.stringValue
            else { continue }
            let test = event["Test"]?.stringValue
            // Subtests belong to their test.
            guard test?.contains("/") != true else { continue }
            switch (action, test) {
            case ("pass", .some): report.add("go test", passed: 1)
            case ("skip", .some): report.add("go test", skipped: 1)
            case ("fail", .some(let test)):
                report.add("go test", failed: 1)
                report.addFailures([test[...]])
                packagesWithFailures.insert(package)
            case ("fail", nil) where !packagesWithFailures.contains(package):
                // It could not be built, or crashed.
                report.add("go test", failed: 1)
                report.addFailures([package[...]])
            default: report.add("go test")
            }
        }
        return report
    }

    /// `--- FAIL: TestX (0.00s)` for tests; `ok p 0.1s` and `FAIL p 0.1s` for packages.
    private static func goLines(_ lines: [ReportLine]) -> TestReport? {
        var tests = TestReport("go test")
        var packages = TestReport("go test, by package")
        var failuresInPackage = 0
        for line in lines where !line.isIndented {
            if let rest = line.after("--- ") {
                let words = rest.split(separator: " ")
                guard words.count >= 2 else { continue }
                switch words[0] {
                case "PASS:": tests.passed += 1
                case "SKIP:": tests.skipped += 1
                case "FAIL:":
                    tests.failed += 1
                    failuresInPackage += 1
                    tests.addFailure(words[1])
                    packages.addFailure(words[1])
                default: break
                }
            } else if let rest = line.after("ok"), goPackage(rest) != nil {
                packages.passed += 1
                failuresInPackage = 0
            } else if let rest = line.after("FAIL"), let package = goPackage(rest) {
                packages.failed += 1
                if failuresInPackage == 0 {
                    // It could not be built, or crashed.
                    packages.addFailure(package)
                    tests.failed += 1
                    tests.addFailure(package)
                }
                failuresInPackage = 0
            }
        }
        guard packages.total > 0 else { return nil }
        // Without -v only failures have a line of their own.
        return tests.passed + tests.skipped > 0 ? tests : packages
    }

    /// The package in ` path 0.12s`; `(cached)` or `[build failed]` may stand for the time.
    private static func goPackage(_ rest: Substring) -> Substring? {
        let words = rest.split(whereSeparator: \.isWhitespace)
        guard rest.first?.isWhitespace == true, words.count >= 2 else { return nil }
        let isTime = words[1].hasSuffix("s") && words[1].first?.isNumber == true
        return isTime || ["(cached)", "[build", "[setup"].contains(words[1]) ? words[0] : nil
    }
}
