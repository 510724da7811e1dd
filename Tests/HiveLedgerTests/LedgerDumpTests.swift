import HiveSignal
import Testing

@testable import HiveLedger

@Suite struct `comparing ledgers` {
    /// The same history, cut into batches at these sequences.
    private func ledger(
        _ folder: TemporaryFolder,
        _ lines: [Judged],
        cuts: Set<Int> = []
    ) throws -> Ledger {
        let ledger = try Ledger(path: folder.ledger)
        var start = 0
        for end in (1...lines.count) where cuts.contains(end) || end == lines.count {
            try ledger.commit(Sample.batch(Array(lines[start..<end]), after: Int64(start)))
            start = end
        }
        return ledger
    }

    private func history(_ generator: inout SeededGenerator) throws -> [Judged] {
        try (1...Int64.random(in: 2...60, using: &generator)).map { sequence in
            guard Bool.random(using: &generator) else { return .failed(Sample.failed(sequence)) }
            let phase = try #require(Phase.allCases.randomElement(using: &generator))
            let port = UInt8.random(in: 0...7, using: &generator)
            let trace = UInt64.random(in: 1...4, using: &generator)
            return .accepted(try Sample.signal(sequence, phase: phase, port: port, trace: trace))
        }
    }

    @Test func `a history in other batches dumps the same bytes`() throws {
        var generator = SeededGenerator("a history in other batches dumps the same bytes")
        for _ in 0..<10 {
            let folders = (try TemporaryFolder(), try TemporaryFolder())
            // A prefix without accepted lines has no last phase; begin with one.
            let lines = [.accepted(try Sample.signal(1))] + (try history(&generator)).dropFirst()
            let last = Judged.accepted(try Sample.signal(Int64(lines.count + 1)))
            let cuts = Set((0..<9).map { _ in Int.random(in: 1...lines.count, using: &generator) })
            let whole = try ledger(folders.0, lines + [last])
            let parts = try ledger(folders.1, lines + [last], cuts: cuts)
            #expect(try whole.dumpLines() == parts.dumpLines(), "seed \(generator.seed)")
            #expect(try whole.digest() == parts.digest(), "seed \(generator.seed)")
        }
    }

    @Test func `the moment of an entry and the files' identity do not count`() throws {
        let folders = (try TemporaryFolder(), try TemporaryFolder())
        let first = try ledger(folders.0, [.failed(Sample.failed(1))])
        let second = try ledger(folders.1, [.failed(Sample.failed(1, ts: "2027-02-02T02:02:02Z"))])
        var position = Sample.position(1)
        (position.device, position.inode) = (7, 8)
        (position.quarantineBytes, position.auditBytes) = (9, 10)
        try second.setPosition(position)
        #expect(try first.digest() == second.digest())
        #expect(try first.dumpLines() == second.dumpLines())
    }

    @Test func `a difference shows in its table alone`() throws {
        let folders = (try TemporaryFolder(), try TemporaryFolder())
        let line = Judged.accepted(try Sample.signal(1))
        let first = try ledger(folders.0, [line, .failed(Sample.failed(2))]).digest()
        let other = try ledger(folders.1, [line, .failed(Sample.failed(2, maskState: .masked))])
        let second = try other.digest()
        #expect(first.keys.filter { first[$0] != second[$0] } == ["quarantine"])
        #expect(first["signals"]?.hasPrefix("1 rows, ") == true)
    }

    @Test func `a dump is an object a row, exact and in order`() throws {
        let folder = try TemporaryFolder()
        var row = try Sample.signal(1, message: "say \"\\\u{1}\u{1f}\n\" ü")
        row.parent = nil
        let batch = Sample.batch([.failed(Sample.failed(2)), .accepted(row)])
        let ledger = try Ledger(path: folder.ledger)
        try ledger.commit(batch)
        let lines = try ledger.dumpLines()
        let trace = "\"fedcba98765432100000000000000001\""
        #expect(
            lines[0] == #"{"table":"signals","sequence":1,"board_generation":87,"line":1,"#
                + #""offset":0,"timestamp":1767225600001,"mark":0.30000000000000004,"pull":1,"#
                + #""type":0,"phase":0,"generation":87,"port":7,"trace":\#(trace),"cycle":1,"#
                + #""message":"say \"\\\u0001\u001f\u000a\" ü","identifier":"id-1","#
                + #""parent":null,"agent":null,"task":null,"evidence":"","#
                + #""warnings":"UNKNOWN_PARENT","raw":"7b00ff7d"}"#
        )
        #expect(lines[1].hasSuffix(#""entry":"{\"id\":\"q2\",\"reason\":\"no red\"}"}"#))
        #expect(lines.count == 6)
        #expect(!lines.joined().contains("inode"))
    }
}
