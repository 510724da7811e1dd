import Crypto
package import HiveSignal

/// The private half of a person's key (Ed25519, RFC 8032): it signs overrides.
///
/// It is kept in a `KeyFile`, and leaves the process that opened it only sealed or as that file.
package struct SecretKey: Sendable, CustomStringConvertible, CustomReflectable {
    private let key: Curve25519.Signing.PrivateKey
    /// The public half.
    package let owner: OwnerKey

    /// A new one, from the system's random source.
    package init() throws(WitnessError) {
        let key = Curve25519.Signing.PrivateKey()
        guard let made = Self(seed: Array(key.rawRepresentation)) else {
            throw WitnessError(.io, "the new key is no Ed25519 key", hint: "try again")
        }
        self = made
    }

    /// Of the 32 bytes that RFC 8032 calls the private key; nil for any other count.
    init?(seed: [UInt8]) {
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed),
            let owner = OwnerKey(bytes: Array(key.publicKey.rawRepresentation))
        else { return nil }
        self.key = key
        self.owner = owner
    }

    var seed: [UInt8] { Array(key.rawRepresentation) }

    /// The override's whole line, without LF.
    ///
    /// The claim must name this key: `OverrideClaim.key` is `owner.fingerprint`.
    package func sign(_ line: OverrideLine) throws(WitnessError) -> [UInt8] {
        line.line(signature: try signature(of: line.message))
    }

    /// The whole line that tells the board of a receipt, without LF.
    ///
    /// The claim must name this key: `WitnessClaim.key` is `owner.fingerprint`.
    package func sign(_ line: WitnessLine) throws(WitnessError) -> [UInt8] {
        line.line(signature: try signature(of: line.messageToSign))
    }

    /// 64 bytes.
    func signature(of message: [UInt8]) throws(WitnessError) -> [UInt8] {
        do {
            return Array(try key.signature(for: message))
        } catch {
            throw WitnessError(.io, "the key does not sign: \(error)", hint: "try again")
        }
    }

    package var description: String { "the secret key of \(owner.fingerprint)" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
