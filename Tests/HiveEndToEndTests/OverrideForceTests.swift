import HiveSignal
import HiveTestKit
import Testing

/// Forcing with the real daemon: a script, a person at a terminal, a person at the prompt.
@Suite struct OverrideForceTests {
    private let good = Lines.signal("H", port: 7, message: "still here")
    private let green = Lines.signal("V", port: 2, message: "green at last")

    /// How many lines of a phase were accepted.
    private func accepted(_ phase: String, _ desk: OverrideDesk) throws -> Int {
        let log = try desk.hive("log", "--json", "--phase", phase, "--verdict", "accepted")
        return log.lines.count
    }

    private func entry(_ desk: OverrideDesk) throws -> String {
        let list = try desk.hive("quarantine", "list", "--json")
        return try JSONValue(parsing: list.lines.last ?? "")["id"]?.stringValue ?? ""
    }

    @Test(arguments: [true, false])
    func `a script forces a phase, with a daemon and without`(_ hasDaemon: Bool) throws {
        let desk = try OverrideDesk(hasDaemon: hasDaemon)
        let output = try desk.hive(
            "override",
            "phase",
            "V",
            "--yes",
            "--reason",
            "a hotfix",
            "--json"
        )
        #expect(output.exitCode == 0, "\(output)")
        #expect(output.standardError.contains("V needs no failing test in this cycle"))
        #expect(try JSONValue(parsing: output.standardOutput.trimmed)["verdict"] == "accepted")
        #expect(try desk.hive("emit", "-", input: green + "\n").exitCode == 0)
        #expect(try accepted("V", desk) == 1)
        #expect(try accepted("X", desk) == 1)
    }

    @Test func `a sealed key signs with its passphrase, and with no other`() throws {
        let desk = try OverrideDesk(isSealed: true)
        func force(_ passphrase: String) throws -> HiveProgram.Output {
            try desk.hive(
                "override",
                "phase",
                "V",
                "--yes",
                "--reason",
                "a hotfix",
                "--passphrase-stdin",
                input: passphrase + "\n"
            )
        }
        for wrong in ["", "correct horse", "correct horse 漢 "] {
            let output = try force(wrong)
            #expect(output.exitCode == 1)
            #expect(output.standardError.contains("the passphrase does not open your key"))
        }
        #expect(try accepted("X", desk) == 0)
        let output = try force(OverrideDesk.passphrase)
        #expect(output.exitCode == 0, "\(output)")
        #expect(output.standardOutput.hasPrefix("✓ accepted"))
    }

    @Test func `a line that the phase rules refused is released`() throws {
        let desk = try OverrideDesk()
        let id = try entry(desk)
        let output = try desk.hive("override", "release", id, "--yes", "--reason", "it does work")
        #expect(output.exitCode == 0, "\(output)")
        #expect(output.standardOutput.contains("released: ✓ accepted"))
        #expect(try accepted("V", desk) == 1)
        #expect(try desk.hive("emit", "-", input: green + "\n").exitCode == 1)
    }

    @Test(arguments: [true, false])
    func `a generation does not end while its board is TAMPERED`(_ hasDaemon: Bool) throws {
        let desk = try OverrideDesk(hasDaemon: hasDaemon)
        #expect(try desk.hive("emit", "-", input: good + "\n").exitCode == 0)
        try desk.folder.write([], to: "sandbox/obsidianblackboard.jsonl")
        let refused = try desk.hive("override", "gen", "90", "--yes", "--reason", "enough")
        #expect(refused.exitCode == 1)
        #expect(refused.standardError.contains("hive override tampered"))
        #expect(try accepted("X", desk) == 0)
        let cure = try desk.hive("override", "tampered", "--yes", "--reason", "let them go")
        #expect(cure.exitCode == 0, "\(cure)")
        let output = try desk.hive("override", "gen", "90", "--yes", "--reason", "enough")
        #expect(output.exitCode == 0, "\(output)")
        #expect(output.standardOutput.contains("generation 87 has ended"))
    }

