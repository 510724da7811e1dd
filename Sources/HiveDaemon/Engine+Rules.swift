import HiveControl
import HiveKernel
import HiveLedger
import HiveSignal

/// The rules under a running engine: which hold, since when, and a mode in the book's place.
extension Engine {
    /// The rules in force, as the audit has them.
    var heldRules: AuditHistory.RuleChange {
        AuditHistory.RuleChange(
            generation: fold.position.generation,
            offset: rulesSince,
            source: book.source,
            text: book.text,
            mode: modeInPlace?.rawValue
        )
    }

    /// Changes the rules from here on, and says so in the audit, where they are not the last ones.
    func takeRules(_ book: RuleBook, last: AuditHistory.RuleChange?) throws(HiveError) {
        let mode = modeInPlace?.rawValue
        var since = last?.offset ?? 0
        if last?.text != book.text || last?.mode != mode {
            since = fold.position.offset
            try record(
                .rules(
                    generation: fold.position.generation,
                    offset: since,
                    source: book.source,
                    text: book.text,
                    mode: mode
                )
            )
        }
        self.book = book
        fold.context.rules = rules
        rulesSince = since
    }

    /// True where the rule book's file says other than what is judged by, or cannot be read.
    var rulesAreStale: Bool {
        guard let path = settings.presentRulesPath else { return false }
        guard case .bytes(let bytes) = BoundedFile.read(path, bytesMax: RuleBook.bytesMax) else {
            return true
        }
        return !bytes.elementsEqual(book.text.utf8)
    }

    /// HiveControl's `Method.rules`.
    var rulesReport: JSONValue {
        RulesReport(book: book, mode: rules.mode, inPlace: modeInPlace, since: rulesSince).json
    }

    /// HiveControl's `Method.rulesMode`: what was judged stays as it is.
    func setMode(_ params: JSONValue) throws(HiveError) -> JSONValue {
        let mode = try Self.mode(params)
        try look(live: true)
        let held = heldRules
        let before = rules.mode
        let replaced = modeInPlace
        modeInPlace = mode
        do throws(HiveError) {
            try takeRules(book, last: held)
        } catch {
            // Rules that the audit does not know of must not hold.
            modeInPlace = replaced
            throw error
        }
        try savePosition()
        return [
            "changed": .bool(rules.mode != before),
            "mode": .string(rules.mode.rawValue),
            "offset": .integer(fold.position.offset),
        ]
    }

    private static func mode(_ params: JSONValue) throws(HiveError) -> Mode? {
        let hint = "strict, paired or observe; null for the book's own"
        guard let value = params["mode"] else { throw .usage("no mode given", hint: hint) }
        guard !value.isNull else { return nil }
        guard let mode = value.stringValue.flatMap(Mode.init(rawValue:)) else {
            throw .usage("no mode \(value.stringValue ?? value.text)", hint: hint)
        }
        return mode
    }
}

/// HiveControl's `Method.rules`.
struct RulesReport {
    var book: RuleBook
    var mode: Mode
    var inPlace: Mode?
    var since: Int64

    var json: JSONValue {
        [
            "source": .string(book.source),
            "mode": .string(mode.rawValue),
            "inPlace": .optional(inPlace?.rawValue),
            "text": .string(book.text),
            "since": .integer(since),
        ]
    }
}
