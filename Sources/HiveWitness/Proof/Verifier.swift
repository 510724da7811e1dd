import HiveSignal

// How commits are judged
//
// By their trees and by receipts, and by nothing that a working folder, a ledger or the environment
// says: the same answers come from a fresh clone. A commit says which phase it is; a receipt of
// exactly its tree, compared with exactly its parent's code, says whether that is so. Which
// receipts count is settled by what the base of the range says (`Trust`), so that a range cannot
// loosen the rules that it is judged by.

/// What became of one commit.
package struct CommitVerdict: Sendable, Hashable {
    package enum Standing: String, Sendable, Hashable {
        /// A receipt shows what it claims, or there is nothing to show.
        case proven
        /// Nothing shows it, and nothing speaks against it.
        case unproven
        /// Something shows the opposite.
        case contradicted
    }

    package var commit: CommitInfo
    package var claim: CommitClaim
    package var standing: Standing
    /// Why, a line each; the first is the one that counts.
    package var reasons: [String]
    package var violations: [String] = []
    /// The receipts that it rests on.
    package var receipts: [String] = []
    /// A file that it changes; nil: none that matters.
    package var path: String?
    /// True: the commit before it had no rules that an owner approved.
    package var isBeforeRules = false
}

/// Judges commits by their trees and receipts.
package struct Verifier: Sendable {
    let repository: GitRepository
    let trust: Trust
    /// By the tree that they are of, the oldest first.
    private let receipts: [String: [SignedReceipt]]

    /// `notes` are those of the repository, by object.
    package init(repository: GitRepository, trust: Trust, notes: [String: [UInt8]]) {
        self.repository = repository
        self.trust = trust
        receipts = notes.mapValues(Self.receipts)
    }

    /// The receipts in a note, the oldest first; lines that are none are left out.
    package static func receipts(in note: [UInt8]) -> [SignedReceipt] {
        note.split(separator: UInt8(ascii: "\n")).compactMap { SignedReceipt(line: Array($0)) }
            .sorted { $0.receipt.timestamp < $1.receipt.timestamp }
    }

    /// All receipts that count, the oldest first.
    package var counting: [SignedReceipt] {
        receipts.values.joined().filter { trust.objection(to: $0) == nil }
            .sorted { $0.receipt.timestamp < $1.receipt.timestamp }
    }

    /// Judges one commit by the receipts that there are.
    package func judge(_ commit: CommitInfo) async throws(WitnessError) -> CommitVerdict {
        var verdict = CommitVerdict(
            commit: commit,
            claim: CommitClaim(commit),
            standing: .unproven,
            reasons: []
        )
        let change = try await Change(of: commit, in: repository, trust.baseRules)
        verdict.path = (change.code + change.pins).map(\.name).min()
        if let refusal = try await refusal(of: change) {
            return verdict.contradicted(refusal, "TAMPERED")
        }
        if commit.parents.count > 1, let decided = try await judgeMerge(commit, verdict) {
            return decided
        }
        if !change.touchesCode, change.pins.allSatisfy({ Self.ownersPaths.contains($0.name) }),
            change.touchesPins
        {
            return verdict.proven("changes the rules, as their owner approved")
        }
        guard change.touchesCode || change.touchesPins else {
            return verdict.proven("changes neither code nor tests")
        }
        guard !trust.young.contains(commit.id) else {
            verdict.isBeforeRules = true
            verdict.reasons.append("the commit before it has no rules that an owner approved")
            return verdict
        }
        let phase = verdict.claim.phase
        if phase == .hunt {
            return verdict.contradicted(
                "says H (\(verdict.claim.source)) and changes "
                    + few((change.code + change.pins).map(\.name)),
                "SKIPPED_INTERLOCK"
            )
        }
        let all = receipts[commit.tree] ?? []
        let objections = all.compactMap { objection(to: $0, of: commit.tree) }
        let sound = all.filter { objection(to: $0, of: commit.tree) == nil }
        if let decided = decide(&verdict, change, sound, phase) { return decided }
        if let weakened = try await weakened(change, phase) {
            return verdict.contradicted(weakened, "REWARD_HACK")
        }
        if let objection = objections.first {
            return verdict.contradicted(objection, "TAMPERED")
        }
        verdict.reasons.append(Self.missing(phase, change, trust))
        return verdict
    }

    /// Why a receipt in the note of a tree does not count for it; nil: it does.
    private func objection(to signed: SignedReceipt, of tree: String) -> String? {
        // A note is found by its tree, and anybody can copy a line from one to another.
        signed.receipt.tree == tree
            ? trust.objection(to: signed)
            : "receipt \(signed.id) is of another tree, \(signed.receipt.tree.prefix(12))"
    }

    /// What the receipts of this very tree say; nil: nothing of this phase.
    private func decide(
        _ verdict: inout CommitVerdict,
        _ change: Change,
        _ sound: [SignedReceipt],
        _ phase: Phase?
    ) -> CommitVerdict? {
        let fitting = sound.filter { signed in
            guard let phase else {
                return change.touchesCode ? signed.receipt.kind != .red : true
            }
            return signed.receipt.kind.phase == phase
        }
        guard let newest = fitting.last else { return nil }
        let receipt = newest.receipt
        verdict.receipts = [newest.id]
        guard receipt.isProven else {
            let why = receipt.notes.first ?? "it proves nothing"
            return verdict.contradicted(
                "receipt \(newest.id): \(why)",
                receipt.violations.first ?? "UNWITNESSED"
            )
        }
        if let other = otherBase(receipt, change) {
            verdict.reasons.append("receipt \(newest.id): \(other)")
            return nil
        }
        verdict.receipts += [receipt.red].compactMap { $0 }
        verdict.reasons += TreeParts.remarks(
            on: receipt.kind,
            from: TreeParts(change.parent, trust.baseRules),
            to: TreeParts(change.tree, trust.baseRules)
        )
        verdict.reasons += receipt.remarksOnProvingTests
        verdict.reasons += receipt.unneeded.map { "no proving test needs \($0)" }
        if receipt.sandbox == SandboxKind.unsandboxed.rawValue {
            verdict.reasons.append("witnessed without a sandbox")
        }
        return verdict.proven(Self.summary(receipt))
    }

    /// A green and a refactor show something about a change, from one tree to another: the same
    /// tree on another parent is another change.
    private func otherBase(_ receipt: Receipt, _ change: Change) -> String? {
        switch receipt.kind {
        case .red: nil
        case .green:
            receipt.baseCodeDigest == change.codeDigest(of: trust.rules[receipt.rules])
                ? nil : "it was witnessed on other code than this commit's parent has"
        case .refactor, .removal:
            receipt.base == change.parent.id
                ? nil : "it was witnessed against another tree than this commit's parent"
        }
    }

    /// Pinned files that were changed since the red that this commit rests on.
    private func weakened(
        _ change: Change,
        _ phase: Phase?
    ) async throws(WitnessError) -> String? {
        guard change.touchesPins, phase == .validate || (phase == nil && change.touchesCode) else {
            return nil
        }
        let red = (receipts[change.parent.id] ?? []).last { signed in
            signed.receipt.kind == .red && signed.receipt.isProven
                && objection(to: signed, of: change.parent.id) == nil
        }
        guard let red, let rules = trust.rules[red.receipt.rules] else { return nil }
        let old = TreeParts(change.parent, rules)
        let new = TreeParts(change.tree, rules)
        let changed = TreeParts.changed(new.pinned, from: old.pinned)
        guard !changed.isEmpty else { return nil }
        return "changes \(few(changed.map(\.name))) between red (\(red.id)) and green"
    }

    /// Why a branch may not go from one tree to another, whatever lies between: for what its rules
    /// were; nil: it may.
    package func objection(
        from old: GitTree,
        to new: GitTree
    ) async throws(WitnessError) -> String? {
        try await refusal(of: Change(from: old, to: new, trust.baseRules))
    }

    /// Why a change of the rules or of the owner's key does not hold; nil: it holds.
    private func refusal(of change: Change) async throws(WitnessError) -> String? {
        let names = Set(change.pins.map(\.name))
        if names.contains(Self.ownerPath), change.parent.blob(Self.ownerPath) != nil {
            return "changes the owner's key (\(Self.ownerPath)): only a new base can take it"
        }
        for name in [Self.rulesPath, Approval.path]
        where names.contains(name) && change.tree.blob(name) == nil {
            return "deletes \(name): rules that an owner approved stay until others are approved"
        }
        guard let owner = trust.owner else { return nil }
        if names.contains(Approval.path) {
            guard let approval = try await approval(in: change.tree, owner) else {
                return "changes \(Approval.path), and the owner has not signed it"
            }
            // The owner did sign that one too, once: it is the newer word that counts.
            if let last = try await self.approval(in: change.parent, owner),
                approval.timestamp < last.timestamp
            {
                return "goes back to an older approval, of \(approval.timestamp): "
                    + "hive override approve-rules says it anew"
            }
        }
        guard names.contains(Self.rulesPath), let blob = change.tree.blob(Self.rulesPath) else {
            return nil
        }
        let digest = TreeDigest.sha256(
            try await repository.blob(blob, bytesMax: Self.rulesBytesMax)
        )
        return trust.approves(rules: digest)
            ? nil : "changes \(Self.rulesPath), and the owner has not approved it"
    }

    private func approval(
        in tree: GitTree,
        _ owner: OwnerKey
    ) async throws(WitnessError) -> Approval? {
        guard let blob = tree.blob(Approval.path) else { return nil }
        let file = try await repository.blob(blob, bytesMax: Approval.bytesMax)
        return Approval(file: file, owner: owner)
    }

    /// A merge, as far as it can be judged as one; nil: by its receipts, as other commits.
    private func judgeMerge(
        _ commit: CommitInfo,
        _ verdict: CommitVerdict
    ) async throws(WitnessError) -> CommitVerdict? {
        guard let merged = try await repository.mergedTree(commit.parents) else { return nil }
        if merged == commit.tree {
            return verdict.proven("merges its parents and adds nothing of its own")
        }
        for parent in commit.parents
        where try await repository.tree(of: parent).id == commit.tree {
            var verdict = verdict
            verdict.reasons.append(
                "has the tree of its parent \(parent.prefix(12)), and git would have merged them "
                    + "to another tree: what the others brought is thrown away"
            )
            return verdict
        }
        return nil
    }

    package static let rulesPath = "specs/rules.yaml"
    package static let ownerPath = "specs/owner.pub"
    package static let rulesBytesMax = 1 << 20
    static let ownersPaths = [rulesPath, ownerPath, Approval.path]

    // MARK: Words

    private static func summary(_ receipt: Receipt) -> String {
        let tests = few(receipt.proving)
        return switch receipt.kind {
        case .red: "red, twice, by assertion: \(tests)"
        case .green: "green, and red without this change: \(tests)"
        case .refactor: "green as before: \(tests)"
        case .removal: "gone with the code that only they used: \(tests)"
        }
    }

    private static func missing(_ phase: Phase?, _ change: Change, _ trust: Trust) -> String {
        if trust.owner == nil {
            return "the base has no \(ownerPath): nobody has approved any rules yet"
        }
        let letter =
            phase?.letter ?? (change.touchesCode ? "V or E" : "I")
        return "no receipt of \(letter) for its tree; hive witness makes one, and git fetch origin "
            + "\(GitRepository.receiptsRef):\(GitRepository.receiptsRef) gets those of others"
    }
}

