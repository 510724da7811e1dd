import Foundation
import HiveSignal
import HiveTestKit
import Testing

/// `hive blame`: from a line of code back to who wrote it, and why.
@Suite struct BlameTests {
    private static let trace = "0123456789abcdef0123456789abcdef"

    /// A project with a board, whose last commit names a trace on it.
    private static func project() throws -> GuardedProject {
        let project = try GuardedProject()
        let parent = "00-\(trace)-0123456789abcdef-01"
        for (phase, port) in [("H", "7"), ("I", "1"), ("V", "2")] {
            let output = try project.hive(
                "emit",
                "--phase",
                phase,
                "--port",
                port,
                "--agent",
                "claude-1",
                "--trace",
                parent,
                "about \(phase) \u{1B}[31m"
            )
            try #require(output.exitCode == 0)
        }
        try project.folder.writeFiles(["src/code.py": "one\ntwo\n", "src/with space é.py": "x\n"])
        try project.folder.commitAll(
            "feat: two lines \u{1B}[31m\n\nHive-Phase: V\nHive-Trace: \(trace)\n"
                + "Hive-Receipt: r-0123456789abcdef"
        )
        return project
    }

    @Test func `a line is told by its commit, its trailers and what its trace said`() throws {
        let project = try Self.project()
        let output = try project.hive("blame", "src/code.py:2")
        #expect(output.exitCode == 0, "\(output)")
        let lines = output.lines
        #expect(lines.count <= 24 && output.standardOutput.contains("  two"))
        #expect(output.standardOutput.contains("feat: two lines"))
        #expect(output.standardOutput.contains(Self.trace))
        for phase in ["H", "I", "V"] {
            #expect(lines.contains { $0.contains("claude-1") && $0.contains("about \(phase)") })
        }
        #expect(!output.standardOutput.contains("\u{1B}"))
        let told = try project.hive("blame", "--json", "src/code.py:1")
        let json = try JSONValue(parsing: told.standardOutput)
        let inside = try project.hive("blame", "code.py:1", in: project.folder.at("src"))
        #expect(inside.standardOutput.contains("src/code.py:1"), "\(inside)")
        #expect(json["text"] == "one" && json["file"] == "src/code.py")
        #expect(json["commit"]?["subject"]?.stringValue?.hasPrefix("feat:") == true)
        #expect(json["trailers"]?["Hive-Phase"] == "V")
        #expect(json["signals"]?.arrayValue?.compactMap { $0["phase"] } == ["H", "I", "V"])
    }

    @Test func `a renamed file is told by its old name, and odd names are names`() throws {
        let project = try Self.project()
        try project.folder.git("mv", "src/code.py", "src/other.py")
        try project.folder.commitAll("refactor: another name")
        let json = try JSONValue(
            parsing: try project.hive("blame", "--json", "src/other.py:1").standardOutput
        )
        #expect(json["commit"]?["file"] == "src/code.py")
        #expect(try project.hive("blame", "src/with space é.py:1").exitCode == 0)
    }

    @Test func `without a board there is what git alone says`() throws {
        let project = try Self.project()
        try project.folder.remove("sandbox/obsidianblackboard.jsonl")
        let output = try project.hive("blame", "src/code.py:1")
        #expect(output.exitCode == 0 && output.standardOutput.contains("no board"), "\(output)")
        let old = try project.hive("blame", "tests/test_code.py:1")
        #expect(old.standardOutput.contains("names no trace"))
    }

    @Test func `a line that is not committed says so`() throws {
        let project = try Self.project()
        try project.folder.writeFiles(["src/code.py": "one\nnew\ntwo\n"])
        #expect(
            try project.hive("blame", "src/code.py:2").standardOutput.contains("not committed yet")
        )
    }

    @Test func `what is no line of a committed file is told clearly`() throws {
        let project = try Self.project()
        try project.folder.writeFiles(["src/untracked.py": "x\n", "src/binary": "a\0b\n"])
        let outside = try TemporaryFolder()
        try outside.writeFiles(["a.c": "x\n"])
        let cases: [(place: String, says: String)] = [
            ("src/code.py", "names no line"), ("src/code.py:0", "names no line"),
            ("src/code.py:99999999999999999999", "names no line"),
            ("src/code.py:7", "has only 2 lines"), ("src/none.py:1", "cannot be read"),
            ("src/untracked.py:1", "no such path"), ("src/binary:1", "is binary"),
            ("src:1", "is a folder"), ("\(outside.path)/a.c:1", "git"),
        ]
        for (place, says) in cases {
            let output = try project.hive("blame", place)
            #expect([2, 3].contains(output.exitCode), "\(place): \(output)")
            #expect(output.standardError.contains(says), "\(place): \(output.standardError)")
            #expect(output.standardError.contains("→"), "\(place): \(output.standardError)")
        }
    }
}
