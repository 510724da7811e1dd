import Glibc
import HiveSignal
import Testing

@testable import HiveLedger

/// A folder of its own for one test, deleted with it.
final class TemporaryFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/hive-ledger-XXXXXX".utf8CString)
        path = try template.withUnsafeMutableBufferPointer { bytes in
            let start = try #require(bytes.baseAddress)
            return String(cString: try #require(mkdtemp(start)))
        }
    }

    var ledger: String { path + "/ledger.sqlite" }

    deinit {
        for suffix in ["", "-wal", "-shm", "-journal"] { unlink(ledger + suffix) }
        rmdir(path)
    }
}

/// A generator that a seed replays (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    let seed: UInt64

    /// The seed in `HIVE_SEED`, else a new one; printed, so that a failure can be replayed.
    init(_ test: String) {
        let given = getenv("HIVE_SEED").flatMap { UInt64(String(cString: $0)) }
        seed = given ?? UInt64.random(in: 0...UInt64.max)
        state = seed
        print("\(test): HIVE_SEED=\(seed)")
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = (state ^ state >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}

/// One judged line: what a batch takes of it.
enum Judged {
    case accepted(SignalRow)
    case failed(QuarantineRow)
}

enum Sample {
    static let bytesPerLine: Int64 = 100

    static func trace(_ number: UInt64) -> TraceID {
        TraceID(high: 0xfedc_ba98_7654_3210, low: number)
    }

    static func signal(
        _ sequence: Int64,
        message: String = "the kernel folds",
        phase: Phase = .hunt,
        port: UInt8 = 7,
        type: SignalType = .signal,
        trace: UInt64 = 1,
        agent: String? = nil
    ) throws -> SignalRow {
        SignalRow(
            sequence: sequence,
            boardGeneration: 87,
            line: sequence,
            offset: (sequence - 1) * bytesPerLine,
            timestampMilliseconds: 1_767_225_600_000 + sequence,
            mark: 0.1 + 0.2,
            pull: .downstream,
            type: type,
            phase: phase,
            generation: 87,
            port: try #require(Port(rawValue: port)),
            trace: Self.trace(trace),
            cycle: 1,
            message: message,
            identifier: "id-\(sequence)",
            parent: sequence > 1 ? "id-\(sequence - 1)" : nil,
            agent: agent,
            task: nil,
            evidence: "",
            warnings: "UNKNOWN_PARENT",
            raw: [0x7b, 0x00, 0xff, 0x7d]
        )
    }

    static func failed(
        _ sequence: Int64,
        violation: String = "REWARD_HACK",
        maskState: MaskState = .pending,
        ts: String = "2026-01-01T00:00:00Z"
    ) -> QuarantineRow {
        QuarantineRow(
            identifier: "q\(sequence)",
            sequence: sequence,
            boardGeneration: 87,
            line: sequence,
            offset: (sequence - 1) * bytesPerLine,
            length: bytesPerLine - 1,
            violation: violation,
            maskState: maskState,
            entry: Array(#"{"ts":"\#(ts)","id":"q\#(sequence)","reason":"no red"}"#.utf8)
        )
    }

    static func position(_ sequence: Int64) -> Position {
        var position = Position(
            boardID: "board-1",
            generation: 87,
            chain: [UInt8](repeating: 0xab, count: 32)
        )
        position.sequence = sequence
        position.offset = sequence * bytesPerLine
        position.lines = sequence
        return position
    }

    /// The batch that these lines make, with ids and traces as the kernel would give them.
    static func batch(_ lines: [Judged], after last: Int64 = 0) -> Batch {
        var batch = Batch(position: position(last + Int64(lines.count)))
        var traces: [TraceID: TraceRow] = [:]
        for line in lines {
            switch line {
            case .failed(let row): batch.quarantined.append(row)
            case .accepted(let row):
                batch.signals.append(row)
                if let identifier = row.identifier {
                    batch.identifiers.append(
                        IdentifierRow(
                            sequence: row.sequence,
                            identifier: identifier,
                            trace: row.trace
                        )
                    )
                }
                traces[row.trace] = TraceRow(
                    trace: row.trace,
                    cycle: row.cycle,
                    reached: PhaseSet(row.phase),
                    reachedBefore: [],
                    phase: row.phase,
                    lastSequence: row.sequence,
                    proofs: [
                        PhaseProof(cycle: row.cycle, phase: .interlock, receipt: nil),
                        PhaseProof(
                            cycle: row.cycle,
                            phase: row.phase,
                            receipt: ReceiptName(number: UInt64(row.sequence))
                        ),
                    ]
                )
                batch.position.lastTrace = row.trace
                batch.position.lastPhase = row.phase
            }
        }
        batch.traces = Array(traces.values)
        return batch
    }

    /// A ledger with these messages, from sequence 1.
    static func ledger(_ folder: TemporaryFolder, messages: [String]) throws -> Ledger {
        let ledger = try Ledger(path: folder.ledger)
        let rows = try messages.enumerated().map { index, message in
            Judged.accepted(try signal(Int64(index + 1), message: message))
        }
        try ledger.commit(batch(rows))
        return ledger
    }
}

extension Ledger {
    /// Do what no caller may: change the tables by hand.
    func tamper(_ sql: String) throws {
        try write("tamper with the ledger") { database in
            var statement = try database.prepared(sql)
            while try statement.step() {}
        }
    }

    /// The whole dump.
    func dumpLines() throws -> [String] {
        var lines: [String] = []
        try dump { lines.append($0) }
        return lines
    }
}
