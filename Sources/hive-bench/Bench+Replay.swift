import HiveControl
import HiveDaemon
import HiveSignal

extension Bench {
    /// The whole corpus judged again, beside the fold alone: scan, rules and chain, in memory.
    ///
    /// A twentieth of its lines is quarantined: their entries are read for the original bytes.
    func measureReplay(_ table: inout Table) throws {
        let settings = try freshBoard("replay", from: corpus.lines)
        let lines = Double(try Engine.open(settings: settings).sequence)
        let bytes = try load(corpus.lines)
        let fold = Measure.best(of: 2) { ScanPass(gatesOnly: false).run(bytes) }
        let chain = Measure.best(of: 2) { ScanPass.chain(bytes) }
        let plain = lines / (fold.seconds + chain.seconds)
        let calls: [(figure: String, method: String, params: JSONValue)] = [
            ("replay", Method.replay, [:]),
            ("  by other rules", Method.replay, ["mode": "strict"]),
            ("bisect to the last line", Method.bisect, ["violation": "BACKWARD_JUMP"]),
        ]
        for call in calls {
            let run = try Measure.best(of: 2) {
                try LocalHive.call(call.method, call.params, settings: settings)
            }
            if call.method == Method.replay, run.answer["chainMatches"] != true {
                table.note("\(call.figure): the chain is not the ledger's")
            }
            table.add(
                Table.Row(
                    figure: call.figure,
                    unit: .perSecond,
                    hive: lines / run.seconds,
                    rival: plain,
                    target: "≥ 0.5 × the fold alone"
                )
            )
        }
    }
}
