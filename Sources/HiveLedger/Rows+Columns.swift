import GRDB
import HiveSignal

// Each row's columns, once, in the order in which `commit` binds and `init` reads them.

extension SignalRow {
    static let columns = """
        sequence, board_generation, line, offset, timestamp, mark, pull, type, phase, generation,
        port, trace, cycle, message, identifier, parent, agent, task, evidence, warnings, raw
        """

    init(_ row: inout PreparedStatement) throws {
        self.init(
            sequence: row.integer(),
            boardGeneration: row.integer(),
            line: row.integer(),
            offset: row.integer(),
            timestampMilliseconds: row.integer(),
            mark: row.real(),
            pull: try row.value(Pull.self),
            type: try row.value(SignalType.self),
            phase: try row.value(Phase.self),
            generation: row.integer(),
            port: try row.value(Port.self),
            trace: try row.trace(),
            cycle: row.integer(),
            message: row.text(),
            identifier: row.optionalText(),
            parent: row.optionalText(),
            agent: row.optionalText(),
            task: row.optionalText(),
            evidence: row.optionalText(),
            warnings: row.text(),
            raw: row.bytes()
        )
    }
}

extension QuarantineRow {
    static let columns = """
        identifier, sequence, board_generation, line, offset, length, violation, mask_state,
        disposition, entry
        """

    init(_ row: inout PreparedStatement) throws {
        self.init(
            identifier: row.text(),
            sequence: row.optionalInteger(),
            boardGeneration: row.integer(),
            line: row.optionalInteger(),
            offset: row.optionalInteger(),
            length: row.integer(),
            violation: row.text(),
            maskState: try row.value(MaskState.self),
            disposition: try row.value(Disposition.self),
            entry: row.bytes()
        )
    }
}

extension TraceRow {
    static let columns = "trace, cycle, reached, reached_before, phase, last_sequence, proofs"

    init(_ row: inout PreparedStatement) throws {
        self.init(
            trace: try row.trace(),
            cycle: row.integer(),
            reached: try row.value(PhaseSet.self),
            reachedBefore: try row.value(PhaseSet.self),
            phase: try row.value(Phase.self),
            lastSequence: row.integer(),
            proofs: try row.proofs()
        )
    }

    var proofsAsText: String { proofs.map(\.text).joined(separator: " ") }
}

extension IdentifierRow {
    static let columns = "sequence, identifier, trace"

    init(_ row: inout PreparedStatement) throws {
        self.init(sequence: row.integer(), identifier: row.text(), trace: try row.trace())
    }
}

extension Position {
    /// All but `lost`, which is read apart from the rest.
    static let columns = """
        board_id, generation, offset, lines, sequence, accepted, quarantined, blank, refused,
        last_trace, last_phase, chain, quarantine_bytes, audit_bytes, device, inode, tampered,
        quiet_until, generation_start, muted_ports, pass, next_generation
        """

    init(_ row: inout PreparedStatement, lost: [LostSpan]) throws {
        self.init(boardID: row.text(), generation: row.integer(), chain: [])
        offset = row.integer()
        lines = row.integer()
        sequence = row.integer()
        accepted = row.integer()
        quarantined = row.integer()
        blank = row.integer()
        refused = row.integer()
        lastTrace = try row.optionalTrace()
        lastPhase = try row.optionalValue(Phase.self)
        chain = row.bytes()
        quarantineBytes = row.integer()
        auditBytes = row.integer()
        device = UInt64(bitPattern: row.integer())
        inode = UInt64(bitPattern: row.integer())
        tampered = row.optionalText()
        quietUntil = row.integer()
        generationStart = row.integer()
        mutedPorts = UInt8(truncatingIfNeeded: row.integer())
        pass = row.optionalBytes()
        nextGeneration = row.optionalInteger()
        self.lost = lost
    }

    /// `[[offset,length],…]`, what SQLite's `json_each` takes apart again.
    var lostAsJSON: String { lost.asJSON }
}

extension GenerationRow {
    /// All but `lost`, which is read apart from the rest.
    static let columns = """
        generation, next, start, summary, forced, ended, sequence, flipped_at, offset, lines,
        accepted, quarantined, blank, copied, chain
        """

    init(_ row: inout PreparedStatement, lost: [LostSpan]) {
        let generation = row.integer()
        self.init(
            ending: Position(boardID: "", generation: generation, chain: []),
            next: row.integer(),
            summary: "",
            isForced: false,
            milliseconds: 0
        )
        start = row.integer()
        summary = row.text()
        isForced = row.integer() != 0
        endedMilliseconds = row.integer()
        sequence = row.integer()
        flippedAt = row.integer()
        offset = row.integer()
        lines = row.integer()
        accepted = row.integer()
        quarantined = row.integer()
        blank = row.integer()
        copied = row.integer()
        chain = row.bytes()
        self.lost = lost
    }
}

extension CopyRow {
    static let columns = "generation, offset, board_bytes, raw"

    init(_ row: inout PreparedStatement) {
        self.init(
            generation: row.integer(),
            offset: row.integer(),
            boardBytes: row.integer(),
            raw: row.bytes()
        )
    }
}

extension [LostSpan] {
    /// `[[offset,length],…]`, what SQLite's `json_each` takes apart again.
    var asJSON: String {
        "[" + map { "[\($0.offset),\($0.length)]" }.joined(separator: ",") + "]"
    }
}

extension PreparedStatement {
    fileprivate mutating func proofs() throws -> [PhaseProof] {
        try text().split(separator: " ").map { text in
            guard let proof = PhaseProof(text) else {
                throw UnreadableRow(detail: "\(text) where a proof of a phase belongs")
            }
            return proof
        }
    }

    /// The rows that are left, each decoded.
    ///
    /// The caller bounds their number.
    mutating func rows<Row>(_ decode: (inout PreparedStatement) throws -> Row) throws -> [Row] {
        var rows: [Row] = []
        while try step() { rows.append(try decode(&self)) }
        return rows
    }
}
