package import HiveWitness

/// The part of `hive init` that is about a person: their key, its public half in the project, and
/// the pin by which overrides of this board are verified.
package struct OwnerSetup: Sendable {
    private let project: ProjectSetup
    private let keys: KeyFolder?

    /// `keys` is nil where the environment names no home: then there is no key, and all else is.
    package init(_ project: ProjectSetup, keys: KeyFolder?) {
        self.project = project
        self.keys = keys
    }

    /// Looks, and adds to the plan what there is to do; nothing is changed.
    ///
    /// Throws exit code 3 for what stands in the way.
    package func add(to plan: inout SetupPlan) throws(HiveError) {
        guard let keys else {
            plan.warn(
                "neither XDG_CONFIG_HOME nor HOME says where your key belongs: none was made",
                cure: "set HOME and run hive init again; until then nothing can be forced"
            )
            return
        }
        let key = try HiveError.wrap { try keys.key() }
        try planKey(key, keys, &plan)
        try planPublicKey(key?.owner, keys, &plan)
        try planPin(key?.owner, keys, &plan)
        try planApproval(key, keys, &plan)
        if keys.path.hasPrefix(project.folder + "/") {
            plan.warn(
                "your key lies inside the project, where git and agents find it",
                cure: "set XDG_CONFIG_HOME to a folder outside, and run hive init again"
            )
        }
    }

    private func planKey(
        _ key: KeyFile?,
        _ keys: KeyFolder,
        _ plan: inout SetupPlan
    ) throws(HiveError) {
        let shown = Paths.shown(keys.keyPath, from: project.folder)
        guard let key else {
            try project.requireRoom(for: keys.keyPath)
            plan.add(
                shown,
                .made,
                note: "your key: it signs overrides",
                work: [.makeKey(keys)]
            )
            return
        }
        let note =
            key.isSealed
            ? "your key, sealed by a passphrase"
            : "your key, without a passphrase (hive override passphrase sets one)"
        plan.add(shown, .kept, note: note)
    }

    /// `specs/owner.pub`, for whoever looks at the project: it says whose overrides hold.
    private func planPublicKey(
        _ own: OwnerKey?,
        _ keys: KeyFolder,
        _ plan: inout SetupPlan
    ) throws(HiveError) {
        let name = "specs/owner.pub"
        let path = "\(project.folder)/\(name)"
        switch PlaceKind.of(path) {
        case .missing:
            try project.requireRoom(for: path)
            plan.add(
                name,
                .made,
                note: "your public key: commit it",
                work: [
                    .makeFolder(Paths.folder(of: path)), .publishKey(keys, path: path),
                ]
            )
        case .file:
            let text = ProjectFolder(Paths.folder(of: path)).text("owner.pub") ?? ""
            let owner = OwnerKey(text: text)
            plan.add(name, .kept, note: owner.map { "the key \($0.fingerprint)" } ?? "")
            if let warning = warning(name, owner, own) { plan.warnings.append(warning) }
        case .link, .folder, .other:
            throw .machine("\(path) is no file", hint: "move it away, then run hive init again")
        }
    }

    private func warning(
        _ name: String,
        _ owner: OwnerKey?,
        _ own: OwnerKey?
    ) -> SetupPlan.Warning? {
        guard let owner else {
            return SetupPlan.Warning(
                message: "\(name) is no public key of hive's",
                cure: "remove it and run hive init again, which writes yours"
            )
        }
        guard owner != own else { return nil }
        return SetupPlan.Warning(
            message: "\(name) is another's key, \(owner.fingerprint)"
                + (own.map { "; yours is \($0.fingerprint)" } ?? ""),
            cure: "if the project is yours to command, remove it and run hive init again"
        )
    }

    private func planPin(
        _ own: OwnerKey?,
        _ keys: KeyFolder,
        _ plan: inout SetupPlan
    ) throws(HiveError) {
        let board = Paths.resolved(project.settings.board)
        let path = keys.pinPath(forBoard: board)
        let shown = Paths.shown(Paths.folder(of: path), from: project.folder) + "/"
        let pinned = try HiveError.wrap { try keys.pin(forBoard: board) }
        guard let pinned else {
            try project.requireRoom(for: path)
            plan.add(
                shown,
                .made,
                note: "pinned: this board's overrides need your key",
                work: [.pinKey(keys, board: board)]
            )
            return
        }
        plan.add(shown, .kept, note: "the pin of this board: \(pinned.fingerprint)")
        guard pinned != own else { return }
        plan.warn(
            "overrides of this board need another's key, \(pinned.fingerprint)",
            cure: "if yours is to hold, remove \(path) and run hive init again"
        )
    }

    /// `specs/approval.json`: receipts count only under rules that a person approved.
    private func planApproval(
        _ key: KeyFile?,
        _ keys: KeyFolder,
        _ plan: inout SetupPlan
    ) throws(HiveError) {
        let name = Approval.path
        let path = "\(project.folder)/\(name)"
        // Receipts go by the rule book that is committed in its usual place.
        guard project.rulesPath == "\(project.folder)/\(Verifier.rulesPath)" else { return }
        let desk = ApprovalDesk(folder: project.folder, keys: keys)
        // Another's project is another's to approve; that it is so was told above.
        guard desk.isOwned(by: key?.owner) else { return }
        switch PlaceKind.of(path) {
        case .missing where key?.isSealed == true:
            plan.warn(
                "nobody has approved the rules yet: no receipt would count",
                cure: "hive override approve-rules, with your passphrase"
            )
        case .missing:
            try project.requireRoom(for: path)
            plan.add(
                name,
                .made,
                note: "you approve these rules, and this machine as witness: commit it",
                work: [.approveRules(desk)]
            )
        case .file:
            let isApproved = (try? desk.proposal().isApproved) ?? false
            plan.add(name, .kept, note: isApproved ? "the rules are approved" : "")
            if !isApproved {
                plan.warn(
                    "the rules, or this machine as their witness, are not approved",
                    cure: "read \(Verifier.rulesPath), then: hive override approve-rules"
                )
            }
        case .link, .folder, .other:
            throw .machine("\(path) is no file", hint: "move it away, then run hive init again")
        }
    }
}
