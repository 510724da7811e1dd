import HiveControl
import HiveKernel
import HiveLedger
import HiveSignal
import HiveWorkers

extension Swarm {
    /// Tells one notification of HiveControl's `Method.gather`.
    typealias Notify = @Sendable (_ method: String, _ params: JSONValue) async throws -> Void

    /// How often those who wait are told how far it is.
    private static let tickMilliseconds = 250

    // MARK: gather

    /// HiveControl's `Method.gather`: waits for answers and tells them one by one.
    func gather(
        _ params: JSONValue,
        _ notify: @escaping Notify
    ) async throws(HiveError) -> JSONValue {
        let names = params["ids"]?.arrayValue?.compactMap(\.stringValue) ?? []
        guard !names.isEmpty else {
            throw .usage("nothing to gather", hint: "hive tasks names the scatters")
        }
        let timeout = params["timeoutMs"]?.integerValue
        let wait = Wait(
            deadline: timeout.map { SystemClock.monotonicSeconds() + Double($0) / 1_000 },
            readsText: params["text"]?.boolValue ?? false,
            notify: notify
        )
        var parts: [JSONValue] = []
        do {
            for target in try await targets(names) {
                try await await_(target, wait)
                parts.append(try await report(target.scatter, tasks: target.tasks))
            }
        } catch {
            throw HiveError(error)
        }
        return ["scatters": .array(parts)]
    }

    private struct Wait: Sendable {
        /// Monotonic seconds; nil: as long as it takes.
        var deadline: Double?
        var readsText: Bool
        var notify: Notify
    }

    /// A scatter, and which of its tasks are wanted; nil: all.
    private struct Target {
        var scatter: ScatterRow
        var tasks: Set<String>?
    }

    private func targets(_ names: [String]) async throws -> [Target] {
        var targets: [Target] = []
        for name in names {
            guard let scatter = try await ledger.scatter(name) else {
                throw HiveError.usage(
                    "\(RuleValue.quoted(name)) is no scatter and no task of one",
                    hint: "hive tasks names the scatters"
                )
            }
            let task = scatter.identifier == name ? nil : name
            if let index = targets.firstIndex(where: { $0.scatter.number == scatter.number }) {
                if let task {
                    targets[index].tasks?.insert(task)
                } else {
                    targets[index].tasks = nil
                }
            } else {
                targets.append(Target(scatter: scatter, tasks: task.map { [$0] }))
            }
        }
        return targets
    }

    /// Waits until the scatter is over or the time is up, and tells every wanted result once.
    private func await_(_ target: Target, _ wait: Wait) async throws {
        let (events, own) = hub.follow(target.scatter.number, text: wait.readsText)
        try await withThrowingDiscardingTaskGroup { group in
            defer { own.finish() }
            group.addTask { try? await Self.tick(own, until: wait.deadline) }
            if try await isOpen(target.scatter) { start(target.scatter) }
            var telling = Telling(
                scatter: target.scatter.identifier,
                target: target.tasks,
                notify: wait.notify
            )
            try await catchUp(target.scatter, &telling)
            var isOver = try await !isOpen(target.scatter) || telling.isComplete
            if !isOver { try await progress(target, wait) }
            for await event in events {
                if isOver { break }
                switch event {
                case .ended(let row):
                    try await telling.tell(row)
                    isOver = telling.isComplete
                case .text(let task, let text):
                    try await telling.tell(text, of: task)
                case .over:
                    try await catchUp(target.scatter, &telling)
                    isOver = try await !isOpen(target.scatter)
                case .failed(let error): throw error
                // Another process has it: it is looked at again.
                case .tick:
                    if !isUnderWay(target.scatter) {
                        try await catchUp(target.scatter, &telling)
                        isOver = try await !isOpen(target.scatter)
                        if !isOver { start(target.scatter) }
                    }
                    try await progress(target, wait)
                case .deadline: isOver = true
                }
                if isOver { break }
            }
            try await tellPending(target.scatter, &telling)
            try await progress(target, wait)
            group.cancelAll()
        }
    }

    /// Ticks until the deadline.
    static func tick(_ own: ScatterHub.Follower, until deadline: Double?) async throws {
        while true {
            let left = deadline.map { Int(($0 - SystemClock.monotonicSeconds()) * 1_000) }
            if let left, left <= 0 { break }
            try await ModelClock.system.wait(min(left ?? .max, tickMilliseconds))
            own.yield(.tick)
        }
        own.yield(.deadline)
    }

    func isOpen(_ scatter: ScatterRow) async throws -> Bool {
        try await ledger.scatter(scatter.identifier)?.finishedMilliseconds == nil
    }

    /// Which results were told already.
    private struct Telling {
        let scatter: String
        let target: Set<String>?
        let notify: Notify
        private var told: Set<String> = []

        init(scatter: String, target: Set<String>?, notify: @escaping Notify) {
            self.scatter = scatter
            self.target = target
            self.notify = notify
        }

        /// True where no more than what was told is wanted.
        var isComplete: Bool { target.map { told.isSuperset(of: $0) } ?? false }

