import HiveKernel
import HiveSignal
import Testing

/// What a person is told of a line that failed.
struct ExplanationTests {
    /// Lines that between them fail every frame check and gate, and the codes each is told.
    static let failing: [(codes: [String], text: String)] = [
        ((0...7).map { "G\($0)" }, "{}"),
        (["G8"], Draft.signal().enveloped().with("source", "\"\"").text),
        (["G8", "G11"], "{\"specversion\":\"1.0\"}"),
        (["G9"], Draft.signal().with("traceparent", "1").text),
        (["G9"], Draft.signal().trace(trace(1)).with("tracestate", "\"=\"").text),
        (["G10"], Draft.signal().parent("known").trace(trace(9)).text),
        (["G11"], Draft.signal().enveloped().with("hfogen", nil).text),
        (["F0"], "{\"a\":\"\u{0}\"}"),
        (["F0"], "{\"a\":\"\\ud800\"}"),
        (["F0"], "{\u{FEFF}}"),
        (["F2"], "[1]"),
        (["F2"], "{\"a\"}"),
        (["F2"], "{}{}"),
        (["F2"], "{\"a\":1,\"a\":1}"),
        (["F2"], "{\"a\":" + String(repeating: "[", count: 80)),
        (["F1"], String(repeating: " ", count: LineFramer.lineBytesMax) + "{}"),
    ]

    private func expectWhole(_ explanation: Explanation, _ place: Comment) {
        #expect(!explanation.found.isEmpty, place)
        #expect(!explanation.expected.isEmpty, place)
        #expect(!explanation.cure.isEmpty, place)
        let sentence = explanation.sentence
        #expect(sentence.hasPrefix(explanation.code + ": "), place)
        #expect(sentence.contains(explanation.found + "; expected " + explanation.expected), place)
    }

    @Test(arguments: failing.indices)
    func `every failed gate says what was found, what was expected and what mends it`(index: Int) {
        let (codes, text) = Self.failing[index]
        var board = Board()
        board.append(.signal().id("known"))
        #expect(board.append(Array(text.utf8)).gates.names == codes)
        let explanations = board.explanations()
        #expect(explanations.map(\.code) == codes)
        for explanation in explanations { expectWhole(explanation, "\(text.prefix(80))") }
    }

