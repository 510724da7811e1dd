package import HiveSignal

/// Decides which asked ports are assigned: the strongest marks first, as long as the budget lasts.
///
/// Verdicts never depend on it: a fold knows a task by its name, whether it was assigned or not.
package struct TaskBudget: Sendable, Hashable {
    /// The window of `tasks_per_hour`.
    package static let windowSeconds: Int64 = 3_600
    /// The window of `dollars_per_day`.
    package static let dollarWindowSeconds: Int64 = 86_400

    /// Tasks not yet answered.
    package private(set) var open: Int64
    /// Tasks assigned in each of the last seconds, the oldest first.
    private var assigned: [Tally]
    private var assignedCount: Int64

    private struct Tally: Sendable, Hashable {
        var second: Int64
        var count: Int64
    }

    /// The budget as a restart finds it.
    ///
    /// - Parameters:
    ///   - open: tasks not yet answered.
    ///   - assigned: Unix seconds, rising, and how many tasks were assigned in each.
    package init(open: Int64 = 0, assigned: [(second: Int64, count: Int64)] = []) {
        self.open = open
        self.assigned = assigned.map { Tally(second: $0.second, count: $0.count) }
        assignedCount = assigned.reduce(0) { $0 + $1.count }
    }

    /// Takes as many of the candidates as the budget has room for, the strongest marks first.
    ///
    /// They come in the order of the board, which decides between equal marks; those that are
    /// assigned are given back in that order too.
    package mutating func admit<Candidate>(
        _ candidates: [Candidate],
        mark: (Candidate) -> Double,
        now: Timestamp,
        rules: BudgetRules
    ) -> [Candidate] {
        forget(before: now.seconds - Self.windowSeconds)
        let room = min(rules.tasksOpen - open, rules.tasksPerHour - assignedCount)
        guard room > 0, !candidates.isEmpty else { return [] }
        let admitted: [Candidate]
        if candidates.count <= room {
            admitted = candidates
        } else {
            let strongest = candidates.indices
                .sorted { (mark(candidates[$1]), $0) < (mark(candidates[$0]), $1) }
                .prefix(Int(room))
            admitted = strongest.sorted().map { candidates[$0] }
        }
        open += Int64(admitted.count)
        count(Int64(admitted.count), at: now.seconds)
        return admitted
    }

    /// Notes that tasks are no longer open: answered, lapsed or given up.
    package mutating func close(_ count: Int64) { open = max(0, open - count) }

    private mutating func count(_ count: Int64, at second: Int64) {
        if let last = assigned.indices.last, assigned[last].second >= second {
            assigned[last].count += count
        } else {
            assigned.append(Tally(second: second, count: count))
        }
        assignedCount += count
    }

    private mutating func forget(before second: Int64) {
        let kept = assigned.firstIndex { $0.second > second } ?? assigned.count
        guard kept > 0 else { return }
        assignedCount -= assigned[..<kept].reduce(0) { $0 + $1.count }
        assigned.removeFirst(kept)
    }
}

/// How strong a mark still is: pheromone evaporates.
package enum Evaporation {
    private static let naturalLogOf2 = 0.693_147_180_559_945_3
    /// Beyond so many half-lives nothing is left that a mark could show.
    private static let halvingsMax = 1_000.0

    /// The mark after `seconds`, halved once every `halfLifeSeconds`; nil: it does not fade.
    package static func mark(
        _ mark: Double,
        afterSeconds seconds: Double,
        halfLifeSeconds: Int64?
    ) -> Double {
        guard let halfLifeSeconds, halfLifeSeconds > 0, seconds > 0 else { return mark }
        let halvings = min(seconds / Double(halfLifeSeconds), halvingsMax)
        let whole = halvings.rounded(.down)
        // e^-x for 0 ≤ x < ln 2, by its series: 14 terms are exact to the last bits of a Double.
        let exponent = -(halvings - whole) * naturalLogOf2
        var term = 1.0
        var sum = 1.0
        for step in 1...14 {
            term *= exponent / Double(step)
            sum += term
        }
        return mark * sum * Double(sign: .plus, exponent: -Int(whole), significand: 1)
    }
}
