package import HiveSignal

/// One accepted line.
package struct SignalRow: Sendable, Hashable {
    /// 1, 2, … over all judged lines (accepted and quarantined) of the board's whole history.
    package var sequence: Int64
    /// The board's generation when the line was judged.
    package var boardGeneration: Int64
    /// Physical line number in its generation's file, from 1, blank lines counted.
    package var line: Int64
    /// Bytes from the start of the generation's file.
    package var offset: Int64
    /// Unix milliseconds of the signal's own `ts`; finer digits are in `raw`.
    package var timestampMilliseconds: Int64
    package var mark: Double
    package var pull: Pull
    package var type: SignalType
    package var phase: Phase
    package var generation: Int64
    package var port: Port
    package var trace: TraceID
    /// The trace's cycle the signal counts in, from 1; 0 where it belongs to none (a metric before
    /// any H).
    package var cycle: Int64
    package var message: String
    package var identifier: String?
    package var parent: String?
    package var agent: String?
    package var task: String?
    package var evidence: String?
    /// Warning codes, joined by commas; empty for none.
    package var warnings: String
    /// The line's exact bytes, without its LF.
    package var raw: [UInt8]

    package init(
        sequence: Int64,
        boardGeneration: Int64,
        line: Int64,
        offset: Int64,
        timestampMilliseconds: Int64,
        mark: Double,
        pull: Pull,
        type: SignalType,
        phase: Phase,
        generation: Int64,
        port: Port,
        trace: TraceID,
        cycle: Int64,
        message: String,
        identifier: String?,
        parent: String?,
        agent: String?,
        task: String?,
        evidence: String?,
        warnings: String,
        raw: [UInt8]
    ) {
        self.sequence = sequence
        self.boardGeneration = boardGeneration
        self.line = line
        self.offset = offset
        self.timestampMilliseconds = timestampMilliseconds
        self.mark = mark
        self.pull = pull
        self.type = type
        self.phase = phase
        self.generation = generation
        self.port = port
        self.trace = trace
        self.cycle = cycle
        self.message = message
        self.identifier = identifier
        self.parent = parent
        self.agent = agent
        self.task = task
        self.evidence = evidence
        self.warnings = warnings
        self.raw = raw
    }
}

/// Whether a quarantined line's bytes on the board are overwritten.
package enum MaskState: Int64, Sendable, Hashable, CaseIterable {
    /// Committed, not yet overwritten: to do again after a crash.
    case pending = 0
    case masked = 1
    /// Never to be masked: `mask: false`, `observe`, an entry that has no line, or a line too
    /// large.
    case left = 2
    /// A person put the bytes back; not masked again.
    case restored = 3
}

/// What a person did with a quarantine entry.
package enum Disposition: Int64, Sendable, Hashable, CaseIterable {
    case unseen = 0
    case discarded = 1
    case released = 2
    case restored = 3
}

/// One quarantined line, or one refused `emit` (no sequence, line, offset).
package struct QuarantineRow: Sendable, Hashable {
    package var identifier: String
    package var sequence: Int64?
    package var boardGeneration: Int64
    package var line: Int64?
    package var offset: Int64?
    package var length: Int64
    /// The primary violation, or the first gate that failed.
    package var violation: String
    package var maskState: MaskState
    package var disposition: Disposition
    /// The entry's JSON exactly as it stands in `quarantine.jsonl`, without the LF.
    package var entry: [UInt8]

    package init(
        identifier: String,
        sequence: Int64?,
        boardGeneration: Int64,
        line: Int64?,
        offset: Int64?,
        length: Int64,
        violation: String,
        maskState: MaskState,
        disposition: Disposition = .unseen,
        entry: [UInt8]
    ) {
        self.identifier = identifier
        self.sequence = sequence
        self.boardGeneration = boardGeneration
        self.line = line
        self.offset = offset
        self.length = length
        self.violation = violation
        self.maskState = maskState
        self.disposition = disposition
        self.entry = entry
    }
}

