import Crypto
import Glibc
import HiveProcess
import HiveSignal

/// A tree in its scratch folder, and how programs are run on it.
struct RoomWorkplace: Workplace {
    let sandbox: SandboxKind
    let scratch: ScratchFolder
    let surroundings: Surroundings
    let limits: Command.Limits
    /// The words that lead to hive's own sandbox.
    let entry: [String]

    var treeFolder: String { scratch.at("tree") }
    var homeFolder: String { scratch.at("home") }
    private var temporaryFolder: String { scratch.at("tmp") }
    private var isSandboxed: Bool { sandbox != .unsandboxed }

    func run(
        _ invocation: @Sendable (_ reportFolder: String) -> RunnerInvocation
    ) async throws(WitnessError) -> RoomRun {
        // A folder for each run: what is left of an earlier one cannot pass for its report.
        let reports = try ScratchFolder(in: scratch.at("reports"))
        defer { reports.remove() }
        let call = invocation(isSandboxed ? Surroundings.report : reports.path)
        let result = try await run(call, reports: reports.path, withNetwork: false)
        let files = try ReportFolder.read(reports.path)
        if files.isEmpty { try requireStarted(result, call) }
        // A program that is ended for its output may still call it a success.
        let ending = result.isOutputCut ? .signalled(SIGTERM) : result.ending
        var exitCode: Int32?
        if case .exited(let code) = ending { exitCode = code }
        return RoomRun(
            ending: ending,
            run: FinishedRun(
                exitCode: exitCode,
                output: result.output,
                errors: result.errors,
                reports: files,
                folder: isSandboxed ? Surroundings.tree : treeFolder
            ),
            digest: Hex.encode(Array(SHA256.hash(data: result.output + result.errors))),
            seconds: result.seconds
        )
    }

    /// Runs words in the tree to their end.
    func run(
        _ call: RunnerInvocation,
        reports: String?,
        withNetwork: Bool
    ) async throws(WitnessError) -> CommandResult {
        let plan = plan(reports: reports, withNetwork: withNetwork)
        guard let wrapper = SandboxProbe.wrapper(sandbox, plan, entry: entry) else {
            throw WitnessError(
                .missing,
                "the sandbox that was there is gone: \(sandbox.rawValue)",
                hint: "install bubblewrap (apt-get install bubblewrap)"
            )
        }
        var variables = surroundings.variables(
            home: isSandboxed ? Surroundings.home : homeFolder,
            temporary: isSandboxed ? "/tmp" : temporaryFolder
        )
        variables.merge(call.environment) { $1 }
        let assignments = variables.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let command = Command(
            words: ["/usr/bin/env", "-i"] + assignments + limiter + wrapper + call.words,
            folder: isSandboxed ? scratch.path : treeFolder,
            limits: limits
        )
        do {
            return try await CommandRunner.run(command)
        } catch {
            throw WitnessError(error)
        }
    }

    private func plan(reports: String?, withNetwork: Bool) -> SandboxPlan {
        var plan = SandboxPlan()
        plan.mounts = [.writable(temporaryFolder, at: "/tmp")] + surroundings.mounts
        plan.mounts += [
            .writable(treeFolder, at: Surroundings.tree),
            .writable(homeFolder, at: Surroundings.home),
        ]
        if let reports { plan.mounts.append(.writable(reports, at: Surroundings.report)) }
        if withNetwork, ScratchFolder.isFolder(Surroundings.resolverFolder) {
            let folder = Surroundings.resolverFolder
            plan.mounts.append(.readable(folder, at: folder))
        }
        plan.folder = Surroundings.tree
        plan.sharesNetwork = withNetwork
        return plan
    }

    /// Sets the limits before the sandbox is there: what starts just after the program would
    /// otherwise come before they are set from outside.
    private var limiter: [String] {
        let program = "/usr/bin/prlimit"
        guard let bytes = limits.memoryBytes, access(program, X_OK) == 0 else { return [] }
        return [program, "--data=\(bytes):\(bytes)", "--core=0:0", "--"]
    }

    // MARK: Faults

    private static let starters = [
        "bwrap: ", "hive-sandbox: ", "prlimit: ", "env: ", "/usr/bin/env: ",
    ]

    /// Tells a sandbox or a program that did not start from one that failed.
    ///
    /// A program can write such a line as well, and only harms itself.
    func requireStarted(
        _ result: CommandResult,
        _ call: RunnerInvocation
    ) throws(WitnessError) {
        let errors = String(decoding: result.errors, as: UTF8.self)
        guard result.output.isEmpty, errors.split(separator: "\n").count == 1,
            Self.starters.contains(where: errors.hasPrefix),
            case .exited(let code) = result.ending, code != 0
        else { return }
        throw WitnessError(
            .io,
            "\(WitnessError.shown(call.words.first ?? "")) did not start in the clean room: "
                + WitnessError.shown(errors),
            hint: "is it on PATH outside of the repository? The rules' witness.readable names "
                + "folders that it needs"
        )
    }
}
