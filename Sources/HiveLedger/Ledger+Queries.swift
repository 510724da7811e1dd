import GRDB
package import HiveSignal

/// Which signals a query is after; what is nil asks for nothing.
package struct SignalFilter: Sendable, Hashable {
    package var phase: Phase?
    package var port: Port?
    package var type: SignalType?
    package var trace: TraceID?
    package var agent: String?

    package init(
        phase: Phase? = nil,
        port: Port? = nil,
        type: SignalType? = nil,
        trace: TraceID? = nil,
        agent: String? = nil
    ) {
        self.phase = phase
        self.port = port
        self.type = type
        self.trace = trace
        self.agent = agent
    }

    /// The condition's SQL, each clause after an `AND`.
    fileprivate var clauses: String {
        (phase == nil ? "" : " AND phase = ?")
            + (port == nil ? "" : " AND port = ?")
            + (type == nil ? "" : " AND type = ?")
            + (trace == nil ? "" : " AND trace = ?")
            + (agent == nil ? "" : " AND agent = ?")
    }

    /// The values for `clauses`, in the same order.
    fileprivate func bind(to statement: inout PreparedStatement) {
        if let phase { statement.bind(Int64(phase.rawValue)) }
        if let port { statement.bind(Int64(port.rawValue)) }
        if let type { statement.bind(Int64(type.rawValue)) }
        if let trace { statement.bind(trace) }
        if let agent { statement.bind(agent) }
    }
}

/// How many lines passed and failed, and as what.
package struct Counts: Sendable, Hashable {
    /// Accepted signals of one phase and port.
    package struct Accepted: Sendable, Hashable {
        package var phase: Phase
        package var port: Port
        package var count: Int64
    }

    /// By phase, then port; none with a count of zero.
    package var accepted: [Accepted] = []
    /// Quarantine entries by primary violation, refused emits with them.
    package var violations: [String: Int64] = [:]
}

// MARK: - Signals

extension Ledger {
    /// Signals that follow a sequence, oldest first.
    ///
    /// A rare filter reads the whole table
    /// (a quarter of a second for a million lines).
    package func signals(
        after sequence: Int64,
        limit: Int,
        filter: SignalFilter = SignalFilter()
    ) throws(LedgerError) -> [SignalRow] {
        try read("read signals from the ledger") { database in
            var query = try database.prepared(
                """
                SELECT \(SignalRow.columns) FROM signals WHERE sequence > ?\(filter.clauses)
                ORDER BY sequence LIMIT ?
                """
            )
            query.bind(sequence)
            filter.bind(to: &query)
            query.bind(Int64(max(limit, 0)))
            return try query.rows(SignalRow.init)
        }
    }

    /// The newest signals, oldest of them first.
    package func signals(
        last count: Int,
        filter: SignalFilter = SignalFilter()
    ) throws(LedgerError) -> [SignalRow] {
        try read("read signals from the ledger") { database in
            var query = try database.prepared(
                """
                SELECT \(SignalRow.columns) FROM signals WHERE TRUE\(filter.clauses)
                ORDER BY sequence DESC LIMIT ?
                """
            )
            filter.bind(to: &query)
            query.bind(Int64(max(count, 0)))
            return try query.rows(SignalRow.init).reversed()
        }
    }

    /// The newest signal with this id; nil where there is none.
    ///
    /// Reads ids from the newest back.
    package func signal(identifier: String) throws(LedgerError) -> SignalRow? {
        try read("look up a signal in the ledger") { database in
            var query = try database.prepared(
                """
                SELECT \(SignalRow.columns) FROM signals WHERE sequence = (
                    SELECT sequence FROM identifiers WHERE identifier = ?
                    ORDER BY sequence DESC LIMIT 1
                )
                """
            )
            query.bind(identifier)
            return try query.step() ? SignalRow(&query) : nil
        }
    }

    /// The signal with this sequence; nil where that line was not accepted.
    package func signal(sequence: Int64) throws(LedgerError) -> SignalRow? {
        try read("look up a signal in the ledger") { database in
            var query = try database.prepared(
                "SELECT \(SignalRow.columns) FROM signals WHERE sequence = ?"
            )
            query.bind(sequence)
            return try query.step() ? SignalRow(&query) : nil
        }
    }
}

// MARK: - Quarantine

extension Ledger {
    /// The newest entries, newest first; without `includeSeen` only those nobody has decided on.
    package func quarantine(
        limit: Int,
        includeSeen: Bool
    ) throws(LedgerError) -> [QuarantineRow] {
        try read("read quarantine from the ledger") { database in
            var query = try database.prepared(
                """
                SELECT \(QuarantineRow.columns) FROM quarantine
                \(includeSeen ? "" : "WHERE disposition = 0") ORDER BY number DESC LIMIT ?
                """
            )
            query.bind(Int64(max(limit, 0)))
            return try query.rows(QuarantineRow.init)
        }
    }

