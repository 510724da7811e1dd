import HiveKernel
import HiveSignal
import HiveWitness

/// Says of each X whether a person signed it, for this board, now (SPEC §8).
///
/// It is good for at most `OverrideClaim.headLinesMax` lines behind the head it names, and once:
/// so the heads and nonces of that many lines are all there is to remember.
struct OverrideCheck {
    let boardID: String
    let generation: Int64
    /// The key that overrides are verified with; nil for none.
    var key: () -> OwnerKey? = { nil }
    /// The keys that overrides were verified with when they were judged, by offset (in a rebuild).
    var audited: [Int64: OwnerKey] = [:]
    private(set) var heads: RecentHeads
    /// The nonces of accepted overrides, each with its sequence.
    private var nonces: [String: Int64] = [:]

    init(boardID: String, generation: Int64, heads: RecentHeads) {
        self.boardID = boardID
        self.generation = generation
        self.heads = heads
    }

    /// What an X is found to be; `offset` is where it stands, nil where it stands nowhere yet.
    func finding(_ line: UnsafeRawBufferPointer, at offset: Int64?) -> OverrideFinding {
        guard let signed = SignedOverride(line: Array(line)) else { return .refused(.unsigned) }
        let claim = signed.claim
        guard claim.boardID == boardID else { return .refused(.otherBoard) }
        guard claim.generation == generation else { return .refused(.otherGeneration) }
        let judgedBy = offset.flatMap { audited[$0] }.flatMap {
            $0.fingerprint == claim.key ? $0 : nil
        }
        guard let key = judgedBy ?? key() else { return .refused(.noKey) }
        guard claim.key == key.fingerprint else { return .refused(.otherKey) }
        guard key.verifies(signed.signature, of: signed.message) else {
            return .refused(.badSignature)
        }
        guard nonces[claim.nonce] == nil else { return .refused(.nonceUsed) }
        guard claim.head.sequence >= heads.oldestSequence else { return .refused(.staleHead) }
        guard heads.contains(claim.head) else { return .refused(.unknownHead) }
        return .verified(claim.override)
    }

    /// Takes the head behind a judged line.
    mutating func add(_ chain: [UInt8], sequence: Int64) {
        heads.add(chain, sequence: sequence)
    }

    /// Notes an accepted override: it will not be accepted again.
    mutating func spend(_ line: [UInt8], sequence: Int64) {
        guard let signed = SignedOverride(line: line) else { return }
        nonces = nonces.filter { $0.value >= heads.oldestSequence }
        nonces[signed.claim.nonce] = sequence
    }

    /// The heads added since the last call, for the ledger; no more than are remembered.
    mutating func takeNewHeads() -> [ChainHead] { heads.takeNew() }
}

/// The chain's heads behind the last lines, in a ring.
struct RecentHeads {
    /// The head before the oldest line counts too.
    static let capacity = OverrideClaim.headLinesMax + 1

    private var sequences: [Int64] = []
    private var chains: [UInt8] = []
    /// Where the oldest stands once the ring is full.
    private var start = 0
    private var newCount = 0

    /// Heads as the ledger has them, the last of them the present one.
    init(_ heads: [ChainHead]) {
        for head in heads.suffix(Self.capacity) { add(head.chain, sequence: head.sequence) }
        newCount = 0
    }

    /// The one head of a generation in which nothing was judged: no ledger has it yet.
    init(first head: ChainHead) { add(head.chain, sequence: head.sequence) }

    /// The head that an override is signed over now.
    var present: ChainHead {
        let count = sequences.count
        guard count > 0 else { return ChainHead(sequence: 0, chain: []) }
        return head((start + count - 1) % count)
    }

    var oldestSequence: Int64 { sequences.isEmpty ? 0 : sequences[start] }

    func contains(_ head: ChainHead) -> Bool {
        guard let place = sequences.firstIndex(of: head.sequence) else { return false }
        return chains[place * 32..<place * 32 + 32].elementsEqual(head.chain)
    }

    mutating func add(_ chain: [UInt8], sequence: Int64) {
        newCount = min(newCount + 1, Self.capacity)
        guard sequences.count == Self.capacity else {
            sequences.append(sequence)
            chains += chain
            return
        }
        sequences[start] = sequence
        chains.replaceSubrange(start * 32..<start * 32 + 32, with: chain)
        start = (start + 1) % Self.capacity
    }

    mutating func takeNew() -> [ChainHead] {
        defer { newCount = 0 }
        let count = sequences.count
        return (count - newCount..<count).map { index in
            head((start + index) % count)
        }
    }

    private func head(_ place: Int) -> ChainHead {
        ChainHead(
            sequence: sequences[place],
            chain: Array(chains[place * 32..<place * 32 + 32])
        )
    }
}
