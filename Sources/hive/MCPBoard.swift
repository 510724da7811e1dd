import HiveConsole
import HiveControl
import HiveDaemon
import HiveMCP
import HiveSignal
import HiveWitness
import Synchronization

// How an MCP session reaches the board
//
// Short calls go over one connection, one after the other, on a thread of their own; where no
// daemon runs the same engine answers in this process. Each call looks first whether its daemon is
// still there, and for another where it is not, so that a daemon may stop and start under a live
// session. Calls that wait for others' work have a connection and a thread each, and end by having
// the connection cut. News come on one more thread (`MCPNews`).

/// The board as an MCP session sees it.
struct MCPBoard: Sendable {
    private let settings: Settings
    private let calls: CallThread

    init(_ settings: Settings) throws(CommandError) {
        self.settings = settings
        calls = CallThread(settings)
        try calls.start()
    }

    func access(_ personas: [Persona]) -> BoardAccess {
        let (settings, calls) = (settings, calls)
        let news = MCPNews(settings)
        return BoardAccess(
            call: { (method, params) throws(ControlError) in
                try await calls.call(method, params)
            },
            swarm: { (method, params, notify) throws(ControlError) in
                try await Self.swarm(method, params, settings, notify)
            },
            witness: { (order, tell) throws(ControlError) in
                try await Self.witness(order, settings, tell)
            },
            aggregate: { (kind, results) throws(ControlError) in
                do throws(HiveError) {
                    let kind = Aggregation.Kind(rawValue: kind) ?? .concat
                    return try await Aggregation.of(results, kind, [], in: settings)
                } catch {
                    throw ControlError(CommandError(error))
                }
            },
            follow: { tell in news.follow(tell) },
            personas: personas,
            now: { .now() },
            newTraceparent: Self.newTraceparent
        )
    }

    /// As `SignalDraft` makes them, which are always valid.
    @Sendable
    private static func newTraceparent() -> Traceparent {
        while true {
            if let made = Traceparent(SignalDraft.newTraceparent()) { return made }
        }
    }

    // MARK: Others' work

    /// `ask`, `gather`, or `scatter` and then `gather`: by the daemon that runs, else by one swarm
    /// in this process, so that nothing which has begun is broken off in between.
    private static func swarm(
        _ method: String,
        _ params: JSONValue,
        _ settings: Settings,
        _ notify: @escaping BoardAccess.Notify
    ) async throws(ControlError) -> JSONValue {
        var (method, params) = (method, params)
        if let answer = try await DaemonCall(settings).run(method, params, notify) {
            guard method == Method.scatter else { return answer }
            notify(method, answer)
            (method, params) = (Method.gather, gathering(answer))
            if let gathered = try await DaemonCall(settings).run(method, params, notify) {
                return gathered
            }
        }
        do {
            let swarm = try await LocalSwarm(settings: settings)
            return try await swarm.serve { [method, params] call in
                let answer = try await call(method, params, notify)
                guard method == Method.scatter else { return answer }
                notify(method, answer)
                return try await call(Method.gather, gathering(answer), notify)
            }
        } catch let error as HiveError {
            throw ControlError(CommandError(error))
        } catch {
            throw ControlError(.machineFailed, "the call was cancelled")
        }
    }

    /// What gathers a scatter.
    private static func gathering(_ started: JSONValue) -> JSONValue {
        ["ids": .array([started["scatterId"] ?? .null])]
    }

    private static func witness(
        _ order: WitnessOrder,
        _ settings: Settings,
        _ tell: @escaping @Sendable (String) -> Void
    ) async throws(ControlError) -> JSONValue {
        do throws(HiveError) {
            let desk = try await WitnessDesk.open(settings, entry: SandboxEntry.ownWords ?? [])
            let signed = try await desk.witness(
                order.isOfWorkingTree ? .working : .index,
                phase: order.phase,
                tell: tell
            )
            let telling = WitnessTelling(
                desk: desk,
                settings: settings,
                traceparent: order.traceparent
            )
            var receipt = signed.json.objectValue ?? [:]
            receipt["signal"] = telling.tell(signed) ?? .null
            return .object(receipt)
        } catch {
            throw ControlError(CommandError(error))
        }
    }
}

