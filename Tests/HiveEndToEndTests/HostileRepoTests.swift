import Foundation
import HiveSignal
import HiveTestKit
import Testing

/// Repositories that nobody would want to look at, seen through the whole daemon by every port.
@Suite struct HostileRepoTests {
    /// The eight ports asked about `needle`, and the line that each answered.
    private func answers(_ folder: TemporaryFolder, _ name: String) throws -> [JSONValue] {
        let daemon = try DaemonUnderTest(in: folder, flags: ["--quiet"], reacts: true)
        try folder.append(
            Ask("H", port: 7, message: "needle", pull: "lateral"),
            Ask("H", port: 0, message: "needle", pull: "lateral"),
            Ask("H", port: 7, message: "needle"),
            Ask("I", port: 1, message: "needle"),
            Ask("V", port: 2, message: "needle")
        )
        try daemon.waitForQuiet()
        try say(name, daemon)
        let tasks = try daemon.tasks()
        #expect(tasks.map(\.portNumber) == [0, 7, 1, 6, 2, 5, 3, 4])
        #expect(tasks.allSatisfy { $0["state"] == "done" }, "\(tasks.map(\.text))")
        #expect(daemon.stop() == 0)
        try expectUnbroken(folder)
        return try folder.boardLines().filter { $0["task"] != nil }
            .sorted { $0.portNumber < $1.portNumber }
    }

    private func say(_ name: String, _ daemon: DaemonUnderTest) throws {
        let status = try String(contentsOfFile: "/proc/\(daemon.pid)/status", encoding: .utf8)
        let peak = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
        let kibibytes = Int(peak.filter(\.isNumber)) ?? 0
        print("\(name): the daemon's peak was \(kibibytes / 1_024) MiB")
    }

    /// Thirteen lines, each one valid, short and accepted, with nothing in it that moves a cursor.
    private func expectUnbroken(_ folder: TemporaryFolder) throws {
        let board = folder.bytes(DaemonTests.board)
        let lines = board.split(separator: 0x0A)
        #expect(lines.count == 13)
        #expect(board.last == 0x0A)
        #expect(!board.contains { $0 < 0x20 && $0 != 0x0A })
        for line in lines {
            #expect(line.count < 65_536)
            let message = try JSONValue(parsing: Array(line))["msg"]?.stringValue ?? ""
            let isPlain = message.unicodeScalars.allSatisfy {
                $0 == "\n" || $0.properties.generalCategory != .control
            }
            #expect(isPlain, "\(message.debugDescription)")
        }
        #expect(folder.bytes("sandbox/quarantine.jsonl").isEmpty)
        let check = try HiveProgram.run(["check", DaemonTests.board], in: folder.path)
        #expect(check.exitCode == 0, "\(check)")
    }

    private func paths(_ answer: JSONValue) -> [String] {
        answer["result"]?["places"]?.arrayValue?.compactMap { $0["path"]?.stringValue } ?? []
    }

    // MARK: Names

    @Test func `file names with line feeds, quotes, escapes and no UTF-8 stay inside`() throws {
        let folder = try TemporaryFolder(repository: ["plain_needle.txt": "needle\n"])
        let fake = Lines.signal("H", port: 7).filter { $0 != "/" }
        let names: [[UInt8]] = [
            Array("line\nfeed needle.py".utf8),
            Array("\n\(fake)\n".utf8.prefix(240)),
            Array("quote\"needle\\.py".utf8),
            Array("\u{1B}[2Jneedle\u{7}.py".utf8),
            Array("right\u{202E}needle.py".utf8),
            Array("--needle".utf8),
            Array(":(glob)needle*".utf8),
            Array("tests_".utf8) + [0xFF, 0xFE] + Array("needle_test.py".utf8),
        ]
        for name in names {
            try write(Array("def needle():\n    assert needle\n".utf8), to: name, in: folder)
        }
        try folder.git("add", "--all")
        let staged = try answers(folder, "odd names, staged")
        #expect(staged[0]["msg"]?.stringValue?.contains("needle") == true)
        #expect(!paths(staged[0]).isEmpty)
    }

    /// Writes a file whose name need not be text.
    private func write(_ bytes: [UInt8], to name: [UInt8], in folder: TemporaryFolder) throws {
        let path = (Array(folder.at("").utf8) + name + [0]).map { CChar(bitPattern: $0) }
        let file = open(path, O_WRONLY | O_CREAT, 0o644)
        guard file >= 0 else { throw TestKitError("open: errno \(errno)") }
        defer { close(file) }
        let count = bytes.withUnsafeBytes { Foundation.write(file, $0.baseAddress, $0.count) }
        guard count == bytes.count else { throw TestKitError("write: errno \(errno)") }
    }

    // MARK: Contents

