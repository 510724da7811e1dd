import Testing

@testable import HiveLedger

/// The scatters' file: what is stored, what a reopened one knows.
@Suite struct SwarmLedgerTests {
    private let folder: TemporaryFolder
    private var path: String { folder.path + "/ledger.sqlite" }

    init() throws { folder = try TemporaryFolder() }

    private func scatter(_ digits: String = "0000000000000001") -> ScatterRow {
        ScatterRow(
            identifier: "sc-\(digits)",
            backend: "openai",
            concurrency: 4,
            timeoutMilliseconds: 1_000,
            outputTokensMax: 100,
            dollarsMax: 0.5,
            startedMilliseconds: 1_700_000_000_000
        )
    }

    private func tasks(_ count: Int64) -> [ScatterTaskRow] {
        (0..<count).map { number in
            ScatterTaskRow(
                name: "t\(number)",
                digest: String(repeating: "a", count: 64),
                sample: number,
                model: "m-1",
                request: #"{"prompt":"question \#(number)"}"#
            )
        }
    }

    private func answered(_ task: ScatterTaskRow, dollars: Double?) -> ScatterTaskRow {
        var row = task
        row.state = .completed
        row.output = "answer to \(task.name)"
        row.finishedMilliseconds = 1_700_000_001_000
        row.latencyMilliseconds = 40
        row.inputTokens = 3
        row.outputTokens = 5
        row.dollars = dollars
        return row
    }

    @Test func `a task that follows another has its turn once that one has ended`() async throws {
        let ledger = try SwarmLedger(path: path)
        var wanted = tasks(4)
        wanted[1].follows = "t0"
        wanted[3].follows = "t2"
        var asked = scatter()
        asked.ask = #"{"mission":"?"}"#
        let (row, rows) = try #require(try await ledger.insert(asked, wanted))
        #expect(try await ledger.followers(in: row.number).isEmpty)
        try await ledger.note([.ended(answered(rows[2], dollars: nil))])
        #expect(try await ledger.followers(in: row.number).map(\.name) == ["t3"])
        #expect(try await ledger.followers(in: row.number, of: "t0").isEmpty)
        #expect(try await ledger.followers(in: row.number, of: "t2").first?.follows == "t2")
        try await ledger.note([.ended(answered(rows[3], dollars: nil))])
        #expect(try await ledger.followers(in: row.number).isEmpty)
        let reopened = try SwarmLedger(path: path)
        #expect(try await reopened.scatter(row.identifier)?.ask == asked.ask)
        #expect(try await reopened.task("t3", of: row.number)?.output == "answer to t3")
        #expect(try await reopened.task("t9", of: row.number) == nil)
    }

    @Test func `a reopened file knows scatters, tasks, answers and costs`() async throws {
        var stored: ScatterRow?
        do {
            let ledger = try SwarmLedger(path: path)
            let (row, rows) = try #require(try await ledger.insert(scatter(), tasks(3)))
            #expect(rows.map(\.number) == [1, 2, 3])
            try await ledger.note([
                .sending(task: 2, milliseconds: 5), .ended(answered(rows[1], dollars: 0.25)),
            ])
            stored = row
        }
        let ledger = try SwarmLedger(path: path)
        let row = try await ledger.scatter("sc-0000000000000001")
        #expect(row == stored)
        let open = try await ledger.tasks(of: 1, after: 0, limit: 10, open: true)
        #expect(open.map(\.name) == ["t0", "t2"])
        let totals = try await ledger.totals(of: 1)
        #expect(totals.completed == 1)
        #expect(totals.attempts == 1)
        #expect(totals.inputTokens == 3)
        #expect(totals.dollars == 0.25)
        #expect(totals.latency95 == 40)
        #expect(try await ledger.dollarsSpent(sinceMilliseconds: 0) == 0.25)
        #expect(try await ledger.dollarsSpent(sinceMilliseconds: 1_700_000_001_001) == 0)
    }

