import Glibc
import HiveBlackboard
import HiveControl
import HiveKernel
import HiveLedger
import HiveSignal
import Logging
import Synchronization

/// What the daemon answers: the board's thread for what writes, the ledger's readers for what
/// reads.
final class Daemon: Sendable {
    let settings: Settings
    let logger: Logger
    let board: BoardThread
    let stopRequests: AsyncStream<Void>
    private let stopper: AsyncStream<Void>.Continuation
    let hub = VerdictHub()
    private let bell = TaskBell()
    private let startedAt = SystemClock.monotonicSeconds()
    private let readers = Mutex<Ledger?>(nil)
    private let swarm = Mutex<Swarm?>(nil)
    /// Tells the background check to end early.
    private let isStopping = Atomic(false)

    /// How many lines a follower is sent at a time.
    static let followedLinesMax = 256

    init(settings: Settings, logger: Logger) {
        self.settings = settings
        self.logger = logger
        board = BoardThread(settings: settings, logger: logger, hub: hub, bell: bell)
        (stopRequests, stopper) = AsyncStream.makeStream(of: Void.self)
    }

    /// Opens the ledger for reading, once the board's thread has made it.
    func openLedger() throws(HiveError) {
        let path = settings.ledger
        let ledger = try HiveError.wrap { try Ledger(path: path, readOnly: true) }
        readers.withLock { $0 = ledger }
    }

    /// Takes what asks models, once it is open.
    func take(_ swarm: Swarm) { self.swarm.withLock { $0 = swarm } }

    private func openSwarm() throws(HiveError) -> Swarm {
        guard let swarm = swarm.withLock({ $0 }) else {
            throw .machine("the scatters are not open yet", hint: "try again")
        }
        return swarm
    }

    /// The service that hands out what signals ask.
    func dispatcher(
        workers: Workers,
        desk: ModelDesk,
        personas: Personas,
        ledger: Ledger
    ) -> Dispatcher {
        Dispatcher(
            board: board,
            bell: bell,
            composer: AssignmentComposer(
                ledger: ledger,
                personas: personas,
                recalls: workers.recalls
            ),
            workers: workers,
            desk: desk,
            logger: logger
        )
    }

    // MARK: The control protocol

    /// Answers one request; nil where there is nothing to answer.
    @Sendable
    func handle(
        _ request: ControlRequest,
        _ peer: PeerCredentials,
        _ sink: ControlSink
    ) async -> ControlResponse? {
        do throws(HiveError) {
            let result = try await answer(request, peer, sink)
            return request.id.map { ControlResponse(id: $0, result: .success(result)) }
        } catch {
            let failure = ControlError(error)
            return request.id.map { ControlResponse(id: $0, result: .failure(failure)) }
        }
    }

    private func answer(
        _ request: ControlRequest,
        _ peer: PeerCredentials,
        _ sink: ControlSink
    ) async throws(HiveError) -> JSONValue {
        let params = request.params
        switch request.method {
        case Method.status: return try await status()
        case Method.state:
            let info = daemonInfo
            return try await board.perform { $0.report(daemon: info).state }
        case Method.emit:
            let results = try await board.emit(try Engine.lines(params))
            return ["results": .array(results.map(\.json))]
        case Method.logRead: return try view.log(params)
        case Method.logFollow:
            try await follow(params, sink)
            return [:]
        case Method.search: return try view.search(params)
        case Method.tasks: return try view.tasks(params)
        case Method.scatter, Method.gather, Method.scatters, Method.ask:
            let swarm = try openSwarm()
            let board = AskBoard.of(board)
            return try await swarm.answer(request.method, params, board: board) { method, params in
                try await sink.notify(method, params)
            }
        case Method.replay:
            return try await apart { (replay) throws(HiveError) in try replay.run(params) }
        case Method.bisect:
            return try await apart { (replay) throws(HiveError) in try replay.bisect(params) }
        case Method.at:
            let sequence = try Replay.sequence(params)
            return try await apart { (replay) throws(HiveError) in
                try replay.state(at: sequence)
            }
        case Method.why:
            let rules = try await board.perform { $0.rules }
            return try Why(ledger: try ledger(), rules: rules).explain(params)
        case Method.doctor:
            if params["repair"]?.boolValue == true { try requireOwner(peer) }
            return try await doctor(params)
        case Method.stop:
            try requireOwner(peer)
            isStopping.store(true, ordering: .relaxed)
            stopper.yield()
            return ["stopping": true]
        case Method.overrideBasis:
            return try await board.perform { engine throws(HiveError) in
                try engine.overrideBasis()
            }
        case Method.override:
            try requireOwner(peer)
            return try await board.append { engine throws(HiveError) in
                try engine.override(params)
            }
        case Method.flip:
            if params["dryRun"]?.boolValue != true { try requireOwner(peer) }
            return try await board.perform { engine throws(HiveError) in
                try engine.flip(params)
            }
        case Method.validate, Method.rules, Method.rulesReload, Method.rulesMode, Method.moves,
            Method.budget,
            Method.standing:
            return try await answerRules(request, peer)
        default: return try await answerQuarantine(request, peer)
        }
    }

