import Glibc
import HiveSignal
import HiveTestKit
import Testing

/// The REPL in terminals of every kind, through a pipe, and in the daemon's own process.
@Suite struct REPLModesTests {
    // MARK: Terminals

    @Test func `a window may become narrow and wide again while a line is typed`() throws {
        let desk = try REPLDesk()
        let terminal = try desk.open()
        try terminal.type("search spec")
        try terminal.wait(forCursorLine: { $0 == "gen 87 · I · 1 quarantined › search spec" })
        terminal.resize(columns: 40, rows: 24)
        try terminal.wait(forCursorLine: { $0 == "87·I·1q › search spec" })
        terminal.resize(columns: 100, rows: 30)
        try terminal.wait(forCursorLine: { $0 == "gen 87 · I · 1 quarantined › search spec" })
        try terminal.type("\r")
        try terminal.wait(for: "found the spec")
    }

    @Test func `in 40 columns no list is wider than the window`() throws {
        let terminal = try REPLDesk().open(columns: 40)
        #expect(terminal.screen.cursorLine == "87·I·1q ›")
        try terminal.run("ports")
        #expect(terminal.screen.text.contains("   H     I     V     E     last hour"))
        try terminal.run("signals")
        #expect(terminal.screen.text.contains("3  ✗ E 3  REWARD_HACK SKIPPED_VALI…"))
    }

    @Test func `a dumb terminal gets no escape sequence and can be used`() throws {
        let desk = try REPLDesk()
        let terminal = try desk.open(["TERM": "dumb"])
        try terminal.type("sear\tfou")
        try desk.append([Lines.signal("I", port: 6, message: "news for the dumb")])
        try terminal.wait(for: "news for the dumb")
        try terminal.wait(forCursorLine: { $0.hasSuffix("› search fou") })
        try terminal.type("nx\u{08}d\r")
        try terminal.wait(for: "H 7  found the spec")
        try terminal.type("gone\u{03}")
        try terminal.wait(for: "gone^C")
        try terminal.type("\u{04}")
        #expect(try terminal.waitForExit() == 0)
        #expect(!terminal.transcript.contains(0x1B))
    }

    @Test func `in the C locale everything that is written is ASCII`() throws {
        let desk = try REPLDesk()
        try desk.append([Lines.signal("I", port: 6, message: "plain")])
        let terminal = try desk.open(["LANG": "C"])
        #expect(terminal.screen.cursorLine == "gen 87 - I - 1 quarantined >")
        try terminal.type("sta\tus\r")
        try terminal.wait(for: "4 lines/s in 10 s")
        try terminal.waitForPrompt()
        try terminal.type("é search plain\u{01}\u{04}\u{05}\r")
        try terminal.waitForPrompt()
        #expect(terminal.transcript.allSatisfy { $0 < 0x80 })
    }

    @Test func `NO_COLOR takes the colours away`() throws {
        let terminal = try REPLDesk().open(["NO_COLOR": "1"])
        try terminal.run("status")
        #expect(!String(decoding: terminal.transcript, as: UTF8.self).contains("\u{1B}[3"))
    }

    @Test func `when its terminal is taken away it ends`() throws {
        let terminal = try REPLDesk().open()
        terminal.signal(SIGHUP)
        #expect(try terminal.waitForExit() == 0)
    }

    // MARK: Pipes

    @Test func `through a pipe answers are plain and the last code is the exit code`() throws {
        let desk = try REPLDesk()
        func pipe(_ lines: String...) throws -> HiveProgram.Output {
            let input = Array((lines.joined(separator: "\n") + "\n").utf8)
            return try desk.daemon.hive("repl", input: input)
        }
        let status = try pipe("", "state")
        #expect(status.exitCode == 0)
        #expect(status.standardOutput == (try desk.daemon.hive("state")).standardOutput)
        #expect(status.standardError.isEmpty)

        let refused = try pipe("state", "emit --phase V --port 2 --mark 7 wrong")
        #expect(refused.exitCode == 1)
        #expect(refused.standardOutput.contains("✗ quarantined"))

        let usage = try pipe("emit 'unclosed")
        #expect(usage.exitCode == 2)
        #expect(usage.standardOutput.isEmpty)
        #expect(usage.standardError.contains("hive: a quote is not closed"))

        let recovered = try pipe("nonsense", "emit --phase I --port 6 'fine'", "quit", "nonsense")
        #expect(recovered.exitCode == 0)
        #expect(recovered.standardError.contains("no command nonsense"))
    }

