import Crypto
import HiveKernel
import HiveLedger
import HiveSignal

/// A line to overwrite: where it stands (as written) and what it must still hold.
struct PendingMask {
    var identifier: String
    var offset: Int64
    var raw: [UInt8]
}

/// What one transaction will write, and what goes before and after it.
struct PendingBatch {
    let now: Timestamp
    var batch: Batch
    /// Lines for `quarantine.jsonl`, each with its LF; those that stand there already are left out.
    var entries: [UInt8] = []
    var masks: [PendingMask] = []
    var hasKnown = false
    /// The traces that the batch's signals moved on.
    private var touched: Set<TraceID> = []
    /// What the batch's new signals ask; the budget decides how much of it is assigned.
    var candidates: [TaskRow] = []
    /// The overrides among the accepted lines.
    var overrides: [AcceptedOverride] = []
    /// The receipts among them that count.
    var receipts: [CountedReceipt] = []
    /// Lines taken in, blank ones counted.
    var lines = 0
    var verdicts = 0

    init(now: Timestamp, position: Position) {
        self.now = now
        self.batch = Batch(position: position)
    }

    mutating func add(_ outcome: Fold.Outcome, known: Bool, bytes: UnsafeRawBufferPointer?) {
        switch outcome {
        case .blank: return
        case .accepted(let row, let judgement):
            batch.signals.append(row)
            touched.insert(row.trace)
            take(judgement, of: row)
            if judgement.isOverride { overrides.append(AcceptedOverride(row)) }
            if judgement.provesPhase, let receipt = CountedReceipt(row) {
                receipts.append(receipt)
            }
            if let identifier = row.identifier,
                identifier.utf8.count <= RecentIdentifiers.identifierBytesMax
            {
                batch.identifiers.append(
                    IdentifierRow(
                        sequence: row.sequence,
                        identifier: identifier,
                        trace: row.trace
                    )
                )
            }
        case .quarantined(let row):
            batch.quarantined.append(row)
            if known {
                hasKnown = true
            } else {
                entries += row.entry
                entries.append(UInt8(ascii: "\n"))
            }
            if row.maskState == .pending, let offset = row.offset, let bytes {
                masks.append(
                    PendingMask(identifier: row.identifier, offset: offset, raw: Array(bytes))
                )
            }
        }
        verdicts += 1
    }

    /// What the signal asks, and the task it answers.
    private mutating func take(_ judgement: Judgement, of row: SignalRow) {
        let place = SignalPlace(generation: row.generation, offset: row.offset)
        let reaction = judgement.reaction
        batch.reactions.append(
            ReactionRow(
                sequence: row.sequence,
                place: place,
                trace: row.trace,
                asked: reaction.mask,
                phase: reaction.phase,
                depth: reaction.depth
            )
        )
        if let answered = judgement.answers {
            batch.completions.append(
                TaskCompletion(
                    name: answered.name,
                    asked: answered.sequence,
                    outcome: row.sequence,
                    milliseconds: now.milliseconds
                )
            )
        }
        guard judgement.wantsAnswers, row.offset >= batch.position.quietUntil else { return }
        for port in reaction.ports {
            candidates.append(
                TaskRow(
                    name: TaskName(signal: place, port: port),
                    sequence: row.sequence,
                    phase: reaction.phase,
                    depth: reaction.depth,
                    mark: row.mark,
                    trace: row.trace,
                    assignedMilliseconds: now.milliseconds
                )
            )
        }
    }

    /// Puts the traces' present state into the batch.
    mutating func takeTraces(of state: KernelState) {
        for trace in touched {
            guard let at = state.traces[trace] else { continue }
            batch.traces.append(
                TraceRow(
                    trace: trace,
                    cycle: at.cycle,
                    reached: at.reached,
                    reachedBefore: at.reachedBefore,
                    phase: at.phase,
                    lastSequence: at.lastSequence,
                    proofs: state.proofs.all(of: trace)
                )
            )
        }
    }
}

/// The two digests of a line that is read in pieces: its own, and the chain's next.
struct GiantDigest {
    private var own = SHA256()
    var chained: SHA256

    init(chain: HashChain) { chained = chain.begin() }

    mutating func add(_ chunk: UnsafeRawBufferPointer) {
        own.update(bufferPointer: chunk)
        chained.update(bufferPointer: chunk)
    }

    func finish() -> [UInt8] { Array(own.finalize()) }
}

/// What became of one line, for the one who wrote it.
struct LineResult {
    var row: EmitResult.Row

    init?(_ outcome: Fold.Outcome) {
        switch outcome {
        case .blank: return nil
        case .accepted(let row, _): self.row = .accepted(row)
        case .quarantined(let row): self.row = .quarantined(row)
        }
    }
}
