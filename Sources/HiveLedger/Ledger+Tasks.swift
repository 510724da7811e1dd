import GRDB
package import HiveSignal

// Tasks are the one table that no rebuild makes anew: a rebuild assigns nothing. What completes a
// task is a line of the board, so a task never outlives what the board says of it.

extension Ledger {
    // MARK: Writing

    /// Notes that workers have these tasks now; one attempt more for each.
    package func startTasks(_ names: [TaskName], milliseconds: Int64) throws(LedgerError) {
        try write("start tasks in the ledger") { database in
            var update = try database.kept(
                """
                UPDATE tasks SET state = 1, attempts = attempts + 1, started = ?
                WHERE name = ? AND state = 0
                """
            )
            defer { update.clear() }
            for name in names {
                update.bind(milliseconds)
                update.bind(name.text)
                try update.run()
            }
        }
    }

    /// Keeps a worker's answer before it is appended: after a crash it is not asked for again.
    ///
    /// - Returns: False where the task is no longer open: another line has answered it.
    @discardableResult
    package func storeAnswer(
        to name: TaskName,
        line: [UInt8],
        dollars: Double?
    ) throws(LedgerError) -> Bool {
        try write("store an answer in the ledger") { database in
            var update = try database.kept(
                """
                UPDATE tasks SET state = 2, answer = ?, dollars = ?, spent_at = started
                WHERE name = ? AND state < 3
                """
            )
            defer { update.clear() }
            update.bind(line)
            update.bind(dollars)
            update.bind(name.text)
            try update.run()
            if database.changesCount > 0 { return true }
            // Too late to be an answer, but paid for.
            var pay = try database.kept(
                "UPDATE tasks SET dollars = ?, spent_at = started WHERE name = ?"
            )
            pay.bind(dollars)
            pay.bind(name.text)
            try pay.run()
            return false
        }
    }

    /// Ends open tasks without an outcome.
    ///
    /// - Returns: How many were open.
    @discardableResult
    package func endTasks(
        _ names: [TaskName],
        as state: TaskState,
        note: String,
        milliseconds: Int64
    ) throws(LedgerError) -> Int {
        try write("end tasks in the ledger") { database in
            var update = try database.kept(
                "UPDATE tasks SET state = ?, note = ?, finished = ? WHERE name = ? AND state < 3"
            )
            defer { update.clear() }
            var ended = 0
            for name in names {
                update.bind(state.rawValue)
                update.bind(note)
                update.bind(milliseconds)
                update.bind(name.text)
                try update.run()
                ended += database.changesCount
            }
            return ended
        }
    }

    /// Takes tasks back from workers that a restart ended: they wait again.
    package func takeBackTasks() throws(LedgerError) {
        try write("take tasks back in the ledger") { database in
            var update = try database.kept("UPDATE tasks SET state = 0 WHERE state = 1")
            try update.run()
        }
    }

    // MARK: Reading

    /// Tasks in any of these states, the oldest first.
    package func tasks(
        in states: Set<TaskState>,
        limit: Int
    ) throws(LedgerError) -> [TaskRow] {
        let list = states.map { String($0.rawValue) }.sorted().joined(separator: ", ")
        return try read("read tasks from the ledger") { database in
            var query = try database.prepared(
                """
                SELECT \(TaskRow.columns) FROM tasks WHERE state IN (\(list))
                ORDER BY number LIMIT ?
                """
            )
            query.bind(Int64(max(limit, 0)))
            return try query.rows(TaskRow.init)
        }
    }

    /// The newest tasks, the oldest of them first.
    package func tasks(last count: Int) throws(LedgerError) -> [TaskRow] {
        try read("read tasks from the ledger") { database in
            var query = try database.prepared(
                "SELECT \(TaskRow.columns) FROM tasks ORDER BY number DESC LIMIT ?"
            )
            query.bind(Int64(max(count, 0)))
            return try query.rows(TaskRow.init).reversed()
        }
    }

