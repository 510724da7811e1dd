import HiveSignal
import HiveTestKit
import Testing

/// Asking questions of the rules at the prompt of a real terminal.
@Suite struct REPLRulesTests {
    // MARK: phase and check

    @Test func `phase tells where the last trace stands and who may say what next`() throws {
        let terminal = try REPLDesk().open()
        try terminal.run("phase")
        let text = terminal.screen.text
        for row in [
            "stands  I in cycle 1, reached H I", "H     0 7      HUNT_IN_OPEN_CYCLE", "V     2 5",
            "I     0 1 6 7", "E     nobody   REWARD_HACK SKIPPED_VALIDATE",
        ] {
            #expect(text.contains(row), "\(row) in \(text)")
        }
    }

    @Test func `phase of another trace is that trace's, by the beginning of its id`() throws {
        let desk = try REPLDesk()
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        let parent = #","traceparent":"00-\#(trace)-00000000000000aa-01""#
        try desk.append([
            Lines.signal("H", port: 0, extra: parent), Lines.signal("I", port: 6),
        ])
        try desk.daemon.waitForSequence(5)
        let terminal = try desk.open()
        try terminal.type("phase 4bf\t\r")
        try terminal.wait(for: "stands  H in cycle 1, reached H")
        try terminal.waitForPrompt()
        #expect(terminal.screen.text.contains("trace   \(trace)"))
        try terminal.run("phase fade")
        #expect(terminal.screen.text.contains("no trace fade has begun"))
    }

    @Test func `check tells each port whether a phase may follow another`() throws {
        let terminal = try REPLDesk().open()
        try terminal.run("check H I")
        var text = terminal.screen.text
        #expect(text.contains("I where a cycle stands at H, paired"))
        #expect(text.contains("1 6          accepted"))
        #expect(text.contains("0 2 3 4 5 7  PORT_OUT_OF_PHASE"))
        try terminal.run("ch - V")
        text = terminal.screen.text
        #expect(text.contains("V where no cycle has begun, paired"))
        #expect(text.contains("2 5          SKIPPED_HUNT SKIPPED_INTERLOCK REWARD_HACK"))
        try terminal.run("check H")
        #expect(terminal.screen.text.contains("check takes two phases"))
    }

    @Test func `check with a trace says how it differs from where it was thought to stand`() throws
    {
        let desk = try REPLDesk()
        let state = try desk.daemon.state()
        let trace = try #require(state["traceId"]?.stringValue)
        let terminal = try desk.open(columns: 100)
        try terminal.run("check I V \(trace.prefix(6))")
        #expect(terminal.screen.text.contains("stands there: it is told the same"))
        try terminal.run("check H V \(trace.prefix(6))")
        let text = terminal.screen.text
        #expect(text.contains("does not stand there: I in cycle 1, reached H I"))
        #expect(text.contains("2 5          accepted"))
    }

    @Test func `what nobody may say is exit code 1`() throws {
        let desk = try REPLDesk()
        func code(_ line: String) throws -> Int32 {
            try desk.daemon.hive("repl", input: Array((line + "\n").utf8)).exitCode
        }
        #expect(try code("check H I") == 0)
        #expect(try code("check H E") == 1)
        #expect(try code("check H X") == 1)
        #expect(try code("check H Q") == 2)
        #expect(try code("bisect REWARD_HACK") == 0)
        #expect(try code("bisect G1") == 2)
    }

    // MARK: bisect

    @Test func `bisect shows since when a violation was possible, and the line that drew it`()
        throws
    {
        let terminal = try REPLDesk().open(columns: 130)
        try terminal.run("bisect SKIPPED_VALIDATE")
        let text = terminal.screen.text
        #expect(text.contains("SKIPPED_VALIDATE was possible after line 1 (sequence 1): E from"))
        #expect(text.contains("1  ✓ H 7  found the spec"))
        #expect(text.contains("It first happened at line 3 (sequence 3):"))
        #expect(text.contains("3  ✗ E 3  REWARD_HACK SKIPPED_VALIDATE"))
    }

    // MARK: rules and budget

