package import HiveSignal
package import HiveWitness

/// Witnesses trees of the project's repository: by the rules of the tree itself, where a person
/// approved them.
package struct WitnessDesk: Sendable {
    package let repository: GitRepository
    private let settings: Settings
    let keys: KeyFolder
    /// The words that lead to `SandboxEntry.enter`.
    private let entry: [String]

    /// Finds the repository that the working folder is in.
    ///
    /// `entry` are the words by which this program enters a sandbox of its own, or none. Throws
    /// exit code 3 where there is no repository.
    package static func open(
        _ settings: Settings,
        entry: [String]
    ) async throws(HiveError) -> WitnessDesk {
        do {
            return WitnessDesk(
                repository: try await GitRepository.open(
                    settings.workingFolder,
                    environment: ProcessVariables.places
                ),
                settings: settings,
                keys: try KeyFolder.ofProcess(),
                entry: entry
            )
        } catch {
            throw HiveError(error)
        }
    }

    private init(
        repository: GitRepository,
        settings: Settings,
        keys: KeyFolder,
        entry: [String]
    ) {
        self.repository = repository
        self.settings = settings
        self.keys = keys
        self.entry = entry
    }

    /// Which tree is witnessed.
    package enum Subject: Sendable {
        /// What would be committed now.
        case index
        /// What is in the folder, but for what git ignores.
        case working
        /// A commit or a tree.
        case ref(String)
    }

    /// Witnesses a tree, and keeps the receipt as a note.
    ///
    /// - Parameters:
    ///   - subject: the tree.
    ///   - phase: I, V or E; nil: what the change looks like.
    ///   - tell: told what is being done.
    /// - Returns: the receipt, proven or not.
    /// - Throws: exit code 1 where the rules are not approved, 2 for a tree that is none, 3 where
    ///   git or the machine fails.
    package func witness(
        _ subject: Subject,
        phase: Phase?,
        tell: @escaping @Sendable (String) -> Void
    ) async throws(HiveError) -> SignedReceipt {
        do {
            let (tree, base) = try await trees(of: subject)
            let key = try keys.witnessKey()
            let (rules, approval) = try await approvedRules(of: tree, base, witness: key.owner)
            let room = CleanRoom(
                repository: repository,
                rules: rules.room,
                cacheFolder: settings.stateDirectory + "/witness",
                environment: ProcessVariables.places,
                entry: entry
            )
            let witness = try Witness(
                repository: repository,
                rules: rules,
                room: room,
                now: { SystemClock.now().rfc3339 },
                tell: tell
            )
            let trust = Trust(
                owner: nil,
                approvals: [approval],
                rules: [rules.digest: rules],
                baseRules: rules
            )
            let notes = try await repository.notes()
            let known = Verifier(repository: repository, trust: trust, notes: notes).counting
            let question = Witness.Question(tree: tree, base: base, known: known)
            let receipt = try await see(phase, question, with: witness)
            let signed = try SignedReceipt(receipt, by: key)
            try await repository.appendNote(signed.line, to: tree.id)
            return signed
        } catch {
            throw HiveError(error)
        }
    }

    /// Witnesses the phase or, without one, what the change looks like.
    ///
    /// Changed tests look like a red. Where none fails they belong to a refactor, or to a removal.
    private func see(
        _ phase: Phase?,
        _ question: Witness.Question,
        with witness: Witness
    ) async throws(WitnessError) -> Receipt {
        let seen = try await witness.witness(phase ?? witness.phase(of: question), question)
        let isGuess = phase == nil && seen.kind == .red
        guard isGuess, !seen.isProven, seen.failed.isEmpty, !seen.passed.isEmpty else {
            return seen
        }
        let refactor = try await witness.witness(.evolve, question)
        return refactor.isProven || !refactor.violations.isEmpty ? refactor : seen
    }

    /// The receipts of the repository, the oldest first.
    package func receipts() async throws(HiveError) -> [SignedReceipt] {
        do {
            return try await repository.notes().values
                .flatMap(Verifier.receipts)
                .sorted { $0.receipt.timestamp < $1.receipt.timestamp }
        } catch {
            throw HiveError(error)
        }
    }

    /// The files that are not the same in the index as in the tree that was witnessed.
    package func changes(since signed: SignedReceipt) async throws(HiveError) -> [String] {
        do {
            let then = try await repository.tree(of: signed.receipt.tree)
            let now = try await repository.indexTree()
            return TreeParts.changed(now.files, from: then.files).map(\.name).sorted()
        } catch {
            throw HiveError(error)
        }
    }

    // MARK: Trees

    private func trees(of subject: Subject) async throws -> (tree: GitTree, base: GitTree) {
        switch subject {
        case .index: return try await withBase(try await repository.indexTree())
        case .working: return try await withBase(try await repository.workingTree())
        case .ref(let ref):
            let tree = try await repository.tree(of: ref)
            // A commit is compared with what it follows, a bare tree with what is checked out.
            guard let commit = try await repository.commit(ref) else {
                return (tree, try await headTree())
            }
            guard let parent = commit.parents.first else { return (tree, repository.emptyTree) }
            return (tree, try await repository.tree(of: parent))
        }
    }

    /// A tree with what is checked out, or, where that is just this tree, with what went before:
    /// then the commit is there already.
    private func withBase(_ tree: GitTree) async throws -> (tree: GitTree, base: GitTree) {
        guard let head = try await repository.head() else { return (tree, repository.emptyTree) }
        guard tree.id == head.tree else { return (tree, try await headTree()) }
        return try await trees(of: .ref(head.commit))
    }

    private func headTree() async throws -> GitTree {
        guard let head = try await repository.head() else { return repository.emptyTree }
        return try await repository.tree(of: head.tree)
    }

    // MARK: Rules

    private func approvedRules(
        of tree: GitTree,
        _ base: GitTree,
        witness: OwnerKey
    ) async throws -> (WitnessRules, Approval) {
        let files = TreeRules(repository: repository)
        guard let rules = try await files.rules(in: tree) else {
            throw HiveError.refused(
                "the tree has no \(Verifier.rulesPath), so no person approved a test command",
                hint: "hive init writes it; then git add \(Verifier.rulesPath)"
            )
        }
        guard let owner = try await owner(base, tree) else {
            throw HiveError.refused(
                "nobody owns this project: no key is pinned and \(Verifier.ownerPath) is missing",
                hint: "hive init makes your key and writes it; then git add \(Verifier.ownerPath)"
            )
        }
        let hint = "read \(Verifier.rulesPath), then: hive override approve-rules && git add specs"
        guard let approval = try await files.approval(in: tree, by: owner) else {
            throw HiveError.refused(
                "the tree has no \(Approval.path) that the owner \(owner.fingerprint) signed",
                hint: hint
            )
        }
        guard approval.rules == rules.digest else {
            throw HiveError.refused(
                "\(Verifier.rulesPath) was changed since its owner approved it",
                hint: hint
            )
        }
        guard approval.witnesses.contains(witness) else {
            throw HiveError.refused(
                "this machine's witness key \(witness.fingerprint) is not among those approved",
                hint: hint
            )
        }
        return (rules, approval)
    }

    /// Whose approval counts: the pin on this machine, else what the base's tree says.
    private func owner(_ base: GitTree, _ tree: GitTree) async throws -> OwnerKey? {
        if let pin = try keys.pin(forBoard: ResolvedPath.of(settings.board)) { return pin }
        let files = TreeRules(repository: repository)
        if let key = try await files.owner(in: base) { return key }
        return try await files.owner(in: tree)
    }
}
