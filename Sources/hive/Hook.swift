import ArgumentParser
import Glibc
import HiveConsole
import HiveControl
import HiveDaemon
import HiveSignal

struct Hook: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Git hooks: refuse commits and pushes that break the phase rules.",
        subcommands: [HookInstall.self, HookUninstall.self, HookRun.self]
    )
}

struct HookInstall: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "install",
        abstract: "Put hive's hooks into this repository.",
        discussion: "pre-commit, commit-msg, post-commit, pre-push and reference-transaction; in a "
            + "bare repository pre-receive, the boundary. A hook that is there already stays and "
            + "runs first."
    )

    @Flag(help: "pre-receive as well, for a repository with files that is pushed to.")
    var server = false
    @OptionGroup var output: OutputOptions

    func run() async throws {
        var isBare = false
        try await show(output.json) { place, folder throws(HiveError) in
            isBare = place.isBare
            let own = isBare ? HookName.server : HookName.client
            let hooks = server && !isBare ? own + HookName.server : own
            return try folder.install(hooks, program: HookPlace.program)
        }
        if !output.json && !isBare {
            EmitAnswer.advise(
                "these are for speed and can be got round: what holds is pre-receive (hive hook "
                    + "install in the bare repository), or hive verify in CI"
            )
        }
    }
}

struct HookUninstall: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "uninstall",
        abstract: "Take hive's hooks out, and put back what was there before."
    )

    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await show(output.json) { _, folder throws(HiveError) in try folder.uninstall() }
    }
}

/// Does something to the folder of hooks, and tells what became of each.
private func show(
    _ asJSON: Bool,
    _ work: (HookPlace, HookFolder) throws(HiveError) -> [HookFolder.Change]
) async throws {
    let folder: HookFolder
    let changes: [HookFolder.Change]
    do throws(HiveError) {
        let place = try await HookPlace.here()
        folder = try await HookFolder.of(place)
        changes = try work(place, folder)
    } catch {
        throw CommandError(error)
    }
    let out = StandardOutput()
    if asJSON {
        let hooks = changes.map { change -> JSONValue in
            [
                "hook": .string(change.hook.rawValue), "status": .string(change.what),
                "note": .string(change.note),
            ]
        }
        let answer: JSONValue = ["folder": .string(folder.path), "hooks": .array(hooks)]
        out.line(answer.text)
    } else if changes.isEmpty {
        out.line(Line("no hooks of hive's in \(folder.path)", .dim))
    } else {
        out.line(Line(folder.path, .bold))
        for change in changes {
            var line = Line("  ")
            line.add(change.hook.rawValue)
            line.pad(toColumns: 26)
            line.add(change.what, change.what == "left" ? .yellow : .green)
            if !change.note.isEmpty { line.add("  \(change.note)", .dim) }
            out.line(line)
        }
    }
    try out.finish()
}

struct HookRun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Answer one hook, as git calls it.",
        discussion: "What git gives to the hook follows `--`, and comes on standard input. "
            + "HIVE_AGENT and TRACEPARENT say who commits, in which trace. Exit code 0: git may "
            + "go on."
    )

    @Argument(help: "pre-commit, commit-msg, post-commit, pre-push, reference-transaction …")
    var name: String

    @Option(help: "The script that git runs: a hook that was there before it runs first.")
    var script: String?

    @Argument(parsing: .postTerminator, help: "What git gives to the hook.")
    var arguments: [String] = []

    /// More than this on standard input is no list of refs.
    private static let inputBytesMax = 64 << 20

    func validate() throws {
        guard HookName(rawValue: name) != nil else {
            let names = HookName.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("no hook \(name); one of \(names)")
        }
    }

    func run() async throws {
        guard let hook = HookName(rawValue: name) else { return }
        let input = hook.readsInput ? try Self.standardInput() : nil
        do throws(HiveError) {
            if let script {
                let code = try await EarlierHook.run(of: script, arguments, input: input)
                if code != 0 { throw HiveError(exitCode: code, message: "", hint: "") }
            }
            let answer = try await answer(hook, input ?? [])
            HookTelling.tell(answer, of: hook)
            if answer.isRefused { throw HiveError(exitCode: 1, message: "", hint: "") }
        } catch {
            guard !error.message.isEmpty else { throw ExitCode(error.exitCode) }
            let isAdvisory = hook == .referenceTransaction || hook == .postCommit
            CommandError(error).report()
            // What failed here is told; git's own work goes on, and the push is judged.
            throw isAdvisory ? ExitCode.success : ExitCode(error.exitCode)
        }
    }

    private func answer(
        _ hook: HookName,
        _ input: [UInt8]
    ) async throws(HiveError) -> HookAnswer {
        let environment = HookPlace.environment
        let place = try await HookPlace.here()
        // The rules are those of the commit that a change stands on, whatever the environment says.
        var own = Settings.processEnvironment()
        own["HIVE_RULES"] = nil
        let settings = try Settings(
            flags: SettingsFlags(),
            environment: own,
            workingDirectory: place.project
        )
        let desk = HookDesk(
            place: place,
            settings: settings,
            environment: environment
        ) { method, params throws(HiveError) in
            do throws(CommandError) {
                return try Connection.ofHook(settings).call(method, params)
            } catch {
                throw HiveError(error)
            }
        }
        let answer = try await desk.run(hook, arguments: arguments, input: input)
        if let signal = answer.signal { HookTelling.emit(signal, settings) }
        return answer
    }

    private static func standardInput() throws -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = read(STDIN_FILENO, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= inputBytesMax else {
                throw CommandError(
                    exitCode: 2,
                    "git lists more than \(inputBytesMax) bytes of refs",
                    hint: "push fewer refs at once"
                )
            }
        }
    }
}

extension HookPlace {
    /// Where this process runs.
    static func here() async throws(HiveError) -> HookPlace {
        guard let folder = getcwd(nil, 0) else {
            throw .machine(
                "the working directory is gone",
                hint: "change to a folder that exists"
            )
        }
        defer { free(folder) }
        return try await find(String(cString: folder), environment: environment)
    }

    /// The variables that a hook looks at.
    static var environment: [String: String] {
        var environment: [String: String] = [:]
        for name in [
            "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY",
            "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_QUARANTINE_PATH", "GIT_EDITOR", "HIVE_AGENT",
            "TRACEPARENT",
        ] {
            environment[name] = getenv(name).map { String(cString: $0) }
        }
        return environment
    }

    /// This very program.
    static var program: String {
        guard let path = realpath("/proc/self/exe", nil) else { return "hive" }
        defer { free(path) }
        return String(cString: path)
    }
}
