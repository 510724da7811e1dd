import Glibc
import HiveSignal
import HiveTestKit
import Testing

/// `hive override` up to the daemon's verdict: what is asked, refused and kept secret.
@Suite struct OverrideTests {
    // MARK: Mistakes

    @Test(arguments: [
        (["phase", "X"], "no phase X can be forced"), (["phase"], "Missing expected argument"),
        (["port", "9", "mute"], "no port 9"), (["port", "3", "hush"], "not hush"),
        (["gen", "soon"], "a generation is a whole number: soon"),
        (["everything"], "no command hive override everything"),
    ])
    func `what makes no sense is exit 2 and says what would`(
        _ arguments: [String],
        _ message: String
    ) throws {
        let folder = try TemporaryFolder()
        let output = try HiveProgram.run(
            ["override"] + arguments + ["--yes", "--reason", "a test"],
            in: folder.path
        )
        #expect(output.exitCode == 2)
        #expect(output.standardError.contains(message), "\(output.standardError)")
        #expect(output.standardOutput.isEmpty)
    }

    @Test func `without a terminal a reason and a yes must be given`() throws {
        let desk = try OverrideDesk(hasDaemon: false)
        for arguments: [String] in [[], ["--yes"], ["--reason", "a test"]] {
            let output = try Spawned.run(
                HiveProgram.path,
                ["override", "phase", "V"] + arguments,
                in: desk.folder.path,
                environment: desk.environment
            )
            #expect(output.exitCode == 2)
            #expect(output.standardError.contains("there is no terminal to ask at"))
            #expect(output.standardError.contains("give --reason TEXT and --yes"))
        }
    }

    @Test func `who has no key is told how to get one`() throws {
        let folder = try TemporaryFolder()
        let arguments = ["override", "phase", "V", "--yes", "--reason", "a test"]
        let output = try HiveProgram.run(arguments, in: folder.path)
        #expect(output.exitCode == 3)
        #expect(output.standardError.contains("you have no key"))
        #expect(output.standardError.contains("hive init makes it"))
        let homeless = try HiveProgram.run(
            arguments,
            in: folder.path,
            environment: ["HOME": ""]
        )
        #expect(homeless.exitCode == 3)
        #expect(homeless.standardError.contains("neither XDG_CONFIG_HOME nor HOME"))
    }

    @Test func `a key that others may read is not used`() throws {
        let desk = try OverrideDesk(hasDaemon: false)
        chmod(desk.home.at(OverrideDesk.key), 0o640)
        let output = try desk.hive("override", "phase", "V", "--yes", "--reason", "a test")
        #expect(output.exitCode == 3)
        #expect(output.standardError.contains("chmod go-rwx"))
    }

    @Test func `a sealed key wants its passphrase from a script`() throws {
        let desk = try OverrideDesk(isSealed: true, hasDaemon: false)
        let none = try desk.hive("override", "phase", "V", "--yes", "--reason", "a test")
        #expect(none.exitCode == 2)
        #expect(none.standardError.contains("--passphrase-stdin"))
        let empty = try desk.hive(
            "override",
            "phase",
            "V",
            "--yes",
            "--reason",
            "a test",
            "--passphrase-stdin"
        )
        #expect(empty.exitCode == 2)
        #expect(empty.standardError.contains("standard input holds no passphrase"))
    }

    @Test func `an entry that failed a gate is not for an override`() throws {
        let desk = try OverrideDesk()
        try desk.append([
            #"{"ts":"2025-12-29T10:00:00Z","mark":7,"pull":"downstream","msg":"too sure","#
                + #""type":"signal","hive":"H","gen":87,"port":7}"#
        ])
        try desk.daemon?.waitForSequence(2)
        let list = try desk.hive("quarantine", "list", "--json")
        let id = try JSONValue(parsing: list.lines.last ?? "")["id"]?.stringValue ?? ""
        let output = try desk.hive("override", "release", id, "--yes", "--reason", "a test")
        #expect(output.exitCode == 1)
        #expect(output.standardError.contains("failed G1, and no override mends a line"))
        #expect(output.standardError.contains("hive quarantine release \(id.prefix(12)) --line"))
    }

    // MARK: The passphrase

