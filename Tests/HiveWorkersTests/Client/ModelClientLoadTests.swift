import HiveTestKit
import HiveWorkers
import Testing

/// How hard a client presses its server, and what it gives back.
@Suite(.timeLimit(.minutes(10)))
struct ModelClientLoadTests {
    @Test func `whatever happens, in the end nothing is held`() async {
        let seed = SeededGenerator().seed
        for round in 0..<Campaign.size(short: 100, long: 2_000) {
            await mixedFates(seed: seed &+ UInt64(round))
        }
    }

    /// Calls that succeed, fail, wait, are refused and are cancelled, all at random.
    private func mixedFates(seed: UInt64) async {
        await VirtualTime.run { time in
            let dice = Dice(seed: seed)
            let server = ScriptedServer(time) { Self.fate(of: $0, dice) }
            let policy = ModelPolicy(
                concurrencyMax: 1 + dice.throwOnce(12),
                requestsPerMinute: dice.throwOnce(2) == 0 ? 60 : nil
            )
            let keys = Array(["A", "B", "C"].prefix(dice.throwOnce(4)))
            let client = ModelClient(of: server, in: time, keys: keys, policy: policy, seed: seed)
            let announced = Notes<Int>()
            await withTaskGroup { tasks in
                for number in 0..<60 {
                    let start = dice.throwOnce(3_000)
                    let patience = dice.throwOnce(3) == 0 ? dice.throwOnce(9_000) : nil
                    let isRefused = dice.throwOnce(20) == 0
                    tasks.addTask {
                        try? await time.wait(start)
                        let call = client.call("\(number)") { attempt throws(ModelError) in
                            // It takes its time, as a ledger does.
                            try? await time.wait(dice.throwOnce(30))
                            if isRefused { throw ModelError(.refused, "no money left") }
                            announced.note(attempt)
                        }
                        await Self.ask(call, of: client, patience: patience, time)
                    }
                }
            }
            #expect(client.isIdle, "\(client.standing()) HIVE_SEED=\(seed)")
            #expect(server.seen.count == client.standing().requests, "HIVE_SEED=\(seed)")
            #expect(announced.all.count >= server.seen.count, "HIVE_SEED=\(seed)")
            #expect(server.inFlightMax <= policy.concurrencyMax, "HIVE_SEED=\(seed)")
            // What is free can be used, when its rest is over.
            try? await time.wait(600_000)
            let last = await client.ask("last")
            if client.standing().keys.contains(where: { $0.state == .ready }) {
                #expect(last.reply?.attempts == 1, "\(last) HIVE_SEED=\(seed)")
            } else {
                #expect(last.error?.attempts == 0, "\(last) HIVE_SEED=\(seed)")
            }
        }
    }

    private static func fate(
        of exchange: ScriptedServer.Exchange,
        _ dice: Dice
    ) -> ScriptedServer.Reply {
        let latency = dice.throwOnce(2_000)
        guard exchange.prompt != "last" else { return .text("yes!", after: latency) }
        return switch dice.throwOnce(24) {
        case 0: .status(429, after: latency)
        case 1: .status(429, headers: ["retry-after": "3"], after: latency)
        case 2: .status(503, headers: ["retry-after": "2"], after: latency)
        case 3...5: .status(500, after: latency)
        case 6, 7: .failure(.noConnection, "refused", after: latency)
        case 8: .failure(.broken, "reset", after: latency)
        case 9: .text("cut", after: latency)
        case 10: .status(400, says: "no", after: latency)
        case 11 where dice.throwOnce(10) == 0: .status(401, says: "who?", after: latency)
        case 12: .silence
        default: .text("yes!", after: latency)
        }
    }

    /// Asks, and gives up after so many milliseconds.
    private static func ask(
        _ call: ModelCall,
        of client: ModelClient,
        patience: Int?,
        _ time: VirtualTime
    ) async {
        await withTaskGroup { tasks in
            tasks.addTask { _ = await client.ask(call) }
            if let patience { tasks.addTask { try? await time.wait(patience) } }
            await tasks.next()
            tasks.cancelAll()
        }
    }

