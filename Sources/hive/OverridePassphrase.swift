import ArgumentParser
import Glibc
import HiveConsole
import HiveSignal
import HiveWitness

struct OverridePassphrase: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "passphrase",
        abstract: "Set, change or remove the passphrase of your key.",
        discussion: "The key stays the same. With --passphrase-stdin the present passphrase, "
            + "where there is one, is the first line of standard input, and the new one the next."
    )

    @Flag(help: "Remove the passphrase: the key lies open then.")
    var remove = false

    @Flag(help: "Take the passphrases from standard input.")
    var passphraseStdin = false

    @OptionGroup var output: OutputOptions

    func run() throws {
        let file = try OwnKey.load()
        let (key, passphrase) = try passphraseStdin ? piped(file) : asked(file)
        do throws(WitnessError) {
            try KeyFolder.ofProcess().keep(key, sealedBy: passphrase, replacing: true)
        } catch {
            throw CommandError(error)
        }
        let out = StandardOutput()
        if output.json {
            let answer: JSONValue = [
                "key": .string(key.owner.fingerprint), "sealed": .bool(passphrase != nil),
            ]
            out.line(answer.text)
        } else {
            let end =
                passphrase == nil ? "has no passphrase now" : "is sealed by the new passphrase"
            out.line(Line("the key \(key.owner.fingerprint) \(end)"))
        }
        try out.finish()
    }

    private func piped(_ file: KeyFile) throws(CommandError) -> (SecretKey, Passphrase?) {
        let input = PassphraseInput()
        let present = file.isSealed ? try input.next() : []
        let key = try opened(file, present)
        return (key, remove ? nil : Passphrase(try input.next()))
    }

    private func asked(_ file: KeyFile) throws(CommandError) -> (SecretKey, Passphrase?) {
        guard isatty(STDIN_FILENO) == 1, let terminal = ControllingTerminal() else {
            throw CommandError(
                exitCode: 2,
                "there is no terminal to ask for a passphrase at",
                hint: "pipe it in with --passphrase-stdin"
            )
        }
        var present: [UInt8] = []
        if file.isSealed {
            guard let typed = terminal.hidden("present passphrase:") else {
                throw CommandError(exitCode: 1, "the passphrase stays as it is", hint: "")
            }
            present = typed
        }
        let key = try opened(file, present)
        return (key, remove ? nil : try NewPassphrase.ask(terminal))
    }

    private func opened(
        _ file: KeyFile,
        _ present: [UInt8]
    ) throws(CommandError) -> SecretKey {
        do {
            return try file.open(Passphrase(present))
        } catch {
            throw CommandError(error)
        }
    }
}
