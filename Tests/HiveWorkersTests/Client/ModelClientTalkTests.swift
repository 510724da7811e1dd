import HiveProcess
import HiveTestKit
import Testing

@testable import HiveWorkers

/// What a client says to its caller on the way, and what it never says.
@Suite(.timeLimit(.minutes(10)))
struct ModelClientTalkTests {
    @Test func `every request is announced before it is sent`() async {
        await VirtualTime.run { time in
            let events = Notes<String>()
            let server = ScriptedServer(time) { exchange in
                events.note("sent \(exchange.number)")
                return exchange.number < 3 ? .status(500) : .text("yes!", after: 1)
            }
            let client = ModelClient(of: server, in: time)
            let call = client.call("a") { attempt throws(ModelError) in
                events.note("will \(attempt)")
            }
            #expect(await client.ask(call).reply?.attempts == 3)
            #expect(events.all == ["will 1", "sent 1", "will 2", "sent 2", "will 3", "sent 3"])
        }
    }

    @Test func `what is refused beforehand is not sent`() async {
        await VirtualTime.run { time in
            let server = ScriptedServer(time) { _ in .status(500) }
            let policy = ModelPolicy(concurrencyMax: 1, requestsPerMinute: 2)
            let client = ModelClient(of: server, in: time, keys: ["A"], policy: policy)
            let call = client.call("a") { attempt throws(ModelError) in
                if attempt == 2 { throw ModelError(.refused, "no money left", hint: "raise it") }
            }
            let error = await client.ask(call).error
            #expect(error == ModelError(.refused, "no money left", hint: "raise it", attempts: 1))
            #expect(server.seen.count == 1)
            // Its token is there again: the second request needs no wait.
            let before = time.now
            _ = await client.ask(call)
            #expect(server.seen.count == 2)
            #expect(server.seen[1].time == before - 1_000)
            #expect(client.isIdle)
        }
    }

    @Test func `a call that was cancelled beforehand is neither announced nor sent`() async {
        await VirtualTime.run { time in
            let server = ScriptedServer(time) { _ in .text("yes!", after: 1) }
            let client = ModelClient(of: server, in: time)
            let announced = Notes<Int>()
            let call = client.call("a") { attempt throws(ModelError) in announced.note(attempt) }
            let error = await withTaskGroup(of: ModelError?.self) { tasks in
                tasks.cancelAll()
                tasks.addTask { await client.ask(call).error }
                return await tasks.next() ?? nil
            }
            #expect(error?.kind == .cancelled && error?.attempts == 0)
            #expect(announced.all.isEmpty && server.seen.isEmpty && client.isIdle)
        }
    }

    @Test func `a key that is told to rest during the announcement does not go out`() async {
        await VirtualTime.run { time in
            let server = ScriptedServer(time) { exchange in
                exchange.prompt == "first"
                    ? .status(429, headers: ["retry-after": "9"], after: 20)
                    : .text("yes!", after: 1)
            }
            let client = ModelClient(of: server, in: time, keys: ["A"])
            let announced = Notes<Int>()
            let call = client.call("second") { attempt throws(ModelError) in
                announced.note(attempt)
                try? await time.wait(100)
            }
            async let first = client.ask("first")
            #expect(await client.ask(call).reply?.attempts == 1)
            #expect(announced.all == [1], "one announcement for one request")
            #expect(server.seen.first { $0.prompt == "second" }?.time == 9_020)
            _ = await first
            #expect(client.isIdle)
        }
    }

    @Test func `text is handed on as it comes, and taken back where it begins anew`() async {
        await VirtualTime.run { time in
            let server = ScriptedServer(time) { exchange in
                switch exchange.number {
                case 1: .pieces(["on", "ce"], after: 5)
                case 2: .status(503)
                default: .pieces(["on", "", "ce ", "more!"], after: 5)
                }
            }
            let client = ModelClient(of: server, in: time)
            let heard = Notes<String>()
            let reply = await client.ask(client.call("a", onText: { heard.note($0) })).reply
            #expect(reply?.answer.text == "once more!" && reply?.attempts == 3)
            #expect(heard.all == ["on", "ce", "", "on", "ce ", "more!"])
        }
    }

    @Test func `a key is never printed`() async {
        await VirtualTime.run { time in
            let key = ModelKey(name: "OPENAI_API_KEY", value: "sk-very-secret")
            #expect("\(key) \([key]) \(String(reflecting: key))".contains("sk-") == false)
            var dumped = ""
            dump(key, to: &dumped)
            let server = ScriptedServer(time) { exchange in
                let key = exchange.key ?? ""
                return .failure(.noConnection, "\(key) at https://\(key)@test.example")
            }
            let client = ModelClient(of: server, in: time, keys: ["A"])
            let result = await client.ask("a")
            dump(result, to: &dumped)
            dump(client.standing(), to: &dumped)
            dump(await client.probe(for: "secret-value-A"), to: &dumped)
            #expect(!dumped.contains("secret-value") && !dumped.contains("sk-"))
            #expect(!dumped.contains("hidden"), "the password of the address")
        }
    }

    @Test func `keys are kept out of errors by whoever does the work, too`() async {
        await VirtualTime.run { time in
            let server = ScriptedServer(time) { _ in .status(400, says: "not another-secret here") }
            let client = ModelClient(of: server, in: time)
            let error = await SecretValues.$ofTheWork.withValue(SecretValues(["another-secret"])) {
                await client.ask("a").error
            }
            #expect(error?.message.hasSuffix("not [secret] here") == true)
        }
    }

    @Test func `a probe tells host, keys and model apart`() async {
        await VirtualTime.run { time in
            let server = ScriptedServer(time) { exchange in
                exchange.key == "secret-value-B"
                    ? .status(401, says: "who are you") : .text("gpt-8 gpt-9", after: 40)
            }
            let client = ModelClient(of: server, in: time, keys: ["A", "B"])
            let probe = await client.probe(for: "gpt-9")
            #expect(probe.reach == .answers(milliseconds: 40))
            #expect(probe.hasModel == true && probe.isFine)
            #expect(probe.keys[0] == ModelProbe.Key(name: "KEY_A", verdict: .accepted))
            let refusal = "KEY_B was refused by test.example:80 (401): who are you"
            #expect(probe.problems == ["\(refusal); put a valid one into .env"])
            let other = await client.probe(for: "gpt-10")
            #expect(
                other.problems.last == "test.example:80 has no model gpt-10, but 2 others "
                    + "(gpt-8, gpt-9); name another with --model or HIVE_MODEL"
            )
            #expect(other.hasModel == false && !other.isFine)
            #expect(client.standing().requests == 0)
        }
    }

    @Test func `a probe of a dead host says so, and one without a list does no harm`() async {
        await VirtualTime.run { time in
            let dead = ScriptedServer(time) { _ in .failure(.noConnection, "refused") }
            let probe = await ModelClient(of: dead, in: time, keys: ["A", "B"]).probe(for: "m")
            #expect(dead.seen.count == 1 && !probe.isFine)
            #expect(
                probe.problems
                    == ["refused; see that it runs, and that the address of openai is right"]
            )
            let bare = ScriptedServer(time) { _ in .status(404) }
            let unlisted = await ModelClient(of: bare, in: time).probe(for: "m")
            #expect(unlisted.isFine && unlisted.problems.isEmpty && unlisted.hasModel == nil)
        }
    }
}
