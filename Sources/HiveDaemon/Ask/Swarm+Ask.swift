import HiveControl
import HiveKernel
import HiveLedger
import HiveSignal
import Logging

extension Swarm {
    /// HiveControl's `Method.ask`: asks, waits for all agents, counts, and tells the board.
    ///
    /// - Parameters:
    ///   - params: as the method says.
    ///   - board: where its signals go; nil: nowhere.
    ///   - notify: told of steps and votes.
    /// - Returns: the artifact.
    /// - Throws: exit code 1 where the board refuses the question, 2 for what cannot be asked, 3
    ///   where the machine fails.
    func ask(
        _ params: JSONValue,
        on board: AskBoard?,
        _ notify: @escaping Notify
    ) async throws(HiveError) -> JSONValue {
        let (request, scatter) = try await begun(params, on: board)
        let plan = AskPlan(request)
        do {
            let rows = try await await_(scatter, request, plan, notify)
            let count = AskCount(request, plan, rows)
            if params["record"]?.boolValue == true {
                for line in AskRecord.lines(request, rows, count.artifact) {
                    try await notify(Method.askRecord, line)
                }
            }
            await publish(count, on: board)
            return count.artifact
        } catch {
            throw HiveError(error)
        }
    }

    // MARK: Beginning

    /// The ask that is wanted, under way.
    private func begun(
        _ params: JSONValue,
        on board: AskBoard?
    ) async throws(HiveError) -> (AskRequest, ScatterRow) {
        if let name = params["resume"]?.stringValue {
            guard let found = try await stored(name) else {
                throw .usage(
                    "\(RuleValue.quoted(name)) is no ask",
                    hint: "the artifact names its askId; hive tasks lists scatters and asks"
                )
            }
            return found
        }
        var request = try AskRequest(params, settings: settings, rules: rules)
        if let found = try await stored(request.identifier) { return found }
        request.backend = try reasoning(request.backend)
        request.limits.concurrency = desk.concurrency(request.limits.concurrency, request.backend)
        let usesBoard = params["board"]?.boolValue ?? true
        if usesBoard, let board {
            request.context = try await board.perceive(request.mission)
            request.question = AskSignals.questionIdentifier(request)
        }
        let scatter = ScatterRequest(
            identifier: request.identifier,
            questions: AskPlan(request).questions(request, desk.personas),
            backend: request.backend,
            limits: request.limits
        )
        // Before anything is written: the models must be known.
        let rows = try tasks(of: scatter, request.backend)
        if usesBoard, let board { try await put(request, on: board) }
        let (row, _) = try await begin(scatter, request.backend, rows, ask: request.json.text)
        return (request, row)
    }

    private func stored(_ name: String) async throws(HiveError) -> (AskRequest, ScatterRow)? {
        let scatter: ScatterRow?
        do throws(LedgerError) {
            scatter = try await ledger.scatter(name)
        } catch {
            throw HiveError(error)
        }
        guard let scatter, let text = scatter.ask, let value = try? JSONValue(parsing: text) else {
            return nil
        }
        return (try AskRequest(stored: value, settings: settings, rules: rules), scatter)
    }

    /// A backend that can answer a question.
    private func reasoning(_ backend: Backend) throws(HiveError) -> Backend {
        guard backend != .local else {
            throw .usage(
                "the backend local is hive's own tools, which answer no questions",
                hint: "name one that does: --backend openai|openrouter|anthropic|ollama|exec, or"
                    + " HIVE_BACKEND (specs/swarm.md)"
            )
        }
        return try desk.require(backend)
    }

    private func put(_ request: AskRequest, on board: AskBoard) async throws(HiveError) {
        let signals = AskSignals(
            request: request,
            standing: try await board.standing(),
            now: SystemClock.now()
        )
        let result = try await board.emit([signals.question()]).first ?? .null
        guard result["verdict"]?.stringValue == "accepted" else {
            let reason = result["reason"]?.stringValue ?? "no reason given"
            throw .refused(
                "the board does not take the question: \(reason)",
                hint: "hive quarantine show \(result["id"]?.stringValue ?? "ID"); hive ask"
                    + " --no-board asks without it"
            )
        }
    }

    // MARK: Waiting

    /// Waits until all tasks have ended, and tells of each.
    private func await_(
        _ scatter: ScatterRow,
        _ request: AskRequest,
        _ plan: AskPlan,
        _ notify: @escaping Notify
    ) async throws -> [ScatterTaskRow] {
        let (events, own) = hub.follow(scatter.number, text: false)
        var telling = AskTelling(request, plan, notify)
        try await telling.begin()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            defer {
                own.finish()
                group.cancelAll()
            }
            group.addTask { try? await Self.tick(own, until: nil) }
            if try await isOpen(scatter) { start(scatter) }
            for row in try await rows(of: scatter) { try await telling.take(row) }
            var isOver = try await !isOpen(scatter)
            // What is over already tells nothing more.
            if isOver { own.finish() }
            for await event in events {
                switch event {
                case .ended(let row): try await telling.take(row)
                case .failed(let error): throw error
                case .over: isOver = try await !isOpen(scatter)
                // Another process may have it: it is looked at again.
                case .tick where !isUnderWay(scatter):
                    isOver = try await !isOpen(scatter)
                    if !isOver { start(scatter) }
                case .tick, .text, .deadline: break
                }
                if isOver { break }
            }
            try Task.checkCancellation()
            let rows = try await rows(of: scatter)
            for row in rows { try await telling.take(row) }
            try await telling.tally()
            return rows
        }
    }

    private func rows(of scatter: ScatterRow) async throws(LedgerError) -> [ScatterTaskRow] {
        try await ledger.tasks(of: scatter.number, after: 0, limit: .max)
    }

    // MARK: The board

    /// Puts the answers and the artifact on the board.
    ///
    /// A board that fails does not cost the answer, which was paid for: it is logged.
    private func publish(_ count: AskCount, on board: AskBoard?) async {
        guard let board, count.request.question != nil else { return }
        do throws(HiveError) {
            // An ask that is gone on with may be there already.
            if try await board.knows(AskSignals.artifactIdentifier(count.request)) { return }
            let signals = AskSignals(
                request: count.request,
                standing: try await board.standing(),
                now: SystemClock.now()
            )
            let results = try await board.emit(signals.answers(count))
            let refused = results.filter { $0["verdict"]?.stringValue != "accepted" }
            guard let first = refused.first else { return }
            logger.error(
                "the board refused \(refused.count) of \(results.count) answers of the ask",
                metadata: ["reason": "\(first["reason"]?.stringValue ?? "")"]
            )
        } catch {
            logger.error("\(error.message)", metadata: ["hint": "\(error.hint)"])
        }
    }
}
