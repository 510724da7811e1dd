import HiveBlackboard
import HiveKernel
import HiveLedger
import HiveSignal

// The end of a generation (SPEC §7). Between any two of these steps the daemon may be killed:
//
// 1. The audit says that the generation is to end (`flipping`), with the board's inode.
// 2. An empty file stands where the archive shall be; both names are exchanged in one step.
// 3. The audit says where the generation ended (`flipped`).
// 4. One transaction ends it in the ledger and begins the next at offset 0.
// 5. The manifest is written.
// 6. What was appended to the old file since its last judged line comes late (`Engine+Late`).
//
// The next start finds `flipping` in the audit and the old generation in the ledger, and goes on
// there: whether the names are exchanged is told by the inode. A living daemon in which a step
// failed (a full disk) does the same at its next look. A generation whose manifest is missing or
// behind gets it. Until step 4 every line is judged in the old generation, by its offset in the
// old file; the file's identity, not its name, says where a line belongs.

/// What a flip would do, or did.
struct FlipPlan {
    var position: Position
    var next: Int64
    var summary: String
    /// The cycles that keep the generation from its end.
    var open: [CycleSummary]
    var openTasks: Int64

    func json(flipped: Bool, dryRun: Bool, _ archive: ArchiveFolder) -> JSONValue {
        [
            "flipped": .bool(flipped),
            "dryRun": .bool(dryRun),
            "gen": .integer(position.generation),
            "next": .integer(next),
            "summary": .string(summary),
            "archive": .string(archive.board(of: position.generation)),
            "manifest": .string(archive.manifest(of: position.generation)),
            "lines": .integer(position.lines),
            "accepted": .integer(position.accepted),
            "quarantined": .integer(position.quarantined),
            "chain": .string(Hex.encode(position.chain)),
            "violations": open.isEmpty || flipped ? [] : ["PREMATURE_FLIP"],
            "open": .array(open.map(\.json)),
            "openTasks": .integer(openTasks),
        ]
    }
}

extension Engine {
    /// Ends the generation where every cycle that reached I has reached E.
    ///
    /// - `dryRun`: says what would happen, and changes nothing.
    ///
    /// Returns HiveControl's `Method.flip`; a generation that may not end yet is a result and no
    /// error. Throws exit code 1 for a tampered board, 2 for a summary that says nothing, 3 where
    /// the machine fails.
    func flip(_ params: JSONValue) throws(HiveError) -> JSONValue {
        let dryRun = params["dryRun"]?.boolValue ?? false
        let summary = params["summary"]?.stringValue ?? ""
        guard dryRun || summary.contains(where: { !$0.isWhitespace }) else {
            throw .usage(
                "no summary given",
                hint: "say what the generation came to: hive flip \"…\""
            )
        }
        guard summary.utf8.count <= Self.summaryBytesMax else {
            throw .usage(
                "the summary has \(summary.utf8.count) bytes, more than \(Self.summaryBytesMax)",
                hint: "keep the long text in a file and name it"
            )
        }
        try requireBoard()
        if let begun = unfinished {
            // Asked for already: whoever asks again means this end and not another.
            let plan = flipPlan(next: begun.next, summary: begun.summary)
            try look(live: true)
            return plan.json(flipped: true, dryRun: dryRun, archives)
        }
        try look(live: true)
        if !dryRun { try settleCopies() }
        try requireWholeBoard()
        let plan = flipPlan(next: fold.position.generation + 1, summary: summary)
        guard plan.open.isEmpty, !dryRun else {
            return plan.json(flipped: false, dryRun: dryRun, archives)
        }
        try end(plan, isForced: false)
        try look(live: true)
        return plan.json(flipped: true, dryRun: false, archives)
    }

    /// The most that a summary may hold.
    static let summaryBytesMax = 4_096

    /// Ends the generation that a person's override ends, whatever stands open.
    ///
    /// A board that is TAMPERED is made whole first: until then the end waits, and nothing else.
    @discardableResult
    func takeForcedFlip() throws(HiveError) -> FlipPlan? {
        guard fold.position.tampered == nil, fold.state.forced.nextGeneration != nil else {
            return nil
        }
        try settleCopies()
        guard let next = fold.state.forced.nextGeneration else { return nil }
        let ledger = self.ledger
        let last = try HiveError.wrap {
            let handoffs = SignalFilter(phase: .handoff)
            return try ledger.signals(last: Self.handoffsLookedAtMax, filter: handoffs)
        }
        let cause = last.last {
            SignedOverride(line: $0.raw)?.claim.override == .generation(next)
        }
        let plan = flipPlan(next: next, summary: cause?.message ?? "")
        try end(plan, isForced: true)
        return plan
    }

    /// How many of the last X are looked at for the one that ends the generation.
    private static let handoffsLookedAtMax = 1_000

    /// The same on the way; true where the generation ended.
    ///
    /// What stands against it is told of, and keeps nothing from being judged.
    @discardableResult
    func takeForcedFlipIfPossible() throws(HiveError) -> Bool {
        guard fold.state.forced.nextGeneration != nil, fold.position.tampered == nil else {
            return false
        }
        do throws(HiveError) {
            try prepareArchive()
        } catch {
            warn("the generation that a person ended goes on: \(error.message); \(error.hint)")
            return false
        }
        return try takeForcedFlip() != nil
    }

