import HiveKernel
import HiveSignal
import HiveWorkers
import Synchronization
import Testing

@testable import HiveDaemon

/// What may still be spent, by scatter, by day and in all.
@Suite struct PurseTests {
    /// A clock that the test turns.
    private final class Clock: Sendable {
        private let milliseconds = Mutex<Int64>(1_700_000_000_000)
        func pass(hours: Int64) { milliseconds.withLock { $0 += hours * 3_600_000 } }
        var now: Timestamp {
            let milliseconds = milliseconds.withLock { $0 }
            return Timestamp(seconds: milliseconds / 1_000)
        }
    }

    private let clock = Clock()

    private func purse(
        run: Double? = nil,
        day: Double? = nil,
        total: Double? = nil,
        spentEver: Double = 0,
        spentToday: Double = 0
    ) -> Purse {
        var rules = BudgetRules()
        rules.dollarsPerRun = run
        rules.dollarsPerDay = day
        rules.dollarsTotal = total
        let clock = clock
        return Purse(rules: rules, spentEver: spentEver, spentToday: spentToday) { clock.now }
    }

    private func claim(
        _ dollars: Double?,
        run: Int64? = nil,
        atMost: Double? = nil
    ) -> Purse.Claim {
        Purse.Claim(run: run, runDollarsMax: atMost, dollarsMax: dollars, model: "m-1")
    }

    private func refusal(_ purse: Purse, _ claim: Purse.Claim) async -> ModelError? {
        do throws(ModelError) {
            try await purse.reserve(claim)
            return nil
        } catch {
            return error
        }
    }

    private func someoneWaits(at purse: Purse) async {
        while purse.waiting == 0 { await Task.yield() }
    }

    @Test func `without a limit everything passes, whatever it costs`() async {
        let purse = purse()
        #expect(await refusal(purse, claim(1e9)) == nil)
        #expect(await refusal(purse, claim(nil)) == nil)
    }

    @Test func `a scatter's own budget counts its own calls only`() async throws {
        let purse = purse()
        for run: Int64 in [1, 2] {
            let one = claim(0.4, run: run, atMost: 1)
            try await purse.reserve(one)
            await purse.settle(one, dollars: 0.4)
        }
        #expect(await refusal(purse, claim(0.6, run: 1, atMost: 1)) == nil)
        let error = await refusal(purse, claim(0.7, run: 2, atMost: 1))
        #expect(error?.kind == .refused)
        #expect(
            error?.message == "the budget of $1.00 of this scatter would be passed: $0.60 are left,"
                + " and the call may cost $0.70"
        )
    }

    @Test func `of the rule book's limit and the scatter's the lower one holds`() async {
        let purse = purse(run: 0.5)
        #expect(await refusal(purse, claim(0.6, run: 1, atMost: 9))?.kind == .refused)
        #expect(await refusal(purse, claim(0.4, run: 1, atMost: 0.3))?.kind == .refused)
        #expect(await refusal(purse, claim(0.4, run: 1)) == nil)
    }

    @Test func `what a scatter has cost in an earlier process counts`() async {
        let purse = purse()
        await purse.open(run: 7, spent: 0.9)
        #expect(await refusal(purse, claim(0.2, run: 7, atMost: 1))?.kind == .refused)
        #expect(await refusal(purse, claim(0.1, run: 7, atMost: 1)) == nil)
    }

    @Test func `the day's budget comes back with the day`() async throws {
        let purse = purse(day: 1, spentToday: 0.5)
        #expect(await refusal(purse, claim(0.6))?.message.contains("$1.00 a day") == true)
        clock.pass(hours: 12)
        let later = claim(0.5)
        try await purse.reserve(later)
        await purse.settle(later, dollars: 0.5)
        #expect(await refusal(purse, claim(0.1))?.kind == .refused)
        // The first half dollar is more than a day old now, the second is not.
        clock.pass(hours: 13)
        #expect(await refusal(purse, claim(0.6))?.kind == .refused)
        #expect(await refusal(purse, claim(0.5)) == nil)
    }

    @Test func `the total never comes back`() async {
        let purse = purse(total: 10, spentEver: 9.5)
        clock.pass(hours: 10_000)
        #expect(await refusal(purse, claim(0.6))?.message.contains("$10.00 in all") == true)
        #expect(await refusal(purse, claim(0.5)) == nil)
    }

    @Test func `a call that failed gives back what was set aside`() async throws {
        let purse = purse(total: 1)
        let one = claim(1, run: 1)
        try await purse.reserve(one)
        await purse.settle(one, dollars: nil)
        #expect(await refusal(purse, claim(1, run: 1)) == nil)
    }

    @Test func `a call that cost less than was set aside leaves the rest`() async throws {
        let purse = purse(total: 1)
        let one = claim(0.9)
        try await purse.reserve(one)
        await purse.settle(one, dollars: 0.2)
        #expect(await refusal(purse, claim(0.9))?.message.contains("$0.80 are left") == true)
        #expect(await refusal(purse, claim(0.8)) == nil)
    }

    @Test func `a model without a price is refused where there is a budget`() async {
        let error = await refusal(purse(day: 5), claim(nil))
        #expect(error?.kind == .refused)
        #expect(error?.message.contains("no price is known for the model m-1") == true)
        #expect(error?.hint == "add it to specs/prices.yaml")
    }

    @Test func `what does not fit beside calls under way waits until they are paid`() async throws {
        let purse = purse(total: 1)
        let first = claim(0.7)
        try await purse.reserve(first)
        async let second = refusal(purse, claim(0.7))
        // It is let through or refused only by what the first comes to.
        await someoneWaits(at: purse)
        await purse.settle(first, dollars: 0.1)
        #expect(await second == nil)
        async let third = refusal(purse, claim(0.7))
        await someoneWaits(at: purse)
        await purse.settle(claim(0.7), dollars: 0.7)
        #expect(await third?.kind == .refused)
    }

    @Test func `a call that waits is let go when its task is cancelled`() async throws {
        let purse = purse(total: 1)
        let first = claim(0.9)
        try await purse.reserve(first)
        let waiting = Task { await refusal(purse, claim(0.9)) }
        await someoneWaits(at: purse)
        waiting.cancel()
        // Nobody settles: it must not need that.
        #expect(await waiting.value?.kind == .cancelled)
        await purse.settle(first, dollars: 0)
        #expect(await refusal(purse, claim(1)) == nil)
    }

    @Test func `however many ask at once, no more is spent than there is`() async {
        let purse = purse(total: 1)
        let paid = await withTaskGroup(of: Int.self) { group in
            for number in 0..<512 {
                group.addTask {
                    let one = claim(0.01, run: Int64(number % 3))
                    guard await refusal(purse, one) == nil else { return 0 }
                    // Every third fails, the others come to all that they might.
                    let fails = number % 3 == 0
                    await purse.settle(one, dollars: fails ? nil : 0.01)
                    return fails ? 0 : 1
                }
            }
            return await group.reduce(0, +)
        }
        // Sums of cents are not exact: the last one may or may not fit.
        #expect((99...100).contains(paid))
        #expect(await refusal(purse, claim(0.02))?.kind == .refused)
    }

    @Test(arguments: [
        (0.0, "$0"), (1, "$1.00"), (0.01, "$0.01"), (0.0004, "$0.0004"), (0.000042, "$0.000042"),
        (12.3456, "$12.3456"), (1234.5, "$1234.50"),
    ])
    func `dollars read as people write them`(dollars: Double, text: String) {
        #expect(Purse.text(dollars) == text)
    }
}
