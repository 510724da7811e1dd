import HiveConsole
import HiveSignal
import HiveWitness

/// The key of the person who runs the command.
enum OwnKey {
    /// As it lies in their key folder.
    static func load() throws(CommandError) -> KeyFile {
        do throws(WitnessError) {
            let folder = try KeyFolder.ofProcess()
            if let file = try folder.key() { return file }
            throw WitnessError(
                .missing,
                "you have no key: there is no \(folder.keyPath)",
                hint: "hive init makes it, and pins it for the board"
            )
        } catch {
            throw CommandError(error)
        }
    }

    /// What a ceremony may do with it: the key is read when it is asked for, and opened only to
    /// sign.
    static let signer = OverrideSigner(
        key: { () throws(CommandError) in
            let file = try load()
            return OverrideSigner.Key(
                fingerprint: file.owner.fingerprint,
                isSealed: file.isSealed
            )
        },
        sign: { (line, passphrase) throws(CommandError) in
            let file = try load()
            do throws(WitnessError) {
                return try file.open(passphrase.flatMap { Passphrase($0) }).sign(line)
            } catch {
                // Nothing was typed: that opens it no more than a wrong one.
                let isMistyped = error.code == .sealed && passphrase != nil
                if error.code == .wrongPassphrase || isMistyped { return nil }
                throw CommandError(error)
            }
        }
    )
}
