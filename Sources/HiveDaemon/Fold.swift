import Crypto
import HiveBlackboard
import HiveKernel
import HiveLedger
import HiveSignal

/// The walk from a framed line to its row: scan, judge, chain, and the row or entry that records
/// it.
///
/// Both the engine, which then makes the rows durable, and the commands that only look fold through
/// this one struct, so they cannot come to different verdicts. It does no I/O; what it needs from
/// files (an entry's bytes, the digest of a line too large to hold) comes in with the line.
struct Fold {
    var state: KernelState
    var chain: HashChain
    /// Where the walk stands; what state and chain tell is put in by `settledPosition`.
    var position: Position
    /// The rules in force.
    ///
    /// `context.now` is set for lines judged as they arrive.
    var context: JudgingContext
    /// Rule changes still ahead, by offset (in a rebuild).
    var schedule: ArraySlice<ScheduledRules> = []
    /// Whether an X is a person's.
    var overrides: OverrideCheck
    /// Whether a receipt on the board is one.
    var receipts: ReceiptCheck
    /// Numbers that lines of another generation took, by offset (in a replay).
    var skips: ArraySlice<Skip> = []
    var scanner = SignalScanner()
    /// The line scanned last.
    var scanned = ScannedLine()

    struct ScheduledRules {
        var offset: Int64
        var rules: Rules
    }

    /// From this offset on, lines are numbered behind a sequence that another generation's took.
    struct Skip {
        var offset: Int64
        var sequence: Int64
    }

    /// A fold that goes on from a position.
    ///
    /// - `heads`: the chain's last heads, the present one the last of them.
    init(state: KernelState, position: Position, rules: Rules, heads: [ChainHead] = []) {
        overrides = OverrideCheck(
            boardID: position.boardID,
            generation: position.generation,
            heads: Self.heads(heads, state, position)
        )
        receipts = ReceiptCheck(boardID: position.boardID, generation: position.generation)
        self.state = state
        self.chain = HashChain(head: position.chain)
        self.position = position
        self.context = JudgingContext(
            rules: rules,
            generation: position.generation,
            traceOfGeneration: GenerationTrace.of
        )
    }

    /// The position with the state's counts and the chain's head: what a transaction stores.
    var settledPosition: Position {
        var settled = position
        settled.sequence = state.sequence
        settled.accepted = state.accepted
        settled.quarantined = state.quarantined
        settled.lastTrace = state.lastTrace
        settled.lastPhase = state.lastPhase
        settled.chain = chain.head
        settled.mutedPorts = state.forced.mutedPorts
        settled.pass = state.forced.pass
        settled.nextGeneration = state.forced.nextGeneration
        return settled
    }

    /// What became of a line.
    enum Outcome {
        case blank
        case accepted(SignalRow, Judgement)
        case quarantined(QuarantineRow)
    }

    /// Judges a line whose bytes are at hand.
    ///
    /// - `known`: the entry that the quarantine has for exactly this span: the verdict stands.
    /// - `now`: the time an entry is given.
    mutating func judge(
        _ frame: FramedLine,
        bytes: UnsafeRawBufferPointer,
        known: StoredEntry?,
        now: Timestamp
    ) -> Outcome {
        takeScheduled(at: frame.offset)
        if let known {
            pass(known, frame)
            let masked: MaskState = known.isRestored ? .restored : masksLines ? .pending : .left
            return .quarantined(row(of: known, maskState: masked))
        }
        guard let judgement = step(frame, bytes) else { return .blank }
        return outcome(of: judgement, frame, bytes, now: now)
    }

    /// Judges a line that no entry stands for, and makes no row of it.
    ///
    /// Nil for a blank line.
    mutating func step(_ frame: FramedLine, _ bytes: UnsafeRawBufferPointer) -> Judgement? {
        scan(frame, bytes)
        guard !scanned.isBlank else {
            position.blank += 1
            step(over: frame)
            return nil
        }
        lookForSignatures(bytes, at: frame.offset)
        let judgement = state.step(
            scanned,
            bytes: bytes,
            offset: frame.offset,
            context: context
        )
        chain.add(bytes, accepted: judgement.isAccepted)
        overrides.add(chain.head, sequence: state.sequence)
        step(over: frame)
        if judgement.isOverride && judgement.isAccepted {
            overrides.spend(Array(bytes), sequence: state.sequence)
            // One that the audit has ended what was before it, and not what is known since.
            if context.override == .verified(.tampering), overrides.audited[frame.offset] == nil {
                position.tampered = nil
            }
        }
        return judgement
    }

    /// Passes over a line whose entry stands in the quarantine already, and makes no row of it.
    mutating func pass(_ entry: StoredEntry, _ frame: FramedLine) {
        state.stepKnownQuarantined()
        forgetSignatures()
        (entry.raw ?? []).withUnsafeBytes { chain.add($0, accepted: false) }
        overrides.add(chain.head, sequence: state.sequence)
        step(over: frame)
    }

    /// Takes a line apart, and changes nothing.
    mutating func scan(_ frame: FramedLine, _ bytes: UnsafeRawBufferPointer) {
        scanner.scan(bytes, atFileStart: frame.offset == 0, into: &scanned)
    }

    /// The row or entry that records the line scanned last.
    func outcome(
        of judgement: Judgement,
        _ frame: FramedLine,
        _ bytes: UnsafeRawBufferPointer,
        now: Timestamp
    ) -> Outcome {
        guard judgement.isAccepted else {
            let sha256 = Array(SHA256.hash(bufferPointer: bytes))
            return .quarantined(quarantine(frame, bytes, judgement, sha256: sha256, now: now))
        }
        return .accepted(accept(frame, bytes, judgement), judgement)
    }

