package import HiveKernel
import HiveSignal
package import HiveWitness

/// Judges commits by their trees and receipts, as `hive verify` does.
///
/// Nothing but the repository is read: no environment, no board, no ledger, no pin.
package struct VerifyDesk: Sendable {
    let repository: GitRepository
    /// Receipts that are about to come in, as a commit of notes; nil: those that are there.
    var receiptsCommit: String?
    private let settings: Settings
    /// The words that lead to `SandboxEntry.enter`.
    private let entry: [String]

    /// What became of a range.
    package struct Outcome: Sendable {
        package var verdicts: [CommitVerdict]
        /// What the base's rules ask for.
        package var evidence: Evidence
        /// What a reader should know of the whole.
        package var notes: [String]

        /// False: the range fails.
        ///
        /// What is contradicted fails always; what is unproven, where evidence is required, unless
        /// it was before there were rules.
        package var isGood: Bool {
            verdicts.allSatisfy { verdict in
                switch verdict.standing {
                case .proven: true
                case .unproven: evidence != .required || verdict.isBeforeRules
                case .contradicted: false
                }
            }
        }
    }

    /// Opens the repository that the working folder is in.
    ///
    /// `entry` are the words by which this program enters a sandbox of its own, or none. Throws
    /// exit code 3 where there is no repository.
    package static func open(
        _ settings: Settings,
        entry: [String]
    ) async throws(HiveError) -> VerifyDesk {
        do {
            let repository = try await GitRepository.open(
                settings.workingFolder,
                environment: ProcessVariables.places
            )
            return VerifyDesk(repository: repository, settings: settings, entry: entry)
        } catch {
            throw HiveError(error)
        }
    }

    /// For a hook: in the repository that git runs it for, with the objects that git shows it.
    ///
    /// Throws exit code 3 where there is no repository.
    static func open(_ place: HookPlace, _ settings: Settings) async throws(HiveError) -> VerifyDesk
    {
        do {
            let repository = try await GitRepository.open(
                place.top,
                environment: ProcessVariables.places,
                variables: place.variables
            )
            return VerifyDesk(repository: repository, settings: settings, entry: [])
        } catch {
            throw HiveError(error)
        }
    }

    /// Judges the commits of a range, the oldest first.
    ///
    /// - Parameters:
    ///   - range: as git takes one; nil: what the upstream lacks, else all of the branch.
    ///   - chosen: the ids of those to be judged; nil: all of the range.
    ///   - rerun: true: the tests of each commit that changes code or tests are run again.
    ///   - tell: told what is being done.
    /// - Returns: a verdict for each commit.
    /// - Throws: exit code 2 for a range that is none, 3 where git or the machine fails.
    package func verify(
        _ range: String?,
        only chosen: Set<String>? = nil,
        rerun: Bool = false,
        tell: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws(HiveError) -> Outcome {
        do {
            let range = try await given(range)
            let commits = try await repository.commits(range)
            guard !commits.isEmpty else {
                return Outcome(verdicts: [], evidence: .off, notes: ["no commits in the range"])
            }
            var notes: [String] = []
            let base = try await base(of: range)
            let trust = try await trust(base, commits, &notes)
            let verifier = Verifier(
                repository: repository,
                trust: trust.trust,
                notes: try await receiptNotes()
            )
            var verdicts: [CommitVerdict] = []
            var replay = rerun ? try await replay(verifier, trust.trust, tell) : nil
            for commit in commits where chosen?.contains(commit.id) ?? true {
                var verdict = try await verifier.judge(commit)
                try await replay?.check(&verdict)
                verdicts.append(verdict)
            }
            return Outcome(verdicts: verdicts, evidence: trust.evidence, notes: notes)
        } catch {
            throw HiveError(error)
        }
    }

    private func given(_ range: String?) async throws -> String {
        if let range { return range }
        let upstream = try await repository.commit("@{upstream}")
        return upstream.map { "\($0.id)..HEAD" } ?? "HEAD"
    }

    /// The tree of the commit that a range begins behind.
    ///
    /// It is the one that the caller names, and not the parent of the oldest commit: who makes a
    /// branch chooses where it leaves, and whether it has a beginning of its own.
    private func base(of range: String) async throws -> GitTree {
        var trees: [GitTree] = []
        for commit in try await repository.beginnings(of: range) {
            let tree = try await repository.tree(of: commit)
            if tree.blob(Verifier.ownerPath) != nil { return tree }
            trees.append(tree)
        }
        return trees.first ?? repository.emptyTree
    }

    // MARK: Trust

    func receiptNotes() async throws -> [String: [UInt8]] {
        guard let receiptsCommit else { return try await repository.notes() }
        return try await repository.notes(of: receiptsCommit)
    }

    /// Each line of receipts that a commit of notes has, with the tree that it is on.
    func receiptLines(at commit: String?) async throws(HiveError) -> Set<[UInt8]> {
        guard let commit else { return [] }
        do {
            var lines: Set<[UInt8]> = []
            for (object, note) in try await repository.notes(of: commit) {
                for line in note.split(separator: UInt8(ascii: "\n")) {
                    lines.insert(Array(object.utf8) + line)
                }
            }
            return lines
        } catch {
            throw HiveError(error)
        }
    }

    func trust(
        _ base: GitTree,
        _ commits: [CommitInfo],
        _ notes: inout [String]
    ) async throws -> (trust: Trust, evidence: Evidence) {
        let files = TreeRules(repository: repository)
        var trees = [base]
        for commit in commits { trees.append(try await repository.tree(of: commit.tree)) }
        var owner = try await files.owner(in: base)
        var baseTree = base
        let trunk = Trunk(commits)
        if owner == nil {
            // A young project: whoever comes first is believed, and it is said.
            for commit in trunk.commits {
                let tree = try await repository.tree(of: commit.tree)
                guard let key = try await files.owner(in: tree) else { continue }
                owner = key
                baseTree = tree
                notes.append(
                    "the base names no owner; \(key.fingerprint) is taken from "
                        + "\(commit.id.prefix(12)), the first commit that has one"
                )
                break
            }
        }
        var approvals: [Approval] = []
        var rules: [String: WitnessRules] = [:]
        var seen: Set<String> = []
        for tree in trees {
            let key = [Verifier.rulesPath, Approval.path].map { tree.blob($0) ?? "" }.joined()
            guard seen.insert(key).inserted else { continue }
            if let book = try? await files.rules(in: tree) { rules[book.digest] = book }
            guard let owner, let approval = try await files.approval(in: tree, by: owner) else {
                continue
            }
            approvals.append(approval)
        }
        // By one that cannot be read nothing was approved.
        let baseRules = try? await files.rules(in: baseTree)
        let trust = Trust(
            owner: owner,
            approvals: approvals,
            rules: rules,
            baseRules: baseRules ?? WitnessRules(Rules(), digest: ""),
            young: base.blob(Approval.path) == nil ? try await young(trunk) : []
        )
        return (trust, (try? await files.evidence(in: baseTree)) ?? .off)
    }

    /// The commits up to the first on the trunk that has an approval, and itself.
    private func young(_ trunk: Trunk) async throws -> Set<String> {
        for commit in trunk.commits {
            let tree = try await repository.tree(of: commit.tree)
            if tree.blob(Approval.path) != nil { return trunk.history(of: commit.id) }
        }
        return trunk.history(of: trunk.commits.last?.id ?? "")
    }

    // MARK: Running again

    private func replay(
        _ verifier: Verifier,
        _ trust: Trust,
        _ tell: @escaping @Sendable (String) -> Void
    ) async throws -> Rerun {
        let rules = trust.baseRules
        guard trust.approves(rules: rules.digest) else {
            throw HiveError.refused(
                "the base's \(Verifier.rulesPath) is not approved by its owner: nothing is run",
                hint: "hive override approve-rules, and commit \(Approval.path)"
            )
        }
        let witness = try Witness(
            repository: repository,
            rules: rules,
            room: CleanRoom(
                repository: repository,
                rules: rules.room,
                cacheFolder: settings.stateDirectory + "/witness",
                environment: ProcessVariables.places,
                entry: entry
            ),
            now: { SystemClock.now().rfc3339 },
            tell: tell
        )
        return try Rerun(witness: witness, known: verifier.counting)
    }
}