        mutating func tell(_ row: ScatterTaskRow) async throws {
            guard target?.contains(row.name) ?? true, told.insert(row.name).inserted else { return }
            try await notify(
                Method.result,
                ["scatterId": .string(scatter), "result": row.json]
            )
        }

        func tell(_ text: String, of task: String) async throws {
            guard target?.contains(task) ?? true, !told.contains(task) else { return }
            try await notify(Method.text, ["taskId": .string(task), "text": .string(text)])
        }
    }

    private func catchUp(_ scatter: ScatterRow, _ telling: inout Telling) async throws {
        try await forEachTask(of: scatter) { row in
            if !row.state.isOpen { try await telling.tell(row) }
        }
    }

    private func tellPending(_ scatter: ScatterRow, _ telling: inout Telling) async throws {
        try await forEachTask(of: scatter) { row in try await telling.tell(row) }
    }

    /// Tasks read at a time.
    private static let rowsMax = 512

    private func forEachTask(
        of scatter: ScatterRow,
        _ body: (ScatterTaskRow) async throws -> Void
    ) async throws {
        var last: Int64 = 0
        while true {
            let rows = try await ledger.tasks(of: scatter.number, after: last, limit: Self.rowsMax)
            guard let end = rows.last else { return }
            for row in rows { try await body(row) }
            last = end.number
        }
    }

    private func progress(_ target: Target, _ wait: Wait) async throws {
        let scatter = target.scatter
        let totals = try await ledger.totals(of: scatter.number, tasks: target.tasks)
        try await wait.notify(
            Method.progress,
            [
                "scatterId": .string(scatter.identifier),
                "tasks": .integer(totals.tasks),
                "completed": .integer(totals.completed),
                "failed": .integer(totals.failed),
                "cancelled": .integer(totals.cancelled),
                "attempts": .integer(totals.attempts),
                "estimatedCost": .double(totals.dollars),
                "elapsedMs": .integer(
                    SystemClock.now().milliseconds - scatter.startedMilliseconds
                ),
            ]
        )
    }

    // MARK: Reports

    /// A scatter without its results; or those of its tasks that are named.
    func report(_ scatter: ScatterRow, tasks: Set<String>? = nil) async throws -> JSONValue {
        let totals = try await ledger.totals(of: scatter.number, tasks: tasks)
        let end = totals.open == 0 ? totals.lastMilliseconds : nil
        var report: JSONObject = [
            "scatterId": .string(scatter.identifier),
            "backend": .string(scatter.backend),
            "dispatched": .integer(totals.tasks),
            "allComplete": .bool(totals.open == 0),
            "completed": .integer(totals.completed),
            "failed": .integer(totals.failed),
            "cancelled": .integer(totals.cancelled),
            "pending": .integer(totals.open),
            "attempts": .integer(totals.attempts),
            "interrupted": .integer(totals.interrupted),
            "cost": [
                "inputTokens": .integer(totals.inputTokens),
                "outputTokens": .integer(totals.outputTokens),
                "estimatedCost": .double(totals.dollars),
            ],
            "timing": [
                "startMs": .integer(scatter.startedMilliseconds),
                "endMs": end.map { .integer($0) } ?? .null,
                "avgLatencyMs": .integer(
                    totals.completed == 0 ? 0 : totals.latencySum / totals.completed
                ),
                "p95LatencyMs": .integer(totals.latency95),
            ],
        ]
        if let ask = scatter.ask, let stored = try? JSONValue(parsing: ask) {
            let question = stored["mission"]?.stringValue ?? ""
            report["question"] = .string(question.cut(toBytes: Self.questionBytesMax))
        }
        return .object(report)
    }

    /// Of an ask's question, so much stands in a report.
    private static let questionBytesMax = 512

    /// HiveControl's `Method.scatters`.
    func scatters(_ params: JSONValue) async throws(HiveError) -> JSONValue {
        let last = Int(max(1, min(params["last"]?.integerValue ?? 20, 1_000)))
        let isOpen = params["open"]?.boolValue ?? false
        do {
            var reports: [JSONValue] = []
            for scatter in try await ledger.scatters(last: last, open: isOpen).reversed() {
                reports.append(try await report(scatter))
            }
            return ["scatters": .array(reports)]
        } catch {
            throw HiveError(error)
        }
    }
}

extension ScatterTaskRow {
    /// One of HiveControl's `results`.
    var json: JSONValue {
        var object: JSONObject = [
            "taskId": .string(name),
            "status": .string(state.word),
            "output": .optional(output),
            "error": .optional(error),
            "model": .string(answeredBy ?? model),
            "attempts": .integer(attempts),
            "latencyMs": latencyMilliseconds.map { .integer($0) } ?? .null,
            "confidence": confidence.map { .double($0) } ?? .null,
            "dollars": dollars.map { .double($0) } ?? .null,
        ]
        if interrupted > 0 { object["interrupted"] = .integer(interrupted) }
        return .object(object)
    }
}
