import GRDB
import HiveSignal

extension Ledger {
    /// Store a batch and the position behind it, in one transaction.
    ///
    /// - Returns: How many open tasks it completed.
    /// - Throws: `.conflict` where a sequence or quarantine id is there already, `.diskFull` and
    ///   the like; the ledger is then as it was before the call.
    @discardableResult
    package func commit(_ batch: Batch) throws(LedgerError) -> Int {
        try write("commit a batch to the ledger") { database in
            var closed = 0
            if !batch.signals.isEmpty {
                try Self.insert(batch.signals, database)
                try Self.index(batch.signals, database)
                try Self.tally(batch.signals, database)
            }
            if !batch.quarantined.isEmpty { try Self.insert(batch.quarantined, database) }
            if !batch.identifiers.isEmpty { try Self.insert(batch.identifiers, database) }
            if !batch.reactions.isEmpty { try Self.insert(batch.reactions, database) }
            if !batch.tasks.isEmpty { try Self.insert(batch.tasks, database) }
            closed = try Self.complete(batch.completions, database)
            if !batch.traces.isEmpty { try Self.upsert(batch.traces, database) }
            if !batch.forgotten.isEmpty { try Self.forget(batch.forgotten, database) }
            if !batch.heads.isEmpty { try Self.keep(batch, database) }
            if let ended = batch.ended { try Self.replace(ended, database) }
            if !batch.copies.isEmpty { try Self.insert(batch.copies, database) }
            try Self.replace(batch.position, database)
            return closed
        }
    }

    /// Note what became of masks.
    ///
    /// An id without an entry changes nothing.
    package func markMasked(
        _ states: [(identifier: String, state: MaskState)]
    ) throws(LedgerError) {
        guard !states.isEmpty else { return }
        try write("mark masked lines in the ledger") { database in
            var update = try database.kept(
                "UPDATE quarantine SET mask_state = ? WHERE identifier = ?"
            )
            defer { update.clear() }
            for state in states {
                update.bind(state.state.rawValue)
                update.bind(state.identifier)
                try update.run()
            }
        }
    }

    /// Note what a person did with an entry, and, where given, what became of its mask.
    ///
    /// - Returns: False where no entry has this id.
    @discardableResult
    package func setDisposition(
        _ identifier: String,
        _ disposition: Disposition,
        maskState: MaskState? = nil
    ) throws(LedgerError) -> Bool {
        try write("note a decision in the ledger") { database in
            var update = try database.kept(
                """
                UPDATE quarantine SET disposition = ?, mask_state = coalesce(?, mask_state)
                WHERE identifier = ?
                """
            )
            defer { update.clear() }
            update.bind(disposition.rawValue)
            update.bind(maskState?.rawValue)
            update.bind(identifier)
            try update.run()
            return database.changesCount > 0
        }
    }

    /// Replace the position alone: tampering noticed or cleared, the board's identity, bytes read.
    package func setPosition(_ position: Position) throws(LedgerError) {
        try write("set the position in the ledger") { database in
            try Self.replace(position, database)
        }
    }
}

// MARK: - One table each

