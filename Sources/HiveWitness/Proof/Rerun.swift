import HiveSignal

/// Runs the tests of commits again, and holds what comes out against what was said of them.
///
/// It believes no receipt of a green or a refactor; a red that is known is only where a green
/// begins, and is run again with it.
package struct Rerun: Sendable {
    private let witness: Witness
    private var known: [SignedReceipt]
    /// Signs what this run sees, for this run alone.
    private let key: SecretKey

    /// - Throws: `WitnessError` where there is no randomness for a key.
    package init(witness: Witness, known: [SignedReceipt]) throws(WitnessError) {
        self.witness = witness
        self.known = known
        key = try SecretKey()
    }

    /// Runs a commit's tests where it changes code or tests, and changes its verdict.
    package mutating func check(_ verdict: inout CommitVerdict) async throws(WitnessError) {
        let repository = witness.repository
        let change = try await Change(of: verdict.commit, in: repository, witness.rules)
        guard change.touchesCode || change.touchesPins, verdict.commit.parents.count < 2 else {
            return
        }
        if verdict.isBeforeRules || verdict.violations.contains("TAMPERED")
            || verdict.claim.phase == .hunt
        {
            return
        }
        var question = Witness.Question(tree: change.tree, base: change.parent, known: known)
        let phase = verdict.claim.phase ?? witness.phase(of: question)
        if phase == .validate, !witness.hasRed(question) {
            // A squashed commit brings test and code at once: its tests on the parent's code.
            let parts = TreeParts(change.tree, witness.rules)
            let old = TreeParts(change.parent, witness.rules)
            let bare = try await repository.compose(parts.pinned + old.code)
            question.tree = bare
            let red = try await witness.witness(.interlock, question)
            if red.isProven { known.append(try SignedReceipt(red, by: key)) }
            question = Witness.Question(tree: change.tree, base: change.parent, known: known)
        }
        let receipt = try await witness.witness(phase, question)
        if receipt.isProven { known.append(try SignedReceipt(receipt, by: key)) }
        let was = verdict.standing
        if receipt.isProven {
            verdict.standing = .proven
            verdict.violations = []
            verdict.reasons.insert("run again: \(receipt.kind.rawValue) holds", at: 0)
        } else {
            let why = receipt.notes.first ?? "it proves nothing"
            verdict.standing = .contradicted
            verdict.violations = receipt.violations.isEmpty ? ["UNWITNESSED"] : receipt.violations
            verdict.reasons.insert(
                "run again: \(why)" + (was == .proven ? ", whatever its receipt says" : ""),
                at: 0
            )
        }
    }
}

extension Witness {
    /// True where a red is known on exactly the pinned files of the tree.
    func hasRed(_ question: Question) -> Bool {
        openRed(for: TreeParts(question.tree, rules), question) != nil
    }
}
