import Foundation
import HiveLedger
import HiveSignal
import HiveTestKit
import Testing

/// `kill -9` in the middle of everything.
///
/// Four writers append good and bad lines while the daemon is killed and started again, round after
/// round. What remains must be what a daemon makes of the same bytes that was never disturbed. The
/// bytes are the board's with the quarantined lines put back; the other daemon is given the same
/// board id, so that the two chains begin alike.
///
/// A moment to kill is awaited by what the daemon does (its n-th verdict, the n-th byte of its
/// quarantine), while the writers go on: they know nothing of rounds that end.
@Suite struct KillTests {
    private static let writers = 4
    private static let linesPerRound = 12

    @Test func `kill -9 at any moment leaves what an undisturbed run leaves`() throws {
        var generator = SeededGenerator()
        print("HIVE_SEED=\(generator.seed)")
        let rounds = Campaign.size(short: 8, long: 200)
        let plans = (0..<Self.writers).map { writer in
            (0..<rounds * Self.linesPerRound).map {
                PlannedLine(writer: writer, number: $0, using: &generator)
            }
        }
        let folder = try TemporaryFolder()
        try makeBoard(folder, "")
        try folder.makeQuietRules()
        let writers = plans.map { Writer($0.map(\.bytes), path: folder.at(DaemonTests.board)) }
        for round in 0..<rounds {
            let slice = round * Self.linesPerRound..<(round + 1) * Self.linesPerRound
            try killedRound(plans.flatMap { $0[slice] }, writers, folder, using: &generator)
        }
        writers.forEach { $0.finish() }

        let last = try DaemonUnderTest(in: folder, flags: ["--quiet"])
        let state = try Remains.settled(last)
        #expect(last.stop() == 0)
        let original = try folder.originalBoard()
        expectNothingLost(original, plans)

        let undisturbed = try reference(original, adoptedAs: folder, using: &generator)
        try expectSame(try Remains(of: folder, state: state), undisturbed)
    }

    // MARK: A round

    private enum Moment {
        /// After so many verdicts of lines that come once the daemon is up.
        case verdicts(Int)
        /// After so many bytes of new entries of lines that come once the daemon is up.
        case entryBytes(Int)
        /// The same of lines that the daemon finds when it starts.
        case entryBytesAtStart(Int)
    }

    /// Starts a daemon, lets the writers write these lines and kills it somewhere on the way.
    private func killedRound(
        _ lines: [PlannedLine],
        _ writers: [Writer],
        _ folder: TemporaryFolder,
        using generator: inout SeededGenerator
    ) throws {
        let quarantined = Self.size(folder.at(Remains.quarantine))
        let allow = { writers.forEach { $0.allow(Self.linesPerRound) } }
        let moment = Self.moment(lines, using: &generator)
        if case .entryBytesAtStart = moment { allow() }
        let daemon = try Spawned.start(HiveProgram.path, ["up", "--json"], in: folder.path)
        defer {
            daemon.signal(SIGKILL)
            daemon.wait()
        }
        switch moment {
        case .verdicts(let count):
            try #require(daemon.readLine(where: { $0.hasPrefix("watching ") }) != nil)
            allow()
            for _ in 0..<count {
                try #require(daemon.readLine(where: { $0.hasPrefix("{") }) != nil)
            }
        case .entryBytes(let bytes):
            try #require(daemon.readLine(where: { $0.hasPrefix("watching ") }) != nil)
            allow()
            try awaitSize(quarantined + bytes, of: folder.at(Remains.quarantine), daemon)
        case .entryBytesAtStart(let bytes):
            try awaitSize(quarantined + bytes, of: folder.at(Remains.quarantine), daemon)
        }
    }

    /// A moment that surely comes: no line of the round has a verdict or an entry yet.
    private static func moment(
        _ lines: [PlannedLine],
        using generator: inout SeededGenerator
    ) -> Moment {
        let verdicts = lines.count { $0.kind != .blank }
        let entryBytes = lines.count { $0.kind == .bad } * entryBytesMin
        let kind = Int.random(in: 0..<3, using: &generator)
        guard kind > 0, entryBytes > 0 else {
            return .verdicts(Int.random(in: 1...max(1, verdicts), using: &generator))
        }
        let bytes = Int.random(in: 1...entryBytes, using: &generator)
        return kind == 1 ? .entryBytes(bytes) : .entryBytesAtStart(bytes)
    }

