import Foundation
import HiveSignal
import HiveTestKit
import Testing

/// What holds for all commands: what they print, what they leave behind, how they end.
@Suite struct CommandLineTests {
    private static let board = "sandbox/obsidianblackboard.jsonl"

    private func hive(
        _ words: [String],
        in folder: TemporaryFolder,
        environment: [String: String] = [:]
    ) throws -> HiveProgram.Output {
        try HiveProgram.run(words, in: folder.path, environment: environment)
    }

    private func json(_ words: [String], in folder: TemporaryFolder) throws -> JSONValue {
        try JSONValue(parsing: try hive(words, in: folder).standardOutput.trimmed)
    }

    private func emptyBoard() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.makeFolder("sandbox")
        try folder.write([], to: Self.board)
        return folder
    }

    // MARK: --json

    /// Each command as the command line names it, from the help of the one above.
    private func commands(below path: [String], in folder: TemporaryFolder) throws -> [[String]] {
        let help = try hive(path + ["--help"], in: folder).standardOutput
        let rows = help.split(separator: "\n", omittingEmptySubsequences: false)
        var names: [String] = []
        var isInside = false
        for row in rows {
            if row.hasSuffix("SUBCOMMANDS:") { isInside = true }
            guard isInside else { continue }
            let isName = row.hasPrefix("  ") && !row.hasPrefix("   ")
            if isName, let name = row.split(separator: " ").first, name != "See" {
                names.append(String(name))
            }
        }
        guard !names.isEmpty else { return [path] }
        return try names.filter { $0 != "help" }.flatMap {
            try commands(below: path + [$0], in: folder)
        }
    }

    @Test func `every command that answers people takes --json`() throws {
        let folder = try TemporaryFolder()
        let all = try commands(below: [], in: folder)
        #expect(all.count > 40, "\(all)")
        let others = [["repl"], ["hook", "run"], ["guard", "check"], ["mcp", "serve"]]
        for command in all where !others.contains(command) {
            let help = try hive(command + ["--help"], in: folder).standardOutput
            #expect(help.contains("--json "), "\(command)")
        }
        let refused = try hive(["repl", "--json"], in: folder)
        #expect(refused.exitCode == 2)
        #expect(refused.standardError.contains("hive status --json"))
    }

    @Test func `installing tells as JSON what was written, and where`() throws {
        let folder = try TemporaryFolder()
        try folder.git("init", "--quiet")
        for (words, path) in [
            (["guard", "install", "gemini"], ".gemini/settings.json"),
            (["mcp", "install", "vscode"], ".vscode/mcp.json"),
        ] {
            let written = try json(words + ["--yes", "--json"], in: folder)
            #expect(written["changed"] == true, "\(written.text)")
            #expect(written["path"]?.stringValue?.hasSuffix(path) == true)
            #expect(written["difference"]?.arrayValue?.isEmpty == false)
            let again = try json(words + ["--yes", "--json"], in: folder)
            #expect(again["changed"] == false, "\(again.text)")
            let printed = try json(words + ["--print", "--json"], in: folder)
            #expect(printed["add"]?.stringValue?.contains("hive") == true)
        }
        let gone = try json(["guard", "uninstall", "gemini", "--yes", "--json"], in: folder)
        #expect(gone["changed"] == true && gone["removed"] == true, "\(gone.text)")
        let unasked = try hive(["guard", "install", "gemini", "--json"], in: folder)
        #expect(unasked.exitCode == 2 && unasked.standardOutput.isEmpty, "\(unasked)")
    }

    @Test func `the answer to an emit names what an answer calls its parent`() throws {
        let folder = try emptyBoard()
        let said = ["--phase", "H", "--port", "7", "--json"]
        let nameless = try json(["emit"] + said + ["who?"], in: folder)
        #expect(nameless["signalId"] == "s-87-0" && nameless["id"] == .null)
        let named = try json(
            ["emit", "--id", "n1", "--parent", "s-87-0"] + said + ["me"],
            in: folder
        )
        #expect(named["signalId"] == "n1")
        #expect(named["warnings"] == [], "the parent is known: \(named.text)")
        let refused = try json(["emit", "--phase", "V", "--port", "2", "--json", "x"], in: folder)
        #expect(refused["signalId"] == .null && refused["id"] != .null)
        let told = try hive(["emit", "--phase", "H", "--port", "0", "more"], in: folder)
        #expect(told.standardOutput == "✓ accepted  line 3, sequence 3\n", "\(told)")
    }

    // MARK: What is left behind

    private static let traceless: [(words: [String], code: Int32)] = [
        (["scatter", "--prompt", "x", "--dry-run"], 0), (["gather", "zz"], 2),
        (["flip", "done"], 3), (["flip", "--dry-run"], 3),
        (["override", "gen", "90", "--reason", "r", "--yes"], 3),
        (["doctor", "--rebuild"], 3), (["doctor", "--repair"], 3), (["at", "0", "--json"], 3),
        (["state"], 3), (["status"], 3), (["log"], 3), (["replay"], 3), (["tasks"], 3),
    ]

    @Test(arguments: traceless.indices)
    func `what only looks, or fails for want of a board, leaves nothing behind`(index: Int) throws {
        let (words, code) = Self.traceless[index]
        let folder = try TemporaryFolder()
        let output = try hive(words, in: folder)
        #expect(output.exitCode == code, "\(output)")
        #expect(folder.names(in: ".").isEmpty, "\(folder.names(in: "."))")
    }

    @Test func `a board that nobody has adopted has no chain yet`() throws {
        let folder = try emptyBoard()
        for words in [["at", "0"], ["state"], ["status"], ["replay"]] {
            #expect(try json(words + ["--json"], in: folder)["chain"] == .null, "\(words)")
        }
        #expect(try hive(["emit", "--phase", "H", "--port", "7", "x"], in: folder).exitCode == 0)
        let chain = try json(["state", "--json"], in: folder)["chain"]
        #expect(try json(["at", "1", "--json"], in: folder)["chain"] == chain)
        #expect(chain?.stringValue?.utf8.count == 64)
    }

    @Test func `the state folder is its owner's alone, whoever makes it`() throws {
        let mode: (TemporaryFolder) throws -> Int? = { folder in
            let state = folder.at("sandbox/.hive")
            let facts = try FileManager.default.attributesOfItem(atPath: state)
            return (facts[.posixPermissions] as? NSNumber)?.intValue
        }
        let detached = try TemporaryFolder()
        #expect(try hive(["up", "--detach"], in: detached).exitCode == 0)
        #expect(try hive(["down"], in: detached).exitCode == 0)
        #expect(try mode(detached) == 0o700)
        let emitting = try emptyBoard()
        #expect(try hive(["emit", "--phase", "H", "--port", "7", "x"], in: emitting).exitCode == 0)
        #expect(try mode(emitting) == 0o700)
    }

    // MARK: How they end

    @Test func `a file that cannot be read is 3, a revision or an id that is none is 2`() throws {
        let folder = try emptyBoard()
        try folder.git("init", "--quiet", "--initial-branch", "main")
        try folder.git("config", "user.name", "A Test")
        try folder.git("config", "user.email", "test@example.org")
        try folder.writeFiles(["a.txt": "one\n"])
        try folder.commitAll("docs: a")
        let ends: [([String], Int32)] = [
            (["check", "none.jsonl"], 3), (["check", "--rules", "none.yaml", Self.board], 3),
            (["blame", "none.txt:1"], 3), (["replay", "--rules", "none.yaml"], 3),
            (["verify", "nosuch.."], 2), (["quarantine", "show", "q-none"], 2),
            (["receipts", "show", "r-none"], 2), (["why", "s-none"], 2),
        ]
        for (words, code) in ends {
            let output = try hive(words, in: folder)
            #expect(output.exitCode == code, "\(words): \(output)")
        }
    }

    private static let slips: [(words: [String], hint: String)] = [
        (["statsu"], "did you mean hive status?"), (["emti", "x"], "did you mean hive emit?"),
        (["quarantine", "lits"], "did you mean hive quarantine list?"),
        (["frobnicate"], "hive --help lists them"),
        (["hook", "run"], "hive hook run <name>"),
        (["log", "-n", "2", "--after", "3"], "-n (--last) and --after"),
        (["receipts", "list", "--last", "0"], "--last is 1 or more"),
        (["scatter", "--prompt", "x", "--swarm", "4"], "8, 64 or 512 workers"),
        (["override", "port", "3", "deaf"], "mute or unmute"),
    ]

    @Test(arguments: slips.indices)
    func `a slip is told with what was meant`(index: Int) throws {
        let (words, hint) = Self.slips[index]
        let output = try hive(words, in: emptyBoard())
        #expect(output.exitCode == 2, "\(output)")
        let told = output.standardError.replacing("8, 64 and 512", with: "8, 64 or 512")
        #expect(told.contains(hint), "\(output.standardError)")
    }

    @Test func `a wrong mark is for the gates, a negative one too`() throws {
        let folder = try emptyBoard()
        let output = try hive(
            ["emit", "--phase", "H", "--port", "7", "--mark", "-0.5", "x"],
            in: folder
        )
        #expect(output.exitCode == 1, "\(output)")
        #expect(output.standardOutput.contains("G1: mark is -0.5"))
    }

    @Test func `check leaves no blanks at a line's end`() throws {
        let folder = try emptyBoard()
        let line = Lines.signal("H", port: 7, extra: #","parent":"unknown""#)
        try folder.append(Array((line + "\n").utf8), to: Self.board)
        let output = try hive(["check", Self.board], in: folder)
        #expect(output.standardOutput == "     1  ✓ UNKNOWN_PARENT\n", "\(output)")
    }

    @Test func `a refused emit is listed with its time and words, and cannot be restored`() throws {
        let folder = try emptyBoard()
        let refused = try hive(["emit", "--phase", "V", "--port", "2", "too early"], in: folder)
        #expect(refused.exitCode == 1)
        let list = try hive(["quarantine", "list"], in: folder)
        #expect(list.lines.last?.contains("too early") == true, "\(list)")
        let entry = try json(["quarantine", "list", "--json"], in: folder)
        #expect(entry["text"] == "too early" && entry["masked"] == .null)
        #expect(entry["attemptedPhase"] == "V")
        let when = try #require(entry["ts"]?.stringValue).prefix(19)
        #expect(list.lines.last?.contains(when) == true)
        let id = try #require(entry["id"]?.stringValue)
        let restored = try hive(["quarantine", "restore", id], in: folder)
        #expect(restored.exitCode == 1)
        #expect(restored.standardError.contains("never stood on the board"), "\(restored)")
    }

    @Test(arguments: ["sandbox/quarantine.jsonl", "sandbox/pyre_audit.jsonl"])
    func `doctor names the line of a journal that is no JSON`(journal: String) throws {
        let folder = try emptyBoard()
        for _ in 0..<2 {
            _ = try hive(["emit", "--phase", "V", "--port", "2", "x"], in: folder)
        }
        let lines = folder.bytes(journal).count { $0 == UInt8(ascii: "\n") }
        try folder.append(Array("what is this\n".utf8), to: journal)
        let report = try hive(["doctor"], in: folder).standardOutput
        let place = "\(folder.at(journal)):\(lines + 1): no JSON object"
        #expect(report.contains(place), "\(report)")
    }

    @Test func `a scatter that finds no repository has no answer`() throws {
        let folder = try emptyBoard()
        let output = try hive(["scatter", "--prompt", "where is main"], in: folder)
        #expect(output.exitCode == 1, "\(output)")
        #expect(output.standardOutput.contains("no git repository"), "\(output)")
    }

    @Test func `a daemon that asks by another backend is told`() throws {
        let daemon = try DaemonUnderTest(in: TemporaryFolder())
        let words = ["scatter", "--prompt", "x", "--dry-run"]
        let other = try hive(words, in: daemon.folder, environment: ["HIVE_BACKEND": "openai"])
        #expect(other.standardError.contains("by its own backend, local"), "\(other)")
        let same = try hive(words, in: daemon.folder, environment: ["HIVE_BACKEND": "local"])
        #expect(same.standardError.isEmpty, "\(same)")
    }

    @Test func `log rules a line where a generation ends`() throws {
        let folder = try emptyBoard()
        for (phase, port) in [("H", "7"), ("I", "1"), ("V", "2"), ("E", "3")] {
            let words = ["emit", "--phase", phase, "--port", port, "step"]
            #expect(try hive(words, in: folder).exitCode == 0)
        }
        #expect(try hive(["flip", "done"], in: folder).exitCode == 0)
        #expect(try hive(["emit", "--phase", "H", "--port", "7", "x"], in: folder).exitCode == 0)
        let lines = try hive(["log"], in: folder).lines
        #expect(lines.count == 6 && lines[4] == "── generation 88 ──", "\(lines)")
        let json = try hive(["log", "--json"], in: folder).lines.map { try JSONValue(parsing: $0) }
        #expect(json.compactMap { $0["generation"]?.integerValue } == [87, 87, 87, 87, 88])
    }

    // MARK: The prompt

    @Test func `the prompt knows log, -n and --last, and names what it does not know`() throws {
        let folder = try emptyBoard()
        for text in ["one", "two", "three"] {
            _ = try hive(["emit", "--phase", "H", "--port", "7", text], in: folder)
        }
        func answer(_ line: String) throws -> HiveProgram.Output {
            try HiveProgram.run(["repl"], in: folder.path, input: Array((line + "\n").utf8))
        }
        for line in ["log -n 2", "signals --last 2", "signals 2", "log --last=2 port=7"] {
            let output = try answer(line)
            #expect(output.lines.count == 2 && output.exitCode == 0, "\(line): \(output)")
        }
        #expect(try answer("tasks -n 3").exitCode == 0)
        let unknown = try answer("signals -q")
        #expect(unknown.exitCode == 2)
        #expect(unknown.standardError.contains("unknown option -q"), "\(unknown)")
    }
}
