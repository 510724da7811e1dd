import HiveKernel
import HiveLedger
import HiveSignal

/// HiveControl's `Method.why`: what led to a line, and what it led to.
struct Why {
    let ledger: Ledger
    let rules: Rules

    /// How many answers to a signal are listed.
    static let repliesMax = 100

    /// - Throws: exit code 2 for an id that nothing has.
    func explain(_ params: JSONValue) throws(HiveError) -> JSONValue {
        guard let reference = params["id"]?.stringValue, !reference.isEmpty else {
            throw .usage("no id given", hint: "hive log --json and hive quarantine list show ids")
        }
        if let name = TaskName(reference) { return try task(name) }
        if let signal = try find(reference) { return try explain(signal) }
        if let row = try quarantined(reference) { return explain(row) }
        return try entry(reference)
    }

    /// The signal that an id, a place (`s-…`) or a sequence number names.
    private func find(_ reference: String) throws(HiveError) -> SignalRow? {
        let composer = AssignmentComposer(ledger: ledger, personas: .builtIn)
        if let signal = try composer.find(reference) { return signal }
        guard let sequence = Int64(reference) else { return nil }
        let ledger = self.ledger
        return try HiveError.wrap { try ledger.signal(sequence: sequence) }
    }

    /// The entry of the line that a sequence number or a place names.
    private func quarantined(_ reference: String) throws(HiveError) -> QuarantineRow? {
        let ledger = self.ledger
        return try HiveError.wrap { () throws(LedgerError) in
            if let sequence = Int64(reference) { return try ledger.quarantine(sequence: sequence) }
            guard let place = SignalPlace(reference) else { return nil }
            return try ledger.quarantine(boardGeneration: place.generation, offset: place.offset)
        }
    }

    private func explain(_ row: QuarantineRow) -> JSONValue {
        ["kind": "entry", "entry": QuarantineText.whole(row, rules: rules)]
    }

    private func explain(_ signal: SignalRow) throws(HiveError) -> JSONValue {
        let composer = AssignmentComposer(ledger: ledger, personas: .builtIn)
        let view = HiveView(ledger: ledger)
        let ledger = self.ledger
        let place = SignalPlace(generation: signal.generation, offset: signal.offset)
        let (asked, replies) = try HiveError.wrap {
            (
                try ledger.tasks(askedAt: signal.sequence),
                try ledger.signals(
                    answering: (signal.reference, place.text),
                    limit: Self.repliesMax
                )
            )
        }
        var tasks: [JSONValue] = []
        for row in asked { tasks.append(try view.json(row)) }
        var answers: JSONValue = .null
        if let name = signal.task.flatMap({ TaskName($0) }) {
            let row = try HiveError.wrap { try ledger.task(name) }
            if let row, row.outcome == signal.sequence { answers = try view.json(row) }
        }
        return [
            "kind": "signal",
            "place": .string(place.text),
            "signal": LogLine.json(signal),
            "causes": .array(try composer.causes(of: signal).map(Self.brief)),
            "answers": answers,
            "tasks": .array(tasks),
            "replies": .array(replies.map(Self.brief)),
        ]
    }

    /// A LogLine whose message is cut: a hundred of them go into one answer.
    private static func brief(_ row: SignalRow) -> JSONValue {
        var row = row
        row.message = row.message.cut(toBytes: AssignedSignal.messageBytesMax)
        return LogLine.json(row)
    }

    private func task(_ name: TaskName) throws(HiveError) -> JSONValue {
        let ledger = self.ledger
        let (row, signal) = try HiveError.wrap {
            (try ledger.task(name), try ledger.signal(at: name.signal))
        }
        guard row != nil || signal != nil else {
            throw .usage("no task \(name.text) was assigned", hint: "hive tasks lists them")
        }
        let view = HiveView(ledger: ledger)
        return [
            "kind": "task",
            "id": .string(name.text),
            // A ledger that was made anew knows no tasks; the board still has their outcomes.
            "task": try row.map { (row) throws(HiveError) in try view.json(row) } ?? .null,
            "asking": try signal.map { (row) throws(HiveError) in try explain(row) } ?? .null,
        ]
    }

    private func entry(_ reference: String) throws(HiveError) -> JSONValue {
        let row: QuarantineRow
        do throws(HiveError) {
            row = try HiveView(ledger: ledger).entry(reference)
        } catch {
            throw .usage(
                "nothing is called \(RuleValue.quoted(reference))",
                hint: "give the id of a signal, its place (s-…), a task (t-…), a quarantine entry"
                    + " (q-…) or a sequence of hive log"
            )
        }
        return explain(row)
    }
}