extension CommitVerdict {
    fileprivate func proven(_ reason: String) -> CommitVerdict {
        var verdict = self
        verdict.standing = .proven
        verdict.reasons.insert(reason, at: 0)
        return verdict
    }

    fileprivate func contradicted(_ reason: String, _ violation: String) -> CommitVerdict {
        var verdict = self
        verdict.standing = .contradicted
        verdict.reasons.insert(reason, at: 0)
        verdict.violations = [violation]
        return verdict
    }
}

/// A commit against its first parent.
struct Change: Sendable {
    let tree: GitTree
    let parent: GitTree
    /// Files that differ.
    let code: [TreeFile]
    let pins: [TreeFile]

    init(
        of commit: CommitInfo,
        in repository: GitRepository,
        _ rules: WitnessRules
    ) async throws(WitnessError) {
        let tree = try await repository.tree(of: commit.tree)
        guard let first = commit.parents.first else {
            self.init(from: repository.emptyTree, to: tree, rules)
            return
        }
        self.init(from: try await repository.tree(of: first), to: tree, rules)
    }

    init(from parent: GitTree, to tree: GitTree, _ rules: WitnessRules) {
        self.tree = tree
        self.parent = parent
        // Of large trees most files are the same: only the others are looked at.
        let changed = TreeParts.changed(tree.files, from: parent.files)
        let parts = TreeParts(GitTree(id: tree.id, files: changed), rules)
        code = parts.code.filter { !TreeParts.isDocument($0) }
        pins = parts.pinned
    }

    var touchesCode: Bool { !code.isEmpty }
    var touchesPins: Bool { !pins.isEmpty }

    /// Of the parent's code, as these rules tell code from tests.
    func codeDigest(of rules: WitnessRules?) -> String? {
        rules.map { TreeParts(parent, $0).codeDigest }
    }
}

extension GitTree {
    /// The blob at a path; nil where there is none.
    package func blob(_ name: String) -> String? {
        let path = Array(name.utf8)
        return files.first { $0.path == path }?.blob
    }
}
