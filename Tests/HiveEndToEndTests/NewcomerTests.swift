import HiveSignal
import HiveTestKit
import Testing

/// Somebody who knows nothing of hive but that `help` helps.
@Suite struct NewcomerTests {
    /// The last advice on the screen that begins so, as it may be typed.
    private func advice(_ start: String, _ terminal: PseudoTerminal) throws -> String {
        let rows = terminal.screen.text.split(separator: "\n").map(String.init)
        let row = try #require(rows.last { $0.contains("→ \(start)") }, "\(terminal.screen.text)")
        return String(row[(row.ranges(of: start).last?.upperBound ?? row.endIndex)...])
    }

    /// What help gives for an example of a command.
    private func example(of command: String, _ terminal: PseudoTerminal) throws -> String {
        try terminal.run("help \(command)")
        let rows = terminal.screen.text.split(separator: "\n").map(String.init)
        let row = try #require(rows.last { $0.hasPrefix("  e.g.  \(command)") })
        return String(row.dropFirst("  e.g.  ".count))
    }

    @Test func `help alone leads to the state, a refusal, a release, a forced phase, a flip`()
        throws
    {
        let folder = try TemporaryFolder()
        let home = try TemporaryFolder()
        let environment = ["HOME": home.path]
        let setup = try PseudoTerminal(["init"], in: folder.path, environment: environment)
        try setup.wait(for: "new passphrase (Enter for none):")
        try setup.type("\r")
        #expect(try setup.waitForExit() == 0)
        #expect(setup.screen.text.contains("hive up"))
        let terminal = try PseudoTerminal(
            ["up", "--repl"],
            in: folder.path,
            environment: environment
        )
        terminal.kept = (folder, home)
        try terminal.wait(for: "help lists the commands")
        try terminal.waitForPrompt()
        try terminal.run("help")
        for command in ["state", "emit", "why", "override", "flip"] {
            #expect(terminal.screen.text.contains("\n  \(command) "), "\(terminal.screen.text)")
        }

        try terminal.run(try example(of: "state", terminal).prefix(5) + "")
        #expect(terminal.screen.text.contains("phase        none yet"))

        // Green before there is anything: the example, with another phase and port.
        let emit = try example(of: "emit", terminal)
        #expect(emit.hasPrefix("emit --phase H --port 7 "))
        try terminal.run("emit --phase V --port 2 'it works'")
        #expect(terminal.screen.text.contains("✗ quarantined"))
        try terminal.run(try advice("see why, and how to mend it: ", terminal))
        #expect(terminal.screen.text.contains("expected  red before green"))

        try terminal.type(try advice("let it pass as it is: ", terminal) + "\r")
        try terminal.wait(for: "is appended anew and accepted")
        try terminal.wait(forCursorLine: { $0.hasPrefix("why? ›") })
        try terminal.type("I saw it\r")
        try terminal.wait(forCursorLine: { $0.hasPrefix("force it? (yes/no) ›") })
        try terminal.type("yes\r")
        try terminal.wait(for: "released: ✓ accepted")
        try terminal.waitForPrompt()

        #expect(try example(of: "override", terminal).hasPrefix("override phase V"))
        try terminal.type("override phase E\r")
        try terminal.wait(for: "E needs no")
        try terminal.wait(forCursorLine: { $0.hasPrefix("why? ›") })
        try terminal.type("enough\r")
        try terminal.wait(forCursorLine: { $0.hasPrefix("force it? (yes/no) ›") })
        try terminal.type("yes\r")
        try terminal.wait(forCursorLine: { $0.contains("· E ") && $0.hasSuffix("›") })

        try terminal.type(try example(of: "flip", terminal) + "\r")
        try terminal.wait(forCursorLine: { $0.hasPrefix("end it? (yes/no) ›") })
        #expect(terminal.screen.text.contains("generation 87 may end: 88 would begin, empty"))
        try terminal.type("yes\r")
        try terminal.wait(for: "generation 87 has ended; 88 begins, empty")
        try terminal.wait(forCursorLine: { $0.hasPrefix("gen 88 ·") })
        try terminal.type("\u{04}")
        #expect(try terminal.waitForExit() == 0)
    }

    @Test func `a flip and an override of another's are news, and the prompt follows`() throws {
        let desk = try OverrideDesk()
        let terminal = try desk.terminal("repl")
        try terminal.waitForPrompt()
        try terminal.type("search sp")
        let forced = try desk.hive("override", "phase", "E", "--yes", "--reason", "a hotfix")
        #expect(forced.exitCode == 0)
        try terminal.wait(for: "X 7  event  a hotfix")
        try terminal.wait(forCursorLine: { $0 == "gen 87 · E · 1 quarantined › search sp" })
        #expect(try desk.hive("flip", "all done").exitCode == 0)
        try terminal.wait(for: "generation 87 has ended with 3 lines; 88 begins, empty: all done")
        try terminal.wait(forCursorLine: { $0 == "gen 88 · - · 1 quarantined › search sp" })
        // What comes late to the archive is of the generation that has ended; nothing but its own
        // watch wakes the daemon for it.
        try desk.folder.append(
            Array((Lines.signal("H", port: 0, message: "late") + "\n").utf8),
            to: "sandbox/archive/gen-87.jsonl"
        )
        try terminal.wait(for: "H 0  late")
        try terminal.wait(forCursorLine: { $0 == "gen 88 · - · 1 quarantined › search sp" })
    }

    @Test(arguments: [80, 40, 30])
    func `what help says keeps its words whole`(_ columns: Int) throws {
        let terminal = try REPLDesk().open(columns: columns)
        for command in ["emit", "override", "bisect", "check"] {
            try terminal.run("help \(command)")
        }
        let words = Set(
            terminal.screen.text.split(whereSeparator: \.isWhitespace).map(String.init)
        )
        for word in ["[--parent", "tampered", "passphrase."] {
            #expect(words.contains(word), "\(word) in \(terminal.screen.text)")
        }
    }
}
