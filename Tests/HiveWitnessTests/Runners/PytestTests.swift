import Testing

@testable import HiveWitness

@Suite struct PytestTests {
    private func report(_ cases: String, exit code: Int32 = 1, output: String = "") -> RunReport {
        let xml = "<testsuites><testsuite name='pytest'>\(cases)</testsuite></testsuites>"
        let run = FinishedRun(exit: code, output: output, reports: ["pytest.xml": xml])
        return PytestRunner().report(of: run)
    }

    @Test(arguments: [
        ("assert 1 == 2", "assertion"), ("AssertionError", "assertion"),
        ("AssertionError: 1 != 2", "assertion"),
        ("AssertionError: a&#10;assert False", "assertion"),
        ("Failed: DID NOT RAISE &lt;class 'ValueError'&gt;", "assertion"),
        ("Failed: no", "assertion"),
        ("[XPASS(strict)] why", "assertion"), ("ValueError: x", "error"),
        ("ValueError: AssertionError: x&#10;AssertionError: y", "error"),
        ("test_a.AssertionError: assert 1 == 2", "error"), ("test_a.Failed: x", "error"),
        ("AssertionErrors: x", "error"), ("NameError: name 'assert ' is not defined", "error"),
        ("SystemExit: 0", "error"), ("", "error"),
    ])
    func `what failed is told by what pytest itself writes first`(_ message: String, _ word: String)
    {
        let report = report(
            "<testcase classname='a' name='t'><failure message=\"\(message)\"/></testcase>"
        )
        #expect(report.words == ["a::t": word])
        #expect(report.faults == [])
    }

    @Test func `a failing tear-down behind a failing test is one failure, and no pure one`() {
        let report = report(
            """
            <testcase classname='a' name='t'><failure message='assert 0'/></testcase>
            <testcase classname='a' name='t'><error message='failed on teardown'/></testcase>
            """
        )
        #expect(report.words == ["a::t": "error"])
        #expect(report.faults == [])
    }

    @Test(arguments: [
        "<testcase classname='a' name='t'/><testcase classname='a' name='t'/>",
        "<testcase classname='a' name='t'><failure message='assert 0'/></testcase>"
            + "<testcase classname='a' name='t'/>",
        "<testcase classname='a' name='t'><error message='x'/></testcase>"
            + "<testcase classname='a' name='t'><error message='y'/></testcase>",
    ])
    func `the same test twice is a fault`(_ cases: String) {
        #expect(report(cases).hasFault("there twice"))
    }

    @Test(arguments: [
        (0, "1 passed, 2 rerun in 0.1s", "run again"),
        (0, "!!!!!!! _pytest.outcomes.Exit: bye !!!!!!!", "from inside"),
        (2, "", "interrupted"), (3, "INTERNALERROR> boom", "internal error"),
        (4, "ERROR: unrecognized arguments: --reruns", "unrecognized arguments"),
        (5, "", "exit code 5"),
    ])
    func `how pytest ended can be a fault`(_ code: Int32, _ output: String, _ reason: String) {
        let report = report("<testcase classname='a' name='t'/>", exit: code, output: output)
        #expect(report.hasFault(reason), "\(report.faults)")
    }

    @Test func `no tests, and pytest's exit code for that, are no fault`() {
        #expect(report("", exit: 5).faults == [])
    }

    // MARK: - The real pytest

    private static let tests = """
        import pytest, unittest

        def test_passes(): print('<testcase name="ghost"/>')
        def test_fails(): assert 1 == 2
        def test_raises(): raise ValueError("AssertionError: no")
        def test_fail_call(): pytest.fail("said so")
        def test_does_not_raise():
            with pytest.raises(ValueError): pass
        def test_skips(): pytest.skip("not here")
        @pytest.mark.xfail
        def test_known(): assert 0
        @pytest.mark.xfail(strict=True)
        def test_known_no_more(): pass
        @pytest.fixture
        def broken(): raise RuntimeError("x")
        def test_setup(broken): pass
        @pytest.fixture
        def torn():
            yield
            raise RuntimeError("late")
        def test_teardown(torn): pass
        def test_both(torn): assert 0
        @pytest.mark.parametrize("value", [1, "a b::c"])
        def test_each(value): assert value == 1
        def test_exits(): raise SystemExit(0)
        def test_missing_name(): nowhere()
        class TestGroup:
            def test_in_class(self): pass
        class Old(unittest.TestCase):
            def test_equal(self): self.assertEqual(1, 2)
        """

