import HiveSignal
import HiveTestKit
import Testing

/// What an accepted signal sets going, from its line on the board to the answers behind it.
@Suite struct ReactionTests {
    // MARK: The first line in a project

    @Test(arguments: Project.all)
    func `init, up and one echo give two answers that are right for the project`(
        project: Project
    ) throws {
        let folder = try TemporaryFolder(repository: project.files)
        let setup = try HiveProgram.run(["init"], in: folder.path)
        #expect(setup.exitCode == 0, "\(setup)")
        let daemon = try DaemonUnderTest(in: folder, reacts: true)
        let line = Ask("H", port: 7, message: project.message, mark: 0.8).line
        let echo = "echo '\(line)' >> \(DaemonTests.board)"
        #expect(try Spawned.run("/bin/sh", ["-c", echo], in: folder.path).exitCode == 0)
        try daemon.waitForSequence(3)

        #expect(try daemon.tasks("--open").isEmpty)
        let lines = try folder.boardLines()
        try #require(lines.count == 3)
        let answers = lines[1...].sorted { $0.portNumber < $1.portNumber }
        for (answer, port) in zip(answers, [1, 6] as [Int64]) {
            #expect(answer["type"] == "signal")
            #expect(answer["hive"] == "I")
            #expect(answer["gen"] == 87)
            #expect(answer["port"] == .integer(port))
            #expect(answer["parent"] == "s-87-0")
            #expect(answer["task"] == .string("t-87-0-\(port)"))
            #expect(answer["traceparent"]?.stringValue?.hasPrefix("00-\(Ask.sharedTrace)-") == true)
            let mark = try #require(answer["mark"]?.doubleValue)
            #expect(mark > 0 && mark <= 0.9 * 0.8 + .ulpOfOne)
        }
        let fused = try #require(answers[0]["result"])
        #expect(fused["tests"] == [.string(project.test)])
        let interfaces = fused["interfaces"]?.arrayValue ?? []
        #expect(interfaces.first?["path"] == .string(project.source))
        #expect(answers[0]["msg"]?.stringValue?.contains(project.test) == true)
        #expect(daemon.stop() == 0)
    }

    @Test(arguments: Project.all)
    func `a lateral hunt finds the line, and what follows recalls the hunt`(
        project: Project
    ) throws {
        let folder = try TemporaryFolder(repository: project.files)
        let daemon = try DaemonUnderTest(in: folder, reacts: true)
        let trace = "0123456789abcdef0123456789abcdef"
        let own = #","id":"hunt-1","traceparent":"00-\#(trace)-00000000000000a1-01""#
        let hunt = Ask("H", port: 7, message: project.message, pull: "lateral", extra: own)
        try folder.append(hunt, Ask("H", port: 7, message: project.message))
        try daemon.waitForSequence(5)

        let answers = try folder.boardLines().filter { $0["task"] != nil }
        #expect(answers.map(\.portNumber).sorted() == [0, 1, 6])
        let place = try #require(answers.first { $0["port"] == 0 })
        #expect(place["hive"] == "H")
        #expect(place["parent"] == "hunt-1")
        #expect(place["task"] == "t-87-0-0")
        #expect(place["traceparent"]?.stringValue?.hasPrefix("00-\(trace)-") == true)
        let best = place["result"]?["places"]?.arrayValue?.prefix(2).map { $0["path"] }
        #expect(best?.contains(.string(project.source)) == true, "\(place.text)")
        let recalled = try #require(answers.first { $0["port"] == 6 })
        #expect(recalled["msg"]?.stringValue?.contains(project.message) == true)
        #expect(daemon.stop() == 0)
    }

    @Test func `no answer is surer than nine tenths of what it answers`() throws {
        let daemon = try DaemonUnderTest(in: TemporaryFolder(), reacts: true)
        let marks = [1.0, 0.99995, 0.5, 0.33335]
        for mark in marks {
            try daemon.folder.append(
                Ask("H", port: 0, message: "where are we", mark: mark, pull: "lateral")
            )
        }
        try daemon.waitForSequence(Int64(2 * marks.count))
        let asked = try daemon.tasks()
        #expect(asked.count == marks.count)
        for task in asked {
            let parent = try #require(task["signal"]?["mark"]?.doubleValue)
            let mark = try #require(task["outcome"]?["mark"]?.doubleValue)
            #expect(mark <= 0.9 * parent + .ulpOfOne, "\(mark) of \(parent)")
        }
    }

