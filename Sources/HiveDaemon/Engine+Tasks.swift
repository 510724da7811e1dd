import HiveBlackboard
import HiveKernel
import HiveLedger
import HiveSignal

// A task's way (SPEC §5). Between any two of these steps the daemon may be killed:
//
// 1. Its signal is judged: the task is stored in the same transaction.
// 2. A worker is given it: the task is `running`, one attempt more.
// 3. The worker answers: the outcome's line is stored. From here on it is never asked again.
// 4. The line is appended to the board.
// 5. The line is judged like any other: the same transaction ends the task.
//
// The next start judges what is on the board first. So a task whose line got there is `done` before
// anybody looks for work, one with a stored line has it appended, and one without is given to a
// worker again. The kernel takes one answer to a task and no more, whoever writes it.

/// What became of an answer.
enum Delivery: Sendable, Hashable {
    /// Its line is on the board.
    case appended
    /// Another line has answered the task, or it was given up: nothing is appended.
    case late
    /// The line was judged and refused: the reasons.
    case refused(String)
}

/// How many workers are free.
///
/// A test run may take minutes and there is one at a time: where it has a place of its own, it
/// keeps nobody waiting but other test runs.
struct WorkerRoom: Sendable, Hashable {
    /// For any task.
    var common: Int
    /// For tasks of port 4; nil: they are as any other.
    var tests: Int?

    var isEmpty: Bool { common <= 0 && (tests ?? 0) <= 0 }

    /// Takes a free worker for a port's task; false where none is.
    mutating func take(_ port: Port) -> Bool {
        if let free = tests, port == Self.testPort {
            tests = free - 1
            return free > 0
        }
        common -= 1
        return common >= 0
    }

    mutating func giveBack(_ port: Port) {
        if let free = tests, port == Self.testPort { tests = free + 1 } else { common += 1 }
    }

    private static let testPort = Port.all[4]
}

extension Engine {
    // MARK: Assigning

    /// Assigns what the batch's signals ask, as far as the budget lasts.
    func assign(_ pending: inout PendingBatch) throws(HiveError) {
        let candidates = pending.candidates
        guard !candidates.isEmpty else { return }
        let rules = fold.context.rules.budget
        guard try hasDollars(rules, now: pending.now) else {
            overBudget += Int64(candidates.count)
            return
        }
        let admitted = budget.admit(candidates, mark: \.mark, now: pending.now, rules: rules)
        overBudget += Int64(candidates.count - admitted.count)
        pending.batch.tasks = admitted
    }

    /// False where the answers of the last day have cost what the rules allow.
    func hasDollars(_ rules: BudgetRules, now: Timestamp) throws(HiveError) -> Bool {
        guard let limit = rules.dollarsPerDay else { return true }
        let since = now.milliseconds - TaskBudget.dollarWindowSeconds * 1_000
        let ledger = self.ledger
        return try HiveError.wrap { try ledger.dollarsSpent(sinceMilliseconds: since) } < limit
    }

    /// What waits, is open and was assigned lately, as the ledger has it.
    func restoreTasks() throws(HiveError) {
        let ledger = self.ledger
        waiting = TaskQueue(
            try HiveError.wrap { try ledger.tasks(in: [.waiting], limit: .max) }
        )
        let second = clock().seconds - TaskBudget.windowSeconds
        budget = try HiveError.wrap {
            TaskBudget(
                open: try ledger.taskTotals().open,
                assigned: try ledger.tasksAssigned(after: second)
            )
        }
    }

    // MARK: Handing out

    /// Takes back what workers had when the last daemon ended.
    ///
    /// - Returns: tasks whose answer is stored and whose line may not be on the board.
    func takeBackTasks() throws(HiveError) -> [TaskRow] {
        let ledger = self.ledger
        return try HiveError.wrap {
            try ledger.takeBackTasks()
            waiting = TaskQueue(try ledger.tasks(in: [.waiting], limit: .max))
            return try ledger.tasks(in: [.answered], limit: .max)
        }
    }

