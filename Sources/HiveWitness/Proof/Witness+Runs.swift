import HiveProcess
import HiveSignal

extension Witness {
    /// A run and what it says.
    struct Seen: Sendable {
        let report: RunReport
        let tally: Tally
        let run: Receipt.Run
        let sandbox: SandboxKind
    }

    /// Checks a tree out and runs the tests in it once.
    func see(_ what: String, _ tree: GitTree) async throws(WitnessError) -> Seen {
        try await room.withTree(tree) { place throws(WitnessError) in
            try await see(what, place)
        }
    }

    /// Runs the tests in a place.
    func see(_ what: String, _ place: any Workplace) async throws(WitnessError) -> Seen {
        let runner = runner
        let command = command
        let left = try await place.run { runner.invocation(of: command, reportingTo: $0) }
        var report = runner.report(of: left.run)
        if left.ending == .timedOut {
            report.faults.insert("it did not end within its time limit", at: 0)
        }
        let tally = Tally(report, exitCode: left.run.exitCode)
        return Seen(
            report: report,
            tally: tally,
            run: Receipt.Run(
                of: what,
                exitCode: left.run.exitCode.map { Int64($0) },
                passed: Int64(tally.passed.count),
                failed: Int64(tally.failed.count),
                skipped: Int64(tally.skipped.count),
                digest: left.digest,
                seconds: left.seconds
            ),
            sandbox: place.sandbox
        )
    }

    /// A receipt that grows run by run.
    struct Draft {
        var kind: Receipt.Kind
        let tree: TreeParts
        let base: TreeParts
        var finding = Finding()
        var red: SignedReceipt?
        var unneeded: [String] = []
        private var runs: [Receipt.Run] = []
        private var sandbox: SandboxKind?
        private let witness: Witness

        init(_ witness: Witness, _ kind: Receipt.Kind, _ question: Question) {
            self.witness = witness
            self.kind = kind
            tree = TreeParts(question.tree, witness.rules)
            base = TreeParts(question.base, witness.rules)
        }

        mutating func add(_ seen: Seen) {
            runs.append(seen.run)
            sandbox = seen.sandbox
        }

        /// The receipt; `names` is the run of the tree itself.
        func receipt(names: Tally?) -> Receipt {
            var receipt = Receipt(
                kind: kind,
                isProven: finding.isProven,
                tree: tree.tree.id,
                base: base.tree.id,
                command: witness.command,
                runner: witness.runner.name,
                rules: witness.rules.digest,
                pinsDigest: tree.pinsDigest,
                codeDigest: tree.codeDigest,
                baseCodeDigest: base.codeDigest,
                sandbox: sandbox?.rawValue ?? "no run",
                timestamp: witness.now()
            )
            receipt.red = red?.id
            receipt.passed = names?.passed.sorted() ?? []
            receipt.failed = names?.failed.sorted() ?? []
            receipt.skipped = names?.skipped.sorted() ?? []
            receipt.proving = finding.isProven ? finding.proving : []
            receipt.violations = finding.violations
            receipt.notes = finding.notes + TreeParts.remarks(on: kind, from: base, to: tree)
            receipt.notes += receipt.remarksOnProvingTests
            receipt.unneeded = unneeded
            receipt.runs = runs
            if tree.pinned.count <= Receipt.pinsMax {
                for file in tree.pinned { receipt.pins[file.name] = file.blob }
            }
            return receipt
        }
    }
}
