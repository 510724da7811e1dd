import HiveTestKit
import HiveWorkers
import Testing

/// What real runners print, shortened where they repeat themselves.
@Suite struct TestReportTests {
    // MARK: Swift

    @Test func `XCTest and Swift Testing are added up`() throws {
        let report = try #require(
            read(
                """
                Test Suite 'All tests' started at 2026-01-02 06:52:41.124
                Test Case 'FooTests.testBar' started at 2026-01-02 06:52:41.127
                /x/T.swift:5: error: FooTests.testBar : XCTAssertEqual failed: ("1") is not equal to ("2") -
                /x/T.swift:5: error: FooTests.testBar : XCTAssertEqual failed: ("1") is not equal to ("3") -
                Test Case 'FooTests.testBar' failed (0.001 seconds)
                Test Case 'FooTests.testGood' passed (0.0 seconds)
                Test Case 'FooTests.testSkip' skipped (0.0 seconds)
                \t Executed 3 tests, with 1 test skipped and 2 failures (0 unexpected) in 0.001 (0.001) seconds
                ◇ Test run started.
                ➜ Test off() skipped: "why"
                ◇ Test many(_:) started.
                ✘ Test many(_:) recorded an issue with 1 argument n → 2 at T.swift:11:48: Expectation failed
                ✔ Test "it holds" passed after 0.001 seconds.
                ✔ Test case passing 1 argument n → 1 to many(_:) passed after 0.001 seconds.
                ✘ Test many(_:) with 2 test cases failed after 0.001 seconds with 1 issue.
                ✘ Test "a name, passed after all" failed after 0.001 seconds with 2 issues.
                ✘ Suite S failed after 0.001 seconds with 2 issues.
                ✘ Test run with 5 tests in 1 suite failed after 0.001 seconds with 4 issues.
                """
            )
        )
        #expect(report.runner == "swift test")
        #expect(counts(report) == [2, 3, 2])
        #expect(report.failures == ["FooTests.testBar", "many(_:)", "a name, passed after all"])
    }

    @Test func `XCTest's summary will do where the cases are not listed`() throws {
        let report = try #require(
            read(
                "\t Executed 7 tests, with 2 tests skipped and 1 failure (0 unexpected) in 0.1 (0.2) seconds"
            )
        )
        #expect(counts(report) == [4, 1, 2])
    }

    @Test func `a run without tests says that there were none`() throws {
        let report = try #require(
            read("✔ Test run with 0 tests in 0 suites passed after 0.001 seconds.")
        )
        #expect(counts(report) == [0, 0, 0])
        #expect(report.total == 0)
    }

    @Test func `colours do not get in the way`() throws {
        let report = try #require(
            read(
                """
                \u{1B}[91m✘\u{1B}[0m \u{1B}[91mTest plain() failed after 0.001 seconds with 1 issue.\u{1B}[0m
                \u{1B}[92m✔\u{1B}[0m Test run with 1 test in 0 suites failed after 0.001 seconds with 1 issue.
                """
            )
        )
        #expect(counts(report) == [0, 1, 0])
        #expect(report.failures == ["plain()"])
    }

    // MARK: Python

    @Test(
        arguments: [
            "============== 2 failed, 1 passed, 2 skipped, 1 xfailed in 0.58s ===============",
            "2 failed, 1 passed, 2 skipped, 1 xfailed in 75.30s (0:01:15)",
            "= 2 failed, 1 passed, 2 skipped, 1 xfailed, 3 warnings, 9 deselected in 0.58s =",
        ]
    ) func `pytest`(_ summary: String) throws {
        let report = try #require(
            read(
                """
                test_s.py:9: AssertionError
                =========================== short test summary info ============================
                FAILED test_s.py::test_bad - assert 1 == 2
                FAILED test_s.py::T::test_u[a b] - AssertionError: 1 != 2
                \(summary)
                """
            )
        )
        #expect(report.runner == "pytest")
        #expect(counts(report) == [1, 2, 3])
        #expect(report.failures == ["test_s.py::test_bad", "test_s.py::T::test_u[a b]"])
    }

    @Test func `a module that pytest cannot import is a failure`() throws {
        let report = try #require(
            read("ERROR tests/test_a.py - ImportError: no\n=== 1 error in 0.12s ===")
        )
        #expect(counts(report) == [0, 1, 0])
        #expect(report.failures == ["tests/test_a.py"])
        #expect(counts(try #require(read("=== no tests ran in 0.01s ==="))) == [0, 0, 0])
    }

    @Test func `unittest`() throws {
        let report = try #require(
            read(
                """
                Fs
                FAIL: test_u (test_s.T.test_u)
                ----------------------------------------------------------------------
                Ran 3 tests in 0.000s

                FAILED (failures=1, skipped=1)
                """,
                asErrors: true
            )
        )
        #expect(report.runner == "unittest")
        #expect(counts(report) == [1, 1, 1])
        #expect(report.failures == ["test_u"])
        #expect(counts(try #require(read("Ran 1 test in 0.1s\n\nOK"))) == [1, 0, 0])
    }

    // MARK: Go

    @Test func `go test -v goes by tests, without their subtests`() throws {
        let report = try #require(
            read(
                """
                === RUN   TestGood
                --- PASS: TestGood (0.00s)
                === RUN   TestBad/one
                --- FAIL: TestBad (0.00s)
                    --- FAIL: TestBad/one (0.00s)
                --- SKIP: TestLater (0.00s)
                FAIL
                FAIL\texample.com/a\t0.003s
                FAIL\texample.com/b [build failed]
                FAIL
                """
            )
        )
        #expect(report.runner == "go test")
        #expect(counts(report) == [1, 2, 1])
        #expect(report.failures == ["TestBad", "example.com/b"])
    }

    @Test func `go test goes by packages, and names the tests`() throws {
        let report = try #require(
            read(
                """
                ok  \texample.com/a\t0.003s
                ok  \texample.com/c\t(cached)
                ?   \texample.com/d\t[no test files]
                --- FAIL: TestBad (0.00s)
                    bad_test.go:5: no
                FAIL
                FAIL\texample.com/b\t0.002s
                FAIL
                """
            )
        )
        #expect(report.runner == "go test, by package")
        #expect(counts(report) == [2, 1, 0])
        #expect(report.failures == ["TestBad"])
    }

    @Test func `go test -json`() throws {
        let report = try #require(
            read(
                """
                {"Time":"2026-01-02T00:00:00Z","Action":"start","Package":"example.com/a"}
                {"Action":"run","Package":"example.com/a","Test":"TestGood"}
                {"Action":"output","Package":"example.com/a","Test":"TestGood","Output":"--- PASS: x\\n"}
                {"Action":"pass","Package":"example.com/a","Test":"TestGood","Elapsed":0}
                {"Action":"skip","Package":"example.com/a","Test":"TestLater","Elapsed":0}
                {"Action":"fail","Package":"example.com/a","Test":"TestBad/one","Elapsed":0}
                {"Action":"fail","Package":"example.com/a","Test":"TestBad","Elapsed":0}
                {"Action":"fail","Package":"example.com/a","Elapsed":0.002}
                {"Action":"fail","Package":"example.com/broken","Elapsed":0}
                """
            )
        )
        #expect(report.runner == "go test")
        #expect(counts(report) == [1, 2, 1])
        #expect(report.failures == ["TestBad", "example.com/broken"])
    }

    // MARK: Rust

    @Test func `cargo test adds its binaries up`() throws {
        let report = try #require(
            read(
                """
                running 3 tests
                test good ... ok
                test later ... ignored
                test tests::bad - should panic ... FAILED

                failures:
                    bad

                test result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.13s

                test src/lib.rs - documented (line 4) ... ok

                test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.09s
                """
            )
        )
        #expect(report.runner == "cargo test")
        #expect(counts(report) == [2, 1, 1])
        #expect(report.failures == ["tests::bad - should panic"])
    }

    // MARK: JavaScript

    @Test func `jest, which writes to standard error`() throws {
        let report = try #require(
            read(
                """
                FAIL ./sum.test.js
                  ✓ adds (1 ms)
                  ✕ subtracts (2 ms)
                  ● Console
                  ● arithmetic › subtracts

                    expect(received).toBe(expected)

                Test Suites: 1 failed, 1 passed, 2 total
                Tests:       1 failed, 1 skipped, 1 todo, 3 passed, 6 total
                Snapshots:   0 total
                Time:        0.5 s
                """,
                asErrors: true
            )
        )
        #expect(report.runner == "jest")
        #expect(counts(report) == [3, 1, 2])
        #expect(report.failures == ["arithmetic › subtracts"])
    }

    @Test func `vitest`() throws {
        let report = try #require(
            read(
                """
                 FAIL  src/sum.test.ts > arithmetic > subtracts
                AssertionError: expected 1 to be 2

                 Test Files  1 failed | 1 passed (2)
                      Tests  1 failed | 4 passed | 1 skipped (6)
                   Start at  10:00:00
                """
            )
        )
        #expect(report.runner == "vitest")
        #expect(counts(report) == [4, 1, 1])
        #expect(report.failures == ["src/sum.test.ts > arithmetic > subtracts"])
    }

    @Test func `node --test, as specification and as TAP`() throws {
        let specification = try #require(
            read(
                """
                ✔ good (1.025864ms)
                ✖ bad one (0.903211ms)
                  AssertionError [ERR_ASSERTION]: 1 == 2
                ﹣ later (0.177714ms) # SKIP
                ▶ suite
                  ✖ inner bad (7.807226ms)
                  ✔ inner good (0.151945ms)
                ✖ suite (8.223184ms)
                ℹ tests 5
                ℹ suites 1
                ℹ pass 2
                ℹ fail 2
                ℹ cancelled 0
                ℹ skipped 1
                ℹ todo 0
                ℹ duration_ms 99.296285

                ✖ failing tests:

                test at a.test.mjs:2:25
                ✖ bad one (0.903211ms)
                  AssertionError [ERR_ASSERTION]: 1 == 2

                test at a.test.mjs:3:27
                ✖ inner bad (7.807226ms)
                """
            )
        )
        let tap = try #require(
            read(
                """
                TAP version 13
                # Subtest: bad one
                not ok 2 - bad one
                  ---
                  duration_ms: 0.831055
                  ...
                ok 3 - later # SKIP
                    not ok 1 - inner bad
                    1..2
                not ok 4 - suite
                  ---
                  type: 'suite'
                  ...
                1..4
                # tests 5
                # suites 1
                # pass 2
                # fail 2
                # cancelled 0
                # skipped 1
                # todo 0
                """
            )
        )
        for report in [specification, tap] {
            #expect(report.runner == "node --test")
            #expect(counts(report) == [2, 2, 1])
            #expect(report.failures == ["bad one", "inner bad"])
        }
    }

    @Test func `TAP of anybody`() throws {
        let report = try #require(
            read(
                """
                1..6
                ok 1 - opens
                not ok 2 - closes
                # a comment
                ok 3 # skip no network
                not ok 4 - someday # TODO not yet
                ok
                    not ok 1 - a subtest's own
                not ok 12 3 men in a boat
                """
            )
        )
        #expect(report.runner == "TAP")
        #expect(counts(report) == [2, 2, 2])
        #expect(report.failures == ["closes", "3 men in a boat"])
    }

    // MARK: JVM

    @Test func `Maven counts modules, not classes again`() throws {
        let report = try #require(
            read(
                """
                [ERROR] Tests run: 3, Failures: 1, Errors: 0, Skipped: 1, Time elapsed: 0.05 s <<< FAILURE! -- in a.AppTest
                [ERROR] a.AppTest.closes -- Time elapsed: 0.01 s <<< FAILURE!
                [ERROR] Tests run: 3, Failures: 1, Errors: 0, Skipped: 1
                [INFO] Tests run: 4, Failures: 0, Errors: 0, Skipped: 0
                """
            )
        )
        #expect(report.runner == "JUnit")
        #expect(counts(report) == [5, 1, 1])
        #expect(report.failures == ["a.AppTest.closes"])
        #expect(counts(try #require(read("OK (5 tests)"))) == [5, 0, 0])
    }

    @Test func `Gradle, where something failed`() throws {
        let report = try #require(
            read("AppTest > closes() FAILED\n\n5 tests completed, 1 failed, 2 skipped\n")
        )
        #expect(report.runner == "gradle")
        #expect(counts(report) == [2, 1, 2])
        #expect(report.failures == ["AppTest > closes()"])
    }

    @Test func `JUnit's console launcher`() throws {
        let report = try #require(
            read(
                """
                [         9 containers found      ]
                [         5 tests found           ]
                [         1 tests skipped         ]
                [         4 tests started         ]
                [         0 tests aborted         ]
                [         3 tests successful      ]
                [         1 tests failed          ]
                """
            )
        )
        #expect(counts(report) == [3, 1, 1])
    }

    // MARK: All of them

    @Test func `several runners in one output are added up`() throws {
        let report = try #require(
            read(
                """
                test result: ok. 7 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out
                === 1 failed, 2 passed in 0.12s ===
                """
            )
        )
        #expect(report.runner == "pytest + cargo test")
        #expect(counts(report) == [9, 1, 0])
    }

    @Test func `of the names of failed tests ten are kept, short and on one line`() throws {
        let names = (0..<12).map {
            "FAILED a.py::test_\($0)\u{202E}\(String(repeating: "x", count: 300))"
        }
        let report = try #require(
            read((names + ["=== 12 failed in 0.12s ==="]).joined(separator: "\n"))
        )
        #expect(report.failed == 12)
        #expect(report.failures.count == TestReport.failuresMax)
        #expect(report.failures.allSatisfy { $0.utf8.count <= 200 && !$0.contains("\u{202E}") })
    }

    @Test(
        arguments: [
            "", "\n\n", "make: *** [Makefile:2: test] Error 1", "all good", "Tests: fine",
            "ok", "OK", "FAILED", "1..", "Executed nothing", "test result: unknown",
            "=== 99999999999999999999 passed in 0.1s ===", "Tests run: many", "ok then",
            "Tests  (4)", "# pass 1", "[ x tests failed ]", "Ran a test",
        ]
    ) func `what no runner says gives no counts`(_ output: String) {
        #expect(read(output) == nil)
    }

    @Test func `no bytes make it trap`() {
        var generator = SeededGenerator()
        print("HIVE_SEED=\(generator.seed)")
        let scraps = [
            "Test Case '", "' failed (", "Executed ", " tests, with ", "✔ Test ", " passed after ",
            "=== ", " failed", " in ", "s", "Ran ", "OK", "FAILED (", "failures=", "--- FAIL: ",
            "ok",
            "FAIL", "\t", "{\"Action\":", "test result: ", ";", "Tests:", "Tests ", "(", ")", "ℹ ",
            "not ok ", "1..", " # ", "Tests run:", "OK (", " FAILED", " > ", "[", "]", "9", " ",
            "\n",
            "\u{1B}[", "\u{1B}]", "\"", "é", "\r",
        ]
        for _ in 0..<3_000 {
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 0..<30, using: &generator) {
                bytes += Array((scraps.randomElement(using: &generator) ?? "").utf8)
                if Int.random(in: 0..<10, using: &generator) == 0 {
                    bytes.append(UInt8.random(in: 0...255, using: &generator))
                }
            }
            let report = TestReport(output: bytes)
            #expect((report?.failures.count ?? 0) <= TestReport.failuresMax)
            #expect((report?.passed ?? 0) >= 0)
        }
    }

    // MARK: Helpers

    private func read(_ text: String, asErrors: Bool = false) -> TestReport? {
        let bytes = Array(text.utf8)
        return asErrors ? TestReport(output: [], errors: bytes) : TestReport(output: bytes)
    }

    /// Passed, failed, skipped.
    private func counts(_ report: TestReport) -> [Int] {
        [report.passed, report.failed, report.skipped]
    }
}
