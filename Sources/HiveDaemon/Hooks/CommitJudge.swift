import HiveKernel
import HiveSignal
import HiveWitness

/// Judges the changes of commits by phase, with the receipts that excuse some of them.
///
/// Two things that a phase does not take are all right where a red was witnessed: in V the tests
/// that the red holds still, for a red need not be committed on its own; and in I the code that
/// such a red stands on, for it shows that the code does not do yet what its tests ask.
struct CommitJudge: Sendable {
    let rules: CommitRules
    /// What counts of receipts; asked for where a phase refuses something.
    let evidence: @Sendable () async throws(HiveError) -> Reds

    /// The reds that count.
    struct Reds: Sendable {
        /// By the id of their tree.
        var trees: Set<String> = []
        /// The files of the newest of them.
        var files: [Set<TreeFile>] = []

        /// More reds are not looked into.
        static let treesMax = 32

        /// True where one of them has the file just so, or lacks it as well.
        func hold(_ change: CommitChange) -> Bool {
            files.contains { files in
                change.kind == .deleted
                    ? !files.contains { $0.path == change.path }
                    : files.contains(change.file)
            }
        }
    }

    /// What a phase has against the changes of a commit with this tree.
    func findings(
        on changes: [CommitChange],
        in phase: Phase?,
        tree: () async throws(HiveError) -> String?
    ) async throws(HiveError) -> [HookFinding] {
        let findings = rules.findings(on: changes, in: phase)
        guard !findings.isEmpty else { return [] }
        switch phase {
        case .validate:
            let tests = rules.refusedTests(changes, in: phase)
            guard !tests.isEmpty else { return findings }
            let reds = try await evidence()
            let held = Set(tests.filter(reds.hold).map(\.name))
            return findings.filter { !held.contains($0.subject) }
        case .interlock:
            let reds = try await evidence()
            guard !reds.trees.isEmpty, let tree = try await tree(), reds.trees.contains(tree)
            else { return findings }
            return []
        default: return findings
        }
    }
}

extension VerifyDesk {
    /// The reds that count by what a commit says.
    func reds(at base: String) async throws(HiveError) -> CommitJudge.Reds {
        do {
            let verifier = try await verifier(at: base).verifier
            let counting = verifier.counting.filter {
                $0.receipt.kind == .red && $0.receipt.isProven
            }
            var reds = CommitJudge.Reds(trees: Set(counting.map(\.receipt.tree)))
            for signed in counting.suffix(CommitJudge.Reds.treesMax).reversed() {
                guard let tree = try? await repository.tree(of: signed.receipt.tree) else {
                    continue
                }
                reds.files.append(Set(tree.files))
            }
            return reds
        } catch {
            throw HiveError(error)
        }
    }

    /// Judges a commit that is not made yet, as if it stood on its first parent.
    ///
    /// - Parameters:
    ///   - tree: what would be committed.
    ///   - parents: the commits that it would follow.
    ///   - phase: what it would say it is.
    /// - Returns: the verdict, and what the rules before it ask for.
    /// - Throws: exit code 3 where git or the machine fails.
    func judge(
        _ tree: String,
        on parents: [String],
        as phase: Phase?
    ) async throws(HiveError) -> (verdict: CommitVerdict, evidence: Evidence) {
        let commit = CommitInfo(
            id: tree,
            tree: tree,
            parents: parents,
            author: "",
            authorEmail: "",
            time: 0,
            subject: "",
            body: "",
            trailers: phase.map { "Hive-Phase: \($0.letter)" } ?? ""
        )
        do {
            let (verifier, evidence) = try await verifier(at: parents.first, before: [commit])
            return (try await verifier.judge(commit), evidence)
        } catch {
            throw HiveError(error)
        }
    }

    /// The commit that a ref leads to.
    func commit(_ ref: String) async throws(HiveError) -> String? {
        do {
            return try await repository.commit(ref)?.id
        } catch {
            throw HiveError(error)
        }
    }

    /// Why a branch may not go from one commit to another by its rules; nil: it may.
    func objection(from old: String, to new: String) async throws(HiveError) -> String? {
        do {
            let commits = [try await repository.commit(new)].compactMap(\.self)
            let verifier = try await verifier(at: old, before: commits).verifier
            return try await verifier.objection(
                from: try await repository.tree(of: old),
                to: try await repository.tree(of: new)
            )
        } catch {
            throw HiveError(error)
        }
    }

    private func verifier(
        at base: String?,
        before commits: [CommitInfo] = []
    ) async throws -> (verifier: Verifier, evidence: Evidence) {
        var tree = repository.emptyTree
        if let base { tree = try await repository.tree(of: base) }
        var notes: [String] = []
        let (trust, evidence) = try await trust(tree, commits, &notes)
        return (
            Verifier(repository: repository, trust: trust, notes: try await receiptNotes()),
            evidence
        )
    }
}