    /// No entry is shorter.
    private static let entryBytesMin = 300

    private static func size(_ path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    /// Waits for a file to have this size; throws where the daemon ends before.
    private func awaitSize(_ size: Int, of path: String, _ daemon: Spawned) throws {
        while Self.size(path) < size {
            var end = siginfo_t()
            waitid(P_PID, id_t(daemon.pid), &end, WEXITED | WNOHANG | WNOWAIT)
            try #require(end.si_signo == 0, "the daemon ended by itself")
            sched_yield()
        }
    }

    // MARK: The undisturbed run

    /// What a daemon that nobody kills makes of these bytes, on a board with the same id.
    private func reference(
        _ board: [UInt8],
        adoptedAs other: TemporaryFolder,
        using generator: inout SeededGenerator
    ) throws -> Remains {
        let folder = try TemporaryFolder()
        try makeBoard(folder, "")
        let adoption = other.bytes(Remains.audit).prefix { $0 != 0x0A }
        try #require(try JSONValue(parsing: Array(adoption))["event"] == "adopted")
        try folder.write(adoption + [0x0A], to: Remains.audit)
        let daemon = try DaemonUnderTest(in: folder, flags: ["--quiet"])
        let appender = try FileAppender(path: folder.at(DaemonTests.board))
        var rest = board[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...20_000, using: &generator))
            try appender.append(Array(piece))
            rest = rest.dropFirst(piece.count)
        }
        let state = try Remains.settled(daemon)
        #expect(daemon.stop() == 0)
        return try Remains(of: folder, state: state)
    }

    // MARK: Comparing

    /// Every line the writers wrote stands in the file exactly once, and nothing else does.
    private func expectNothingLost(_ board: [UInt8], _ plans: [[PlannedLine]]) {
        let written = plans.joined().map(\.bytes)
        #expect(board.count == written.reduce(0) { $0 + $1.count })
        #expect(Self.tally([board]) == Self.tally(written))
    }

    /// How often each line is there, without the NULs that a UTF-16 neighbour may leave around it.
    private static func tally(_ texts: [[UInt8]]) -> [[UInt8]: Int] {
        var counts: [[UInt8]: Int] = [:]
        for line in texts.joined().split(separator: 0x0A) {
            let text = line.filter { $0 != 0 }
            // The NUL of a UTF-16 line end that nothing follows: whose line is last is chance.
            if !text.isEmpty { counts[text, default: 0] += 1 }
        }
        return counts
    }

    private func expectSame(_ killed: Remains, _ undisturbed: Remains) throws {
        #expect(killed.state == undisturbed.state, "hive state: phase, counts, offset, chain")
        #expect(killed.board == undisturbed.board, "the board with its masks")
        #expect(killed.entries.count == undisturbed.entries.count)
        let pairs = zip(killed.entries, undisturbed.entries)
        #expect(pairs.first { $0 != $1 } == nil, "the quarantine's entries, in order")
        #expect(killed.rows.count == undisturbed.rows.count)
        let rows = zip(killed.rows, undisturbed.rows)
        #expect(rows.first { $0 != $1 } == nil, "the ledger's rows")

        let identifiers = killed.entries.compactMap { $0["id"]?.stringValue }
        #expect(Set(identifiers).count == killed.entries.count, "no entry twice")
        let sequences = killed.sequences.sorted()
        #expect(sequences == (1...Int64(max(1, sequences.count))).map(\.self), "no line twice")
        #expect(!identifiers.isEmpty && identifiers.count < sequences.count, "good and bad lines")
    }
}

/// What a daemon left in its folder.
private struct Remains {
    static let quarantine = "sandbox/quarantine.jsonl"
    static let audit = "sandbox/pyre_audit.jsonl"

    var board: [UInt8]
    /// `hive state`, without the daemon.
    var state: JSONValue
    /// The quarantine's entries, without the moment of their writing.
    var entries: [JSONValue]
    /// The ledger as text.
    var rows: [String] = []

    init(of folder: TemporaryFolder, state: JSONValue) throws {
        board = folder.bytes(DaemonTests.board)
        self.state = state
        entries = try folder.quarantineEntries().map { entry in
            var object = try #require(entry.objectValue)
            object["ts"] = nil
            return .object(object)
        }
        let ledger = try Ledger(path: folder.at("sandbox/.hive/ledger.sqlite"), readOnly: true)
        var rows: [String] = []
        try ledger.dump { rows.append($0) }
        self.rows = rows
    }

