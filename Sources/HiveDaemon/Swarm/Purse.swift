import HiveKernel
import HiveSignal
import HiveWorkers
import Synchronization

/// What may still be spent.
///
/// A call is let through only while its price at worst fits beside what was spent and what other
/// calls may come to. Where it does not fit because of those others, it waits until they are paid;
/// where it does not fit at all, it is refused and never sent.
actor Purse {
    /// What one call may cost, and in which scatter.
    struct Claim: Sendable {
        /// Nil: the call belongs to no scatter.
        var run: Int64?
        var runDollarsMax: Double?
        /// Nil: no price is known.
        var dollarsMax: Double?
        /// For messages.
        var model: String
    }

    private struct Run {
        var spent = 0.0
        var reserved = 0.0
    }

    private let rules: BudgetRules
    private let clock: @Sendable () -> Timestamp
    private var spentEver: Double
    /// What was spent in the last day, in the order of time.
    private var lately: [(milliseconds: Int64, dollars: Double)]
    private var reserved = 0.0
    private var runs: [Int64: Run] = [:]
    private let bells = PurseBells()

    /// - Parameters:
    ///   - rules: the limits; a scatter may have a lower one of its own.
    ///   - spentEver: dollars.
    ///   - spentToday: dollars in the last 24 hours; they count for a day from now.
    ///   - clock: the time.
    init(
        rules: BudgetRules,
        spentEver: Double,
        spentToday: Double,
        clock: @escaping @Sendable () -> Timestamp
    ) {
        self.rules = rules
        self.spentEver = spentEver
        self.clock = clock
        lately = [(clock().milliseconds, spentToday)]
    }

    /// Takes in what a scatter has cost in earlier processes.
    func open(run: Int64, spent: Double) { runs[run, default: Run()].spent = spent }

    func close(run: Int64) { runs[run] = nil }

    /// Sets aside what a call may cost.
    ///
    /// - Throws: `.refused` with the reason: nothing may be sent.
    func reserve(_ claim: Claim) async throws(ModelError) {
        while true {
            guard !Task.isCancelled else { throw ModelError(.cancelled, "the work was cancelled") }
            // Before the look: what is paid after it rings again.
            let rings = bells.rings
            guard let obstacle = try obstacle(to: claim) else { break }
            guard obstacle.mayPass else { throw ModelError(.refused, obstacle.message) }
            await bells.wait(after: rings)
        }
        let dollars = claim.dollarsMax ?? 0
        reserved += dollars
        if let run = claim.run { runs[run, default: Run()].reserved += dollars }
    }

    /// Gives back what was set aside and notes what it came to.
    func settle(_ claim: Claim, dollars: Double?) {
        reserved = max(0, reserved - (claim.dollarsMax ?? 0))
        let spent = dollars ?? 0
        spentEver += spent
        if spent > 0 { lately.append((clock().milliseconds, spent)) }
        if let run = claim.run {
            var standing = runs[run, default: Run()]
            standing.reserved = max(0, standing.reserved - (claim.dollarsMax ?? 0))
            standing.spent += spent
            runs[run] = standing
        }
        bells.ring()
    }

    /// How many calls wait until others are paid.
    nonisolated var waiting: Int { bells.count }

    private struct Obstacle {
        var message: String
        /// True: calls under way may leave room when they are paid.
        var mayPass: Bool
    }

    private struct Limit {
        var name: String
        var dollars: Double
        var spent: Double
        var reserved: Double
    }

    private func obstacle(to claim: Claim) throws(ModelError) -> Obstacle? {
        let limits = limits(for: claim)
        guard !limits.isEmpty else { return nil }
        guard let price = claim.dollarsMax else {
            throw ModelError(
                .refused,
                "there is a budget, and no price is known for the model \(claim.model)",
                hint: "add it to specs/prices.yaml"
            )
        }
        // What the day allows comes back with time; it is not waited for.
        for limit in limits where limit.spent + limit.reserved + price > limit.dollars {
            let left = Self.text(max(0, limit.dollars - limit.spent))
            return Obstacle(
                message: "the budget of \(Self.text(limit.dollars)) \(limit.name) would be passed:"
                    + " \(left) are left, and the call may cost \(Self.text(price))",
                mayPass: limit.reserved > 0
            )
        }
        return nil
    }

    private func limits(for claim: Claim) -> [Limit] {
        var limits: [Limit] = []
        if let run = claim.run {
            let standing = runs[run, default: Run()]
            let dollars = [claim.runDollarsMax, rules.dollarsPerRun].compactMap { $0 }.min()
            if let dollars {
                limits.append(
                    Limit(
                        name: "of this scatter",
                        dollars: dollars,
                        spent: standing.spent,
                        reserved: standing.reserved
                    )
                )
            }
        }
        if let dollars = rules.dollarsPerDay {
            let since = clock().milliseconds - TaskBudget.dollarWindowSeconds * 1_000
            lately.removeAll { $0.milliseconds < since }
            let spent = lately.reduce(0) { $0 + $1.dollars }
            limits.append(
                Limit(name: "a day", dollars: dollars, spent: spent, reserved: reserved)
            )
        }
        if let dollars = rules.dollarsTotal {
            limits.append(
                Limit(name: "in all", dollars: dollars, spent: spentEver, reserved: reserved)
            )
        }
        return limits
    }

    /// Dollars as people read them: `$0.01`, `$0.000042`.
    static func text(_ dollars: Double) -> String {
        guard dollars > 0, dollars < 1e12 else { return dollars > 0 ? "$\(dollars)" : "$0" }
        let places = dollars >= 0.01 ? 4 : 8
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        let units = Int64((dollars * scale).rounded())
        let whole = units / Int64(scale)
        var fraction = String(units % Int64(scale))
        fraction = String(repeating: "0", count: places - fraction.count) + fraction
        while fraction.count > 2, fraction.hasSuffix("0") { fraction.removeLast() }
        return "$\(whole).\(fraction)"
    }
}

/// Who waits at the purse: each looks again when something was paid, or when it is cancelled.
private final class PurseBells: Sendable {
    private struct State {
        var next = 0
        var rings = 0
        var hung: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    var count: Int { state.withLock { $0.hung.count } }
    /// How often it has rung.
    var rings: Int { state.withLock { $0.rings } }

    /// Waits for the first ring after those that were heard.
    func wait(after heard: Int) async {
        let ticket = state.withLock { state in
            state.next += 1
            return state.next
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { bell in
                let hangs = state.withLock { state in
                    // Under the lock: a ring or a cancellation from now on finds the bell.
                    let hangs = state.rings == heard && !Task.isCancelled
                    if hangs { state.hung[ticket] = bell }
                    return hangs
                }
                if !hangs { bell.resume() }
            }
        } onCancel: {
            state.withLock { $0.hung.removeValue(forKey: ticket) }?.resume()
        }
    }

    func ring() {
        let hung = state.withLock { state in
            state.rings += 1
            defer { state.hung = [:] }
            return state.hung
        }
        for bell in hung.values { bell.resume() }
    }
}
