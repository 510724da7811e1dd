import HiveKernel
import HiveProcess
import HiveSignal
import HiveWitness

/// The hooks about refs: commits that are made already.
extension HookDesk {
    /// A range of more commits is left to the push.
    private static let localCommitsMax = 64
    /// So many findings are told; a screen holds no more.
    private static let findingsMax = 20

    // MARK: reference-transaction

    /// Judges what is new on a branch and came from nowhere else: what `--no-verify`, `git
    /// update-ref` and `git commit-tree` make.
    func referenceTransaction(_ updates: [RefUpdate]) async throws(HiveError) -> HookAnswer {
        var answer = HookAnswer()
        let heads = updates.filter { $0.name.hasPrefix(RefUpdate.branches) && $0.new != nil }
        guard !heads.isEmpty, !place.isInRebase, !place.isBare else { return answer }
        for update in heads {
            guard let new = update.new else { continue }
            let fresh = try await fresh(new)
            guard !fresh.isEmpty, fresh.count <= Self.localCommitsMax, !hasPassed(fresh),
                let base = try await update.old == nil ? baseOfNewBranch() : update.old,
                let rules = try await rules(at: base), rules.mode != .observe
            else { continue }
            let standing = try standing()
            guard !standing.observes else { continue }
            let only = Set(fresh.keys)
            let outcome = try await verifyDesk().verify("\(base)..\(new)", only: only)
            try await weigh(outcome, rules, base, standing, &answer)
        }
        answer.subject = "the change of \(heads.map(\.name).joined(separator: ", "))"
        return answer.bounded(Self.findingsMax)
    }

