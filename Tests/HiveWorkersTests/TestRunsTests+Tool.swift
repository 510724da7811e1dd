import HiveProcess
import HiveSignal
import HiveTestKit
import HiveWorkers
import Testing

/// Port 4's tool in front of scripts that print what runners print.
@Suite(.timeLimit(.minutes(10)))
struct TestToolTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func `all is well`() async throws {
        let outcome = try await answer("echo '=== 41 passed, 2 skipped in 3.20s ==='")
        #expect(
            outcome.message.wholeMatch(
                of: /tests: 41 passed, 0 failed, 2 skipped in [0-9.]+ s \(pytest\)/
            ) != nil,
            "\(outcome.message)"
        )
        #expect(outcome.confidence == 0.9)
        #expect(!outcome.isFailure)
        #expect(
            outcome.details.keys == [
                "command", "exit", "passed", "failed", "skipped", "seconds", "failures", "reused",
            ]
        )
        #expect(outcome.details["exit"] == 0)
        #expect(outcome.details["passed"] == 41)
        #expect(outcome.details["reused"] == false)
        #expect(outcome.details["command"] == [.string(folder.at("tests"))])
    }

    @Test func `failing tests are a good answer, by name`() async throws {
        let outcome = try await answer(
            """
            echo "Test Case 'FooTests.bar' failed (0.1 seconds)"
            echo "Test Case 'FooTests.good' passed (0.1 seconds)"
            echo "Executed 2 tests, with 1 failure (0 unexpected) in 0.2 (0.2) seconds"
            exit 1
            """
        )
        #expect(
            outcome.message.wholeMatch(
                of: /tests: 1 passed, 1 failed in [0-9.]+ s \(swift test\): failed: FooTests.bar/
            ) != nil,
            "\(outcome.message)"
        )
        #expect(!outcome.isFailure)
        #expect(outcome.confidence == 0.9)
        #expect(outcome.details["failures"] == ["FooTests.bar"])
    }

    @Test func `more failures than names are counted`() async throws {
        let outcome = try await answer(
            "for n in $(seq 13); do echo \"FAILED a.py::t$n\"; done; echo '= 13 failed in 1.0s ='; exit 1"
        )
        #expect(outcome.message.hasSuffix("a.py::t9, a.py::t10 and 3 more"), "\(outcome.message)")
    }

    @Test func `passing tests and a failing command contradict each other`() async throws {
        let outcome = try await answer("echo '= 3 passed in 1.0s ='; echo 'lint: no' >&2; exit 2")
        #expect(
            outcome.message.hasSuffix("(pytest), but exit code 2: lint: no"),
            "\(outcome.message)"
        )
        #expect(!outcome.isFailure)
    }

    @Test func `without counts the exit code is all there is`() async throws {
        let outcome = try await answer("printf '\\033[31mboom\\033[0m\\n' >&2; exit 2")
        #expect(
            outcome.message.wholeMatch(
                of: /tests: exit code 2 in [0-9.]+ s, no counts in the output: boom/
            ) != nil,
            "\(outcome.message)"
        )
        #expect(outcome.confidence == 0.5)
        #expect(!outcome.isFailure)
        #expect(outcome.details["passed"] == nil)
        #expect(outcome.details["exit"] == 2)
    }

    @Test func `no command is said, with the cure`() async throws {
        let tool = TestTool(folder: folder.path, test: nil, runs: TestRuns())
        let outcome = try await tool.answer(.fixture())
        #expect(
            outcome.message == "tests: no test command is set; name one in specs/rules.yaml, "
                + "such as `witness: {test: [make, test]}`"
        )
        #expect(outcome.confidence == 0.3)
        #expect(!outcome.isFailure)
    }

    @Test func `a command that cannot start is a failure, with the cure`() async throws {
        let tool = TestTool(
            folder: folder.path,
            test: (["no-such-runner-of-hive"], Command.Limits(seconds: 5, outputBytes: 100)),
            runs: TestRuns()
        )
        let outcome = try await tool.answer(.fixture())
        #expect(
            outcome.message == "tests: cannot run no-such-runner-of-hive: no such program; "
                + "install it, or write its whole path in the command"
        )
        #expect(outcome.isFailure)
        #expect(outcome.confidence == 0.3)
    }

    @Test func `tests that do not end are a failure`() async throws {
        let outcome = try await answer("echo 'at test 7'; sleep 1000", seconds: 0.2)
        #expect(outcome.message == "tests: not done after 0.2 s, and ended: at test 7")
        #expect(outcome.isFailure)
        #expect(outcome.details["exit"] == nil)
    }

    @Test func `tests that write without end are a failure`() async throws {
        let outcome = try await answer("yes", outputBytes: 4_096)
        #expect(
            outcome.message.wholeMatch(
                of: /tests: ended after [0-9.]+ s: more output than 4 KiB: y/
            ) != nil,
            "\(outcome.message)"
        )
        #expect(outcome.isFailure)
    }

    private func answer(
        _ body: String,
        seconds: Double = 60,
        outputBytes: Int = 1 << 20
    ) async throws -> Outcome {
        let tool = TestTool(
            folder: folder.path,
            test: (
                [try folder.script("tests", body)],
                Command.Limits(seconds: seconds, outputBytes: outputBytes)
            ),
            runs: TestRuns()
        )
        return try await tool.answer(.fixture())
    }
}
