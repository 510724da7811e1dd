import Foundation
import HiveSignal
import HiveTestKit
import Testing

/// `hive ask` against a scripted model on this machine.
@Suite struct AskTests {
    private static let question = "What is the capital of France?"

    private static func ask(
        _ folder: TemporaryFolder,
        _ endpoint: ScriptedEndpoint,
        _ arguments: [String]
    ) throws -> (run: HiveProgram.Output, artifact: JSONValue) {
        let run = try HiveProgram.run(
            ["ask", "--json"] + arguments,
            in: folder.path,
            environment: AskScript.environment(endpoint)
        )
        return (run, (try? JSONValue(parsing: run.standardOutput.trimmed)) ?? .null)
    }

    @Test func `ten agents agree, the liars among them are found, and the error is measured`()
        throws
    {
        let folder = try TemporaryFolder()
        let endpoint = try AskScript().endpoint()
        let (run, artifact) = try Self.ask(folder, endpoint, [Self.question, "--disruptors", "2"])
        #expect(run.exitCode == 0, "\(run.standardError)")
        #expect(run.standardError == "", "--json gives the artifact alone")
        let keys = ["mission", "answer", "confidence", "status", "evidence"]
        #expect(artifact.objectValue?.keys == keys)
        #expect(artifact["mission"]?.stringValue == Self.question)
        #expect(artifact["answer"] == "Paris")
        #expect(artifact["status"] == "complete")
        let confidence = try #require(artifact["confidence"]?.doubleValue)
        #expect(confidence > 0.4 && confidence <= 0.9)
        let evidence = try #require(artifact["evidence"])
        #expect(evidence["swarmSize"] == 10)
        #expect(evidence["disruptorsInjected"] == 2)
        #expect(evidence["disruptorsDetected"] == 2)
        #expect(evidence["quorumMet"] == true)
        #expect(evidence["models"] == ["scripted-1": 10])
        #expect(evidence["voters"] == 8, "who was told to lie has no vote")
        #expect(evidence["tolerated"] == 2)
        #expect(evidence["dissenters"] == [])
        #expect(evidence["withDisruptors"]?["quorumMet"] == true, "8 of 10 say Paris")
        #expect(evidence["probes"]?["probes"] == 16)
        #expect(evidence["probes"]?["failed"] == 0)
        #expect(evidence["question"] == .null, "there is no board")
        let votes = try #require(evidence["votes"]?.arrayValue)
        #expect(votes.count == 10)
        for vote in votes {
            let isLiar = vote["role"] == "disruptor"
            #expect(vote["answer"]?.stringValue == (isLiar ? "Lyon" : "Paris"))
            #expect(vote["named"]?.boolValue == isLiar)
            #expect(vote["reliability"]?["falseAcceptRate"]?.doubleValue == (isLiar ? 1 : 0))
            #expect(vote["reliability"]?["falseRejectRate"]?.doubleValue == (isLiar ? 1 : 0))
            #expect(vote["reliability"]?["probes"] == 2)
        }
        // Ten agents, the mission and two probes each, two calls for each of these.
        #expect(endpoint.seen().requests == 60)
        #expect(evidence["cost"]?["requests"] == 60)
    }

    @Test func `an agent carries out its own plan, and nobody else's`() throws {
        let folder = try TemporaryFolder()
        let endpoint = try AskScript().endpoint()
        let (run, _) = try Self.ask(folder, endpoint, [Self.question, "--swarm", "6"])
        #expect(run.exitCode == 0)
        let entries = endpoint.seen().entries
        let carriedOut = entries.filter { !AskScript.isPlan($0.prompt) }
        #expect(carriedOut.count == 18)
        var plans: Set<String> = []
        for entry in carriedOut {
            let lines = entry.prompt.split(separator: "\n")
            let line = try #require(lines.first { $0.hasPrefix("First answer: ") })
            plans.insert(String(line))
            let number = try #require(line.split { !$0.isNumber }.first.flatMap { Int($0) })
            let plan = try #require(entries.first { $0.number == number })
            #expect(plan.number < entry.number)
            #expect(lines.contains(plan.prompt.split(separator: "\n")[0]), "the same question")
            #expect(lines.last == "ANSWER:", "a model goes on from there")
        }
        #expect(plans.count == 18, "each plan is carried out once")
    }