    @Test func `without a daemon commands work and news is refused`() throws {
        let desk = try REPLDesk()
        desk.daemon.stop()
        func pipe(_ line: String) throws -> HiveProgram.Output {
            try desk.daemon.hive("repl", input: Array(line.utf8))
        }
        #expect(try pipe("signals phase=H").standardOutput.contains("found the spec"))
        #expect(try pipe("doctor").standardOutput.contains("board"))
        #expect(try pipe("emit --phase I --port 6 'by the same engine'").exitCode == 0)
        let tail = try pipe("tail")
        #expect(tail.exitCode == 3)
        #expect(tail.standardError.contains("start one: hive up --detach"))

        let terminal = try PseudoTerminal(["repl"], in: desk.folder.path)
        try terminal.wait(for: "no daemon is running")
        try terminal.wait(forCursorLine: { $0 == "gen 87 · I · 1 quarantined · no daemon ›" })
    }

    // MARK: In the daemon's process

    @Test func `up --repl guards the board, and leaving stops the daemon`() throws {
        let folder = try TemporaryFolder()
        try folder.makeQuietRules()
        let terminal = try PseudoTerminal(["up", "--repl"], in: folder.path)
        try terminal.wait(for: "Ctrl-D leaves and stops the daemon")
        try terminal.wait(forCursorLine: { $0 == "gen 87 · - ›" })
        let line = Lines.signal("H", port: 7, message: "from outside") + "\n"
        try folder.append(Array(line.utf8), to: "sandbox/obsidianblackboard.jsonl")
        try terminal.wait(for: "from outside")
        try terminal.wait(forCursorLine: { $0 == "gen 87 · H ›" })
        try terminal.run("doctor")
        try terminal.type("half\u{03}")
        try terminal.wait(for: "half^C")
        let status = try HiveProgram.run(["status", "--json"], in: folder.path)
        let pid = try JSONValue(parsing: status.standardOutput.trimmed)["daemon"]?["pid"]
        #expect(pid == .integer(Int64(terminal.pid)))
        try terminal.type("quit\r")
        #expect(try terminal.waitForExit() == 0)
        let after = try HiveProgram.run(["status", "--json"], in: folder.path)
        #expect(try JSONValue(parsing: after.standardOutput.trimmed)["daemon"] == .null)
    }

    @Test func `a daemon with a REPL that is told to stop gives the terminal back`() throws {
        let folder = try TemporaryFolder()
        try folder.makeQuietRules()
        let terminal = try PseudoTerminal(["up", "--repl"], in: folder.path)
        try terminal.waitForPrompt()
        #expect(try HiveProgram.run(["down"], in: folder.path).exitCode == 0)
        try terminal.wait(for: "the daemon has stopped")
        #expect(try terminal.waitForExit() == 0)
    }

    @Test func `up --repl takes its commands from a pipe, and ends with the last one's code`()
        throws
    {
        let folder = try TemporaryFolder()
        try folder.makeQuietRules()
        let lines = "emit --phase H --port 7 'from a script'\nsignals\nemit --phase V --port 2 no\n"
        let output = try HiveProgram.run(
            ["up", "--repl"],
            in: folder.path,
            input: Array(lines.utf8)
        )
        #expect(output.exitCode == 1)
        #expect(output.standardOutput.contains("1  ✓ H 7  from a script"))
        #expect(output.standardOutput.contains("SKIPPED_INTERLOCK"))
    }

    @Test func `up --repl does not go with --detach`() throws {
        let folder = try TemporaryFolder()
        let output = try HiveProgram.run(["up", "--repl", "--detach"], in: folder.path)
        #expect(output.exitCode == 2)
        #expect(output.standardError.contains("--repl goes neither with --detach"))
    }
}
