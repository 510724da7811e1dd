import HiveSignal
import HiveTestKit
import Testing

/// Many shells at once, each with nothing but `>>`.
@Suite struct StormTests {
    private static let writers = 16

    /// Appends `$2` lines named `$1-1`, `$1-2`, …; lengths differ, up to just under 4 KiB.
    private static let script = """
        for ((i = 1; i <= $2; i++)); do
            if ((i % 40 == $1)); then length=3700; else length=$(((i * 37 + $1 * 11) % 300)); fi
            printf -v tail '%*s' "$length" ''
            printf '{"ts":"2025-12-29T10:00:00Z","mark":1.0,"pull":"downstream","msg":"%d-%d",\
        "type":"signal","hive":"H","gen":87,"port":7,"tail":"%s"}\\n' \
                "$1" "$i" "$tail" >> "$BOARD"
        done
        """

    @Test func `what sixteen shells append at once is judged whole and in file order`() throws {
        let linesEach = Campaign.size(short: 300, long: 10_000)
        let daemon = try DaemonUnderTest(in: TemporaryFolder())
        let folder = daemon.folder
        let shells = try (0..<Self.writers).map { writer in
            try Spawned.start(
                "/bin/bash",
                ["-c", Self.script, "writer", "\(writer)", "\(linesEach)"],
                in: folder.path,
                environment: ["BOARD": folder.at(DaemonTests.board)]
            )
        }
        for shell in shells { #expect(shell.wait() == 0) }
        let total = Self.writers * linesEach
        try daemon.waitForSequence(Int64(total))
        #expect(try daemon.status()["quarantined"] == 0)

        let log = try daemon.hive("log", "--json", "--after", "0").lines
            .map { try JSONValue(parsing: $0) }
        #expect(log.count == total)
        #expect(log.compactMap { $0["sequence"]?.integerValue } == (1...Int64(total)).map(\.self))
        let board = folder.bytes(DaemonTests.board)
        #expect(log.compactMap { $0["offset"]?.integerValue } == Self.lineStarts(of: board))

        var written = [Int](repeating: 0, count: Self.writers)
        for line in log {
            let name = try #require(line["msg"]?.stringValue).split(separator: "-")
            try #require(name.count == 2)
            let writer = try #require(Int(name[0]))
            try #require(written.indices.contains(writer))
            written[writer] += 1
            #expect(Int(name[1]) == written[writer], "each writer's lines keep their order")
        }
        #expect(written.allSatisfy { $0 == linesEach })
    }

    private static func lineStarts(of board: [UInt8]) -> [Int64] {
        var starts: [Int64] = []
        var start = 0
        for (index, byte) in board.enumerated() where byte == 0x0A {
            starts.append(Int64(start))
            start = index + 1
        }
        return starts
    }
}