    @Test func `a metric asks nobody, an error asks 5 and 7`() throws {
        let daemon = try DaemonUnderTest(in: TemporaryFolder(), reacts: true)
        try daemon.folder.append(Ask("H", port: 7, type: "metric"))
        #expect(try daemon.nextVerdict()["verdict"] == "accepted")
        #expect(try daemon.tasks().isEmpty)
        for pull in ["upstream", "lateral", "downstream"] {
            try daemon.folder.append(Ask("H", port: 7, type: "error", pull: pull))
        }
        try daemon.waitForSequence(10)
        let tasks = try daemon.tasks()
        #expect(tasks.map(\.portNumber) == [5, 7, 5, 7, 5, 7])
        #expect(tasks.allSatisfy { $0["state"] == "done" && $0["hive"] == "H" })
        #expect(try daemon.status()["accepted"] == 10)
    }

    @Test func `a signal of the minimum mark is answered, a weaker one asks nobody`() throws {
        let daemon = try DaemonUnderTest(in: TemporaryFolder(), reacts: true)
        try daemon.folder.append(
            Ask("H", port: 0, mark: 0.29, pull: "lateral"),
            Ask("H", port: 0, mark: 0.3, pull: "lateral")
        )
        try daemon.waitForQuiet()
        let tasks = try daemon.tasks()
        #expect(tasks.map { $0["signal"]?["mark"] } == [0.3])
        #expect(tasks.map { $0["state"] } == ["done"], "\(tasks.map { $0["note"] })")
    }

    @Test func `the tests run once for a tree, however the board grows`() throws {
        let folder = try TemporaryFolder(repository: [
            "test.sh": "echo run >> .git/runs\necho 1 passed\n"
        ])
        try folder.write(rules: "witness: {test: [/bin/sh, test.sh]}")
        let daemon = try DaemonUnderTest(in: folder, reacts: true)
        // Too faint to ask anybody.
        try folder.append(Ask("H", port: 7, mark: 0.1), Ask("I", port: 1, mark: 0.1))
        for done in [2, 4] as [Int64] {
            try folder.append(Ask("V", port: 2))
            try daemon.waitForQuiet()
            #expect(try daemon.status()["tasks"]?["done"] == .integer(done))
        }
        let runs = try daemon.tasks().filter { $0["port"] == 4 }.map { $0["outcome"]?["msg"] }
        #expect(runs.count == 2)
        #expect(folder.bytes(".git/runs") == Array("run\n".utf8), "\(runs)")
        try folder.writeFiles(["new.txt": "another tree\n"])
        try folder.append(Ask("V", port: 2))
        try daemon.waitForQuiet()
        #expect(folder.bytes(".git/runs") == Array("run\nrun\n".utf8))
    }

    @Test func `where only envelopes are accepted the answers come in envelopes`() throws {
        let folder = try TemporaryFolder()
        try folder.write(rules: "envelope: {required: true}")
        let daemon = try DaemonUnderTest(in: folder, reacts: true)
        let signal = Ask("H", port: 7, extra: #","id":"inner""#).line
        let envelope = """
            {"specversion":"1.0","id":"outer","source":"/a/test","type":"test","hfogen":87,\
            "hfohive":"H","hfoport":7,"data":\(signal)}
            """
        try folder.append(Array("\(envelope)\n".utf8), to: DaemonTests.board)
        try daemon.waitForQuiet()
        #expect(try daemon.tasks().map { $0["state"] } == ["done", "done"])
        let answers = try folder.boardLines().dropFirst()
        #expect(answers.allSatisfy { $0["specversion"] == "1.0" && $0["data"]?["task"] != nil })
        #expect(try daemon.status()["quarantined"] == 0)
    }

    // MARK: What is told of tasks

    @Test func `without a daemon emit assigns, tasks shows it, and the next up answers`() throws {
        let folder = try TemporaryFolder()
        try makeBoard(folder, "")
        func hive(_ arguments: String...) throws -> HiveProgram.Output {
            try HiveProgram.run(arguments, in: folder.path)
        }
        #expect(try hive("tasks").standardError.contains("this ledger has no tasks yet"))
        try #require(try hive("emit", "--phase", "H", "--port", "7", "HUNT: it").exitCode == 0)
        let waiting = try hive("tasks", "--open", "--json").lines.map { try JSONValue(parsing: $0) }
        #expect(waiting.map { $0["id"] } == ["t-87-0-1", "t-87-0-6"])
        #expect(waiting.allSatisfy { $0["state"] == "waiting" && $0["attempts"] == 0 })
        #expect(waiting.allSatisfy { $0["outcome"] == .null && $0["startedAt"] == .null })
        #expect(try hive("tasks").standardOutput.contains("waiting   I 1"))

        let daemon = try DaemonUnderTest(in: folder, reacts: true)
        try daemon.waitForSequence(3)
        #expect(try daemon.tasks("--open").isEmpty)
        #expect(try hive("tasks", "--open").standardError.contains("no task is open"))
        let task = try #require(try daemon.tasks("t-87-0-1").first)
        let expected: JSONValue = [
            "id": "t-87-0-1", "state": "done", "port": 1, "commander": "Web Weaver", "hive": "I",
            "depth": 0, "attempts": 1, "dollars": nil, "note": nil,
        ]
        for (key, value) in try #require(expected.objectValue) {
            #expect(task[key] == value, "\(key)")
        }
        #expect(task["signal"]?["id"] == "s-87-0")
        #expect(task["outcome"]?["id"] == "o-87-0-1")
        let shown = try hive("tasks", "t-87-0-1").standardOutput
        #expect(shown.contains("state     done\n"))
        #expect(shown.contains("answer    o-87-0-1\n"))
        #expect(try hive("tasks", "t-87-0-2").exitCode == 2)
        #expect(try hive("tasks", "nonsense").exitCode == 2)
    }

