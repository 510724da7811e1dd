import Glibc
import HiveBlackboard
import HiveControl
import HiveKernel
import HiveLedger
package import HiveSignal
import Logging
import ServiceLifecycle
import UnixSignals

/// `hive up`: the daemon in the foreground.
package enum DaemonRunner {
    /// Runs until SIGTERM, SIGINT or `hive down`.
    ///
    /// - `started`: called once the socket answers and signals end it in good order, with what
    ///   `status` says then.
    /// - `follow`: gets every line judged from now on, as `log.follow` gives it; nil: nobody looks.
    ///
    /// Throws: exit code 2 for rules that make no sense, 3 where a file, a lock or the socket
    /// fails.
    package static func run(
        settings: Settings,
        started: @escaping @Sendable (JSONValue) -> Void,
        follow: (@Sendable (JSONValue) -> Void)?
    ) async throws(HiveError) {
        // A reader of our output that goes away must not take the daemon with it.
        signal(SIGPIPE, SIG_IGN)
        let logger = makeLogger()
        // What a person got wrong is told before any file is touched.
        let rules = settings.rules(of: try RuleBook.load(path: settings.rulesPath))
        try Workers.check(settings, rules)
        let workers = Workers(settings: settings)
        let personas = try Personas.load(
            folder: settings.agentsFolder,
            requires: settings.agentsAreExplicit
        )
        let daemon = Daemon(settings: settings, logger: logger)
        try await daemon.board.start()
        do {
            try daemon.openLedger()
            let server = ControlServer(
                path: settings.socketPath,
                group: rules.socketGroup,
                logger: logger,
                handler: daemon.handle
            )
            try SocketPath.prepareFolder(of: settings.socketPath)
            try server.start()
            let status = try await daemon.status()
            let swarm = try await Swarm.open(
                settings: settings,
                rules: rules,
                workers: workers,
                personas: personas,
                logger: logger
            )
            daemon.take(swarm)
            let dispatcher = daemon.dispatcher(
                workers: workers,
                desk: swarm.desk,
                personas: personas,
                // Its searches must not keep the readers of `hive tasks` waiting.
                ledger: try Ledger(path: settings.ledger, readOnly: true)
            )
            let announcer = AnnounceService(status: status, started: started)
            let after = status["sequence"] ?? 0
            try await serve(daemon, server, dispatcher, swarm, announcer, after: after, follow)
        } catch {
            await daemon.board.stop()
            throw HiveError(error)
        }
        await daemon.board.stop()
    }

    private static func serve(
        _ daemon: Daemon,
        _ server: ControlServer,
        _ dispatcher: Dispatcher,
        _ swarm: Swarm,
        _ announcer: AnnounceService,
        after sequence: JSONValue,
        _ follow: (@Sendable (JSONValue) -> Void)?
    ) async throws {
        var configuration = ServiceGroupConfiguration(
            services: [
                .init(service: server),
                .init(service: dispatcher),
                .init(service: SwarmService(swarm: swarm)),
                .init(service: announcer),
                .init(service: ReloadService(daemon: daemon)),
                .init(service: PrefixService(daemon: daemon)),
                .init(
                    service: StopService(requests: daemon.stopRequests),
                    successTerminationBehavior: .gracefullyShutdownGroup
                ),
            ],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: daemon.logger
        )
        if let follow {
            let follower = FollowService(daemon: daemon, after: sequence, follow: follow)
            configuration.services.insert(
                .init(service: follower, successTerminationBehavior: .ignore),
                at: 1
            )
        }
        configuration.maximumGracefulShutdownDuration = .seconds(10)
        try await ServiceGroup(configuration: configuration).run()
    }

    private static func makeLogger() -> Logger {
        var logger = Logger(label: "hive") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .notice
        return logger
    }
}

/// Says that the daemon is up, once it runs in the group, which traps signals before it runs any.
private struct AnnounceService: Service {
    let status: JSONValue
    let started: @Sendable (JSONValue) -> Void

    func run() async throws {
        started(status)
        // A service that ends would end the group.
        try await gracefulShutdown()
    }
}

/// Ends when someone asks the daemon to stop.
private struct StopService: Service {
    let requests: AsyncStream<Void>

    func run() async {
        for await _ in requests.cancelOnGracefulShutdown() { return }
    }
}

/// Asks what scatters ask, those that the last daemon left first.
private struct SwarmService: Service {
    let swarm: Swarm

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            do throws(HiveError) {
                try await swarm.resumeAll()
            } catch {
                // SIGTERM may come while the file is read, which ends the reading: no failure.
                guard !Task.isCancelled else { return }
                throw error
            }
            await swarm.run()
        }
    }
}

/// SIGHUP reads the rules anew.
private struct ReloadService: Service {
    let daemon: Daemon

    func run() async {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            do throws(HiveError) {
                let result = try await daemon.board.perform { engine throws(HiveError) in
                    try engine.reloadRules()
                }
                daemon.logger.notice("rules read anew", metadata: ["result": "\(result.text)"])
            } catch {
                daemon.logger.error(
                    "the rules stay as they were: \(error.message)",
                    metadata: ["hint": "\(error.hint)"]
                )
            }
        }
    }
}

/// Checks the whole judged prefix of the board once, beside everything else (SPEC §11).
private struct PrefixService: Service {
    let daemon: Daemon

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await daemon.checkPrefix()
            // A service that ends would end the group: this one waits for the others.
            let forever = AsyncStream<Void> { _ in }
            for await _ in forever {}
        }
    }
}

/// Hands every judged line to the one who runs the daemon in the foreground.
private struct FollowService: Service {
    let daemon: Daemon
    /// The last sequence judged when the daemon said that it is up: none after it is missed.
    let after: JSONValue
    let follow: @Sendable (JSONValue) -> Void

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            try await daemon.followLog(["after": after]) { lines in
                // Whoever reads the output may stop reading: the write blocks, and must hold up
                // neither the pool nor the end of the daemon.
                try await DedicatedThread.runUnlessCancelled {
                    for line in lines { follow(line) }
                }
            }
        }
    }
}
