import HiveLedger
import Testing

@testable import HiveDaemon

/// What those who follow a scatter are told.
@Suite struct ScatterHubTests {
    private let row = ScatterTaskRow(name: "t", digest: "d", sample: 0, model: "m", request: "{}")

    @Test func `a follower that does not read costs bounded memory and misses no end`() async {
        let hub = ScatterHub()
        let (events, own) = hub.follow(1, text: false)
        for _ in 0..<(ScatterHub.eventsMax * 3) { hub.publish(.ended(row), of: 1) }
        #expect(hub.publish(.over, of: 1))
        own.finish()
        var (count, isOver) = (0, false)
        for await event in events {
            count += 1
            if case .over = event { isOver = true }
        }
        #expect(count == ScatterHub.eventsMax)
        #expect(isOver)
    }

    @Test func `who has left is told nothing, and others still are`() async {
        let hub = ScatterHub()
        let (events, own) = hub.follow(1, text: true)
        let (others, other) = hub.follow(1, text: false)
        #expect(withExtendedLifetime(events) { hub.isRead(1) })
        own.finish()
        #expect(!hub.isRead(1), "only who wants the text makes answers stream")
        #expect(hub.publish(.over, of: 1))
        other.finish()
        #expect(await others.reduce(0) { count, _ in count + 1 } == 1)
        #expect(!hub.publish(.over, of: 1))
    }
}
