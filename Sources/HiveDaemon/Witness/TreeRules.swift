import HiveKernel
import HiveProcess
import HiveWitness

/// The rules, the owner and the approval as a tree of the repository has them.
struct TreeRules: Sendable {
    let repository: GitRepository

    /// Nil where the tree has no rule book.
    ///
    /// Throws exit code 2 for one that is none.
    func rules(in tree: GitTree) async throws -> WitnessRules? {
        guard let bytes = try await bytes(Verifier.rulesPath, in: tree, RuleBook.bytesMax) else {
            return nil
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw HiveError.usage(
                "\(Verifier.rulesPath) in \(tree.id): the rule book is not UTF-8",
                hint: "save it as UTF-8"
            )
        }
        let name = "\(Verifier.rulesPath) in \(tree.id.prefix(12))"
        let rules = try RuleBook.parse(text: text, file: name)
        return WitnessRules(rules, digest: TreeDigest.sha256(bytes))
    }

    /// How much evidence the rules of a tree ask for.
    func evidence(in tree: GitTree) async throws -> Evidence {
        guard let bytes = try await bytes(Verifier.rulesPath, in: tree, RuleBook.bytesMax) else {
            return .off
        }
        let text = String(decoding: bytes, as: UTF8.self)
        return try RuleBook.parse(text: text, file: Verifier.rulesPath).evidence
    }

    func owner(in tree: GitTree) async throws -> OwnerKey? {
        try await bytes(Verifier.ownerPath, in: tree, OwnerKey.textBytesMax).flatMap {
            OwnerKey(text: String(decoding: $0, as: UTF8.self))
        }
    }

    func approval(in tree: GitTree, by owner: OwnerKey) async throws -> Approval? {
        try await bytes(Approval.path, in: tree, Approval.bytesMax).flatMap {
            Approval(file: $0, owner: owner)
        }
    }

    private func bytes(_ path: String, in tree: GitTree, _ max: Int) async throws -> [UInt8]? {
        guard let blob = tree.blob(path) else { return nil }
        return try await repository.blob(blob, bytesMax: max)
    }
}

extension WitnessRules {
    init(_ rules: Rules, digest: String) {
        let pinned = rules.witness.pinned ?? Self.defaultPinned
        self.init(
            test: rules.test.words,
            runner: rules.witness.runner,
            tests: rules.witness.tests ?? Self.defaultTests,
            pinned: pinned,
            room: RoomRules(
                setup: rules.witness.setup,
                lockFiles: pinned,
                readable: rules.witness.readable,
                limits: Command.Limits(rules.test)
            ),
            digest: digest
        )
    }
}