    // MARK: The same again

    /// Answers, a false answer, a second answer, a refusal, an error and a chain of two.
    private func livelyBoard(_ folder: TemporaryFolder) throws -> DaemonUnderTest {
        try folder.write(rules: "reactions: {depth: 2}")
        let daemon = try DaemonUnderTest(in: folder, reacts: true)
        try folder.append(Ask("H", port: 7, message: "first", pull: "lateral"))
        try daemon.waitForSequence(3)
        let trace = #","traceparent":"00-\#(Ask.sharedTrace)-00000000000000a1-01""#
        try folder.append(
            Ask("V", port: 2, message: "too early"),
            Ask("V", port: 2, message: "a false answer", extra: #","task":"t-87-9-2""#),
            Ask("H", port: 0, message: "a second answer", extra: trace + #","task":"t-87-0-0""#),
            Ask("H", port: 7, message: "failed", type: "error"),
            Ask("I", port: 1, message: "a contract", pull: "upstream")
        )
        try daemon.waitForQuiet()
        #expect(try daemon.tasks().count == 20)
        return daemon
    }

    @Test func `check, rebuild and replay say of answers what the daemon said`() throws {
        let folder = try TemporaryFolder(repository: ["a.txt": "first\n"])
        let daemon = try livelyBoard(folder)
        let log = try daemon.log()
        #expect(log.count { $0["warnings"] == ["TASK_ANSWERED"] } == 1)
        #expect(log.count { $0["verdict"] == "quarantined" } == 2, "a false answer is none")
        let chain = try daemon.state()["chain"]
        #expect(daemon.stop() == 0)

        let check = try HiveProgram.run(
            ["check", "--json", "-"],
            in: folder.path,
            input: try folder.originalBoard()
        )
        let judged = try check.lines.map { try JSONValue(parsing: $0) }
        for key in ["offset", "verdict", "violations"] {
            #expect(judged.map { $0[key] } == log.map { $0[key] }, "\(key)")
        }
        func warnings(_ lines: [JSONValue]) -> [JSONValue?] {
            lines.filter { $0["verdict"] == "accepted" }.map { $0["warnings"] }
        }
        #expect(warnings(judged) == warnings(log))

        func hive(_ arguments: String...) throws -> JSONValue {
            let output = try HiveProgram.run(arguments, in: folder.path)
            #expect(output.exitCode == 0, "\(output)")
            return try JSONValue(parsing: output.standardOutput.trimmed)
        }
        let replayed = try hive("replay", "--json")
        #expect(replayed["chainMatches"] == true)
        #expect(replayed["changedCount"] == 0)
        let board = folder.bytes(DaemonTests.board)
        #expect(try hive("doctor", "--rebuild", "--json")["rebuilt"]?["chain"] == chain)

        let again = try DaemonUnderTest(in: folder, reacts: true)
        #expect(try again.log() == log)
        #expect(try again.state()["chain"] == chain)
        #expect(try again.tasks("--open").isEmpty, "a rebuild assigns nothing")
        #expect(again.stop() == 0)
        #expect(folder.bytes(DaemonTests.board) == board)
    }
}

/// A small project as a newcomer brings it: files only.
struct Project: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var files: [String: String]
    /// What a signal says about it.
    var message: String
    /// Where what is spoken of is declared, and the test of it.
    var source: String
    var test: String

    static let all = [
        Project(
            testDescription: "Python",
            files: [
                "pyproject.toml": "[project]\nname = \"shop\"\n[tool.pytest.ini_options]\n",
                "src/shop/checkout.py": "def checkout_total(items):\n    return sum(items)\n",
                "src/shop/stock.py": "def left_over(items):\n    return len(items)\n",
                "tests/test_checkout.py":
                    "from shop.checkout import checkout_total\n\n\ndef test_total():\n"
                    + "    assert checkout_total([1, 2]) == 3\n",
            ],
            message: "HUNT: checkout_total rounds wrong",
            source: "src/shop/checkout.py",
            test: "tests/test_checkout.py"
        ),
        Project(
            testDescription: "Go",
            files: [
                "go.mod": "module example.org/shop\n\ngo 1.22\n",
                "cart/cart.go":
                    "package cart\n\nfunc TotalPrice(items []int) int {\n\treturn len(items)\n}\n",
                "cart/cart_test.go":
                    "package cart\n\nimport \"testing\"\n\nfunc TestTotalPrice(t *testing.T) {\n"
                    + "\tif TotalPrice(nil) != 0 {\n\t\tt.Fail()\n\t}\n}\n",
                "main.go": "package main\n\nfunc main() {}\n",
            ],
            message: "HUNT: TotalPrice forgets taxes",
            source: "cart/cart.go",
            test: "cart/cart_test.go"
        ),
        Project(
            testDescription: "Rust",
            files: [
                "Cargo.toml": "[package]\nname = \"mail\"\nversion = \"0.1.0\"\n",
                "src/header.rs": "pub fn parse_header(line: &str) -> usize {\n    line.len()\n}\n",
                "src/lib.rs": "pub mod header;\n",
                "tests/header.rs":
                    "use mail::header::parse_header;\n\n#[test]\nfn folds() {\n"
                    + "    assert_eq!(parse_header(\"\"), 0);\n}\n",
            ],
            message: "HUNT: parse_header must fold",
            source: "src/header.rs",
            test: "tests/header.rs"
        ),
    ]
}

// MARK: - Writing and reading

/// A signal that asks somebody.
struct Ask {
    /// The generation's own trace: SHA-256 of `hive-gen-87`, its first 16 bytes.
    static let sharedTrace = "af3cefc6aff7d226c1e8e7c4ba6e23f2"

