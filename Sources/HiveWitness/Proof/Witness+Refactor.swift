import HiveSignal

extension Witness {
    func refactor(_ question: Question) async throws(WitnessError) -> Receipt {
        var draft = Draft(self, .refactor, question)
        let base = try await passing(question.base, &draft, question)
        tell("running the tests of \(question.tree.id.prefix(12))")
        let seen = try await see("tree", question.tree)
        draft.add(seen)
        let vanished = base.passed.subtracting(seen.tally.passed)
            .subtracting(seen.tally.failed).subtracting(seen.tally.skipped)
        let isRemoval = !vanished.isEmpty && seen.tally.isGreen
        if isRemoval {
            draft.kind = .removal
            draft.finding = .refactor(seen.tally, base: base.without(vanished))
            draft.finding.proving = vanished.sorted()
        } else {
            draft.finding = .refactor(seen.tally, base: base)
        }
        guard draft.finding.isProven, draft.tree.pinsDigest != draft.base.pinsDigest else {
            return draft.receipt(names: seen.tally)
        }
        tell("running the tests as they were on the code as it is")
        let mixed = try await repository.compose(draft.base.pinned + draft.tree.code)
        let old = try await see("old tests", mixed)
        draft.add(old)
        if isRemoval {
            try await judgeRemoval(&draft, vanished, old)
        } else {
            let lost = base.passed.subtracting(old.tally.passed)
            if !lost.isEmpty {
                draft.finding.refuse(
                    "the tests as they were do not pass on this code: \(few(lost)); what behaves "
                        + "otherwise is no refactor: go by I and V",
                    "REWARD_HACK"
                )
            }
        }
        if draft.finding.isProven { try await noteNewBehaviour(&draft, seen, base) }
        return draft.receipt(names: seen.tally)
    }

    /// Says which new tests want the new code.
    ///
    /// A function that was taken out of another may have a test of its own, and so may a feature
    /// that came without a red: which it is, a reader sees.
    private func noteNewBehaviour(
        _ draft: inout Draft,
        _ seen: Seen,
        _ base: Tally
    ) async throws(WitnessError) {
        let new = seen.tally.passed.subtracting(base.passed).subtracting(base.skipped)
        guard !new.isEmpty, draft.tree.codeDigest != draft.base.codeDigest else { return }
        tell("running the new tests on the code as it was")
        let mixed = try await repository.compose(draft.tree.pinned + draft.base.code)
        let before = try await see("new tests", mixed)
        draft.add(before)
        let wanting = new.subtracting(before.tally.passed)
        guard !wanting.isEmpty else { return }
        draft.finding.notes.append(
            "new tests do not pass on the code as it was: \(few(wanting)); is it a feature?"
        )
    }

    /// What passed on the base: by a receipt of that tree, or by running it.
    private func passing(
        _ base: GitTree,
        _ draft: inout Draft,
        _ question: Question
    ) async throws(WitnessError) -> Tally {
        let known = question.known.last { known in
            known.receipt.tree == base.id && known.receipt.isProven
                && known.receipt.kind != .red && known.receipt.rules == rules.digest
        }
        if let known { return Tally(known.receipt) }
        tell("running the tests of \(base.id.prefix(12)), which it goes back to")
        let seen = try await see("base", base)
        draft.add(seen)
        return seen.tally
    }

    /// A removal takes lines away and adds none, and what its tests tested is gone with them.
    private func judgeRemoval(
        _ draft: inout Draft,
        _ vanished: Set<String>,
        _ old: Seen
    ) async throws(WitnessError) {
        let alive = vanished.intersection(old.tally.passed)
        if !alive.isEmpty {
            return draft.finding.refuse(
                "\(few(alive)) would still pass: tests of living code may not go",
                "REWARD_HACK"
            )
        }
        let code = TreeParts.changed(draft.tree.code, from: draft.base.code)
            .filter { !TreeParts.isDocument($0) }
        let pinned = TreeParts.changed(draft.tree.pinned, from: draft.base.pinned)
        let difference = try await repository.difference(
            from: draft.base.tree,
            to: draft.tree.tree,
            paths: (code + pinned).map(\.path),
            bytesMax: Self.removalBytesMax
        )
        let added = ChangedLines.added(in: difference).count
        if code.isEmpty {
            draft.finding.refuse(
                "tests are gone, and no code with them: \(few(vanished))",
                "REWARD_HACK"
            )
        } else if added > 0 || difference.utf8.count >= Self.removalBytesMax {
            draft.finding.refuse(
                "tests are gone (\(few(vanished))) and lines were added: a removal only takes "
                    + "away; commit what is new apart from it",
                "REWARD_HACK"
            )
        }
    }

    private static let removalBytesMax = 4 << 20
}

extension Tally {
    /// What a receipt says of a tree that was green.
    init(_ receipt: Receipt) {
        passed = Set(receipt.passed)
        failed = Set(receipt.failed)
        asserted = []
        skipped = Set(receipt.skipped)
        faults = []
        exitCode = 0
    }

    private init(passed: Set<String>, of other: Tally) {
        self.passed = passed
        failed = other.failed
        asserted = other.asserted
        skipped = other.skipped
        faults = other.faults
        exitCode = other.exitCode
    }

    func without(_ names: Set<String>) -> Tally {
        Tally(passed: passed.subtracting(names), of: self)
    }
}
