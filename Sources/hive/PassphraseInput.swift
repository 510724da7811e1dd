import Glibc
import HiveConsole
import HiveWitness

/// Passphrases that a script pipes in, one a line.
struct PassphraseInput {
    /// The next line without its end; at the input's end there is none.
    ///
    /// Read byte by byte: what follows is another's, and nothing of it is kept in a buffer.
    func next() throws(CommandError) -> [UInt8] {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        var count = 0
        while bytes.count <= Passphrase.bytesMax {
            count = read(STDIN_FILENO, &byte, 1)
            if count < 0 && errno == EINTR { continue }
            guard count > 0, byte != 0x0A else { break }
            bytes.append(byte)
        }
        if bytes.last == 0x0D { bytes.removeLast() }
        guard count > 0 || !bytes.isEmpty else {
            throw CommandError(
                exitCode: 2,
                "standard input holds no passphrase",
                hint: "pipe it in, one line; or leave --passphrase-stdin out"
            )
        }
        guard bytes.count <= Passphrase.bytesMax else {
            throw CommandError(
                exitCode: 2,
                "the passphrase is longer than \(Passphrase.bytesMax) bytes",
                hint: "is it the right file that is piped in?"
            )
        }
        return bytes
    }
}
