import Glibc
import HiveBlackboard
import HiveControl
import HiveKernel
import HiveLedger
package import HiveSignal

/// The control protocol's methods without a daemon: the same engine in this process.
///
/// What only reads folds what is new in memory and writes nothing. What writes takes the locks,
/// judges what is new, does its work and lets go.
package enum LocalHive {
    /// Answers one method, as the daemon would.
    ///
    /// - Throws: exit codes as the daemon's; 3 where the method needs a daemon or the lock is
    ///   taken.
    package static func call(
        _ method: String,
        _ params: JSONValue,
        settings: Settings
    ) throws(HiveError) -> JSONValue {
        switch method {
        case Method.status: return try HiveReader.steady(settings).status()
        case Method.state: return try HiveReader.steady(settings).report.state
        case Method.logRead: return try HiveReader.steady(settings).view.log(params)
        case Method.search: return try HiveReader.steady(settings).view.search(params)
        case Method.tasks: return try HiveReader.steady(settings).view.tasks(params)
        case Method.quarantineList:
            return try HiveReader.steady(settings).view.quarantineList(params)
        case Method.quarantineShow:
            let reader = try HiveReader.steady(settings)
            let rules = settings.rules(of: reader.book)
            return try reader.view.quarantineShow(params, rules: rules)
        case Method.replay: return try Replay(settings: settings).run(params)
        case Method.bisect: return try Replay(settings: settings).bisect(params)
        case Method.at:
            return try Replay(settings: settings).state(at: try Replay.sequence(params))
        case Method.why: return try why(params, settings)
        case Method.rules: return try HiveReader.steady(settings).rules()
        case Method.moves: return try HiveReader.steady(settings).moves(params)
        case Method.standing: return try standing(params, settings)
        case Method.budget: return try HiveReader.steady(settings).budget()
        case Method.validate:
            var reader = try HiveReader.steady(settings)
            return try reader.validate(params)
        case Method.emit: return try emit(params, settings)
        case Method.quarantineAdd: return try engine(settings).declare(params).json
        case Method.overrideBasis: return try engine(settings).overrideBasis()
        case Method.override:
            let engine = try engine(settings)
            try waitForTornTail(engine)
            return try engine.override(params)
        case Method.flip: return try flip(params, settings)
        case Method.quarantineRelease: return try engine(settings).release(params)
        case Method.quarantineRestore: return try engine(settings).restore(params)
        case Method.quarantineDiscard: return try engine(settings).discard(params)
        default:
            throw .machine("no daemon is running for \(settings.board)", hint: "start one: hive up")
        }
    }

    /// What is judged but in no ledger yet has neither answers nor tasks: it is caught up with.
    private static func why(
        _ params: JSONValue,
        _ settings: Settings
    ) throws(HiveError) -> JSONValue {
        let reader = try HiveReader.steady(settings)
        guard reader.isWhole, let ledger = reader.view.ledger else {
            let engine = try engine(settings)
            return try Why(ledger: engine.ledger, rules: engine.rules).explain(params)
        }
        return try Why(ledger: ledger, rules: settings.rules(of: reader.book)).explain(params)
    }

    /// Before there is a board nobody has said anything, and the same rules hold.
    private static func standing(
        _ params: JSONValue,
        _ settings: Settings
    ) throws(HiveError) -> JSONValue {
        guard !settings.hasBoard else {
            return try HiveReader.steady(settings).standing(params)
        }
        let book = try RuleBook.load(path: settings.rulesPath)
        let rules = settings.rules(of: book)
        let history = try AuditHistory(
            source: HiveError.wrap { try JournalView(path: settings.audit) }
        )
        let fold = try Fold.start(
            of: settings.generation(history, rules),
            history,
            rules: rules,
            boardID: ""
        )
        return try Standing(fold: fold, view: HiveView(), params).answer(by: book)
    }

    /// The process that holds the state folder's lock: a daemon, or a command that writes.
    package static func lockHolder(_ settings: Settings) -> Int32? {
        FileLock.holder(folder: settings.stateDirectory)
    }

    /// How long a command waits for another command's lock.
    private static let lockSecondsMax = 30.0

    /// Where there is no board it fails before the locks are taken, which would leave a folder.
    static func engine(_ settings: Settings) throws(HiveError) -> Engine {
        if !FileProbe.exists(settings.lock) {
            _ = try HiveError.wrap { try BoardFile(path: settings.board) }
        }
        var options = Engine.Options()
        options.lockSecondsMax = lockSecondsMax
        return try Engine.open(settings: settings, options: options)
    }

    /// A dry run looks and writes nothing.
    private static func flip(
        _ params: JSONValue,
        _ settings: Settings
    ) throws(HiveError) -> JSONValue {
        guard params["dryRun"]?.boolValue == true else {
            return try engine(settings).flip(params)
        }
        let reader = try HiveReader.steady(settings)
        let ledger = reader.view.ledger
        let plan = FlipPlan(
            position: reader.fold.settledPosition,
            next: reader.fold.position.generation + 1,
            summary: params["summary"]?.stringValue ?? "",
            open: reader.fold.state.openCycles,
            openTasks: try HiveError.wrap { try ledger?.taskTotals().open ?? 0 }
        )
        return plan.json(flipped: false, dryRun: true, ArchiveFolder(settings))
    }

    private static func emit(
        _ params: JSONValue,
        _ settings: Settings
    ) throws(HiveError) -> JSONValue {
        let lines = try Engine.lines(params)
        let engine = try engine(settings)
        try waitForTornTail(engine)
        var results: [JSONValue] = []
        for line in lines { results.append(try engine.emit(line).json) }
        return ["results": .array(results)]
    }

    /// Gives the writer of a torn line up to `TornTailWait.secondsMax` to end it.
    private static func waitForTornTail(_ engine: Engine) throws(HiveError) {
        guard try engine.hasTornTail() else { return }
        let deadline = SystemClock.monotonicSeconds() + TornTailWait.secondsMax
        let path = engine.settings.board
        let watcher = try HiveError.wrap { try BoardWatcher(path: ResolvedPath.of(path)) }
        while try engine.hasTornTail() {
            let left = Int((deadline - SystemClock.monotonicSeconds()) * 1_000)
            guard left > 0 else { return }
            try HiveError.wrap { _ = try watcher.wait(timeoutMilliseconds: left) }
        }
    }

    /// `doctor`, which asks programs too.
    package static func doctor(
        _ params: JSONValue,
        settings: Settings
    ) async throws(HiveError) -> JSONValue {
        var answer: JSONObject = [:]
        if params["rebuild"]?.boolValue == true { answer["rebuilt"] = try rebuild(settings) }
        if params["repair"]?.boolValue == true {
            guard settings.hasBoard || FileProbe.exists(settings.ledger) else {
                throw .machine(
                    "there is no board at \(settings.board), and no ledger to make one anew from",
                    hint: "begin one: hive up"
                )
            }
            var options = Engine.Options()
            options.createsBoard = true
            try Engine.open(settings: settings, options: options).repair()
        }
        var status: JSONValue = .null
        var checks = Doctor(settings: settings)
        do throws(HiveError) {
            status = try HiveReader.steady(settings).status()
        } catch {
            checks.failure = error
        }
        answer["checks"] = .array(await checks.all(status: status).map(\.json))
        return .object(answer)
    }

    /// Makes the ledger anew from board, quarantine and audit, and keeps it only where it is as
    /// before.
    ///
    /// Throws: exit code 1 where the new one differs; the old one is put back then.
    private static func rebuild(_ settings: Settings) throws(HiveError) -> JSONValue {
        // What the quarantine lost, the ledger still has: it is put back before anything goes.
        if FileProbe.exists(settings.ledger) { _ = try? engine(settings) }
        let before = (try? Self.chains(settings)) ?? []
        let history = try AuditHistory(
            source: HiveError.wrap { try JournalView(path: settings.audit) }
        )
        guard history.lossy.isEmpty else {
            throw .refused(
                "the board was TAMPERED with: the ledger is all that has the lost lines",
                hint: "hive doctor --repair first"
            )
        }
        let kept = settings.ledger + ".before"
        try moveLedger(settings.ledger, to: kept)
        let fresh: JSONValue
        do throws(HiveError) {
            fresh = try rebuilt(settings)
        } catch {
            try putBack(kept, settings)
            throw error
        }
        if !before.isEmpty, try Self.chains(settings) != before {
            try putBack(kept, settings)
            throw .refused(
                "the ledger made anew is not the old one: its chain is another; the old one stays",
                hint: "a file was changed by hand; to take the new one: delete the state folder"
            )
        }
        try HiveError.wrap { try Ledger.destroy(kept) }
        var answer = fresh.objectValue ?? [:]
        if let chain = before.last { answer["chainBefore"] = .string(chain) }
        return .object(answer)
    }

    private static func rebuilt(_ settings: Settings) throws(HiveError) -> JSONValue {
        let engine = try engine(settings)
        let position = engine.fold.settledPosition
        return [
            "generation": .integer(position.generation),
            "sequence": .integer(position.sequence),
            "accepted": .integer(position.accepted),
            "quarantined": .integer(position.quarantined),
            "chain": .string(engine.fold.chain.hex),
        ]
    }

    /// Makes the old ledger the present one again.
    private static func putBack(_ kept: String, _ settings: Settings) throws(HiveError) {
        try HiveError.wrap { try Ledger.destroy(settings.ledger) }
        // Before the move: a crash behind it must not cost the old ledger.
        try RebuildMark(settings).clear()
        try moveLedger(kept, to: settings.ledger)
    }

    /// Renames a ledger's files; those that are not there are passed over.
    private static func moveLedger(_ from: String, to target: String) throws(HiveError) {
        for suffix in ["", "-wal", "-shm"] where FileProbe.exists(from + suffix) {
            guard rename(from + suffix, target + suffix) == 0 else {
                throw .machine(
                    "cannot move \(from + suffix): \(String(cString: strerror(errno)))",
                    hint: "make the state folder writable"
                )
            }
        }
    }

    /// The chains' heads as the present ledger has them: those of the generations that ended, then
    /// the board's.
    private static func chains(_ settings: Settings) throws(HiveError) -> [String] {
        guard FileProbe.exists(settings.ledger) else { return [] }
        let path = settings.ledger
        return try HiveError.wrap {
            let ledger = try Ledger(path: path, readOnly: true)
            guard let position = try ledger.position() else { return [] }
            return try (ledger.generations().map(\.chain) + [position.chain]).map(Hex.encode)
        }
    }
}
