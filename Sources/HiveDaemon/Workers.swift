import HiveProcess
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

    /// Whether the chosen backend can be asked; whoever only looks does not care.
    ///
    /// - Throws: exit code 2 for a backend that is not there, or lacks its command, address or key.
    static func check(_ settings: Settings, _ rules: Rules) throws(HiveError) {
        if let unknown = settings.unknownBackend {
            throw .usage(
                "HIVE_BACKEND: found \(RuleValue.quoted(unknown)); expected "
                    + Backend.allCases.map(\.rawValue).joined(separator: ", "),
                hint: "leave HIVE_BACKEND out for the built-in tools"
            )
        }
        switch settings.direct(settings.backend) {
        case .local: break
        case .exec: try requireCommand(rules)
        case let backend: _ = try settings.api(of: backend)
        }
    }

    /// - Throws: exit code 2 where the rules name no command for `exec`.
    static func requireCommand(_ rules: Rules) throws(HiveError) {
        guard rules.exec.words == nil else { return }
        throw .usage(
            "the backend is exec and the rule book names no workers.exec.command",
            hint: "name one, such as [claude, -p], or choose another backend"
        )
    }

    init(settings: Settings) {
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
        settings.backend != .local || port == Self.recallingPort
    }

    /// Port 6 stores, and recalls.
    private static let recallingPort = Port.all[6]

    /// How many may be busy at once.
    ///
    /// The local tools load this machine, so one of its cores is left to the daemon.
    var room: WorkerRoom {
        switch settings.backend {
        case .local: WorkerRoom(common: localRoom, tests: 1)
        default: WorkerRoom(common: settings.workersMax)
        }
    }

    /// How many local tools may be at work at once.
    var localRoom: Int { max(1, min(settings.workersMax, Self.cores - 1)) }

    /// How many programs scatters may have at work at once, all of them together.
    static var scatterRoom: Int { max(1, min(cores, scatterRoomMax)) }

    private static let scatterRoomMax = 8

    private static var cores: Int { sysconf(Int32(_SC_NPROCESSORS_ONLN)) }

    /// Answers an assignment by the rules that hold now.
    ///
    /// - `backend`: `exec`, or else the built-in tools.
    func answer(
        _ assignment: Assignment,
        by backend: Backend,
        rules: Rules
    ) async throws(WorkerError) -> Outcome {
        let folder = settings.workingFolder
        switch backend {
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
            // Port 4 reads what the tests print: a report of the witness's goes there too.
            let test = rules.test.words.map { words in
                let shown = words.map { $0.replacing("{report}", with: "/dev/stdout") }
                return (words: shown, limits: Command.Limits(rules.test))
            }
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
