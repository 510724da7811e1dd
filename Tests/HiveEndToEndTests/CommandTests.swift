import HiveSignal
import HiveTestKit
import Testing

/// The binary's commands without a daemon, as a shell script calls them.
@Suite struct CommandTests {
    private func check(_ board: String, _ flags: String...) throws -> HiveProgram.Output {
        let folder = try TemporaryFolder()
        return try HiveProgram.run(
            ["check"] + flags + ["--json", "-"],
            in: folder.path,
            input: Array(board.utf8)
        )
    }

    @Test func `check prints one object a line, a summary on standard error, and exits 0 or 1`()
        throws
    {
        let good = try check(Lines.cycle.joined(separator: "\n") + "\n")
        #expect(good.exitCode == 0)
        #expect(good.lines.count == 4)
        let first = try JSONValue(parsing: good.lines[0])
        let expected: JSONValue = [
            "line": 1, "offset": 0, "verdict": "accepted", "gates": [], "violations": [],
            "warnings": [], "reason": "",
        ]
        #expect(first == expected)
        #expect(!good.standardError.isEmpty)
        let bad = try check(Lines.signal("V", port: 2))
        #expect(bad.exitCode == 1)
        let line = try JSONValue(parsing: bad.lines[0])
        #expect(line["violations"] == ["SKIPPED_HUNT", "SKIPPED_INTERLOCK", "REWARD_HACK"])
    }

    @Test func `modes, gates only and a generation can be asked for`() throws {
        let jump = Lines.signal("V", port: 2) + "\n"
        let strict = try JSONValue(parsing: check(jump, "--mode", "strict").lines[0])
        #expect(strict["violations"] == ["SKIPPED_HUNT", "REWARD_HACK"])
        let observed = try JSONValue(parsing: check(jump, "--mode", "observe").lines[0])
        #expect(observed["verdict"] == "accepted")
        #expect(observed["warnings"]?.arrayValue?.first == "SKIPPED_HUNT")
        #expect(try check(jump, "--gates-only").exitCode == 0)
        let other = try JSONValue(parsing: check(jump, "--gen", "88").lines[0])
        #expect(other["violations"] == ["WRONG_GENERATION"])
    }

    @Test(arguments: [
        ["check", "--mode", "lax", "-"], ["nothing"], ["emit"], ["emit", "--phase", "Q", "x"],
        ["quarantine", "show", "q-none"],
    ])
    func `what makes no sense is usage, exit 2, with the cure on standard error`(
        arguments: [String]
    ) throws {
        let folder = try TemporaryFolder()
        try folder.write([], to: "empty")
        let output = try HiveProgram.run(
            arguments,
            in: folder.path,
            environment: ["BLACKBOARD_PATH": folder.at("empty")]
        )
        #expect(output.exitCode == 2, "\(output)")
        #expect(output.standardOutput.isEmpty)
        #expect(!output.standardError.isEmpty)
    }

    @Test func `a file that is not there is the machine's failure, exit 3`() throws {
        let folder = try TemporaryFolder()
        let output = try HiveProgram.run(["check", "missing.jsonl"], in: folder.path)
        #expect(output.exitCode == 3)
        #expect(output.standardError.contains("missing.jsonl"))
    }

    @Test func `rules with an unknown key name file, line and key`() throws {
        let folder = try TemporaryFolder()
        try folder.write(Array("mode: strict\nmodus: paired\n".utf8), to: "rules.yaml")
        let output = try HiveProgram.run(
            ["check", "--rules", "rules.yaml", "-"],
            in: folder.path
        )
        #expect(output.exitCode == 2)
        #expect(output.standardError.contains("rules.yaml:2: modus"))
    }

