import Glibc
import HiveBlackboard
import HiveKernel
import HiveLedger
package import HiveSignal
import HiveWitness

extension Engine {
    /// What an engine may be opened with.
    package struct Options {
        /// True: a board that is not there is made (`hive up`).
        package var createsBoard = false
        /// How long a lock that another command holds is waited for; a daemon holds it for good.
        package var lockSecondsMax = 0.0
        package var clock: () -> Timestamp = SystemClock.now
        package var onStep: (Step) throws(HiveError) -> Void = { _ throws(HiveError) in }
        /// Where the key is that overrides of a board are verified with; by default its pin.
        package var ownerKey: KeySource = Engine.pinnedKey
        /// Where the keys of the machines are that may witness; by default those it approved.
        package var witnesses: WitnessSource = Engine.approvedWitnesses

        package init() {}
    }

    /// Takes the locks, opens what belongs to the board and judges what is there.
    ///
    /// A ledger that is there is resumed; one that is not is folded from the board and what stands
    /// in quarantine and audit (a rebuild), or from the board alone (an adoption).
    ///
    /// - Throws: exit code 2 for rules that make no sense, 3 where a file, a lock or the ledger
    ///   fails.
    package static func open(
        settings: Settings,
        options: Options = Options()
    ) throws(HiveError) -> Engine {
        let book = try RuleBook.load(path: settings.rulesPath)
        try Folders.make(settings.stateDirectory, mode: 0o700)
        let stateLock = try waitForLock(options) { () throws(BoardError) in
            try FileLock.hold(folder: settings.stateDirectory)
        }
        let board = try openBoard(settings, creates: options.createsBoard)
        let boardLock = try waitForLock(options) { () throws(BoardError) in try board.lock() }
        try StateOwner.claim(settings)
        let quarantine = try HiveError.wrap { try Journal(path: settings.quarantine) }
        let audit = try HiveError.wrap { try Journal(path: settings.audit) }
        try HiveError.wrap {
            _ = try quarantine.cutTornTail()
            _ = try audit.cutTornTail()
        }
        if RebuildMark(settings).stands {
            try HiveError.wrap { try Ledger.destroy(settings.ledger) }
        }
        let ledger = try HiveError.wrap { try Ledger(path: settings.ledger) }
        let parts = EngineParts(
            settings: settings,
            ledger: ledger,
            quarantine: quarantine,
            audit: audit,
            stateLock: stateLock,
            boardLock: boardLock,
            board: board,
            tail: BoardTail()
        )
        let restored = try HiveError.wrap {
            try ledger.restore(identifierLimit: RecentIdentifiers.capacity)
        }
        return if let restored {
            try resume(parts, restored, book, options)
        } else {
            try begin(parts, book, options)
        }
    }

    // MARK: A ledger that is there

    private static func resume(
        _ parts: EngineParts,
        _ restored: Restored,
        _ book: RuleBook,
        _ options: Options
    ) throws(HiveError) -> Engine {
        var parts = parts
        let position = restored.position
        let history = try AuditHistory(source: parts.audit)
        if let other = history.boardID, other != position.boardID {
            throw .machine(
                "the ledger in \(parts.settings.stateDirectory) is board \(position.boardID)'s,"
                    + " the audit \(parts.settings.audit) is board \(other)'s",
                hint: "give each board a state folder of its own (--state-dir)"
            )
        }
        let held = try history.ruleChanges.last?.rules() ?? parts.settings.rules(of: book)
        var fold = Fold(restored, rules: held)
        fold.takeReceipts(of: history, from: position.offset)
        let ending = history.ending(position.generation)
        if let ending, try ArchiveFolder(parts.settings).holds(ending) {
            // The names are exchanged: what was judged is the archive.
            let archive = ArchiveFolder(parts.settings).board(of: ending.generation)
            parts.board = try HiveError.wrap { try BoardFile(path: archive) }
        }
        parts.tail = BoardTail(
            offset: position.offset,
            lines: position.lines,
            shift: position.shift
        )
        var known = EntryLookup()
        let refused = try HiveError.wrap {
            try known.load(
                from: parts.quarantine,
                after: position.quarantineBytes,
                generation: position.generation
            )
        }
        let engine = Engine(
            parts: parts,
            book: book,
            fold: fold,
            known: known,
            options: options
        )
        if history.boardID == nil {
            // The audit was deleted: it says again which board this is.
            let generation = position.generation
            try engine.record(.adopted(boardID: position.boardID, generation: generation))
        }
        try engine.mendQuarantine()
        try engine.takeRefused(refused)
        try engine.takeDispositions(from: position.auditBytes)
        let pending = try HiveError.wrap {
            try engine.ledger.restore(identifierLimit: 0)?.pendingMasks ?? []
        }
        try engine.takeKeys()
        try engine.maskAnew(pending)
        try engine.checkTail()
        try engine.restoreTasks()
        try engine.takeRules(book, last: history.ruleChanges.last)
        engine.warnOfGeneration()
        if let ending { try engine.finish(ending, lock: parts.boardLock) }
        try engine.openArchives()
        try engine.catchUp(live: false)
        try engine.takeForcedFlipIfPossible()
        try engine.catchUpLate(live: false)
        return engine
    }

