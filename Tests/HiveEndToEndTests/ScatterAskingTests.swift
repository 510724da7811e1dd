import Foundation
import HiveSignal
import HiveTestKit
import Testing

/// Who can be asked, how many at once, and what answers cost that nobody can use.
@Suite struct ScatterAskingTests {
    private static func environment(_ endpoint: ScriptedEndpoint) -> [String: String] {
        [
            "HIVE_BACKEND": "openai", "OPENAI_BASE_URL": endpoint.address + "/v1",
            "HIVE_MODEL": "scripted-1",
        ]
    }

    private func hive(
        _ arguments: [String],
        _ folder: TemporaryFolder,
        _ environment: [String: String] = [:]
    ) throws -> HiveProgram.Output {
        try HiveProgram.run(arguments, in: folder.path, environment: environment)
    }

    @Test(arguments: [
        ["HIVE_BACKEND": "openai"], ["HIVE_BACKEND": "exec"], ["HIVE_BACKEND": "acme"],
    ])
    func `what is finished can be looked at though nobody can be asked`(
        unfit: [String: String]
    ) throws {
        let folder = try TemporaryFolder()
        let endpoint = try ScriptedEndpoint()
        let made = try hive(
            ["scatter", "--prompt", "hello", "--count", "3", "--json"],
            folder,
            Self.environment(endpoint)
        )
        let scatter = try JSONValue(parsing: made.standardOutput.trimmed)["scatterId"]
        let identifier = scatter?.stringValue ?? ""
        let listed = try hive(["tasks", "--json"], folder, unfit)
        #expect(listed.exitCode == 0, "without a board: \(listed.standardError)")
        #expect(listed.standardOutput.contains(identifier))
        try folder.makeQuietRules()
        try folder.makeFolder("sandbox")
        try folder.write(
            Array((Lines.signal("H", port: 7) + "\n").utf8),
            to: "sandbox/obsidianblackboard.jsonl"
        )
        for arguments in [["tasks", "--json"], ["status", "--json"], ["log", "--json"]] {
            let run = try hive(arguments, folder, unfit)
            #expect(run.exitCode == 0, "\(arguments): \(run.standardError)")
        }
        let gathered = try hive(["gather", identifier, "--json"], folder, unfit)
        #expect(gathered.exitCode == 0, "\(gathered.standardError)")
        let answer = try JSONValue(parsing: gathered.standardOutput.trimmed)
        #expect(answer["completed"] == 3)
        let asked = try hive(["scatter", "--prompt", "hello"], folder, unfit)
        #expect(asked.exitCode == 2, "only asking needs a backend")
        #expect(endpoint.seen().requests == 3)
    }

    @Test func `who cannot ask loses no task: another goes on with it`() async throws {
        let folder = try TemporaryFolder()
        var script = EndpointScript()
        script.fault = { (3...4).contains($0.number) ? .hang : nil }
        let endpoint = try ScriptedEndpoint(script)
        let environment = Self.environment(endpoint)
        let asking = try Spawned.start(
            HiveProgram.path,
            [
                "scatter", "--prompt", "hello", "--count", "6", "--concurrency", "2", "--timeout",
                "3600000",
            ],
            in: folder.path,
            environment: environment
        )
        await endpoint.waitFor(requests: 4)
        asking.signal(SIGINT)
        asking.wait()
        let listed = try hive(["tasks", "--json"], folder)
        let scatter = try JSONValue(parsing: listed.standardOutput.trimmed)["scatterId"]
        let identifier = scatter?.stringValue ?? ""
        let unfit = try hive(["gather", identifier], folder, ["HIVE_BACKEND": "local"])
        #expect(unfit.exitCode == 2)
        #expect(unfit.standardError.contains("the backend openai has no OPENAI_API_KEY"))
        let run = try hive(["gather", identifier, "--json"], folder, environment)
        #expect(run.exitCode == 0, "\(run.standardError)")
        let answer = try JSONValue(parsing: run.standardOutput.trimmed)
        #expect(answer["completed"] == 6)
        #expect(answer["cancelled"] == 0)
    }

    @Test func `programs of a scatter are not more at once than there are processors`() throws {
        let folder = try TemporaryFolder()
        try folder.makeFolder("specs")
        try folder.makeFolder("running")
        // Each counts itself in and out; `mkdir` and `rmdir` are whole or not at all.
        let program = try folder.writeScript(
            """
            mkdir running/$$
            ls running | wc -l >> counts
            cat > /dev/null
            rmdir running/$$
            echo done
            """,
            to: "worker.sh"
        )
        let rules = "reactions: {enabled: false}\nworkers: {exec: {command: [\(program)]}}\n"
        try folder.write(Array(rules.utf8), to: "specs/rules.yaml")
        let room = min(max(ProcessInfo.processInfo.processorCount, 1), 8)
        let ask = ["scatter", "--prompt", "hello", "--count", "40", "--backend", "exec"]
        let plan = try hive(ask + ["--dry-run", "--json"], folder)
        let planned = try JSONValue(parsing: plan.standardOutput.trimmed)["concurrency"]
        #expect(planned?.integerValue == Int64(room))
        let run = try hive(ask + ["--json"], folder)
        #expect(run.exitCode == 0, "\(run.standardError)")
        let counts = String(decoding: folder.bytes("counts"), as: UTF8.self)
            .split(separator: "\n").compactMap { Int($0.trimmingCharacters(in: .whitespaces)) }
        #expect(counts.count == 40)
        #expect((counts.max() ?? 0) <= room)
    }

    @Test func `an answer that says nothing costs what it cost`() throws {
        let folder = try TemporaryFolder()
        try folder.makeFolder("specs")
        let prices = "prices:\n  - models: [scripted-1]\n    input: 1000\n    output: 1000\n"
        try folder.write(Array(prices.utf8), to: "specs/prices.yaml")
        var script = EndpointScript()
        script.reply = { _ in " " }
        let endpoint = try ScriptedEndpoint(script)
        let environment = Self.environment(endpoint)
        let run = try hive(
            ["scatter", "--prompt", "hello", "--count", "4", "--json"],
            folder,
            environment
        )
        #expect(run.exitCode == 1)
        let answer = try JSONValue(parsing: run.standardOutput.trimmed)
        #expect(answer["failed"] == 4)
        let tokens = answer["cost"]?["inputTokens"]?.integerValue ?? 0
        #expect(tokens > 0, "\(answer.text)")
        let cost = answer["cost"]?["estimatedCost"]?.doubleValue ?? 0
        #expect(cost >= Double(tokens) / 1_000)
        for result in answer["results"]?.arrayValue ?? [] {
            #expect(result["status"] == "failed")
            #expect(result["dollars"]?.doubleValue ?? 0 > 0)
        }
    }
}