    @Test func `bytes that are UTF-16 or not UTF-8 are told apart`() {
        var board = Board()
        board.append("{}".utf8.flatMap { [$0, 0] })
        #expect(board.explanations().map(\.found) == ["UTF-16 at byte 1 of the line"])
        board.append(Array("{\"a\":\"".utf8) + [0xFF] + Array("\"}".utf8))
        #expect(
            board.explanations().map(\.found) == ["bytes that are not UTF-8 at byte 6 of the line"]
        )
    }

    @Test func `a text fits the field, the line and the board it is about`() {
        var board = Board()
        board.append(.signal().trace(trace(1)).with("tracestate", "\"=\""))
        #expect(board.explanations().first?.expected.hasPrefix("key=value members") == true)
        board.append(Array((String(repeating: " ", count: LineFramer.lineBytesMax) + "{}").utf8))
        #expect(board.explanations().map(\.found) == ["a line over 1 MiB"])
        board.append(.signal().with("gen", "99"))
        #expect(board.explanations().first?.expected == "the board's generation, 87")
    }

    @Test(arguments: Violation.allCases)
    func `every violation is explained, wherever the cycle stands`(violation: Violation) {
        for phase in Phase.allCases {
            for before in [nil] + Phase.cycle.map(Optional.some) {
                var board = Board()
                board.append(.signal(phase))
                var judgement = Judgement()
                judgement.violations = [violation]
                judgement.phaseBefore = before
                let explanations = board.explanations(of: judgement)
                #expect(explanations.map(\.code) == [violation.rawValue])
                for explanation in explanations { expectWhole(explanation, "\(phase)") }
            }
        }
    }

    @Test func `a skipped phase is answered with the next one allowed`() {
        var board = Board()
        board.walk([.hunt])
        board.append(.signal(.validate))
        let first = board.explanations().first
        #expect(
            first?.sentence == "SKIPPED_INTERLOCK: V (implementation) while the cycle stands at H;"
                + " expected I, failing tests, first"
        )
        #expect(first?.cure == "next allowed: I (failing tests) from port 1 or 6")
        var fresh = Board()
        fresh.append(.signal(.interlock))
        #expect(fresh.explanations().first?.found == "I (failing tests) while no cycle has begun")
    }

    @Test func `owners and limits are those of the rule book`() {
        var rules = Rules()
        rules.phaseOfPort[3] = .hunt
        rules.minimumGeneration = 90
        var board = Board(rules: rules, generation: 90)
        board.append(.signal(.hunt, port: 4).generation(90))
        #expect(board.explanations().map(\.expected) == ["port 0 or 3 or 7"])
        board.append(.signal())
        #expect(board.explanations().map(\.expected) == ["an integer of at least 90"])
    }

    @Test func `a time that only the clock refused is explained once`() {
        var board = Board()
        board.context.now = Timestamp(seconds: 0)
        board.append(.signal())
        #expect(board.explanations().map(\.code) == ["G0_FAKE_TIMESTAMP"])
        board.append(.signal().with("ts", "\"late\""))
        #expect(board.explanations().map(\.found) == ["ts is \"late\""])
    }

    @Test func `a good line has nothing to explain`() {
        var board = Board()
        board.append(.signal())
        #expect(board.explanations() == [])
    }

    /// Values that a writer may send to fill a log, a terminal or a person's patience.
    static let hostile: [String] = [
        "\"" + String(repeating: "a", count: 1_000_000) + "\"",
        "\"e" + String(repeating: "\u{301}", count: 500_000) + "\"",
        "\"" + String(repeating: "\u{1F9A0}", count: 250_000) + "\"",
        "\"" + String(repeating: "\\u001b[2J\\n", count: 80_000) + "\"",
        "[" + String(repeating: "0,", count: 400_000) + "0]",
        String(repeating: "9", count: 900_000),
    ]

    @Test(arguments: hostile.indices)
    func `a hostile value is quoted in part`(index: Int) {
        var board = Board()
        for key in ["ts", "mark", "pull", "type", "hive", "gen", "port"] {
            let judgement = board.append(.signal().with(key, Self.hostile[index]))
            guard !judgement.gates.isEmpty else { continue }
            expectBounded(board.explanations(), "\(key)")
        }
        if !Self.hostile[index].hasPrefix("\"") {
            board.append(.signal().with("msg", Self.hostile[index]))
            expectBounded(board.explanations(), "msg")
        }
    }

    private func expectBounded(_ explanations: [Explanation], _ place: Comment) {
        #expect(explanations.count == 1, place)
        for explanation in explanations {
            expectWhole(explanation, place)
            #expect(explanation.found.hasSuffix("…"), place)
            #expect(explanation.found.unicodeScalars.count < 120, place)
            let hasControl = explanation.found.unicodeScalars.contains { $0.value < 0x20 }
            #expect(!hasControl, place)
        }
    }

    @Test func `a quote is cut between characters of any width`() {
        for lead in 0...4 {
            var board = Board()
            let text = String(repeating: "x", count: lead) + String(repeating: "🐝", count: 100)
            board.append(.signal().with("pull", "\"\(text)\""))
            let found = board.explanations().first?.found ?? ""
            #expect(found.hasPrefix("pull is \"" + text.prefix(60)))
            #expect(!found.contains("\u{FFFD}"))
        }
    }

    @Test func `a short value is quoted whole`() {
        var board = Board()
        let text = String(repeating: "é", count: 78)
        board.append(.signal().with("pull", "\"\(text)\""))
        #expect(board.explanations().map(\.found) == ["pull is \"\(text)\""])
        board.append(.signal().with("msg", "\" \""))
        #expect(board.explanations().map(\.found) == ["msg is \" \""])
        board.append(.signal().with("msg", "[1]"))
        #expect(board.explanations().map(\.found) == ["msg is [1]"])
    }

    @Test func `a parent in base 64 is quoted from there`() {
        var board = Board()
        board.append(.signal().id("mother").trace(trace(1)))
        let answer = Draft.signal(.interlock).parent("mother").trace(trace(2))
        let payload = String(decoding: Base64.encode(Array(answer.text.utf8)), as: UTF8.self)
        let coded = answer.enveloped().with("data", nil).with("data_base64", "\"\(payload)\"")
        #expect(board.append(coded).findings == ["G10"])
        let found = board.explanations().first?.found ?? ""
        #expect(found.hasPrefix("parent is \"mother\", which speaks in another trace than"))
    }
}
