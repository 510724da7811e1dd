import GRDB
package import HiveSignal

/// What a daemon needs to go on where it stopped.
package struct Restored: Sendable, Hashable {
    package var position: Position
    /// Every trace, by id.
    package var traces: [TraceRow]
    /// The last ids, oldest first.
    package var identifiers: [IdentifierRow]
    /// The last accepted signals, as many as ids at most, oldest first.
    package var reactions: [ReactionRow]
    /// The chain's last heads, oldest first.
    package var heads: [ChainHead]
    /// Entries whose lines are still to be masked, in the order they were committed.
    package var pendingMasks: [QuarantineRow]
}

extension Ledger {
    /// How many ids the kernel remembers (SPEC §1, G10).
    package static let identifiersRemembered = 65_536

    /// The state behind the last commit; nil where there is none.
    ///
    /// All of it is one snapshot, and of the board's own generation. `identifierLimit` says how
    /// many of the newest ids come with it, and of the newest signals.
    package func restore(
        identifierLimit: Int = Ledger.identifiersRemembered
    ) throws(LedgerError) -> Restored? {
        try read("restore from the ledger") { database in
            guard let position = try Self.position(database) else { return nil }
            var traces = try database.prepared(
                "SELECT \(TraceRow.columns) FROM traces ORDER BY trace"
            )
            var identifiers = try database.prepared(
                """
                SELECT \(IdentifierRow.columns) FROM identifiers WHERE sequence > ?
                ORDER BY sequence DESC LIMIT ?
                """
            )
            identifiers.bind(position.generationStart)
            identifiers.bind(Int64(identifierLimit))
            var reactions = try database.prepared(
                """
                SELECT \(ReactionRow.columns) FROM reactions WHERE sequence > ?
                ORDER BY sequence DESC LIMIT ?
                """
            )
            reactions.bind(position.generationStart)
            reactions.bind(Int64(identifierLimit))
            var pending = try database.prepared(
                """
                SELECT \(QuarantineRow.columns) FROM quarantine
                WHERE mask_state = 0 ORDER BY number
                """
            )
            return Restored(
                position: position,
                traces: try traces.rows(TraceRow.init),
                identifiers: try identifiers.rows(IdentifierRow.init).reversed(),
                reactions: try reactions.rows(ReactionRow.init).reversed(),
                heads: try Self.heads(database),
                pendingMasks: try pending.rows(QuarantineRow.init)
            )
        }
    }

    /// The position behind the last commit; nil for a ledger without commits.
    package func position() throws(LedgerError) -> Position? {
        try read("read the position in the ledger", Self.position)
    }

    private static func position(_ database: Database) throws -> Position? {
        var spans = try database.prepared(
            "SELECT value ->> 0, value ->> 1 FROM position, json_each(position.lost)"
        )
        let lost = try spans.rows { LostSpan(offset: $0.integer(), length: $0.integer()) }
        var row = try database.prepared("SELECT \(Position.columns) FROM position")
        return try row.step() ? Position(&row, lost: lost) : nil
    }
}