    @Test func `a generation ends at a person's word`() throws {
        let desk = try OverrideDesk()
        let output = try desk.hive("override", "gen", "90", "--yes", "--reason", "enough")
        #expect(output.exitCode == 0, "\(output)")
        #expect(output.standardOutput.contains("generation 87 has ended"))
        let state = try JSONValue(parsing: try desk.hive("state", "--json").standardOutput.trimmed)
        #expect(state["gen"] == 90)
    }

    @Test func `a muted port is refused until it is unmuted`() throws {
        let desk = try OverrideDesk()
        let hunt = Lines.signal("H", port: 0) + "\n"
        func port(_ word: String) throws -> Int32 {
            try desk.hive("override", "port", "0", word, "--yes", "--reason", "noise").exitCode
        }
        #expect(try port("mute") == 0)
        #expect(try desk.hive("emit", "-", input: hunt).exitCode == 1)
        #expect(try port("unmute") == 0)
        #expect(try desk.hive("emit", "-", input: hunt).exitCode == 0)
    }

    @Test func `another's pin refuses one's own key`() throws {
        let desk = try OverrideDesk()
        let other = try OverrideDesk(hasDaemon: false)
        let pin = ".config/hive/pins/" + (desk.home.names(in: ".config/hive/pins").first ?? "")
        let text = other.folder.bytes("specs/owner.pub")
        try desk.home.write(text, to: pin)
        let output = try desk.hive("override", "phase", "V", "--yes", "--reason", "a test")
        #expect(output.exitCode == 1)
        #expect(output.standardError.contains("are verified with the key"))
        #expect(try accepted("X", desk) == 0)
    }