    /// Hands out waiting tasks, the strongest first; what has faded lapses.
    ///
    /// - Returns: as many tasks as there is room for, noted as running.
    func startTasks(_ room: WorkerRoom) throws(HiveError) -> [TaskRow] {
        guard !waiting.isEmpty else { return [] }
        let now = clock()
        let rules = fold.context.rules
        guard rules.reactions.isEnabled, try hasDollars(rules.budget, now: now) else {
            let reason =
                rules.reactions.isEnabled
                ? "the day's budget in dollars is spent" : "reactions are switched off"
            try end(waiting.all, as: .dropped, note: reason)
            return []
        }
        let (strong, faded) = waiting.parted(at: now, rules: rules.reactions)
        try end(faded, as: .lapsed, note: "its mark faded below \(rules.reactions.minimumMark)")
        var room = room
        let chosen = strong.filter { room.take($0.name.port) }
        guard !chosen.isEmpty else { return [] }
        let ledger = self.ledger
        try HiveError.wrap {
            try ledger.startTasks(chosen.map(\.name), milliseconds: now.milliseconds)
        }
        for row in chosen { waiting.remove(row.name) }
        try onStep(.tasksStarted)
        return chosen
    }

    /// Gives up a task that cannot be worked on.
    func drop(_ row: TaskRow, note: String) throws(HiveError) {
        try end([row], as: .dropped, note: note)
    }

    private func end(
        _ rows: [TaskRow],
        as state: TaskState,
        note: String
    ) throws(HiveError) {
        guard !rows.isEmpty else { return }
        let ledger = self.ledger
        let now = clock().milliseconds
        let ended = try HiveError.wrap {
            try ledger.endTasks(rows.map(\.name), as: state, note: note, milliseconds: now)
        }
        for row in rows { waiting.remove(row.name) }
        budget.close(Int64(ended))
    }

    // MARK: Answering

    /// Stores an outcome's line, then appends it and judges it where it stands.
    func deliver(
        _ row: TaskRow,
        line: [UInt8],
        dollars: Double?
    ) throws(HiveError) -> Delivery {
        let ledger = self.ledger
        let isOpen = try HiveError.wrap {
            try ledger.storeAnswer(to: row.name, line: line, dollars: dollars)
        }
        guard isOpen else { return .late }
        try onStep(.answerStored)
        return try append(row, line: line)
    }

    /// Appends a stored answer.
    func append(_ row: TaskRow, line: [UInt8]) throws(HiveError) -> Delivery {
        try requireBoard()
        try look(live: true)
        let ledger = self.ledger
        let standing = try HiveError.wrap { try ledger.task(row.name) }
        guard standing?.state.isOpen == true else { return .late }
        let now = clock()
        fold.context.now = now
        var line = line
        var judgement = line.withUnsafeBytes { fold.preview($0)?.judgement }
        if let violations = judgement?.violations, !violations.isEmpty,
            Violation.ofTheClock.isSuperset(of: violations)
        {
            // It was kept until its time was too old; or the clock was set back.
            line = OutcomeLine.stamped(line, at: now)
            judgement = line.withUnsafeBytes { fold.preview($0)?.judgement }
        }
        // As a plain signal it would ask others in turn: it is an answer or nothing.
        if let judgement, judgement.isAccepted, judgement.answers?.name != row.name {
            let reasons = judgement.warnings.joined(separator: ", ")
            try end([row], as: .refused, note: "no longer an answer: \(reasons)")
            return .refused(reasons)
        }
        guard case .quarantined(let entry) = try emit(line).row else { return .appended }
        try end([row], as: .refused, note: "\(entry.violation), entry \(entry.identifier)")
        return .refused(entry.violation)
    }

    // MARK: What a worker is told

    /// Where the hive stands, for a task's assignment.
    func assignedState(for trace: TraceID) throws(HiveError) -> AssignedState {
        let position = fold.settledPosition
        let ledger = self.ledger
        let unseen = try HiveError.wrap { try ledger.unseenCount() }
        let standing = fold.state.traces[trace] ?? TraceState()
        return AssignedState(
            generation: position.generation,
            mode: fold.context.rules.mode.rawValue,
            cycle: standing.cycle,
            reached: standing.reached,
            accepted: position.accepted,
            quarantined: position.quarantined,
            unseen: unseen,
            openTasks: budget.open,
            moves: fold.state.moves(in: trace, rules: fold.context.rules)
        )
    }
}