    /// Entries whose id begins so, by id.
    ///
    /// Two or more: the prefix is ambiguous.
    package func quarantine(
        idPrefix prefix: String,
        limit: Int = 16
    ) throws(LedgerError) -> [QuarantineRow] {
        try read("look up an entry in the ledger") { database in
            // As a range, which the index on ids answers; U+10FFFF sorts after every character.
            var query = try database.prepared(
                """
                SELECT \(QuarantineRow.columns) FROM quarantine
                WHERE identifier >= ? AND identifier < ? ORDER BY identifier LIMIT ?
                """
            )
            query.bind(prefix)
            query.bind(prefix + "\u{10FFFF}")
            query.bind(Int64(max(limit, 0)))
            return try query.rows(QuarantineRow.init)
        }
    }

    /// The newest entry of a line with these bytes; nil where there is none.
    ///
    /// It looks at every entry: for what a person asks.
    package func quarantine(sha256: String) throws(LedgerError) -> QuarantineRow? {
        try read("look up an entry in the ledger") { database in
            var query = try database.prepared(
                """
                SELECT \(QuarantineRow.columns) FROM quarantine
                WHERE json_extract(CAST(entry AS TEXT), '$.sha256') = ?
                ORDER BY number DESC LIMIT 1
                """
            )
            query.bind(sha256)
            return try query.step() ? QuarantineRow(&query) : nil
        }
    }

    /// The entry of the line with this sequence; nil where that line did not fail.
    package func quarantine(sequence: Int64) throws(LedgerError) -> QuarantineRow? {
        try read("look up an entry in the ledger") { database in
            var query = try database.prepared(
                "SELECT \(QuarantineRow.columns) FROM quarantine WHERE sequence = ?"
            )
            query.bind(sequence)
            return try query.step() ? QuarantineRow(&query) : nil
        }
    }

    /// The entry of the line at this place; nil where no line there failed.
    package func quarantine(
        boardGeneration: Int64,
        offset: Int64
    ) throws(LedgerError) -> QuarantineRow? {
        try read("look up an entry in the ledger") { database in
            var query = try database.prepared(
                """
                SELECT \(QuarantineRow.columns) FROM quarantine
                WHERE board_generation = ? AND offset = ? ORDER BY number DESC LIMIT 1
                """
            )
            query.bind(boardGeneration)
            query.bind(offset)
            return try query.step() ? QuarantineRow(&query) : nil
        }
    }
}

// MARK: - Overviews

extension Ledger {
    /// What passed and what failed, over the board's whole history.
    package func counts() throws(LedgerError) -> Counts {
        try read("count the ledger's rows") { database in
            var counts = Counts()
            var tallies = try database.prepared(
                "SELECT phase, port, accepted FROM tallies ORDER BY phase, port"
            )
            counts.accepted = try tallies.rows { row in
                Counts.Accepted(
                    phase: try row.value(Phase.self),
                    port: try row.value(Port.self),
                    count: row.integer()
                )
            }
            var violations = try database.prepared(
                "SELECT violation, count(*) FROM quarantine GROUP BY violation"
            )
            while try violations.step() {
                counts.violations[violations.text()] = violations.integer()
            }
            return counts
        }
    }

    /// Traces, those that moved last first.
    package func traces(limit: Int) throws(LedgerError) -> [TraceRow] {
        try read("read traces from the ledger") { database in
            var query = try database.prepared(
                """
                SELECT \(TraceRow.columns) FROM traces
                ORDER BY last_sequence DESC, trace LIMIT ?
                """
            )
            query.bind(Int64(max(limit, 0)))
            return try query.rows(TraceRow.init)
        }
    }

    /// What is wrong with the file, in SQLite's words; empty where nothing is.
    ///
    /// Reads all of it. A ledger that may be written has its full-text index compared with the
    /// messages too.
    package func integrityCheck() throws(LedgerError) -> [String] {
        let action = "check the ledger"
        var findings = try read(action) { database in
            var check = try database.prepared("PRAGMA integrity_check(\(Self.findingsMax))")
            return try check.rows { $0.text() }
        }
        findings.removeAll { $0 == "ok" }
        guard findings.isEmpty, !isReadOnly else { return findings }
        do {
            try write(action) { database in
                // A rank of 1 compares with the external content, not only within the index.
                var check = try database.prepared(
                    "INSERT INTO search (search, rank) VALUES ('integrity-check', 1)"
                )
                try check.run()
            }
        } catch  where error.code == .corrupt {
            findings.append("the full-text index does not match the messages: \(error.detail)")
        }
        return findings
    }

    private static let findingsMax = 100
}