    /// What one signal asked, by port.
    package func tasks(askedAt sequence: Int64) throws(LedgerError) -> [TaskRow] {
        try read("read tasks from the ledger") { database in
            var query = try database.prepared(
                "SELECT \(TaskRow.columns) FROM tasks WHERE sequence = ? ORDER BY number"
            )
            query.bind(sequence)
            return try query.rows(TaskRow.init)
        }
    }

    /// Signals that call this one their parent, the oldest first.
    ///
    /// Reads every row: a quarter of a second for a million.
    package func signals(
        answering references: (identifier: String, place: String),
        limit: Int
    ) throws(LedgerError) -> [SignalRow] {
        try read("read signals from the ledger") { database in
            var query = try database.prepared(
                """
                SELECT \(SignalRow.columns) FROM signals WHERE parent IN (?, ?)
                ORDER BY sequence LIMIT ?
                """
            )
            query.bind(references.identifier)
            query.bind(references.place)
            query.bind(Int64(max(limit, 0)))
            return try query.rows(SignalRow.init)
        }
    }

    /// The task with this name; nil where none was assigned.
    package func task(_ name: TaskName) throws(LedgerError) -> TaskRow? {
        try read("look up a task in the ledger") { database in
            var query = try database.prepared(
                "SELECT \(TaskRow.columns) FROM tasks WHERE name = ?"
            )
            query.bind(name.text)
            return try query.step() ? TaskRow(&query) : nil
        }
    }

    /// How many tasks are in which state.
    package func taskTotals() throws(LedgerError) -> TaskTotals {
        try read("count tasks in the ledger") { database in
            var totals = TaskTotals()
            var query = try database.prepared("SELECT state, count(*) FROM tasks GROUP BY state")
            while try query.step() {
                let state = try query.value(TaskState.self)
                let count = query.integer()
                switch state {
                case .waiting: totals.waiting += count
                case .running, .answered: totals.running += count
                case .done: totals.done += count
                case .lapsed, .refused, .dropped: totals.unanswered += count
                }
            }
            return totals
        }
    }

    /// How many tasks were assigned in each second after this one (Unix seconds), rising.
    package func tasksAssigned(
        after second: Int64
    ) throws(LedgerError) -> [(second: Int64, count: Int64)] {
        try read("count tasks in the ledger") { database in
            var query = try database.prepared(
                """
                SELECT assigned / 1000 AS second, count(*) FROM tasks
                WHERE assigned >= ? GROUP BY second ORDER BY second
                """
            )
            query.bind((second + 1) * 1_000)
            return try query.rows { ($0.integer(), $0.integer()) }
        }
    }

    /// Dollars that answers have cost since a moment (Unix milliseconds).
    package func dollarsSpent(sinceMilliseconds: Int64) throws(LedgerError) -> Double {
        try read("add up costs in the ledger") { database in
            var query = try database.prepared(
                "SELECT total(dollars) FROM tasks WHERE spent_at >= ? AND dollars IS NOT NULL"
            )
            query.bind(sinceMilliseconds)
            return try query.step() ? query.real() : 0
        }
    }

    /// The signal at a place; nil where no accepted signal stands there.
    package func signal(at place: SignalPlace) throws(LedgerError) -> SignalRow? {
        try read("look up a signal in the ledger") { database in
            var query = try database.prepared(
                """
                SELECT \(SignalRow.columns) FROM signals
                WHERE board_generation IN (?, (SELECT generation FROM position))
                    AND offset = ? AND generation = ?
                """
            )
            // In `observe` a signal may name another generation than its board's.
            query.bind(place.generation)
            query.bind(place.offset)
            query.bind(place.generation)
            return try query.step() ? SignalRow(&query) : nil
        }
    }
}

// MARK: - In a batch's transaction

