import HiveLedger
import HiveSignal

extension HiveView {
    /// How many tasks `tasks` gives where nobody says.
    static let tasksDefault = 20

    /// `tasks`: what was asked, by whom, and what became of it.
    func tasks(_ params: JSONValue) throws(HiveError) -> JSONValue {
        let rows: [TaskRow]
        if let text = params["id"]?.stringValue {
            rows = [try task(text)]
        } else {
            let wanted = params["last"]?.integerValue ?? Int64(Self.tasksDefault)
            let limit = Int(max(0, min(wanted, Int64(Self.linesMax))))
            let isOpen = params["open"]?.boolValue ?? false
            rows = try HiveError.wrap {
                guard let ledger else { return [] }
                guard isOpen else { return try ledger.tasks(last: limit) }
                return try ledger.tasks(in: [.waiting, .running, .answered], limit: limit)
            }
        }
        var tasks: [JSONValue] = []
        for row in rows { tasks.append(try json(row)) }
        return ["tasks": .array(tasks)]
    }

    private func task(_ text: String) throws(HiveError) -> TaskRow {
        guard let name = TaskName(text) else {
            throw .usage(
                "\(text.debugDescription) is no task",
                hint: "t-GENERATION-OFFSET-PORT; hive tasks lists them"
            )
        }
        let row = try HiveError.wrap { try ledger?.task(name) }
        guard let row else {
            throw .usage("no task \(name.text) was assigned", hint: "hive tasks lists them")
        }
        return row
    }

    /// One task as `tasks` gives it.
    func json(_ row: TaskRow) throws(HiveError) -> JSONValue {
        let (signal, outcome) = try HiveError.wrap {
            (
                try ledger?.signal(sequence: row.sequence),
                try row.outcome.flatMap { try ledger?.signal(sequence: $0) }
            )
        }
        return [
            "id": .string(row.name.text),
            "state": .string(row.state.word),
            "port": .integer(Int64(row.name.port.rawValue)),
            "commander": .string(row.name.port.commander),
            "hive": .string(row.phase.letter),
            "depth": .integer(Int64(row.depth)),
            "mark": .double(row.mark),
            "traceId": .string(row.trace.hex),
            "signal": signal.map { AssignedSignal($0).json } ?? .null,
            "outcome": outcome.map { AssignedSignal($0).json } ?? .null,
            "attempts": .integer(row.attempts),
            "assignedAt": Self.time(row.assignedMilliseconds),
            "startedAt": Self.time(row.startedMilliseconds),
            "finishedAt": Self.time(row.finishedMilliseconds),
            "dollars": row.dollars.map { .double($0) } ?? .null,
            "note": .optional(row.note),
        ]
    }

    private static func time(_ milliseconds: Int64?) -> JSONValue {
        guard let milliseconds else { return .null }
        return .string(Timestamp(milliseconds: milliseconds).rfc3339)
    }
}
