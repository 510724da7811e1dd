import HiveBlackboard
import HiveKernel
import HiveLedger
import HiveSignal

extension Replay {
    /// HiveControl's `Method.at`: the state as it was after a judged line.
    ///
    /// In whatever generation that line was judged.
    ///
    /// - Throws: exit code 2 for a sequence that the board has not reached.
    func state(at sequence: Int64) throws(HiveError) -> JSONValue {
        guard sequence >= 0 else {
            throw .usage("no sequence \(sequence)", hint: "0 is the empty board; see hive log")
        }
        let history = try AuditHistory(
            source: HiveError.wrap { try JournalView(path: settings.audit) }
        )
        if history.boardID == nil {
            // Of a board that was never made there is no state, not even an empty one.
            _ = try HiveError.wrap { try BoardFile(path: settings.board) }
        }
        var params: JSONObject = [:]
        params["until"] = .integer(sequence)
        params["gen"] = history.generation(of: sequence).map(JSONValue.integer)
        var run = try ReplayRun(settings: settings, history: history, params: .object(params))
        if sequence > run.standing.state.sequence { try run.foldBoard() }
        let reached = run.standing.state.sequence
        guard reached == sequence else {
            throw .usage(
                "the board has \(reached) judged lines, and no sequence \(sequence)",
                hint: "hive log shows the last ones"
            )
        }
        let report = StateReport(settings: settings, fold: run.standing)
        var state = report.state.objectValue ?? [:]
        state["sequence"] = .integer(sequence)
        state["line"] = .integer(run.standing.position.lines)
        return .object(state)
    }

    /// The sequence that the parameters name.
    static func sequence(_ params: JSONValue) throws(HiveError) -> Int64 {
        guard let sequence = params["sequence"]?.integerValue else {
            throw .usage("no sequence given", hint: "hive log shows them")
        }
        return sequence
    }
}
