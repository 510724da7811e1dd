import HiveBlackboard
import HiveKernel
import HiveLedger
import HiveSignal
import HiveWitness

/// What the audit says of a board, read whole at start: its id, its generations, its rules by
/// offset, what stands.
struct AuditHistory {
    /// Rules and the place from which they hold.
    struct RuleChange: Hashable {
        var generation: Int64
        var offset: Int64
        var source: String
        var text: String
        /// The mode that a flag had put in place of the text's.
        var mode: String?

        /// The rules as a value.
        func rules() throws(HiveError) -> Rules {
            var rules = try RuleBook.parse(text: text, file: "\(source) as audited at \(offset)")
            if let mode = mode.flatMap(Mode.init(rawValue:)) { rules.mode = mode }
            return rules
        }
    }

    var boardID: String?
    /// The generation that the board was adopted in.
    private(set) var firstGeneration: Int64?
    var ruleChanges: [RuleChange] = []
    var tampered: String?
    /// The generations some of whose judged lines are no longer in their file, whatever was said
    /// of it since.
    private(set) var lossy: Set<Int64> = []
    /// The keys that accepted overrides were verified with, by generation and offset.
    private var overrideKeys: [Int64: [Int64: OwnerKey]] = [:]
    /// The receipts that counted, by generation and offset.
    private var receipts: [Int64: [Int64: ReceiptName]] = [:]
    /// Entries whose bytes a person put back on the board.
    var restored: Set<String> = []
    /// The generations that ended, in order.
    private(set) var flips: [AuditEvent.Flip] = []
    /// The end that was begun last and of which nothing more is said.
    private(set) var pendingFlip: AuditEvent.Flip?
    private(set) var late: [AuditEvent.LateLines] = []

    /// Reads the journal from its start.
    init(source: some EntrySource) throws(HiveError) {
        var history = AuditHistory()
        try HiveError.wrap {
            try source.forEachEntry(from: 0) { _, line in
                if let event = AuditEvent(parsing: line) { history.take(event) }
            }
        }
        self = history
    }

    private init() {}

    /// The generation of the board; nil where none was adopted.
    var generation: Int64? { flips.last?.next ?? firstGeneration }

    /// The last sequence of the generations before; 0 for the first.
    func start(of generation: Int64) -> Int64 {
        flips.last { $0.next == generation }?.sequence ?? 0
    }

    /// The generation in which the line with this sequence was judged; nil where none was adopted.
    func generation(of sequence: Int64) -> Int64? {
        let late = late.first { $0.after < sequence && sequence <= $0.after + $0.count }
        if let late { return late.generation }
        return flips.first { sequence <= $0.sequence }?.generation ?? generation
    }

    /// The rules of a generation by offset, parsed; those that it began with stand at 0.
    func schedule(of generation: Int64) throws(HiveError) -> [Fold.ScheduledRules] {
        var schedule: [Fold.ScheduledRules] = []
        let before = ruleChanges.last { $0.generation < generation }
        if let before { schedule.append(.init(offset: 0, rules: try before.rules())) }
        for change in ruleChanges where change.generation == generation {
            schedule.append(.init(offset: change.offset, rules: try change.rules()))
        }
        return schedule
    }

    /// The keys that a generation's overrides were verified with, by offset: a verdict stands,
    /// whichever key is pinned now.
    func overrideKeys(of generation: Int64) -> [Int64: OwnerKey] {
        overrideKeys[generation] ?? [:]
    }

    /// The receipts that counted in a generation, by the offset of their lines.
    func receipts(of generation: Int64) -> [Int64: ReceiptName] { receipts[generation] ?? [:] }

    /// Late lines of other generations that were judged while this one was the board's, in order.
    func late(during generation: Int64) -> [AuditEvent.LateLines] {
        late.filter { $0.boardGeneration == generation }
    }

