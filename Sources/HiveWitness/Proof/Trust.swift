/// Whose receipts count in a range of commits: what the base says, and what its owner signed since.
package struct Trust: Sendable {
    /// The owner's key; nil: the base names none, and nothing can be proven.
    package var owner: OwnerKey?
    /// What the owner has approved.
    package var approvals: [Approval]
    /// Rule books that were approved, by their digest.
    package var rules: [String: WitnessRules]
    /// The base's own rules: what is a test, and how much evidence a claim takes.
    package var baseRules: WitnessRules
    /// The commits of the range that were there before its first approved rules.
    package var young: Set<String>

    package init(
        owner: OwnerKey?,
        approvals: [Approval],
        rules: [String: WitnessRules],
        baseRules: WitnessRules,
        young: Set<String> = []
    ) {
        self.owner = owner
        self.approvals = approvals
        self.rules = rules
        self.baseRules = baseRules
        self.young = young
    }

    /// True where the owner approved these rules.
    package func approves(rules digest: String) -> Bool {
        approvals.contains { $0.rules == digest }
    }

    /// Why a receipt does not count; nil: it does.
    package func objection(to signed: SignedReceipt) -> String? {
        guard signed.isSound else {
            return "receipt \(signed.id): its signature is not that of its text"
        }
        let approving = approvals.filter { $0.rules == signed.receipt.rules }
        if approving.isEmpty {
            return "receipt \(signed.id) goes by rules that nobody approved"
        }
        guard approving.contains(where: { $0.witnesses.contains(signed.signer) }) else {
            return
                "receipt \(signed.id) is signed by \(signed.signer.fingerprint), which the owner "
                + "has not approved as a witness"
        }
        return nil
    }
}
