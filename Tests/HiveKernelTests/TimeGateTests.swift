import HiveKernel
import HiveSignal
import Testing

/// G0's limits, with the clock passed in.
struct TimeGateTests {
    /// 2026-01-31T12:00:00Z, the time of every draft.
    static let written: Int64 = 1_769_860_800

    private func judge(
        _ draft: Draft = .signal(),
        now: Timestamp?,
        staleness: Int64? = nil
    ) -> Judgement {
        var board = Board()
        board.context.now = now
        board.context.rules.stalenessSecondsMax = staleness
        return board.append(draft)
    }

    @Test func `sixty seconds ahead is the last moment that is no fake`() {
        #expect(judge(now: Timestamp(seconds: Self.written - 60)).findings == [])
        let late = judge(now: Timestamp(seconds: Self.written - 61, nanoseconds: 999_999_999))
        #expect(late.findings == ["G0", "G0_FAKE_TIMESTAMP"])
        #expect(late.primary == "G0_FAKE_TIMESTAMP")
        #expect(!late.isAccepted)
    }

    @Test func `the clock's nanoseconds count`() {
        let draft = Draft.signal().with("ts", "\"2026-01-31T12:00:00.5Z\"")
        let edge = Timestamp(seconds: Self.written - 60, nanoseconds: 500_000_000)
        #expect(judge(draft, now: edge).findings == [])
        let before = Timestamp(seconds: Self.written - 60, nanoseconds: 499_999_999)
        #expect(judge(draft, now: before).findings == ["G0", "G0_FAKE_TIMESTAMP"])
    }

    @Test func `the limit ahead is the rule book's`() {
        var board = Board()
        board.context.now = Timestamp(seconds: Self.written - 1)
        board.context.rules.futureSecondsMax = 0
        #expect(board.append(.signal()).findings == ["G0", "G0_FAKE_TIMESTAMP"])
    }

    @Test func `any age passes where the rules set no staleness`() {
        #expect(judge(now: Timestamp(seconds: Self.written + 1_000_000_000)).findings == [])
    }

    @Test func `the age that the rules allow is the last that is not stale`() {
        let edge = Timestamp(seconds: Self.written + 300)
        #expect(judge(now: edge, staleness: 300).findings == [])
        let after = Timestamp(seconds: Self.written + 300, nanoseconds: 1)
        let stale = judge(now: after, staleness: 300)
        #expect(stale.findings == ["G0", "G0_STALE_TIMESTAMP"])
    }

    @Test(arguments: [
        "\"1970-01-01T00:00:00Z\"", "\"9999-12-31T23:59:60Z\"", "\"0000-01-01T00:00:00Z\"",
    ])
    func `without a clock no time is fake or stale`(time: String) {
        let draft = Draft.signal().with("ts", time)
        #expect(judge(draft, now: nil, staleness: 1).findings == [])
    }

    @Test func `an offset is part of the moment`() {
        let draft = Draft.signal().with("ts", "\"2026-01-31T14:00:00+02:00\"")
        #expect(judge(draft, now: Timestamp(seconds: Self.written), staleness: 1).findings == [])
    }

    @Test func `a time that is no time is not judged by the clock`() {
        let draft = Draft.signal().with("ts", "\"tomorrow\"")
        #expect(judge(draft, now: Timestamp(seconds: 0), staleness: 1).findings == ["G0"])
    }

    @Test func `a fake time is found beside other gates`() {
        let judgement = judge(.signal().with("port", "9"), now: Timestamp(seconds: 0))
        #expect(judgement.findings == ["G0", "G7", "G0_FAKE_TIMESTAMP"])
    }

    @Test func `observe quarantines a fake time too`() {
        var board = Board(.observe)
        board.context.now = Timestamp(seconds: 0)
        #expect(!board.append(.signal()).isAccepted)
    }
}
