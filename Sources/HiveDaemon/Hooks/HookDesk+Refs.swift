import HiveKernel
import HiveProcess
import HiveSignal
import HiveWitness

/// The hooks about refs in a work tree: commits that are made already.
extension HookDesk {
    /// A range of more commits is left to the push.
    private static let localCommitsMax = 64

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
            guard let oldest = fresh.last, fresh.count <= Self.localCommitsMax,
                !hasPassed(fresh, on: update.old),
                let base = update.old ?? oldest.parents.first,
                let rules = try await rules(at: base), rules.mode != .observe
            else { continue }
            let standing = try standing()
            guard !standing.observes else { continue }
            let only = Set(fresh.map(\.id))
            let outcome = try await verifyDesk().verify("\(base)..\(new)", only: only)
            let judge = judge(rules, on: base)
            try await weigh(outcome, judge, tip: new, standing, &answer)
        }
        answer.subject = "the change of \(heads.map(\.name).joined(separator: ", "))"
        return answer.bounded()
    }

    /// A commit that this repository has just made.
    private struct FreshCommit {
        var id: String
        var tree: String
        var parents: [String]
    }

    /// The commits that no branch has and that were nowhere before, the newest first: neither
    /// fetched, nor on a branch in the past.
    private func fresh(_ new: String) async throws(HiveError) -> [FreshCommit] {
        let output = try await ask(
            [
                "log", "--no-patch", "--format=%H %T %P", "--topo-order",
                "--max-count=\(Self.localCommitsMax + 1)", new, "--not", "--branches",
                "--remotes", "--reflog",
            ] + place.fetched + ["--"],
            accepting: [0, 128]
        )
        return output.text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ").map(String.init)
            guard words.count >= 2 else { return nil }
            return FreshCommit(id: words[0], tree: words[1], parents: Array(words.dropFirst(2)))
        }
    }

    /// True for the one commit that `pre-commit` and `commit-msg` have just let pass, as it stands
    /// on what they judged it on.
    private func hasPassed(_ fresh: [FreshCommit], on old: String?) -> Bool {
        guard fresh.count == 1, let commit = fresh.first, commit.parents.first == old else {
            return false
        }
        return takePassed(commit.tree)
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
            // What the other side goes by is not known where nothing was ever fetched from there.
            guard let base = try await known(update.old, or: name) else { continue }
            answer.add(try await judged(from: base, to: new, receipts: nil))
        }
        answer.subject = "the push"
        let takesReceipts = updates.contains { $0.name == GitRepository.receiptsRef }
        guard !answer.isRefused, !heads.isEmpty, !takesReceipts else { return answer.bounded() }
        let desk = try await verifyDesk()
        let notes = try await ReceiptPush(place: place, remote: name, desk: desk).run()
        if let note = notes { answer.notes.append(note) }
        return answer
    }

    /// The commit that the other side's branch is at, as far as this repository knows it; else
    /// that of its first branch.
    private func known(_ old: String?, or remote: String) async throws(HiveError) -> String? {
        let names = ["HEAD", "main", "master"].map { "refs/remotes/\(remote)/\($0)" }
        for name in [old].compactMap(\.self) + names {
            if let commit = try await commit(name) { return commit }
        }
        return nil
    }

    /// The commit that a name stands for; nil: none.
    func commit(_ name: String) async throws(HiveError) -> String? {
        let output = try await ask(
            ["rev-parse", "--verify", "--quiet", "--end-of-options", "\(name)^{commit}"],
            accepting: [0, 1, 128]
        )
        return output.code == 0 ? output.text : nil
    }
}