    private func answerQuarantine(
        _ request: ControlRequest,
        _ peer: PeerCredentials
    ) async throws(HiveError) -> JSONValue {
        let params = request.params
        switch request.method {
        case Method.quarantineList: return try view.quarantineList(params)
        case Method.quarantineShow:
            let rules = try await board.perform { $0.rules }
            return try view.quarantineShow(params, rules: rules)
        case Method.quarantineAdd:
            return try await board.perform { engine throws(HiveError) in
                try engine.declare(params).json
            }
        case Method.quarantineRelease:
            try requireOwner(peer)
            return try await board.perform { engine throws(HiveError) in
                try engine.release(params)
            }
        case Method.quarantineRestore:
            try requireOwner(peer)
            return try await board.perform { engine throws(HiveError) in
                try engine.restore(params)
            }
        case Method.quarantineDiscard:
            return try await board.perform { engine throws(HiveError) in
                try engine.discard(params)
            }
        default:
            throw .usage(
                "no method \(request.method)",
                hint: "this daemon is hive \(HiveVersion.text); is the command newer?"
            )
        }
    }

    /// What only the daemon's own user may do, whoever may use the socket (SPEC §8).
    func requireOwner(_ peer: PeerCredentials) throws(HiveError) {
        guard peer.uid == geteuid() || peer.uid == 0 else {
            throw .refused(
                "only the user who runs the daemon may do this",
                hint: "ask uid \(geteuid())"
            )
        }
    }

    // MARK: Reading

    func status() async throws(HiveError) -> JSONValue {
        let info = daemonInfo
        return try await board.perform { engine throws(HiveError) in
            try engine.status(daemon: info)
        }
    }

    private var daemonInfo: JSONValue {
        [
            "pid": .integer(Int64(getpid())),
            "uptimeSeconds": .double(SystemClock.monotonicSeconds() - startedAt),
            "version": .string(HiveVersion.text),
        ]
    }

    var view: HiveView { HiveView(ledger: readers.withLock { $0 }) }

    private func ledger() throws(HiveError) -> Ledger {
        guard let ledger = readers.withLock({ $0 }) else {
            throw .machine("the ledger is not open yet", hint: "try again")
        }
        return ledger
    }

    /// Folds a whole board on a thread of its own: it takes a while.
    private func apart(
        _ work: @escaping @Sendable (Replay) throws(HiveError) -> JSONValue
    ) async throws(HiveError) -> JSONValue {
        let replay = Replay(settings: settings, ledger: readers.withLock { $0 })
        let result = try await DedicatedThread.run {
            Result { () throws(HiveError) in try work(replay) }
        }
        return try result.get()
    }

    private func doctor(_ params: JSONValue) async throws(HiveError) -> JSONValue {
        if params["rebuild"]?.boolValue == true {
            throw .refused("the daemon is running", hint: "hive down, then hive doctor --rebuild")
        }
        if params["repair"]?.boolValue == true {
            try await board.perform { engine throws(HiveError) in try engine.repair() }
        }
        let status = try await status()
        let findings = await Doctor(settings: settings).all(status: status)
        return ["checks": .array(findings.map(\.json))]
    }

    // MARK: The background check

    /// Compares the whole judged prefix with the ledger, on a thread of its own.
    func checkPrefix() async {
        do {
            let (result, generation) = try await compare()
            guard case .differs(let offset) = result else { return }
            let logger = self.logger
            try await board.perform { engine throws(HiveError) in
                // A generation that ended meanwhile took its file along.
                guard engine.fold.position.generation == generation else { return }
                let place: Logger.Metadata = ["offset": "\(offset)"]
                logger.error("the board's judged lines were changed", metadata: place)
                try engine.reconcile()
            }
        } catch {
            let error = HiveError(error)
            logger.error("\(error.message)", metadata: ["hint": "\(error.hint)"])
        }
    }

    private func compare() async throws -> (PrefixCheck.Result, generation: Int64) {
        guard let ledger = readers.withLock({ $0 }) else { return (.intact, 0) }
        let position = try await board.perform { $0.fold.settledPosition }
        let path = settings.board
        let result: PrefixCheck.Result = try await withTaskCancellationHandler {
            try await DedicatedThread.run {
                var check = PrefixCheck(ledger: ledger, position: position)
                check.isCancelled = { self.isStopping.load(ordering: .relaxed) }
                // A board that cannot be read just now is the board thread's to tell of.
                guard let board = try? BoardFile(path: path) else { return .intact }
                return (try? check.run(on: board)) ?? .intact
            }
        } onCancel: {
            self.isStopping.store(true, ordering: .relaxed)
        }
        return (result, position.generation)
    }

    /// Ends what follows: called when the board's thread has ended.
    func end() { hub.end() }
}

extension ControlError {
    /// The error as the protocol carries it: the code is the exit code.
    init(_ error: HiveError) {
        self.init(Code(rawValue: Int64(error.exitCode)), error.message, hint: error.hint)
    }
}