    /// Where the numbers of a generation's lines jump: behind late lines of others, and where its
    /// own come late.
    func skips(in generation: Int64) -> [Fold.Skip] {
        late.compactMap { lines in
            if lines.generation == generation {
                return Fold.Skip(offset: lines.offset, sequence: lines.after)
            }
            guard lines.boardGeneration == generation else { return nil }
            return Fold.Skip(offset: lines.boardOffset, sequence: lines.after + lines.count)
        }
    }

    /// The end of this generation, of which the ledger does not know yet.
    func ending(_ generation: Int64) -> AuditEvent.Flip? {
        [pendingFlip, flips.last].compactMap(\.self).first { $0.generation == generation }
    }

    private mutating func take(_ event: AuditEvent) {
        switch event {
        case .adopted(let boardID, let generation):
            self.boardID = boardID
            firstGeneration = generation
        case .rules(let generation, let offset, let source, let text, let mode):
            ruleChanges.append(
                RuleChange(
                    generation: generation,
                    offset: offset,
                    source: source,
                    text: text,
                    mode: mode
                )
            )
        case .restored(let entry): restored.insert(entry)
        case .tampered(let generation, let message, _):
            tampered = message
            lossy.insert(generation)
        case .repaired(let generation):
            tampered = nil
            lossy.remove(generation)
        case .flipping(let flip): pendingFlip = flip
        case .notFlipped: pendingFlip = nil
        case .flipped(let flip):
            pendingFlip = nil
            // After a crash it is said again.
            flips.removeAll { $0.generation == flip.generation }
            flips.append(flip)
        case .late(let lines):
            // A batch that was not committed is judged again.
            late.removeAll { $0.generation == lines.generation && $0.offset >= lines.offset }
            late.append(lines)
        case .overridden(let override): take(override)
        case .witnessed(let event):
            receipts[event.generation, default: [:]][event.offset] = event.receipt
        case .released, .discarded, .checkpoint: break
        }
    }

    private mutating func take(_ override: AuditEvent.OverrideEvent) {
        if override.action == Override.tampering.action { tampered = nil }
        let key = Base64.decode(Array(override.key.utf8)).flatMap { OwnerKey(bytes: $0) }
        guard let key else { return }
        overrideKeys[override.generation, default: [:]][override.offset] = key
    }
}

extension Settings {
    /// The generation of a board that no ledger knows: by the audit, else by the archives; what is
    /// set counts for a new board only (SPEC §7).
    ///
    /// Throws exit code 2 where no signal of what is set could pass G6.
    func generation(_ history: AuditHistory, _ rules: Rules) throws(HiveError) -> Int64 {
        if let known = history.generation ?? ArchiveFolder(self).newest()?.next { return known }
        guard let currentGeneration else { return rules.minimumGeneration }
        guard currentGeneration >= rules.minimumGeneration else {
            throw .usage(
                "CURRENT_GEN is \(currentGeneration), and by the rules generations begin with"
                    + " \(rules.minimumGeneration): no signal of such a board could pass G6",
                hint: "unset CURRENT_GEN, or set generation.minimum in the rule book"
            )
        }
        return currentGeneration
    }

    /// The book's rules, with the mode that a flag puts in their place.
    func rules(of book: RuleBook) -> Rules {
        var rules = book.rules
        if let modeOverride { rules.mode = modeOverride }
        return rules
    }
}

extension Fold {
    /// The fold that a generation begins with, as the audit has it.
    ///
    /// - `rules`: those that hold where the audit names none.
    static func start(
        of generation: Int64,
        _ history: AuditHistory,
        rules: Rules,
        boardID: String
    ) throws(HiveError) -> Fold {
        let start = history.start(of: generation)
        var position = Position(
            boardID: boardID,
            generation: generation,
            chain: HashChain(boardID: boardID).head
        )
        position.generationStart = start
        position.sequence = start
        var fold = Fold(state: KernelState(after: start), position: position, rules: rules)
        fold.overrides.audited = history.overrideKeys(of: generation)
        fold.receipts.audited = history.receipts(of: generation)
        fold.receipts.auditedUntil = .max
        fold.schedule = try history.schedule(of: generation)[...]
        fold.skips = history.skips(in: generation)[...]
        return fold
    }
}
