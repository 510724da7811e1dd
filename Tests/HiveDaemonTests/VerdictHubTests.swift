import Testing

@testable import HiveDaemon

@Suite struct VerdictHubTests {
    /// Lines in one round.
    private static let told = 200

    /// The runtime locks a task while it cancels it, and while it wakes it: who holds a lock of
    /// his own across the one and wants it in the other stops for ever.
    @Test func `a follower that is cancelled while lines are told holds nobody up`() async {
        let hub = VerdictHub()
        for round in 1...500 {
            let (began, begin) = AsyncStream.makeStream(of: Void.self)
            let reader = Task {
                var seen: Int64 = -1
                for await tip in hub.follow() {
                    begin.yield()
                    seen = max(seen, tip.sequence)
                }
                return seen
            }
            for await _ in began { break }
            let first = Int64(round * Self.told)
            let teller = Task {
                for step in 0..<Int64(Self.told) {
                    hub.publish(VerdictHub.Tip(sequence: first + step, generation: 87, refused: 0))
                }
            }
            for _ in 0..<round % 8 { await Task.yield() }
            reader.cancel()
            #expect(await reader.value < first + Int64(Self.told))
            await teller.value
        }
    }
}
