import Foundation
import HiveControl
import HiveSignal
import HiveTestKit
import Synchronization
import Testing

/// Masks written into a file that others append to all the while.
@Suite struct MaskStormTests {
    private static let goodWriters = 4
    private static let badWriter = 4

    @Test func `masks under load change no good byte, and restore gives every bad one back`() throws
    {
        let badLines = Campaign.size(short: 400, long: 10_000)
        let goodLines = badLines / Self.goodWriters
        var plans = (0..<Self.goodWriters).map { writer in
            (1...goodLines).map { Self.goodLine(writer, $0) }
        }
        plans.append((1...badLines).map(Self.badLine))

        let daemon = try DaemonUnderTest(in: TemporaryFolder())
        let folder = daemon.folder
        Self.appendAtOnce(plans, to: folder.at(DaemonTests.board))
        let total = plans.reduce(0) { $0 + $1.count }
        try daemon.waitForSequence(Int64(total))

        let masked = folder.bytes(DaemonTests.board)
        #expect(masked.count == plans.joined().reduce(0) { $0 + $1.count })
        try expectGoodLinesStand(masked, daemon, plans)
        let entries = try folder.quarantineEntries()
        #expect(entries.count == badLines)
        #expect(!masked.contains(Self.badWord), "every bad line is masked")

        try restoreAll(entries, in: folder)
        let restored = folder.bytes(DaemonTests.board)
        #expect(restored.count == masked.count)
        try expectWritten(restored, plans)

        #expect(daemon.stop() == 0)
        let next = try DaemonUnderTest(in: folder)
        let status = try next.status()
        #expect(status["quarantined"] == .integer(Int64(badLines)))
        #expect(status["sequence"] == .integer(Int64(total)))
        #expect(status["tampered"] == .null)
        #expect(folder.bytes(DaemonTests.board) == restored, "nothing is masked again")
        #expect(try folder.quarantineEntries().count == badLines)
        #expect(next.stop() == 0)
    }

    // MARK: Lines

    /// Every line's message begins with its writer and number: `3-17`.
    private static func goodLine(_ writer: Int, _ number: Int) -> [UInt8] {
        let filler = String(repeating: "g", count: number * 7 % 90)
        return Array(
            (Lines.signal("H", port: 7, message: "\(writer)-\(number)-\(filler)") + "\n").utf8
        )
    }

    private static let badWord = Array("bad to the last byte".utf8)

    private static func badLine(_ number: Int) -> [UInt8] {
        let message = "\(badWriter)-\(number)-\(String(decoding: badWord, as: UTF8.self))"
        // Some fail a gate, some the phase rules, some are no JSON at all.
        let line =
            switch number % 3 {
            case 0: Lines.signal("H", port: 7, message: message, type: "handoff")
            case 1: Lines.signal("E", port: 3, message: message)
            default: "\"msg\":\"\(message)\" \(String(repeating: "}", count: number % 50))"
            }
        return Array((line + "\n").utf8)
    }

    /// The writer and the number that a line names; nil where it names none.
    private static func name(_ line: ArraySlice<UInt8>) -> (writer: Int, number: Int)? {
        let text = String(decoding: line, as: UTF8.self)
        guard let match = text.firstMatch(of: /"msg":"(\d+)-(\d+)-/),
            let writer = Int(match.1), let number = Int(match.2)
        else { return nil }
        return (writer, number)
    }

    /// A thread a plan, all let go at once, one write a line.
    private static func appendAtOnce(_ plans: [[[UInt8]]], to path: String) {
        DispatchQueue.concurrentPerform(iterations: plans.count) { writer in
            guard let appender = try? FileAppender(path: path) else { return }
            // A line that does not get there shows in the file's length.
            for line in plans[writer] { try? appender.append(line) }
        }
    }

    // MARK: Looking

    /// Each accepted line's bytes stand at its offset exactly as its writer made them.
    private func expectGoodLinesStand(
        _ board: [UInt8],
        _ daemon: DaemonUnderTest,
        _ plans: [[[UInt8]]]
    ) throws {
        let log = try daemon.hive("log", "--json", "--after", "0", "--verdict", "accepted").lines
        #expect(log.count == plans.prefix(Self.goodWriters).reduce(0) { $0 + $1.count })
        var seen: Set<Int> = []
        for text in log {
            let offset = Int(try #require(JSONValue(parsing: text)["offset"]?.integerValue))
            try #require(board.indices.contains(offset))
            let name = try #require(Self.name(board[offset...].prefix { $0 != 0x0A }))
            let line = plans[name.writer][name.number - 1]
            #expect(board[offset...].starts(with: line))
            #expect(seen.insert(offset).inserted, "no line is counted twice")
        }
    }

    /// The file is what the writers appended: each line whole, each writer's in its order.
    private func expectWritten(_ board: [UInt8], _ plans: [[[UInt8]]]) throws {
        var next = [Int](repeating: 0, count: plans.count)
        for line in board.split(separator: 0x0A) {
            let name = try #require(Self.name(line))
            try #require(name.number == next[name.writer] + 1)
            #expect(plans[name.writer][next[name.writer]].dropLast().elementsEqual(line))
            next[name.writer] += 1
        }
        #expect(next == plans.map(\.count))
    }

    private func restoreAll(_ entries: [JSONValue], in folder: TemporaryFolder) throws {
        let socket = SocketPath.choose(
            stateDirectory: folder.at("sandbox/.hive"),
            runtimeDirectory: nil
        )
        let client = try ControlClient.connect(path: socket)
        for entry in entries {
            let answer = try client.call(
                Method.quarantineRestore,
                ["id": try #require(entry["id"])]
            )
            #expect(answer["restored"] == true)
        }
    }
}
