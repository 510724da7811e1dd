import HiveKernel
import HiveSignal
import Testing

/// DUPLICATE_ID, G10 and the keys that a signal need not have.
struct IdentityTests {
    @Test func `a repeated id is refused, in observe too`() {
        for mode in Mode.allCases {
            var board = Board(mode)
            board.append(.signal().id("a"))
            let judgement = board.append(.signal().id("a"))
            #expect(judgement.findings == ["DUPLICATE_ID"], "\(mode)")
            #expect(!judgement.isAccepted)
        }
    }

    @Test func `the id of a quarantined line is free`() {
        var board = Board()
        #expect(!board.append(.signal().id("a").with("mark", "2")).isAccepted)
        #expect(!board.append(.signal(.evolve).id("a")).isAccepted)
        #expect(board.append(.signal().id("a")).isAccepted)
    }

    @Test func `ids are compared by what their escapes mean, byte by byte`() {
        var board = Board()
        board.append(.signal().id("\\u0061b"))
        #expect(board.append(.signal().id("ab")).findings == ["DUPLICATE_ID"])
        // U+00E9, and e with a combining accent: equal as Swift strings, different bytes.
        board.append(.signal().id("\u{E9}"))
        #expect(board.append(.signal().id("e\u{301}")).findings == [])
    }

    @Test func `a duplicate says where its trace stands, and moves it nowhere`() {
        var board = Board()
        board.append(.signal().id("a"))
        let before = board.state.traces
        let judgement = board.append(.signal(.evolve).id("a"))
        #expect(judgement.findings == ["DUPLICATE_ID"])
        #expect(judgement.phaseBefore == .hunt)
        #expect(judgement.cycle == 1)
        #expect(board.state.traces == before)
    }

    @Test func `an id too long to be remembered passes with a warning, as foreseen`() {
        var board = Board()
        let limit = RecentIdentifiers.identifierBytesMax
        let fits = Draft.signal().id(String(repeating: "i", count: limit))
        #expect(board.append(fits).warnings == [])
        #expect(board.append(fits).findings == ["DUPLICATE_ID"])
        let long = Draft.signal().id(String(repeating: "i", count: limit + 1))
        for _ in 1...2 {
            let foreseen = board.judge(long)
            let judgement = board.append(long)
            #expect(judgement.warnings == ["ID_TOO_LONG"])
            #expect(judgement.isAccepted)
            #expect(foreseen == judgement)
        }
        #expect(board.state.identifiers.count == 1)
    }

    @Test func `a parent that nobody remembers is a warning`() {
        var board = Board()
        let judgement = board.append(.signal().parent("nobody"))
        #expect(judgement.isAccepted)
        #expect(judgement.warnings == ["UNKNOWN_PARENT"])
        let own = board.append(.signal().id("self").parent("self"))
        #expect(own.warnings == ["UNKNOWN_PARENT"])
    }

    @Test func `an answer speaks in its parent's trace`() {
        var board = Board()
        board.append(.signal().id("hunt").trace(trace(1)))
        let answer = Draft.signal(.interlock).parent("hunt")
        #expect(board.append(answer).findings == ["G10"])
        #expect(board.append(answer.trace(trace(2))).findings == ["G10"])
        let good = board.append(answer.trace(trace(1)))
        #expect(good.findings == [])
        #expect(good.warnings == [])
    }

    @Test func `a parent in the shared trace is answered without a traceparent`() {
        var board = Board()
        board.append(.signal().id("hunt"))
        #expect(board.append(.signal(.interlock).parent("hunt")).findings == [])
        let other = Draft.signal(.interlock).parent("hunt").trace(trace(1))
        #expect(board.append(other).findings == ["G10"])
    }

    @Test func `G10 is found beside other gates, but never in a trace that cannot be told`() {
        var board = Board()
        board.append(.signal().id("hunt").trace(trace(1)))
        let answer = Draft.signal(.interlock).parent("hunt").trace(trace(2))
        #expect(board.append(answer.with("mark", nil)).findings == ["G1", "G10"])
        #expect(board.append(answer.with("traceparent", "\"?\"")).findings == ["G9"])
        board.append(.signal().id("shared"))
        let lost = Draft.signal(.interlock).parent("shared")
        #expect(board.append(lost.with("gen", nil)).findings == ["G6"])
        #expect(board.append(lost.with("gen", "\"87\"")).findings == ["G6"])
    }

    @Test func `optional keys of another type are warnings in order`() {
        var board = Board()
        let draft = Draft.signal().with("id", "1").with("parent", "[]").with("agent", "{}")
            .with("task", "true").with("evidence", "2.5")
        let judgement = board.append(draft)
        #expect(judgement.isAccepted)
        let expected = ["BAD_ID", "BAD_PARENT", "BAD_AGENT", "BAD_TASK", "BAD_EVIDENCE"]
        #expect(judgement.warnings == expected)
        #expect(board.state.identifiers.count == 0)
    }
}
