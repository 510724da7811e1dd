import Glibc
import HiveLedger
import HiveSignal
import HiveTestKit
import Testing

/// `kill -9` around generations' ends, under writers who know nothing of either (SPEC §7, §11).
///
/// Half of the writers open the board for each line, half keep the first generation's file open for
/// ever. Each round a daemon starts, the writers write, a flip is asked for, and the daemon is
/// killed once the audit has grown by some bytes: before the flip, in it, or among the late lines.
@Suite struct FlipKillTests {
    private static let writers = 4
    private static let linesPerToken = 6
    private static let audit = "sandbox/pyre_audit.jsonl"

    /// Appends `$2` times `$4` lines named `$1-1`, `$1-2`, …; each time once the gate gives a
    /// token.
    private static let script = """
        exec 3>> "$BOARD"
        for ((i = 0; i < $2 * $4; i++)); do
            if ((i % $4 == 0)); then read -r < "$GATE"; fi
            printf -v line '{"ts":"2025-12-29T10:00:00Z","mark":1.0,"pull":"downstream",\
        "msg":"%d-%d","type":"metric","hive":"H","gen":%d,"port":7}' \
                "$1" "$i" $((87 + i / (2 * $4) + i % 3))
            if [[ $3 = keep ]]; then printf '%s\\n' "$line" >&3
            else printf '%s\\n' "$line" >> "$BOARD"; fi
        done
        """

    @Test func `kill -9 around flips loses no line and judges none twice`() throws {
        var generator = SeededGenerator()
        print("HIVE_SEED=\(generator.seed)")
        let rounds = Campaign.size(short: 6, long: 150)
        let folder = try TemporaryFolder()
        try folder.makeQuietRules()
        try folder.makeFolder("sandbox")
        try folder.write([], to: DaemonTests.board)
        #expect(mkfifo(folder.at("gate"), 0o600) == 0)
        let gate = open(folder.at("gate"), O_RDWR | O_CLOEXEC)
        defer { close(gate) }
        let shells = try (0..<Self.writers).map { writer in
            try Spawned.start(
                "/bin/bash",
                [
                    "-c", Self.script, "w", "\(writer)", "\(rounds)",
                    writer % 2 == 0 ? "keep" : "reopen", "\(Self.linesPerToken)",
                ],
                in: folder.path,
                environment: [
                    "BOARD": folder.at(DaemonTests.board), "GATE": folder.at("gate"),
                ]
            )
        }
        for round in 0..<rounds {
            try killedRound(round, folder, gate, using: &generator)
        }
        for shell in shells { #expect(shell.wait() == 0) }
        let last = try DaemonUnderTest(in: folder, flags: ["--quiet"])
        #expect(try last.hive("flip", "--json", "the last").exitCode == 0)
        #expect(last.stop() == 0)
        try expectOnce(folder, lines: Self.writers * rounds * Self.linesPerToken)

        let before = try Self.dump(folder)
        let rebuilt = try HiveProgram.run(["doctor", "--rebuild"], in: folder.path)
        #expect(rebuilt.exitCode == 0, "\(rebuilt.standardError)")
        #expect(try Self.dump(folder) == before)
    }

    private func killedRound(
        _ round: Int,
        _ folder: TemporaryFolder,
        _ gate: Int32,
        using generator: inout SeededGenerator
    ) throws {
        let daemon = try DaemonUnderTest(in: folder, flags: ["--quiet"])
        defer { daemon.kill() }
        let before = folder.bytes(Self.audit).count
        let tokens = String(repeating: "\n", count: Self.writers)
        #expect(write(gate, tokens, tokens.utf8.count) == tokens.utf8.count)
        let flip = try Spawned.start(
            HiveProgram.path,
            ["flip", "--json", "round \(round)"],
            in: folder.path
        )
        let growth = Int.random(in: 1...1_200, using: &generator)
        while folder.bytes(Self.audit).count < before + growth {
            var end = siginfo_t()
            waitid(P_PID, id_t(flip.pid), &end, WEXITED | WNOHANG | WNOWAIT)
            if end.si_signo != 0 { break }
            sched_yield()
        }
        daemon.signal(SIGKILL)
        flip.wait()
    }

    private func expectOnce(_ folder: TemporaryFolder, lines: Int) throws {
        let ledger = try Ledger(path: folder.at("sandbox/.hive/ledger.sqlite"), readOnly: true)
        var seen: [String: Int] = [:]
        for row in try ledger.signals(after: 0, limit: .max, filter: SignalFilter()) {
            seen[row.message, default: 0] += 1
            #expect(row.generation == row.boardGeneration, "\(row.message)")
        }
        let quarantined = try ledger.quarantine(limit: .max, includeSeen: true)
        for row in quarantined {
            let name = try JSONValue(parsing: row.entry)["signal"]?["msg"]?.stringValue
            seen[name ?? "", default: 0] += 1
            #expect(row.violation == "WRONG_GENERATION", "\(name ?? "")")
        }
        #expect(seen.count == lines)
        #expect(seen.filter { $0.value != 1 }.isEmpty, "a line was judged twice")
        let entries = folder.bytes("sandbox/quarantine.jsonl").count { $0 == 0x0A }
        #expect(entries == quarantined.count, "an entry was written twice")
        #expect(try ledger.copies().isEmpty)
        let ended = try ledger.generations()
        #expect(!ended.isEmpty)
        for row in ended {
            let manifest = folder.bytes("sandbox/archive/gen-\(row.generation).json")
            let lines = try JSONValue(parsing: manifest)["lines"]
            #expect(lines == .integer(row.lines), "generation \(row.generation)")
        }
    }

    private static func dump(_ folder: TemporaryFolder) throws -> [String] {
        var rows: [String] = []
        let ledger = try Ledger(path: folder.at("sandbox/.hive/ledger.sqlite"), readOnly: true)
        try ledger.dump { rows.append($0) }
        return rows
    }
}
