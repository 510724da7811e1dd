import HiveBlackboard
import HiveKernel
import HiveLedger
import HiveSignal
import HiveWorkers
import Logging
import Synchronization

// A scatter's way. Between any two of these steps the process may be killed:
//
// 1. The scatter and its tasks are stored, in one transaction.
// 2. A request is noted, then sent: the task is `running`, one attempt more.
// 3. The answer comes and is stored: the task has ended.
//
// A task whose answer is stored is never asked again. One that is `running` when a process takes
// the scatter up was under way when the last one ended: it is asked again, counted as interrupted
// and named, for it may have been paid for. A lock by scatter sees to it that no two processes work
// on one.
//
// A task may follow another (the steps of an ask): whoever has asked the first asks the second at
// once, in the same place, so that no agent waits for another's step. Which tasks' turn had come
// already is looked up before anything is asked.

/// Asks many questions at once and keeps what is answered.
///
/// A daemon has one for as long as it runs, a command without a daemon for as long as it takes.
final class Swarm: Sendable {
    let settings: Settings
    let rules: Rules
    let ledger: SwarmLedger
    let desk: ModelDesk
    let hub = ScatterHub()
    private let journal: ScatterJournal
    let logger: Logger
    private let starts: AsyncStream<ScatterRow>
    private let starter: AsyncStream<ScatterRow>.Continuation
    /// The scatters that this process works on.
    private let underWay = Mutex<Set<Int64>>([])

    /// Tasks read at a time.
    private static let pageTasks = 256

    init(
        settings: Settings,
        rules: Rules,
        ledger: SwarmLedger,
        desk: ModelDesk,
        logger: Logger
    ) {
        self.settings = settings
        self.rules = rules
        self.ledger = ledger
        self.desk = desk
        self.logger = logger
        journal = ScatterJournal(ledger)
        (starts, starter) = AsyncStream.makeStream(of: ScatterRow.self)
    }