    @Test func `a mode holds in the book's place until the book's own is given back`() throws {
        let desk = try REPLDesk()
        let terminal = try desk.open()
        try terminal.type("rules mode str\t\r")
        try terminal.wait(for: "strict holds from offset")
        try terminal.wait(forCursorLine: { $0 == "gen 87 · I · strict · 1 quarantined ›" })
        // An H after I is a note in paired, and a step back in strict.
        try terminal.run("emit --phase H --port 7 'a note'")
        #expect(terminal.screen.text.contains("INCOMPLETE_CYCLE"))
        try terminal.run("rules mode strict")
        #expect(terminal.screen.text.contains("strict holds as before"))
        try terminal.run("rules show")
        #expect(terminal.screen.text.contains("mode   strict, in place of the book's"))
        #expect(terminal.screen.text.contains("reactions: {enabled: false}"))
        try terminal.run("rules mode book")
        #expect(terminal.screen.text.contains("paired holds from offset"))
        try terminal.run("emit --phase H --port 7 'a note'")
        #expect(terminal.screen.text.contains("✓ accepted"))
        try terminal.run("rules mode loose")
        #expect(terminal.screen.text.contains("no mode loose"))
        try terminal.run("rules mode")
        #expect(terminal.screen.text.contains("no mode given"))
    }

    @Test func `budget sets what is spent beside what the rules allow`() throws {
        let terminal = try REPLDesk().open()
        try terminal.run("budg")
        let text = terminal.screen.text
        #expect(text.contains("tasks in the last hour     0  of  1,000"))
        #expect(text.contains("tasks open                 0  of    256"))
        #expect(text.contains("dollars in 24 hours     0.00  of    any"))
    }

    // MARK: Help, completion, narrow windows

    @Test func `tab completes violations, phases and modes in their places`() throws {
        let terminal = try REPLDesk().open()
        try terminal.type("bis\tREW\t--mo\tst\t")
        try terminal.wait(forCursorLine: { $0.hasSuffix("› bisect REWARD_HACK --mode strict") })
        try terminal.type("\u{03}")
        try terminal.waitForPrompt()
        try terminal.type("che\t-\t\t")
        try terminal.wait(for: "E  H  I  V  X")
        try terminal.type("\u{03}")
        try terminal.waitForPrompt()
        try terminal.type("ru\tmo\to\t")
        try terminal.wait(forCursorLine: { $0.hasSuffix("› rules mode observe") })
    }

    @Test func `tab offers the very violations that bisect can be asked for`() throws {
        let desk = try REPLDesk()
        let told = try desk.daemon.hive("bisect", "NONSENSE").standardError
        let list = try #require(told.split(separator: "one of ").last)
        let names = Set(String(list).trimmed.split(separator: ", ").map(String.init))
        let terminal = try desk.open()
        try terminal.type("bisect \t")
        try terminal.wait(for: "WRONG_GENERATION")
        try terminal.wait(forCursorLine: { $0.hasSuffix("› bisect") })
        let words = terminal.screen.text.split { $0 == " " || $0 == "\n" }.map(String.init)
        let offered = words.filter { word in
            word.count > 1 && word.allSatisfy { $0 == "_" || $0.isUppercase }
        }
        #expect(names.count == 13 && Set(offered) == names)
    }

    @Test func `each new command has its help`() throws {
        let terminal = try REPLDesk().open(columns: 100)
        for (command, words) in [
            ("phase", "where a trace stands"), ("check", "FROM TO [TRACE]"),
            ("bisect", "VIOLATION [--rules FILE]"), ("rules", "mode strict|paired|observe|book"),
            ("budget", "what reactions may cost"),
        ] {
            try terminal.run("help \(command)")
            #expect(terminal.screen.text.contains(words), "\(terminal.screen.text)")
        }
    }

    @Test func `in 40 columns verdicts stand below their ports`() throws {
        let terminal = try REPLDesk().open(columns: 40)
        try terminal.run("check H E")
        try terminal.run("phase")
        let text = terminal.screen.text
        #expect(text.contains("E     nobody\n  REWARD_HACK SKIPPED_VALIDATE"), "\(text)")
    }
}