    @Test func `a passphrase is set, changed and removed by a script`() throws {
        let desk = try OverrideDesk(hasDaemon: false)
        func passphrase(_ input: String, _ arguments: String...) throws -> HiveProgram.Output {
            try Spawned.run(
                HiveProgram.path,
                ["override", "passphrase", "--passphrase-stdin", "--json"] + arguments,
                in: desk.folder.path,
                environment: desk.environment,
                input: Array(input.utf8)
            )
        }
        let open = desk.home.bytes(OverrideDesk.key)
        let set = try passphrase("first\n")
        #expect(try JSONValue(parsing: set.standardOutput.trimmed)["sealed"] == true)
        #expect(try passphrase("wrong\nsecond\n").exitCode == 1)
        #expect(try passphrase("first\n").exitCode == 2)
        #expect(try passphrase("first\nsecond\n").exitCode == 0)
        #expect(try passphrase("first\n", "--remove").exitCode == 1)
        let removed = try passphrase("second\n", "--remove")
        #expect(try JSONValue(parsing: removed.standardOutput.trimmed)["sealed"] == false)
        #expect(desk.home.bytes(OverrideDesk.key) == open)
        #expect(desk.home.names(in: ".config/hive") == ["key.json", "pins", "witness.json"])
    }

    @Test func `a passphrase is typed twice at a terminal, and never seen`() throws {
        let desk = try OverrideDesk(hasDaemon: false)
        let terminal = try desk.terminal("override", "passphrase")
        try terminal.wait(for: "new passphrase (Enter for none):")
        try terminal.type("correct horse\r")
        try terminal.wait(for: "once more:")
        try terminal.type("correct hoarse\r")
        try terminal.wait(for: "these are two different ones")
        try terminal.wait(forCursorLine: { $0.hasSuffix("new passphrase (Enter for none):") })
        try terminal.type("correct horses\u{7F}\r")
        try terminal.wait(forCursorLine: { $0.hasSuffix("once more:") })
        try terminal.type("correct horse\r")
        try terminal.wait(for: "is sealed by the new passphrase")
        #expect(try terminal.waitForExit() == 0)
        #expect(!terminal.transcript.contains(subsequence: Array("horse".utf8)))
        let changed = try desk.hive(
            "override",
            "passphrase",
            "--remove",
            "--passphrase-stdin",
            input: "correct horse\n"
        )
        #expect(changed.exitCode == 0)
    }

    @Test func `init asks for a passphrase where it makes a key, and only there`() throws {
        let folder = try TemporaryFolder()
        let home = try TemporaryFolder()
        let first = try PseudoTerminal(["init"], in: folder.path, environment: ["HOME": home.path])
        try first.wait(for: "new passphrase (Enter for none):")
        try first.type("correct horse\r")
        try first.wait(for: "once more:")
        try first.type("correct horse\r")
        #expect(try first.waitForExit() == 0)
        let key = try JSONValue(parsing: home.bytes(OverrideDesk.key))
        #expect(key["cipher"] == "chacha20-poly1305")
        #expect(!first.transcript.contains(subsequence: Array("horse".utf8)))
        let again = try PseudoTerminal(
            ["init"],
            in: folder.path,
            environment: ["HOME": home.path],
            columns: 160
        )
        #expect(try again.waitForExit() == 0)
        #expect(again.screen.text.contains("sealed by a passphrase"))
    }

    @Test func `a command that is killed at the passphrase leaves a terminal that echoes`() throws {
        let desk = try OverrideDesk(hasDaemon: false)
        let terminal = try PseudoTerminal(
            program: "/bin/sh",
            [
                "-c",
                "\(HiveProgram.path) override passphrase; echo code $?; stty -a; echo told; cat",
            ],
            in: desk.folder.path,
            environment: desk.environment
        )
        try terminal.wait(for: "new passphrase (Enter for none):")
        try terminal.type("\u{1A}")
        let ask = ["--parent", String(terminal.pid)]
        let child = try Spawned.run("/usr/bin/pgrep", ask, in: desk.folder.path)
        let pid = try #require(Int32(child.standardOutput.trimmed))
        #expect(kill(pid, SIGTSTP) == 0)
        #expect(kill(pid, SIGTERM) == 0)
        try terminal.wait(for: "code 143")
        try terminal.wait(for: "told")
        let modes = Set(
            terminal.screen.text.split { $0.isWhitespace || $0 == ";" }.map(String.init)
        )
        #expect(modes.isSuperset(of: ["echo", "icanon", "isig"]), "\(modes)")
    }

    @Test func `who gives up at the passphrase has a terminal that echoes`() throws {
        let desk = try OverrideDesk(hasDaemon: false)
        let terminal = try PseudoTerminal(
            program: "/bin/sh",
            ["-c", "\(HiveProgram.path) override passphrase; echo code $?; cat"],
            in: desk.folder.path,
            environment: desk.environment
        )
        try terminal.wait(for: "new passphrase (Enter for none):")
        try terminal.type("secret\u{03}")
        try terminal.wait(for: "code 1")
        try terminal.type("seen again")
        try terminal.wait(for: "seen again")
        #expect(!terminal.transcript.contains(subsequence: Array("secret".utf8)))
    }
}
