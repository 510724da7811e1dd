import Glibc
import HiveSignal
import HiveTestKit
import Testing

/// `hive repl` as a person uses it: the real binary in a real pseudo-terminal.
@Suite struct REPLTests {
    // MARK: The prompt and the commands

    @Test func `the prompt tells generation, phase and what is unseen`() throws {
        let terminal = try REPLDesk().open()
        #expect(terminal.screen.cursorLine == "gen 87 · I · 1 quarantined ›")
        #expect(terminal.screen.text.contains("help lists the commands"))
    }

    @Test func `a command is run by an abbreviation, and an ambiguous one lists what it may be`()
        throws
    {
        let terminal = try REPLDesk().open()
        try terminal.type("sig 1\r")
        try terminal.wait(for: "SKIPPED_VALIDATE")
        try terminal.type("st\r")
        try terminal.wait(for: "st may be status, state")
        try terminal.type("nonsense\r")
        try terminal.wait(for: "no command nonsense")
    }

    @Test func `help names every command and explains one`() throws {
        let terminal = try REPLDesk().open()
        try terminal.type("help\r")
        try terminal.wait(for: "help COMMAND tells more")
        let words = [
            "status", "quarantine", "emit", "flip", "override", "replay", "mute", "quit",
        ]
        for word in words {
            #expect(terminal.screen.text.contains("  \(word) "), "\(terminal.screen.text)")
        }
        try terminal.type("help quar\r")
        try terminal.wait(for: "e.g.  quarantine release")
    }

    @Test func `a newcomer sees a refused signal, its reason, and mends it`() throws {
        let terminal = try REPLDesk().open()
        try terminal.type("emit --phase V --port 2 --mark 7 'green at last'\r")
        try terminal.wait(for: "✗ quarantined")
        try terminal.waitForPrompt()
        let shown = terminal.screen.text.firstID(after: "✗ quarantined")
        try terminal.type("why \(shown.prefix(9))\t\r")
        try terminal.wait(for: "set mark to your confidence")
        try terminal.waitForPrompt()
        try terminal.type("quarantine release \(shown)\r")
        try terminal.wait(forCursorLine: { $0.contains("\"port\":2") || $0.hasSuffix("}") })
        // The original stands there: back over `"mark":7.0` is easiest from the line's beginning.
        try terminal.type("\u{01}")
        for _ in 0..<(#"{"ts":"2026-01-01T00:00:00.000Z","mark":"#.count) {
            try terminal.type("\u{06}")
        }
        try terminal.type("\u{04}1\r")
        try terminal.wait(for: "✓ accepted")
    }

    // MARK: Editing

    @Test func `tab completes a command and the id of an entry`() throws {
        let desk = try REPLDesk()
        let terminal = try desk.open()
        try terminal.type("quar\tsh\tq-\t")
        let id = try desk.daemon.hive("quarantine", "list", "--json").standardOutput
        let entry = try JSONValue(parsing: id.trimmed)
        let name = (entry["id"]?.stringValue ?? "").prefix(12)
        try terminal.wait(forCursorLine: { $0.hasSuffix("› quarantine show \(name)") })
        try terminal.type("\r")
        try terminal.wait(for: "mend and append it")
    }

    @Test func `tab lists what is possible and leaves the line whole`() throws {
        let terminal = try REPLDesk().open()
        try terminal.type("sta\tt")
        try terminal.wait(forCursorLine: { $0.hasSuffix("› statt") })
        try terminal.type("\u{08}\t")
        try terminal.wait(for: "state   status")
        try terminal.wait(forCursorLine: { $0.hasSuffix("› stat") })
    }

    @Test func `editing keys move and erase`() throws {
        let terminal = try REPLDesk().open()
        try terminal.type("tus extra words\u{17}\u{17}\u{01}sta\u{05}!\u{08} x\u{01}\u{06}")
        try terminal.wait(forCursorLine: { $0.hasSuffix("› status  x") })
        try terminal.type("\u{05}\u{08}\u{08}\u{08}\u{01}\u{0B}state\r")
        try terminal.wait(for: "generation   87")
    }

    @Test func `ctrl-c clears the line, ctrl-d leaves an empty one`() throws {
        let terminal = try REPLDesk().open()
        try terminal.type("half a line\u{03}")
        try terminal.wait(for: "half a line^C")
        try terminal.waitForPrompt()
        #expect(terminal.screen.cursorLine == "gen 87 · I · 1 quarantined ›")
        try terminal.type("\u{04}")
        #expect(try terminal.waitForExit() == 0)
    }

