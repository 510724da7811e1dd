import HiveTestKit
import HiveWorkers
import Testing

/// Client, API, transport and sockets together, against the scripted endpoint.
@Suite(.timeLimit(.minutes(10)))
struct ModelClientEndpointTests {
    private func client(
        _ kind: ModelAPIKind,
        at address: String,
        keys: [String] = ["A"],
        policy: ModelPolicy = ModelPolicy(concurrencyMax: 512, backoffBaseMilliseconds: 20)
    ) throws -> ModelClient {
        ModelClient(
            api: try ModelAPIs.make(kind, baseURL: address),
            backend: kind.rawValue,
            keys: keys.map { ModelKey(name: "KEY_\($0)", value: "secret-value-\($0)") },
            transport: try CurlEngine(),
            policy: policy
        )
    }

    private static let paths: [(ModelAPIKind, String)] = [
        (.openai, "/v1"), (.openrouter, "/api/v1"), (.ollama, ""), (.anthropic, ""),
    ]

    @Test(arguments: paths, [false, true])
    func `every API answers, whole and piece by piece`(
        _ server: (kind: ModelAPIKind, path: String),
        _ streams: Bool
    ) async throws {
        let endpoint = try ScriptedEndpoint()
        let client = try client(server.kind, at: endpoint.address + server.path)
        let heard = Notes<String>()
        let note: @Sendable (String) -> Void = { heard.note($0) }
        let call = client.call("a question", onText: streams ? note : nil)
        let reply = try await client.answer(call)
        #expect(reply.answer.text == "noitseuq a" && reply.attempts == 1)
        #expect(heard.all.joined() == (streams ? "noitseuq a" : ""))
        #expect((reply.answer.usage?.outputTokens ?? 0) > 0)
        #expect(endpoint.seen().byKey.keys.contains { $0.contains("secret-value-A") })
    }

    @Test(arguments: [false, true])
    func `512 questions with 5 % 429, 2 % 500 and 1 % cut are all answered`(
        _ streams: Bool
    ) async throws {
        var script = EndpointScript(latencyMilliseconds: 20)
        script.seed = SeededGenerator().seed
        script.faultShares = [
            (.status(429, retryAfterSeconds: 1), 0.05), (.status(500), 0.02),
            (.cut(afterBytes: 30), 0.01),
        ]
        let seed = script.seed
        let endpoint = try ScriptedEndpoint(script)
        let client = try client(
            .openai,
            at: "\(endpoint.address)/v1",
            keys: ["A", "B", "C"],
            policy: ModelPolicy(concurrencyMax: 512, retriesMax: 8, backoffBaseMilliseconds: 20)
        )
        let onText: (@Sendable (String) -> Void)? = streams ? { @Sendable _ in } : nil
        typealias Answer = Result<ModelReply, ModelError>
        let results = await withTaskGroup(of: Answer.self, returning: [Answer].self) { tasks in
            for number in 0..<512 {
                // Nothing is measured: it may take as long as a busy machine takes.
                let call = client.call("\(number)", total: 300_000, onText: onText)
                tasks.addTask { await client.ask(call) }
            }
            return await tasks.reduce(into: []) { $0.append($1) }
        }
        for error in results.compactMap(\.error) { Issue.record("\(error) HIVE_SEED=\(seed)") }
        let standing = client.standing()
        let retries = standing.retries.values.reduce(0, +)
        #expect(endpoint.seen().requests == 512 + retries, "HIVE_SEED=\(seed)")
        #expect(standing.requests == 512 + retries && client.isIdle, "HIVE_SEED=\(seed)")
    }

    @Test func `a refused key, an unknown model and a dead host are told apart`() async throws {
        var script = EndpointScript { request in
            request.prompt == "who?" ? .status(404, body: #"{"error":{"message":"no"}}"#) : nil
        }
        script.keys = ["secret-value-B"]
        let endpoint = try ScriptedEndpoint(script)
        let address = "\(endpoint.address)/v1"
        let host = "127.0.0.1:\(endpoint.port)"

        let refused = await (try client(.openai, at: address)).ask("a").error
        #expect(refused?.message.hasPrefix("KEY_A was refused by \(host) (401)") == true)
        let both = try client(.openai, at: address, keys: ["A", "B"])
        #expect(await both.ask("a").reply?.attempts == 2)
        #expect(await both.ask("who?").error?.message == "the model gpt-9 is not there (404): no")

        let probe = await both.probe(for: "scripted-1")
        #expect(probe.isFine && probe.hasModel == true, "\(probe)")
        #expect(await both.probe(for: "gpt-9").problems.last?.contains("scripted-1") == true)

        endpoint.stop()
        let dead = await both.ask("a").error
        #expect(
            dead?.message.contains(host) == true && dead?.hint.isEmpty == false,
            "\(dead as Any)"
        )
        #expect(await !both.probe(for: "scripted-1").isFine)
        #expect(!"\(dead as Any) \(refused as Any) \(probe)".contains("secret-value"))
    }

    @Test func `a key that a server repeats is masked`() async throws {
        let complaint = #"{"error":{"message":"secret-value-A is good, the question is not"}}"#
        let endpoint = try ScriptedEndpoint(EndpointScript { _ in .status(400, body: complaint) })
        let client = try client(.openai, at: "\(endpoint.address)/v1")
        let error = await client.ask("a").error
        let said = "[secret] is good, the question is not"
        #expect(error?.message.hasSuffix("does not take the question (400): \(said)") == true)
        #expect(endpoint.seen().requests == 1 && client.isIdle)
    }
}
