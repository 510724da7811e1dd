import HiveKernel
import HiveProcess
import HiveSignal
import HiveWitness

/// How the hooks judge commits that are made.
extension HookDesk {
    private static let subjectBytesMax = 60

    /// Judges all that one commit has and the other has not, by the rules of the first.
    ///
    /// `receipts` is a commit of notes that is about to come in; nil: those that are there.
    func judged(
        from base: String,
        to new: String,
        receipts: String?
    ) async throws(HiveError) -> HookAnswer {
        var answer = HookAnswer()
        guard let rules = try await rules(at: base) else { return answer }
        var desk = try await verifyDesk()
        desk.receiptsCommit = receipts
        let outcome = try await desk.verify("\(base)..\(new)")
        let judge = judge(rules, on: base, receipts)
        try await weigh(outcome, judge, tip: new, nil, &answer)
        guard rules.mode != .observe else { return answer.asNotes() }
        let unproven = outcome.verdicts.count { $0.standing == .unproven }
        if !answer.isRefused, unproven > 0, outcome.evidence == .warn {
            answer.notes.append("\(unproven) of \(outcome.verdicts.count) commits are unproven")
        }
        if answer.isRefused {
            answer.steps.append("hive verify \(base.prefix(12))..  tells more of each commit")
        }
        return answer
    }

    /// Takes what stands against commits into an answer: what `hive verify` says, what their
    /// phases do not take, and what has CI pass over the last of them, which it looks at.
    func weigh(
        _ outcome: VerifyDesk.Outcome,
        _ judge: CommitJudge,
        tip: String,
        _ standing: CommitStanding?,
        _ answer: inout HookAnswer
    ) async throws(HiveError) {
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
            if commit.id == tip,
                let mark = SkipMark.found(in: commit.subject + "\n" + commit.body)
            {
                answer.findings.append(
                    HookFinding(subject, "\(mark) has CI pass it over", rule: "commit-msg")
                )
            }
            let found = try await pathFindings(verdict, judge, standing)
            answer.findings += found.map { finding in
                HookFinding(
                    "\(commit.id.prefix(12)) \(finding.subject)",
                    finding.reason,
                    rule: finding.rule
                )
            }
        }
    }

    private func pathFindings(
        _ verdict: CommitVerdict,
        _ judge: CommitJudge,
        _ standing: CommitStanding?
    ) async throws(HiveError) -> [HookFinding] {
        let commit = verdict.commit
        let from = commit.parents.first.map { [$0, commit.id] } ?? ["--root", commit.id]
        let words = ["diff-tree", "-r", "--no-commit-id"] + CommitChange.listing + from
        guard let changes = try await changes(words) else { return [] }
        var findings = try await brokenRules(changes)
        findings += try await withoutGuard(changes, judge.rules)
        // What else a merge brings of its own is judged by receipts.
        guard commit.parents.count < 2, !judge.rules.counting(changes).isEmpty else {
            return findings
        }
        let claim = verdict.claim
        guard let phase = claim.phase ?? standing?.phase else {
            guard !claim.isNamed else { return findings }
            return findings + [
                HookFinding("its first line", "names no phase", rule: "commit-msg")
            ]
        }
        if let standing, !standing.reached.contains(phase), standing.phase != phase {
            let stands = standing.phase?.letter ?? "none"
            let reason = "says \(phase.letter), and the work is at \(stands)"
            return findings + [HookFinding(claim.source, reason, rule: "tools.phases")]
        }
        return findings
            + (try await judge.findings(on: changes, in: phase) { () throws(HiveError) in
                commit.tree
            })
    }
}

extension VerifyDesk.Outcome {
    /// False: this commit alone has the range fail.
    fileprivate func accepts(_ verdict: CommitVerdict) -> Bool {
        var one = self
        one.verdicts = [verdict]
        return one.isGood
    }
}