    /// Works on scatters as they are started, until it is cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await scatter in starts {
                group.addTask { await self.work(on: scatter) }
            }
        }
    }

    /// Takes up what earlier processes left.
    func resumeAll() async throws(HiveError) {
        do throws(LedgerError) {
            for scatter in try await ledger.scatters(last: .max, open: true).reversed() {
                start(scatter)
            }
        } catch {
            throw HiveError(error)
        }
    }

    /// True: this process works on it, or begins to.
    func isUnderWay(_ scatter: ScatterRow) -> Bool {
        underWay.withLock { $0.contains(scatter.number) }
    }

    /// Begins to work on a scatter, unless this process does already.
    func start(_ scatter: ScatterRow) {
        let isNew = underWay.withLock { $0.insert(scatter.number).inserted }
        if isNew { starter.yield(scatter) }
    }

    // MARK: One scatter

    private func work(on scatter: ScatterRow) async {
        var end = ScatterHub.Event.over
        do {
            if let lock = try hold(scatter) {
                // Before any task is touched: what nobody can ask stays open for one who can.
                try requireBackend(of: scatter)
                // The lock's file goes with the last task only: whoever finds it gone makes a new
                // one, and two of them would let two processes ask.
                if try await workThrough(scatter) { lock.release() }
            }
        } catch {
            end = .failed(HiveError(error))
        }
        _ = underWay.withLock { $0.remove(scatter.number) }
        let isTold = hub.publish(end, of: scatter.number)
        if case .failed(let error) = end, !isTold {
            logger.error(
                "\(error.message)",
                metadata: ["scatter": "\(scatter.identifier)", "hint": "\(error.hint)"]
            )
        }
    }

    private func requireBackend(of scatter: ScatterRow) throws(HiveError) {
        guard let backend = Backend(rawValue: scatter.backend) else {
            throw .usage(
                "\(scatter.backend) is no backend that this hive knows",
                hint: "a newer hive made the scatter: gather it with that one"
            )
        }
        _ = try desk.require(backend)
    }

    /// Nil where another process works on it.
    private func hold(_ scatter: ScatterRow) throws -> ScatterLock? {
        do throws(HiveError) {
            return try ScatterLock(settings, scatter.identifier)
        } catch {
            guard error.exitCode == ScatterLock.held.exitCode else { throw error }
            return nil
        }
    }

    /// - Returns: True where all of it has ended.
    private func workThrough(_ scatter: ScatterRow) async throws -> Bool {
        let interrupted = try await ledger.takeBack(scatter.number)
        if !interrupted.isEmpty {
            let named = interrupted.prefix(Self.namedMax).joined(separator: ", ")
            let more = interrupted.count > Self.namedMax ? ", …" : ""
            logger.notice(
                "asked again, for they were under way when hive ended: \(named)\(more)",
                metadata: ["scatter": "\(scatter.identifier)", "tasks": "\(interrupted.count)"]
            )
        }
        let totals = try await ledger.totals(of: scatter.number)
        await desk.purse.open(run: scatter.number, spent: totals.dollars)
        try await askAll(of: scatter)
        await desk.purse.close(run: scatter.number)
        guard !Task.isCancelled else { return false }
        let now = SystemClock.now().milliseconds
        try await ledger.finish(scatter.number, milliseconds: now)
        return true
    }

    /// How many tasks a log line names.
    private static let namedMax = 16

    /// Asks what is open, `concurrency` at a time.
    private func askAll(of scatter: ScatterRow) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            var last: Int64 = 0
            let ready =
                scatter.ask == nil ? [] : try await ledger.followers(in: scatter.number)
            // A scatter of an earlier hive may want more than there is.
            var room =
                Backend(rawValue: scatter.backend).map {
                    desk.concurrency(scatter.concurrency, $0)
                } ?? scatter.concurrency
            var page = ready
            repeat {
                for task in page {
                    if room == 0 {
                        try await group.next()
                        room += 1
                    }
                    guard !Task.isCancelled else { break }
                    room -= 1
                    group.addTask { try await self.askInTurn(task, of: scatter) }
                }
                let open = try await ledger.tasks(
                    of: scatter.number,
                    after: last,
                    limit: Self.pageTasks,
                    open: true
                )
                guard let end = open.last else { break }
                last = end.number
                page = open.filter { $0.follows == nil }
            } while !Task.isCancelled
            try await group.waitForAll()
        }
    }

    /// Asks a task, then the one that follows it, and so on.
    private func askInTurn(_ task: ScatterTaskRow, of scatter: ScatterRow) async throws {
        var next: ScatterTaskRow? = task
        var before: ScatterTaskRow?
        if let name = task.follows {
            before = try await ledger.task(name, of: scatter.number)
        }
        while let task = next {
            guard let ended = try await ask(task, after: before, of: scatter) else { return }
            before = ended
            next =
                scatter.ask == nil
                ? nil : try await ledger.followers(in: scatter.number, of: ended.name).first
        }
    }

    /// - Returns: the task as it ended; nil: it has not, for the work was cancelled.
    private func ask(
        _ task: ScatterTaskRow,
        after before: ScatterTaskRow?,
        of scatter: ScatterRow
    ) async throws -> ScatterTaskRow? {
        guard let question = try ScatterQuestion(stored: task).continued(after: before) else {
            return try await end(Self.given(up: task, after: before), of: scatter)
        }
        var hooks = ModelDesk.Hooks(run: scatter) { _ throws(ModelError) in
            try await self.noteSending(task)
        }
        if hub.isRead(scatter.number) {
            let hub = hub
            hooks.onText = { hub.publish(.text(task.name, $0), of: scatter.number) }
        }
        var row = task
        do throws(ModelError) {
            let answered = try await desk.answer(question, model: task.model, hooks)
            row.take(answered)
        } catch {
            // Whoever takes the scatter up asks again.
            if error.kind == .cancelled { return nil }
            row.state = error.kind == .refused ? .cancelled : .failed
            row.error = error.description
            row.attempts += Int64(error.attempts)
            row.take(error.wasted, price: desk.price(of: task.model, scatter.backend))
        }
        return try await end(row, of: scatter)
    }

    /// A task that cannot be asked, for what it follows gave no answer.
    private static func given(
        up task: ScatterTaskRow,
        after before: ScatterTaskRow?
    ) -> ScatterTaskRow {
        var row = task
        row.state = .cancelled
        row.error = before?.error ?? "the step before it gave no answer"
        return row
    }

    private func end(
        _ row: ScatterTaskRow,
        of scatter: ScatterRow
    ) async throws -> ScatterTaskRow {
        var row = row
        row.finishedMilliseconds = SystemClock.now().milliseconds
        try await journal.note(.ended(row))
        hub.publish(.ended(row), of: scatter.number)
        return row
    }

    private func noteSending(_ task: ScatterTaskRow) async throws(ModelError) {
        let now = SystemClock.now().milliseconds
        do throws(LedgerError) {
            try await journal.note(.sending(task: task.number, milliseconds: now))
        } catch {
            throw ModelError(.refused, error.summary, hint: error.hint)
        }
    }
}

extension ScatterTaskRow {
    /// What answers cost that could not be used.
    fileprivate mutating func take(_ wasted: [ModelSpending], price: Price?) {
        inputTokens = wasted.usage?.inputTokens
        outputTokens = wasted.usage?.outputTokens
        dollars = wasted.dollars(at: price)
    }

    fileprivate mutating func take(_ answered: ModelDesk.Answered) {
        state = answered.isFailure ? .failed : .completed
        if answered.isFailure { error = answered.text } else { output = answered.text }
        attempts += Int64(answered.attempts)
        latencyMilliseconds = Int64(answered.latencyMilliseconds)
        answeredBy = answered.model
        confidence = answered.confidence
        inputTokens = answered.usage?.inputTokens
        outputTokens = answered.usage?.outputTokens
        dollars = answered.dollars
    }
}

/// The lock on one scatter: `swarm/SCATTER/lock` in the state folder, held by who works on it.
struct ScatterLock {
    static let held = HiveError(exitCode: -1, message: "another process works on it", hint: "")

    private let lock: FileLock
    private let folder: String

    /// - Throws: `held` where another process has it.
    init(_ settings: Settings, _ identifier: String) throws(HiveError) {
        folder = settings.swarmLocks + "/" + identifier
        try Folders.make(folder, mode: 0o700)
        let path = folder
        do {
            lock = try FileLock.hold(folder: path)
        } catch {
            guard case .locked = error.code else { throw HiveError(error) }
            throw Self.held
        }
    }

    /// Takes the lock's folder away, once the scatter has ended.
    func release() {
        FileProbe.remove(folder + "/lock")
        FileProbe.removeFolder(folder)
    }
}
