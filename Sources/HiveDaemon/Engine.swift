import HiveBlackboard
package import HiveKernel
import HiveLedger
import HiveSignal
import HiveWitness

/// The one writer of a board: reads what is new, judges it, records it, masks what failed.
///
/// SPEC §5's order for a batch: entries to `quarantine.jsonl`, one fsync, the ledger's transaction
/// (rows and offset together, `masked=0`), the masks, `masked=1`. After a crash between any two of
/// these the next start finds either the batch uncommitted (it is judged again and its entries are
/// known by id) or committed with masks pending (they are done again). When a step fails, the state
/// is put together anew from the ledger, which is the truth of how far the board is judged.
///
/// Not Sendable: owned by the thread that holds the locks. Topics: `Engine+Opening`, `Engine+Emit`,
/// `Engine+Tasks`, `Engine+Quarantine`, `Engine+Reconcile`, `Engine+Repair`, `Engine+Flip`,
/// `Engine+Late`, `Engine+Override`, `Engine+Receipts`.
package final class Engine {
    let settings: Settings
    let ledger: Ledger
    var quarantine: Journal
    var audit: Journal
    let stateLock: FileLock
    /// The wall clock, for entries, audit lines and the limits of G0.
    let clock: () -> Timestamp
    /// Called between the steps of a batch; a test throws here to stop where a crash would.
    let onStep: (Step) throws(HiveError) -> Void

    var book: RuleBook
    /// The mode that holds in place of the book's: a flag's at first, then what a person says.
    var modeInPlace: Mode?
    /// The offset from which the rules hold.
    var rulesSince: Int64 = 0
    var board: BoardFile
    var boardLock: FileLock
    var tail: BoardTail
    var fold: Fold
    var known: EntryLookup
    /// True while nothing is at the board's path.
    var boardIsMissing = false
    /// What a person should know, for `status`.
    var warnings: [String] = []
    /// The failure that keeps the board from being judged just now.
    var failure: HiveError?
    /// The bytes judged last.
    var anchor: Anchor?
    var rate = RateMeter()
    /// Where the lines of the emit under way stand, and what became of them.
    var awaited: [Int64: LineResult?] = [:]
    var budget = TaskBudget()
    /// Asked since the start and not assigned, for the budget was spent.
    var overBudget: Int64 = 0
    /// True where there is something to do for the dispatcher since it was last told.
    var wakesDispatcher = false
    /// The tasks that wait for a worker.
    var waiting = TaskQueue()
    /// Generations that ended lately and whose files may still be written to.
    var closing: [ClosingGeneration] = []
    /// The generation's end that was begun and of which the ledger does not know yet.
    var unfinished: AuditEvent.Flip?
    /// True while late lines may be missing on the board.
    var hasCopies = false
    /// When they are appended though the board ends in a torn line, in monotonic seconds.
    var copiesDue: Double?
    /// Quarantined lines whose masks a failure kept from the board.
    var unmasked: [QuarantineRow] = []
    /// True while generations that ended are folded anew: the audit has what it says of them.
    var isRefolding = false
    /// The key that is pinned for the board now, or why there is none.
    let ownerKey: () throws(HiveError) -> OwnerKey?
    /// The machines that may witness for the board now.
    let witnesses: () throws(HiveError) -> [OwnerKey]

    /// The steps of a batch, in order, as SPEC §5 has them.
    package enum Step: String, Sendable, CaseIterable {
        case judged, entriesAppended, entriesSynced, committed, oneMasked, masked, maskRecorded
        /// The steps of a task, between those of the batches that its lines stand in.
        case tasksStarted, answerStored, appended
        /// The steps of a generation's end, and of what comes late.
        case flipRecorded, boardSwapped, generationBegun, manifestWritten, lateCommitted, lateCopied

        /// The steps of a batch that quarantines something.
        package static let ofBatch: [Step] = [
            .judged, .entriesAppended, .entriesSynced, .committed, .oneMasked, .masked,
            .maskRecorded,
        ]
        /// Those on a task's way, the batches of its lines among them.
        package static let ofTasks = ofBatch + [.tasksStarted, .answerStored, .appended]
    }

    /// How many lines one transaction takes at most.
    package static let linesPerBatchMax = 4_096
    /// How many bytes of the board one transaction takes at most, one line more.
    package static let bytesPerBatchMax = 4 << 20
    /// Every so many judged lines the chain's head goes to the audit.
    static let checkpointLines: Int64 = 65_536

    init(
        parts: EngineParts,
        book: RuleBook,
        fold: Fold,
        known: EntryLookup,
        options: Options
    ) {
        settings = parts.settings
        ledger = parts.ledger
        quarantine = parts.quarantine
        audit = parts.audit
        stateLock = parts.stateLock
        boardLock = parts.boardLock
        board = parts.board
        tail = parts.tail
        self.book = book
        modeInPlace = settings.modeOverride
        self.fold = fold
        self.known = known
        clock = options.clock
        onStep = options.onStep
        ownerKey = options.ownerKey(parts.settings)
        witnesses = options.witnesses(parts.settings)
    }

    /// The rules in force: the book's, with the mode that was put in its place.
    package var rules: Rules { rules(of: book) }

    func rules(of book: RuleBook) -> Rules {
        var rules = book.rules
        if let modeInPlace { rules.mode = modeInPlace }
        return rules
    }

    /// The number of the last judged line.
    package var sequence: Int64 { fold.state.sequence }

    // MARK: Judging what is new

    /// Judges all whole lines that are new on the board.
    ///
    /// - Parameters:
    ///   - live: true for lines that arrive now, which the clock judges too (G0).
    ///   - end: no line that begins at this offset or behind it.
    /// - Returns: how many lines got a verdict.
    /// - Throws: exit code 3; what was not recorded stays unjudged and comes again.
    @discardableResult
    package func catchUp(live: Bool, until end: Int64 = .max) throws(HiveError) -> Int {
        do {
            return try drain(live: live, until: end)
        } catch {
            try reload()
            throw error
        }
    }

    private func drain(live: Bool, until end: Int64) throws(HiveError) -> Int {
        var judged = 0
        while fold.position.offset < end {
            var pending = PendingBatch(now: clock(), position: fold.position)
            fold.context.now = live ? pending.now : nil
            let before = fold.state.sequence
            let left = min(Int64(Self.bytesPerBatchMax), end - fold.position.offset)
            let progress = try readBatch(into: &pending, bytesMax: Int(left))
            if pending.lines > 0 {
                try commit(&pending)
                judged += pending.verdicts
                rate.add(pending.verdicts, at: pending.now)
                if before / Self.checkpointLines != fold.state.sequence / Self.checkpointLines {
                    try checkpoint()
                }
            }
            switch progress {
            case .more: continue
            case .caughtUp: return judged
            case .shrunk:
                // Cut while it was read: what is left is told by the look that its event brings.
                startTail()
                return judged
            }
        }
        return judged
    }

    /// Reads and folds lines until the batch is full or the file has no more.
    private func readBatch(
        into pending: inout PendingBatch,
        bytesMax: Int
    ) throws(HiveError) -> BoardTail.Progress {
        do throws(BoardError) {
            return try tail.next(
                from: board,
                now: .now,
                linesMax: Self.linesPerBatchMax,
                bytesMax: bytesMax
            ) { frame, bytes throws(BoardError) in
                try take(frame, bytes, into: &pending)
            }
        } catch {
            throw HiveError(error)
        }
    }

    private func take(
        _ frame: FramedLine,
        _ bytes: UnsafeRawBufferPointer?,
        into pending: inout PendingBatch
    ) throws(BoardError) {
        pending.lines += 1
        let (outcome, isKnown) = try fold.judge(
            frame,
            bytes,
            of: board,
            tail,
            known: &known,
            in: quarantine,
            now: pending.now
        )
        pending.add(outcome, known: isKnown, bytes: bytes)
        if let bytes { anchor = Anchor(frame, bytes, outcome) }
        if !awaited.isEmpty, awaited[frame.offset] != nil {
            awaited[frame.offset] = LineResult(outcome)
        }
    }

    // MARK: SPEC §5's order

    private func commit(_ pending: inout PendingBatch) throws(HiveError) {
        try onStep(.judged)
        try append(entries: pending)
        for override in pending.overrides { try recordOverride(override) }
        for receipt in pending.receipts { try recordReceipt(receipt, in: fold) }
        pending.batch.heads = fold.overrides.takeNewHeads()
        pending.batch.headsFrom = fold.overrides.heads.oldestSequence
        pending.batch.position = fold.settledPosition
        pending.takeTraces(of: fold.state)
        pending.batch.forgotten = fold.state.takeForgotten()
        try assign(&pending)
        let closed = try HiveError.wrap { try ledger.commit(pending.batch) }
        budget.close(Int64(closed))
        for task in pending.batch.tasks { waiting.insert(task) }
        for completion in pending.batch.completions { waiting.remove(completion.name) }
        wakesDispatcher = wakesDispatcher || !pending.batch.tasks.isEmpty
        try onStep(.committed)
        try mask(pending.masks, on: board, fold.position)
    }

    /// Puts the entries of a batch into the quarantine, durably.
    func append(entries pending: PendingBatch) throws(HiveError) {
        if !pending.entries.isEmpty {
            try mendQuarantine()
            try HiveError.wrap { _ = try quarantine.append(lines: pending.entries) }
            try onStep(.entriesAppended)
            try HiveError.wrap { try quarantine.sync() }
            try onStep(.entriesSynced)
            fold.position.quarantineBytes = quarantine.size
        } else if pending.hasKnown {
            fold.position.quarantineBytes = quarantine.size
        }
    }

    /// Overwrites lines on a board and records that it is done.
    func mask(
        _ masks: [PendingMask],
        on board: BoardFile,
        _ position: Position
    ) throws(HiveError) {
        guard !masks.isEmpty else { return }
        var states: [(identifier: String, state: MaskState)] = []
        for mask in masks {
            states.append((mask.identifier, try Self.overwrite(mask, on: board, position)))
            try onStep(.oneMasked)
        }
        try onStep(.masked)
        try HiveError.wrap { try ledger.markMasked(states) }
        try onStep(.maskRecorded)
    }

    /// One mask; a line that is not on the board as it was judged is left alone.
    private static func overwrite(
        _ mask: PendingMask,
        on board: BoardFile,
        _ position: Position
    ) throws(HiveError) -> MaskState {
        guard let place = position.place(of: mask.offset) else { return .left }
        let text = Mask.bytes(entry: mask.identifier, length: mask.raw.count)
        let done = try HiveError.wrap {
            if try board.overwrite(at: place, expecting: mask.raw, with: text) { return true }
            return try board.overwrite(at: place, expecting: text, with: text)
        }
        return done ? .masked : .left
    }

    // MARK: Audit

    /// Appends a decision to the audit, durably.
    func record(_ event: AuditEvent) throws(HiveError) {
        try mendAudit()
        let line = event.line(at: clock())
        try HiveError.wrap {
            try audit.append(lines: line)
            try audit.sync()
        }
        fold.position.auditBytes = audit.size
    }

    /// Puts the chain's head in the audit and the position in the ledger.
    package func checkpoint() throws(HiveError) {
        try record(
            .checkpoint(
                generation: fold.position.generation,
                sequence: fold.state.sequence,
                offset: fold.position.offset,
                chain: fold.chain.hex
            )
        )
        try savePosition()
    }

    /// Stores what changed in the position without a line being judged.
    func savePosition() throws(HiveError) {
        let position = fold.settledPosition
        try HiveError.wrap { try ledger.setPosition(position) }
    }
}

/// The open files and locks an engine is made of.
struct EngineParts {
    var settings: Settings
    var ledger: Ledger
    var quarantine: Journal
    var audit: Journal
    var stateLock: FileLock
    var boardLock: FileLock
    var board: BoardFile
    var tail: BoardTail
}