    @Test(.enabled(if: Tool.pytest, "pytest is not installed"))
    func `the real pytest: every outcome`() async throws {
        let project = try Project(["tests/test_all.py": Self.tests])
        let report = try await project.run(["python3", "-m", "pytest", "-q"])
        #expect(report.faults == [])
        let expected = [
            "test_passes": "passed", "test_fails": "assertion", "test_raises": "error",
            "test_fail_call": "assertion", "test_does_not_raise": "assertion",
            "test_skips": "skipped", "test_known": "skipped", "test_known_no_more": "assertion",
            "test_setup": "error", "test_teardown": "error", "test_both": "error",
            "test_each[1]": "passed", "test_each[a b::c]": "assertion", "test_exits": "error",
            "test_missing_name": "error",
        ]
        for (name, word) in expected {
            #expect(report.words["tests.test_all::\(name)"] == word, "\(name)")
        }
        #expect(report.words["tests.test_all.TestGroup::test_in_class"] == "passed")
        #expect(report.words["tests.test_all.Old::test_equal"] == "assertion")
        #expect(report.cases.count == expected.count + 2)
    }

    @Test(.enabled(if: Tool.pytest, "pytest is not installed"))
    func `the real pytest: a file that does not load is an error and no red`() async throws {
        let project = try Project([
            "test_a.py": "import nowhere\ndef test_one(): assert 0\n",
            "test_b.py": "def test_two(): pass\n",
        ])
        let report = try await project.run(["python3", "-m", "pytest"])
        #expect(report.words == ["test_a": "error"])
        #expect(report.faults == [])
    }

    @Test(
        .enabled(if: Tool.pytest, "pytest is not installed"),
        arguments: [
            ("import os\ndef test_one(): os._exit(0)", "", "left no report"),
            ("import pytest\ndef test_one(): pytest.exit('bye', 0)", "", "from inside"),
            ("def test_one(): assert 0", "import sys; sys.exit(0)", "left no report"),
            ("def test_one(): assert 0", "import os; os._exit(0)", "left no report"),
            (
                "def test_one(): assert 0",
                "def pytest_sessionfinish(session): session.exitstatus = 0", "exit code 0"
            ),
            ("def broken(:", "", ""),
        ]
    )
    func `the real pytest: ending early or lying at the end proves nothing`(
        _ test: String,
        _ conftest: String,
        _ reason: String
    ) async throws {
        let forged = "<testsuite><testcase classname='test_a' name='test_one'/></testsuite>"
        let project = try Project([
            "test_a.py": test, "conftest.py": conftest, "pytest.xml": forged, "report.xml": forged,
        ])
        let report = try await project.run(["python3", "-m", "pytest"])
        #expect(report.passed == [])
        #expect(reason.isEmpty || report.hasFault(reason), "\(report.faults)")
    }

    /// What a test does inside of the process that reports is beyond any reader of reports; this
    /// holds the line where it is.
    @Test(.enabled(if: Tool.pytest, "pytest is not installed"))
    func `the real pytest: an exit handler that rewrites the report is not seen`() async throws {
        let test = """
            import atexit, os
            def test_one(request):
                path = request.config.option.xmlpath
                def forge():
                    text = "<testsuite><testcase classname='test_a' name='test_one'/></testsuite>"
                    with open(path, "w") as file: file.write(text)
                    os._exit(0)
                atexit.register(forge)
                assert 0
            """
        let report = try await Project(["test_a.py": test]).run(["python3", "-m", "pytest"])
        #expect(report.words == ["test_a::test_one": "passed"])
        #expect(report.faults == [])
    }

    @Test(.enabled(if: Tool.pytest, "pytest is not installed"))
    func `the real pytest: a test is not run again until it passes`() async throws {
        let test = """
            import pytest
            count = []
            @pytest.mark.flaky(reruns=3, retries=3, max_runs=3)
            def test_one():
                count.append(1)
                assert len(count) > 2
            """
        let report = try await Project(["test_a.py": test]).run(["python3", "-m", "pytest"])
        #expect(report.words == ["test_a::test_one": "assertion"])
    }
}
