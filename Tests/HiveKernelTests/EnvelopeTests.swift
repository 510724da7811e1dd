import HiveKernel
import HiveSignal
import Testing

/// G8, G9, G11 and the envelopes that rules may require.
struct EnvelopeTests {
    @Test func `an envelope around a good signal passes, required or not`() {
        for isRequired in [false, true] {
            var board = Board()
            board.context.rules.requiresEnvelope = isRequired
            #expect(board.append(Draft.signal().enveloped()).findings == [])
            #expect(board.state.lastPhase == .hunt)
        }
    }

    @Test func `a bare signal fails G8 only where envelopes are required`() {
        var board = Board()
        #expect(board.append(.signal()).findings == [])
        board.context.rules.requiresEnvelope = true
        #expect(board.append(.signal()).findings == ["G8"])
        #expect(board.append(.signal().with("mark", nil)).findings == ["G1", "G8"])
    }

    static let faultsOfG8: [(String, String?)] = [
        ("specversion", "\"1.1\""), ("specversion", "1.0"), ("id", nil), ("id", "\"\""),
        ("source", nil), ("source", "\"a b\""), ("type", "\"\""), ("time", "\"noon\""),
        ("Upper", "1"), ("datacontenttype", "\"text/plain\""), ("data", nil), ("data", "[]"),
        ("data_base64", "\"e30=\""),
    ]

    @Test(arguments: faultsOfG8)
    func `each fault of an envelope fails G8 and no other gate`(key: String, value: String?) {
        var board = Board()
        #expect(board.append(Draft.signal().enveloped().with(key, value)).findings == ["G8"])
    }

    @Test(
        arguments: [
            ("hfogen", nil), ("hfogen", "88"), ("hfogen", "\"87\""), ("hfohive", "\"I\""),
            ("hfohive", "\"h\""), ("hfoport", nil), ("hfoport", "1"),
        ] as [(String, String?)]
    )
    func `an attribute that is not the data's fails G11`(key: String, value: String?) {
        var board = Board()
        #expect(board.append(Draft.signal().enveloped().with(key, value)).findings == ["G11"])
    }

    @Test func `the signal inside passes its own gates`() {
        var board = Board()
        let draft = Draft.signal().with("mark", "2").with("msg", nil).enveloped()
        #expect(board.append(draft).findings == ["G1", "G3"])
    }

    @Test func `envelope, signal and trace are found bad together`() {
        var board = Board()
        let draft = Draft.signal().with("pull", nil).enveloped().with("source", nil)
            .with("traceparent", "\"no\"").with("hfoport", "5")
        #expect(board.append(draft).findings == ["G2", "G8", "G9", "G11"])
    }

    @Test(arguments: [
        "\"\"", "7", "\"00-00000000000000000000000000000000-00000000000000aa-01\"",
        "\"ff-0000000000000000000000000000000a-00000000000000aa-01\"",
        "\"00-0000000000000000000000000000000A-00000000000000aa-01\"",
        "\"00-0000000000000000000000000000000a-0000000000000000-01\"",
    ])
    func `a traceparent that is not valid fails G9`(value: String) {
        var board = Board()
        #expect(board.append(.signal().with("traceparent", value)).findings == ["G9"])
    }

    @Test func `tracestate counts only beside a traceparent`() {
        var board = Board()
        let draft = Draft.signal().with("tracestate", "\"=\"")
        #expect(board.append(draft).findings == [])
        #expect(board.append(draft.trace(trace(1))).findings == ["G9"])
        let good = draft.trace(trace(1)).with("tracestate", "\"vendor=1\"")
        #expect(board.append(good).findings == [])
    }

    @Test func `the id of the envelope is the signal's where it has none of its own`() {
        var board = Board()
        board.append(Draft.signal().enveloped(id: "outer"))
        board.append(Draft.signal().id("inner").enveloped(id: "unused"))
        #expect(board.append(.signal().id("outer")).findings == ["DUPLICATE_ID"])
        #expect(board.append(.signal().id("inner")).findings == ["DUPLICATE_ID"])
        #expect(board.append(.signal().id("unused")).findings == [])
    }

    @Test func `a signal in base 64 is judged, remembered and answered like any other`() {
        var board = Board()
        let hunt = Base64.encode(Array(Draft.signal().id("hunt").trace(trace(4)).text.utf8))
        let coded = Draft.signal().enveloped(id: "coded").with("data", nil)
            .with("data_base64", "\"\(String(decoding: hunt, as: UTF8.self))\"")
        #expect(board.append(coded).findings == [])
        let answer = Draft.signal(.interlock).parent("hunt")
        #expect(board.append(answer.trace(trace(4))).findings == [])
        #expect(board.append(answer.trace(trace(5))).findings == ["G10"])
    }
}
