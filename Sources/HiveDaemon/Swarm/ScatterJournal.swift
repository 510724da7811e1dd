import HiveLedger

/// Writes what happens to a scatter's tasks, many at a time.
///
/// Whoever notes something goes on once it is stored: a request is not sent before the file has it.
/// What comes while a transaction is under way goes into the next one, so 512 tasks that begin
/// together cost a transaction or two.
actor ScatterJournal {
    private let ledger: SwarmLedger
    private var notes: [ScatterNote] = []
    private var waiting: [CheckedContinuation<Result<Void, LedgerError>, Never>] = []
    private var isWriting = false
    /// How many it has made.
    private(set) var transactions = 0

    init(_ ledger: SwarmLedger) { self.ledger = ledger }

    func note(_ note: ScatterNote) async throws(LedgerError) {
        notes.append(note)
        if isWriting {
            return try await withCheckedContinuation { waiting.append($0) }.get()
        }
        isWriting = true
        defer { isWriting = false }
        // Let those who came at the same time say theirs first.
        await Task.yield()
        let own = await flush()
        while !notes.isEmpty { _ = await flush() }
        try own.get()
    }

    /// Writes all that has come so far and tells those who wait for it.
    private func flush() async -> Result<Void, LedgerError> {
        let batch = notes
        let answered = waiting
        notes = []
        waiting = []
        // Not of the task that happens to write for all: SQLite's commit would be given up with it,
        // and with the commit answers that were paid for.
        let ledger = ledger
        let result = await Task {
            do throws(LedgerError) {
                try await ledger.note(batch)
                return Result<Void, LedgerError>.success(())
            } catch {
                return .failure(error)
            }
        }.value
        transactions += 1
        for continuation in answered { continuation.resume(returning: result) }
        return result
    }
}
