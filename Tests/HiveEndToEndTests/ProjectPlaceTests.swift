import HiveSignal
import HiveTestKit
import Testing

/// Which board a command means, wherever in a project it is run.
@Suite struct ProjectPlaceTests {
    private static let board = "sandbox/obsidianblackboard.jsonl"

    /// A repository with a board and a rule book of its own, and a folder in it.
    private static func project() throws -> TemporaryFolder {
        let folder = try TemporaryFolder(repository: [
            "src/deep/a.py": "a\n", ".gitignore": "/sandbox/\n",
            "specs/rules.yaml": "mode: strict\nreactions: {enabled: false}\n",
        ])
        try folder.writeFiles([board: ""])
        return folder
    }

    private static func emit(in path: String, _ flags: String...) throws -> HiveProgram.Output {
        try HiveProgram.run(
            ["emit", "--phase", "H", "--port", "7", "a message", "--json"] + flags,
            in: path
        )
    }

    private static func lines(_ folder: TemporaryFolder, _ path: String = board) -> Int {
        folder.bytes(path).count { $0 == 0x0A }
    }

    @Test func `a folder of the project has the project's board, rules and all`() throws {
        let folder = try Self.project()
        let output = try Self.emit(in: folder.at("src/deep"))
        #expect(output.exitCode == 0, "\(output)")
        #expect(Self.lines(folder) == 1)
        let state = try HiveProgram.run(["state", "--json"], in: folder.at("src"))
        #expect(try JSONValue(parsing: state.standardOutput.trimmed)["mode"] == "strict")
        #expect(folder.bytes("src/deep/" + Self.board).isEmpty)
    }

    @Test func `a linked work tree has the main one's board`() throws {
        let folder = try Self.project()
        let place = try TemporaryFolder()
        try folder.git("worktree", "add", "--quiet", place.at("tree"))
        #expect(try Self.emit(in: place.at("tree")).exitCode == 0)
        #expect(try Self.emit(in: place.at("tree/src")).exitCode == 0)
        #expect(Self.lines(folder) == 2)
    }

    @Test func `the nearest board counts, and one that is named before all`() throws {
        let folder = try Self.project()
        try folder.writeFiles(["src/" + Self.board: "", "other.jsonl": ""])
        #expect(try Self.emit(in: folder.at("src/deep")).exitCode == 0)
        #expect(Self.lines(folder, "src/" + Self.board) == 1)
        let named = try Self.emit(in: folder.at("src/deep"), "--board", "../../other.jsonl")
        #expect(named.exitCode == 0, "\(named)")
        #expect(Self.lines(folder, "other.jsonl") == 1)
        let variable = try HiveProgram.run(
            ["emit", "--phase", "H", "--port", "7", "a message"],
            in: folder.at("src/deep"),
            environment: ["BLACKBOARD_PATH": "../../other.jsonl"]
        )
        #expect(variable.exitCode == 0, "\(variable)")
        #expect(Self.lines(folder, "other.jsonl") == 2)
        #expect(Self.lines(folder) == 0)
    }

    @Test func `outside of a repository no folder above is looked at`() throws {
        let folder = try TemporaryFolder()
        try folder.writeFiles([Self.board: "", "src/a": ""])
        let output = try Self.emit(in: folder.at("src"))
        #expect(output.exitCode == 3)
        #expect(Self.lines(folder) == 0)
    }
}
