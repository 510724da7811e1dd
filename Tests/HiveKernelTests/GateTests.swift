import HiveKernel
import HiveSignal
import Testing

/// F0–F2 and G0–G7: SPEC §1.
struct GateTests {
    @Test(arguments: Phase.cycle)
    func `a good signal passes every gate`(phase: Phase) {
        var board = Board(.observe)
        let judgement = board.append(.signal(phase))
        #expect(judgement.gates == [])
        #expect(judgement.isAccepted)
        #expect(judgement.verdict == "accepted")
        #expect(judgement.primary == (judgement.violations.first?.rawValue ?? ""))
    }

    /// For every gate: values that it refuses, nil for a key that is not there.
    static let refused: [(gate: String, key: String, values: [String?])] = [
        ("G0", "ts", [nil, "null", "1", "\"\"", "\"2026-02-30T12:00:00Z\"", "\"2026-01-31\""]),
        ("G1", "mark", [nil, "null", "\"0.5\"", "-0.1", "1.0000001", "true", "[1]"]),
        ("G2", "pull", [nil, "null", "\"Upstream\"", "\"down\"", "0", "\"lateral \""]),
        ("G3", "msg", [nil, "null", "\"\"", "\" \\t\\u00a0\"", "7", "{\"text\":\"x\"}"]),
        ("G4", "type", [nil, "null", "\"handoff\"", "\"Signal\"", "4"]),
        ("G5", "hive", [nil, "null", "\"h\"", "\"HI\"", "\"\"", "5"]),
        ("G6", "gen", [nil, "null", "86", "87.0", "8.7e1", "\"87\"", "-87"]),
        ("G7", "port", [nil, "null", "8", "-1", "1.0", "\"1\""]),
    ]

    @Test(arguments: refused.indices)
    func `each gate fails alone`(index: Int) {
        let (gate, key, values) = Self.refused[index]
        for value in values {
            var board = Board()
            let judgement = board.append(.signal().with(key, value))
            #expect(judgement.findings == [gate], "\(key): \(value ?? "absent")")
            #expect(judgement.verdict == "quarantined")
            #expect(judgement.primary == gate)
            #expect(board.state.quarantined == 1)
            #expect(board.state.traces.states.isEmpty, "a quarantined line moves no trace")
        }
    }

    @Test func `every pair of gates fails together`() {
        for first in Self.refused {
            for second in Self.refused where second.gate > first.gate {
                var board = Board()
                let draft = Draft.signal().with(first.key, nil).with(second.key, "false")
                #expect(board.append(draft).findings == [first.gate, second.gate])
            }
        }
    }

    @Test func `an empty object fails all eight gates at once`() {
        var board = Board()
        let judgement = board.append(Array("{}".utf8))
        #expect(judgement.findings == (0...7).map { "G\($0)" })
        #expect(judgement.primary == "G0")
    }

    @Test func `a bad trace context fails beside the fields`() {
        var board = Board()
        let draft = Draft.signal().with("mark", nil).with("traceparent", "\"00-0-0-00\"")
        #expect(board.append(draft).findings == ["G1", "G9"])
    }

    @Test(arguments: [
        ("mark", "0"), ("mark", "1"), ("mark", "1e-3"), ("mark", "-0.0"),
        ("ts", "\"2016-12-31T23:59:60Z\""), ("ts", "\"2026-01-31T12:00:00.123456789012+02:00\""),
        ("gen", "87"), ("gen", "9223372036854775807"), ("msg", "\"\\u00a0x\""),
        ("pull", "\"upstream\""),
        ("type", "\"error\""), ("id", "null"), ("parent", "null"), ("traceparent", "null"),
        ("unknown", "{\"kept\":[1]}"),
    ])
    func `the edges of what the gates take`(key: String, value: String) {
        var board = Board()
        board.context.judgesGeneration = false
        #expect(board.append(.signal().with(key, value)).findings == [])
    }

    @Test func `the least generation is the rule book's`() {
        var rules = Rules()
        rules.minimumGeneration = 90
        var board = Board(rules: rules, generation: 90)
        #expect(board.append(.signal().generation(89)).findings == ["G6"])
        #expect(board.append(.signal().generation(90)).findings == [])
    }

    @Test(arguments: [
        ("F0", "{\"msg\":\"\u{0}\"}"), ("F0", "{\"a\":\"\\ud83d\"}"), ("F2", "[]"), ("F2", "{} {}"),
        ("F2", "{\"a\":1,\"a\":2}"), ("F2", "{"), ("F2", "hello"),
    ])
    func `a frame fault is the only finding`(gate: String, text: String) {
        var board = Board()
        let judgement = board.append(Array(text.utf8))
        #expect(judgement.findings == [gate])
        #expect(judgement.warnings == [])
        #expect(judgement.trace.isZero)
        #expect(board.state.sequence == 1)
        #expect(board.state.quarantined == 1)
    }

    @Test func `a line over 1 MiB fails F1`() {
        var board = Board()
        let long = String(repeating: "x", count: LineFramer.lineBytesMax)
        #expect(board.append(.signal().with("msg", "\"\(long)\"")).findings == ["F1"])
    }

    @Test func `gates are judged before rules, and alone where one fails`() {
        var board = Board()
        let judgement = board.append(.signal(.validate, port: 0).with("mark", "2"))
        #expect(judgement.findings == ["G1"])
    }

    @Test func `names of gates and their set are each other's inverse`() {
        let names = (0...2).map { "F\($0)" } + (0...11).map { "G\($0)" }
        #expect(GateSet(names: names).names == names)
        #expect(GateSet(names: ["G12", "", "g1", "G10"]) == .gate(10))
        for (index, name) in names.enumerated() {
            let one: GateSet = index < 3 ? .frame(index) : .gate(index - 3)
            #expect(one.names == [name])
        }
    }
}