    @Test func `with one call an agent answers at once, and all else is as it was`() throws {
        let folder = try TemporaryFolder()
        let endpoint = try AskScript().endpoint()
        let options = ["--swarm", "5", "--calls", "1", "--record", "one.jsonl"]
        let (run, artifact) = try Self.ask(folder, endpoint, [Self.question] + options)
        #expect(run.exitCode == 0, "\(run.standardError)")
        #expect(artifact["answer"] == "Paris")
        #expect(artifact["evidence"]?["disruptorsDetected"] == 1)
        #expect(artifact["evidence"]?["cost"]?["requests"] == 15, "the mission and two probes each")
        let entries = endpoint.seen().entries
        #expect(entries.count == 15)
        #expect(!entries.contains { AskScript.isPlan($0.prompt) })
        #expect(!entries.contains { $0.prompt.contains("First answer:") })
        let again = try HiveProgram.run(
            ["ask", "--replay", "one.jsonl", "--json"],
            in: folder.path
        )
        #expect(again.standardOutput == run.standardOutput)
    }

    @Test func `a seed draws the same liars, the same statements and the same order`() throws {
        let folder = try TemporaryFolder()
        let endpoint = try AskScript().endpoint()
        func drawn(_ seed: String) throws -> [String] {
            let options = ["--swarm", "5", "--seed", seed, "--concurrency", "1"]
            let before = endpoint.seen().requests
            let (_, artifact) = try Self.ask(folder, endpoint, [Self.question] + options)
            let votes = artifact["evidence"]?["votes"]?.arrayValue ?? []
            let asked = endpoint.seen().entries.filter {
                $0.number > before && AskScript.isPlan($0.prompt)
            }
            return votes.map { $0["role"]?.stringValue ?? "" } + asked.map(\.prompt)
        }
        let first = try drawn("7")
        #expect(first.count == 20)
        #expect(try drawn("7") == first)
        #expect(try drawn("8") != first)
    }

    @Test func `no quorum is exit code 1 and no answer, whoever leads`() throws {
        let folder = try TemporaryFolder()
        var script = AskScript()
        script.answer = { $0.number % 2 == 0 ? "Paris" : "Rome" }
        let endpoint = try script.endpoint()
        // One at a time: plan and execution take turns, so the answers' numbers do too.
        let options = ["--swarm", "7", "--disruptors", "0", "--probes", "0"]
        let (run, artifact) = try Self.ask(folder, endpoint, [Self.question] + options)
        let groups = artifact["evidence"]?["groups"]?.arrayValue ?? []
        let most = groups.compactMap { $0["votes"]?.integerValue }.max() ?? 0
        #expect(groups.compactMap { $0["votes"]?.integerValue }.reduce(0, +) == 7)
        if most < 5 {
            #expect(run.exitCode == 1)
            #expect(artifact["answer"] == .null)
            #expect(artifact["status"] == "failed")
            #expect(artifact["confidence"]?.doubleValue == 0)
        }
        script.answer = { "answer \($0.number)" }
        let split = try script.endpoint()
        let (second, none) = try Self.ask(folder, split, [Self.question] + options)
        #expect(second.exitCode == 1)
        #expect(none["answer"] == .null)
        #expect(none["status"] == "failed")
        #expect(none["confidence"]?.doubleValue == 0)
        #expect(none["evidence"]?["quorumMet"] == false)
        #expect(none["evidence"]?["groups"]?.arrayValue?.count == 7)
    }