    @Test func `an agent that reads every file forces nothing`() throws {
        let desk = try OverrideDesk(isSealed: true)
        let other = try OverrideDesk(hasDaemon: false)
        let forced = try desk.hive(
            "override",
            "phase",
            "H",
            "--yes",
            "--reason",
            "mine",
            "--passphrase-stdin",
            input: OverrideDesk.passphrase + "\n"
        )
        #expect(forced.exitCode == 0, "\(forced)")
        let board = String(
            decoding: desk.folder.bytes("sandbox/obsidianblackboard.jsonl"),
            as: UTF8.self
        )
        let genuine = try #require(
            board.split(separator: "\n").last { $0.contains(#""signature":""#) }.map(String.init)
        )
        // A copy; one that forces more; an X as it was always written; a signature of nothing.
        let forgeries = [
            genuine, genuine.replacing(#""phase":"H""#, with: #""phase":"V""#),
            Lines.signal("X", port: 7, message: "I am the person"),
            String(genuine.prefix { $0 != "}" }) + #"},"signature":"AA=="}"#,
        ]
        try desk.append(forgeries)
        // The agent's own key, for this board, in a home of its own.
        let environment = ["HOME": other.home.path, "XDG_CONFIG_HOME": ""]
        let own = try HiveProgram.run(
            ["override", "phase", "V", "--yes", "--reason", "mine"],
            in: desk.folder.path,
            environment: environment
        )
        #expect(own.exitCode == 1)
        let log = try desk.hive("log", "--json", "-n", "4", "--verdict", "quarantined")
        for line in log.lines {
            let violations = try JSONValue(parsing: line)["violations"]?.arrayValue ?? []
            #expect(violations.contains("EMERGENCY"), "\(line)")
        }
        #expect(log.lines.count == 4)
        #expect(try accepted("X", desk) == 1)
        #expect(try desk.hive("emit", "-", input: green + "\n").exitCode == 1)
    }

    // MARK: A person

    @Test func `a person at a terminal is told, asked, and forces`() throws {
        let desk = try OverrideDesk(isSealed: true)
        let terminal = try desk.terminal("override", "phase", "V")
        try terminal.wait(for: "goes on as if H and I had been reached")
        try terminal.wait(for: "why?")
        try terminal.type("a hotfix\r")
        try terminal.wait(for: "force it? (yes/no)")
        try terminal.type("yes\r")
        try terminal.wait(for: "passphrase:")
        try terminal.type("correct\r")
        try terminal.wait(for: "does not open your key")
        try terminal.wait(forCursorLine: { $0 == "passphrase:" })
        try terminal.type(OverrideDesk.passphrase + "\r")
        try terminal.wait(for: "✓ accepted")
        #expect(try terminal.waitForExit() == 0)
        #expect(!terminal.transcript.contains(subsequence: Array("horse".utf8)))
        #expect(try accepted("X", desk) == 1)
    }

    @Test func `a person who says no forces nothing`() throws {
        let desk = try OverrideDesk()
        let terminal = try desk.terminal("override", "phase", "V", "--reason", "a hotfix")
        try terminal.wait(for: "force it? (yes/no)")
        try terminal.type("no\r")
        try terminal.wait(for: "nothing was forced")
        #expect(try terminal.waitForExit() == 1)
        #expect(try accepted("X", desk) == 0)
    }

    @Test func `at the prompt nothing of what is asked is kept in the history`() throws {
        let desk = try OverrideDesk(isSealed: true)
        let terminal = try desk.terminal("repl")
        try terminal.waitForPrompt()
        try terminal.type("override phase V\r")
        try terminal.wait(for: "why? ›")
        try terminal.type("a hotfix\r")
        try terminal.wait(for: "force it? (yes/no) ›")
        try terminal.type("yes\r")
        try terminal.wait(forCursorLine: { $0.hasPrefix("passphrase:") })
        // News comes while it is typed, and is not garbled by it.
        try terminal.type("correct")
        try desk.append([Lines.signal("H", port: 0, message: "news meanwhile")])
        try terminal.wait(for: "news meanwhile")
        try terminal.wait(forCursorLine: { $0.hasPrefix("passphrase:") })
        try terminal.type(" horse 漢\r")
        try terminal.wait(for: "✓ accepted")
        try terminal.waitForPrompt()
        try terminal.type("\u{10}")
        try terminal.wait(forCursorLine: { $0.hasSuffix("› override phase V") })
        #expect(!terminal.transcript.contains(subsequence: Array("horse".utf8)))
        let history = desk.home.bytes(".local/state/hive/history")
        #expect(String(decoding: history, as: UTF8.self) == "override phase V\n")
        #expect(try accepted("X", desk) == 1)
    }

    @Test func `tab knows what may be forced`() throws {
        let desk = try OverrideDesk()
        let terminal = try desk.terminal("repl")
        try terminal.waitForPrompt()
        try terminal.type("overr\tport 3 unm\t")
        try terminal.wait(forCursorLine: { $0.hasSuffix("› override port 3 unmute") })
        try terminal.type("\u{03}")
        try terminal.waitForPrompt()
        let id = try entry(desk).prefix(12)
        try terminal.type("override rel\tq-\t")
        try terminal.wait(forCursorLine: { $0.hasSuffix("› override release \(id)") })
    }

    @Test func `through a pipe the prompt takes reason and yes as options`() throws {
        let desk = try OverrideDesk()
        let none = try desk.hive("repl", input: "override phase V\n")
        #expect(none.exitCode == 2)
        #expect(none.standardError.contains("give --reason TEXT and --yes"))
        let output = try desk.hive("repl", input: "override phase V --reason 'a hotfix' --yes\n")
        #expect(output.exitCode == 0, "\(output)")
        #expect(try accepted("X", desk) == 1)
    }
}

extension String {
    fileprivate func replacing(_ old: String, with new: String) -> String {
        split(separator: old, omittingEmptySubsequences: false).joined(separator: new)
    }
}
