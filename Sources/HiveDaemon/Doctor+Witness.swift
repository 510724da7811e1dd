import HiveKernel
import HiveWitness

extension Doctor {
    /// Whether the rule book has its owner's word as it is now; nothing where the board has no
    /// owner, or the rules no test command that a word could be on.
    func approval(_ rules: Rules) -> [Finding] {
        guard rules.test.words != nil, let keys = try? KeyFolder.ofProcess() else { return [] }
        let pin = try? keys.pin(forBoard: ResolvedPath.of(settings.board))
        guard let owner = pin.flatMap(\.self) else { return [] }
        let folder = ResolvedPath.of(settings.workingFolder)
        let desk = ApprovalDesk(folder: GitTop.of(folder) ?? folder, keys: keys)
        guard FileProbe.exists("\(desk.folder)/\(Verifier.rulesPath)") else { return [] }
        guard desk.areRulesApproved(by: owner) else {
            return [
                Finding(
                    name: "approval",
                    status: .warning,
                    found: "\(Verifier.rulesPath) is not approved as it is: no receipt counts",
                    cure: "read it, then: hive override approve-rules"
                )
            ]
        }
        return [Finding(name: "approval", status: .ok, found: "the rules are approved as they are")]
    }

    /// Whether a receipt could come of the test command, and in which sandbox it would run.
    ///
    /// A warning only where evidence is asked for; nothing where there is no test command, of which
    /// another finding tells.
    func witness(_ rules: Rules) async -> [Finding] {
        guard let words = rules.test.words else { return [] }
        let name = "witness"
        let isAsked = rules.evidence != .off
        let runner = TestRunners.runner(for: words, named: rules.witness.runner)
        guard let runner else {
            return [
                Finding(
                    name: name,
                    status: isAsked ? .warning : .ok,
                    found: "nobody reads the report of \(words.joined(separator: " ")): it proves "
                        + "nothing",
                    cure: "name the runner itself in witness.test (\(Self.someRunners)), or set "
                        + "witness.runner: specs/witness.md"
                )
            ]
        }
        let sandbox = await CleanRoom.probe(entry: SandboxEntry.ownWords ?? [])
        guard sandbox != .unsandboxed else {
            return [
                Finding(
                    name: name,
                    status: isAsked ? .warning : .ok,
                    found: "reads \(runner.name); no sandbox works here, and receipts will say so",
                    cure: "sudo apt-get install bubblewrap"
                )
            ]
        }
        let kind = sandbox == .bubblewrap ? "bubblewrap" : "namespaces of hive's own"
        return [Finding(name: name, status: .ok, found: "reads \(runner.name), in \(kind)")]
    }

    private static let someRunners = "pytest, swift test, go test, cargo test, node --test"
}