    /// The trees of the commits that no branch and no other repository's has yet, by commit.
    private func fresh(_ new: String) async throws(HiveError) -> [String: String] {
        let output = try await ask(
            [
                "log", "--no-patch", "--format=%H %T", "--max-count=\(Self.localCommitsMax + 1)",
                new, "--not", "--branches", "--remotes", "--",
            ],
            accepting: [0, 128]
        )
        var trees: [String: String] = [:]
        for line in output.text.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            if words.count == 2 { trees[words[0]] = words[1] }
        }
        return trees
    }

    /// True for the one commit that `pre-commit` and `commit-msg` have just let pass.
    private func hasPassed(_ fresh: [String: String]) -> Bool {
        guard fresh.count == 1, let tree = fresh.values.first else { return false }
        return takePassed(tree)
    }

    private func baseOfNewBranch() async throws(HiveError) -> String? {
        let head = try await ask(
            ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"],
            accepting: [0, 1, 128]
        )
        return head.code == 0 ? head.text : nil
    }

    // MARK: pre-push

    /// Judges what is pushed as the other side will, and takes the receipts there first.
    func prePush(
        remote: [String],
        _ updates: [RefUpdate]
    ) async throws(HiveError) -> HookAnswer {
        var answer = HookAnswer()
        let name = remote.first ?? "origin"
        let heads = updates.filter { $0.name.hasPrefix(RefUpdate.branches) && $0.new != nil }
        for update in heads {
            guard let new = update.new else { continue }
            let base = try await known(update.old, or: name)
            try await judge(from: base, to: new, &answer)
        }
        answer.subject = "the push"
        guard !answer.isRefused, !heads.isEmpty else { return answer.bounded(Self.findingsMax) }
        let notes = try await ReceiptPush(place: place, remote: name).run()
        if let note = notes { answer.notes.append(note) }
        return answer
    }

    /// The commit that the other side's branch is at, as far as this repository knows it; else
    /// that of its first branch.
    private func known(_ old: String?, or remote: String) async throws(HiveError) -> String? {
        let names = ["HEAD", "main", "master"].map { "refs/remotes/\(remote)/\($0)" }
        for name in [old].compactMap(\.self) + names {
            let output = try await ask(
                ["rev-parse", "--verify", "--quiet", "--end-of-options", "\(name)^{commit}"],
                accepting: [0, 1, 128]
            )
            if output.code == 0 { return output.text }
        }
        return nil
    }

    // MARK: pre-receive

    /// The boundary: by the repository alone, and by the rules of the branch as it was.
    func preReceive(_ updates: [RefUpdate]) async throws(HiveError) -> HookAnswer {
        var answer = HookAnswer()
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
                try await receive(update, &answer)
            }
        }
        answer.subject = "the push"
        return answer.bounded(Self.findingsMax)
    }

    /// Receipts are added; a push that takes some away would make what they prove unproven.
    private func receiveReceipts(
        _ update: RefUpdate,
        _ answer: inout HookAnswer
    ) async throws(HiveError) {
        guard let old = update.old else { return }
        if let new = update.new, try await isAncestor(old, of: new) { return }
        answer.findings.append(
            HookFinding(update.name, "would lose receipts that are here", rule: "TAMPERED")
        )
        answer.steps.append(
            "git fetch origin \(update.name):\(update.name)-theirs, then git notes --ref hive "
                + "merge -s cat_sort_uniq \(update.name)-theirs, and push again"
        )
    }

    private func receive(
        _ update: RefUpdate,
        _ answer: inout HookAnswer
    ) async throws(HiveError) {
        let first = try await ask(["symbolic-ref", "--quiet", "HEAD"], accepting: [0, 1, 128]).text
        guard let new = update.new else {
            guard update.name == first else { return }
            answer.findings.append(
                HookFinding(update.name, "is the branch whose rules hold here", rule: "TAMPERED")
            )
            return
        }
        var base = update.old
        if base == nil, update.name != first { base = try await known(first, or: "") }
        try await judge(from: base, to: new, &answer)
        guard let old = update.old, !(try await isAncestor(old, of: new)),
            let objection = try await verifyDesk().objection(from: old, to: new)
        else { return }
        answer.findings.append(HookFinding(update.name, objection, rule: "TAMPERED"))
    }

    private func isAncestor(_ old: String, of new: String) async throws(HiveError) -> Bool {
        try await ask(
            ["merge-base", "--is-ancestor", old, new],
            accepting: [0, 1, 128]
        ).code == 0
    }

    // MARK: What they share

    /// Judges all that one commit has and the other has not.
    private func judge(
        from base: String?,
        to new: String,
        _ answer: inout HookAnswer
    ) async throws(HiveError) {
        let outcome = try await verifyDesk().verify(base.map { "\($0)..\(new)" } ?? new)
        guard let base, let rules = try await rules(at: base) else {
            answer.notes.append(
                "the branch had no rule book before: what is pushed is its beginning"
            )
            return
        }
        try await weigh(outcome, rules, base, nil, &answer)
        guard rules.mode != .observe else {
            answer = answer.asNotes()
            return
        }
        let unproven = outcome.verdicts.count { $0.standing == .unproven }
        if !answer.isRefused, unproven > 0, outcome.evidence == .warn {
            answer.notes.append("\(unproven) of \(outcome.verdicts.count) commits are unproven")
        }
    }

    /// Takes what stands against commits into an answer: what `hive verify` says, what their
    /// phases do not take, and what has others pass them over.
    private func weigh(
        _ outcome: VerifyDesk.Outcome,
        _ rules: Rules,
        _ base: String,
        _ standing: CommitStanding?,
        _ answer: inout HookAnswer
    ) async throws(HiveError) {
        let judge = judge(rules, on: base)
        for verdict in outcome.verdicts {
            let commit = verdict.commit
            let name = "\(commit.id.prefix(12)) \(PlainText.oneLine(commit.subject))"
            let subject = PlainText.cut(name, toBytes: Self.subjectBytesMax)
            if !outcome.accepts(verdict) {
                let rule = verdict.violations.first ?? "evidence: \(outcome.evidence.rawValue)"
                answer.findings.append(
                    HookFinding(subject, verdict.reasons.first ?? "unproven", rule: rule)
                )
            }
            if let mark = SkipMark.found(in: commit.subject + "\n" + commit.body) {
                answer.findings.append(
                    HookFinding(subject, "\(mark) has CI pass it over", rule: "commit-msg")
                )
            }
            // What a merge brings of its own is judged by receipts.
            guard commit.parents.count < 2 else { continue }
            let found = try await pathFindings(verdict, judge, standing)
            answer.findings += found.map { finding in
                HookFinding(
                    "\(commit.id.prefix(12)) \(finding.subject)",
                    finding.reason,
                    rule: finding.rule
                )
            }
        }
        if answer.isRefused, answer.steps.isEmpty {
            answer.steps.append("hive verify \(base.prefix(12))..  tells more of each commit")
        }
    }

    private static let subjectBytesMax = 60

    private func pathFindings(
        _ verdict: CommitVerdict,
        _ judge: CommitJudge,
        _ standing: CommitStanding?
    ) async throws(HiveError) -> [HookFinding] {
        let commit = verdict.commit
        let from = commit.parents.first.map { [$0, commit.id] } ?? ["--root", commit.id]
        let words = ["diff-tree", "-r", "--no-commit-id"] + CommitChange.listing + from
        guard let changes = try await changes(words) else { return [] }
        let guarded = try await withoutGuard(changes, judge.rules)
        guard !judge.rules.counting(changes).isEmpty else { return guarded }
        let claim = verdict.claim
        guard let phase = claim.phase ?? standing?.phase else {
            return guarded
                + (claim.isNamed
                    ? []
                    : [HookFinding("its first line", "names no phase", rule: "commit-msg")])
        }
        if let standing, !standing.reached.contains(phase), standing.phase != phase {
            let stands = standing.phase?.letter ?? "none"
            return guarded + [
                HookFinding(
                    claim.source,
                    "says \(phase.letter), and the work is at \(stands)",
                    rule: "tools.phases"
                )
            ]
        }
        return guarded
            + (try await judge.findings(on: changes, in: phase) { () throws(HiveError) in
                commit.tree
            })
    }
}

extension VerifyDesk.Outcome {
    /// False: this commit alone has the range fail.
    func accepts(_ verdict: CommitVerdict) -> Bool {
        var one = self
        one.verdicts = [verdict]
        return one.isGood
    }
}

extension HookAnswer {
    /// The first findings, and how many more there are.
    fileprivate func bounded(_ findingsMax: Int) -> HookAnswer {
        var answer = self
        guard findings.count > findingsMax else { return self }
        answer.findings = Array(findings.prefix(findingsMax))
        answer.notes.append("and \(findings.count - findingsMax) more")
        return answer
    }
}
