import ArgumentParser
import Glibc
import HiveConsole
import HiveControl
import HiveSignal

struct OverrideCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "override",
        abstract: "Force what the rules forbid, with your key and a reason.",
        discussion: "An override is an X signal that your key signs (hive init makes the key). It "
            + "asks for a reason, a yes and, where your key is sealed, its passphrase; a script "
            + "gives --reason, --yes and --passphrase-stdin.",
        subcommands: [
            OverridePhase.self, OverrideRelease.self, OverrideGeneration.self, OverridePort.self,
            OverrideTampered.self, OverrideApprove.self, OverridePassphrase.self,
        ]
    )
}

/// What every override takes.
struct OverrideOptions: ParsableArguments {
    @Option(help: "Why: it stays on the board (asked for where it is not given).")
    var reason: String?

    @Flag(help: "Do not ask whether it is meant.")
    var yes = false

    @Flag(help: "Take the passphrase from standard input's first line.")
    var passphraseStdin = false

    @OptionGroup var output: OutputOptions
    @OptionGroup var board: BoardOptions

    /// Forces what was ordered, and prints what became of it.
    ///
    /// Throws exit code 1, after it was printed, where it was refused.
    func force(_ order: OverrideOrder) throws {
        let passphrase = try passphraseStdin ? PassphraseInput().next() : nil
        let connection = try Connection(board)
        let person = passphraseStdin ? nil : Self.person()
        let ceremony = OverrideCeremony(
            call: { (method, params) throws(CommandError) in
                try connection.call(method, params)
            },
            signer: OwnKey.signer,
            person: person,
            tell: { Terminal.errors.write(line: Line($0)) }
        )
        let given = OverrideCeremony.Given(
            reason: reason,
            isConfirmed: yes,
            passphrase: passphrase
        )
        let result = try ceremony.run(order, given)
        let out = StandardOutput()
        if output.json {
            out.line(result.text)
        } else {
            Rendering.override(result, on: .output).forEach { out.line($0) }
        }
        try out.finish()
        guard !Rendering.isForced(result) else { return }
        EmitAnswer.advise(about: result)
        throw ExitCode.rulesSayNo
    }

    /// The person at the terminal, where standard input is one.
    private static func person() -> OverrideCeremony.Person? {
        guard isatty(STDIN_FILENO) == 1, let terminal = ControllingTerminal() else { return nil }
        return OverrideCeremony.Person(
            line: { terminal.line($0) },
            hidden: { terminal.hidden($0) }
        )
    }
}

struct OverridePhase: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "phase",
        abstract: "Let a trace go on from a phase, as if it had been reached by the rules."
    )

    @Argument(help: "H, I, V or E.") var phase: String

    @Option(
        help: ArgumentHelp(
            "Which trace, as state lists it or its beginning (default: the generation's own).",
            valueName: "id|traceparent"
        )
    )
    var trace: String?

    @OptionGroup var options: OverrideOptions

    func run() throws { try options.force(OverrideOrder("phase", [phase], trace: trace)) }
}

struct OverrideRelease: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release",
        abstract: "Append a quarantined line anew, and accept it against the phase rules.",
        discussion: "What failed a gate must be mended: hive quarantine release ID --line LINE."
    )

    @Argument(help: "The entry.") var id: String
    @OptionGroup var options: OverrideOptions

    func run() throws { try options.force(.release(id)) }
}

struct OverrideGeneration: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gen",
        abstract: "End the generation, whatever is open, and begin another."
    )

    @Argument(help: "The generation that begins.") var generation: String
    @OptionGroup var options: OverrideOptions

    func run() throws { try options.force(OverrideOrder("gen", [generation])) }
}

struct OverridePort: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "port",
        abstract: "Mute a port, which is then neither asked nor heard, or unmute it."
    )

    @Argument(help: "0 to 7.") var port: String
    @Argument(help: "mute or unmute.") var action: String
    @OptionGroup var options: OverrideOptions

    func run() throws { try options.force(OverrideOrder("port", [port, action])) }
}

struct OverrideTampered: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tampered",
        abstract: "Take a board that was tampered with as it stands.",
        discussion: "Lost lines stay lost; hive doctor --repair puts them back instead."
    )

    @OptionGroup var options: OverrideOptions

    func run() throws { try options.force(.tampering) }
}