/// Where one trace stands.
package struct TraceRow: Sendable, Hashable {
    package var trace: TraceID
    /// The number of the trace's current cycle, from 1.
    package var cycle: Int64
    /// Reached in the current cycle.
    package var reached: PhaseSet
    /// Reached in the cycle before; empty once that one is closed for good.
    package var reachedBefore: PhaseSet
    /// The last accepted phase (what `strict` calls the current one).
    package var phase: Phase
    /// The sequence of the trace's last signal that counted.
    package var lastSequence: Int64
    /// What proves phases of its last cycles, in the order in which it came.
    package var proofs: [PhaseProof]

    package init(
        trace: TraceID,
        cycle: Int64,
        reached: PhaseSet,
        reachedBefore: PhaseSet,
        phase: Phase,
        lastSequence: Int64,
        proofs: [PhaseProof] = []
    ) {
        self.trace = trace
        self.cycle = cycle
        self.reached = reached
        self.reachedBefore = reachedBefore
        self.phase = phase
        self.lastSequence = lastSequence
        self.proofs = proofs
    }
}

/// One id the kernel remembers, by the sequence of its signal.
package struct IdentifierRow: Sendable, Hashable {
    package var sequence: Int64
    package var identifier: String
    package var trace: TraceID

    package init(sequence: Int64, identifier: String, trace: TraceID) {
        self.sequence = sequence
        self.identifier = identifier
        self.trace = trace
    }
}

/// Judged bytes that are no longer in the board file.
package struct LostSpan: Sendable, Hashable {
    package var offset: Int64
    package var length: Int64

    package init(offset: Int64, length: Int64) {
        self.offset = offset
        self.length = length
    }
}

/// How far the board is judged: the one row that every batch rewrites.
package struct Position: Sendable, Hashable {
    package var boardID: String
    package var generation: Int64
    /// Bytes judged (or blank) of this generation's file.
    package var offset: Int64
    /// Physical lines judged (or blank) of this generation's file.
    package var lines: Int64
    package var sequence: Int64
    package var accepted: Int64
    package var quarantined: Int64
    package var blank: Int64
    /// Entries of refused emits: in quarantine, never on the board.
    package var refused: Int64
    /// The last accepted signal's trace and phase; nil before the first.
    package var lastTrace: TraceID?
    package var lastPhase: Phase?
    /// chain(sequence), 32 bytes (SPEC §5).
    package var chain: [UInt8]
    /// Bytes of `quarantine.jsonl` and `pyre_audit.jsonl` that this ledger has taken in.
    package var quarantineBytes: Int64
    package var auditBytes: Int64
    package var device: UInt64
    package var inode: UInt64
    /// Tampering that stands: what a person is told, or nil.
    package var tampered: String?
    /// Judged bytes that tampering took out of the file, in order, disjoint.
    ///
    /// An offset is that of the file
    /// as it was written; where a byte stands now is its offset less the lost bytes before it.
    package var lost: [LostSpan]
    /// Lines before this byte were there when the ledger was made: they assign nothing.
    package var quietUntil: Int64 = 0
    /// The last sequence of the generations before; 0 for the first.
    package var generationStart: Int64 = 0
    /// What overrides have muted: a bit a port.
    package var mutedPorts: UInt8 = 0
    /// SHA-256 of the line that a person lets pass, if it comes next.
    package var pass: [UInt8]?
    /// The generation that a person wants to begin; nil where none is asked for.
    package var nextGeneration: Int64?

    package init(boardID: String, generation: Int64, chain: [UInt8]) {
        self.boardID = boardID
        self.generation = generation
        self.chain = chain
        self.offset = 0
        self.lines = 0
        self.sequence = 0
        self.accepted = 0
        self.quarantined = 0
        self.blank = 0
        self.refused = 0
        self.quarantineBytes = 0
        self.auditBytes = 0
        self.device = 0
        self.inode = 0
        self.lost = []
    }
}

/// What one transaction writes.
package struct Batch: Sendable {
    package var signals: [SignalRow] = []
    package var quarantined: [QuarantineRow] = []
    package var identifiers: [IdentifierRow] = []
    /// One for each of `signals`.
    package var reactions: [ReactionRow] = []
    package var tasks: [TaskRow] = []
    package var completions: [TaskCompletion] = []
    /// Traces touched, at their newest state.
    package var traces: [TraceRow] = []
    /// Traces the kernel forgot (its bound), to be deleted.
    package var forgotten: [TraceID] = []
    /// The chain's heads behind the batch's last lines, oldest first.
    package var heads: [ChainHead] = []
    /// Heads of batches that end before this sequence are too old to be kept.
    package var headsFrom: Int64 = 0
    /// An ended generation that the batch is of; nil for the board's own.
    package var ended: GenerationRow?
    /// Lines of that generation's archive that belong on the board.
    package var copies: [CopyRow] = []
    package var position: Position

    package init(position: Position) { self.position = position }

    package var isEmpty: Bool { signals.isEmpty && quarantined.isEmpty }
}
