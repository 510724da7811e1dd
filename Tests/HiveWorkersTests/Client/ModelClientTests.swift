import HiveTestKit
import HiveWorkers
import Testing

/// Calls through the whole client, in virtual time.
@Suite(.timeLimit(.minutes(10)))
struct ModelClientTests {
    @Test func `a question is answered by one request`() async {
        await VirtualTime.run { time in
            let server = ScriptedServer(time) { .text("yes to \($0.prompt)!", after: 200) }
            let client = ModelClient(of: server, in: time)
            let reply = await client.ask("me").reply
            #expect(reply?.answer.text == "yes to me!")
            #expect(reply?.attempts == 1)
            #expect(reply?.latencyMilliseconds == 200)
            #expect(client.isIdle)
        }
    }

    @Test func `512 questions go out at once, and the rest as soon as there is room`() async {
        await VirtualTime.run { time in
            let server = ScriptedServer(time) { _ in .text("yes!", after: 200) }
            let client = ModelClient(of: server, in: time)
            let results = await client.askAll(1_000)
            #expect(results.allSatisfy { $0.reply != nil })
            #expect(server.seen.prefix(512).allSatisfy { $0.time == 0 })
            #expect(server.seen.dropFirst(512).allSatisfy { $0.time == 200 })
            #expect(server.inFlightMax == 512)
            #expect(server.seen.map(\.prompt) == (0..<1_000).map(String.init))
        }
    }

    @Test func `1,000 questions with 5 % 429, 2 % 500 and 1 % cut are all answered`() async {
        let seed = SeededGenerator().seed
        await VirtualTime.run { time in
            let dice = Dice(seed: seed)
            let server = ScriptedServer(time) { exchange in
                let latency = 100 + dice.throwOnce(200)
                switch dice.throwOnce(100) {
                case 0..<5: return .status(429, headers: ["retry-after": "1"], after: 20)
                case 5..<7: return .status(500, after: latency)
                case 7..<8: return .text("half", after: latency)
                default: return .text("\(exchange.prompt)!", after: latency)
                }
            }
            let keys = ["A", "B", "C"]
            let client = ModelClient(of: server, in: time, keys: keys, seed: seed)
            let results = await client.askAll(1_000)
            for (number, result) in results.enumerated() {
                #expect(result.reply?.answer.text == "\(number)!", "\(result) HIVE_SEED=\(seed)")
            }
            let standing = client.standing()
            let retries = standing.retries.values.reduce(0, +)
            let attempts = results.compactMap(\.reply?.attempts).reduce(0, +)
            #expect(server.seen.count == 1_000 + retries, "HIVE_SEED=\(seed)")
            #expect(server.seen.count == standing.requests && attempts == standing.requests)
            let reasons = Set(standing.retries.keys)
            #expect(reasons == [.rateLimit, .serverError, .broken], "HIVE_SEED=\(seed)")
            #expect(client.isIdle)
        }
    }

    @Test func `while a key rests nobody sends with it`() async {
        let seed = SeededGenerator().seed
        await VirtualTime.run { time in
            let dice = Dice(seed: seed)
            let rests = Notes<(key: String, from: Int, until: Int)>()
            let server = ScriptedServer(time) { exchange in
                guard dice.throwOnce(20) == 0, let key = exchange.key else {
                    return .text("yes!", after: 50 + dice.throwOnce(500))
                }
                let seconds = 1 + dice.throwOnce(3)
                let latency = dice.throwOnce(100)
                let from = exchange.time + latency
                rests.note((key, from, from + seconds * 1_000))
                return .status(429, headers: ["retry-after": "\(seconds)"], after: latency)
            }
            let policy = ModelPolicy(concurrencyMax: 64, retriesMax: 16)
            let client = ModelClient(
                of: server,
                in: time,
                keys: ["A", "B", "C"],
                policy: policy,
                seed: seed
            )
            let results = await client.askAll(600)
            #expect(results.allSatisfy { $0.reply != nil }, "HIVE_SEED=\(seed)")
            for rest in rests.all {
                let early = server.seen.filter {
                    $0.key == rest.key && $0.time > rest.from && $0.time < rest.until
                }
                #expect(early.isEmpty, "\(rest) HIVE_SEED=\(seed)")
            }
            #expect(client.isIdle)
        }
    }

