import HiveKernel
import HiveProcess
import HiveSignal
import HiveWitness

/// The boundary: by the repository alone, and by the rules of the branches as they were.
extension HookDesk {
    /// More branches are not searched for one that has rules.
    private static let branchesMax = 1_000

    func preReceive(_ updates: [RefUpdate]) async throws(HiveError) -> HookAnswer {
        var answer = HookAnswer()
        let foundation = try await foundation()
        let receipts = updates.last { $0.name == GitRepository.receiptsRef }?.new
        // One commit that comes to many branches is judged once for each base.
        var judged: [String: HookAnswer] = [:]
        for update in updates {
            if update.name.hasPrefix("refs/replace/") {
                answer.findings.append(
                    HookFinding(
                        update.name,
                        "makes one object pass for another",
                        rule: "TAMPERED"
                    )
                )
            } else if update.name == GitRepository.receiptsRef {
                try await receiveReceipts(update, &answer)
            } else if update.name.hasPrefix(RefUpdate.branches) {
                guard let new = update.new else {
                    if update.name == foundation?.branch { answer.findings.append(kept(update)) }
                    continue
                }
                guard let base = try await base(of: update, foundation) else {
                    answer.notes.append("\(update.name) begins here: no branch has rules yet")
                    continue
                }
                let key = "\(base) \(new)"
                var own = judged[key]
                if own == nil {
                    own = try await self.judged(from: base, to: new, receipts: receipts)
                    judged[key] = own
                }
                if let own { answer.add(own) }
                try await receiveRewind(update, &answer)
            }
        }
        answer.subject = "the push"
        return answer.bounded()
    }

    // MARK: Bases

    /// The branch whose rules hold for branches that have none of their own.
    private struct Foundation {
        var branch: String
        var commit: String
    }

    /// `HEAD`'s branch; where it has no rules, or is not there, the first one that has some.
    private func foundation() async throws(HiveError) -> Foundation? {
        let head = try await ask(["symbolic-ref", "--quiet", "HEAD"], accepting: [0, 1, 128]).text
        let list = try await ask([
            "for-each-ref", "--count=\(Self.branchesMax)", "--format=%(objectname) %(refname)",
            RefUpdate.branches,
        ]).text
        let branches = list.split(separator: "\n").compactMap { line -> Foundation? in
            let words = line.split(separator: " ", maxSplits: 1).map(String.init)
            return words.count == 2 ? Foundation(branch: words[1], commit: words[0]) : nil
        }
        let ordered = branches.filter { $0.branch == head } + branches.filter { $0.branch != head }
        for branch in ordered where try await hasRules(branch.commit) { return branch }
        return nil
    }

    /// The branch's own last commit where that has rules; else the foundation's.
    private func base(
        of update: RefUpdate,
        _ foundation: Foundation?
    ) async throws(HiveError) -> String? {
        if let old = update.old, try await hasRules(old) { return old }
        return foundation?.commit
    }

    private func hasRules(_ commit: String) async throws(HiveError) -> Bool {
        try await ask(
            ["cat-file", "-e", "\(commit):\(Verifier.rulesPath)"],
            accepting: [0, 1, 128]
        ).code == 0
    }

    private func kept(_ update: RefUpdate) -> HookFinding {
        HookFinding(update.name, "is the branch whose rules hold here", rule: "TAMPERED")
    }

    /// A branch that goes elsewhere than on may not leave its rules behind.
    private func receiveRewind(
        _ update: RefUpdate,
        _ answer: inout HookAnswer
    ) async throws(HiveError) {
        guard let old = update.old, let new = update.new, try await hasRules(old) else { return }
        let isOn =
            try await ask(
                ["merge-base", "--is-ancestor", old, new],
                accepting: [0, 1, 128]
            ).code == 0
        guard !isOn, let objection = try await verifyDesk().objection(from: old, to: new) else {
            return
        }
        answer.findings.append(HookFinding(update.name, objection, rule: "TAMPERED"))
    }

    // MARK: Receipts

    /// Receipts are added; a push that takes some away would make what they prove unproven.
    private func receiveReceipts(
        _ update: RefUpdate,
        _ answer: inout HookAnswer
    ) async throws(HiveError) {
        let desk = try await verifyDesk()
        var reason: String?
        do throws(HiveError) {
            let new = try await desk.receiptLines(at: update.new)
            let old = try await desk.receiptLines(at: update.old)
            if !old.isSubset(of: new) { reason = "would lose receipts that are here" }
        } catch {
            reason = "is no notes of receipts: \(error.message)"
        }
        guard let reason else { return }
        answer.findings.append(HookFinding(update.name, reason, rule: "TAMPERED"))
        answer.steps.append(
            "git fetch origin \(update.name):\(update.name)-theirs, then git notes --ref hive "
                + "merge -s cat_sort_uniq \(update.name)-theirs, and push again"
        )
    }
}
