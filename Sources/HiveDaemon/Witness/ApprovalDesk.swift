import HiveKernel
import HiveSignal
package import HiveWitness

/// Where a person's word on the rules is given: `specs/approval.json` in the project's folder.
package struct ApprovalDesk: Sendable, Hashable {
    /// The project's folder, absolute.
    let folder: String
    let keys: KeyFolder

    package init(folder: String, keys: KeyFolder) {
        self.folder = folder
        self.keys = keys
    }

    /// The desk of the repository that the working folder is in.
    ///
    /// Throws exit code 3 where there is none, or no home that a key could be in.
    package static func ofProject(_ settings: Settings) async throws(HiveError) -> ApprovalDesk {
        do {
            let repository = try await GitRepository.open(
                settings.workingFolder,
                environment: ProcessVariables.places
            )
            return ApprovalDesk(folder: repository.folder, keys: try KeyFolder.ofProcess())
        } catch {
            throw HiveError(error)
        }
    }

    /// What a person is asked to approve.
    package struct Proposal: Sendable, Hashable {
        /// The test command; nil: the rules name none, and no receipt can come of them.
        package var command: [String]?
        /// Fetches dependencies with the network; nil: nothing does.
        package var setup: [String]?
        package var evidence: String
        /// SHA-256 of the rule book, hexadecimal digits.
        package var digest: String
        package var owner: OwnerKey
        package var isSealed: Bool
        /// Machines that may witness, this one last where it is new.
        package var witnesses: [OwnerKey]
        /// True: the owner has signed just this already.
        package var isApproved: Bool
    }

    private var rulesPath: String { "\(folder)/\(Verifier.rulesPath)" }
    private var approvalPath: String { "\(folder)/\(Approval.path)" }

    /// Reads what there is to approve.
    ///
    /// Throws exit code 2 where there is no rule book or it is none, 3 where there is no key.
    package func proposal() throws(HiveError) -> Proposal {
        let book = try RuleBook.load(path: rulesPath)
        let file = try HiveError.wrap { try keys.key() }
        guard let file else {
            throw .machine(
                "you have no key: there is no \(keys.keyPath)",
                hint: "hive init makes it"
            )
        }
        if let owner = publishedOwner, owner != file.owner {
            throw .refused(
                "\(Verifier.ownerPath) is another's key, \(owner.fingerprint); yours is "
                    + file.owner.fingerprint,
                hint: "only the owner of the project approves its rules"
            )
        }
        let witness = try HiveError.wrap { try keys.witnessKey().owner }
        let present = approval(by: file.owner)
        let known = present?.witnesses ?? []
        let digest = TreeDigest.sha256(Array(book.text.utf8))
        return Proposal(
            command: book.rules.test.words,
            setup: book.rules.witness.setup,
            evidence: book.rules.evidence.rawValue,
            digest: digest,
            owner: file.owner,
            isSealed: file.isSealed,
            witnesses: known.contains(witness) ? known : known + [witness],
            isApproved: present?.rules == digest && known.contains(witness)
        )
    }

    /// Signs a proposal, and gives the path of what was written.
    ///
    /// Throws `HiveError` with exit code 1 for a wrong passphrase, 3 where the file cannot be
    /// written.
    @discardableResult
    package func approve(
        _ proposal: Proposal,
        reason: String,
        passphrase: Passphrase?
    ) throws(HiveError) -> String {
        guard proposal.witnesses.count <= Approval.witnessesMax else {
            throw .refused(
                "\(proposal.witnesses.count) machines may witness, and \(Approval.witnessesMax) "
                    + "is the most",
                hint: "remove \(Approval.path) and approve anew on each machine that is in use"
            )
        }
        let approval = Approval(
            rules: proposal.digest,
            command: proposal.command ?? [],
            witnesses: proposal.witnesses,
            reason: reason,
            timestamp: SystemClock.now().rfc3339
        )
        let bytes: [UInt8]
        do throws(WitnessError) {
            guard let key = try keys.key()?.open(passphrase) else {
                throw WitnessError(.missing, "your key is gone", hint: "hive init makes one")
            }
            bytes = try approval.signed(by: key)
        } catch {
            let isWrong = [.wrongPassphrase, .sealed].contains(error.code)
            throw HiveError(exitCode: isWrong ? 1 : 3, message: error.message, hint: error.hint)
        }
        try FreshFile.replace(approvalPath, bytes)
        return approvalPath
    }

    /// True where this owner has signed the rule book as it is now.
    func areRulesApproved(by owner: OwnerKey) -> Bool {
        guard case .bytes(let bytes) = BoundedFile.read(rulesPath, bytesMax: RuleBook.bytesMax)
        else { return false }
        return approval(by: owner)?.rules == TreeDigest.sha256(bytes)
    }

    /// The machines that may witness, where this owner signed so; else none.
    func witnesses(approvedBy owner: OwnerKey) -> [OwnerKey] {
        approval(by: owner)?.witnesses ?? []
    }

    /// False where the project names another's key, or one that cannot be read.
    func isOwned(by own: OwnerKey?) -> Bool {
        let text = ProjectFolder(folder + "/specs").text("owner.pub")
        guard let text else { return true }
        return own != nil && OwnerKey(text: text) == own
    }

    private var publishedOwner: OwnerKey? {
        ProjectFolder(folder + "/specs").text("owner.pub").flatMap { OwnerKey(text: $0) }
    }

    private func approval(by owner: OwnerKey) -> Approval? {
        guard case .bytes(let bytes) = BoundedFile.read(approvalPath, bytesMax: Approval.bytesMax)
        else { return nil }
        return Approval(file: bytes, owner: owner)
    }
}
