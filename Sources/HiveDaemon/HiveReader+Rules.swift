import HiveBlackboard
import HiveKernel
import HiveLedger
import HiveSignal

/// What is asked of the rules where no daemon runs: those that the next one would take up.
extension HiveReader {
    /// HiveControl's `Method.rules`.
    func rules() throws(HiveError) -> JSONValue {
        let history = try AuditHistory(
            source: HiveError.wrap { try JournalView(path: settings.audit) }
        )
        let mode = settings.modeOverride
        let last = history.ruleChanges.last
        let isHeld = last?.text == book.text && last?.mode == mode?.rawValue
        let ledger = view.ledger
        let judged = try HiveError.wrap { try ledger?.position()?.offset ?? 0 }
        return RulesReport(
            book: book,
            mode: settings.rules(of: book).mode,
            inPlace: mode,
            since: isHeld ? last?.offset ?? 0 : judged
        ).json
    }

    /// HiveControl's `Method.moves`.
    func moves(_ params: JSONValue) throws(HiveError) -> JSONValue {
        var fold = fold
        fold.context.rules = settings.rules(of: book)
        return try MoveReport(fold: fold).answer(params)
    }

    /// HiveControl's `Method.standing`.
    func standing(_ params: JSONValue) throws(HiveError) -> JSONValue {
        var fold = fold
        fold.context.rules = settings.rules(of: book)
        return try Standing(fold: fold, view: view, params).answer(by: book)
    }

    /// HiveControl's `Method.budget`.
    func budget() throws(HiveError) -> JSONValue {
        try BudgetReport(
            ledger: view.ledger,
            rules: settings.rules(of: book).budget,
            now: SystemClock.now()
        ).json()
    }
}
