import HiveSignal
import Testing

@testable import HiveWitness

extension ScryptCost {
    /// What costs next to nothing, and is scrypt all the same.
    static let cheap = ScryptCost(rounds: 16, blockSize: 1, parallelism: 1)
}

extension Passphrase {
    /// Of a text that is known not to be empty.
    static func of(_ text: String) throws -> Passphrase {
        try #require(Passphrase(Array(text.utf8)))
    }
}

/// An override of a board that is not there, ready to be signed with a key.
func draft(for key: OwnerKey, nonce: String = String(repeating: "0a", count: 16)) -> OverrideLine {
    OverrideLine(
        claim: OverrideClaim(
            override: .phase(.validate),
            boardID: "b0a2d",
            generation: 87,
            nonce: nonce,
            head: ChainHead(sequence: 12, chain: [UInt8](repeating: 7, count: 32)),
            key: key.fingerprint
        ),
        timestamp: "2026-11-21T10:00:00Z",
        reason: "the tests are in"
    )
}

/// Whether a person's key signed this line, as the daemon asks.
func isSigned(_ line: [UInt8], by key: OwnerKey) throws -> Bool {
    let read = try #require(SignedOverride(line: line))
    return key.verifies(read.signature, of: read.message)
}
