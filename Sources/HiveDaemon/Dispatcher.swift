import HiveKernel
import HiveLedger
import HiveSignal
import HiveWorkers
import Logging
import ServiceLifecycle
import Synchronization

/// Hands tasks to workers and their outcomes to the board.
///
/// It sleeps until a task is assigned or a worker is free. All that must last is in the ledger, by
/// way of the board's thread: this service may end at any moment.
struct Dispatcher: Service {
    let board: BoardThread
    let bell: TaskBell
    let composer: AssignmentComposer
    let workers: Workers
    let logger: Logger

    func run() async {
        await cancelWhenGracefulShutdown {
            let desk = Desk(room: workers.room)
            await takeBack(desk)
            bell.ring()
            await dispatch(desk)
        }
    }

    /// What the last daemon left: answers whose lines may not be on the board.
    private func takeBack(_ desk: Desk) async {
        do throws(HiveError) {
            let answered = try await board.perform { engine throws(HiveError) in
                try engine.takeBackTasks()
            }
            for row in answered {
                guard let line = row.answer else { continue }
                desk.keep(Answer(row: row, line: line, dollars: row.dollars))
            }
        } catch {
            note(error)
        }
    }

    private func dispatch(_ desk: Desk) async {
        await withDiscardingTaskGroup { group in
            for await _ in bell.rings {
                await deliver(desk.takeUndelivered(), desk)
                let room = desk.room
                guard !room.isEmpty, !Task.isCancelled else { continue }
                for row in await start(room) {
                    desk.begin(row)
                    group.addTask {
                        await work(on: row, desk)
                        desk.end(row)
                        bell.ring()
                    }
                }
            }
        }
    }

    private func start(_ room: WorkerRoom) async -> [TaskRow] {
        do throws(HiveError) {
            return try await board.perform { engine throws(HiveError) in
                try engine.startTasks(room)
            }
        } catch {
            note(error)
            return []
        }
    }

    private func work(on row: TaskRow, _ desk: Desk) async {
        do throws(HiveError) {
            let (state, rules) = try await board.perform { engine throws(HiveError) in
                (try engine.assignedState(for: row.trace), engine.rules)
            }
            // A search over a large board takes its time, and must not take the pool's.
            let composed = try await DedicatedThread.run {
                Result { () throws(HiveError) in try composer.compose(row, state: state) }
            }
            guard let assignment = try composed.get() else {
                return await drop(row, note: "the signal that asked is not in the ledger")
            }
            guard let outcome = await answer(assignment, rules) else { return }
            let line = OutcomeLine.bytes(
                outcome,
                to: assignment,
                asEnvelope: rules.requiresEnvelope,
                now: SystemClock.now()
            )
            let answer = Answer(row: row, line: line, dollars: outcome.dollars)
            await deliver([answer], desk)
        } catch {
            note(error)
            await drop(row, note: error.message)
        }
    }

    private func drop(_ row: TaskRow, note reason: String) async {
        do throws(HiveError) {
            try await board.perform { engine throws(HiveError) in
                try engine.drop(row, note: reason)
            }
        } catch {
            note(error)
        }
    }

    /// Nil where the daemon stops before there is an answer: the next one asks again.
    private func answer(_ assignment: Assignment, _ rules: Rules) async -> Outcome? {
        do throws(WorkerError) {
            return try await workers.answer(assignment, rules: rules)
        } catch {
            guard error != .cancelled else { return nil }
            return Outcome(
                message: error.description,
                confidence: Self.failureConfidence,
                isFailure: true
            )
        }
    }

    /// An answer that says only that there is none.
    private static let failureConfidence = 0.3

    /// Brings answers to the board; what cannot be brought now is kept for the next ring.
    private func deliver(_ answers: [Answer], _ desk: Desk) async {
        for answer in answers {
            do throws(HiveError) {
                let delivery = try await board.append { engine throws(HiveError) in
                    try engine.deliver(answer.row, line: answer.line, dollars: answer.dollars)
                }
                note(delivery, answer.row)
            } catch {
                desk.keep(answer)
                note(error)
            }
        }
    }

    private func note(_ delivery: Delivery, _ row: TaskRow) {
        guard case .refused(let reasons) = delivery else { return }
        logger.warning(
            "an outcome was refused",
            metadata: ["task": "\(row.name.text)", "reasons": "\(reasons)"]
        )
    }

    private func note(_ error: HiveError) {
        guard !Task.isCancelled else { return }
        logger.error("\(error.message)", metadata: ["hint": "\(error.hint)"])
    }

    private struct Answer: Sendable {
        var row: TaskRow
        var line: [UInt8]
        var dollars: Double?
    }

    /// Who is free, and what could not be delivered.
    private final class Desk: Sendable {
        private let state: Mutex<(room: WorkerRoom, undelivered: [Answer])>

        init(room: WorkerRoom) { state = Mutex((room, [])) }

        var room: WorkerRoom { state.withLock { $0.room } }

        func begin(_ row: TaskRow) { state.withLock { _ = $0.room.take(row.name.port) } }
        func end(_ row: TaskRow) { state.withLock { $0.room.giveBack(row.name.port) } }
        func keep(_ answer: Answer) { state.withLock { $0.undelivered.append(answer) } }

        func takeUndelivered() -> [Answer] {
            state.withLock { state in
                defer { state.undelivered = [] }
                return state.undelivered
            }
        }
    }
}

/// Wakes the dispatcher; rings that come while it is awake are one.
struct TaskBell: Sendable {
    let rings: AsyncStream<Void>
    private let ringer: AsyncStream<Void>.Continuation

    init() {
        (rings, ringer) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func ring() { ringer.yield() }
}
