import HiveKernel
import HiveLedger
import HiveSignal
import HiveTestKit
import Testing

@testable import HiveDaemon

/// What an ask's answers come to, whatever order they come in.
@Suite struct AskCountTests {
    private let folder: TemporaryFolder
    private let settings: Settings
    private let seed: UInt64

    init() throws {
        folder = try TemporaryFolder()
        settings = try Settings(
            flags: SettingsFlags(),
            environment: [:],
            workingDirectory: folder.path
        )
        seed = SeededGenerator().seed & UInt64(AskRequest.seedMax)
    }

    private func request(swarm: Int64, disruptors: Int64, probes: Int64) throws -> AskRequest {
        try AskRequest(
            [
                "mission": "What is 2+2?", "swarm": .integer(swarm),
                "disruptors": .integer(disruptors), "probes": .integer(probes),
                "seed": .integer(Int64(seed)), "backend": "openai",
            ],
            settings: settings,
            rules: Rules()
        )
    }

    /// Rows of all steps; `answer` says what an execute step says.
    private func rows(
        _ plan: AskPlan,
        _ answer: (AskPlan.Chain) -> String?
    ) -> [ScatterTaskRow] {
        plan.chains.flatMap { chain in
            var react = ScatterTaskRow(
                name: chain.react ?? "",
                digest: "",
                sample: 0,
                model: "m",
                request: "{}"
            )
            react.state = .completed
            react.output = "a plan"
            var execute = react
            execute.name = chain.execute
            execute.output = answer(chain)
            if execute.output == nil { execute.state = .failed }
            return [react, execute]
        }
    }

    @Test func `probes are never votes, whatever is said to them`() throws {
        let request = try request(swarm: 12, disruptors: 2, probes: 3)
        let plan = AskPlan(request)
        #expect(plan.agents.count(where: \.isDisruptor) == 2)
        var counts: [AskCount] = []
        for word in ["4", "5", "yes", "no"] {
            let rows = rows(plan) { $0.probe == nil ? "ANSWER: 4" : "ANSWER: \(word)" }
            counts.append(AskCount(request, plan, rows))
        }
        for count in counts {
            #expect(count.decision.voters == 10)
            #expect(count.decision.groups.map(\.votes) == [10], "seed \(seed)")
            #expect(count.decision.consensus?.text == "4")
            #expect(count.stressed.voters == 12)
        }
        // Nothing but probes differs: what they say is in the weights.
        #expect(counts[0].decision.weight < counts[2].decision.weight)
    }

    @Test func `a probe that got no answer measures nothing`() throws {
        let request = try request(swarm: 4, disruptors: 0, probes: 2)
        let plan = AskPlan(request)
        let count = AskCount(request, plan, rows(plan) { $0.probe == nil ? "4" : nil })
        #expect(count.yields.allSatisfy { $0.reliability.asked == 0 })
        #expect(count.decision.weight == 4 * Reliability.unknownThousandths)
    }

    @Test func `the order of rows does not matter, and what is missing abstains`() throws {
        let request = try request(swarm: 9, disruptors: 1, probes: 1)
        let plan = AskPlan(request)
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<40 {
            let all = rows(plan) { _ in
                ["ANSWER: 4", "four", "4.0", "5", nil].randomElement(using: &generator) ?? nil
            }
            let kept = all.filter { _ in Int.random(in: 0..<8, using: &generator) > 0 }
            let artifact = AskCount(request, plan, kept).artifact
            let again = AskCount(request, plan, kept.shuffled(using: &generator)).artifact
            #expect(artifact.text == again.text, "seed \(seed)")
            let evidence = artifact["evidence"]
            #expect(evidence?["votes"]?.arrayValue?.count == 9)
            if artifact["answer"] == .null {
                #expect(artifact["status"] == "failed", "seed \(seed)")
                #expect(artifact["confidence"]?.doubleValue == 0)
            }
        }
        let empty = AskCount(request, plan, [ScatterTaskRow]())
        #expect(empty.decision.abstainers.count == 8)
        #expect(empty.artifact["status"] == "failed")
    }

    @Test func `neither name nor prompt tells a probe from the mission`() throws {
        let request = try request(swarm: 8, disruptors: 1, probes: 2)
        let plan = AskPlan(request)
        let questions = plan.questions(request, .builtIn)
        #expect(questions.count == 48)
        #expect(Set(questions.compactMap(\.name)).count == 48)
        #expect(plan.chains.prefix(8).contains { $0.probe != nil }, "seed \(seed)")
        for (index, chain) in plan.chains.enumerated() {
            let (react, execute) = (questions[2 * index], questions[2 * index + 1])
            #expect(react.name == "\(request.identifier)-\(index + 1)a")
            #expect(execute.follow?.task == react.name)
            let asked = chain.probe?.question ?? request.mission
            let wanted = AskPrompts(question: asked, context: [])
            #expect(react.prompt == wanted.react)
            #expect(execute.prompt == wanted.execute)
            #expect(react.systemPrompt == execute.systemPrompt)
            let isVoter = !plan.agents[chain.agent].isDisruptor
            #expect((react.systemPrompt == AskPrompts.form) == isVoter, "voters play no role")
        }
    }

    @Test func `a request is stored and read as it was`() throws {
        var request = try request(swarm: 5, disruptors: 2, probes: 1)
        request.models = ["m-1", "m-2"]
        request.context = [#"{"msg":"a"}"#]
        request.question = "ask-1"
        request.limits.dollarsMax = 0.25
        let again = try AskRequest(stored: request.json, settings: settings, rules: Rules())
        #expect(again == request)
    }
}
