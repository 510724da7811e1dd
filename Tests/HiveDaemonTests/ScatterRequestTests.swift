import HiveKernel
import HiveSignal
import HiveTestKit
import Testing

@testable import HiveDaemon

/// What `scatter` can be asked for, and what is said of each mistake.
@Suite struct ScatterRequestTests {
    private func asked(
        _ params: JSONObject,
        environment: [String: String] = [:]
    ) throws(HiveError) -> ScatterRequest {
        let settings = try Settings(
            flags: SettingsFlags(),
            environment: environment,
            workingDirectory: "/nowhere"
        )
        return try ScatterRequest(.object(params), settings: settings, rules: Rules())
    }

    /// A mistake in the second of two tasks, which stands on line 4 of the file.
    private static let lineMistakes: [(line: String, message: String)] = [
        ("3", "expected a JSON object"),
        (#"{"id":"b"}"#, "it has no prompt"),
        (#"{"prompt":""}"#, "it has no prompt"),
        (#"{"prompt":7}"#, #"prompt: found "7"; expected a string"#),
        (#"{"prompt":"p","id":7}"#, #"id: found "7"; expected a string"#),
        (#"{"prompt":"p","id":""}"#, #"id: found "\"\""; expected 1 to 256 bytes on one line"#),
        (
            #"{"prompt":"p","model":"a\nb"}"#,
            #"model: found "\"a\\nb\""; expected 1 to 256 bytes on one line"#
        ),
        (#"{"prompt":"p","prio":1}"#, #""prio" is no key of a task"#),
        (#"{"prompt":"p","port":8}"#, #"port: found "8"; expected 0 to 7"#),
        (#"{"prompt":"p","port":"1"}"#, #"port: found "\"1\""; expected 0 to 7"#),
        (#"{"prompt":"p","phase":"X"}"#, #"phase: found "X"; expected H, I, V or E"#),
        (#"{"prompt":"p","phase":1}"#, "phase: found 1; expected H, I, V or E"),
        (
            #"{"prompt":"p","tools":"grep"}"#,
            #"tools: found "\"grep\""; expected a list of at most 64 names"#
        ),
        (
            #"{"prompt":"p","tools":[1]}"#,
            #"tools: found "[1]"; expected a list of at most 64 names"#
        ),
        (#"{"prompt":"p","id":"a"}"#, #"the id "a" is there already"#),
        (
            #"{"prompt":"p","port":1,"phase":"H"}"#,
            "port 1 does not speak in phase H"
        ),
    ]

    @Test(arguments: lineMistakes.indices)
    func `a mistake in a task names the line of the file`(index: Int) throws {
        let (line, message) = Self.lineMistakes[index]
        let tasks: [JSONValue] = [
            ["id": "a", "prompt": "p"], try JSONValue(parsing: Array(line.utf8)),
        ]
        let error = try #require(throws: HiveError.self) {
            try asked(["tasks": .array(tasks), "file": "tasks.jsonl", "lines": [1, 4]])
        }
        #expect(error.message == "tasks.jsonl:4: \(message)")
        #expect(error.exitCode == 2)
        let other = try #require(throws: HiveError.self) {
            try asked(["tasks": .array(tasks)])
        }
        #expect(other.message == "task 2: \(message)")
    }

    private static let mistakes: [(params: JSONObject, message: String)] = [
        ([:], "nothing to ask"),
        (["prompt": ""], "nothing to ask"),
        (["tasks": []], "found no task; expected 1 to 65536"),
        (["tasks": [["prompt": "p"]], "prompt": "p"], "tasks and a prompt do not go together"),
        (["tasks": [["prompt": "p"]], "count": 2], "tasks and a prompt do not go together"),
        (["prompt": "p", "count": 0], "--count: found 0; expected 1 to 65536"),
        (["prompt": "p", "count": 65_537], "--count: found 65537; expected 1 to 65536"),
        (["prompt": "p", "count": 1.5], "--count: found 1.5; expected 1 to 65536"),
        (["prompt": "p", "swarm": 4], "--swarm: found 4; expected 1 to 3"),
        (["prompt": "p", "concurrency": 0], "--concurrency: found 0; expected 1 to 512"),
        (["prompt": "p", "concurrency": 513], "--concurrency: found 513; expected 1 to 512"),
        (["prompt": "p", "timeoutMs": 0], "--timeout: found 0; expected 1 to 86400000"),
        (["prompt": "p", "maxTokens": -1], "--max-tokens: found -1; expected 1 to 1000000"),
        (["prompt": "p", "dollars": -0.5], "--budget: found -0.5; expected dollars, 0 or more"),
        (["prompt": "p", "dollars": "1"], "--budget: found \"1\"; expected dollars, 0 or more"),
        (["prompt": "p", "phase": "Q"], "--phase: found \"Q\"; expected H, I, V or E"),
        (["prompt": "p", "scatterId": "sc-1"], "scatterId: expected sc- and 16 hex digits"),
        (
            ["prompt": "p", "backend": "acme"],
            "--backend: found \"acme\"; expected local, exec, openrouter, ollama, openai, "
                + "anthropic, copilot-api, direct"
        ),
    ]

    @Test(arguments: mistakes.indices)
    func `a mistake in a flag names the flag, what was found and what is expected`(
        index: Int
    ) throws {
        let (params, message) = Self.mistakes[index]
        let error = try #require(throws: HiveError.self) { try asked(params) }
        #expect(error.message == message)
        #expect(error.exitCode == 2)
    }

    @Test func `HIVE_BACKEND is named where it is wrong, unless another backend is given`() throws {
        let wrong = ["HIVE_BACKEND": "acme"]
        let error = try #require(throws: HiveError.self) {
            try asked(["prompt": "p"], environment: wrong)
        }
        #expect(error.message.hasPrefix("HIVE_BACKEND: found \"acme\"; expected local, exec"))
        let request = try asked(["prompt": "p", "backend": "exec"], environment: wrong)
        #expect(request.backend == .exec)
    }

    @Test func `a prompt that is too long is refused with its size`() throws {
        let long = String(repeating: "x", count: ScatterRequest.promptBytesMax + 1)
        let error = try #require(throws: HiveError.self) { try asked(["prompt": .string(long)]) }
        #expect(error.message == "--prompt: 1048577 bytes; expected at most 1048576")
        let task = try #require(throws: HiveError.self) {
            try asked(["tasks": [["prompt": "p", "systemPrompt": .string(long)]]])
        }
        #expect(task.message == "task 1: systemPrompt: 1048577 bytes; expected at most 1048576")
    }

    @Test func `a file's name that is no name is not repeated`() throws {
        let name = String(repeating: "n", count: 5_000)
        let error = try #require(throws: HiveError.self) {
            try asked(["tasks": [[:]], "file": .string(name), "lines": [9]])
        }
        #expect(error.message == "task 1: it has no prompt")
    }

    @Test func `what is not given is as the settings say`() throws {
        let request = try asked(
            ["prompt": "p"],
            environment: ["MAX_CONCURRENT_WORKERS": "7", "REQUEST_TIMEOUT_MS": "1234"]
        )
        #expect(request.questions.count == 1)
        #expect(request.concurrency == 7)
        #expect(request.timeoutMilliseconds == 1_234)
        #expect(request.outputTokensMax == Rules().model.outputTokens)
        #expect(request.dollarsMax == nil)
        #expect(request.questions[0].port == nil)
        #expect(ScatterRequest.isIdentifier(request.identifier))
    }

    @Test func `a swarm is spread over the ports by phase pairs`() throws {
        let request = try asked(["prompt": "p", "swarm": 2])
        #expect(request.questions.count == 64)
        #expect(request.concurrency == 64)
        let ports = request.questions.prefix(8).compactMap { $0.port?.rawValue }
        #expect(ports == [0, 7, 1, 6, 2, 5, 3, 4])
        let counts = Dictionary(grouping: request.questions) { $0.phase?.letter ?? "?" }
            .mapValues(\.count)
        #expect(counts == ["H": 16, "I": 16, "V": 16, "E": 16])
    }

    @Test func `a phase gives its ports to tasks that have none`() throws {
        let request = try asked([
            "tasks": [["prompt": "a"], ["prompt": "b", "port": 6], ["prompt": "c"]], "phase": "I",
        ])
        #expect(request.questions.map { $0.port?.rawValue } == [1, 6, 6])
        #expect(request.questions.allSatisfy { $0.phase?.letter == "I" })
    }

    @Test func `a question is the same question wherever it stands, and no other`() throws {
        let questions = try asked([
            "tasks": [
                ["prompt": "a", "id": "x"], ["prompt": "a", "id": "y"], ["prompt": "b"],
                ["prompt": "a", "port": 1], ["prompt": "a", "tools": ["grep"]],
            ]
        ]).questions
        let digests = questions.map {
            $0.digest(backend: .openai, model: "m", outputTokensMax: 10)
        }
        #expect(digests[0] == digests[1], "a name is no part of what is asked")
        #expect(Set(digests).count == 4)
        let question = questions[0]
        let others = [
            question.digest(backend: .anthropic, model: "m", outputTokensMax: 10),
            question.digest(backend: .openai, model: "n", outputTokensMax: 10),
            question.digest(backend: .openai, model: "m", outputTokensMax: 11),
        ]
        #expect(!others.contains(digests[0]))
    }
}