extension ControlError {
    /// The code is the exit code.
    init(_ error: CommandError) {
        self.init(Code(rawValue: Int64(error.exitCode)), error.message, hint: error.hint)
    }
}

// MARK: - Short calls

/// Calls made one after the other, on a thread that owns the connection.
final class CallThread: Sendable {
    private typealias Job = @Sendable (inout ControlClient?) -> Void

    private let settings: Settings
    /// Bounded by the requests that a session has under way.
    private let jobs = Mutex<[Job]>([])
    private let posted = Permits(0)

    init(_ settings: Settings) { self.settings = settings }

    /// Starts the thread; it ends with the process.
    func start() throws(CommandError) {
        try CommandError.wrap { () throws(ControlError) in
            try OwnThread.start { [self] in
                var client: ControlClient?
                while true {
                    posted.take()
                    let job = jobs.withLock { $0.removeFirst() }
                    job(&client)
                }
            }
        }
    }

    func call(_ method: String, _ params: JSONValue) async throws(ControlError) -> JSONValue {
        let settings = settings
        let result: Result<JSONValue, ControlError> = await withCheckedContinuation { waiting in
            let job: Job = { client in
                waiting.resume(
                    returning: Result { () throws(ControlError) in
                        try Self.call(method, params, settings, &client)
                    }
                )
            }
            jobs.withLock { $0.append(job) }
            posted.give()
        }
        return try result.get()
    }

    private static func call(
        _ method: String,
        _ params: JSONValue,
        _ settings: Settings,
        _ client: inout ControlClient?
    ) throws(ControlError) -> JSONValue {
        if client?.isOpen != true { client = try connect(settings) }
        guard let daemon = client else {
            do throws(CommandError) {
                return try Connection.local(settings: settings).call(method, params)
            } catch {
                throw ControlError(error)
            }
        }
        do throws(ControlError) {
            return try daemon.call(method, params)
        } catch {
            if error.code == .machineFailed || error.code == .parseError, !daemon.isOpen {
                client = nil
            }
            throw error
        }
    }

    /// The daemon of this board; nil where none runs.
    static func connect(_ settings: Settings) throws(ControlError) -> ControlClient? {
        do throws(CommandError) {
            return try Connection(settings: settings).client
        } catch {
            throw ControlError(error)
        }
    }
}

// MARK: - Long calls

/// One call of a daemon, on a thread and a connection of its own.
private final class DaemonCall: Sendable {
    /// Unchecked because a client is no value: only the call's thread uses it, but for `interrupt`,
    /// which is made for other threads and is only called while the box holds it.
    private struct Client: @unchecked Sendable {
        var client: ControlClient
    }

    private struct State {
        var client: Client?
        var isCancelled = false
    }

    private let settings: Settings
    private let state = Mutex(State())

    init(_ settings: Settings) { self.settings = settings }

    /// Calls; nil where no daemon runs.
    ///
    /// A task that is cancelled cuts the connection: the daemon goes on with what it has begun, and
    /// nobody listens.
    func run(
        _ method: String,
        _ params: JSONValue,
        _ notify: @escaping BoardAccess.Notify
    ) async throws(ControlError) -> JSONValue? {
        let result: Result<JSONValue?, ControlError> = await withTaskCancellationHandler {
            await withCheckedContinuation { waiting in
                do throws(ControlError) {
                    try OwnThread.start { [self] in
                        waiting.resume(
                            returning: Result { () throws(ControlError) in
                                try call(method, params, notify)
                            }
                        )
                    }
                } catch {
                    waiting.resume(returning: .failure(error))
                }
            }
        } onCancel: {
            state.withLock { state in
                state.isCancelled = true
                state.client?.client.interrupt()
            }
        }
        return try result.get()
    }

    private func call(
        _ method: String,
        _ params: JSONValue,
        _ notify: BoardAccess.Notify
    ) throws(ControlError) -> JSONValue? {
        guard let client = try CallThread.connect(settings) else { return nil }
        let isCancelled = state.withLock { state in
            state.client = Client(client: client)
            return state.isCancelled
        }
        defer { state.withLock { $0.client = nil } }
        guard !isCancelled else { throw ControlError(.machineFailed, "the call was cancelled") }
        return try client.call(method, params) { notify($0.method, $0.params) }
    }
}