    /// Sees to it that the board can be archived.
    func prepareArchive() throws(HiveError) {
        let board = self.board
        let archive = archives.board(of: fold.position.generation)
        try HiveError.wrap { try BoardSwap.prepare(archive, for: board) }
    }

    func flipPlan(next: Int64, summary: String) -> FlipPlan {
        FlipPlan(
            position: fold.settledPosition,
            next: next,
            summary: summary,
            open: fold.state.openCycles,
            openTasks: budget.open
        )
    }

    func requireWholeBoard() throws(HiveError) {
        guard let tampered = fold.position.tampered else { return }
        throw .refused(
            tampered,
            hint:
                "put the lines back (hive doctor --repair) or let them go (hive override tampered)"
        )
    }

    var archives: ArchiveFolder { ArchiveFolder(settings) }

    private func end(_ plan: FlipPlan, isForced: Bool) throws(HiveError) {
        let board = self.board
        let archive = archives.board(of: plan.position.generation)
        try prepareArchive()
        let flip = AuditEvent.Flip(
            generation: plan.position.generation,
            next: plan.next,
            summary: plan.summary,
            isForced: isForced,
            inode: board.identity.inode,
            offset: plan.position.offset,
            sequence: plan.position.sequence,
            chain: Hex.encode(plan.position.chain),
            openCycles: Int64(plan.open.count)
        )
        try record(.flipping(flip))
        unfinished = flip
        try onStep(.flipRecorded)
        do throws(HiveError) {
            let path = settings.board
            try HiveError.wrap { try BoardSwap.exchange(path, archive) }
        } catch {
            // The names may be exchanged all the same, and only the folder's sync have failed.
            guard try archives.holds(flip) else {
                try record(.notFlipped(generation: flip.generation))
                unfinished = nil
                throw error
            }
        }
        try onStep(.boardSwapped)
        try begin(after: flip)
    }

    /// Goes on with an end that was begun: the audit says so and the ledger does not know.
    ///
    /// Called before anything of the new board is judged.
    ///
    /// - `lock`: at a start, of the file that the board's path names.
    func finish(_ flip: AuditEvent.Flip, lock: FileLock? = nil) throws(HiveError) {
        let archive = archives.board(of: flip.generation)
        guard try !archives.holds(flip) else { return try begin(after: flip, lock: lock) }
        let path = settings.board
        let board = self.board
        try HiveError.wrap {
            try BoardSwap.prepare(archive, for: board)
            try BoardSwap.exchange(path, archive)
        }
        try begin(after: flip)
    }

    /// The names are exchanged: the ledger, and everything here, goes over to the next generation.
    ///
    /// - `lock`: the next board's, where it is held already.
    private func begin(
        after flip: AuditEvent.Flip,
        lock: FileLock? = nil
    ) throws(HiveError) {
        var flip = flip
        let ending = fold.settledPosition
        flip.offset = ending.offset
        flip.sequence = ending.sequence
        flip.chain = fold.chain.hex
        try record(.flipped(flip))
        let row = GenerationRow(
            ending: fold.settledPosition,
            next: flip.next,
            summary: flip.summary,
            isForced: flip.isForced,
            milliseconds: clock().milliseconds
        )
        let path = settings.board
        let (fresh, freshLock) = try HiveError.wrap {
            let fresh = try BoardFile(path: path)
            return (fresh, try lock ?? fresh.lock())
        }
        var next = nextFold(after: row)
        next.position.device = fresh.identity.device
        next.position.inode = fresh.identity.inode
        let ledger = self.ledger
        let position = next.settledPosition
        _ = try HiveError.wrap { try ledger.flip(to: position, ending: row) }
        unfinished = nil
        closing.append(
            ClosingGeneration(
                row: row,
                board: board,
                lock: lock == nil ? boardLock : nil,
                fold: fold,
                until: SystemClock.monotonicSeconds() + Double(rules.flipLingerSeconds)
            )
        )
        board = fresh
        boardLock = freshLock
        fold = next
        known = EntryLookup()
        anchor = nil
        rulesSince = 0
        startTail()
        try restoreTasks()
        wakesDispatcher = true
        try onStep(.generationBegun)
        writeManifest(row)
        try onStep(.manifestWritten)
    }

    /// The fold of the generation that comes after one, with its rules and keys.
    private func nextFold(after row: GenerationRow) -> Fold {
        let before = fold.position
        var position = Position(
            boardID: before.boardID,
            generation: row.next,
            chain: HashChain(boardID: before.boardID).head
        )
        position.generationStart = row.sequence
        position.sequence = row.sequence
        position.refused = before.refused
        position.quarantineBytes = before.quarantineBytes
        position.auditBytes = before.auditBytes
        var next = Fold(
            state: KernelState(after: row.sequence),
            position: position,
            rules: fold.context.rules
        )
        next.takeKeys(of: fold)
        return next
    }
}
