import Glibc
import HiveKernel
import HiveSignal
import HiveWorkers

/// Who answers: the backend that the settings choose, with the commands that the rules name.
struct Workers: Sendable {
    private let settings: Settings
    private let testRuns: TestRuns
    /// hive's own files, which no tool takes for the project's.
    private let ownPaths: [String]
    private let secrets: SecretValues

    /// - Throws: exit code 2 for a backend that is not there, or one that lacks its command.
    static func check(_ settings: Settings, _ rules: Rules) throws(HiveError) {
        let backend = settings.unknownBackend ?? settings.backend.rawValue
        guard settings.unknownBackend == nil, Backend.built.contains(settings.backend) else {
            throw .usage(
                "HIVE_BACKEND: found \(RuleValue.quoted(backend)); this version has "
                    + Backend.built.map(\.rawValue).joined(separator: " and "),
                hint: "leave HIVE_BACKEND out for the built-in tools"
            )
        }
        if settings.backend == .exec && rules.exec.words == nil {
            throw .usage(
                "HIVE_BACKEND is exec and the rule book names no workers.exec.command",
                hint: "name one, such as [claude, -p], or leave HIVE_BACKEND out"
            )
        }
    }

    /// - Throws: as `check`.
    init(settings: Settings, rules: Rules) throws(HiveError) {
        try Self.check(settings, rules)
        self.settings = settings
        ownPaths = [
            settings.board, settings.quarantine, settings.audit, settings.archive,
            settings.stateDirectory,
        ]
        secrets = .ofEnvironment(and: settings.secrets.values)
        testRuns = TestRuns(ownPaths: ownPaths)
    }

    /// True where the worker of a port looks at earlier signals.
    @Sendable
    func recalls(_ port: Port) -> Bool {
        settings.backend == .exec || port == Self.recallingPort
    }

    /// Port 6 stores, and recalls.
    private static let recallingPort = Port.all[6]

    /// How many may be busy at once.
    ///
    /// The local tools load this machine, so one of its cores is left to the daemon.
    var room: WorkerRoom {
        switch settings.backend {
        case .exec: WorkerRoom(common: settings.workersMax)
        default: WorkerRoom(common: max(1, min(settings.workersMax, Self.cores - 1)), tests: 1)
        }
    }

    private static var cores: Int { sysconf(Int32(_SC_NPROCESSORS_ONLN)) }

    /// Answers an assignment by the rules that hold now.
    func answer(_ assignment: Assignment, rules: Rules) async throws(WorkerError) -> Outcome {
        let folder = settings.workingFolder
        switch settings.backend {
        case .exec:
            guard let words = rules.exec.words else {
                throw WorkerError(
                    message: "no worker is named",
                    hint: "set workers.exec.command in the rule book"
                )
            }
            let limits = Command.Limits(rules.exec)
            let worker = ExecWorker(
                words: words,
                folder: folder,
                limits: limits,
                secrets: secrets
            )
            return try await guarded(worker, assignment)
        default:
            let test = rules.test.words.map { (words: $0, limits: Command.Limits(rules.test)) }
            let tests = TestTool(folder: folder, test: test, runs: testRuns)
            let worker = LocalWorker(folder: folder, ownPaths: ownPaths, tests: tests)
            return try await guarded(worker, assignment)
        }
    }

    /// The worker's answer, without any secret that hive knows.
    private func guarded(
        _ worker: some Worker,
        _ assignment: Assignment
    ) async throws(WorkerError) -> Outcome {
        let answer: Result<Outcome, WorkerError> = await SecretValues.$ofTheWork
            .withValue(secrets) {
                do throws(WorkerError) {
                    return .success(try await worker.answer(assignment))
                } catch {
                    return .failure(error)
                }
            }
        return secrets.masked(try answer.get())
    }
}

extension Command.Limits {
    init(_ rule: CommandRule) {
        self.init(
            seconds: Double(rule.seconds),
            outputBytes: Int(rule.outputKibibytes << 10),
            memoryBytes: rule.memoryMebibytes.map { $0 << 20 }
        )
    }
}