    // MARK: A ledger that is new

    private static func begin(
        _ parts: EngineParts,
        _ book: RuleBook,
        _ options: Options
    ) throws(HiveError) -> Engine {
        let history = try AuditHistory(source: parts.audit)
        let rules = parts.settings.rules(of: book)
        var parts = parts
        let archives = ArchiveFolder(parts.settings)
        let boardID = history.boardID ?? archives.newest()?.boardID ?? newBoardID()
        let generation: Int64
        if let first = history.firstGeneration {
            generation = first
        } else {
            generation = try parts.settings.generation(history, rules)
        }
        // An end that was begun, the names exchanged: what is at the path is the next one's board.
        if let ending = history.pendingFlip, try archives.holds(ending) {
            let archive = archives.board(of: ending.generation)
            parts.board = try HiveError.wrap { try BoardFile(path: archive) }
        }
        let present = parts.board
        if !history.flips.isEmpty {
            let archive = archives.board(of: generation)
            parts.board = try HiveError.wrap { try BoardFile(path: archive) }
        }
        var fold = try Fold.start(of: generation, history, rules: rules, boardID: boardID)
        // What is folded is late lines and all.
        fold.skips = []
        let board = parts.board
        fold.position.quietUntil = try HiveError.wrap { try board.size() }
        fold.receipts.auditedUntil = fold.position.quietUntil
        var known = EntryLookup()
        known.restored = history.restored
        let refused = try HiveError.wrap {
            try known.load(from: parts.quarantine, after: 0, generation: generation)
        }
        let engine = Engine(
            parts: parts,
            book: book,
            fold: fold,
            known: known,
            options: options
        )
        if history.boardID == nil {
            try engine.record(.adopted(boardID: boardID, generation: generation))
            try engine.takeRules(book, last: nil)
        }
        try engine.takeRefused(refused)
        try engine.takeKeys()
        try engine.refold(history, then: present, lock: parts.boardLock)
        if history.boardID != nil {
            try engine.takeRules(book, last: history.ruleChanges.last)
        }
        try engine.takeDispositions(from: 0)
        engine.warnOfGeneration()
        try engine.takeForcedFlipIfPossible()
        try engine.openArchives()
        try engine.catchUpLate(live: false)
        return engine
    }

    private static func newBoardID() -> String {
        var generator = SystemRandomNumberGenerator()
        let words = [generator.next(), generator.next()] as [UInt64]
        return TraceID(high: words[0], low: words[1]).hex
    }

    // MARK: Steps of both

    /// Puts entries of refused emits that the ledger does not have yet into it.
    private func takeRefused(_ entries: [StoredEntry]) throws(HiveError) {
        var batch = Batch(position: fold.position)
        let ledger = self.ledger
        for entry in entries {
            // After a rebuild the journal is read from its start once more.
            let standing = try HiveError.wrap {
                try ledger.quarantine(idPrefix: entry.identifier, limit: 1)
            }
            if standing.isEmpty { batch.quarantined.append(QuarantineRow(refused: entry)) }
        }
        guard !batch.quarantined.isEmpty else { return }
        fold.position.refused += Int64(batch.quarantined.count)
        batch.position = fold.settledPosition
        try HiveError.wrap { _ = try ledger.commit(batch) }
    }

    /// Does again what the audit says a person did and the ledger may not know yet.
    private func takeDispositions(from start: Int64) throws(HiveError) {
        var events: [AuditEvent] = []
        try HiveError.wrap {
            try audit.forEachEntry(from: start) { _, line in
                if let event = AuditEvent(parsing: line) { events.append(event) }
            }
        }
        for event in events { try apply(event) }
        let size = audit.size
        guard size != fold.position.auditBytes else { return }
        fold.position.auditBytes = size
        try savePosition()
    }

    private func warnOfGeneration() {
        guard let wanted = settings.currentGeneration, wanted != fold.position.generation else {
            return
        }
        warnings.append(
            "CURRENT_GEN is \(wanted), the board is in generation \(fold.position.generation):"
                + " the board's own holds"
        )
    }

