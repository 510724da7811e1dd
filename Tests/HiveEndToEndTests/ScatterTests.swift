import Foundation
import HiveSignal
import HiveTestKit
import Synchronization
import Testing

/// `hive scatter` and `hive gather` against a server on this machine.
@Suite struct ScatterTests {
    /// What a test's hive needs to know of its server.
    private static func environment(
        _ endpoint: ScriptedEndpoint,
        _ more: [String: String] = [:]
    ) -> [String: String] {
        [
            "HIVE_BACKEND": "openai", "OPENAI_BASE_URL": endpoint.address + "/v1",
            "HIVE_MODEL": "scripted-1",
        ].merging(more) { $1 }
    }

    /// No request runs out of time while the test is kept waiting itself.
    private static let patience = ["--timeout", "3600000"]

    private static func tasks(_ count: Int) -> [UInt8] {
        Array(
            (0..<count).map { #"{"id":"t\#($0)","prompt":"question \#($0)"}"# + "\n" }.joined().utf8
        )
    }

    private static func results(_ answer: JSONValue) -> [String: JSONValue] {
        var results: [String: JSONValue] = [:]
        for result in answer["results"]?.arrayValue ?? [] {
            results[result["taskId"]?.stringValue ?? ""] = result
        }
        return results
    }

    @Test func `every task of a file gets its own answer, in the file's order`() async throws {
        let folder = try TemporaryFolder()
        let endpoint = try ScriptedEndpoint()
        let run = try HiveProgram.run(
            ["scatter", "--tasks", "-", "--json"],
            in: folder.path,
            environment: Self.environment(endpoint),
            input: Self.tasks(40)
        )
        #expect(run.exitCode == 0, "\(run.standardError)")
        let answer = try JSONValue(parsing: run.standardOutput.trimmed)
        #expect(answer["allComplete"] == true)
        #expect(answer["dispatched"] == 40)
        let names = (answer["results"]?.arrayValue ?? []).map { $0["taskId"]?.stringValue }
        #expect(names == (0..<40).map { "t\($0)" })
        for (name, result) in Self.results(answer) {
            let question = "question \(name.dropFirst())"
            #expect(result["output"]?.stringValue == String(question.reversed()))
            #expect(result["attempts"] == 1)
        }
        #expect(endpoint.seen().requests == 40)
        #expect((answer["cost"]?["inputTokens"]?.integerValue ?? 0) > 0)
        #expect(answer["timing"]?["endMs"]?.integerValue != nil)
    }

    @Test func `a scatter survives kill -9, pays for no answer twice and counts its requests`()
        async throws
    {
        let count = ProcessInfo.processInfo.environment["HIVE_TORTURE"] == nil ? 128 : 512
        let folder = try TemporaryFolder()
        var script = EndpointScript()
        script.seed = 7
        // Twice the server falls silent, so that each kill finds requests under way: how many, is
        // for hive to say, which sends fewer at once after a 429.
        let (first, second) = (count / 4, count / 2)
        let silence = Mutex(first..<Int.max)
        script.fault = { request in
            silence.withLock { $0.contains(request.number) } ? .hang : nil
        }
        script.faultShares = [
            (.status(429, retryAfterSeconds: 1), 0.05), (.status(500), 0.02),
            (.cut(afterBytes: 64), 0.01),
        ]
        let endpoint = try ScriptedEndpoint(script)
        let environment = Self.environment(
            endpoint,
            ["OPENAI_API_KEY": "key-one-of-the-test", "OPENAI_API_KEY2": "key-two-of-the-test"]
        )
        try folder.write(Self.tasks(count), to: "tasks.jsonl")
        let daemon = try DaemonUnderTest(in: folder, environment: environment)
        let asking = try Spawned.start(
            HiveProgram.path,
            ["scatter", "--tasks", "tasks.jsonl", "--concurrency", "16"] + Self.patience,
            in: folder.path,
            environment: environment
        )
        await endpoint.waitFor(requests: first + 1)
        daemon.kill()
        silence.withLock { $0 = second..<Int.max }
        #expect(asking.wait() == 3, "who asked is told that the daemon went away")
        let next = try DaemonUnderTest(in: folder, environment: environment)
        await endpoint.waitFor(requests: second + 1)
        next.kill()
        silence.withLock { $0 = Int.max..<Int.max }
        // Without a daemon this process goes on with it.
        let listed = try HiveProgram.run(["tasks", "--json"], in: folder.path)
        let scatter = try JSONValue(parsing: listed.standardOutput.trimmed)["scatterId"]
        let run = try HiveProgram.run(
            ["gather", scatter?.stringValue ?? "", "--json"],
            in: folder.path,
            environment: environment
        )
        #expect(run.exitCode == 0, "\(run.standardError)")
        let answer = try JSONValue(parsing: run.standardOutput.trimmed)
        #expect(answer["allComplete"] == true)
        #expect(Self.results(answer).count == count)
        Self.expectHonestCounts(answer, endpoint.seen())
    }

    /// What hive says that it sent is what the server saw, all in all and by task.
    private static func expectHonestCounts(_ answer: JSONValue, _ seen: EndpointLog) {
        // A request that was noted and not sent is one of those under way at a kill.
        let attempts = answer["attempts"]?.integerValue ?? 0
        let interrupted = answer["interrupted"]?.integerValue ?? 0
        #expect(Int64(seen.requests) <= attempts)
        #expect(Int64(seen.requests) + interrupted >= attempts)
        #expect(interrupted <= 32, "no more than were under way at two kills")
        var asked: [String: Int64] = [:]
        for entry in seen.entries { asked[entry.prompt, default: 0] += 1 }
        for (name, result) in results(answer) {
            #expect(result["status"] == "completed")
            let requests = asked["question \(name.dropFirst())"] ?? 0
            #expect(requests <= result["attempts"]?.integerValue ?? 0, "\(name)")
        }
        #expect(seen.byKey.count == 2, "two keys share the work")
    }

    @Test func `no key is in any output, file, error or log`() async throws {
        let key = "sk-test-0123456789abcdef-secret"
        let folder = try TemporaryFolder()
        var script = EndpointScript()
        // A hostile server repeats the key wherever it can.
        script.fault = { request in
            switch request.number % 4 {
            case 0: .echoKeys
            case 1: .status(400, retryAfterSeconds: nil, body: "no such key: \(request.key ?? "")")
            default: nil
            }
        }
        script.reply = { "your key is \($0.key ?? "none")" }
        let endpoint = try ScriptedEndpoint(script)
        let environment = Self.environment(endpoint, ["OPENAI_API_KEY": key])
        var texts: [String] = []
        let daemon = try DaemonUnderTest(in: folder, environment: environment, reacts: true)
        for arguments in [
            ["scatter", "--prompt", "hello", "--count", "16", "--follow", "--json"],
            ["scatter", "--prompt", "hello", "--count", "4"],
            ["emit", "--phase", "H", "--port", "7", "look around"], ["tasks"], ["doctor"],
            ["status", "--json"], ["log", "--json"],
        ] {
            let run = try HiveProgram.run(arguments, in: folder.path, environment: environment)
            texts += [run.standardOutput, run.standardError]
        }
        try daemon.waitForSequence(3)
        #expect(daemon.stop() == 0)
        #expect(texts.contains { $0.contains("[secret]") }, "the server did repeat it")
        for text in texts { #expect(!text.contains(key)) }
        let files = FileManager.default.enumerator(atPath: folder.path)
        while let name = files?.nextObject() as? String {
            let bytes = folder.bytes(name)
            #expect(bytes.firstRange(of: Array(key.utf8)) == nil, "\(name)")
        }
    }

    @Test func `a budget stops before the call that would pass it`() async throws {
        let folder = try TemporaryFolder()
        // 8 tokens in, 250 out at most: a call costs up to 0.0027 dollars, and less in the end.
        try folder.makeFolder("specs")
        let prices = "prices:\n  - models: [scripted-1]\n    input: 10\n    output: 10\n"
        try folder.write(Array(prices.utf8), to: "specs/prices.yaml")
        var script = EndpointScript()
        script.reply = { _ in String(repeating: "word ", count: 160) }
        let endpoint = try ScriptedEndpoint(script)
        let run = try HiveProgram.run(
            [
                "scatter", "--prompt", "hello", "--count", "64", "--max-tokens", "250", "--budget",
                "0.01", "--json",
            ],
            in: folder.path,
            environment: Self.environment(endpoint)
        )
        #expect(run.exitCode == 1)
        let answer = try JSONValue(parsing: run.standardOutput.trimmed)
        let cost = answer["cost"]?["estimatedCost"]?.doubleValue ?? 1
        #expect(cost > 0.005)
        #expect(cost <= 0.01)
        let done = answer["completed"]?.integerValue ?? 0
        #expect(Int64(endpoint.seen().requests) == done, "what is refused is not sent")
        #expect(answer["cancelled"]?.integerValue == 64 - done)
        let error = Self.results(answer).values.lazy.compactMap { $0["error"]?.stringValue }.first
        #expect(error?.contains("the budget of $0.01 of this scatter would be passed") == true)
    }

    @Test func `an interrupted scatter goes on by gather`() async throws {
        let folder = try TemporaryFolder()
        var script = EndpointScript()
        script.fault = { (13...16).contains($0.number) ? .hang : nil }
        let endpoint = try ScriptedEndpoint(script)
        let environment = Self.environment(endpoint)
        try folder.write(Self.tasks(60), to: "tasks.jsonl")
        let asking = try Spawned.start(
            HiveProgram.path,
            ["scatter", "--tasks", "tasks.jsonl", "--concurrency", "4"] + Self.patience,
            in: folder.path,
            environment: environment
        )
        await endpoint.waitFor(requests: 16)
        asking.signal(SIGINT)
        #expect(asking.wait() == 130)
        let run = try HiveProgram.run(
            ["gather", "t59", "t0", "--json"],
            in: folder.path,
            environment: environment
        )
        #expect(run.exitCode == 0, "\(run.standardError)")
        let answer = try JSONValue(parsing: run.standardOutput.trimmed)
        #expect(Set(Self.results(answer).keys) == ["t0", "t59"])
        let whole = try HiveProgram.run(
            ["gather", answer["scatterId"]?.stringValue ?? "", "--json"],
            in: folder.path,
            environment: environment
        )
        #expect(try JSONValue(parsing: whole.standardOutput.trimmed)["completed"] == 60)
        #expect(endpoint.seen().requests == 64)
    }

    @Test func `gather gives up when its time is up, and says what is pending`() async throws {
        let folder = try TemporaryFolder()
        var script = EndpointScript()
        script.fault = { $0.prompt == "question 1" ? .hang : nil }
        let endpoint = try ScriptedEndpoint(script)
        let environment = Self.environment(endpoint)
        let daemon = try DaemonUnderTest(in: folder, environment: environment)
        try folder.write(Self.tasks(3), to: "tasks.jsonl")
        let asking = try Spawned.start(
            HiveProgram.path,
            ["scatter", "--tasks", "tasks.jsonl", "--timeout", "600000"],
            in: folder.path,
            environment: environment
        )
        await endpoint.waitFor(requests: 3)
        await endpoint.waitUntil { $0.answersWhole == 2 }
        asking.signal(SIGKILL)
        asking.wait()
        let run = try HiveProgram.run(
            ["gather", "t0", "t1", "t2", "--timeout", "100", "--json"],
            in: folder.path,
            environment: environment
        )
        #expect(run.exitCode == 1)
        let answer = try JSONValue(parsing: run.standardOutput.trimmed)
        #expect(answer["allComplete"] == false)
        #expect(Self.results(answer)["t1"]?["status"] == "pending")
        #expect(daemon.stop() == 0)
    }

    @Test func `a vote takes what most say, and a program may judge`() async throws {
        let folder = try TemporaryFolder()
        var script = EndpointScript()
        script.reply = { $0.number % 9 < 2 ? "five" : " Four.\n" }
        let endpoint = try ScriptedEndpoint(script)
        let environment = Self.environment(endpoint)
        let first = try HiveProgram.run(
            ["scatter", "--prompt", "2+2", "--count", "9", "--json"],
            in: folder.path,
            environment: environment
        )
        let scatter =
            try JSONValue(parsing: first.standardOutput.trimmed)["scatterId"]?.stringValue ?? ""
        let vote = try HiveProgram.run(
            ["gather", scatter, "--aggregation", "vote", "--json"],
            in: folder.path,
            environment: environment
        )
        let made = try JSONValue(parsing: vote.standardOutput.trimmed)["aggregation"]
        #expect(made?["output"] == "Four")
        #expect(made?["votes"] == 7)
        #expect(made?["needed"] == 7)
        #expect(made?["of"] == 9)
        let custom = try HiveProgram.run(
            ["gather", scatter, "--aggregation", "custom", "--json", "--command", "wc", "-l"],
            in: folder.path,
            environment: environment
        )
        let counted = try JSONValue(parsing: custom.standardOutput.trimmed)["aggregation"]
        #expect(counted?["output"] == "9")
        #expect(endpoint.seen().requests == 9, "to gather again asks nobody")
    }

    @Test func `a signal is answered by the model, as outcomes with parent, task, trace and mark`()
        throws
    {
        let folder = try TemporaryFolder()
        var script = EndpointScript()
        script.reply = { _ in #"{"msg": "the contract is clear", "confidence": 0.8}"# }
        let endpoint = try ScriptedEndpoint(script)
        let daemon = try DaemonUnderTest(
            in: folder,
            environment: Self.environment(endpoint),
            reacts: true
        )
        let emitted = try daemon.hive(
            "emit",
            "--phase",
            "H",
            "--port",
            "7",
            "--mark",
            "0.5",
            "look"
        )
        #expect(emitted.exitCode == 0)
        try daemon.waitForSequence(3)
        let lines = try daemon.hive("log", "--json", "-n", "2").lines.map {
            try JSONValue(parsing: $0)
        }
        #expect(Set(lines.compactMap { $0["port"]?.integerValue }) == [1, 6])
        for line in lines {
            #expect(line["verdict"] == "accepted")
            #expect(line["phase"] == "I")
            #expect(line["msg"] == "the contract is clear")
            #expect(line["mark"]?.doubleValue == 0.4)
            #expect(line["parent"]?.stringValue?.hasPrefix("s-87-") == true)
            #expect(line["task"]?.stringValue?.hasPrefix("t-87-") == true)
        }
        #expect(Set(lines.compactMap { $0["traceId"]?.stringValue }).count == 1)
        #expect(daemon.stop() == 0)
    }
}
