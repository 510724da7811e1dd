import HiveKernel
import HiveWitness

extension Doctor {
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
