import Foundation
import HiveSignal
import HiveTestKit
import Testing

/// Boards as real agents leave them: `hive check` and a live daemon come to the same verdicts, and
/// nothing of the file is lost.
///
/// `HIVE_REAL_BOARD` names a board of generation 87 to take besides the built-in one.
@Suite struct RealBoardTests {
    private static let realPath = ProcessInfo.processInfo.environment["HIVE_REAL_BOARD"]
    private static let modes = ["strict", "paired", "observe"]

    @Test(arguments: modes)
    func `a dirty board is judged alike by check and a live daemon, and every byte is kept`(
        mode: String
    ) throws {
        try judgeBothWays(Lines.dirtyBoard, mode: mode)
    }

    @Test(.enabled(if: realPath != nil), arguments: modes)
    func `the real board is judged alike by check and a live daemon, and every byte is kept`(
        mode: String
    ) throws {
        try judgeBothWays(try Self.realBoard(), mode: mode)
    }

    @Test func `a good line passes the gates whatever stands beside it`() throws {
        try expectGoodLinesPass(Lines.dirtyBoard, least: 11)
    }

    @Test(.enabled(if: realPath != nil))
    func `a good line of the real board passes the gates whatever stands beside it`() throws {
        try expectGoodLinesPass(try Self.realBoard(), least: 200)
    }

    @Test(arguments: modes)
    func `replay of a dirty board has the live run's chain, and tells what others would change`(
        mode: String
    ) throws {
        try replay(Lines.dirtyBoard, mode: mode)
    }

    @Test(.enabled(if: realPath != nil), arguments: modes)
    func `replay of the real board has the live run's chain, and tells what others would change`(
        mode: String
    ) throws {
        try replay(try Self.realBoard(), mode: mode)
    }

    // MARK: Replay

    private func replay(_ original: [UInt8], mode: String) throws {
        var generator = SeededGenerator()
        print("\(mode): HIVE_SEED=\(generator.seed)")
        let wholeBytes = original.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        func verdicts(_ mode: String) throws -> [LineVerdict] {
            try check(original, "--mode", mode, "--gen", "87").filter { $0.offset < wholeBytes }
        }
        let lived = try verdicts(mode)
        let daemon = try DaemonUnderTest(in: TemporaryFolder(), flags: ["--mode", mode])
        try append(original, to: daemon, using: &generator)
        try daemon.waitForSequence(Int64(lived.count))
        let chain = try daemon.state()["chain"]

        let same = try Self.json(try daemon.hive("replay", "--json"))
        #expect(same["chain"] == chain && same["chainMatches"] == true)
        #expect(same["changedCount"] == 0 && same["lines"] == .integer(Int64(lived.count)))
        for other in Self.modes {
            let told = try verdicts(other)
            let changed = zip(lived, told).filter { !$0.hasSameCodes(as: $1) }
            let replay = try Self.json(try daemon.hive("replay", "--mode", other, "--json"))
            #expect(replay["chain"] == chain && replay["chainMatches"] == true)
            #expect(replay["changedCount"] == .integer(Int64(changed.count)))
            let offsets = replay["changed"]?.arrayValue?.compactMap { $0["offset"]?.integerValue }
            #expect(offsets == changed.map { Int64($0.0.offset) }, "\(mode) by \(other)")
            for code in replay["byCode"]?.arrayValue ?? [] {
                let name = code["code"] ?? .null
                let gained = changed.count { !$0.codes.contains(name) && $1.codes.contains(name) }
                let lost = changed.count { $0.codes.contains(name) && !$1.codes.contains(name) }
                #expect(code["gained"] == .integer(Int64(gained)), "\(name) by \(other)")
                #expect(code["lost"] == .integer(Int64(lost)), "\(name) by \(other)")
            }
        }
        #expect(daemon.stop() == 0)
        // Without a daemon the same engine answers: by the flag's mode, as no daemon holds one.
        let local = try Self.json(try daemon.hive("replay", "--mode", mode, "--json"))
        #expect(local == same)
    }

