import GRDB
import HiveSignal

extension Ledger {
    /// Ends a generation and begins the next, in one transaction.
    ///
    /// Traces and heads are the ended one's and go; its open tasks are dropped. Ids and signals
    /// stay, to be found: `restore` passes over those of generations before.
    ///
    /// - Returns: how many tasks were open.
    @discardableResult
    package func flip(
        to position: Position,
        ending ended: GenerationRow
    ) throws(LedgerError) -> Int {
        try write("begin a generation in the ledger") { database in
            try database.execute(sql: "DELETE FROM traces; DELETE FROM heads;")
            var drop = try database.kept(
                "UPDATE tasks SET state = ?, note = ?, finished = ? WHERE state < 3"
            )
            defer { drop.clear() }
            drop.bind(TaskState.dropped.rawValue)
            drop.bind("generation \(ended.generation) ended")
            drop.bind(ended.endedMilliseconds)
            try drop.run()
            let dropped = database.changesCount
            try Self.replace(ended, database)
            try Self.replace(position, database)
            return dropped
        }
    }

    /// Every generation that ended, the oldest first.
    package func generations() throws(LedgerError) -> [GenerationRow] {
        try read("read the generations in the ledger") { database in
            var spans = try database.prepared(
                """
                SELECT generation, value ->> 0, value ->> 1
                FROM generations, json_each(generations.lost)
                """
            )
            var lost: [Int64: [LostSpan]] = [:]
            while try spans.step() {
                let generation = spans.integer()
                let span = LostSpan(offset: spans.integer(), length: spans.integer())
                lost[generation, default: []].append(span)
            }
            var rows = try database.prepared(
                "SELECT \(GenerationRow.columns) FROM generations ORDER BY generation"
            )
            var found = try rows.rows { GenerationRow(&$0, lost: []) }
            for index in found.indices { found[index].lost = lost[found[index].generation] ?? [] }
            return found
        }
    }

    /// Lines that belong on the board and may not stand there yet, in their order.
    package func copies() throws(LedgerError) -> [CopyRow] {
        try read("read late lines in the ledger") { database in
            var rows = try database.prepared(
                "SELECT \(CopyRow.columns) FROM copies ORDER BY number"
            )
            return try rows.rows(CopyRow.init)
        }
    }

    /// Notes that every copy stands on the board.
    package func endCopies() throws(LedgerError) {
        try write("end late lines in the ledger") { database in
            try database.execute(sql: "DELETE FROM copies")
        }
    }
}

// MARK: - One table each

extension Ledger {
    static func replace(_ row: GenerationRow, _ database: Database) throws {
        var replace = try database.kept(
            """
            INSERT OR REPLACE INTO generations (\(GenerationRow.columns), lost)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        )
        defer { replace.clear() }
        replace.bind(row.generation)
        replace.bind(row.next)
        replace.bind(row.start)
        replace.bind(row.summary)
        replace.bind(row.isForced ? 1 : Int64(0))
        replace.bind(row.endedMilliseconds)
        replace.bind(row.sequence)
        replace.bind(row.flippedAt)
        replace.bind(row.offset)
        replace.bind(row.lines)
        replace.bind(row.accepted)
        replace.bind(row.quarantined)
        replace.bind(row.blank)
        replace.bind(row.copied)
        replace.bind(row.chain)
        replace.bind(row.lost.asJSON)
        try replace.run()
    }

    static func insert(_ rows: [CopyRow], _ database: Database) throws {
        var insert = try database.kept(
            "INSERT INTO copies (\(CopyRow.columns)) VALUES (?, ?, ?, ?)"
        )
        defer { insert.clear() }
        for row in rows {
            insert.bind(row.generation)
            insert.bind(row.offset)
            insert.bind(row.boardBytes)
            insert.bind(row.raw)
            try insert.run()
        }
    }

    /// Keeps the batch's heads and lets the oldest go.
    static func keep(_ batch: Batch, _ database: Database) throws {
        guard let last = batch.heads.last else { return }
        var insert = try database.kept("INSERT INTO heads (last, heads) VALUES (?, ?)")
        defer { insert.clear() }
        insert.bind(last.sequence)
        insert.bind(bytes(of: batch.heads))
        try insert.run()
        var delete = try database.kept("DELETE FROM heads WHERE last < ?")
        defer { delete.clear() }
        delete.bind(batch.headsFrom)
        try delete.run()
    }

    /// The chain's last heads, oldest first.
    static func heads(_ database: Database) throws -> [ChainHead] {
        var rows = try database.prepared("SELECT heads FROM heads ORDER BY last")
        return try rows.rows { $0.bytes() }.flatMap(Self.heads)
    }

    private static let headBytes = 40

    private static func bytes(of heads: [ChainHead]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(heads.count * headBytes)
        for head in heads {
            withUnsafeBytes(of: head.sequence.bigEndian) { bytes += $0 }
            bytes += head.chain
        }
        return bytes
    }

    private static func heads(_ bytes: [UInt8]) -> [ChainHead] {
        stride(from: 0, through: bytes.count - headBytes, by: headBytes).map { start in
            let sequence = bytes[start..<start + 8].reduce(Int64(0)) { $0 << 8 | Int64($1) }
            return ChainHead(sequence: sequence, chain: Array(bytes[start + 8..<start + headBytes]))
        }
    }
}