    /// Puts the state together anew from the ledger, after a step failed.
    func reload() throws(HiveError) {
        let restored = try HiveError.wrap {
            try ledger.restore(identifierLimit: RecentIdentifiers.capacity)
        }
        guard let restored else { return }
        let before = fold
        fold = Fold(restored, rules: before.context.rules)
        fold.takeKeys(of: before)
        if before.position.generation == fold.position.generation {
            fold.receipts = before.receipts
        }
        try fold.spendNonces(in: ledger)
        startTail()
        try restoreTasks()
        try HiveError.wrap {
            // A journal whose sync failed takes no more until it is opened again.
            quarantine = try Journal(path: settings.quarantine)
            audit = try Journal(path: settings.audit)
            _ = try quarantine.cutTornTail()
            _ = try audit.cutTornTail()
            unmasked = restored.pendingMasks
            _ = try known.load(
                from: quarantine,
                after: restored.position.quarantineBytes,
                generation: restored.position.generation
            )
        }
    }

    /// Reads on from where the position says.
    func startTail() {
        tail = BoardTail(
            offset: fold.position.offset,
            lines: fold.position.lines,
            shift: fold.position.shift
        )
    }

    // MARK: Files

    /// Tries again, while somebody holds the lock, until it is free or the time is up.
    private static func waitForLock(
        _ options: Options,
        _ take: () throws(BoardError) -> FileLock
    ) throws(HiveError) -> FileLock {
        let deadline = SystemClock.monotonicSeconds() + options.lockSecondsMax
        while true {
            do throws(BoardError) {
                return try take()
            } catch {
                guard case .locked = error.code, SystemClock.monotonicSeconds() < deadline else {
                    throw HiveError(error)
                }
            }
            poll(nil, 0, lockRetryMilliseconds)
        }
    }

    private static let lockRetryMilliseconds: Int32 = 20

    private static func openBoard(
        _ settings: Settings,
        creates: Bool
    ) throws(HiveError) -> BoardFile {
        try HiveError.wrap {
            if creates { try BoardFile.create(at: settings.board) }
            return try BoardFile(path: settings.board)
        }
    }
}

extension KernelState {
    /// The state as the ledger has it.
    init(_ restored: Restored) {
        var identifiers = RecentIdentifiers()
        for row in restored.identifiers {
            var text = row.identifier
            _ = text.withUTF8 {
                identifiers.insert(
                    UnsafeRawBufferPointer($0),
                    trace: row.trace,
                    sequence: row.sequence
                )
            }
        }
        self.init(
            sequence: restored.position.sequence,
            accepted: restored.position.accepted,
            quarantined: restored.position.quarantined,
            lastTrace: restored.position.lastTrace,
            lastPhase: restored.position.lastPhase,
            traces: restored.traces.lazy.map {
                (
                    $0.trace,
                    TraceState(
                        cycle: $0.cycle,
                        reached: $0.reached,
                        reachedBefore: $0.reachedBefore,
                        phase: $0.phase,
                        lastSequence: $0.lastSequence
                    )
                )
            },
            identifiers: identifiers,
            signals: RecentSignals(restored.reactions),
            forced: ForcedState(restored.position),
            proofs: ProofTable(restored.traces)
        )
    }
}

extension ProofTable {
    /// What proves the traces' phases, as the ledger has it.
    fileprivate init(_ rows: [TraceRow]) {
        self.init()
        for row in rows {
            for proof in row.proofs { note(proof, in: row.trace) }
        }
    }
}

extension ForcedState {
    /// What overrides had changed, as the ledger has it.
    init(_ position: Position) {
        self.init()
        mutedPorts = position.mutedPorts
        pass = position.pass
        nextGeneration = position.nextGeneration
    }
}

extension RecentSignals {
    /// The signals as the ledger has them.
    init(_ rows: [ReactionRow]) {
        self.init()
        for row in rows {
            append(
                Entry(
                    place: row.place,
                    sequence: row.sequence,
                    trace: row.trace,
                    reaction: Reaction(mask: row.asked, phase: row.phase, depth: row.depth),
                    answered: row.answered
                )
            )
        }
    }
}

extension PendingMask {
    /// The mask that a committed row still waits for; nil where its entry holds no bytes.
    init?(_ row: QuarantineRow) {
        guard let offset = row.offset, let raw = StoredEntry(json: row.entry)?.raw else {
            return nil
        }
        self.init(identifier: row.identifier, offset: offset, raw: raw)
    }
}

extension QuarantineRow {
    /// The row of a refused emit's entry.
    init(refused entry: StoredEntry) {
        self.init(
            identifier: entry.identifier,
            sequence: nil,
            boardGeneration: entry.generation,
            line: nil,
            offset: nil,
            length: entry.length,
            violation: entry.violation,
            maskState: .left,
            entry: entry.json
        )
    }
}
