import Testing

@testable import HiveWitness

@Suite struct JUnitTests {
    private let runner = JUnitRunner()

    private func report(_ xml: String, exit code: Int32 = 1) -> RunReport {
        runner.report(of: FinishedRun(exit: code, reports: ["report.xml": xml]))
    }

    @Test func `the report's path takes the place of its mark`() {
        let words = ["./check", "--out={report}", "{report}{report}", "plain"]
        let invocation = runner.invocation(of: words, reportingTo: "/r")
        #expect(
            invocation.words
                == ["./check", "--out=/r/report.xml", "/r/report.xml/r/report.xml", "plain"]
        )
    }

    @Test func `passes, failures, errors and skips are told apart`() {
        let report = report(
            """
            <testsuites tests="7" failures="3" errors="1">
            <testsuite name="com.example.SumTest" tests="7" failures="3" errors="1" skipped="1">
            <properties><property name="x" value="y"/></properties>
            <testcase classname="com.example.SumTest" name="adds" time="0.1"/>
            <testcase classname="com.example.SumTest" name="fails"><failure
             type="org.opentest4j.AssertionFailedError" message="expected: &lt;1&gt;">at
            </failure>
            <system-out>printed</system-out></testcase>
            <testcase classname="com.example.SumTest" name="plain">
            <failure>no type</failure></testcase>
            <testcase classname="com.example.SumTest" name="thrown">
            <failure type="java.lang.NullPointerException"/></testcase>
            <testcase classname="com.example.SumTest" name="broken">
            <error message="boom"/></testcase>
            <testcase classname="com.example.SumTest" name="later">
            <skipped message="why"/></testcase>
            <testcase classname="other" name="adds"/>
            </testsuite></testsuites>
            """
        )
        #expect(report.faults == [])
        #expect(
            report.words == [
                "com.example.SumTest > adds": "passed",
                "com.example.SumTest > fails": "assertion",
                "com.example.SumTest > plain": "assertion",
                "com.example.SumTest > thrown": "error",
                "com.example.SumTest > broken": "error",
                "com.example.SumTest > later": "skipped",
                "com.example.SumTest > other > adds": "passed",
            ]
        )
        #expect(report.message(of: "com.example.SumTest > fails") == "expected: <1>")
        #expect(report.cases.map(\.name) == report.cases.map(\.name).sorted())
    }

    @Test(arguments: [
        #"<testsuite name="s" tests="2"><testcase name="a"/></testsuite>"#,
        #"<testsuite name="s" tests="-1"><testcase name="a"/></testsuite>"#,
        #"<testsuite name="s" tests="many"><testcase name="a"/></testsuite>"#,
        #"<testsuite name="s" failures="1"><testcase name="a"/></testsuite>"#,
        #"<testsuites errors="1"><testsuite><testcase name="a"/></testsuite></testsuites>"#,
        #"<testsuite name="s"><testcase name="a"/><error message="x"/></testsuite>"#,
        #"<testsuite name="s"><testcase name="a"/><testcase name="a"/></testsuite>"#,
        #"<testsuite name="s"><testcase/></testsuite>"#,
        #"<testsuite><testcase name="a"><flakyFailure/></testcase></testsuite>"#,
        #"<testsuite><testcase name="a"><failure/><rerunFailure/></testcase></testsuite>"#,
        #"<html><testcase name="a"/></html>"#,
        #"<testsuite name="s"><testcase name="a"/>"#,
        "no XML at all",
    ])
    func `a report that contradicts itself has a fault`(_ xml: String) {
        for code in [0, 1] as [Int32] { #expect(!report(xml, exit: code).faults.isEmpty) }
    }

    @Test func `a writer may leave skipped tests, or those of inner suites, out of its count`() {
        let xml = """
            <testsuite name="outer" tests="1"><testcase name="a"/>
            <testsuite name="inner" tests="1"><testcase name="a"/>
            <testcase name="b"><skipped/></testcase></testsuite></testsuite>
            """
        let report = report(xml, exit: 0)
        #expect(report.faults == [])
        #expect(
            report.words
                == [
                    "outer > a": "passed", "outer > inner > a": "passed",
                    "outer > inner > b": "skipped",
                ]
        )
    }

    @Test func `no report is a fault that says what to do`() {
        let report = runner.report(of: FinishedRun(exit: 0, output: "all fine\n"))
        #expect(report.hasFault("left no report (report.xml); it ended with: all fine"))
        #expect(report.hasFault("{report}"))
    }

    @Test func `an exit code and the tests must say the same`() {
        let passing = #"<testsuite><testcase name="a"/></testsuite>"#
        let failing = #"<testsuite><testcase name="a"><failure/></testcase></testsuite>"#
        #expect(report(passing, exit: 0).faults == [])
        #expect(report(failing, exit: 1).faults == [])
        #expect(report(passing, exit: 1).hasFault("exit code 1, yet no test failed"))
        #expect(report(failing, exit: 0).hasFault("exit code 0"))
        let killed = FinishedRun(exit: nil, reports: ["report.xml": passing])
        #expect(runner.report(of: killed).hasFault("ended by a signal"))
    }

    @Test func `no tests at all are no fault`() {
        let report = report("<testsuites/>", exit: 0)
        #expect(report.faults == [])
        #expect(report.cases == [])
    }

    @Test func `too many tests, and too long names, are faults`() {
        let many = (0...ReportDraft.casesMax).map { "<testcase name='t\($0)'/>" }.joined()
        let report = report("<testsuite>\(many)</testsuite>", exit: 0)
        #expect(report.cases.count == ReportDraft.casesMax)
        #expect(report.hasFault("more than"))
        let name = String(repeating: "n", count: ReportDraft.nameBytesMax + 1)
        let long = self.report("<testsuite><testcase name='\(name)'/></testsuite>", exit: 0)
        #expect(long.hasFault("longer than"))
        #expect(long.faults.allSatisfy { $0.utf8.count <= 240 })
    }

    @Test func `faults are few, and the rest is counted`() {
        let cases = String(repeating: "<testcase name='a'/>", count: 100)
        let report = report("<testsuite>\(cases)</testsuite>", exit: 0)
        #expect(report.faults.count == ReportDraft.faultsMax + 1)
        #expect(report.faults.last == "and 83 more faults")
    }

    @Test func `names and messages are made one plain line`() {
        let report = report(
            "<testsuite><testcase name='a&#10;b'><failure message='x&#10;  y'/></testcase>"
                + "</testsuite>"
        )
        #expect(report.cases.map(\.name) == ["a b"])
        #expect(report.cases.map(\.message) == ["x y"])
    }
}