    @Test func `history lasts across sessions, and ctrl-r searches it`() throws {
        let desk = try REPLDesk()
        let first = try desk.open()
        for line in ["signals 2", "budget", "budget", "nonsense 'ü"] { try first.run(line) }
        try first.type("\u{04}")
        try first.waitForExit()
        let history = ".local/state/hive/history"
        let kept = String(decoding: desk.folder.bytes(history), as: UTF8.self)
        #expect(kept == "signals 2\nbudget\nnonsense 'ü\n")
        var status = stat()
        #expect(stat(desk.folder.at(history), &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)

        let second = try desk.open()
        try second.type("\u{10}\u{10}")
        try second.wait(forCursorLine: { $0.hasSuffix("› budget") })
        try second.type("\u{03}")
        try second.waitForPrompt()
        try second.type("\u{12}sig")
        try second.wait(until: "the search shows") { $0.text.contains("bck") }
        try second.type("\r")
        try second.wait(for: "red: a test")
    }

    @Test func `what a person types may have any character`() throws {
        let terminal = try REPLDesk().open()
        try terminal.type("emit --phase I --port 6 --agent zoë 'größer: 漢字 ✓'\r")
        try terminal.wait(for: "✓ accepted  line 4")
        try terminal.run("signals 1")
        #expect(terminal.screen.text.contains("größer: 漢字 ✓"))
        try terminal.run("agents")
        #expect(terminal.screen.text.contains("zoë"))
    }

    // MARK: News

    @Test func `news prints above a line that is being typed and leaves it whole`() throws {
        let desk = try REPLDesk()
        let terminal = try desk.open()
        try terminal.type("search a lo")
        try desk.append([Lines.signal("I", port: 6, message: "news while typing")])
        try terminal.wait(for: "news while typing")
        try terminal.wait(forCursorLine: { $0.hasSuffix("› search a lo") })
        // Longer than a row: two rows are wiped and drawn again.
        try terminal.type("ng" + String(repeating: " word", count: 14))
        try desk.append([Lines.signal("E", port: 3, message: "more news")])
        try terminal.wait(for: "«more news»")
        try terminal.wait(forCursorLine: { $0.hasSuffix("word word") })
        #expect(terminal.screen.lines.filter { $0.contains("› search a long") }.count == 1)
        #expect(terminal.screen.text.contains("2 quarantined › search"))
        try terminal.type("\u{01}\u{0B}search typing\r")
        try terminal.wait(until: "the search has answered") { $0.text.components("typing") >= 3 }
    }

    @Test func `a storm is cut to so many lines and a count`() throws {
        let desk = try REPLDesk()
        let terminal = try desk.open()
        try terminal.type("stat")
        let storm = (0..<500).map { Lines.signal("I", port: 1, message: "storm \($0)") }
        try desk.append(storm)
        try terminal.wait(for: "more verdicts (signals shows them)")
        try terminal.type("e\r")
        try terminal.wait(for: "generation   87")
        let shown = terminal.screen.text.components("storm ")
        #expect(shown >= 20 && shown < 200, "\(shown)")
    }

    @Test func `muted, nothing is printed and the prompt still counts`() throws {
        let desk = try REPLDesk()
        let terminal = try desk.open()
        try terminal.run("mute")
        try desk.append([Lines.signal("E", port: 3, message: "unheard")])
        try terminal.wait(forCursorLine: { $0 == "gen 87 · I · 2 quarantined ›" })
        #expect(!terminal.screen.text.contains("unheard"))
        try terminal.run("tail")
        try desk.append([Lines.signal("I", port: 1, message: "heard again")])
        try terminal.wait(for: "heard again")
        #expect(!terminal.screen.text.contains("unheard"))
    }

    @Test func `what a line holds can never command the terminal`() throws {
        let desk = try REPLDesk()
        let terminal = try desk.open()
        let hostile = #"\u001b]0;owned\u0007\u001b[2J\u202egnp.exe"#
        try desk.append([Lines.signal("I", port: 1, message: hostile)])
        try terminal.wait(for: #"\u001b]0;owned\u0007\u001b[2J\u202egnp.exe"#)
        try terminal.run("signals 1")
        try terminal.run("ports")
        #expect(terminal.screen.text.contains("found the spec") == false)
        #expect(!terminal.transcript.contains(subsequence: Array("\u{1B}]".utf8)))
        #expect(!terminal.transcript.contains(subsequence: Array("\u{1B}[2J".utf8)))
        #expect(!terminal.transcript.contains(subsequence: Array("\u{202E}".utf8)))
    }

    @Test func `a daemon that stops and comes back is noticed`() throws {
        let desk = try REPLDesk()
        let terminal = try desk.open()
        desk.daemon.stop()
        try terminal.wait(for: "the daemon has stopped; commands go on working")
        try terminal.wait(forCursorLine: { $0.contains("no daemon") })
        try terminal.run("state")
        #expect(terminal.screen.text.contains("generation   87"))
        let again = try DaemonUnderTest(in: desk.folder)
        try terminal.run("budget")
        #expect(terminal.screen.text.contains("attached to the daemon"))
        try desk.append([Lines.signal("I", port: 1, message: "after the restart")])
        try terminal.wait(for: "after the restart")
        again.stop()
    }
}
