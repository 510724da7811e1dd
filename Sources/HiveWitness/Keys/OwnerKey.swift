import Crypto
import HiveSignal

/// The public half of a person's key (Ed25519, RFC 8032): what overrides are verified with.
package struct OwnerKey: Sendable, Hashable {
    /// 32 bytes.
    package let bytes: [UInt8]

    /// Nil unless these are 32 bytes that an Ed25519 key can be.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 32,
            (try? Curve25519.Signing.PublicKey(rawRepresentation: bytes)) != nil
        else { return nil }
        self.bytes = bytes
    }

    /// The first 8 bytes of the key's SHA-256, in 16 hex digits: for people, and to pick a key.
    package var fingerprint: String {
        Hex.encode(Array(SHA256.hash(data: bytes).prefix(8)))
    }

    /// True where this key signed the message.
    package func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes) else {
            return false
        }
        return key.isValidSignature(signature, for: message)
    }
}
