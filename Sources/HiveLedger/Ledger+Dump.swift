import GRDB
import GRDBSQLite

// The ledger as text, so that two of them can be compared: a rebuilt one with the one it replaces,
// one that was killed and restarted with one that was not.
//
// A line is a JSON object, its keys in the order of the columns, "table" first. Blobs are
// lower-case hex. Left out is what two equal histories need not share: an entry's "ts", which is
// the moment of its writing; the order in which entries arrived (lines and refused emits mix
// differently when a ledger is rebuilt); and what is true of files rather than of the history
// (device, inode, bytes of quarantine and audit taken in). So are tasks, which no rebuild assigns.

extension Ledger {
    /// Stream every table as text; the same history gives the same bytes.
    ///
    /// - Parameter body: Takes one row at a time, without a line end.
    /// - Throws: What SQLite refuses.
    package func dump(_ body: (String) -> Void) throws(LedgerError) {
        try eachDumpedRow { _, row in body(row) }
    }

    /// Each table's number of rows and a hash of its dump (FNV-1a, 64 bits: it tells accidents,
    /// not forgeries).
    package func digest() throws(LedgerError) -> [String: String] {
        var rows: [String: Int] = [:]
        var hashes: [String: UInt64] = [:]
        for table in DumpedTable.all {
            rows[table.name] = 0
            hashes[table.name] = Self.hashSeed
        }
        try eachDumpedRow { table, row in
            rows[table, default: 0] += 1
            hashes[table] = Self.hash(row, from: hashes[table] ?? Self.hashSeed)
        }
        return hashes.mapValues(Self.hex).reduce(into: [:]) { digest, entry in
            digest[entry.key] = "\(rows[entry.key] ?? 0) rows, \(entry.value)"
        }
    }

    private func eachDumpedRow(
        _ body: (_ table: String, _ row: String) -> Void
    ) throws(LedgerError) {
        try read("dump the ledger") { database in
            for table in DumpedTable.all {
                let columns = try table.statement(database).columnNames
                var row = PreparedStatement(try table.statement(database))
                while try row.step() {
                    body(table.name, Self.line(of: table.name, columns: columns, &row))
                }
            }
        }
    }

    private static func line(
        of table: String,
        columns: [String],
        _ row: inout PreparedStatement
    ) -> String {
        var line = "{\"table\":\"\(table)\""
        for column in columns {
            line += ",\"\(column)\":"
            row.appendJSON(to: &line)
        }
        return line + "}"
    }

    private static let hashSeed: UInt64 = 0xcbf2_9ce4_8422_2325

    private static func hash(_ row: String, from seed: UInt64) -> UInt64 {
        var hash = seed
        for byte in row.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        // The line end, so that the same bytes cut otherwise into rows differ.
        return (hash ^ 0x0a) &* 0x100_0000_01b3
    }

    private static func hex(_ hash: UInt64) -> String {
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// What is dumped of one table.
private struct DumpedTable {
    let name: String
    let query: String

    func statement(_ database: Database) throws -> Statement {
        try database.makeStatement(sql: query)
    }

    static let all = [
        DumpedTable(name: "signals", query: "SELECT * FROM signals ORDER BY sequence"),
        DumpedTable(
            name: "quarantine",
            query: """
                SELECT identifier, sequence, board_generation, line, offset, length, violation,
                    mask_state, disposition,
                    CASE WHEN json_valid(CAST(entry AS TEXT))
                        THEN json_remove(CAST(entry AS TEXT), '$.ts') ELSE entry END AS entry
                FROM quarantine ORDER BY board_generation, sequence IS NULL, sequence, identifier
                """
        ),
        DumpedTable(name: "tallies", query: "SELECT * FROM tallies ORDER BY phase, port"),
        DumpedTable(name: "traces", query: "SELECT * FROM traces ORDER BY trace"),
        DumpedTable(name: "identifiers", query: "SELECT * FROM identifiers ORDER BY sequence"),
        DumpedTable(name: "reactions", query: "SELECT * FROM reactions ORDER BY sequence"),
        DumpedTable(
            name: "generations",
            query: """
                SELECT generation, next, start, summary, forced, sequence, flipped_at, offset,
                    lines, accepted, quarantined, blank, copied, chain, lost
                FROM generations ORDER BY generation
                """
        ),
        DumpedTable(
            name: "position",
            query: """
                SELECT board_id, generation, offset, lines, sequence, accepted, quarantined, blank,
                    refused, last_trace, last_phase, chain, tampered, lost, generation_start,
                    muted_ports, pass, next_generation
                FROM position
                """
        ),
    ]
}

extension PreparedStatement {
    /// The next column as JSON.
    fileprivate mutating func appendJSON(to line: inout String) {
        switch columnType {
        case SQLITE_INTEGER: line += "\(integer())"
        case SQLITE_FLOAT: line += "\(real())"
        case SQLITE_TEXT: Self.appendQuoted(text(), to: &line)
        case SQLITE_BLOB: Self.appendHex(bytes(), to: &line)
        default:
            _ = optionalInteger()
            line += "null"
        }
    }

    private static func appendQuoted(_ text: String, to line: inout String) {
        line += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\":
                line += "\\"
                line.unicodeScalars.append(scalar)
            case "\0"..<" ":
                line += scalar.value < 0x10 ? "\\u000" : "\\u00"
                line += String(scalar.value, radix: 16)
            default: line.unicodeScalars.append(scalar)
            }
        }
        line += "\""
    }

    private static func appendHex(_ bytes: [UInt8], to line: inout String) {
        let digits = Array("0123456789abcdef".utf8)
        let hex = [UInt8](unsafeUninitializedCapacity: bytes.count * 2) { buffer, count in
            for (index, byte) in bytes.enumerated() {
                buffer[2 * index] = digits[Int(byte >> 4)]
                buffer[2 * index + 1] = digits[Int(byte & 15)]
            }
            count = bytes.count * 2
        }
        line += "\"" + String(decoding: hex, as: UTF8.self) + "\""
    }
}
