import GRDB
import HiveSignal

// MARK: - Lines in the order they were judged

extension Ledger {
    /// Quarantined lines after a sequence, oldest first.
    ///
    /// Refused emits have no sequence: left out.
    package func quarantined(
        after sequence: Int64,
        limit: Int
    ) throws(LedgerError) -> [QuarantineRow] {
        try read("read quarantine from the ledger") { database in
            var query = try database.prepared(
                """
                SELECT \(QuarantineRow.columns) FROM quarantine
                WHERE sequence > ? ORDER BY sequence LIMIT ?
                """
            )
            query.bind(sequence)
            query.bind(Int64(max(limit, 0)))
            return try query.rows(QuarantineRow.init)
        }
    }

    /// The last quarantined lines, oldest first.
    package func quarantined(last count: Int) throws(LedgerError) -> [QuarantineRow] {
        try read("read quarantine from the ledger") { database in
            var query = try database.prepared(
                """
                SELECT \(QuarantineRow.columns) FROM quarantine
                WHERE sequence > 0 ORDER BY sequence DESC LIMIT ?
                """
            )
            query.bind(Int64(max(count, 0)))
            return try query.rows(QuarantineRow.init).reversed()
        }
    }

    /// How many entries nobody has decided about.
    package func unseenCount() throws(LedgerError) -> Int64 {
        try read("count quarantine in the ledger") { database in
            var query = try database.prepared(
                "SELECT count(*) FROM quarantine WHERE disposition = 0"
            )
            return try query.step() ? query.integer() : 0
        }
    }

    /// Where the last judged line starts that begins at or before an offset; 0 where there is none.
    package func lineStart(
        atOrBefore offset: Int64,
        generation: Int64
    ) throws(LedgerError) -> Int64 {
        try read("look up a line in the ledger") { database in
            var latest: Int64 = 0
            for table in ["signals", "quarantine"] {
                var query = try database.prepared(
                    """
                    SELECT coalesce(max(offset), 0) FROM \(table)
                    WHERE board_generation = ? AND offset <= ?
                    """
                )
                query.bind(generation)
                query.bind(offset)
                if try query.step() { latest = max(latest, query.integer()) }
            }
            return latest
        }
    }
}
