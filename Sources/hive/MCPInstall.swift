import ArgumentParser
import Glibc
import HiveConsole
import HiveControl
import HiveDaemon
import HiveMCP
import HiveSignal

struct MCPInstall: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "install",
        abstract: "Write an MCP client's configuration, so that it starts hive.",
        discussion: "Shows the difference first and asks; what is there stays. A file that cannot "
            + "be changed safely, one with comments for example, is left as it is, and what to add "
            + "is printed: exit code 1."
    )

    @Argument(help: "claude, vscode, cursor, codex or zed.") var client: String

    @Flag(help: "Print what would be added, and write nothing.") var print = false
    @Flag(help: "Do not ask.") var yes = false
    @OptionGroup var output: OutputOptions
    @OptionGroup var board: ServerOptions

    private var kind: MCPClientKind? { MCPClientKind(rawValue: client) }

    func validate() throws {
        guard kind != nil else {
            let names = MCPClientKind.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("the client is one of \(names)")
        }
    }

    func run() throws {
        guard let kind else { return }
        let settings = try board.settings()
        let configuration = ClientConfiguration(kind, entry(kind, settings))
        let out = StandardOutput()
        let home = getenv("HOME").map { String(cString: $0) } ?? ""
        let file = ClientFile(path: kind.path(project: settings.workingFolder, home: home))
        if print { return try show(alone: configuration, file, to: out) }
        do {
            let old = try file.read()
            let new = try configuration.added(to: old)
            let changes = TextDifference.changes(from: old ?? "", to: new)
            guard new != old else {
                let text = Line("\(file.path) has it already", .dim)
                return try tell(text, file, isChanged: false, [], to: out)
            }
            // Who is to be asked must see it, whatever the answer looks like.
            if !output.json || !yes { show(changes, of: file.path, to: out) }
            guard try isWanted() else {
                let text = Line("nothing is changed", .dim)
                try tell(text, file, isChanged: false, changes, to: out)
                throw ExitCode.rulesSayNo
            }
            try file.write(new)
            let text = Line("written: start \(client) anew, in \(settings.workingFolder)")
            try tell(text, file, isChanged: true, changes, to: out)
        } catch let refusal as ClientConfiguration.Refusal {
            try show(alone: configuration, file, to: out)
            throw CommandError(
                exitCode: 1,
                "\(file.path) is left as it is: \(refusal.reason)",
                hint: "add the above to it yourself"
            )
        } catch let failure as ClientFile.Failure {
            throw CommandError(exitCode: 3, failure.message, hint: failure.hint)
        }
    }

    private func show(_ changes: [TextDifference.Change], of path: String, to out: StandardOutput) {
        let lines = [Line(path, .bold)] + changes.map { Line(text(of: $0), style(of: $0)) }
        for line in lines {
            if output.json { Terminal.errors.write(line: line) } else { out.line(line) }
        }
        out.flush()
    }

    private func text(of change: TextDifference.Change) -> String {
        switch change {
        case .same(let text): "  " + text
        case .removed(let text): "- " + text
        case .added(let text): "+ " + text
        }
    }

    private func style(of change: TextDifference.Change) -> Style {
        switch change {
        case .same: .dim
        case .removed: .red
        case .added: .green
        }
    }

    /// What a person adds by hand.
    private func show(
        alone configuration: ClientConfiguration,
        _ file: ClientFile,
        to out: StandardOutput
    ) throws(CommandError) {
        if output.json {
            let answer: JSONValue = [
                "client": .string(client), "path": .string(file.path),
                "add": .string(configuration.alone),
            ]
            out.line(answer.text)
        } else {
            out.write(Array(configuration.alone.utf8))
        }
        try out.finish()
    }

    /// Says what is written where; to people in the words given.
    private func tell(
        _ words: Line,
        _ file: ClientFile,
        isChanged: Bool,
        _ changes: [TextDifference.Change],
        to out: StandardOutput
    ) throws(CommandError) {
        if output.json {
            let answer: JSONValue = [
                "client": .string(client), "path": .string(file.path),
                "changed": .bool(isChanged),
                "difference": .array(changes.map { .string(text(of: $0)) }),
            ]
            out.line(answer.text)
        } else {
            out.line(words)
        }
        try out.finish()
    }

    private func isWanted() throws(CommandError) -> Bool {
        if yes { return true }
        guard isatty(STDIN_FILENO) == 1 else {
            throw CommandError(
                exitCode: 2,
                "nobody is there to be asked",
                hint: "give --yes to write it"
            )
        }
        Terminal.errors.write("write it? [y/N] ")
        let answer = readLine() ?? ""
        return ["y", "yes"].contains(answer.lowercased())
    }

    // MARK: What is written

    private func entry(_ kind: MCPClientKind, _ settings: Settings) -> MCPServerEntry {
        var environment = [
            (name: "BLACKBOARD_PATH", value: place(settings.board, kind, settings)),
            (name: "QUARANTINE_PATH", value: place(settings.quarantine, kind, settings)),
        ]
        // A board that is not there yet begins with the rules' generation.
        let state = try? Connection.local(settings: settings).call(Method.state)
        if let generation = state?.integer("gen") {
            environment.append((name: MCPServerEntry.generationVariable, value: "\(generation)"))
        }
        return MCPServerEntry(
            command: Self.command(),
            arguments: ["mcp"] + arguments(kind, settings),
            environment: environment
        )
    }

    /// The flags that were given go along; board and quarantine stand in the environment.
    private func arguments(_ kind: MCPClientKind, _ settings: Settings) -> [String] {
        var arguments: [String] = []
        if board.places.audit != nil {
            arguments.append("--audit=" + place(settings.audit, kind, settings))
        }
        if board.places.stateDir != nil {
            arguments.append("--state-dir=" + place(settings.stateDirectory, kind, settings))
        }
        return arguments
    }

    /// Inside the project as the client says it, else absolute.
    private func place(_ path: String, _ kind: MCPClientKind, _ settings: Settings) -> String {
        let project = settings.workingFolder + "/"
        guard kind.isOfProject, path.hasPrefix(project) else { return path }
        return kind.projectVariable + path.dropFirst(project.count)
    }

    /// `hive`, where that is this program, else this program's path.
    private static func command() -> String {
        guard let own = realpath("/proc/self/exe", nil) else { return "hive" }
        defer { free(own) }
        let path = String(cString: own)
        let folders = getenv("PATH").map { String(cString: $0) }?.split(separator: ":") ?? []
        let programs = folders.map { folder in String(folder) + "/hive" }
        guard let first = programs.first(where: { access($0, X_OK) == 0 }),
            let found = realpath(first, nil)
        else { return path }
        defer { free(found) }
        return String(cString: found) == path ? "hive" : path
    }
}