    private static func json(_ output: HiveProgram.Output) throws -> JSONValue {
        #expect(output.exitCode == 0, "\(output.standardError)")
        return try JSONValue(parsing: output.standardOutput.trimmed)
    }

    // MARK: Both ways

    private func judgeBothWays(_ original: [UInt8], mode: String) throws {
        var generator = SeededGenerator()
        print("\(mode): HIVE_SEED=\(generator.seed)")
        // What follows the last LF is judged by check alone: the daemon waits for its end.
        let wholeBytes = original.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        let checked = try check(original, "--mode", mode, "--gen", "87")
            .filter { $0.offset < wholeBytes }

        let daemon = try DaemonUnderTest(in: TemporaryFolder(), flags: ["--mode", mode])
        try append(original, to: daemon, using: &generator)
        try daemon.waitForSequence(Int64(checked.count))
        let status = try daemon.status()
        let judged = try daemon.hive("log", "--json", "--after", "0").lines.map(LineVerdict.init)
        #expect(daemon.stop() == 0)

        #expect(judged.map(\.offset) == checked.map(\.offset))
        for (live, folded) in zip(judged, checked) { #expect(live == folded) }
        let counts = ["accepted", "quarantined", "blank"].compactMap { status[$0]?.integerValue }
        #expect(counts.count == 3)
        #expect(counts.reduce(0, +) == Int64(original.count { $0 == 0x0A }))
        #expect(status["tampered"] == .null)

        let board = daemon.folder.bytes(DaemonTests.board)
        if mode == "observe" {
            #expect(board == original, "observe masks nothing")
        } else {
            #expect(board != original, "what failed is masked")
        }
        #expect(try daemon.folder.quarantineEntries().count == counts[1])
        #expect(try daemon.folder.originalBoard() == original)
    }

    private func append(
        _ bytes: [UInt8],
        to daemon: DaemonUnderTest,
        using generator: inout SeededGenerator
    ) throws {
        let appender = try FileAppender(path: daemon.folder.at(DaemonTests.board))
        let pieceBytesMax = max(1, bytes.count / 40)
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...pieceBytesMax, using: &generator))
            try appender.append(Array(piece))
            rest = rest.dropFirst(piece.count)
        }
    }

    private func check(_ board: [UInt8], _ flags: String...) throws -> [LineVerdict] {
        let folder = try TemporaryFolder()
        try folder.write(board, to: "board.jsonl")
        let output = try HiveProgram.run(
            ["check", "--json"] + flags + ["board.jsonl"],
            in: folder.path
        )
        #expect(output.exitCode == 1, "\(output.standardError)")
        return try output.lines.map(LineVerdict.init)
    }

    private static func realBoard() throws -> [UInt8] {
        let path = try #require(realPath)
        return [UInt8](try #require(FileManager.default.contents(atPath: path)))
    }

    // MARK: Neighbours

    private func expectGoodLinesPass(_ board: [UInt8], least: Int) throws {
        let verdicts = try check(board, "--gates-only").reduce(into: [:]) { $0[$1.offset] = $1 }
        var good = 0
        var offset = 0
        for line in board.split(separator: 0x0A, omittingEmptySubsequences: false) {
            if SecondOpinion.isGood(line) {
                good += 1
                let verdict = try #require(verdicts[offset])
                #expect(verdict.verdict == "accepted", "the line at \(offset): \(verdict.reason)")
            }
            offset += line.count + 1
        }
        #expect(good >= least, "the board has good lines to look at")
    }
}

/// What a line came to, as `hive check` and `hive log` both tell it.
private struct LineVerdict: Hashable {
    var offset: Int
    var verdict: String
    var gates: [JSONValue]
    var violations: [JSONValue]
    /// Of an accepted line.
    var warnings: [JSONValue]
    var reason: String

