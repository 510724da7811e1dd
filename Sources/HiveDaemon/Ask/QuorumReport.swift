import HiveKernel
package import HiveSignal

/// The kernel's simulation, as JSON.
package enum QuorumReport {
    /// Tries the vote.
    ///
    /// - Parameters:
    ///   - runs: trials of each setting.
    ///   - seed: of all draws.
    ///   - accuracy: how often an honest voter is right, 0…1.
    ///   - probes: for each voter.
    /// - Returns: `{"runs","seed","accuracy","probes","rows":[ROW…]}`; a ROW has `voters`, `liars`,
    ///   `kind` (null without liars), `within` (n ≥ 3f + 1), and shares: `right`, `wrong`, `none`
    ///   of all trials, `detected` of the liars (null without any), `accused` of the honest voters,
    ///   `majorityRight`, `majorityWrong` and `singleWrong` of all trials.
    package static func simulate(
        runs: Int,
        seed: UInt64,
        accuracy: Double,
        probes: Int
    ) -> JSONValue {
        let simulation = QuorumSimulation(
            trials: runs,
            seed: seed,
            accuracyThousandths: Int((min(max(accuracy, 0), 1) * 1_000).rounded()),
            probes: probes
        )
        return [
            "runs": .integer(Int64(runs)),
            "seed": .integer(Int64(clamping: seed)),
            "accuracy": .double(accuracy),
            "probes": .integer(Int64(probes)),
            "rows": .array(simulation.run().map(json)),
        ]
    }

    private static func json(_ row: QuorumSimulation.Row) -> JSONValue {
        let (voters, liars) = (row.setting.voters, row.setting.liars)
        func share(_ part: Int, _ whole: Int) -> JSONValue {
            whole == 0 ? .null : .double(Double(part) / Double(whole))
        }
        return [
            "voters": .integer(Int64(voters)),
            "liars": .integer(Int64(liars)),
            "kind": liars == 0 ? .null : .string(row.setting.kind.rawValue),
            "within": .bool(voters >= 3 * liars + 1),
            "right": share(row.isRight, row.trials),
            "wrong": share(row.isWrong, row.trials),
            "none": share(row.trials - row.isRight - row.isWrong, row.trials),
            "detected": share(row.detected, row.liars),
            "accused": share(row.accused, row.honest),
            "majorityRight": share(row.majorityIsRight, row.trials),
            "majorityWrong": share(row.majorityIsWrong, row.trials),
            "singleWrong": share(row.singleIsWrong, row.trials),
        ]
    }
}
