import HiveSignal
import Testing

@testable import HiveLedger

@Suite struct `committing and restoring` {
    private let folder: TemporaryFolder
    private let ledger: Ledger

    init() throws {
        folder = try TemporaryFolder()
        ledger = try Ledger(path: folder.ledger)
    }

    @Test func `a new ledger restores nothing`() throws {
        #expect(try ledger.restore() == nil)
        #expect(try ledger.position() == nil)
    }

    @Test func `what is committed is what a reopened ledger restores`() throws {
        var batch = Sample.batch([
            .accepted(try Sample.signal(1, trace: 9)), .failed(Sample.failed(2)),
            .accepted(try Sample.signal(3, trace: 4)),
        ])
        batch.position.device = .max
        batch.position.inode = 1 << 63
        batch.position.tampered = "12 bytes are gone"
        batch.position.lost = [
            LostSpan(offset: 5, length: 7), LostSpan(offset: 1 << 40, length: 1),
        ]
        try ledger.commit(batch)
        let restored = try #require(try Ledger(path: folder.ledger).restore())
        #expect(restored.position == batch.position)
        #expect(restored.traces == batch.traces.sorted { $0.trace < $1.trace })
        #expect(restored.identifiers == batch.identifiers)
        #expect(restored.pendingMasks == batch.quarantined)
        #expect(try ledger.signals(after: 0, limit: 10) == batch.signals)
    }

    @Test func `the last ids come back, oldest first`() throws {
        try ledger.commit(Sample.batch(try (1...9).map { .accepted(try Sample.signal($0)) }))
        let restored = try #require(try ledger.restore(identifierLimit: 3))
        #expect(restored.identifiers.map(\.sequence) == [7, 8, 9])
    }

    @Test func `a trace keeps its newest state, and a forgotten one is gone`() throws {
        try ledger.commit(
            Sample.batch([
                .accepted(try Sample.signal(1, trace: 1)),
                .accepted(try Sample.signal(2, trace: 2)),
            ])
        )
        var next = Sample.batch(
            [.accepted(try Sample.signal(3, phase: .interlock, trace: 1))],
            after: 2
        )
        next.forgotten = [Sample.trace(2)]
        try ledger.commit(next)
        #expect(try ledger.restore()?.traces == next.traces)
    }

    @Test(arguments: ["a sequence", "a quarantine id"])
    func `a conflicting row leaves the ledger as it was`(_ conflict: String) throws {
        try ledger.commit(
            Sample.batch([.accepted(try Sample.signal(1)), .failed(Sample.failed(2))])
        )
        let before = try ledger.dumpLines()
        var batch = Sample.batch([.accepted(try Sample.signal(3, message: "never seen"))], after: 2)
        if conflict == "a sequence" {
            batch.signals.append(try Sample.signal(1))
        } else {
            batch.quarantined.append(Sample.failed(2))
        }
        let error = try #require(throws: LedgerError.self) { try ledger.commit(batch) }
        #expect(error.code == .conflict)
        #expect(error.description.hasPrefix("cannot commit a batch to the ledger \(folder.ledger)"))
        #expect(!error.description.contains("never seen"))
        #expect(try ledger.dumpLines() == before)
        #expect(try ledger.search(words: "never", limit: 1) == [])
        #expect(try ledger.integrityCheck() == [])
        batch.signals.removeAll { $0.sequence == 1 }
        batch.quarantined.removeAll()
        try ledger.commit(batch)
        #expect(try ledger.position() == batch.position)
    }

    @Test func `a full disk leaves the ledger as it was`() throws {
        try ledger.commit(Sample.batch([.accepted(try Sample.signal(1))]))
        let before = try ledger.dumpLines()
        // SQLite raises a maximum below the size to the size: not one page more.
        try ledger.tamper("PRAGMA max_page_count = 1")
        let message = String(repeating: "x", count: 100_000)
        let batch = Sample.batch([.accepted(try Sample.signal(2, message: message))], after: 1)
        let error = try #require(throws: LedgerError.self) { try ledger.commit(batch) }
        #expect(error.code == .diskFull)
        #expect(error.sqliteCode == 13)
        #expect(error.hint.contains("free space"))
        #expect(try ledger.dumpLines() == before)
    }

    @Test func `a mask is pending until it is marked`() throws {
        try ledger.commit(
            Sample.batch([
                .failed(Sample.failed(1)), .failed(Sample.failed(2)),
                .failed(Sample.failed(3, maskState: .left)),
            ])
        )
        #expect(try ledger.restore()?.pendingMasks.map(\.identifier) == ["q1", "q2"])
        try ledger.markMasked([("q2", .masked), ("q1", .left), ("unknown", .masked)])
        #expect(try ledger.restore()?.pendingMasks == [])
        let states = try ledger.quarantine(limit: 10, includeSeen: true).map(\.maskState)
        #expect(states == [.left, .masked, .left])
    }

    @Test func `a decision is noted, with and without its mask`() throws {
        try ledger.commit(
            Sample.batch([.failed(Sample.failed(1)), .failed(Sample.failed(2))])
        )
        #expect(try ledger.setDisposition("q1", .restored, maskState: .restored))
        #expect(try ledger.setDisposition("q2", .discarded))
        #expect(try !ledger.setDisposition("q3", .discarded))
        let rows = try ledger.quarantine(limit: 10, includeSeen: true)
        #expect(rows.map(\.disposition) == [.discarded, .restored])
        #expect(rows.map(\.maskState) == [.pending, .restored])
        #expect(try ledger.quarantine(limit: 10, includeSeen: false) == [])
    }

    @Test func `the position can be set alone`() throws {
        try ledger.commit(Sample.batch([.accepted(try Sample.signal(1))]))
        var position = Sample.position(1)
        position.tampered = "replaced"
        try ledger.setPosition(position)
        #expect(try ledger.position() == position)
        #expect(try ledger.signals(after: 0, limit: 9).count == 1)
    }

    @Test func `a refused emit has an entry and no line`() throws {
        var row = Sample.failed(0)
        (row.sequence, row.line, row.offset) = (nil, nil, nil)
        row.maskState = .left
        var batch = Batch(position: Sample.position(0))
        batch.quarantined = [row]
        try ledger.commit(batch)
        #expect(try ledger.quarantine(limit: 1, includeSeen: false) == [row])
    }

    @Test func `empty texts and bytes are not null`() throws {
        var row = try Sample.signal(1, message: "", agent: "")
        row.raw = []
        row.warnings = ""
        try ledger.commit(Sample.batch([.accepted(row)]))
        #expect(try ledger.signal(sequence: 1) == row)
    }
}