    @Test(arguments: [
        (["retry-after": "7"], 7_000),
        (["retry-after": "Sun, 06 Nov 1994 08:49:47 GMT"], 10_000),
        (["retry-after-ms": "1500"], 1_500),
        (["x-ratelimit-reset-requests": "6m0s", "x-ratelimit-remaining-requests": "5"], 1_000),
        (["x-ratelimit-reset-requests": "20ms", "x-ratelimit-remaining-requests": "0"], 20),
        ([:], 1_000),
    ])
    func `a key rests exactly as long as the server says`(
        _ headers: [String: String],
        _ milliseconds: Int
    ) async {
        await VirtualTime.run { time in
            let server = ScriptedServer(time) { exchange in
                exchange.number == 1 ? .status(429, headers: headers) : .text("yes!", after: 1)
            }
            let client = ModelClient(of: server, in: time, keys: ["A"])
            #expect(await client.ask("a").reply?.attempts == 2)
            #expect(server.seen.map(\.time) == [0, milliseconds])
        }
    }

    @Test func `a rest too long to wait for is told at once`() async {
        await VirtualTime.run { time in
            let server = ScriptedServer(time) { _ in
                .status(429, headers: ["retry-after": "600"], says: "slow down")
            }
            let client = ModelClient(of: server, in: time, keys: ["A"])
            let results = await client.askAll(3)
            for result in results {
                #expect(
                    result.error?.description == "test.example:80 answers 429 (rate limit) for "
                        + "another 600 s; ask again then, or give openai another key"
                )
            }
            #expect(time.now == 1_000)
            #expect(client.standing().keys[0].state == .resting(milliseconds: 600_000))
        }
    }

    @Test func `a refused key is retired, and another one asked`() async {
        await VirtualTime.run { time in
            let server = ScriptedServer(time) { exchange in
                exchange.key == "secret-value-A"
                    ? .status(401, says: "Incorrect API key provided: secret-value-A")
                    : .text("yes!", after: 10)
            }
            let client = ModelClient(of: server, in: time, keys: ["A", "B"])
            let results = await client.askAll(20)
            #expect(results.allSatisfy { $0.reply != nil })
            #expect(await client.ask("again").reply?.attempts == 1)
            let reason =
                "KEY_A was refused by test.example:80 (401): Incorrect API key provided: [secret]"
            let keys = client.standing().keys
            #expect(keys[0].state == .retired(reason: reason))
            #expect(keys[1].state == .ready)
            #expect(client.standing().retries == [.keyRefused: 10])
        }
    }

    @Test func `with every key refused calls fail at once and name the variable`() async {
        await VirtualTime.run { time in
            // It rests when it is refused: who waits for its rest does not wait any longer.
            let server = ScriptedServer(time) { exchange in
                exchange.number == 1
                    ? .status(429, headers: ["retry-after": "200"])
                    : .status(403, says: "API key expired", after: 50)
            }
            let client = ModelClient(of: server, in: time, keys: ["A"])
            let first = await client.askAll(4)
            for result in first + [await client.ask("later")] {
                #expect(
                    result.error?.description == "KEY_A was refused by test.example:80 (403): "
                        + "API key expired; put a valid one into .env"
                )
            }
            #expect(server.seen.count == 4 && time.now == 1_050)
            #expect(client.isIdle)
        }
    }

    @Test func `of several keys that were all refused one is told`() async {
        await VirtualTime.run { time in
            let server = ScriptedServer(time) { _ in .status(401) }
            let client = ModelClient(of: server, in: time, keys: ["A", "B", "C", "D", "E", "F"])
            let error = await client.ask("a").error
            let words = "all 6 keys were refused: KEY_A was refused by test.example:80 (401)"
            #expect(error?.message == words && error?.attempts == 6)
            let bare = await ModelClient(of: server, in: time).ask("a").error
            #expect(
                bare?.description == "test.example:80 wants a key (401); "
                    + "put the key of openai into .env"
            )
        }
    }

    @Test func `a 403 about what a key may do does not retire it`() async {
        await VirtualTime.run { time in
            let server = ScriptedServer(time) { _ in .status(403, says: "region not supported") }
            let client = ModelClient(of: server, in: time, keys: ["A"])
            let error = await client.ask("a").error
            #expect(error?.message == "test.example:80 forbids it (403): region not supported")
            #expect(client.standing().keys[0].state == .ready)
        }
    }

    @Test(arguments: [400, 402, 404, 413, 422, 301, 501])
    func `what the server does not want is not asked again`(_ status: Int) async {
        await VirtualTime.run { time in
            let server = ScriptedServer(time) { _ in
                .status(status, says: "no\n\u{1B}[31mway secret-\u{200B}value-A")
            }
            let client = ModelClient(of: server, in: time, keys: ["A"])
            let error = await client.ask("a").error
            #expect(error?.message.contains("\(status)") == true)
            #expect(error?.message.hasSuffix(": no way [secret]") == true, "\(error as Any)")
            #expect(error?.hint.isEmpty == false)
            #expect(server.seen.count == 1 && client.isIdle)
        }
    }

    @Test func `an unknown model is named`() async {
        await VirtualTime.run { time in
            let server = ScriptedServer(time) { _ in .status(404, says: "no such model") }
            let error = await ModelClient(of: server, in: time).ask("a").error
            #expect(
                error?.description == "the model gpt-9 is not there (404): no such model; "
                    + "name another with --model or HIVE_MODEL"
            )
        }
    }

    @Test func `a malformed answer is not paid for twice, an error inside one is tried again`()
        async
    {
        await VirtualTime.run { time in
            let server = ScriptedServer(time) { exchange in
                if exchange.prompt == "m" { return .text("", after: 5) }
                return .text(exchange.number < 4 ? "why?" : "so!", after: 5)
            }
            let client = ModelClient(of: server, in: time)
            let error = await client.ask("m").error
            #expect(error?.message == "test.example:80: the answer has no text")
            #expect(error?.attempts == 1)
            #expect(await client.ask("e").reply?.attempts == 3)
            #expect(client.standing().retries == [.serverError: 2])
        }
    }

    @Test func `what answers cost that could not be used is told with the one that could`() async {
        await VirtualTime.run { time in
            let server = ScriptedServer(time) { exchange in
                .text(exchange.number < 3 ? "no?" : "yes!", after: 10)
            }
            let reply = await ModelClient(of: server, in: time).ask("q").reply
            let one = ModelSpending(
                usage: TokenUsage(inputTokens: 1, outputTokens: 3),
                dollars: nil
            )
            #expect(reply?.wasted == [one, one].compactMap(\.self))
            #expect(reply?.spent.usage == TokenUsage(inputTokens: 2, outputTokens: 6))
            let price = Price(inputPerMillion: 1e6, outputPerMillion: 0)
            #expect(reply?.spent.dollars(at: price) == 2)
            #expect(reply?.spent.dollars(at: nil) == nil)
        }
    }

    @Test func `what answers cost that could not be used is told with the failure`() async {
        await VirtualTime.run { time in
            let server = ScriptedServer(time) { _ in .text("no?", after: 10) }
            let error = await ModelClient(of: server, in: time).ask("q").error
            #expect(error?.attempts == 5)
            #expect(error?.wasted.count == 5)
            #expect(error?.wasted.usage?.outputTokens == 15)
        }
    }

    @Test func `a host that drops packets is tried again, and then left alone`() async {
        await VirtualTime.run { time in
            let server = ScriptedServer(time) { _ in
                .failure(.noConnection, "test.example:80: no connection within 10 s", after: 10_000)
            }
            let client = ModelClient(of: server, in: time)
            let error = await client.ask("q").error
            #expect(error?.attempts == 5)
            #expect(error?.message.contains("no connection within 10 s") == true)
            var isDown = false
            if case .isDown = client.standing().host { isDown = true }
            #expect(isDown)
        }
    }

    @Test func `tries end, and the last reason is told`() async {
        await VirtualTime.run { time in
            let server = ScriptedServer(time) { exchange in
                exchange.prompt == "good" ? .text("yes!", after: 1) : .status(502, says: "bad gate")
            }
            let client = ModelClient(of: server, in: time, policy: ModelPolicy(retriesMax: 2))
            let error = await client.ask("bad").error
            #expect(
                error?.message == "test.example:80 answers 502 (an error of its own): bad gate"
                    + " (3 requests sent)"
            )
            #expect(error?.attempts == 3 && server.seen.count == 3)
            #expect(client.standing().host == .answers)
        }
    }

    @Test func `a dead host ends 512 calls soon, with few requests`() async {
        await VirtualTime.run { time in
            let server = ScriptedServer(time) { _ in
                .failure(
                    .noConnection,
                    "test.example:80 does not answer: Connection refused",
                    after: 1
                )
            }
            let policy = ModelPolicy(concurrencyMax: 8)
            let client = ModelClient(of: server, in: time, policy: policy)
            let results = await client.askAll(512)
            for result in results {
                #expect(
                    result.error?.message.hasPrefix(
                        "test.example:80 does not answer: Connection refused"
                    ) == true
                )
            }
            #expect(server.seen.count < 8 + 10, "\(server.seen.count) requests")
            #expect(time.now - 1_000 < 8_000, "\(time.now)")
            guard case .isDown(let milliseconds, _) = client.standing().host else {
                Issue.record("\(client.standing().host)")
                return
            }
            #expect((1...60_000).contains(milliseconds))
            #expect(client.isIdle)
        }
    }

    @Test func `a call that comes back goes before younger ones`() async {
        await VirtualTime.run { time in
            let server = ScriptedServer(time) { exchange in
                exchange.number == 1 ? .status(500) : .text("yes!", after: 300)
            }
            let policy = ModelPolicy(concurrencyMax: 1, backoffBaseMilliseconds: 200)
            let client = ModelClient(of: server, in: time, policy: policy)
            _ = await client.askAll(5)
            #expect(server.seen.map(\.prompt) == ["0", "1", "0", "2", "3", "4"])
        }
    }

    @Test func `calls wait for what a slow probe finds`() async {
        await VirtualTime.run { time in
            let server = ScriptedServer(time) { exchange in
                exchange.time < 900
                    ? .failure(.broken, "reset") : .text("yes!", after: 20_000)
            }
            let client = ModelClient(of: server, in: time, policy: ModelPolicy(retriesMax: 6))
            let results = await client.askAll(50)
            #expect(results.allSatisfy { $0.reply != nil }, "\(results.compactMap(\.error))")
            #expect(server.seen.filter { $0.time >= 900 }.count == 50)
        }
    }

    @Test func `a host that is back is found by one probe`() async {
        await VirtualTime.run { time in
            let server = ScriptedServer(time) { exchange in
                exchange.time < 900
                    ? .failure(.noConnection, "refused") : .text("yes!", after: 100)
            }
            let policy = ModelPolicy(
                retriesMax: 16,
                backoffBaseMilliseconds: 300,
                backoffMillisecondsMax: 300
            )
            let client = ModelClient(of: server, in: time, policy: policy)
            let results = await client.askAll(50)
            #expect(results.allSatisfy { $0.reply != nil })
            let late = server.seen.filter { $0.time >= 900 }
            #expect(late[0].inFlight == 1 && late[1].time >= late[0].time + 100)
            #expect(client.standing().host == .answers)
        }
    }
}
