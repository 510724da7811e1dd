import Testing

@testable import HiveWitness

@Suite struct TestRunnersTests {
    @Test(arguments: [
        ("pytest tests", "pytest"), ("/usr/bin/pytest", "pytest"),
        ("python -m pytest -q", "pytest"),
        ("python3.12 -m pytest", "pytest"), ("python3 -B -m pytest x", "pytest"),
        ("swift test --filter X", "swift"), ("/opt/swift/bin/swift test", "swift"),
        ("go test ./...", "go"), ("cargo test -p x", "cargo"), ("cargo +stable test", "cargo"),
        ("node --test", "node"), ("node --import tsx --test test/", "node"), ("jest", "jest"),
        ("npx jest --runInBand", "jest"), ("npx --no-install jest", "jest"), ("yarn jest", "jest"),
        ("node_modules/.bin/jest", "jest"), ("pnpm exec vitest run", "vitest"),
        ("npx vitest run", "vitest"), ("vitest", "vitest"),
    ])
    func `a runner is known by the words that call it`(_ command: String, _ name: String) {
        let words = command.split(separator: " ").map(String.init)
        #expect(TestRunners.runner(for: words, named: nil)?.name == name)
    }

    @Test(arguments: [
        "make test", "npm test", "yarn test", "true", "swift build", "swift run test",
        "go vet test",
        "cargo build", "cargo nextest run", "node test.js", "python3 tests.py", "python3 pytest",
        "python3 run.py -m pytest", "sh -c pytest", "./pytest.sh", "echo pytest", "npx", "npm exec",
        "bash test {report}",
    ])
    func `a wrapper is not taken for what it may run`(_ command: String) {
        let words = command.split(separator: " ").map(String.init)
        #expect(TestRunners.runner(for: words, named: nil) == nil)
    }

    @Test func `no words are no runner`() {
        #expect(TestRunners.runner(for: [], named: nil) == nil)
    }

    @Test func `the rule book's name wins, and one that is not known is none`() {
        for name in TestRunners.names {
            #expect(TestRunners.runner(for: ["make", "test"], named: name)?.name == name)
        }
        #expect(TestRunners.runner(for: ["go", "test"], named: "pytest")?.name == "pytest")
        #expect(TestRunners.runner(for: ["go", "test"], named: "gotest") == nil)
        #expect(TestRunners.runner(for: ["go", "test"], named: "") == nil)
        #expect(
            TestRunners.names
                == ["pytest", "swift", "go", "cargo", "node", "jest", "vitest", "junit", "tap"]
        )
    }

    @Test(arguments: [
        (
            "pytest", "uv run pytest -k x -- tests",
            "uv run pytest -k x -p no:cacheprovider -p no:rerunfailures -p no:flaky "
                + "-p no:pytest-retry -o junit_family=xunit2 --junitxml=/r/pytest.xml -- tests"
        ),
        (
            "swift", "swift test --parallel --num-workers 4 --filter A",
            "swift test --event-stream-output-path /r/swift-testing.jsonl --filter A"
        ),
        (
            "go", "go test ./... -run X",
            "go test -json -count=1 -coverprofile=/r/cover.out ./... -run X"
        ),
        (
            "cargo", "cargo +nightly test -q --no-fail-fast x -- --nocapture --test-threads 1",
            "cargo +nightly test --no-fail-fast --message-format=json-render-diagnostics x -- "
                + "--test-threads 1"
        ),
        (
            "jest", "npx jest a",
            "npx jest a --ci --json --outputFile=/r/jest.json"
        ),
        (
            "vitest", "vitest run --reporter verbose --retry=3 a",
            "vitest run a --reporter=json --outputFile=/r/vitest.json --retry=0"
        ),
        ("tap", "prove -a {report}", "prove -a /r/report.tap"),
    ])
    func `the words keep what they say and gain the report`(
        _ name: String,
        _ command: String,
        _ expected: String
    ) throws {
        let words = command.split(separator: " ").map(String.init)
        let runner = try #require(TestRunners.runner(for: words, named: name))
        let invocation = runner.invocation(of: words, reportingTo: "/r")
        #expect(invocation.words.joined(separator: " ") == expected)
    }

    @Test func `node's words gain a reporter that needs no file and has no blank`() throws {
        let words = ["node", "--test-reporter=tap", "--test-reporter", "spec", "--test", "a b"]
        let invocation = NodeRunner().invocation(of: words, reportingTo: "/r")
        #expect(invocation.words.count == 6)
        #expect(invocation.words[2].hasPrefix("--test-reporter=data:text/javascript,"))
        #expect(invocation.words[2].allSatisfy { $0.isASCII && !$0.isWhitespace })
        #expect(invocation.words[3] == "--test-reporter-destination=/r/node.jsonl")
        #expect(Array(invocation.words[4...]) == ["--test", "a b"])
    }

    @Test func `every runner finds a fault in a run that left nothing`() {
        for name in TestRunners.names {
            for code in [nil, 1, 0] as [Int32?] where !(name == "go" && code == 0) {
                let run = FinishedRun(exit: code, errors: "sh: no such thing\n")
                let report = TestRunners.runner(for: [], named: name)?.report(of: run)
                #expect(
                    report?.faults.isEmpty == false,
                    "\(name), exit code \(String(describing: code))"
                )
                #expect(report?.cases == [], "\(name)")
                #expect(report?.runner == name)
            }
        }
    }
}
