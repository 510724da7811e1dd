import HiveSignal
import Testing

@testable import HiveLedger

@Suite struct `asking the ledger` {
    private let folder: TemporaryFolder
    private let ledger: Ledger

    init() throws {
        folder = try TemporaryFolder()
        ledger = try Ledger(path: folder.ledger)
        try ledger.commit(
            Sample.batch([
                .accepted(try Sample.signal(1, phase: .hunt, port: 0, trace: 1, agent: "a")),
                .failed(Sample.failed(2, violation: "G1")),
                .accepted(try Sample.signal(3, phase: .hunt, port: 7, trace: 2, agent: "b")),
                .accepted(try Sample.signal(4, phase: .interlock, port: 1, trace: 1, agent: "a")),
                .failed(Sample.failed(5, violation: "G1", maskState: .masked)),
                .accepted(try Sample.signal(6, phase: .hunt, port: 7, type: .metric, trace: 1)),
                .failed(Sample.failed(7, violation: "REWARD_HACK")),
            ])
        )
    }

    @Test func `signals come after a sequence, in order, up to a limit`() throws {
        #expect(try ledger.signals(after: 1, limit: 2).map(\.sequence) == [3, 4])
        #expect(try ledger.signals(after: 6, limit: 2) == [])
        #expect(try ledger.signals(after: 0, limit: -1) == [])
    }

    @Test func `the last signals come in order`() throws {
        #expect(try ledger.signals(last: 2).map(\.sequence) == [4, 6])
    }

    @Test(
        arguments: [
            (SignalFilter(phase: .hunt), [1, 3, 6]),
            (SignalFilter(port: Port(rawValue: 7)), [3, 6]),
            (SignalFilter(type: .metric), [6]),
            (SignalFilter(trace: Sample.trace(1)), [1, 4, 6]),
            (SignalFilter(agent: "a"), [1, 4]),
            (SignalFilter(phase: .hunt, port: Port(rawValue: 0), type: .signal, agent: "a"), [1]),
            (SignalFilter(agent: "a' OR 1=1 --"), []),
        ] as [(SignalFilter, [Int64])]
    )
    func `a filter keeps what it names`(_ filter: SignalFilter, _ expected: [Int64]) throws {
        #expect(try ledger.signals(after: 0, limit: 9, filter: filter).map(\.sequence) == expected)
        #expect(try ledger.signals(last: 9, filter: filter).map(\.sequence) == expected)
    }

    @Test func `a signal is found by id and by sequence`() throws {
        #expect(try ledger.signal(identifier: "id-4")?.sequence == 4)
        #expect(try ledger.signal(identifier: "id-2") == nil)
        #expect(try ledger.signal(sequence: 3)?.identifier == "id-3")
        #expect(try ledger.signal(sequence: 2) == nil)
    }

    @Test func `entries come newest first, and are found by prefix and by place`() throws {
        let newest = try ledger.quarantine(limit: 2, includeSeen: true)
        #expect(newest.map(\.identifier) == ["q7", "q5"])
        #expect(try ledger.quarantine(idPrefix: "q").map(\.identifier) == ["q2", "q5", "q7"])
        #expect(try ledger.quarantine(idPrefix: "q5").map(\.identifier) == ["q5"])
        #expect(try ledger.quarantine(idPrefix: "q%") == [])
        #expect(try ledger.quarantine(boardGeneration: 87, offset: 400)?.identifier == "q5")
        #expect(try ledger.quarantine(boardGeneration: 88, offset: 400) == nil)
    }

    @Test func `judged lines come in the file's order, from a start to an end`() throws {
        var offsets: [Int64] = []
        try ledger.judged(from: 0, to: .max, generation: 87) { line in
            offsets.append(line.offset)
            return true
        }
        #expect(offsets == [0, 100, 200, 300, 400, 500, 600])
        var lines: [JudgedLine] = []
        try ledger.judged(from: 301, to: 600, generation: 87) { line in
            lines.append(line)
            return true
        }
        #expect(
            lines == [
                .quarantined(
                    offset: 400,
                    length: 99,
                    identifier: "q5",
                    maskState: .masked,
                    entry: Sample.failed(5).entry
                ),
                .accepted(offset: 500, raw: [0x7b, 0x00, 0xff, 0x7d]),
            ]
        )
        try ledger.judged(from: 0, to: .max, generation: 86) { _ in
            Issue.record("a line of another generation")
            return true
        }
    }

    @Test func `a stream of judged lines stops when told`() throws {
        var offsets: [Int64] = []
        try ledger.judged(from: 0, to: .max, generation: 87) { line in
            offsets.append(line.offset)
            return offsets.count < 2
        }
        #expect(offsets == [0, 100])
    }

    @Test func `counts add up over batches`() throws {
        try ledger.commit(
            Sample.batch([.accepted(try Sample.signal(8, phase: .hunt, port: 7))], after: 7)
        )
        let counts = try ledger.counts()
        #expect(counts.violations == ["G1": 2, "REWARD_HACK": 1])
        let accepted = counts.accepted.map { "\($0.phase.letter)\($0.port.rawValue):\($0.count)" }
        #expect(accepted == ["H0:1", "H7:3", "I1:1"])
    }

    @Test func `the trace that moved last comes first`() throws {
        #expect(try ledger.traces(limit: 9).map(\.trace) == [Sample.trace(1), Sample.trace(2)])
        #expect(try ledger.traces(limit: 1).map(\.lastSequence) == [6])
    }
}