    @Test func `a cancelled call gives its place to the next one`() async {
        await VirtualTime.run { time in
            let server = ScriptedServer(time) { _ in .text("yes!", after: 1_000) }
            let client = ModelClient(of: server, in: time, policy: ModelPolicy(concurrencyMax: 1))
            await withTaskGroup(of: Result<ModelReply, ModelError>?.self) { tasks in
                tasks.addTask {
                    await withTaskGroup { inner in
                        for number in 0..<3 { inner.addTask { await client.ask("\(number)") } }
                        inner.addTask {
                            try? await time.wait(100)
                            return .failure(ModelError(.failed, "time"))
                        }
                        let first = await inner.next()
                        inner.cancelAll()
                        for await result in inner {
                            #expect(result.error?.kind == .cancelled)
                        }
                        return first
                    }
                }
                tasks.addTask {
                    try? await time.wait(10)
                    let reply = await client.ask("patient")
                    #expect(reply.reply?.latencyMilliseconds == 1_000)
                    return nil
                }
            }
            #expect(server.seen.map(\.prompt) == ["0", "patient"])
            #expect(server.seen[1].time == 100)
            #expect(client.isIdle)
        }
    }

    @Test func `keys are spread by load, then by use`() async {
        await VirtualTime.run { time in
            let server = ScriptedServer(time) { exchange in
                .text("yes!", after: exchange.number == 1 ? 10_000 : 100)
            }
            let client = ModelClient(of: server, in: time, keys: ["A", "B", "C"])
            async let slow = client.askAll(3)
            try? await time.wait(500)
            for number in 0..<4 { _ = await client.ask("\(number)") }
            _ = await slow
            let keys = server.seen.compactMap { $0.key?.last }
            #expect(String(keys) == "ABCBCBC")
            #expect(client.standing().keys.map(\.requests) == [1, 3, 3])
        }
    }

    @Test func `a key sends its share a minute, first come first served`() async {
        await VirtualTime.run { time in
            let server = ScriptedServer(time) { _ in .text("yes!", after: 5) }
            let policy = ModelPolicy(concurrencyMax: 512, requestsPerMinute: 30)
            let client = ModelClient(of: server, in: time, keys: ["A", "B"], policy: policy)
            let results = await client.askAll(100)
            #expect(results.allSatisfy { $0.reply != nil })
            #expect(server.seen.map(\.prompt) == (0..<100).map(String.init))
            let times = server.seen.map(\.time)
            #expect(times[59] == 0)
            // Two keys bring a token each every two seconds.
            #expect(Array(times[60...]) == (1...20).flatMap { [$0 * 2_000, $0 * 2_000] })
        }
    }

    @Test func `a crowd that a server refuses thins out until it copes`() async {
        await VirtualTime.run { time in
            let server = ScriptedServer(time) { exchange in
                exchange.inFlight > 20
                    ? .status(529, after: 10) : .text("\(exchange.prompt)!", after: 300)
            }
            let policy = ModelPolicy(concurrencyMax: 128, retriesMax: 10)
            let client = ModelClient(of: server, in: time, policy: policy)
            let results = await client.askAll(400)
            let failed = results.filter { $0.reply == nil }
            #expect(failed.count < 20, "\(failed.first as Any)")
            #expect((1...40).contains(client.standing().concurrencyLimit))
            #expect(client.isIdle)
        }
    }

    @Test func `a question that was only queued is asked once more, with fewer beside it`() async {
        await VirtualTime.run { time in
            let queue = Notes<Int>()
            // A server with one pair of hands: each question takes it 100 ms.
            let server = ScriptedServer(time) { exchange in
                let free = max(queue.all.last ?? 0, exchange.time)
                let end = free + 100
                queue.note(min(end, exchange.time + exchange.total))
                return .text("yes!", after: end - exchange.time)
            }
            let client = ModelClient(of: server, in: time, policy: ModelPolicy(concurrencyMax: 64))
            let results = await client.askAll(64, total: 3_200)
            #expect(results.allSatisfy { $0.reply != nil }, "\(results.filter { $0.reply == nil })")
            let standing = client.standing()
            #expect((standing.retries[.queued] ?? 0) > 0)
            #expect(standing.concurrencyLimit < 20, "\(standing.concurrencyLimit)")
            #expect(server.seen.count == 64 + (standing.retries[.queued] ?? 0))
        }
    }

    @Test func `where nothing was answered of late, a time-out is the end`() async {
        await VirtualTime.run { time in
            let server = ScriptedServer(time) { exchange in
                exchange.prompt == "quick" ? .text("yes!", after: 10) : .silence
            }
            let client = ModelClient(of: server, in: time)
            let error = await client.ask("long", total: 5_000).error
            #expect(error?.attempts == 1 && server.seen.count == 1)
            #expect(error?.hint.contains("REQUEST_TIMEOUT_MS") == true)
            #expect(await client.ask("quick").reply != nil)
            #expect(await client.ask("long", total: 5_000).error?.attempts == 1)
            #expect(client.standing().concurrencyLimit == 512)
        }
    }
}