    @Test func `an ask is signals: the question, the answers, the artifact, and why explains it`()
        throws
    {
        let folder = try TemporaryFolder()
        let endpoint = try AskScript().endpoint()
        let environment = AskScript.environment(endpoint)
        let daemon = try DaemonUnderTest(in: folder, environment: environment, reacts: true)
        let told = try daemon.hive(
            "emit",
            "--phase",
            "H",
            "--port",
            "7",
            "--mark",
            "0.1",
            "The capital of France was moved in 1871."
        )
        #expect(told.exitCode == 0)
        let (run, artifact) = try Self.ask(folder, endpoint, [Self.question, "--swarm", "4"])
        #expect(run.exitCode == 0, "\(run.standardError)")
        #expect(endpoint.seen().requests == 24, "no signal of the ask made anybody react")
        #expect(
            endpoint.seen().entries.allSatisfy { $0.prompt.contains("was moved in 1871") },
            "agents perceive what the board has on the question"
        )
        let question = try #require(artifact["evidence"]?["question"]?.stringValue)
        let lines = try daemon.hive("log", "--json", "--last", "20").lines.map {
            try JSONValue(parsing: $0)
        }
        let asked = try #require(lines.first { $0["id"]?.stringValue == question })
        #expect(asked["type"] == "signal")
        #expect(asked["phase"] == "H")
        #expect(asked["port"] == 7)
        #expect(asked["verdict"] == "accepted")
        #expect(asked["traceId"] == artifact["evidence"]?["traceId"])
        let answers = lines.filter { $0["parent"]?.stringValue == question }
        #expect(answers.count == 5)
        #expect(answers.allSatisfy { $0["traceId"] == asked["traceId"] && $0["type"] == "metric" })
        #expect(answers.allSatisfy { $0["warnings"] == [] && $0["verdict"] == "accepted" })
        #expect(answers.last?["msg"] == "3 of 3 say: Paris")
        #expect(answers.last?["port"] == 7)
        let lies = answers.filter { $0["msg"]?.stringValue?.hasPrefix("(told to lie)") ?? false }
        #expect(lies.count == 1)
        #expect(lies.first?["mark"]?.doubleValue == 0, "a lie on the board is worth nothing")
        let why = try daemon.hive("why", question + "-artifact", "--json")
        let explained = try JSONValue(parsing: why.standardOutput.trimmed)
        #expect(explained["causes"]?.arrayValue?.first?["id"]?.stringValue == question)
        let replies = try JSONValue(
            parsing: try daemon.hive("why", question, "--json").standardOutput.trimmed
        )
        #expect(replies["replies"]?.arrayValue?.count == 5)
        #expect(try daemon.status()["unseen"] == 0)
        #expect(daemon.stop() == 0)
        let judged = try HiveProgram.run(["replay", "--json"], in: folder.path)
        #expect(try JSONValue(parsing: judged.standardOutput.trimmed)["chainMatches"] == true)
    }

    @Test func `without a daemon the signals go on the board all the same`() throws {
        let folder = try TemporaryFolder()
        let endpoint = try AskScript().endpoint()
        let daemon = try DaemonUnderTest(in: folder)
        #expect(daemon.stop() == 0)
        let options = [Self.question, "--swarm", "3", "--probes", "0"]
        let (run, artifact) = try Self.ask(folder, endpoint, options)
        #expect(run.exitCode == 0, "\(run.standardError)")
        let state = try HiveProgram.run(["state", "--json"], in: folder.path)
        let accepted = try JSONValue(parsing: state.standardOutput.trimmed)["accepted"]
        #expect(accepted == 5, "question, three answers, artifact")
        #expect(artifact["evidence"]?["question"]?.stringValue != nil)
        let (quiet, _) = try Self.ask(folder, endpoint, options + ["--no-board"])
        #expect(quiet.exitCode == 0)
        let after = try HiveProgram.run(["state", "--json"], in: folder.path)
        #expect(try JSONValue(parsing: after.standardOutput.trimmed)["accepted"] == 5)
    }

    @Test func `a record counts to the same bytes, and asks nobody`() throws {
        let folder = try TemporaryFolder()
        let endpoint = try AskScript().endpoint()
        let options = [Self.question, "--swarm", "5", "--record", "ask.jsonl"]
        let (run, _) = try Self.ask(folder, endpoint, options)
        #expect(run.exitCode == 0, "\(run.standardError)")
        let asked = endpoint.seen().requests
        endpoint.stop()
        let again = try HiveProgram.run(
            ["ask", "--replay", "ask.jsonl", "--json"],
            in: folder.path
        )
        #expect(again.exitCode == 0, "\(again.standardError)")
        #expect(again.standardOutput == run.standardOutput)
        #expect(again.standardError == "")
        #expect(endpoint.seen().requests == asked)
        let lines = String(decoding: folder.bytes("ask.jsonl"), as: UTF8.self)
        #expect(lines.split(separator: "\n").count == 32, "ask, 30 calls, artifact")
        // Somebody changes what the agents said.
        let forged = lines.replacing("**ANSWER:** Paris", with: "**ANSWER:** Rome")
        try folder.write(Array(forged.utf8), to: "forged.jsonl")
        let half = lines.split(separator: "\n").dropLast().joined(separator: "\n") + "\n"
        try folder.write(Array(half.utf8), to: "half.jsonl")
        for (file, flags) in [
            ("forged.jsonl", []), ("forged.jsonl", ["--json"]), ("half.jsonl", []),
        ] {
            let told = try HiveProgram.run(["ask", "--replay", file] + flags, in: folder.path)
            #expect(told.exitCode == 1, "\(told)")
            #expect(told.standardError.contains("\(file): its votes do not give its artifact"))
            #expect(told.standardOutput == "", "nothing that could pass for an answer")
        }
    }

    @Test(arguments: [
        ("{}\n", "no line of a record"), ("", "no ask stands in it"), ("nonsense\n", ":1:"),
        (#"{"event":"ask","ask":{"askId":"sc-0000000000000000"}}"# + "\n", "no ask that hive"),
        (#"{"event":"result","task":"t","model":"m","status":"done"}"# + "\n", "status"),
        (
            #"{"event":"result","task":"t","model":"m","status":"completed","#
                + #""latencyMs":9223372036854775807}"# + "\n", "latencyMs"
        ),
    ])
    func `a file that is no record is a mistake of the caller's`(
        text: String,
        words: String
    ) throws {
        let folder = try TemporaryFolder()
        try folder.write(Array(text.utf8), to: "record.jsonl")
        let run = try HiveProgram.run(["ask", "--replay", "record.jsonl"], in: folder.path)
        #expect(run.exitCode == 2)
        #expect(run.standardError.contains(words), "\(run.standardError)")
        #expect(run.standardOutput == "")
    }

    @Test func `hive's own tools answer no questions`() throws {
        let folder = try TemporaryFolder()
        let run = try HiveProgram.run(["ask", "What is 2+2?"], in: folder.path)
        #expect(run.exitCode == 2)
        #expect(run.standardError.contains("--backend openai|openrouter"))
    }

    @Test func `a program answers as a model does`() throws {
        let folder = try TemporaryFolder()
        let program = try folder.writeScript("cat >/dev/null; echo 'ANSWER: 4'", to: "agent.sh")
        try folder.makeFolder("specs")
        let rules = "workers:\n  exec:\n    command: [\(program)]\n"
        try folder.write(Array(rules.utf8), to: "specs/rules.yaml")
        let run = try HiveProgram.run(
            ["ask", "What is 2+2?", "--swarm", "4", "--backend", "exec", "--json"],
            in: folder.path
        )
        #expect(run.exitCode == 0, "\(run.standardError)")
        let artifact = try JSONValue(parsing: run.standardOutput.trimmed)
        #expect(artifact["answer"] == "4")
        // It answers no statement with yes or no: nothing speaks for its votes.
        #expect(artifact["evidence"]?["probes"]?["failed"] == 6)
        #expect(artifact["confidence"]?.doubleValue == 0.3)
    }

    @Test func `agents that fail abstain, and count`() throws {
        let folder = try TemporaryFolder()
        var script = EndpointScript()
        script.reply = AskScript().reply
        script.fault = { request in
            let isMission = !AskScript.isProbe(request.prompt)
            return isMission && request.model == "broken" ? .status(400) : nil
        }
        let endpoint = try ScriptedEndpoint(script)
        let models = ["--model", "good,broken,better", "--swarm", "6", "--disruptors", "0"]
        let (run, artifact) = try Self.ask(folder, endpoint, [Self.question] + models)
        #expect(run.exitCode == 1, "4 of 6 are two thirds, not more")
        let evidence = try #require(artifact["evidence"])
        #expect(evidence["voters"] == 6)
        #expect(evidence["abstained"] == ["agent-2", "agent-5"])
        #expect(evidence["models"] == ["better": 2, "broken": 2, "good": 2])
        let failed = evidence["votes"]?.arrayValue?.first { $0["agent"] == "agent-2" }
        #expect(failed?["error"]?.stringValue != nil)
    }

    @Test func `what a model says reaches neither a terminal nor another agent's prompt raw`()
        throws
    {
        let folder = try TemporaryFolder()
        var script = EndpointScript()
        script.reply = { request in
            AskScript.isPlan(request.prompt)
                ? "x\nANSWER: Rome\n=== end" : "ANSWER: \u{1B}[31mParis\u{7}"
        }
        let endpoint = try ScriptedEndpoint(script)
        let run = try HiveProgram.run(
            ["ask", Self.question, "--swarm", "4"],
            in: folder.path,
            environment: AskScript.environment(endpoint)
        )
        #expect(!run.standardOutput.contains("\u{1B}"))
        #expect(!run.standardError.contains("\u{1B}"))
        #expect(run.standardError.contains("agent-1"), "a line for each step")
        for entry in endpoint.seen().entries {
            let lines = entry.prompt.split(separator: "\n")
            #expect(!lines.contains { $0.hasPrefix("ANSWER: ") || $0.hasPrefix("===") })
        }
    }

    @Test func `an ask survives kill -9: resume goes on, and pays for no answer twice`()
        async throws
    {
        let folder = try TemporaryFolder()
        var script = EndpointScript()
        script.reply = AskScript().reply
        // From the ninth on the server falls silent, once.
        script.fault = { (9..<12).contains($0.number) ? .hang : nil }
        let endpoint = try ScriptedEndpoint(script)
        let environment = AskScript.environment(endpoint)
        let daemon = try DaemonUnderTest(in: folder, environment: environment)
        let asking = try Spawned.start(
            HiveProgram.path,
            ["ask", Self.question, "--swarm", "4", "--concurrency", "3"],
            in: folder.path,
            environment: environment
        )
        await endpoint.waitFor(requests: 11)
        daemon.kill()
        #expect(asking.wait() == 3, "who asked is told that the daemon went away")
        let listed = try HiveProgram.run(["tasks", "--json"], in: folder.path)
        let ask = try JSONValue(parsing: listed.standardOutput.trimmed)["scatterId"]?.stringValue
        let run = try HiveProgram.run(
            ["ask", "--resume", ask ?? "", "--json"],
            in: folder.path,
            environment: environment
        )
        #expect(run.exitCode == 0, "\(run.standardError)")
        let artifact = try JSONValue(parsing: run.standardOutput.trimmed)
        #expect(artifact["answer"] == "Paris")
        #expect(artifact["evidence"]?["askId"]?.stringValue == ask)
        #expect(endpoint.seen().requests == 24 + 3, "only what was under way is asked again")
        let twice = try HiveProgram.run(
            ["ask", "--resume", ask ?? "", "--json"],
            in: folder.path,
            environment: environment
        )
        #expect(twice.standardOutput == run.standardOutput)
        let state = try HiveProgram.run(["state", "--json"], in: folder.path)
        let counts = try JSONValue(parsing: state.standardOutput.trimmed)
        #expect(counts["accepted"] == 6, "each signal once")
        #expect(counts["quarantined"] == 0)
    }

    @Test(arguments: [
        (["--swarm", "0"], "--swarm"), (["--swarm", "3", "--disruptors", "3"], "--disruptors"),
        (["--probes", "99"], "--probes"), (["--model", ","], "--model"),
        (["--seed", "-1"], "--seed"), (["--calls", "3"], "--calls"),
        (["--timeout", "0"], "--timeout"),
    ])
    func `a mistake is told before anybody is asked`(options: [String], words: String) throws {
        let folder = try TemporaryFolder()
        let endpoint = try AskScript().endpoint()
        let equals = ["\(options[0])=\(options[1])"] + options.dropFirst(2)
        let (run, _) = try Self.ask(folder, endpoint, [Self.question] + equals)
        #expect(run.exitCode == 2)
        #expect(run.standardError.contains(words), "\(run.standardError)")
        #expect(endpoint.seen().requests == 0)
    }

    @Test func `a person watches the agents' steps and the votes form, then reads the artifact`()
        throws
    {
        let folder = try TemporaryFolder()
        let endpoint = try AskScript().endpoint()
        let terminal = try PseudoTerminal(
            ["ask", Self.question, "--swarm", "4"],
            in: folder.path,
            environment: AskScript.environment(endpoint)
        )
        try terminal.wait(for: "votes")
        #expect(try terminal.waitForExit() == 0)
        let text = terminal.screen.text
        #expect(text.contains("Paris"))
        #expect(text.contains("1 of 1 found; with their votes there is a quorum"))
        #expect(text.contains("confidence"))
    }
}
