/// What a person forces, against the rules (SPEC §8).
package enum Override: Sendable, Hashable {
    /// The signal's trace stands at this phase from here on, as if it and those before it in the
    /// cycle had been reached and none after; X is none of them.
    case phase(Phase)
    /// The line directly behind is accepted though the phase rules are against it, where its bytes
    /// have this SHA-256 (32 bytes).
    case release(sha256: [UInt8])
    /// The generation ends, whatever stands open, and this one begins.
    case generation(Int64)
    /// The port is not asked, and may not speak, or may again.
    case port(Port, isMuted: Bool)
    /// The lost lines stay lost: TAMPERED ends.
    case tampering

    /// The word on the wire, and of the command.
    package var action: String {
        switch self {
        case .phase: "phase"
        case .release: "release"
        case .generation: "gen"
        case .port: "port"
        case .tampering: "tampered"
        }
    }
}

/// A place in the chain (SPEC §5): how many lines were judged, and the chain's head behind them.
package struct ChainHead: Sendable, Hashable {
    /// The sequence of the last line in it; where a generation begins, that of the last line of
    /// the one before.
    package var sequence: Int64
    /// 32 bytes.
    package var chain: [UInt8]

    package init(sequence: Int64, chain: [UInt8]) {
        self.sequence = sequence
        self.chain = chain
    }
}

/// What an override says besides what it forces: for which board it is, and since when.
package struct OverrideClaim: Sendable, Hashable {
    package var override: Override
    package var boardID: String
    package var generation: Int64
    /// 32 lower-case hex digits, never used before.
    package var nonce: String
    /// A recent head: an override is good for at most `headLinesMax` lines.
    package var head: ChainHead
    /// The fingerprint of the key that signs: 16 lower-case hex digits.
    package var key: String

    /// How many lines may have been judged since the head (SPEC §8).
    package static let headLinesMax = 1_000

    package init(
        override: Override,
        boardID: String,
        generation: Int64,
        nonce: String,
        head: ChainHead,
        key: String
    ) {
        self.override = override
        self.boardID = boardID
        self.generation = generation
        self.nonce = nonce
        self.head = head
        self.key = key
    }
}
