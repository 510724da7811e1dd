import HiveBlackboard
import HiveKernel
import HiveLedger
import HiveSignal

/// A board seen by a command that changes nothing: the ledger as far as it goes, and the lines
/// after it folded in memory.
struct HiveReader {
    let settings: Settings
    let book: RuleBook
    var fold: Fold
    var view: HiveView
    var boardBytes: Int64
    /// The last sequence that the ledger had when it was opened.
    private let ledgerSequence: Int64
    var tornTail: JSONValue = .null

    /// Reads until the ledger has not moved meanwhile: a daemon may be starting up beside.
    static func steady(_ settings: Settings) throws(HiveError) -> HiveReader {
        var reader = try HiveReader(settings: settings)
        for _ in 0..<readsMax {
            let ledger = try openLedger(settings)
            let now = try HiveError.wrap { try ledger?.position() }
            if now?.sequence ?? 0 == reader.ledgerSequence { break }
            reader = try HiveReader(settings: settings)
        }
        return reader
    }

    private static let readsMax = 8

    /// Folds what the ledger does not have.
    ///
    /// - Throws: exit code 3 where the board or the ledger cannot be read.
    init(
        settings: Settings,
        ownerKey: KeySource = Engine.pinnedKey,
        witnesses: WitnessSource = Engine.approvedWitnesses
    ) throws(HiveError) {
        self.settings = settings
        book = try RuleBook.load(path: settings.rulesPath)
        let ledger = try Self.openLedger(settings)
        let restored = try HiveError.wrap {
            try ledger?.restore(identifierLimit: RecentIdentifiers.capacity)
        }
        view = HiveView(ledger: ledger)
        ledgerSequence = restored?.position.sequence ?? 0
        let board = try HiveError.wrap { try BoardFile(path: settings.board) }
        boardBytes = try HiveError.wrap { try board.size() }
        let journal = try HiveError.wrap { try JournalView(path: settings.quarantine) }
        let history = try AuditHistory(
            source: HiveError.wrap { try JournalView(path: settings.audit) }
        )
        fold = try Self.startingFold(settings, book, restored, history)
        fold.verifyOverrides(ownerKey(settings))
        fold.verifyReceipts(witnesses(settings))
        if let ledger { try fold.spendNonces(in: ledger) }
        try read(board, journal)
    }

    /// True where the ledger has every judged line.
    var isWhole: Bool { fold.state.sequence == ledgerSequence }

    var report: StateReport { StateReport(settings: settings, fold: fold) }

    /// `status` without a daemon.
    func status() throws(HiveError) -> JSONValue {
        let ledger = view.ledger
        let (unseen, tasks) = try HiveError.wrap {
            (try ledger?.unseenCount() ?? 0, try ledger?.taskTotals() ?? TaskTotals())
        }
        return report.status(
            StateReport.Surroundings(
                boardBytes: boardBytes,
                tornTail: tornTail,
                rate: (0, 0),
                boardIsMissing: false,
                unseen: unseen + Int64(view.quarantined.count),
                tasks: tasks,
                rules: book.source,
                rulesAreStale: false,
                warnings: settings.warnings
            )
        )
    }

    private static func openLedger(_ settings: Settings) throws(HiveError) -> Ledger? {
        guard FileProbe.exists(settings.ledger), !RebuildMark(settings).stands else { return nil }
        let path = settings.ledger
        return try HiveError.wrap { try Ledger(path: path, readOnly: true) }
    }

    private static func startingFold(
        _ settings: Settings,
        _ book: RuleBook,
        _ restored: Restored?,
        _ history: AuditHistory
    ) throws(HiveError) -> Fold {
        let rules = settings.rules(of: book)
        var fold: Fold
        if let restored {
            fold = Fold(restored, rules: rules)
            fold.takeReceipts(of: history, from: restored.position.offset)
        } else {
            let generation = try settings.generation(history, rules)
            fold = try Fold.start(
                of: generation,
                history,
                rules: rules,
                boardID: history.boardID ?? ""
            )
        }
        return fold
    }

    /// Folds the lines behind the position.
    private mutating func read(_ board: BoardFile, _ journal: JournalView) throws(HiveError) {
        var known = EntryLookup()
        let position = fold.position
        _ = try HiveError.wrap {
            try known.load(
                from: journal,
                after: position.quarantineBytes,
                generation: position.generation
            )
        }
        let tail = BoardTail(
            offset: position.offset,
            lines: position.lines,
            shift: position.shift
        )
        var reader = self
        do throws(BoardError) {
            try tail.walk(board) { frame, bytes throws(BoardError) in
                try reader.take(frame, bytes, &known, journal, board, tail)
                return true
            }
        } catch {
            throw HiveError(error)
        }
        self = reader
        if let torn = tail.torn {
            tornTail = ["bytes": .integer(torn.length), "ageSeconds": .null]
        }
    }

    private mutating func take(
        _ frame: FramedLine,
        _ bytes: UnsafeRawBufferPointer?,
        _ known: inout EntryLookup,
        _ journal: JournalView,
        _ board: BoardFile,
        _ tail: BoardTail
    ) throws(BoardError) {
        add(
            try fold.judge(
                frame,
                bytes,
                of: board,
                tail,
                known: &known,
                in: journal,
                now: Timestamp(seconds: 0)
            ).outcome
        )
    }

    private mutating func add(_ outcome: Fold.Outcome) {
        switch outcome {
        case .blank: return
        case .accepted(let row, _):
            view.signals.append(row)
            if view.signals.count > 2 * HiveView.overlayMax {
                view.signals.removeFirst(HiveView.overlayMax)
            }
        case .quarantined(let row):
            view.quarantined.append(row)
            if view.quarantined.count > 2 * HiveView.overlayMax {
                view.quarantined.removeFirst(HiveView.overlayMax)
            }
        }
    }
}
