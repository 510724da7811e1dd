import Glibc
import HiveBlackboard
import HiveControl
import HiveKernel
import HiveLedger
import HiveSignal

/// `hive state` and `hive status` from a fold and what surrounds it.
struct StateReport {
    var settings: Settings
    var fold: Fold
    /// Nil where no daemon runs.
    var daemon: JSONValue = .null

    /// How many cycles `state` lists, the most recently touched first.
    static let cyclesMax = 256

    /// SPEC §10, `hive state --json`.
    var state: JSONValue {
        let position = fold.settledPosition
        let cycles = fold.state.cycles
        let current = position.lastTrace.flatMap { fold.state.traces[$0] }
        return [
            "gen": .integer(position.generation),
            "phase": .optional(position.lastPhase?.letter),
            "cycle": .integer(current?.cycle ?? 0),
            "traceId": .string((position.lastTrace ?? fold.context.generationTrace).hex),
            "accepted": .integer(position.accepted),
            "quarantined": .integer(position.quarantined),
            "mode": .string(fold.context.rules.mode.rawValue),
            "offset": .integer(position.offset),
            "chain": Self.chain(position),
            "cycles": .array(cycles.prefix(Self.cyclesMax).map(\.json)),
            "daemon": daemon,
        ]
    }

    /// What only whoever holds the board and the ledger knows.
    struct Surroundings {
        var boardBytes: Int64
        var tornTail: JSONValue
        var rate: (tenSeconds: Double, minute: Double)
        var boardIsMissing: Bool
        var unseen: Int64
        var tasks: TaskTotals
        /// Asked and not assigned since the daemon's start.
        var overBudget: Int64 = 0
        var rules: String
        /// The rule book's file was changed since the daemon read it.
        var rulesAreStale: Bool
        var warnings: [String]
    }

    /// HiveControl's `Method.status`.
    func status(_ around: Surroundings) -> JSONValue {
        let position = fold.settledPosition
        let current = position.lastTrace.flatMap { fold.state.traces[$0] }
        let judgedPlace = position.place(of: position.offset) ?? 0
        let filesystem = try? Filesystem(at: settings.board)
        return [
            "daemon": daemon,
            "board": .string(settings.board),
            "generation": .integer(position.generation),
            "mode": .string(fold.context.rules.mode.rawValue),
            "phase": .optional(position.lastPhase?.letter),
            "traceId": .string((position.lastTrace ?? fold.context.generationTrace).hex),
            "cycle": .integer(current?.cycle ?? 0),
            "accepted": .integer(position.accepted),
            "quarantined": .integer(position.quarantined),
            "blank": .integer(position.blank),
            "refused": .integer(position.refused),
            "unseen": .integer(around.unseen),
            "sequence": .integer(position.sequence),
            "offset": .integer(position.offset),
            "lagBytes": .integer(max(0, around.boardBytes - judgedPlace)),
            "tornTail": around.tornTail,
            "ratePerSecond": [
                "10s": .double(around.rate.tenSeconds), "60s": .double(around.rate.minute),
            ],
            "residentBytes": .integer(Self.residentBytes()),
            "chain": Self.chain(position),
            "tampered": .optional(position.tampered),
            "boardMissing": .bool(around.boardIsMissing),
            "socket": .string(settings.socketPath),
            "filesystem": [
                "name": .string(filesystem?.name ?? "unknown"),
                "polling": .bool(filesystem?.isNetwork ?? false),
            ],
            "rules": .string(around.rules),
            "rulesStale": .bool(around.rulesAreStale),
            "tasks": [
                "waiting": .integer(around.tasks.waiting),
                "running": .integer(around.tasks.running),
                "done": .integer(around.tasks.done),
                "unanswered": .integer(around.tasks.unanswered),
                "overBudget": .integer(around.overBudget),
            ],
            "backend": .string(settings.unknownBackend ?? settings.backend.rawValue),
            "warnings": .array(around.warnings.map { .string($0) }),
        ]
    }

    /// The chain's head; null for a board that has no id yet, which the chain begins with.
    static func chain(_ position: Position) -> JSONValue {
        position.boardID.isEmpty ? .null : .string(Hex.encode(position.chain))
    }

    /// This process's resident memory.
    static func residentBytes() -> Int64 {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 128)
        let count = fread(&bytes, 1, bytes.count, file)
        let fields = String(decoding: bytes[..<count], as: UTF8.self).split(separator: " ")
        guard fields.count > 1, let pages = Int64(fields[1]) else { return 0 }
        return pages * Int64(sysconf(Int32(_SC_PAGESIZE)))
    }
}

extension CycleSummary {
    var json: JSONValue {
        [
            "traceId": .string(trace.hex),
            "cycle": .integer(cycle),
            "phase": .string(phase.letter),
            "reached": .array(reached.phases.map { .string($0.letter) }),
        ]
    }
}

extension Settings {
    /// Where the control socket is.
    package var socketPath: String {
        SocketPath.choose(stateDirectory: stateDirectory, runtimeDirectory: runtimeDirectory)
    }
}
