import HiveTestKit
import HiveWorkers
import Synchronization
import Testing

/// The client on the real pool of threads and the machine's clocks.
@Suite(.timeLimit(.minutes(10)))
struct ModelClientThreadTests {
    /// Answers at once, on whatever thread asks: every second time with a reason to try again.
    private final class HastyServer: HTTPTransport {
        private let count = Mutex(0)

        var requests: Int { count.withLock { $0 } }

        func send(
            _ request: HTTPRequest,
            onBytes: (@Sendable ([UInt8]) -> Void)?
        ) async throws(HTTPFailure) -> HTTPResponse {
            let number = count.withLock { count in
                count += 1
                return count
            }
            await Task.yield()
            if Task.isCancelled { throw HTTPFailure(.cancelled, "cancelled") }
            return switch number % 8 {
            case 1: HTTPResponse(status: 429, headers: ["retry-after-ms": "1"])
            case 3: HTTPResponse(status: 500)
            case 5: HTTPResponse(status: 200, body: Array("half".utf8))
            case 7: throw HTTPFailure(.broken, "reset")
            default: HTTPResponse(status: 200, body: Array("yes!".utf8))
            }
        }
    }

    @Test func `a thousand calls on many threads, some of them given up, leave nothing behind`()
        async
    {
        let server = HastyServer()
        let client = ModelClient(
            api: PlainAPI(),
            backend: "openai",
            keys: [
                ModelKey(name: "A", value: "secret-value-A"),
                ModelKey(name: "B", value: "secret-value-B"),
            ],
            transport: server,
            policy: ModelPolicy(concurrencyMax: 16, retriesMax: 16, backoffBaseMilliseconds: 1),
            random: SeededGenerator()
        )
        let answered = await withTaskGroup { tasks in
            for number in 0..<1_000 {
                tasks.addTask {
                    await withTaskGroup { inner in
                        inner.addTask { await client.ask("\(number)").reply != nil }
                        if number % 5 == 0 {
                            await Task.yield()
                            inner.cancelAll()
                        }
                        return await inner.next() == true
                    }
                }
            }
            return await tasks.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(answered >= 800)
        #expect(client.isIdle)
        #expect(client.standing().requests == server.requests)
    }
}
