import HiveBlackboard
@testable import HiveDaemon
import HiveKernel
import HiveLedger
import HiveSignal
import HiveTestKit
import HiveWitness

/// An engine on a board in a folder of its own, with a clock and crashes under the test's control.
final class EngineHarness {
    let folder: TemporaryFolder
    let settings: Settings
    private(set) var engine: Engine?
    /// Throws at the n-th step from now (from 1); nil: never.
    private let crash = CrashPlan()

    final class CrashPlan {
        var stepsLeft: Int?
        var last: Engine.Step?
        /// The clock, Unix seconds.
        var now: Int64 = 1_770_000_000
        /// The key that is pinned for the board.
        var owner: OwnerKey?
        /// The machines that may witness for it.
        var witnesses: [OwnerKey] = []
    }

    static let crashed = HiveError.machine("crashed by the test", hint: "")

    /// True where the test's crash is the cause.
    static func isCrash(_ error: any Error) -> Bool {
        (error as? HiveError)?.message.contains(crashed.message) == true
    }

    /// - `boardID`: boards with equal ids and lines have equal chains.
    /// - `rules`: the rule book; nil: the one that is built in.
    init(
        boardID: String = "board-under-test",
        mode: String? = nil,
        rules: String? = nil
    ) throws {
        folder = try TemporaryFolder()
        if let rules { try folder.writeFiles(["specs/rules.yaml": rules]) }
        var flags = SettingsFlags()
        flags.board = folder.at("board.jsonl")
        flags.mode = mode
        settings = try Settings(flags: flags, environment: [:], workingDirectory: folder.path)
        let adopted = AuditEvent.adopted(boardID: boardID, generation: 87)
        try folder.write(adopted.line(at: Timestamp(seconds: 0)), to: "pyre_audit.jsonl")
    }

    /// Opens the engine, as a start of the daemon does.
    @discardableResult
    func open(rebuilds: Bool = false, crashAfter steps: Int? = nil) throws -> Engine {
        close()
        crash.stepsLeft = steps
        let crash = crash
        var options = Engine.Options()
        options.createsBoard = true
        // A process that another test spawns holds a copy of the lock until it executes.
        options.lockSecondsMax = 10
        if rebuilds { try Ledger.destroy(settings.ledger) }
        options.clock = { Timestamp(seconds: crash.now) }
        options.ownerKey = { _ in { () throws(HiveError) in crash.owner } }
        options.witnesses = { _ in { () throws(HiveError) in crash.witnesses } }
        options.onStep = { step throws(HiveError) in
            guard let left = crash.stepsLeft else { return }
            crash.stepsLeft = left - 1
            if left <= 1 {
                crash.stepsLeft = 0
                crash.last = step
                throw Self.crashed
            }
        }
        let engine = try Engine.open(settings: settings, options: options)
        self.engine = engine
        return engine
    }

    /// The engine that is open.
    var live: Engine {
        get throws {
            guard let engine else { throw TestKitError("no engine is open") }
            return engine
        }
    }

    /// Where the last crash was.
    var crashedAt: Engine.Step? { crash.last }

    /// Sets the clock on.
    func pass(seconds: Int64) { crash.now += seconds }

    /// Pins a key for the board, or none.
    func pin(_ key: OwnerKey?) { crash.owner = key }

    /// Says which machines may witness for the board.
    func approve(_ witnesses: OwnerKey...) { crash.witnesses = witnesses }

    func planCrash(after steps: Int?) { crash.stepsLeft = steps }

    /// Lets go of files and locks without any farewell, as a kill does.
    func close() { engine = nil }

    func append(_ text: String) throws { try append(Array(text.utf8)) }
    func append(_ bytes: [UInt8]) throws { try folder.append(bytes, to: "board.jsonl") }

    var board: [UInt8] { folder.bytes("board.jsonl") }

    /// The ledger's content and the quarantine's, for comparison with another run.
    func history() throws -> History {
        let ledger = try Ledger(path: settings.ledger, readOnly: true)
        var rows: [String] = []
        try ledger.dump { rows.append($0) }
        let position = try ledger.position()
        return History(
            rows: rows,
            chain: position?.chain ?? [],
            entries: try entries().map(Self.withoutTime)
        )
    }

    struct History: Equatable {
        var rows: [String]
        var chain: [UInt8]
        var entries: [JSONValue]
    }

    /// The quarantine's lines.
    func entries() throws -> [JSONValue] {
        try folder.bytes("quarantine.jsonl").split(separator: UInt8(ascii: "\n"))
            .map { try JSONValue(parsing: Array($0), depthMax: JSONValue.depthMaxAroundLine) }
    }

    /// The audit's lines.
    func audit() throws -> [JSONValue] {
        try folder.bytes("pyre_audit.jsonl").split(separator: UInt8(ascii: "\n"))
            .map { try JSONValue(parsing: Array($0)) }
    }

    private static func withoutTime(_ entry: JSONValue) -> JSONValue {
        var object = entry.objectValue ?? [:]
        object["ts"] = nil
        return .object(object)
    }
}

/// The verdicts of `hive check` on these bytes.
func checked(_ bytes: [UInt8], mode: String? = nil, generation: Int64? = 87) throws -> [JSONValue] {
    let folder = try TemporaryFolder()
    try folder.write(bytes, to: "board.jsonl")
    var options = CheckOptions()
    options.mode = mode
    options.generation = generation
    var output: [UInt8] = []
    _ = try CheckCommand.run(file: folder.at("board.jsonl"), options: options) { output += $0 }
    return try output.split(separator: UInt8(ascii: "\n")).map { try JSONValue(parsing: Array($0)) }
}

/// A line's verdict, to compare ways of judging.
struct ComparedVerdict: Hashable {
    var offset: Int64
    var isAccepted: Bool
    var gates: [String]
    var violations: [String]

    /// From an object of `hive check` or `hive log`.
    init(_ line: JSONValue) {
        offset = line["offset"]?.integerValue ?? -1
        isAccepted = line["verdict"] == "accepted"
        gates = line["gates"]?.arrayValue?.compactMap(\.stringValue) ?? []
        violations = line["violations"]?.arrayValue?.compactMap(\.stringValue) ?? []
    }
}