    /// Judges a line over `LineFramer.keptBytesMax`, of which only digests are known: always F1.
    ///
    /// - `sha256`: of the line.
    /// - `chained`: the chain's hasher from `chain.begin()`, the line's bytes added.
    mutating func judge(
        giant frame: FramedLine,
        sha256: [UInt8],
        chained: inout SHA256,
        known: StoredEntry?,
        now: Timestamp
    ) -> Outcome {
        takeScheduled(at: frame.offset)
        scanned = ScannedLine()
        scanned.failure = FrameFailure(fault: .oversize, position: LineFramer.lineBytesMax)
        chain.finish(&chained, accepted: false)
        if let known {
            state.stepKnownQuarantined()
            overrides.add(chain.head, sequence: state.sequence)
            step(over: frame)
            return .quarantined(row(of: known, maskState: .left))
        }
        let empty = UnsafeRawBufferPointer(start: nil, count: 0)
        let judgement = state.step(
            scanned,
            bytes: empty,
            offset: frame.offset,
            context: context
        )
        overrides.add(chain.head, sequence: state.sequence)
        step(over: frame)
        let reason =
            explain(judgement, empty)
            + "; \(frame.length) bytes: neither copied nor masked, the line stays on the board"
        let source = source(frame, judgement, sha256: sha256, reason: reason, now: now)
        let entry = QuarantineEntry(giant: source, line: scanned)
        return .quarantined(row(frame, entry, judgement, maskState: .left))
    }

    // MARK: Steps

    /// Goes on behind a line that is another board's, and is to be blank on this one.
    mutating func passBlank(over frame: FramedLine) {
        position.blank += 1
        step(over: frame)
    }

    /// Takes up the rules that hold from this offset on, and passes over numbers that are taken.
    mutating func takeScheduled(at offset: Int64) {
        while let next = skips.first, next.offset <= offset {
            state.count(to: next.sequence)
            skips.removeFirst()
        }
        while let next = schedule.first, next.offset <= offset {
            context.rules = next.rules
            schedule.removeFirst()
        }
    }

    private mutating func step(over frame: FramedLine) {
        position.offset = frame.offset + frame.length + 1
        position.lines = frame.number
    }

    private var masksLines: Bool { context.rules.masks && context.rules.mode != .observe }

    private func row(of entry: StoredEntry, maskState: MaskState) -> QuarantineRow {
        QuarantineRow(
            identifier: entry.identifier,
            sequence: state.sequence,
            boardGeneration: entry.generation,
            line: entry.line,
            offset: entry.offset,
            length: entry.length,
            violation: entry.violation,
            maskState: maskState,
            entry: entry.json
        )
    }

    private func quarantine(
        _ frame: FramedLine,
        _ bytes: UnsafeRawBufferPointer,
        _ judgement: Judgement,
        sha256: [UInt8],
        now: Timestamp
    ) -> QuarantineRow {
        let source = source(
            frame,
            judgement,
            sha256: sha256,
            reason: explain(judgement, bytes),
            now: now
        )
        let entry = QuarantineEntry(source, line: scanned, bytes: bytes)
        return row(frame, entry, judgement, maskState: masksLines ? .pending : .left)
    }

    private func source(
        _ frame: FramedLine,
        _ judgement: Judgement,
        sha256: [UInt8],
        reason: String,
        now: Timestamp
    ) -> QuarantineEntry.Source {
        QuarantineEntry.Source(
            generation: position.generation,
            line: frame.number,
            offset: frame.offset,
            length: frame.length,
            sha256: sha256,
            judgement: judgement,
            reason: reason,
            now: now
        )
    }

    private func row(
        _ frame: FramedLine,
        _ entry: QuarantineEntry,
        _ judgement: Judgement,
        maskState: MaskState
    ) -> QuarantineRow {
        QuarantineRow(
            identifier: entry.identifier,
            sequence: state.sequence,
            boardGeneration: position.generation,
            line: frame.number,
            offset: frame.offset,
            length: frame.length,
            violation: judgement.primary,
            maskState: maskState,
            entry: entry.json
        )
    }

    func explain(_ judgement: Judgement, _ bytes: UnsafeRawBufferPointer) -> String {
        explanations(judgement, bytes).map(\.sentence).joined(separator: "; ")
    }

    func explanations(
        _ judgement: Judgement,
        _ bytes: UnsafeRawBufferPointer
    ) -> [Explanation] {
        Explanation.list(line: scanned, bytes: bytes, judgement: judgement, rules: context.rules)
    }

    private func accept(
        _ frame: FramedLine,
        _ bytes: UnsafeRawBufferPointer,
        _ judgement: Judgement
    ) -> SignalRow {
        let fields = scanned.fields
        return SignalRow(
            sequence: state.sequence,
            boardGeneration: position.generation,
            line: frame.number,
            offset: frame.offset,
            timestampMilliseconds: fields.timestamp.value.milliseconds,
            mark: fields.mark.value,
            pull: fields.pull.value,
            type: fields.type.value,
            phase: fields.phase.value,
            generation: fields.generation.value,
            port: Port(rawValue: fields.port.value) ?? Port.all[0],
            trace: judgement.trace,
            cycle: judgement.cycle,
            message: text(fields.message, bytes) ?? "",
            identifier: scanned.identifier(in: bytes),
            parent: text(fields.parent, bytes),
            agent: text(fields.agent, bytes),
            task: text(fields.task, bytes),
            evidence: text(fields.evidence, bytes),
            warnings: judgement.warnings.joined(separator: ","),
            raw: Array(bytes)
        )
    }

    private func text(_ field: TextField, _ bytes: UnsafeRawBufferPointer) -> String? {
        guard field.state == .good else { return nil }
        return scanned.withFieldBytes(bytes) { field.text(in: $0) }
    }
}
