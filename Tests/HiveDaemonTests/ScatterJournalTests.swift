import HiveLedger
import HiveTestKit
import Testing

@testable import HiveDaemon

/// Many notes in few transactions, and none lost with a task that ends.
@Suite struct ScatterJournalTests {
    private let folder: TemporaryFolder
    private let ledger: SwarmLedger
    private let journal: ScatterJournal

    init() throws {
        folder = try TemporaryFolder()
        ledger = try SwarmLedger(path: folder.at("swarm.sqlite"))
        journal = ScatterJournal(ledger)
    }

    private func insert(_ count: Int64) async throws -> [ScatterTaskRow] {
        let scatter = ScatterRow(
            identifier: "sc-0000000000000001",
            backend: "openai",
            concurrency: 512,
            timeoutMilliseconds: 1,
            outputTokensMax: 1,
            dollarsMax: nil,
            startedMilliseconds: 1
        )
        let tasks = (0..<count).map { number in
            ScatterTaskRow(
                name: "t\(number)",
                digest: "d",
                sample: number,
                model: "m",
                request: #"{"prompt":"p"}"#
            )
        }
        return try #require(try await ledger.insert(scatter, tasks)).1
    }

    private func answered(_ row: ScatterTaskRow) -> ScatterTaskRow {
        var row = row
        row.state = .completed
        row.output = "answer to \(row.name)"
        row.finishedMilliseconds = 2
        return row
    }

    @Test func `512 that note at once are all stored, each before it goes on`() async throws {
        let rows = try await insert(512)
        let (journal, ledger) = (journal, ledger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for row in rows {
                group.addTask {
                    try await journal.note(.sending(task: row.number, milliseconds: 1))
                    let stored = try await ledger.tasks(
                        of: row.scatter,
                        after: row.number - 1,
                        limit: 1
                    )
                    #expect(stored.first?.state == .running)
                    try await journal.note(.ended(answered(row)))
                }
            }
            try await group.waitForAll()
        }
        let totals = try await ledger.totals(of: 1)
        #expect(totals.completed == 512)
        #expect(totals.attempts == 512)
        #expect(await journal.transactions < 1_024, "they share transactions")
    }

    @Test func `an answer that came is stored, though its task is cancelled`() async throws {
        let rows = try await insert(64)
        let journal = journal
        await withTaskGroup(of: Void.self) { group in
            for row in rows {
                group.addTask {
                    withUnsafeCurrentTask { $0?.cancel() }
                    await #expect(throws: Never.self) {
                        try await journal.note(.ended(answered(row)))
                    }
                }
            }
        }
        #expect(try await ledger.totals(of: 1).completed == 64)
    }
}
