import ArgumentParser
import Glibc
import HiveConsole
import HiveControl
import HiveWitness

/// The command line: parses, calls one method, prints, and chooses the exit code.
@main
struct Hive: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hive",
        abstract: "Guards a shared blackboard: one append-only file through which people and "
            + "agents coordinate.",
        discussion: "Exit codes: 0 yes, 1 the rules say no, 2 usage, 3 the machine failed.",
        version: HiveVersion.text,
        groupedSubcommands: [
            CommandGroup(
                name: "Daemon:",
                subcommands: [
                    Init.self, Up.self, Down.self, Status.self, ReplCommand.self,
                ]
            ),
            CommandGroup(
                name: "Board:",
                subcommands: [
                    Emit.self, Log.self, Tasks.self, State.self, Check.self, RulesCommand.self,
                    Flip.self,
                ]
            ),
            CommandGroup(
                name: "Proof:",
                subcommands: [WitnessCommand.self, Receipts.self, Verify.self]
            ),
            CommandGroup(name: "Git:", subcommands: [Hook.self, Blame.self]),
            CommandGroup(
                name: "Swarm:",
                subcommands: [Ask.self, QuorumCommand.self, Scatter.self, Gather.self]
            ),
            CommandGroup(name: "Agents:", subcommands: [GuardCommand.self, MCPCommand.self]),
            CommandGroup(
                name: "Trouble:",
                subcommands: [
                    Quarantine.self, OverrideCommand.self, Why.self, At.self, Replay.self,
                    Bisect.self, Doctor.self,
                ]
            ),
        ]
    )

    static func main() async {
        openStandardDescriptors()
        let words = CommandLine.arguments.dropFirst()
        do {
            // Not a command of the parser's: what follows are another program's words.
            if words.first == SandboxEntry.word {
                try SandboxEntry.enter(arguments: Array(words.dropFirst()))
            }
        } catch {
            CommandError(error).report()
            Glibc.exit(3)
        }
        do {
            var command = try parsed(Array(words))
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let error as CommandError {
            error.report()
            Glibc.exit(error.exitCode)
        } catch {
            leave(after: error)
        }
    }

    /// Puts /dev/null where standard input, output or errors are closed.
    ///
    /// Else the next file or socket would get that number, and what is said to a person would go
    /// into it.
    private static func openStandardDescriptors() {
        for number in STDIN_FILENO...STDERR_FILENO where fcntl(number, F_GETFD) < 0 {
            // The lowest free number is this one.
            guard open("/dev/null", O_RDWR) == number else { Glibc.exit(3) }
        }
    }

    /// git waits for hooks and agents for guards, again and again: they do without the tree of all
    /// commands.
    private static func parsed(_ words: [String]) throws -> any ParsableCommand {
        let rest = Array(words.dropFirst(2))
        guard !words.contains("--help") else { return try parseAsRoot() }
        // What they refuse, the tree refuses too, and names the whole command.
        if words.starts(with: ["hook", "run"]), let hook = try? HookRun.parse(rest) { return hook }
        if words.starts(with: ["guard", "check"]), let check = try? GuardCheck.parse(rest) {
            return check
        }
        try refuseUnknownCommand(words)
        return try parseAsRoot()
    }

    /// A command that is none is told with the one that it may have been meant to be.
    private static func refuseUnknownCommand(_ words: [String]) throws(CommandError) {
        var group: any ParsableCommand.Type = Hive.self
        var path = "hive"
        for word in words {
            let commands = group.configuration.subcommands
            guard !word.hasPrefix("-"), !commands.isEmpty else { return }
            if let command = commands.first(where: { name(of: $0) == word }) {
                group = command
                path += " " + word
                continue
            }
            // What is no command may be a word for the one that is understood without its name.
            guard group.configuration.defaultSubcommand == nil, word != "help" else { return }
            let nearest = Spelling.nearest(to: word, among: commands.map(name(of:)))
            throw .unknownCommand("\(path) \(word)", nearest.map { "\(path) \($0)" }, in: path)
        }
    }

    private static func name(of command: any ParsableCommand.Type) -> String {
        command.configuration.commandName ?? "\(command)".lowercased()
    }

    /// Help and versions are answers; what the parser refuses is exit code 2.
    private static func leave(after error: any Error) -> Never {
        let code = exitCode(for: error)
        let message = fullMessage(for: error)
        if code == .success {
            Terminal.output.write(message + "\n")
            Glibc.exit(0)
        }
        guard code == .validationFailure else {
            if !(error is ExitCode) { CommandError(exitCode: 3, message, hint: "").report() }
            Glibc.exit(error is ExitCode ? code.rawValue : 3)
        }
        let label = "Error: "
        let text = message.hasPrefix(label) ? "hive: " + message.dropFirst(label.count) : message
        Terminal.errors.write(text + "\n")
        Glibc.exit(2)
    }
}

extension CommandError {
    fileprivate static func unknownCommand(
        _ words: String,
        _ nearest: String?,
        in group: String
    ) -> CommandError {
        CommandError(
            exitCode: 2,
            "no command \(words)",
            hint: nearest.map { "did you mean \($0)?" } ?? "\(group) --help lists them"
        )
    }
}

extension ExitCode {
    /// Exit code 1: the answer was printed, and it is no.
    static let rulesSayNo = ExitCode(1)
}