    @Test func `the same scatter a second time changes nothing`() async throws {
        let ledger = try SwarmLedger(path: path)
        _ = try await ledger.insert(scatter(), tasks(2))
        var other = scatter()
        other.backend = "anthropic"
        #expect(try await ledger.insert(other, tasks(5)) == nil)
        #expect(try await ledger.scatter(scatter().identifier)?.backend == "openai")
        #expect(try await ledger.totals(of: 1).tasks == 2)
    }

    @Test func `what was under way is named once, open again and counted as interrupted`()
        async throws
    {
        do {
            let ledger = try SwarmLedger(path: path)
            let (_, rows) = try #require(try await ledger.insert(scatter(), tasks(4)))
            try await ledger.note(rows.prefix(3).map { .sending(task: $0.number, milliseconds: 1) })
            try await ledger.note([.ended(answered(rows[0], dollars: nil))])
        }
        let ledger = try SwarmLedger(path: path)
        #expect(try await ledger.takeBack(1) == ["t1", "t2"])
        #expect(try await ledger.takeBack(1) == [])
        let open = try await ledger.tasks(of: 1, after: 0, limit: 10, open: true)
        #expect(open.map(\.state) == [.pending, .pending, .pending])
        #expect(open.map(\.interrupted) == [1, 1, 0])
        #expect(open.map(\.attempts) == [1, 1, 0], "what may have been paid for stays counted")
    }

    @Test func `an answer that is stored is never overwritten, nor its task asked again`()
        async throws
    {
        let ledger = try SwarmLedger(path: path)
        let (_, rows) = try #require(try await ledger.insert(scatter(), tasks(1)))
        try await ledger.note([.ended(answered(rows[0], dollars: 1))])
        var other = answered(rows[0], dollars: 9)
        other.output = "another"
        try await ledger.note([.sending(task: 1, milliseconds: 1), .ended(other)])
        let row = try await ledger.tasks(of: 1, after: 0, limit: 1).first
        #expect(row?.output == "answer to t0")
        #expect(row?.attempts == 0)
        #expect(try await ledger.dollarsSpent(sinceMilliseconds: 0) == 1)
    }

    @Test func `a scatter ends with its last task, once`() async throws {
        let ledger = try SwarmLedger(path: path)
        let (_, rows) = try #require(try await ledger.insert(scatter(), tasks(2)))
        try await ledger.finish(1, milliseconds: 10)
        #expect(try await ledger.scatter("t0")?.finishedMilliseconds == nil)
        try await ledger.note(rows.map { .ended(answered($0, dollars: nil)) })
        try await ledger.finish(1, milliseconds: 20)
        try await ledger.finish(1, milliseconds: 30)
        #expect(try await ledger.scatter("t0")?.finishedMilliseconds == 20)
        #expect(try await ledger.scatters(last: 9, open: true).isEmpty)
    }

    @Test func `of two scatters with a task of one name the newer is meant`() async throws {
        let ledger = try SwarmLedger(path: path)
        _ = try await ledger.insert(scatter("0000000000000001"), tasks(1))
        _ = try await ledger.insert(scatter("0000000000000002"), tasks(1))
        #expect(try await ledger.scatter("t0")?.identifier == "sc-0000000000000002")
        #expect(try await ledger.scatter("sc-0000000000000001")?.number == 1)
        #expect(try await ledger.scatter("t9") == nil)
        #expect(try await ledger.scatters(last: 1).map(\.number) == [2])
    }

    @Test func `the 95th of a hundred latencies is the nearest rank`() async throws {
        let ledger = try SwarmLedger(path: path)
        let (_, rows) = try #require(try await ledger.insert(scatter(), tasks(100)))
        try await ledger.note(
            rows.enumerated().map { index, row in
                var row = answered(row, dollars: nil)
                row.latencyMilliseconds = Int64(100 - index)
                return .ended(row)
            }
        )
        #expect(try await ledger.totals(of: 1).latency95 == 95)
    }
}
