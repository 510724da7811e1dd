import HiveControl
import HiveKernel
import HiveLedger
package import HiveSignal
import HiveWorkers
import Logging

extension Swarm {
    /// Opens the scatters of a board, as far as they have come.
    ///
    /// `writes` is false for what only looks: where there were no scatters, none are begun.
    ///
    /// - Throws: exit code 2 for a price table that makes no sense, 3 where a file fails.
    static func open(
        settings: Settings,
        rules: Rules,
        workers: Workers,
        personas: Personas,
        logger: Logger,
        writes: Bool = true
    ) async throws(HiveError) -> Swarm {
        let prices = try PriceFile.load(folder: settings.workingFolder)
        let isKept = writes || settings.hasScatters
        if isKept { try Folders.make(settings.stateDirectory, mode: 0o700) }
        let now = SystemClock.now().milliseconds
        do throws(LedgerError) {
            let ledger = try SwarmLedger(path: isKept ? settings.swarm : nil)
            let reactions = reactionDollars(settings, now)
            let ever = try await ledger.dollarsSpent(sinceMilliseconds: 0)
            let day = now - TaskBudget.dollarWindowSeconds * 1_000
            let today = try await ledger.dollarsSpent(sinceMilliseconds: day)
            let purse = Purse(
                rules: rules.budget,
                spentEver: ever + reactions.ever,
                spentToday: today + reactions.today,
                clock: { SystemClock.now() }
            )
            let desk = ModelDesk(
                settings: settings,
                rules: rules,
                personas: personas,
                prices: prices,
                workers: workers,
                purse: purse
            )
            return Swarm(
                settings: settings,
                rules: rules,
                ledger: ledger,
                desk: desk,
                logger: logger
            )
        } catch {
            throw HiveError(error)
        }
    }

    /// What reactions have cost; nothing where there is no ledger yet.
    private static func reactionDollars(
        _ settings: Settings,
        _ now: Int64
    ) -> (ever: Double, today: Double) {
        guard FileProbe.exists(settings.ledger),
            let ledger = try? Ledger(path: settings.ledger, readOnly: true)
        else { return (0, 0) }
        let day = now - TaskBudget.dollarWindowSeconds * 1_000
        let ever = try? ledger.dollarsSpent(sinceMilliseconds: 0)
        let today = try? ledger.dollarsSpent(sinceMilliseconds: day)
        return (ever ?? 0, today ?? 0)
    }

    /// Answers one of the control protocol's methods about scatters and asks.
    ///
    /// The signals of an ask go to `board`; nil: nowhere.
    func answer(
        _ method: String,
        _ params: JSONValue,
        board: AskBoard?,
        _ notify: @escaping Notify
    ) async throws(HiveError) -> JSONValue {
        switch method {
        case Method.ask: return try await ask(params, on: board, notify)
        case Method.scatter: return try await scatter(params)
        case Method.gather: return try await gather(params, notify)
        default: return try await scatters(params)
        }
    }
}

/// Scatters without a daemon: the same swarm in this process, for as long as the call takes.
package struct LocalSwarm: Sendable {
    private let swarm: Swarm

    /// It asks nobody yet: the backend need not be fit to be asked.
    ///
    /// - Parameters:
    ///   - settings: of the board.
    ///   - writes: false: only to look; no file is made.
    /// - Throws: exit code 2 for rules, personas or prices that make no sense, 3 where a file
    ///   fails.
    package init(settings: Settings, writes: Bool = true) async throws(HiveError) {
        let rules = settings.rules(of: try RuleBook.load(path: settings.rulesPath))
        let personas = try Personas.load(
            folder: settings.agentsFolder,
            requires: settings.agentsAreExplicit
        )
        var logger = Logger(label: "hive") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .notice
        swarm = try await Swarm.open(
            settings: settings,
            rules: rules,
            workers: Workers(settings: settings),
            personas: personas,
            logger: logger,
            writes: writes
        )
    }

    /// Answers a method as the daemon would; what it begins goes on while others are answered.
    ///
    /// `body` is given the way to call; work that is left when it ends waits for the next who
    /// gathers it.
    package func serve<Value: Sendable>(
        _ body: @Sendable (_ call: Call) async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await swarm.run() }
            defer { group.cancelAll() }
            return try await body(Call(swarm: swarm))
        }
    }

    /// One way to call the swarm.
    package struct Call: Sendable {
        fileprivate let swarm: Swarm

        package func callAsFunction(
            _ method: String,
            _ params: JSONValue,
            _ notify: @escaping @Sendable (String, JSONValue) -> Void = { _, _ in }
        ) async throws(HiveError) -> JSONValue {
            let settings = swarm.settings
            let board = settings.hasBoard ? AskBoard.local(settings) : nil
            return try await swarm.answer(method, params, board: board) { notify($0, $1) }
        }
    }
}

extension LocalSwarm {
    /// A name for a new scatter, chosen by who asks: asking twice by one name is asking once.
    package static func newIdentifier() -> String { ScatterRequest.newIdentifier() }
}
