import HiveBlackboard
import HiveKernel

/// What the audit says of a board, read whole at start: its id, its rules by offset, what stands.
struct AuditHistory {
    /// Rules and the offset from which they hold.
    struct RuleChange: Hashable {
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
    var generation: Int64?
    var ruleChanges: [RuleChange] = []
    var tampered: String?
    /// Entries whose bytes a person put back on the board.
    var restored: Set<String> = []

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

    /// The rules by offset, parsed.
    func schedule() throws(HiveError) -> [Fold.ScheduledRules] {
        var schedule: [Fold.ScheduledRules] = []
        for change in ruleChanges {
            schedule.append(Fold.ScheduledRules(offset: change.offset, rules: try change.rules()))
        }
        return schedule
    }

    private mutating func take(_ event: AuditEvent) {
        switch event {
        case .adopted(let boardID, let generation):
            self.boardID = boardID
            self.generation = generation
        case .rules(_, let offset, let source, let text, let mode):
            ruleChanges.append(
                RuleChange(offset: offset, source: source, text: text, mode: mode)
            )
        case .restored(let entry): restored.insert(entry)
        case .tampered(_, let message, _): tampered = message
        case .repaired: tampered = nil
        case .released, .discarded, .checkpoint: break
        }
    }
}

extension Settings {
    /// The book's rules, with the mode that a flag puts in their place.
    func rules(of book: RuleBook) -> Rules {
        var rules = book.rules
        if let modeOverride { rules.mode = modeOverride }
        return rules
    }
}
