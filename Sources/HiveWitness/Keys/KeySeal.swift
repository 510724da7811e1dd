import Crypto
import CryptoExtras

/// What one guess at a passphrase costs (scrypt, RFC 7914).
package struct ScryptCost: Sendable, Hashable {
    /// N: a power of two; 128·N·r bytes of memory are used.
    package var rounds: Int
    /// r.
    package var blockSize: Int
    /// p.
    package var parallelism: Int

    package init(rounds: Int, blockSize: Int, parallelism: Int) {
        self.rounds = rounds
        self.blockSize = blockSize
        self.parallelism = parallelism
    }

    /// 128 MiB, and some tenths of a second.
    package static let standard = ScryptCost(rounds: 1 << 17, blockSize: 8, parallelism: 1)

    /// A file that asks for more is refused: it could use the machine up.
    static let memoryBytesMax = 256 << 20
    static let parallelismMax = 16

    /// Whether a key may be derived with these numbers.
    var isBearable: Bool {
        let roundsMax = Self.memoryBytesMax / 128
        return (2...roundsMax).contains(rounds) && rounds & (rounds - 1) == 0
            && (1...roundsMax / rounds).contains(blockSize)
            && (1...Self.parallelismMax).contains(parallelism)
    }
}

/// How a secret is encrypted under a passphrase: ChaCha20-Poly1305 (RFC 8439) with a key that
/// scrypt makes.
struct KeySeal: Sendable, Hashable {
    static let derivation = "scrypt"
    static let cipher = "chacha20-poly1305"
    static let saltBytes = 16
    private static let keyBytes = 32

    var cost: ScryptCost
    var salt: [UInt8]

    init(cost: ScryptCost, salt: [UInt8]) {
        self.cost = cost
        self.salt = salt
    }

    /// With a salt that was never used.
    init(cost: ScryptCost) {
        var random = SystemRandomNumberGenerator()
        salt = (0..<Self.saltBytes).map { _ in UInt8.random(in: 0...255, using: &random) }
        self.cost = cost
    }

    /// Nonce, ciphertext and tag; the header is authenticated with them.
    func seal(
        _ secret: [UInt8],
        header: [UInt8],
        _ passphrase: Passphrase
    ) throws(WitnessError) -> [UInt8] {
        do {
            let key = try derived(from: passphrase)
            return Array(
                try ChaChaPoly.seal(secret, using: key, authenticating: header).combined
            )
        } catch {
            throw WitnessError(
                .io,
                "the key cannot be sealed: \(error)",
                hint: "is there too little memory? \(cost.rounds >> 10 * cost.blockSize / 8) MiB"
                    + " are wanted"
            )
        }
    }

    /// The secret; nil where passphrase, header or text is another.
    func open(_ sealed: [UInt8], header: [UInt8], _ passphrase: Passphrase) -> [UInt8]? {
        guard let box = try? ChaChaPoly.SealedBox(combined: sealed),
            let key = try? derived(from: passphrase)
        else { return nil }
        return (try? ChaChaPoly.open(box, using: key, authenticating: header)).map { Array($0) }
    }

    func derived(from passphrase: Passphrase) throws -> SymmetricKey {
        try KDF.Scrypt.deriveKey(
            from: passphrase.bytes,
            salt: salt,
            outputByteCount: Self.keyBytes,
            rounds: cost.rounds,
            blockSize: cost.blockSize,
            parallelism: cost.parallelism
        )
    }
}