extension Ledger {
    private static func insert(_ rows: [SignalRow], _ database: Database) throws {
        var insert = try database.kept(
            """
            INSERT INTO signals (\(SignalRow.columns))
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        )
        defer { insert.clear() }
        for row in rows {
            insert.bind(row.sequence)
            insert.bind(row.boardGeneration)
            insert.bind(row.line)
            insert.bind(row.offset)
            insert.bind(row.timestampMilliseconds)
            insert.bind(row.mark)
            insert.bind(Int64(row.pull.rawValue))
            insert.bind(Int64(row.type.rawValue))
            insert.bind(Int64(row.phase.rawValue))
            insert.bind(row.generation)
            insert.bind(Int64(row.port.rawValue))
            insert.bind(row.trace)
            insert.bind(row.cycle)
            insert.bind(row.message)
            insert.bind(row.identifier)
            insert.bind(row.parent)
            insert.bind(row.agent)
            insert.bind(row.task)
            insert.bind(row.evidence)
            insert.bind(row.warnings)
            insert.bind(row.raw)
            try insert.run()
        }
    }

    private static func index(_ rows: [SignalRow], _ database: Database) throws {
        var insert = try database.kept("INSERT INTO search (rowid, message) VALUES (?, ?)")
        defer { insert.clear() }
        for row in rows {
            insert.bind(row.sequence)
            insert.bind(row.message)
            try insert.run()
        }
    }

    /// One update for each phase and port in the batch, of which there are at most 40.
    private static func tally(_ rows: [SignalRow], _ database: Database) throws {
        let ports = Int(Port.count)
        var accepted = [Int64](repeating: 0, count: Phase.allCases.count * ports)
        for row in rows { accepted[Int(row.phase.rawValue) * ports + Int(row.port.rawValue)] += 1 }
        var upsert = try database.kept(
            """
            INSERT INTO tallies (phase, port, accepted) VALUES (?, ?, ?)
            ON CONFLICT DO UPDATE SET accepted = accepted + excluded.accepted
            """
        )
        for (index, count) in accepted.enumerated() where count > 0 {
            upsert.bind(Int64(index / ports))
            upsert.bind(Int64(index % ports))
            upsert.bind(count)
            try upsert.run()
        }
    }

    private static func insert(_ rows: [QuarantineRow], _ database: Database) throws {
        var insert = try database.kept(
            """
            INSERT INTO quarantine (\(QuarantineRow.columns))
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        )
        defer { insert.clear() }
        for row in rows {
            insert.bind(row.identifier)
            insert.bind(row.sequence)
            insert.bind(row.boardGeneration)
            insert.bind(row.line)
            insert.bind(row.offset)
            insert.bind(row.length)
            insert.bind(row.violation)
            insert.bind(row.maskState.rawValue)
            insert.bind(row.disposition.rawValue)
            insert.bind(row.entry)
            try insert.run()
        }
    }

    private static func insert(_ rows: [IdentifierRow], _ database: Database) throws {
        var insert = try database.kept(
            "INSERT INTO identifiers (\(IdentifierRow.columns)) VALUES (?, ?, ?)"
        )
        defer { insert.clear() }
        for row in rows {
            insert.bind(row.sequence)
            insert.bind(row.identifier)
            insert.bind(row.trace)
            try insert.run()
        }
    }

    private static func upsert(_ rows: [TraceRow], _ database: Database) throws {
        var upsert = try database.kept(
            "INSERT OR REPLACE INTO traces (\(TraceRow.columns)) VALUES (?, ?, ?, ?, ?, ?, ?)"
        )
        for row in rows {
            upsert.bind(row.trace)
            upsert.bind(row.cycle)
            upsert.bind(Int64(row.reached.rawValue))
            upsert.bind(Int64(row.reachedBefore.rawValue))
            upsert.bind(Int64(row.phase.rawValue))
            upsert.bind(row.lastSequence)
            upsert.bind(row.proofsAsText)
            try upsert.run()
        }
    }

    private static func forget(_ traces: [TraceID], _ database: Database) throws {
        var delete = try database.kept("DELETE FROM traces WHERE trace = ?")
        for trace in traces {
            delete.bind(trace)
            try delete.run()
        }
    }

    static func replace(_ position: Position, _ database: Database) throws {
        var replace = try database.kept(
            """
            INSERT OR REPLACE INTO position (id, \(Position.columns), lost)
            VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        )
        defer { replace.clear() }
        replace.bind(position.boardID)
        replace.bind(position.generation)
        replace.bind(position.offset)
        replace.bind(position.lines)
        replace.bind(position.sequence)
        replace.bind(position.accepted)
        replace.bind(position.quarantined)
        replace.bind(position.blank)
        replace.bind(position.refused)
        replace.bind(position.lastTrace)
        replace.bind(position.lastPhase.map { Int64($0.rawValue) })
        replace.bind(position.chain)
        replace.bind(position.quarantineBytes)
        replace.bind(position.auditBytes)
        replace.bind(Int64(bitPattern: position.device))
        replace.bind(Int64(bitPattern: position.inode))
        replace.bind(position.tampered)
        replace.bind(position.quietUntil)
        replace.bind(position.generationStart)
        replace.bind(Int64(position.mutedPorts))
        replace.bind(position.pass)
        replace.bind(position.nextGeneration)
        replace.bind(position.lostAsJSON)
        try replace.run()
    }
}
