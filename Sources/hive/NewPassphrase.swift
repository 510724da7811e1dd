import HiveConsole
import HiveWitness

/// A passphrase that is chosen at the terminal.
enum NewPassphrase {
    private static let triesMax = 3

    /// Asks for it twice; nil: the person wants none.
    ///
    /// Throws exit code 1 where the person gives up, or types two that differ again and again.
    static func ask(_ terminal: ControllingTerminal) throws(CommandError) -> Passphrase? {
        for _ in 0..<triesMax {
            guard let first = terminal.hidden("new passphrase (Enter for none):") else { break }
            if first.isEmpty { return nil }
            guard let passphrase = Passphrase(first) else {
                terminal.terminal.write(
                    line: Line("it is longer than \(Passphrase.bytesMax) bytes", .yellow)
                )
                continue
            }
            guard let second = terminal.hidden("once more:") else { break }
            if first == second { return passphrase }
            terminal.terminal.write(line: Line("these are two different ones", .yellow))
        }
        throw CommandError(exitCode: 1, "no passphrase was chosen", hint: "run it again")
    }
}
