import HiveKernel
import HiveLedger
import HiveSignal

/// The tasks that wait for a worker: what the ledger has as `waiting`, at hand.
struct TaskQueue {
    private var rows: [TaskName: TaskRow] = [:]

    init(_ rows: [TaskRow] = []) {
        for row in rows { self.rows[row.name] = row }
    }

    var isEmpty: Bool { rows.isEmpty }

    mutating func insert(_ row: TaskRow) { rows[row.name] = row }
    mutating func remove(_ name: TaskName) { rows[name] = nil }

    /// All that wait, oldest signal first.
    var all: [TaskRow] { rows.values.sorted(by: Self.isBefore) }

    /// Parts those who are still strong enough, the strongest first, from those who have faded.
    ///
    /// Marks are compared as people see them, to two decimals: what is asked with the least mark
    /// that is allowed has a minute or so to wait, and not an instant.
    func parted(at now: Timestamp, rules: ReactionRules) -> (strong: [TaskRow], faded: [TaskRow]) {
        let minimum = (rules.minimumMark * 100).rounded()
        var strong: [(strength: Double, row: TaskRow)] = []
        var faded: [TaskRow] = []
        for row in rows.values {
            let strength = Evaporation.mark(
                row.mark,
                afterSeconds: Double(now.milliseconds - row.assignedMilliseconds) / 1_000,
                halfLifeSeconds: rules.halfLifeSeconds
            )
            if (strength * 100).rounded() >= minimum {
                strong.append((strength, row))
            } else {
                faded.append(row)
            }
        }
        strong.sort { left, right in
            left.strength == right.strength
                ? Self.isBefore(left.row, right.row) : left.strength > right.strength
        }
        return (strong.map(\.row), faded.sorted(by: Self.isBefore))
    }

    private static func isBefore(_ left: TaskRow, _ right: TaskRow) -> Bool {
        (left.sequence, left.name.port) < (right.sequence, right.name.port)
    }
}