    /// The sequences of all judged lines, as the ledger has them.
    var sequences: [Int64] {
        rows.compactMap { row in
            guard
                row.hasPrefix("{\"table\":\"signals\"")
                    || row.hasPrefix("{\"table\":\"quarantine\"")
            else { return nil }
            return (try? JSONValue(parsing: row))?["sequence"]?.integerValue
        }
    }

    /// `hive state`, without the daemon, once it has judged every whole line of the board.
    static func settled(_ daemon: DaemonUnderTest) throws -> JSONValue {
        // After the last LF there may be a NUL, the rest of a UTF-16 line end.
        let whole = daemon.folder.bytes(DaemonTests.board).lastIndex(of: 0x0A).map { $0 + 1 }
        while true {
            var state = try #require(try daemon.state().objectValue)
            guard state["offset"] == .integer(Int64(whole ?? 0)) else { continue }
            state["daemon"] = nil
            return .object(state)
        }
    }
}

/// A thread that appends its lines, one write each, as many as it is allowed to.
private final class Writer: Sendable {
    private let permits = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)

    init(_ lines: [[UInt8]], path: String) {
        Thread.detachNewThread { [permits, ended] in
            let appender = try? FileAppender(path: path)
            for line in lines {
                permits.wait()
                // A line that does not get there shows in the file's length.
                try? appender?.append(line)
            }
            ended.signal()
        }
    }

    /// Lets the thread write so many more lines.
    func allow(_ lines: Int) { for _ in 0..<lines { permits.signal() } }

    /// Waits until all lines are written.
    func finish() { ended.wait() }
}

/// One line of a campaign; what it comes to may depend on the lines before it.
private struct PlannedLine {
    enum Kind { case signal, bad, blank }

    /// With its line end.
    var bytes: [UInt8]
    /// `.bad`: it fails wherever it stands.
    var kind: Kind

    init(writer: Int, number: Int, using generator: inout SeededGenerator) {
        let name = "\(writer)-\(number)"
        switch Int.random(in: 0..<16, using: &generator) {
        case 0..<8:
            self.init(Self.signal(name, writer, using: &generator), .signal)
        case 8:
            let identifier = Int.random(in: 0..<40, using: &generator)
            let extra = #","id":"shared-\#(identifier)""#
            self.init(Lines.signal("H", port: 7, message: name, extra: extra), .signal)
        case 9: self.init(Lines.signal("V", port: 2, message: name, type: "handoff"), .bad)
        case 10: self.init("{\"msg\":\"\(name)\", half an obj", .bad)
        case 11: self.init(Lines.signal("X", port: 7, message: name), .bad)
        case 12:
            let half = Lines.signal("H", port: 7, message: name)
            self.init(half + half, .bad)
        case 13:
            // As PowerShell appends: its line end leaves a NUL before the next line.
            let units = (Lines.signal("H", port: 0, message: name) + "\r\n").utf16
            self.init(bytes: units.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }, kind: .bad)
        case 14:
            let text = Array(Lines.signal("I", port: 1, message: name).utf8)
            self.init(bytes: text + [0xFF, 0xC0, 0x0A], kind: .bad)
        default: self.init(" \r", .blank)
        }
    }

    private init(bytes: [UInt8], kind: Kind) {
        self.bytes = bytes
        self.kind = kind
    }

    private init(_ text: String, _ kind: Kind) {
        self.init(bytes: Array((text + "\n").utf8), kind: kind)
    }

    /// A signal in one of four traces, of any phase and often at the wrong moment.
    private static func signal(
        _ name: String,
        _ writer: Int,
        using generator: inout SeededGenerator
    ) -> String {
        let phases = [("H", 7), ("H", 0), ("I", 1), ("I", 6), ("V", 2), ("E", 3), ("E", 4)]
        let (phase, port) = phases[Int.random(in: 0..<phases.count, using: &generator)]
        let trace = "\((writer + Int.random(in: 0..<2, using: &generator)) % 4 + 1)"
        let padded = String(repeating: "0", count: 31) + trace
        let parent = #","traceparent":"00-\#(padded)-00000000000000a1-01""#
        let isMetric = Int.random(in: 0..<8, using: &generator) == 0
        return Lines.signal(
            phase,
            port: port,
            message: name,
            type: isMetric ? "metric" : "signal",
            extra: parent
        )
    }
}