    /// All that it failed.
    var codes: [JSONValue] { gates + violations }

    func hasSameCodes(as other: LineVerdict) -> Bool {
        verdict == other.verdict && gates == other.gates && violations == other.violations
    }

    init(_ line: String) throws {
        let value = try JSONValue(parsing: line)
        offset = Int(try #require(value["offset"]?.integerValue))
        verdict = try #require(value["verdict"]?.stringValue)
        gates = try #require(value["gates"]?.arrayValue)
        violations = try #require(value["violations"]?.arrayValue)
        reason = try #require(value["reason"]?.stringValue)
        warnings = verdict == "accepted" ? try #require(value["warnings"]?.arrayValue) : []
    }
}

/// Whether a line is a good signal, by Foundation's parser and the rules of the eight fields.
///
/// It shares no code with the gates. It says no where it is in doubt (an odd spelling of a number,
/// say), so that a yes is worth something.
private enum SecondOpinion {
    static func isGood(_ line: ArraySlice<UInt8>) -> Bool {
        let content = trimmed(line)
        guard String(validating: content, as: UTF8.self) != nil, !content.contains(0),
            let object = try? JSONSerialization.jsonObject(with: Data(content)),
            let signal = object as? [String: Any]
        else { return false }
        return hasGoodWords(signal) && hasGoodNumbers(signal)
    }

    /// Without what belongs to line ends: NULs in front, `\r` and NULs behind.
    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var content = line.drop { $0 == 0 }
        while let last = content.last, last == 0 || last == 0x0D { content.removeLast() }
        return content
    }

    /// A date that every calendar has, and a time of day with its offset.
    private static func isTimestamp(_ text: String) -> Bool {
        guard let match = text.prefixMatch(of: /\d{4}-(\d\d-\d\d)T/) else { return false }
        let day = /(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31/
        let time = /([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-][01]\d:[0-5]\d)/
        return match.1.wholeMatch(of: day) != nil
            && text[match.range.upperBound...].wholeMatch(of: time) != nil
    }

    private static func hasGoodWords(_ signal: [String: Any]) -> Bool {
        func word(_ key: String, of words: String...) -> Bool {
            (signal[key] as? String).map(words.contains) ?? false
        }
        guard let time = signal["ts"] as? String, let message = signal["msg"] as? String else {
            return false
        }
        return isTimestamp(time) && !message.trimmed.isEmpty
            && word("pull", of: "upstream", "downstream", "lateral")
            && word("type", of: "signal", "event", "error", "metric")
            && word("hive", of: "H", "I", "V", "E", "X")
    }

    private static func hasGoodNumbers(_ signal: [String: Any]) -> Bool {
        guard let mark = signal["mark"] as? Double, let generation = signal["gen"] as? Int,
            let port = signal["port"] as? Int
        else { return false }
        return (0...1).contains(mark) && generation >= 87 && (0...7).contains(port)
    }
}

// MARK: - What a board and its quarantine tell together

extension TemporaryFolder {
    /// The entries of `quarantine.jsonl`, in the order of the file.
    func quarantineEntries() throws -> [JSONValue] {
        try bytes("sandbox/quarantine.jsonl").split(separator: 0x0A)
            .map { try JSONValue(parsing: Array($0)) }
    }

    /// The board as it was written: every quarantined line's bytes back at their offset.
    func originalBoard() throws -> [UInt8] {
        var board = bytes(DaemonTests.board)
        for entry in try quarantineEntries() {
            let offset = Int(try #require(entry["offset"]?.integerValue))
            let text = try #require(entry["raw"]?.stringValue)
            let raw = try #require(Base64.decode(Array(text.utf8)))
            try #require(offset + raw.count < board.count)
            #expect(entry["length"] == .integer(Int64(raw.count)))
            board.replaceSubrange(offset..<offset + raw.count, with: raw)
        }
        return board
    }
}
