import HiveProcess
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
    let desk: ModelDesk
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
                desk.keep(Ending(row: row, answer: line, dollars: row.dollars))
            }
        } catch {
            note(error, desk)
        }
    }

    private func dispatch(_ desk: Desk) async {
        await withDiscardingTaskGroup { group in
            for await _ in bell.rings {
                for ending in desk.takeKept() { await bring(ending, desk) }
                let room = desk.room
                guard !room.isEmpty, !Task.isCancelled else { continue }
                for row in await start(room, desk) {
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

    private func start(_ room: WorkerRoom, _ desk: Desk) async -> [TaskRow] {
        do throws(HiveError) {
            return try await board.perform { engine throws(HiveError) in
                try engine.startTasks(room)
            }
        } catch {
            note(error, desk)
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
                let reason = "the signal that asked is not in the ledger"
                return await bring(Ending(row: row, reason: reason), desk)
            }
            guard let outcome = await answer(assignment, rules) else { return }
            let line = OutcomeLine.bytes(
                outcome,
                to: assignment,
                asEnvelope: rules.requiresEnvelope,
                now: SystemClock.now()
            )
            await bring(Ending(row: row, answer: line, dollars: outcome.dollars), desk)
        } catch {
            note(error, desk)
            await bring(Ending(row: row, reason: error.message), desk)
        }
    }

    /// Nil where the daemon stops before there is an answer: the next one asks again.
    private func answer(_ assignment: Assignment, _ rules: Rules) async -> Outcome? {
        do throws(WorkerError) {
            return try await desk.react(to: assignment, rules: rules)
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

    /// Ends a task on the board's thread; what cannot be done now is kept, and tried again.
    private func bring(_ ending: Ending, _ desk: Desk) async {
        do throws(HiveError) {
            let delivery = try await board.append { engine throws(HiveError) in
                guard let line = ending.answer else {
                    try engine.drop(ending.row, note: ending.reason)
                    return Delivery.late
                }
                return try engine.deliver(ending.row, line: line, dollars: ending.dollars)
            }
            desk.hasWorked()
            note(delivery, ending.row)
        } catch {
            desk.keep(ending)
            note(error, desk)
        }
    }

    private func note(_ delivery: Delivery, _ row: TaskRow) {
        guard case .refused(let reasons) = delivery else { return }
        logger.warning(
            "an outcome was refused",
            metadata: ["task": "\(row.name.text)", "reasons": "\(reasons)"]
        )
    }

    /// Tells a failure once, and sees to it that what failed is tried again.
    private func note(_ error: HiveError, _ desk: Desk) {
        guard !Task.isCancelled else { return }
        board.ringLater()
        guard desk.isNews(error) else { return }
        logger.error("\(error.message)", metadata: ["hint": "\(error.hint)"])
    }

    /// How a task ends: with an answer, or for a reason without one.
    private struct Ending: Sendable {
        var row: TaskRow
        var answer: [UInt8]?
        var dollars: Double?
        var reason = ""
    }

    /// Who is free, and what could not be brought to its end.
    private final class Desk: Sendable {
        private struct State {
            var room: WorkerRoom
            var kept: [Ending] = []
            var failure: HiveError?
        }

        private let state: Mutex<State>

        init(room: WorkerRoom) { state = Mutex(State(room: room)) }

        var room: WorkerRoom { state.withLock { $0.room } }

        func begin(_ row: TaskRow) { state.withLock { _ = $0.room.take(row.name.port) } }
        func end(_ row: TaskRow) { state.withLock { $0.room.giveBack(row.name.port) } }
        func keep(_ ending: Ending) { state.withLock { $0.kept.append(ending) } }

        func takeKept() -> [Ending] {
            state.withLock { state in
                defer { state.kept = [] }
                return state.kept
            }
        }

        func hasWorked() { state.withLock { $0.failure = nil } }

        /// False for the failure that was told last.
        func isNews(_ error: HiveError) -> Bool {
            state.withLock { state in
                defer { state.failure = error }
                return state.failure != error
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