extension Ledger {
    static func insert(_ rows: [ReactionRow], _ database: Database) throws {
        var insert = try database.kept(
            "INSERT INTO reactions (\(ReactionRow.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        )
        defer { insert.clear() }
        for row in rows {
            insert.bind(row.sequence)
            insert.bind(row.place.generation)
            insert.bind(row.place.offset)
            insert.bind(row.trace)
            insert.bind(Int64(row.asked))
            insert.bind(Int64(row.phase.rawValue))
            insert.bind(Int64(row.depth))
            insert.bind(Int64(row.answered))
            try insert.run()
        }
    }

    /// A task whose name is there already stays as it is.
    static func insert(_ rows: [TaskRow], _ database: Database) throws {
        var insert = try database.kept(
            """
            INSERT OR IGNORE INTO tasks
                (name, sequence, phase, depth, mark, trace, assigned, state, attempts)
            VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0)
            """
        )
        defer { insert.clear() }
        for row in rows {
            insert.bind(row.name.text)
            insert.bind(row.sequence)
            insert.bind(Int64(row.phase.rawValue))
            insert.bind(Int64(row.depth))
            insert.bind(row.mark)
            insert.bind(row.trace)
            insert.bind(row.assignedMilliseconds)
            try insert.run()
        }
    }

    /// Notes answers with the signals that asked, and ends their tasks, where they are assigned.
    ///
    /// - Returns: How many of the tasks were open.
    static func complete(_ completions: [TaskCompletion], _ database: Database) throws -> Int {
        guard !completions.isEmpty else { return 0 }
        var note = try database.kept(
            "UPDATE reactions SET answered = answered | ? WHERE sequence = ?"
        )
        var end = try database.kept(
            """
            UPDATE tasks SET state = 3, outcome = ?, finished = coalesce(finished, ?)
            WHERE name = ? AND (state < 3) = ?
            """
        )
        defer { end.clear() }
        var closed = 0
        for completion in completions {
            note.bind(Int64(1) << Int64(completion.name.port.rawValue))
            note.bind(completion.asked)
            try note.run()
            // Another's answer may come after the task was given up: it counts all the same.
            for wasOpen: Int64 in [1, 0] {
                end.bind(completion.outcome)
                end.bind(completion.milliseconds)
                end.bind(completion.name.text)
                end.bind(wasOpen)
                try end.run()
                guard database.changesCount == 0 else {
                    closed += Int(wasOpen)
                    break
                }
            }
        }
        return closed
    }
}

extension ReactionRow {
    static let columns = "sequence, generation, offset, trace, asked, phase, depth, answered"

    init(_ row: inout PreparedStatement) throws {
        self.init(
            sequence: row.integer(),
            place: SignalPlace(generation: row.integer(), offset: row.integer()),
            trace: try row.trace(),
            asked: UInt8(truncatingIfNeeded: row.integer()),
            phase: try row.value(Phase.self),
            depth: UInt8(truncatingIfNeeded: row.integer()),
            answered: UInt8(truncatingIfNeeded: row.integer())
        )
    }
}

extension TaskRow {
    static let columns = """
        name, sequence, phase, depth, mark, trace, assigned, state, attempts, started, finished,
        answer, outcome, dollars, note
        """

    init(_ row: inout PreparedStatement) throws {
        let text = row.text()
        guard let name = TaskName(text) else {
            throw UnreadableRow(detail: "\(text) where a task's name belongs")
        }
        self.init(
            name: name,
            sequence: row.integer(),
            phase: try row.value(Phase.self),
            depth: UInt8(truncatingIfNeeded: row.integer()),
            mark: row.real(),
            trace: try row.trace(),
            assignedMilliseconds: row.integer()
        )
        state = try row.value(TaskState.self)
        attempts = row.integer()
        startedMilliseconds = row.optionalInteger()
        finishedMilliseconds = row.optionalInteger()
        answer = row.optionalBytes()
        outcome = row.optionalInteger()
        dollars = row.optionalReal()
        note = row.optionalText()
    }
}
