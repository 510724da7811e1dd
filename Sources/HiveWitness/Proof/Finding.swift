/// What runs of the tests show of a phase, by their reports alone.
package struct Finding: Sendable, Hashable {
    /// The tests that prove it.
    package var proving: [String] = []
    /// Codes of SPEC §3; empty where it is proven.
    package var violations: [String] = []
    /// Why it is not proven, with the next step; or what a reader should know.
    package var notes: [String] = []
    /// False: it is not proven, be it without a violation of anybody's.
    package var isProven = true

    /// It is not proven, and here is why.
    mutating func refuse(_ note: String, _ violations: String...) {
        isProven = false
        notes.append(note)
        for violation in violations where !self.violations.contains(violation) {
            self.violations.append(violation)
        }
    }
}

/// A report in sets of names.
struct Tally {
    let passed: Set<String>
    let failed: Set<String>
    /// Those of `failed` that an assertion failed.
    let asserted: Set<String>
    let skipped: Set<String>
    let faults: [String]
    let exitCode: Int32?

    init(_ report: RunReport, exitCode: Int32?) {
        passed = Set(report.cases.filter { $0.outcome == .passed }.map(\.name))
        asserted = Set(report.cases.filter { $0.outcome == .failed(.assertion) }.map(\.name))
        failed = asserted.union(
            report.cases.filter { $0.outcome == .failed(.error) }.map(\.name)
        )
        skipped = Set(report.cases.filter { $0.outcome == .skipped }.map(\.name))
        faults = report.faults
        self.exitCode = exitCode
    }

    var isEmpty: Bool { passed.isEmpty && failed.isEmpty && skipped.isEmpty }
    /// Every test that ran passed, and the runner says so too.
    var isGreen: Bool { faults.isEmpty && failed.isEmpty && !passed.isEmpty && exitCode == 0 }
}

/// Names for people: a few, and how many more.
func few(_ names: some Collection<String>, max: Int = 3) -> String {
    let sorted = names.sorted()
    let shown = sorted.prefix(max).joined(separator: ", ")
    return sorted.count > max ? "\(shown) and \(sorted.count - max) more" : shown
}

// MARK: - What each phase takes

extension Finding {
    /// Red: a test that fails by assertion, in two runs of the same tree.
    static func red(first: Tally, second: Tally) -> Finding {
        var finding = Finding()
        for run in [first, second] {
            guard finding.accepts(run) else { return finding }
        }
        let red = first.asserted.intersection(second.asserted)
        finding.proving = red.sorted()
        let flaky = first.asserted.symmetricDifference(second.asserted)
        if !flaky.isEmpty { finding.notes.append("not the same twice: \(few(flaky))") }
        let otherwise = first.failed.subtracting(first.asserted)
        if !otherwise.isEmpty {
            finding.notes.append("failed otherwise than by assertion: \(few(otherwise))")
        }
        if red.isEmpty {
            finding.refuse(
                first.failed.isEmpty
                    ? "no test fails: write one that the missing behaviour fails"
                    : "no test fails by assertion twice: let the code answer wrongly (a stub) and "
                        + "the test compare",
                "UNWITNESSED"
            )
        }
        return finding
    }

    /// Green: the red tests pass, nothing else fails or is newly skipped.
    static func green(_ run: Tally, red: Receipt) -> Finding {
        var finding = Finding()
        finding.proving = red.proving
        guard finding.accepts(run) else { return finding }
        finding.mustPass(run)
        let known = Set(red.passed).union(red.failed)
        finding.mustKeep(known.union(red.skipped), skipped: Set(red.skipped), in: run)
        let open = Set(red.proving).subtracting(run.passed)
        if !open.isEmpty {
            finding.refuse("still not green: \(few(open))", "UNWITNESSED")
        }
        return finding
    }

    /// Without the change the red tests must not pass.
    ///
    /// `byAssertion`: the code is that of the red, where they failed by assertion.
    mutating func reverted(_ run: Tally, red: Receipt, byAssertion: Bool) {
        let passing = Set(red.proving).intersection(run.passed)
        guard passing.isEmpty else {
            return refuse(
                "\(few(passing)) would pass without this change too: a red that is spent proves "
                    + "nothing; write a test that this change makes pass (--phase I)",
                "REWARD_HACK"
            )
        }
        let silent = Set(red.proving).subtracting(run.asserted)
        guard byAssertion, !silent.isEmpty else { return }
        refuse(
            "with the change reverted \(few(silent)) did not fail by assertion again",
            "UNWITNESSED"
        )
    }

    /// Refactor: what passed before passes after.
    static func refactor(_ run: Tally, base: Tally) -> Finding {
        var finding = Finding()
        guard finding.accepts(run) else { return finding }
        finding.mustPass(run)
        finding.mustKeep(
            base.passed.union(base.skipped),
            skipped: base.skipped,
            in: run
        )
        finding.proving = base.passed.intersection(run.passed).sorted()
        let mended = base.failed.intersection(run.passed)
        if !mended.isEmpty {
            finding.refuse(
                "what failed before passes now: \(few(mended)); that is a green, which is also run "
                    + "without its change (--phase V)",
                "REWARD_HACK"
            )
        }
        if finding.isProven, finding.proving.isEmpty {
            finding.refuse("no test passed before: there is nothing that shows it still works")
        }
        return finding
    }

    // MARK: Parts

    /// False where the report cannot be believed, or no test ran.
    private mutating func accepts(_ run: Tally) -> Bool {
        if let fault = run.faults.first {
            refuse("the test run cannot be believed: \(fault)", "UNWITNESSED")
        } else if run.isEmpty {
            refuse("the runner names no test that ran: an exit code proves nothing", "UNWITNESSED")
        }
        return isProven
    }

    private mutating func mustPass(_ run: Tally) {
        if !run.failed.isEmpty { refuse("tests fail: \(few(run.failed))", "UNWITNESSED") }
        if run.exitCode != 0 {
            refuse(
                run.exitCode.map { "the test command ended with exit code \($0)" }
                    ?? "the test command was ended by a signal or its time limit",
                "UNWITNESSED"
            )
        }
    }

    /// No test may vanish, and none be skipped that was not.
    private mutating func mustKeep(_ known: Set<String>, skipped: Set<String>, in run: Tally) {
        let vanished = known.subtracting(run.passed).subtracting(run.failed)
            .subtracting(run.skipped)
        if !vanished.isEmpty {
            refuse("tests are gone: \(few(vanished))", "REWARD_HACK")
        }
        let newlySkipped = run.skipped.intersection(known).subtracting(skipped)
        if !newlySkipped.isEmpty {
            refuse("newly skipped: \(few(newlySkipped))", "REWARD_HACK")
        }
    }
}