    @Test func `binary files, huge ones and lines that look like signals stay inside`() throws {
        let fake = Lines.signal("V", port: 2, message: "needle", extra: #","task":"t-87-0-0""#)
        let folder = try TemporaryFolder(repository: [
            "src/needle.py": "needle = 1\n",
            "src/fake_needle.py": "\(fake)\n{\"quarantined\":\"needle\"}\n",
            "tests/test_needle.py": "def test_needle():\n    assert needle\n",
        ])
        let escapes = String(repeating: #"\u0000\ud800"#, count: 8_333)
        try folder.writeFiles([
            "src/long_needle.py": "needle = '\(escapes)'\n",
            "src/wild_needle.py": "needle \u{1B}]0;title\u{7}\u{1B}[2J \r\u{85}\u{2028} needle\n",
            "src/next_needle.py": "\(fake)\n\(fake)",
            "tests/test_more_needle.py": "@skip\ndef test_\(escapes)needle(): pass\n",
        ])
        let binary = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }
        try folder.write(Array("needle\n".utf8) + binary, to: "src/needle.bin")
        try folder.write(
            Array("needle \u{FEFF}".utf8) + [0xFF, 0xFE, 0xC0, 0x0A],
            to: "src/bad.py"
        )
        try folder.write([], to: "huge_needle.dat")
        try #require(truncate(folder.at("huge_needle.dat"), 1 << 30) == 0)
        let outside = try TemporaryFolder()
        try outside.write(Array("needle from outside\n".utf8), to: "needle.py")
        try #require(symlink(outside.at("needle.py"), folder.at("src/link_needle.py")) == 0)
        try #require(symlink(outside.path, folder.at("src/needle")) == 0)
        try #require(symlink(".", folder.at("tests/needle")) == 0)
        try #require(mkfifo(folder.at("src/fifo_needle.py"), 0o644) == 0)
        let answers = try answers(folder, "odd contents, with 1 GiB")
        #expect(paths(answers[0]).contains("src/needle.py"), "\(answers[0].text.prefix(2_000))")
        #expect(!paths(answers[0]).contains("huge_needle.dat"))
        #expect(answers.allSatisfy { $0["type"] == "signal" })
        #expect(!answers.contains { $0.text.contains("from outside") })
    }

    // MARK: Traps

    @Test func `a repository's configuration runs no program`() throws {
        let folder = try TemporaryFolder(repository: [
            "src/needle.py": "needle = 1\n",
            "tests/test_needle.py": "def test_needle():\n    assert needle\n",
        ])
        let marker = folder.at("marker")
        try folder.write(
            Array("#!/bin/sh\necho \"$0 $*\" >> '\(marker)'\ncat\n".utf8),
            to: ".git/trap"
        )
        try #require(chmod(folder.at(".git/trap"), 0o755) == 0)
        let trap = folder.at(".git/trap")
        for key in Self.trappedKeys { try folder.git("config", key, trap) }
        for alias in ["grep", "ls-files", "diff-index", "rev-parse", "status", "log"] {
            try folder.git("config", "alias.\(alias)", "!\(trap)")
        }
        for hook in ["post-index-change", "fsmonitor-watchman", "reference-transaction"] {
            try #require(symlink("../trap", folder.at(".git/hooks/\(hook)")) == 0)
        }
        try folder.write(Array("* filter=evil diff=evil merge=evil\n".utf8), to: ".gitattributes")
        try folder.writeFiles(["src/needle.py": "needle = 2\n", "src/other.py": "needle()\n"])
        // The trap must be one: an unguarded git steps into it.
        _ = try? folder.git("status")
        _ = try? folder.git("diff")
        try #require(!folder.bytes("marker").isEmpty)
        try folder.remove("marker")

        let answers = try answers(folder, "traps")
        let sprung = String(decoding: folder.bytes("marker"), as: UTF8.self)
        #expect(sprung.isEmpty, "\(sprung)")
        #expect(paths(answers[0]).contains("src/needle.py"))
        #expect(answers[2]["msg"]?.stringValue?.contains("src/needle.py") == true)
    }

    @Test func `a repository's configuration shows nothing outside of it`() throws {
        let outside = try TemporaryFolder()
        try outside.writeFiles(["private/needle.txt": "needle from outside\n"])
        let folder = try TemporaryFolder(repository: ["a.txt": "needle\n"], in: outside.path)
        try folder.git("config", "core.worktree", outside.path)
        let answers = try answers(folder, "a foreign work tree")
        #expect(!answers.contains { $0.text.contains("from outside") }, "\(answers[0].text)")
    }

    /// Each names a program that git runs on some occasion.
    private static let trappedKeys = [
        "core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "core.askPass",
        "core.alternateRefsCommand", "diff.external", "diff.evil.command", "diff.evil.textconv",
        "filter.evil.clean", "filter.evil.smudge", "filter.evil.process", "merge.evil.driver",
        "pager.diff", "pager.grep", "pager.status", "pager.log", "gpg.program",
        "interactive.diffFilter", "credential.helper", "sequence.editor",
        "uploadpack.packObjectsHook",
    ]
}
