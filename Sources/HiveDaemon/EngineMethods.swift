import HiveBlackboard
import HiveControl
import HiveKernel
import HiveLedger
import HiveSignal

/// The methods that need the engine itself, as JSON in and out: run on the thread that owns it.
extension Engine {
    /// `state` and `status` as the engine sees them.
    func report(daemon: JSONValue) -> StateReport {
        StateReport(settings: settings, fold: fold, daemon: daemon)
    }

    func status(daemon: JSONValue) throws(HiveError) -> JSONValue {
        let board = self.board
        let size = boardIsMissing ? 0 : try HiveError.wrap { try board.size() }
        let ledger = self.ledger
        let (unseen, tasks) = try HiveError.wrap {
            (try ledger.unseenCount(), try ledger.taskTotals())
        }
        let now = clock()
        let rate = (
            tenSeconds: rate.perSecond(over: 10, at: now), minute: rate.perSecond(over: 60, at: now)
        )
        var torn: JSONValue = .null
        if let tail = tail.torn {
            let age = tail.since.duration(to: .now)
            torn = [
                "bytes": .integer(tail.length),
                "ageSeconds": .double(age / .seconds(1)),
            ]
        }
        return report(daemon: daemon).status(
            StateReport.Surroundings(
                boardBytes: size,
                tornTail: torn,
                rate: rate,
                boardIsMissing: boardIsMissing,
                unseen: unseen,
                tasks: tasks,
                overBudget: overBudget,
                rules: book.source,
                rulesAreStale: rulesAreStale,
                warnings: settings.warnings + warnings + (failure.map { ["\($0)"] } ?? [])
            )
        )
    }

    func release(_ params: JSONValue) throws(HiveError) -> JSONValue {
        let mended = params["line"]?.stringValue.map { Array($0.utf8) }
        return try release(try Self.identifier(params), mended: mended).json
    }

    func restore(_ params: JSONValue) throws(HiveError) -> JSONValue {
        let identifier = try Self.identifier(params)
        try restore(identifier)
        return ["restored": true, "id": .string(try entry(identifier).identifier)]
    }

    func discard(_ params: JSONValue) throws(HiveError) -> JSONValue {
        let identifiers = params["ids"]?.arrayValue?.compactMap(\.stringValue) ?? []
        guard !identifiers.isEmpty else {
            throw .usage("no ids given", hint: "hive quarantine list shows them")
        }
        return ["discarded": .integer(Int64(try discard(identifiers)))]
    }

    /// Reads the rule book anew; a broken one changes nothing.
    func reloadRules() throws(HiveError) -> JSONValue {
        try look(live: true)
        let fresh = try RuleBook.load(path: settings.presentRulesPath)
        try Workers.check(settings, rules(of: fresh))
        let changed = fresh.text != book.text
        try takeRules(fresh, last: heldRules)
        try savePosition()
        return ["changed": .bool(changed), "offset": .integer(fold.position.offset)]
    }

    private static func identifier(_ params: JSONValue) throws(HiveError) -> String {
        guard let identifier = params["id"]?.stringValue, !identifier.isEmpty else {
            throw .usage("no id of an entry given", hint: "hive quarantine list shows them")
        }
        return identifier
    }

    /// The lines of an `emit` request.
    static func lines(_ params: JSONValue) throws(HiveError) -> [EmittedLine] {
        var lines: [EmittedLine] = []
        for value in params["lines"]?.arrayValue ?? [] { lines.append(try line(of: value)) }
        guard !lines.isEmpty else { throw .usage("no lines given", hint: "give one or more") }
        return lines
    }

    /// The one line of a request.
    static func line(_ params: JSONValue) throws(HiveError) -> EmittedLine {
        guard let value = params["line"] else {
            throw .usage("no line given", hint: "give one JSON object, as a string")
        }
        return try line(of: value)
    }

    private static func line(of value: JSONValue) throws(HiveError) -> EmittedLine {
        if let text = value.stringValue { return EmittedLine(bytes: Array(text.utf8)) }
        if let text = value["signal"]?.stringValue {
            return EmittedLine(bytes: Array(text.utf8), isPlainSignal: true)
        }
        if let base64 = value["base64"]?.stringValue, let bytes = Base64.decode(Array(base64.utf8))
        {
            return EmittedLine(bytes: bytes)
        }
        throw .usage("a line is no string", hint: "give strings, or {\"base64\":\"…\"}")
    }
}
