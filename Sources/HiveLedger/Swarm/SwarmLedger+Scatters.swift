import GRDB
import HiveSignal

/// What is known of a request before it is sent, and of an answer once it is there.
package enum ScatterNote: Sendable {
    /// A request of the task is about to be sent; Unix milliseconds.
    case sending(task: Int64, milliseconds: Int64)
    /// The task has come to its end.
    case ended(ScatterTaskRow)
}

extension SwarmLedger {
    // MARK: Writing

    /// Stores a scatter with its tasks.
    ///
    /// - Returns: the scatter and its tasks with their numbers; nil where a scatter with this
    ///   identifier is there already.
    package func insert(
        _ scatter: ScatterRow,
        _ tasks: [ScatterTaskRow]
    ) async throws(LedgerError) -> (ScatterRow, [ScatterTaskRow])? {
        try await write("store a scatter in") { database in
            try database.execute(
                sql: """
                    INSERT OR IGNORE INTO scatters (identifier, backend, concurrency, timeout,
                        output_tokens_max, dollars_max, ask, started)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    scatter.identifier, scatter.backend, scatter.concurrency,
                    scatter.timeoutMilliseconds, scatter.outputTokensMax, scatter.dollarsMax,
                    scatter.ask, scatter.startedMilliseconds,
                ]
            )
            guard database.changesCount == 1 else { return nil }
            var stored = scatter
            stored.number = database.lastInsertedRowID
            var insert = try database.kept(
                """
                INSERT INTO tasks (scatter, name, digest, sample, model, request, follows, state,
                    attempts, interrupted) VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, 0)
                """
            )
            defer { insert.clear() }
            var rows = tasks
            for index in rows.indices {
                insert.bind(stored.number)
                insert.bind(rows[index].name)
                insert.bind(rows[index].digest)
                insert.bind(rows[index].sample)
                insert.bind(rows[index].model)
                insert.bind(rows[index].request)
                insert.bind(rows[index].follows)
                try insert.run()
                rows[index].scatter = stored.number
                rows[index].number = database.lastInsertedRowID
            }
            return (stored, rows)
        }
    }

    /// Stores what has happened, in its order and in one transaction.
    package func note(_ notes: [ScatterNote]) async throws(LedgerError) {
        try await write("note requests and answers in") { database in
            for note in notes { try Self.store(note, database) }
        }
    }

    private static func store(_ note: ScatterNote, _ database: Database) throws {
        switch note {
        case .sending(let task, let milliseconds):
            var update = try database.kept(
                """
                UPDATE tasks SET state = 1, attempts = attempts + 1, started = ?
                WHERE number = ? AND state < 2
                """
            )
            update.bind(milliseconds)
            update.bind(task)
            try update.run()
        case .ended(let row):
            var update = try database.kept(
                """
                UPDATE tasks SET state = ?, finished = ?, latency = ?, output = ?, error = ?,
                    answered_by = ?, confidence = ?, input_tokens = ?, output_tokens = ?,
                    dollars = ?
                WHERE number = ? AND state < 2
                """
            )
            update.bind(row.state.rawValue)
            update.bind(row.finishedMilliseconds)
            update.bind(row.latencyMilliseconds)
            update.bind(row.output)
            update.bind(row.error)
            update.bind(row.answeredBy)
            update.bind(row.confidence)
            update.bind(row.inputTokens)
            update.bind(row.outputTokens)
            update.bind(row.dollars)
            update.bind(row.number)
            try update.run()
            update.clear()
        }
    }

    /// Takes back the tasks that were under way when their process ended: they are open again.
    ///
    /// - Returns: their names: requests that may have been paid for in vain.
    package func takeBack(_ scatter: Int64) async throws(LedgerError) -> [String] {
        try await write("take tasks back in") { database in
            let names = try String.fetchAll(
                database,
                sql: "SELECT name FROM tasks WHERE scatter = ? AND state = 1 ORDER BY number",
                arguments: [scatter]
            )
            try database.execute(
                sql: """
                    UPDATE tasks SET state = 0, interrupted = interrupted + 1
                    WHERE scatter = ? AND state = 1
                    """,
                arguments: [scatter]
            )
            return names
        }
    }

    /// Ends a scatter that has no open task.
    package func finish(_ scatter: Int64, milliseconds: Int64) async throws(LedgerError) {
        try await write("end a scatter in") { database in
            try database.execute(
                sql: """
                    UPDATE scatters SET finished = ? WHERE number = ? AND finished IS NULL
                        AND NOT EXISTS (SELECT 1 FROM tasks WHERE scatter = ? AND state < 2)
                    """,
                arguments: [milliseconds, scatter, scatter]
            )
        }
    }

    // MARK: Reading

    /// The scatter with this identifier, or the newest one that has a task of this name.
    package func scatter(_ name: String) async throws(LedgerError) -> ScatterRow? {
        try await read("look up a scatter in") { database in
            try Row.fetchOne(
                database,
                sql: """
                    SELECT * FROM scatters WHERE identifier = ? OR number =
                        (SELECT max(scatter) FROM tasks WHERE name = ?)
                    ORDER BY identifier = ? DESC LIMIT 1
                    """,
                arguments: [name, name, name]
            ).map(ScatterRow.init)
        }
    }

    /// Scatters, the newest first.
    package func scatters(
        last limit: Int,
        open: Bool = false
    ) async throws(LedgerError) -> [ScatterRow] {
        try await read("read scatters from") { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM scatters WHERE (finished IS NULL OR NOT ?)
                    ORDER BY number DESC LIMIT ?
                    """,
                arguments: [open, limit]
            ).map(ScatterRow.init)
        }
    }

    /// Tasks of a scatter after a number, in their order.
    package func tasks(
        of scatter: Int64,
        after number: Int64,
        limit: Int,
        open: Bool = false
    ) async throws(LedgerError) -> [ScatterTaskRow] {
        try await read("read tasks from") { database in
            let state = open ? "AND state < 2" : ""
            return try Row.fetchAll(
                database,
                sql: """
                    SELECT \(ScatterTaskRow.columns) FROM tasks
                    WHERE scatter = ? AND number > ? \(state)
                    ORDER BY number LIMIT ?
                    """,
                arguments: [scatter, number, limit]
            ).map(ScatterTaskRow.init)
        }
    }

    /// Open tasks whose turn has come, for the tasks that they follow have ended.
    ///
    /// - Parameters:
    ///   - scatter: whose.
    ///   - name: the task that they follow; nil: any.
    /// - Returns: in the order of their numbers.
    /// - Throws: what SQLite refuses.
    package func followers(
        in scatter: Int64,
        of name: String? = nil
    ) async throws(LedgerError) -> [ScatterTaskRow] {
        try await read("read tasks from") { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT \(ScatterTaskRow.columns) FROM tasks
                    WHERE scatter = ? AND state < 2 AND follows IS NOT NULL
                        AND (? IS NULL OR follows = ?) AND follows IN
                        (SELECT name FROM tasks WHERE scatter = ? AND state >= 2)
                    ORDER BY number
                    """,
                arguments: [scatter, name, name, scatter]
            ).map(ScatterTaskRow.init)
        }
    }

    /// The task of this name.
    package func task(
        _ name: String,
        of scatter: Int64
    ) async throws(LedgerError) -> ScatterTaskRow? {
        try await read("look up a task in") { database in
            try Row.fetchOne(
                database,
                sql: """
                    SELECT \(ScatterTaskRow.columns) FROM tasks WHERE scatter = ? AND name = ?
                    """,
                arguments: [scatter, name]
            ).map(ScatterTaskRow.init)
        }
    }

    /// Asks for a JSON array of names twice; null: all tasks are wanted.
    private static let isWanted = "(? IS NULL OR name IN (SELECT value FROM json_each(?)))"

    /// What a scatter has come to; or those of its tasks that are named, where not all are wanted.
    package func totals(
        of scatter: Int64,
        tasks names: Set<String>? = nil
    ) async throws(LedgerError) -> ScatterTotals {
        let wanted = names.map { names in
            JSONValue.array(names.sorted().map { .string($0) }).text
        }
        return try await read("add up a scatter in") { database in
            var totals = ScatterTotals()
            let row = try Row.fetchOne(
                database,
                sql: """
                    SELECT count(*) AS tasks, coalesce(sum(state < 2), 0) AS open,
                        coalesce(sum(state = 2), 0) AS completed,
                        coalesce(sum(state = 3), 0) AS failed,
                        coalesce(sum(state = 4), 0) AS cancelled,
                        coalesce(sum(attempts), 0) AS attempts,
                        coalesce(sum(interrupted), 0) AS interrupted,
                        coalesce(sum(input_tokens), 0) AS input_tokens,
                        coalesce(sum(output_tokens), 0) AS output_tokens,
                        total(dollars) AS dollars, coalesce(sum(latency), 0) AS latency_sum,
                        max(finished) AS last
                    FROM tasks WHERE scatter = ? AND \(Self.isWanted)
                    """,
                arguments: [scatter, wanted, wanted]
            )
            guard let row else { return totals }
            totals.tasks = row["tasks"]
            totals.open = row["open"]
            totals.completed = row["completed"]
            totals.failed = row["failed"]
            totals.cancelled = row["cancelled"]
            totals.attempts = row["attempts"]
            totals.interrupted = row["interrupted"]
            totals.inputTokens = row["input_tokens"]
            totals.outputTokens = row["output_tokens"]
            totals.dollars = row["dollars"]
            totals.latencySum = row["latency_sum"]
            totals.lastMilliseconds = row["last"]
            // The smallest latency that 95 of 100 answers do not exceed (nearest rank).
            totals.latency95 =
                try Int64.fetchOne(
                    database,
                    sql: """
                        SELECT latency FROM tasks WHERE scatter = ? AND latency IS NOT NULL
                            AND \(Self.isWanted)
                        ORDER BY latency LIMIT 1 OFFSET ?
                        """,
                    arguments: [
                        scatter, wanted, wanted, max(0, (totals.completed * 95 + 99) / 100 - 1),
                    ]
                ) ?? 0
            return totals
        }
    }

    /// What answers have cost since a moment (Unix milliseconds), in dollars.
    package func dollarsSpent(
        sinceMilliseconds: Int64
    ) async throws(LedgerError) -> Double {
        try await read("add up costs in") { database in
            try Double.fetchOne(
                database,
                sql: "SELECT total(dollars) FROM tasks WHERE dollars IS NOT NULL AND finished >= ?",
                arguments: [sinceMilliseconds]
            ) ?? 0
        }
    }
}

extension ScatterRow {
    init(_ row: Row) {
        self.init(
            identifier: row["identifier"],
            backend: row["backend"],
            concurrency: row["concurrency"],
            timeoutMilliseconds: row["timeout"],
            outputTokensMax: row["output_tokens_max"],
            dollarsMax: row["dollars_max"],
            startedMilliseconds: row["started"]
        )
        number = row["number"]
        ask = row["ask"]
        finishedMilliseconds = row["finished"]
    }
}

extension ScatterTaskRow {
    /// In the order in which `init` reads them: by place, as looking up names takes longer than
    /// the rest.
    static let columns = """
        number, scatter, name, digest, sample, model, request, state, attempts, interrupted,
        started, finished, latency, output, error, answered_by, confidence, input_tokens,
        output_tokens, dollars, follows
        """

    init(_ row: Row) throws {
        self.init(name: row[2], digest: row[3], sample: row[4], model: row[5], request: row[6])
        number = row[0]
        scatter = row[1]
        let stored: Int64 = row[7]
        guard let state = ScatterTaskState(rawValue: stored) else {
            throw UnreadableRow(detail: "\(stored) where a task's state belongs")
        }
        self.state = state
        attempts = row[8]
        interrupted = row[9]
        startedMilliseconds = row[10]
        finishedMilliseconds = row[11]
        latencyMilliseconds = row[12]
        output = row[13]
        error = row[14]
        answeredBy = row[15]
        confidence = row[16]
        inputTokens = row[17]
        outputTokens = row[18]
        dollars = row[19]
        follows = row[20]
    }
}