    /// Without LF.
    let line: String

    init(
        _ phase: String,
        port: Int,
        message: String = "a message",
        type: String = "signal",
        mark: Double = 1,
        pull: String = "downstream",
        extra: String = ""
    ) {
        line = """
            {"ts":"2025-12-29T10:00:00Z","mark":\(mark),"pull":"\(pull)","msg":"\(message)",\
            "type":"\(type)","hive":"\(phase)","gen":87,"port":\(port)\(extra)}
            """
    }
}

extension TemporaryFolder {
    func append(_ asks: Ask...) throws {
        for ask in asks { try append(Array("\(ask.line)\n".utf8), to: DaemonTests.board) }
    }

    /// The rule book, before the daemon starts.
    func write(rules: String) throws {
        try makeFolder("specs")
        try write(Array("\(rules)\n".utf8), to: "specs/rules.yaml")
    }

    /// The board's lines, each of which must be JSON.
    func boardLines() throws -> [JSONValue] {
        try bytes(DaemonTests.board).split(separator: 0x0A)
            .map { try JSONValue(parsing: Array($0)) }
    }
}

extension DaemonUnderTest {
    /// `hive tasks --json`, all of them unless the flags say otherwise.
    func tasks(_ flags: String...) throws -> [JSONValue] {
        let arguments = ["tasks", "--json", "--last", "10000"] + flags
        return try HiveProgram.run(arguments, in: folder.path).lines
            .map { try JSONValue(parsing: $0) }
    }

    /// `hive log --json` from the first line on.
    func log() throws -> [JSONValue] {
        try hive("log", "--json", "--after", "0").lines.map { try JSONValue(parsing: $0) }
    }

    /// Waits until every task has been answered or given up.
    func waitForQuiet() throws {
        while let tasks = try status()["tasks"],
            tasks["waiting"] != 0 || tasks["running"] != 0
        {}
    }
}

extension JSONValue {
    var portNumber: Int64 { self["port"]?.integerValue ?? -1 }
}
