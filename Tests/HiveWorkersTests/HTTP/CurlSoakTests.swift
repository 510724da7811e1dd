import HiveTestKit
import HiveWorkers
import Synchronization
import Testing

/// Many requests of every kind on one engine, and nothing lost; `make torture` has ten thousand.
struct CurlSoakTests {
    private static let requests = Campaign.size(short: 1_000, long: 10_000)
    private static let inFlight = 512

    @Test func `good answers, faults, cancelling and deadlines together: each request ends once`()
        async throws
    {
        var generator = SeededGenerator()
        print("CurlSoakTests seed \(generator.seed)")
        var script = EndpointScript(latencyMilliseconds: 5)
        script.seed = generator.seed
        script.faultShares = [
            (.status(429, retryAfterSeconds: 1), 0.05), (.status(500), 0.02),
            (.cut(afterBytes: 20), 0.02), (.reset, 0.02), (.closeBeforeAnswer, 0.02),
            (.hang, 0.02), (.gzipBomb(bytes: 8 << 20), 0.01), (.noHeadersEnd, 0.002),
        ]
        let endpoint = try ScriptedEndpoint(script)
        let engine = try CurlEngine()
        let endings = await withTaskGroup(of: String.self) { group in
            var endings: [String: Int] = [:]
            for number in 0..<Self.requests {
                if number >= Self.inFlight, let ending = await group.next() {
                    endings[ending, default: 0] += 1
                }
                let isCancelled = Int.random(in: 0..<20, using: &generator) == 0
                let streams = Bool.random(using: &generator)
                group.addTask {
                    await Self.ending(of: number, endpoint, engine, streams, isCancelled)
                }
            }
            for await ending in group { endings[ending, default: 0] += 1 }
            return endings
        }
        #expect(endings.values.reduce(0, +) == Self.requests)
        // Every way to end was taken, and no other: `unusable` and a wrong answer are none.
        #expect(
            Set(endings.keys) == [
                "200", "429", "500", "broken", "cancelled", "timedOut", "tooLarge",
            ]
        )
        #expect(endpoint.seen().requests <= Self.requests)
        engine.shutDown()
        await endpoint.waitUntil { $0.connectionsOpen == 0 }
        #expect(endpoint.seen().connectionsOpen == 0)
    }

    /// How one request ends: its status, or the kind of its failure.
    private static func ending(
        of number: Int,
        _ endpoint: ScriptedEndpoint,
        _ engine: CurlEngine,
        _ streams: Bool,
        _ isCancelled: Bool
    ) async -> String {
        let pieces = Pieces()
        let prompt = "soak \(number)"
        var request = HTTPRequest.question(prompt, to: endpoint, streams: streams)
        request.limits.firstByteMilliseconds = 5_000
        let asked = request
        let task = Task {
            do throws(HTTPFailure) {
                let response = try await engine.send(asked, onBytes: streams ? pieces.take : nil)
                guard response.status == 200 else { return "\(response.status)" }
                let isRight =
                    streams
                    ? String(decoding: pieces.all.joined(), as: UTF8.self).hasSuffix("[DONE]\n\n")
                    : (try? response.reply()) == String(prompt.reversed())
                return isRight ? "200" : "wrong"
            } catch {
                return "\(error.kind)"
            }
        }
        if isCancelled { task.cancel() }
        return await task.value
    }
}
