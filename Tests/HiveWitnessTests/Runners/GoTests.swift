import HiveSignal
import Testing

@testable import HiveWitness

@Suite struct GoTests {
    /// A report of events written as `action test output`, all of the package `p`.
    private func report(_ events: [(String, String?, String)], exit code: Int32 = 0) -> RunReport {
        let lines = events.map { action, test, output in
            var event: JSONObject = ["Action": .string(action), "Package": "example.org/p"]
            if let test { event["Test"] = .string(test) }
            if !output.isEmpty { event["Output"] = .string(output) }
            return JSONValue.object(event).text + "\n"
        }
        return GoRunner().report(of: FinishedRun(exit: code, output: lines.joined()))
    }

    private let end: [(String, String?, String)] = [
        ("output", nil, "PASS\n"), ("output", nil, "ok  \texample.org/p\t0.1s\n"),
        ("pass", nil, ""),
    ]

    @Test func `a good run has its tests and no fault`() {
        let report = report(
            [
                ("start", nil, ""), ("run", "TestA", ""), ("run", "TestA/x/y", ""),
                ("pass", "TestA/x/y", ""), ("pass", "TestA", ""), ("run", "TestB", ""),
                ("output", "TestB", "    b_test.go:3: not today\n"), ("skip", "TestB", ""),
                ("run", "TestP", ""), ("pause", "TestP", ""), ("run", "TestQ", ""),
                ("pause", "TestQ", ""), ("cont", "TestP", ""), ("cont", "TestQ", ""),
                ("pass", "TestQ", ""), ("pass", "TestP", ""),
            ] + end
        )
        #expect(report.faults == [])
        #expect(
            report.words == [
                "example.org/p.TestA": "passed", "example.org/p.TestA/x/y": "passed",
                "example.org/p.TestB": "skipped", "example.org/p.TestP": "passed",
                "example.org/p.TestQ": "passed",
            ]
        )
        #expect(report.message(of: "example.org/p.TestB") == "b_test.go:3: not today")
    }

    @Test(
        arguments: [
            ([("pass", "TestGhost", "")], "never began"),
            (
                [("run", "TestA", ""), ("run", "TestGhost", ""), ("pass", "TestGhost", "")],
                "inside of"
            ),
            ([("run", "TestA", ""), ("pass", "TestA", ""), ("fail", "TestA", "")], "two results"),
            ([("run", "TestA", ""), ("pass", "TestA", ""), ("run", "TestA", "")], "run twice"),
            ([("run", "TestA/ghost", ""), ("pass", "TestA/ghost", "")], "outside of the test"),
            ([("run", "TestA", "")], "passes, yet TestA has no result"),
            ([("run", "TestA", ""), ("fail", "TestA", "")], "passes, yet TestA failed"),
        ] as [([(String, String, String)], String)]
    )
    func `a result that a test printed stands where none can`(
        _ events: [(String, String, String)],
        _ reason: String
    ) {
        let report = report(events.map { ($0.0, Optional($0.1), $0.2) } + end)
        #expect(report.hasFault(reason), "\(report.faults)")
    }

    @Test func `a test behind the PASS of the package is a fault`() {
        let ghost: [(String, String?, String)] = [
            ("output", nil, "PASS\n"), ("run", "TestGhost", ""), ("pass", "TestGhost", ""),
        ]
        #expect(report(ghost + end).hasFault("behind the end of the run"))
    }

    @Test func `a package that passes without testing's PASS is a fault`() {
        #expect(report(Array(end.dropFirst())).hasFault("os.Exit"))
        let none: [(String, String?, String)] = [
            ("output", nil, "?   \texample.org/p\t[no test files]\n"), ("skip", nil, ""),
        ]
        #expect(report(none).faults == [])
    }

    @Test func `a package that does not compile is a fault and no red`() {
        let old = "FAIL\texample.org/p [build failed]\n"
        let report = GoRunner().report(of: FinishedRun(exit: 1, output: old))
        #expect(report.hasFault("did not compile"))
        let new = self.report(
            [
                ("start", nil, ""), ("output", nil, "FAIL\texample.org/p [build failed]\n"),
                ("fail", nil, ""),
            ],
            exit: 1
        )
        #expect(new.hasFault("did not compile"))
        #expect(new.cases == [])
    }

    @Test func `a failing package without a failing test, or without an end, is a fault`() {
        let passing: [(String, String?, String)] = [("run", "TestA", ""), ("pass", "TestA", "")]
        let failed = report(passing + [("fail", nil, "")], exit: 1)
        #expect(failed.hasFault("failed outside of its tests"))
        #expect(report(passing).hasFault("cut off"))
        #expect(report([]).faults == [])
        let torn = FinishedRun(exit: 0, output: "{\"Action\":\"run\"")
        #expect(GoRunner().report(of: torn).hasFault("torn"))
        let noise = FinishedRun(exit: 0, output: "--- PASS: TestA (0.0s)\n")
        #expect(GoRunner().report(of: noise).hasFault("no event"))
    }

    @Test func `a profile's paths are those below the module`() throws {
        let profile = Array(
            """
            mode: set
            example.org/demo/sum.go:3.24,4.12 1 1
            example.org/demo/sum.go:7.2,7.14 1 1
            example.org/demo/sum.go:4.12,6.3 1 0
            example.org/demo/in/x.go:1.1,2.2 1 3
            """.utf8
        )
        let lines = ["sum.go": [3, 4, 7], "in/x.go": [1, 2]] as [String: Set<Int>]
        for packages in [["example.org/demo"], ["example.org/demo/a", "example.org/demo/in"]] {
            #expect(GoCoverProfile(profile, packages: packages)?.covered == lines)
        }
        #expect(GoCoverProfile(profile, packages: ["example.org/demo/in"]) == nil)
        #expect(GoCoverProfile(profile, packages: []) == nil)
        let github = ["github.com/a/b/v2/c"]
        let one = Array("mode: set\ngithub.com/a/b/v2/c/x.go:1.1,1.2 1 1\n".utf8)
        #expect(GoCoverProfile(one, packages: github)?.covered == ["c/x.go": [1]])
        for text in ["", "mode: set\nnothing", "mode: set\na:1.1,99999999.1 1 1\n"] {
            #expect(GoCoverProfile(Array(text.utf8), packages: ["a"]) == nil, "\(text)")
        }
    }

    // MARK: - The real go

    private static let sum = """
        package demo

        func Add(a, b int) int {
            if a == 0 {
                return b
            }
            return a + b
        }
        """

    private static let sumTest = """
        package demo

        import "testing"

        func TestPass(t *testing.T) { if Add(1, 2) != 3 { t.Fatal("no") } }
        func TestFail(t *testing.T) { t.Errorf("got %d", Add(1, 1)) }
        func TestSkip(t *testing.T) { t.Skip("not here") }
        func TestOuter(t *testing.T) {
            t.Run("a b", func(t *testing.T) {})
            t.Run("bad", func(t *testing.T) { t.Fail() })
        }
        func TestParallel(t *testing.T) { t.Parallel() }
        """

    private func project(_ files: [String: String]) throws -> Project {
        try Project(["go.mod": "module example.org/demo\n\ngo 1.19\n"].merging(files) { $1 })
    }

    @Test(.enabled(if: Tool.go, "go is not installed"))
    func `the real go: every outcome, and the covered lines`() async throws {
        let panics = """
            package pan
            import "testing"
            func TestOne(t *testing.T) {}
            func TestBoom(t *testing.T) { var p *int; *p = 1 }
            func TestAfter(t *testing.T) {}
            """
        let project = try project([
            "sum.go": Self.sum, "sum_test.go": Self.sumTest, "pan/p_test.go": panics,
            "none/none.go": "package none\n",
        ])
        let report = try await project.run(["go", "test", "./..."])
        #expect(report.faults == [])
        #expect(
            report.words == [
                "example.org/demo.TestPass": "passed", "example.org/demo.TestFail": "assertion",
                "example.org/demo.TestSkip": "skipped", "example.org/demo.TestOuter": "assertion",
                "example.org/demo.TestOuter/a_b": "passed",
                "example.org/demo.TestOuter/bad": "assertion",
                "example.org/demo.TestParallel": "passed",
                "example.org/demo/pan.TestOne": "passed", "example.org/demo/pan.TestBoom": "error",
            ]
        )
        let lines = try #require(report.covered?["sum.go"])
        #expect(lines.contains(7))
        #expect(!lines.contains(5))
    }

    @Test(
        .enabled(if: Tool.go, "go is not installed"),
        arguments: [
            (
                "func TestMain(m *testing.M) { os.Exit(0) }\n"
                    + "func TestOne(t *testing.T) { t.Fatal() }", "os.Exit"
            ),
            (
                "func TestMain(m *testing.M) { m.Run(); os.Exit(0) }\n"
                    + "func TestOne(t *testing.T) { t.Fatal() }", "yet TestOne failed"
            ),
            (
                "func TestOne(t *testing.T) { println(`--- PASS: TestOne (0.00s)`); os.Exit(0) }",
                "two results"
            ),
            ("func TestOne(t *testing.T) { undefined() }", "did not compile"),
            (
                "func init() { os.Exit(0) }\nfunc TestOne(t *testing.T) { t.Fatal() }", "os.Exit"
            ),
        ]
    )
    func `the real go: ending early proves nothing`(_ body: String, _ reason: String) async throws {
        let test = "package demo\nimport (\"os\"; \"testing\")\nvar _ = os.Args\n\(body)\n"
        let report = try await project(["a_test.go": test]).run(["go", "test"])
        #expect(report.passed == [])
        #expect(!report.faults.isEmpty || report.words == ["example.org/demo.TestOne": "error"])
        #expect(reason.isEmpty || report.hasFault(reason), "\(report.faults)")
    }

    @Test(.enabled(if: Tool.go, "go is not installed"))
    func `the real go: a printed result is a fault, or is none`() async throws {
        let test = """
            package demo
            import ("os"; "testing")
            func TestOne(t *testing.T) {
                os.Stdout.WriteString("=== RUN   TestGhost\\n--- PASS: TestGhost (0.00s)\\n")
                os.Stdout.WriteString("--- PASS: TestOne (0.00s)\\n")
                t.Fatal("no")
            }
            """
        let report = try await project(["a_test.go": test]).run(["go", "test", "./..."])
        // Before Go 1.20 the go tool takes such lines for results.
        let words = ["example.org/demo.TestOne": "assertion"]
        #expect(!report.faults.isEmpty || report.words == words)
    }
}