    @Test func `emit, state, log and quarantine work without a daemon`() throws {
        let folder = try TemporaryFolder()
        func hive(_ arguments: String...) throws -> HiveProgram.Output {
            try HiveProgram.run(arguments, in: folder.path)
        }
        let early = try hive("emit", "--phase", "H", "--port", "7", "too early")
        #expect(early.exitCode == 3, "there is no board yet")
        #expect(early.standardError.contains("hive up"))
        try makeBoard(folder, "")
        #expect(try hive("emit", "--phase", "H", "--port", "7", "hello").exitCode == 0)
        let refused = try hive("emit", "--phase", "V", "--port", "2", "--json", "jump")
        #expect(refused.exitCode == 1)
        #expect(refused.standardOutput.contains("REWARD_HACK"))
        let state = try JSONValue(parsing: hive("state", "--json").standardOutput.trimmed)
        #expect(state["gen"] == 87)
        #expect(state["phase"] == "H")
        #expect(state["accepted"] == 1)
        #expect(state["daemon"] == .null)
        #expect(state["cycles"]?.arrayValue?.first?["reached"] == ["H"])
        let list = try hive("quarantine", "list", "--json")
        let entry = try JSONValue(parsing: try #require(list.lines.first))
        let identifier = try #require(entry["id"]?.stringValue)
        let shown = try hive("quarantine", "show", identifier)
        #expect(shown.exitCode == 0)
        #expect(shown.standardOutput.contains("SKIPPED_INTERLOCK"))
        #expect(try hive("quarantine", "discard", identifier).exitCode == 0)
        #expect(try hive("quarantine", "list", "--json").lines.isEmpty)
        #expect(try hive("log", "--json").lines.count == 1)
        #expect(try hive("replay", "--json").exitCode == 0)
        #expect(try hive("doctor").exitCode == 0)
    }

    @Test func `emit takes ready lines from standard input and tells every verdict`() throws {
        let folder = try TemporaryFolder()
        try makeBoard(folder, "")
        let lines = Lines.cycle.joined(separator: "\n") + "\n{}\n"
        let output = try HiveProgram.run(
            ["emit", "--json", "-"],
            in: folder.path,
            input: Array(lines.utf8)
        )
        #expect(output.exitCode == 1)
        #expect(output.lines.count == 5)
        #expect(folder.bytes("sandbox/obsidianblackboard.jsonl").count == lines.utf8.count - 3)
    }

    @Test func `emits at the same time wait for each other`() async throws {
        let folder = try TemporaryFolder()
        try makeBoard(folder, "")
        let path = folder.path
        let codes = try await withThrowingTaskGroup(of: Int32.self) { group in
            for number in 0..<8 {
                group.addTask {
                    try HiveProgram.run(
                        ["emit", "--phase", "H", "--port", "7", "number \(number)"],
                        in: path
                    ).exitCode
                }
            }
            return try await group.reduce(into: [Int32]()) { $0.append($1) }
        }
        #expect(codes == Array(repeating: 0, count: 8))
        #expect(try HiveProgram.run(["log", "--json"], in: path).lines.count == 8)
    }

    @Test func `a state folder serves one board`() throws {
        let folder = try TemporaryFolder()
        for name in ["a", "b"] {
            try folder.makeFolder(name)
            try folder.write([], to: "\(name)/board.jsonl")
        }
        func emit(_ board: String) throws -> HiveProgram.Output {
            try HiveProgram.run(
                ["emit", "--board", "\(board)/board.jsonl", "--state-dir", "state", "--phase", "H"]
                    + ["--port", "7", "hello"],
                in: folder.path
            )
        }
        #expect(try emit("a").exitCode == 0)
        let other = try emit("b")
        #expect(other.exitCode == 3)
        #expect(other.standardError.contains("a/board.jsonl"))
        #expect(folder.bytes("b/board.jsonl").isEmpty)
    }

    @Test func `a rebuild keeps the old ledger where the new one differs`() throws {
        let folder = try TemporaryFolder()
        try makeBoard(folder, "")
        for message in ["one", "two"] {
            _ = try HiveProgram.run(
                ["emit", "--phase", "H", "--port", "7", message],
                in: folder.path
            )
        }
        #expect(try HiveProgram.run(["doctor", "--rebuild"], in: folder.path).exitCode == 0)
        let audit = folder.bytes("sandbox/pyre_audit.jsonl")
        let text = String(decoding: audit, as: UTF8.self)
        let first = text.split(separator: "\n").first ?? ""
        let identifier = try JSONValue(parsing: String(first))["boardId"]?.stringValue ?? ""
        let other = String(repeating: "0", count: identifier.count)
        let forged = text.split(separator: identifier).joined(separator: other)
        try folder.write(Array(forged.utf8), to: "sandbox/pyre_audit.jsonl")
        let rebuilt = try HiveProgram.run(["doctor", "--rebuild"], in: folder.path)
        #expect(rebuilt.exitCode == 1, "\(rebuilt)")
        #expect(rebuilt.standardError.contains("the old one stays"))
    }

    @Test func `looking changes nothing`() throws {
        let folder = try TemporaryFolder()
        let board = Lines.cycle[0] + "\n{}\n"
        try makeBoard(folder, board)
        for command in [["state"], ["status"], ["log"], ["quarantine", "list"], ["replay"]] {
            _ = try HiveProgram.run(command, in: folder.path)
        }
        #expect(folder.bytes("sandbox/obsidianblackboard.jsonl") == Array(board.utf8))
        #expect(folder.bytes("sandbox/quarantine.jsonl").isEmpty)
    }

    @Test func `the environment names the board, a flag beats it, and .env comes last`() throws {
        let folder = try TemporaryFolder()
        for name in ["flag", "environment", "file"] { try folder.write([], to: name) }
        try folder.write(Array("BLACKBOARD_PATH=file\n".utf8), to: ".env")
        func board(_ arguments: [String], _ environment: [String: String]) throws -> String? {
            let output = try HiveProgram.run(
                ["status", "--json"] + arguments,
                in: folder.path,
                environment: environment
            )
            return try JSONValue(parsing: output.standardOutput.trimmed)["board"]?.stringValue
        }
        let environment = ["BLACKBOARD_PATH": "environment"]
        #expect(try board(["--board", "flag"], environment) == folder.at("flag"))
        #expect(try board([], environment) == folder.at("environment"))
        #expect(try board([], [:]) == folder.at("file"))
    }
}

/// Puts a board where the defaults look for it.
func makeBoard(_ folder: TemporaryFolder, _ text: String) throws {
    try folder.makeFolder("sandbox")
    try folder.write(Array(text.utf8), to: "sandbox/obsidianblackboard.jsonl")
}
