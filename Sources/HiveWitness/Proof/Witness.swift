package import HiveSignal

// How a phase is seen
//
// The tree in question is compared with its base, the tree of the commit that it is to follow.
// Files are of two kinds (`TreeParts`): what is pinned (tests, fixtures, configuration) and code.
// Every proof is a run of some mix of the two:
//
//   red       the tree, twice: a test fails by assertion both times
//   green     the tree: all pass, on exactly the pinned files of the red;
//             its pinned files on the base's code: the red tests do not pass there
//   refactor  the tree: what passed on the base passes; where pinned files changed, the base's own
//             pass on the new code too
//   removal   a refactor with fewer tests: lines went, none came, and the tests that went cannot
//             pass on the code that is left
//
// So a weakened test, a red that is spent and a feature under the name of a refactor are found by
// running them, not by reading them.

/// Runs a project's tests on exact trees and says what they prove.
package struct Witness: Sendable {
    let repository: GitRepository
    let rules: WitnessRules
    let runner: any TestRunner
    let command: [String]
    let room: CleanRoom
    /// The moment, in RFC 3339.
    let now: @Sendable () -> String
    /// Told what it is about to do, for a person who waits.
    let tell: @Sendable (String) -> Void

    /// - Throws: `unwitnessable` where the rules have no test command, or one whose reports nobody
    ///   reads.
    package init(
        repository: GitRepository,
        rules: WitnessRules,
        room: CleanRoom,
        now: @escaping @Sendable () -> String,
        tell: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(WitnessError) {
        guard let command = rules.test, !command.isEmpty else {
            throw WitnessError(
                .unwitnessable,
                "the rules name no test command (witness.test)",
                hint: "name it in specs/rules.yaml, then: hive override approve-rules"
            )
        }
        guard let runner = TestRunners.runner(for: command, named: rules.runner) else {
            throw WitnessError(
                .unwitnessable,
                "no reader knows the reports of \(command.joined(separator: " "))",
                hint: "name the runner itself in witness.test, or set witness.runner to one of "
                    + TestRunners.names.joined(separator: ", ")
            )
        }
        self.repository = repository
        self.rules = rules
        self.room = room
        self.runner = runner
        self.command = command
        self.now = now
        self.tell = tell
    }

    /// What is to be witnessed.
    package struct Question: Sendable {
        package var tree: GitTree
        /// The tree of the commit that it is to follow; the empty tree where it is the first.
        package var base: GitTree
        /// Sound receipts that are known, the oldest first.
        package var known: [SignedReceipt]

        package init(tree: GitTree, base: GitTree, known: [SignedReceipt]) {
            self.tree = tree
            self.base = base
            self.known = known
        }
    }

    /// The phase that a change looks like: pinned files changed, it is I; code on the pinned files
    /// of a red that is open, it is V; else E.
    package func phase(of question: Question) -> Phase {
        let tree = TreeParts(question.tree, rules)
        let base = TreeParts(question.base, rules)
        let red = unspentRed(for: tree, question)
        if tree.pinsDigest == base.pinsDigest {
            return tree.codeDigest != base.codeDigest && red != nil ? .validate : .evolve
        }
        return red.map { $0.receipt.tree != question.tree.id } ?? false ? .validate : .interlock
    }

    /// Runs what the phase takes and says what it shows.
    ///
    /// - Returns: a receipt, proven or not; it is for the caller to sign and keep.
    /// - Throws: `WitnessError` where the runs could not be made.
    package func witness(
        _ phase: Phase,
        _ question: Question
    ) async throws(WitnessError) -> Receipt {
        switch phase {
        case .interlock: try await red(question)
        case .validate: try await green(question)
        case .evolve: try await refactor(question)
        case .hunt, .handoff:
            throw WitnessError(
                .unwitnessable,
                "the phase \(phase.letter) has nothing that a test run could show",
                hint: "witness I (red), V (green) or E (refactor)"
            )
        }
    }

    // MARK: Red

    private func red(_ question: Question) async throws(WitnessError) -> Receipt {
        var report = Draft(self, .red, question)
        tell("running the tests of \(question.tree.id.prefix(12))")
        let (first, second) = try await room.withTree(question.tree) {
            place throws(WitnessError) in
            let first = try await see("tree", place)
            // What did not even run need not run twice.
            let again = first.tally.asserted.isEmpty ? first : try await see("again", place)
            return (first, again)
        }
        report.add(first)
        if !first.tally.asserted.isEmpty { report.add(second) }
        report.finding = .red(first: first.tally, second: second.tally)
        return report.receipt(names: first.tally)
    }

    // MARK: Green

    private func green(_ question: Question) async throws(WitnessError) -> Receipt {
        var draft = Draft(self, .green, question)
        guard let red = openRed(for: draft.tree, question) else {
            draft.finding = try await withoutRed(draft, question)
            return draft.receipt(names: nil)
        }
        draft.red = red
        tell("running the tests of \(question.tree.id.prefix(12))")
        let seen = try await see("tree", question.tree)
        draft.add(seen)
        draft.finding = .green(seen.tally, red: red.receipt)
        guard draft.finding.isProven else { return draft.receipt(names: seen.tally) }

        tell("running the red tests without the change")
        let bare = try await repository.compose(draft.tree.pinned + draft.base.code)
        let reverted = try await see("reverted", bare)
        draft.add(reverted)
        let isCodeOfRed = draft.base.codeDigest == red.receipt.codeDigest
        draft.finding.reverted(reverted.tally, red: red.receipt, byAssertion: isCodeOfRed)
        if draft.finding.isProven, !isCodeOfRed, reverted.tally.asserted.isEmpty {
            // The base has not even the stubs: then the red itself must fail again.
            let again = try await see("red", try await repository.tree(of: red.receipt.tree))
            draft.add(again)
            draft.finding.reverted(again.tally, red: red.receipt, byAssertion: true)
        }
        guard draft.finding.isProven else { return draft.receipt(names: seen.tally) }
        try await findUnneeded(&draft, seen, red.receipt)
        return draft.receipt(names: seen.tally)
    }

    /// The newest red on exactly these pinned files and under these rules, unless it is spent: a
    /// green ended it, on other code than the base has now.
    private func unspentRed(for tree: TreeParts, _ question: Question) -> SignedReceipt? {
        guard let red = openRed(for: tree, question) else { return nil }
        let base = TreeParts(question.base, rules).codeDigest
        let isSpent = question.known.contains { known in
            known.receipt.red == red.id && known.receipt.isProven
                && known.receipt.baseCodeDigest != base
        }
        return isSpent ? nil : red
    }

    /// The newest red on exactly these pinned files and under these rules.
    func openRed(for tree: TreeParts, _ question: Question) -> SignedReceipt? {
        let digest = tree.pinsDigest
        return question.known.last { known in
            known.receipt.kind == .red && known.receipt.isProven
                && known.receipt.pinsDigest == digest && known.receipt.rules == rules.digest
        }
    }

    /// Why there is no red for this tree: none at all, or what it pinned was changed since.
    private func withoutRed(
        _ draft: Draft,
        _ question: Question
    ) async throws(WitnessError) -> Finding {
        var finding = Finding()
        let near = question.known.last { known in
            known.receipt.kind == .red && known.receipt.isProven
                && [known.receipt.tree, known.receipt.base].contains(question.base.id)
        }
        guard let near else {
            finding.refuse(
                "no red receipt goes before this: first the failing tests "
                    + "(hive witness --phase I)",
                "REWARD_HACK",
                "UNWITNESSED"
            )
            return finding
        }
        let redTree = try await repository.tree(of: near.receipt.tree)
        let old = TreeParts(redTree, rules)
        let changed = TreeParts.changed(draft.tree.pinned, from: old.pinned)
        finding.refuse(
            "changed since the red \(near.id): \(few(changed.map(\.name))); put it back, or "
                + "witness the new tests red first (--phase I)",
            "REWARD_HACK"
        )
        let difference = try await repository.difference(
            from: redTree,
            to: question.tree,
            paths: changed.map(\.path),
            bytesMax: Self.differenceBytesMax
        )
        finding.notes.append(difference)
        return finding
    }

    private static let differenceBytesMax = 16_384

    // MARK: What no test needs

    /// Which changed files the red tests do not need: by coverage where the runner tells it, else
    /// by taking each file's change back.
    private func findUnneeded(
        _ draft: inout Draft,
        _ seen: Seen,
        _ red: Receipt
    ) async throws(WitnessError) {
        let changed = TreeParts.changed(draft.tree.code, from: draft.base.code)
            .filter { !TreeParts.isDocument($0) }
        if let covered = seen.report.covered {
            return try await addCoverage(&draft, changed, covered)
        }
        // Where a single file changed, taking it back is what the reverted run did.
        guard changed.count > 1 else { return }
        guard changed.count <= Self.filesTakenBackMax else {
            draft.finding.notes.append(
                "\(changed.count) files changed: too many to see which of them the tests need"
            )
            return
        }
        for file in changed {
            tell("running the tests without the change of \(file.name)")
            let old = draft.base.code.first { $0.path == file.path }
            let others = question(draft).files.filter { $0.path != file.path }
            let tree = try await repository.compose(others + (old.map { [$0] } ?? []))
            let without = try await see("without \(file.name)", tree)
            draft.add(without)
            let stillPassing = Set(red.proving).isSubset(of: without.tally.passed)
            if stillPassing, without.tally.faults.isEmpty { draft.unneeded.append(file.name) }
        }
    }

    private func question(_ draft: Draft) -> GitTree { draft.tree.tree }

    private func addCoverage(
        _ draft: inout Draft,
        _ changed: [TreeFile],
        _ covered: [String: Set<Int>]
    ) async throws(WitnessError) {
        for file in changed.prefix(Self.filesCoveredMax) {
            let difference = try await repository.difference(
                from: draft.base.tree,
                to: draft.tree.tree,
                paths: [file.path],
                bytesMax: Self.coverageBytesMax
            )
            let lines = ChangedLines.added(in: difference)
            guard !lines.isEmpty else { continue }
            let ran = lines.intersection(covered[file.name] ?? [])
            if ran.isEmpty { draft.unneeded.append(file.name) }
            draft.finding.notes.append(
                "\(file.name): tests ran \(ran.count) of \(lines.count) changed lines"
            )
        }
    }

    /// More runs than that are not made to see which files a green needs.
    private static let filesTakenBackMax = 8
    private static let filesCoveredMax = 64
    private static let coverageBytesMax = 1 << 20
}

/// The lines that a unified difference adds.
enum ChangedLines {
    static func added(in difference: String) -> Set<Int> {
        var lines: Set<Int> = []
        var next: Int?
        for line in difference.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("diff ") {
                // The next file: its `+++` is no line of it.
                next = nil
            } else if line.hasPrefix("@@ ") {
                // @@ -a,b +c,d @@
                let place = line.split(separator: "+").dropFirst().first?
                    .prefix { $0.isNumber }
                next = place.flatMap { Int($0) }
            } else if let number = next {
                switch line.first {
                case "+":
                    lines.insert(number)
                    next = number + 1
                case "-", "\\": break
                default: next = number + 1
                }
            }
        }
        return lines
    }
}
