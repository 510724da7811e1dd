import HiveControl
import HiveSignal

extension Daemon {
    /// What is asked of the rules in force, and what changes them.
    func answerRules(
        _ request: ControlRequest,
        _ peer: PeerCredentials
    ) async throws(HiveError) -> JSONValue {
        let params = request.params
        switch request.method {
        case Method.validate:
            let line = try Engine.line(params)
            return try await board.perform { engine throws(HiveError) in
                try engine.validate(line)
            }
        case Method.rulesReload:
            try requireOwner(peer)
            return try await board.perform { engine throws(HiveError) in
                try engine.reloadRules()
            }
        case Method.rulesMode:
            try requireOwner(peer)
            return try await board.perform { engine throws(HiveError) in
                try engine.setMode(params)
            }
        case Method.moves:
            return try await board.perform { engine throws(HiveError) in
                try MoveReport(fold: engine.fold).answer(params)
            }
        case Method.standing:
            let view = view
            return try await board.perform { engine throws(HiveError) in
                try Standing(fold: engine.fold, view: view, params).answer(by: engine.book)
            }
        case Method.budget:
            return try await board.perform { engine throws(HiveError) in
                try engine.budgetReport()
            }
        default: return try await board.perform { $0.rulesReport }
        }
    }
}
