import HiveKernel
import HiveLedger
import HiveSignal

/// HiveControl's `Method.budget`: what the rules allow to be asked, and how much of it is spent.
struct BudgetReport {
    /// Nil where the board has none yet.
    var ledger: Ledger?
    var rules: BudgetRules
    /// Asked and not assigned since the daemon's start.
    var overBudget: Int64 = 0
    var now: Timestamp

    func json() throws(HiveError) -> JSONValue {
        let ledger = self.ledger
        let now = self.now
        let (totals, lastHour, dollars) = try HiveError.wrap {
            let hour = now.seconds - TaskBudget.windowSeconds
            let day = now.milliseconds - TaskBudget.dollarWindowSeconds * 1_000
            return (
                try ledger?.taskTotals() ?? TaskTotals(),
                try ledger?.tasksAssigned(after: hour).reduce(0) { $0 + $1.count } ?? 0,
                try ledger?.dollarsSpent(sinceMilliseconds: day) ?? 0
            )
        }
        return [
            "hour": ["tasks": .integer(lastHour), "limit": .integer(rules.tasksPerHour)],
            "open": ["tasks": .integer(totals.open), "limit": .integer(rules.tasksOpen)],
            "day": [
                "dollars": .double(dollars),
                "limit": rules.dollarsPerDay.map { .double($0) } ?? .null,
            ],
            "waiting": .integer(totals.waiting),
            "running": .integer(totals.running),
            "done": .integer(totals.done),
            "unanswered": .integer(totals.unanswered),
            "overBudget": .integer(overBudget),
        ]
    }
}

extension Engine {
    func budgetReport() throws(HiveError) -> JSONValue {
        try BudgetReport(
            ledger: ledger,
            rules: rules.budget,
            overBudget: overBudget,
            now: clock()
        ).json()
    }
}
