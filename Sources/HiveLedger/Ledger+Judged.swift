import GRDB

/// A judged line as the board held it, or holds it masked.
package enum JudgedLine: Sendable, Hashable {
    /// `raw` is the line without its LF.
    case accepted(offset: Int64, raw: [UInt8])
    /// The entry has the original bytes; whether the board still has them, `maskState` says.
    case quarantined(
        offset: Int64,
        length: Int64,
        identifier: String,
        maskState: MaskState,
        entry: [UInt8]
    )

    /// Bytes from the start of the generation's file, as it was written.
    package var offset: Int64 {
        switch self {
        case .accepted(let offset, _): offset
        case .quarantined(let offset, _, _, _, _): offset
        }
    }
}

extension Ledger {
    /// Stream the judged lines that begin in a part of a generation's file, in the file's order.
    ///
    /// Blank lines have no rows, so there may be gaps. Holds one line at a time of each verdict.
    ///
    /// - Parameters:
    ///   - start: Lines that begin before it are left out.
    ///   - end: Lines that begin here or later are left out.
    ///   - generation: The generation of the file, as the board counted it.
    ///   - body: Takes a line; false stops the stream.
    /// - Throws: What SQLite refuses; `.corrupt` for a value that no ledger writes.
    package func judged(
        from start: Int64,
        to end: Int64,
        generation: Int64,
        _ body: (JudgedLine) -> Bool
    ) throws(LedgerError) {
        try read("read judged lines from the ledger") { database in
            var accepted = try database.prepared(
                """
                SELECT offset, raw FROM signals
                WHERE board_generation = ? AND offset >= ? AND offset < ? ORDER BY offset
                """
            )
            var quarantined = try database.prepared(
                """
                SELECT offset, length, identifier, mask_state, entry FROM quarantine
                WHERE board_generation = ? AND offset >= ? AND offset < ? ORDER BY offset, number
                """
            )
            for bound in [generation, start, end] {
                accepted.bind(bound)
                quarantined.bind(bound)
            }
            var nextAccepted = try Self.nextAccepted(&accepted)
            var nextQuarantined = try Self.nextQuarantined(&quarantined)
            while true {
                let isAcceptedFirst =
                    (nextAccepted?.offset ?? .max) <= (nextQuarantined?.offset ?? .max)
                guard let line = isAcceptedFirst ? nextAccepted : nextQuarantined, body(line)
                else { return }
                if isAcceptedFirst {
                    nextAccepted = try Self.nextAccepted(&accepted)
                } else {
                    nextQuarantined = try Self.nextQuarantined(&quarantined)
                }
            }
        }
    }

    private static func nextAccepted(_ row: inout PreparedStatement) throws -> JudgedLine? {
        guard try row.step() else { return nil }
        return .accepted(offset: row.integer(), raw: row.bytes())
    }

    private static func nextQuarantined(_ row: inout PreparedStatement) throws -> JudgedLine? {
        guard try row.step() else { return nil }
        return .quarantined(
            offset: row.integer(),
            length: row.integer(),
            identifier: row.text(),
            maskState: try row.value(MaskState.self),
            entry: row.bytes()
        )
    }
}
