import Synchronization
import Testing

@testable import HiveDaemon

/// So many programs at once, in the order they asked.
@Suite struct WorkerTurnsTests {
    /// How many are at work, and how many ever were at once.
    private final class Count: Sendable {
        private let state = Mutex((now: 0, most: 0))
        var now: Int { state.withLock { $0.now } }
        var most: Int { state.withLock { $0.most } }
        func begin() {
            state.withLock { state in
                state.now += 1
                state.most = max(state.most, state.now)
            }
        }
        func end() { state.withLock { $0.now -= 1 } }
    }

    @Test func `no more are at work at once than there are turns`() async {
        let turns = WorkerTurns(3)
        let count = Count()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    #expect(await turns.take())
                    count.begin()
                    await Task.yield()
                    count.end()
                    turns.giveBack()
                }
            }
        }
        #expect(count.now == 0)
        #expect((1...3).contains(count.most))
    }

    @Test func `who is cancelled while it waits has no turn and takes none along`() async {
        let turns = WorkerTurns(1)
        #expect(await turns.take())
        let waiting = Task { await turns.take() }
        let other = Task { await turns.take() }
        waiting.cancel()
        #expect(await waiting.value == false)
        turns.giveBack()
        #expect(await other.value)
        turns.giveBack()
        #expect(await turns.take())
    }

    @Test func `who is cancelled before it asks has no turn`() async {
        let turns = WorkerTurns(1)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await turns.take()
        }
        #expect(await task.value == false)
        #expect(await turns.take())
    }
}
