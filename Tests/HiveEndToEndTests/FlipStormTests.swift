import Glibc
import HiveLedger
import HiveSignal
import HiveTestKit
import Testing

/// A generation ends under writers who do not stop for it (SPEC §7).
@Suite struct FlipStormTests {
    /// Half of them open the board for each line, half keep it open for ever.
    private static let writers = 8

    /// Appends `$2` lines named `$1-1`, `$1-2`, …, of generations 87 and 88 in turn; with `$3` =
    /// `keep` through one descriptor.
    ///
    /// The last quarter waits at a gate, which opens once the generation has ended.
    private static let script = """
        exec 3>> "$BOARD"
        for ((i = 1; i <= $2; i++)); do
            if ((i == $2 * 3 / 4)); then read -r < "$GATE"; fi
            printf -v line '{"ts":"2025-12-29T10:00:00Z","mark":1.0,"pull":"downstream",\
        "msg":"%d-%d","type":"metric","hive":"H","gen":%d,"port":7}' "$1" "$i" $((87 + i % 2))
            if [[ $3 = keep ]]; then printf '%s\\n' "$line" >&3
            else printf '%s\\n' "$line" >> "$BOARD"; fi
        done
        """

    @Test func `every line gets one verdict, in the generation that SPEC names`() throws {
        let linesEach = Campaign.size(short: 500, long: 10_000)
        let daemon = try DaemonUnderTest(in: TemporaryFolder())
        let folder = daemon.folder
        #expect(mkfifo(folder.at("gate"), 0o600) == 0)
        let gate = open(folder.at("gate"), O_RDWR | O_CLOEXEC)
        defer { close(gate) }
        let shells = try (0..<Self.writers).map { writer in
            try Spawned.start(
                "/bin/bash",
                ["-c", Self.script, "w", "\(writer)", "\(linesEach)", Self.kind(of: writer)],
                in: folder.path,
                environment: [
                    "BOARD": folder.at(DaemonTests.board), "GATE": folder.at("gate"),
                ]
            )
        }
        let total = Self.writers * linesEach
        try daemon.waitForSequence(Int64(total / 4))
        let flip = try daemon.hive("flip", "--json", "in the middle of it")
        #expect(flip.exitCode == 0, "\(flip.standardError)")
        let opened = String(repeating: "\n", count: Self.writers)
        #expect(write(gate, opened, opened.utf8.count) == opened.utf8.count)
        for shell in shells { #expect(shell.wait() == 0) }
        try daemon.waitForSequence(Int64(total))
        #expect(daemon.stop() == 0)
        try expectPlaces(folder, linesEach: linesEach)

        // The ledger made anew from archive, board, quarantine and audit is the same.
        let before = try Self.dump(folder)
        let rebuilt = try HiveProgram.run(["doctor", "--rebuild"], in: folder.path)
        #expect(rebuilt.exitCode == 0, "\(rebuilt.standardError)")
        #expect(try Self.dump(folder) == before)
    }

    private static func kind(of writer: Int) -> String { writer % 2 == 0 ? "keep" : "reopen" }

    private func expectPlaces(_ folder: TemporaryFolder, linesEach: Int) throws {
        let ledger = try Ledger(path: folder.at("sandbox/.hive/ledger.sqlite"), readOnly: true)
        let ended = try #require(try ledger.generations().first)
        #expect(ended.generation == 87)
        var seen: [String: Int] = [:]
        var copied: Int64 = 0
        for row in try ledger.signals(after: 0, limit: .max, filter: SignalFilter()) {
            seen[row.message, default: 0] += 1
            // What passed stands where it says it belongs.
            #expect(row.generation == row.boardGeneration, "\(row.message)")
            if row.generation == 88, row.message.hasWriter(where: { $0 % 2 == 0 }) { copied += 1 }
        }
        for row in try ledger.quarantine(limit: .max, includeSeen: true) {
            let entry = try JSONValue(parsing: row.entry)
            let name = try #require(entry["signal"]?["msg"]?.stringValue)
            seen[name, default: 0] += 1
            #expect(row.violation == "WRONG_GENERATION", "\(name)")
            let says = entry["signal"]?["gen"]?.integerValue
            #expect(says != row.boardGeneration)
            let offset = try #require(row.offset)
            if row.boardGeneration == 87 {
                #expect(offset < ended.flippedAt, "\(name): a late line of 88 belongs on its board")
            } else {
                let isReopened = name.hasWriter { $0 % 2 == 1 }
                #expect(isReopened, "\(name): whoever keeps the file open stays with the archive")
            }
        }
        #expect(seen.count == Self.writers * linesEach)
        #expect(seen.values.allSatisfy { $0 == 1 }, "a line was judged twice")
        #expect(ended.copied >= copied)
        #expect(ended.offset > ended.flippedAt, "nothing came late: the flip was not under load")
        #expect(ended.copied > 0)
    }

    private static func dump(_ folder: TemporaryFolder) throws -> [String] {
        var rows: [String] = []
        let ledger = try Ledger(path: folder.at("sandbox/.hive/ledger.sqlite"), readOnly: true)
        try ledger.dump { rows.append($0) }
        return rows
    }
}

extension String {
    /// True where the number of the writer, in front of the dash, is as asked.
    fileprivate func hasWriter(where isAsked: (Int) -> Bool) -> Bool {
        split(separator: "-").first.flatMap { Int($0) }.map(isAsked) ?? false
    }
}
