import Glibc
import HiveSignal
import HiveTestKit
import Testing

/// What becomes of lines that are emitted where something is in the way.
@Suite struct EmitFateTests {
    private static func folder(rules: String = "reactions: {enabled: false}\n") throws
        -> TemporaryFolder
    {
        let folder = try TemporaryFolder()
        try folder.writeFiles(["specs/rules.yaml": rules, "sandbox/obsidianblackboard.jsonl": ""])
        return folder
    }

    private static func log(_ folder: TemporaryFolder) throws -> [JSONValue] {
        try HiveProgram.run(["log", "--json"], in: folder.path).lines.map(JSONValue.init(parsing:))
    }

    @Test(arguments: [false, true])
    func `a line of 5 MB is an entry, and its neighbours are none the worse`(hasDaemon: Bool)
        throws
    {
        let folder = try Self.folder()
        let daemon = hasDaemon ? try DaemonUnderTest(in: folder) : nil
        let long = [UInt8](repeating: UInt8(ascii: "x"), count: 5_000_000)
        let good = Array(Lines.signal("H", port: 7).utf8)
        let output = try HiveProgram.run(
            ["emit", "-", "--json"],
            in: folder.path,
            input: Array([good, long, good].joined(separator: [0x0A]))
        )
        #expect(output.exitCode == 1)
        let verdicts = try output.lines.map { try JSONValue(parsing: $0)["verdict"] }
        #expect(verdicts == ["accepted", "quarantined", "accepted"])
        #expect(try JSONValue(parsing: output.lines[1])["gates"] == ["F1"])
        #expect(try Self.log(folder).count == 2)
        let list = try HiveProgram.run(["quarantine", "list", "--json"], in: folder.path)
        #expect(list.lines.count == 1)
        daemon?.stop()
    }

    @Test func `a line that is too long to keep is told, and its neighbours are appended`() throws {
        let folder = try Self.folder()
        let long = [UInt8](repeating: UInt8(ascii: "x"), count: LineFramer.keptBytesMax + 1)
        let good = Array(Lines.signal("H", port: 7).utf8)
        let output = try HiveProgram.run(
            ["emit", "-", "--json"],
            in: folder.path,
            input: Array([good, long, good].joined(separator: [0x0A]))
        )
        #expect(output.exitCode == 1)
        #expect(output.lines.count == 2)
        #expect(output.standardError.contains("line 2 of the input has 16777217 bytes: F1"))
        #expect(try Self.log(folder).count == 2)
    }

    @Test func `a full disk says that the line stands, and it is judged once there is room`()
        throws
    {
        let disk = try TemporaryFolder()
        guard mount("tmpfs", disk.path, "tmpfs", 0, "size=1m") == 0 else {
            // Only root can mount.
            return
        }
        defer { umount2(disk.path, Int32(MNT_DETACH)) }
        let folder = try Self.folder()
        let flags = ["--state-dir", disk.at("state")]
        let daemon = try DaemonUnderTest(in: folder, flags: flags)
        func emit(_ message: String) throws -> HiveProgram.Output {
            let words = ["emit", "--phase", "H", "--port", "7", message]
            return try HiveProgram.run(words + flags, in: folder.path)
        }
        #expect(try emit("first").exitCode == 0)
        let filler = [UInt8](repeating: 0x78, count: 4_096)
        let ballast = try FileAppender(path: disk.at("ballast"))
        while (try? ballast.append(filler)) != nil {}
        let output = try emit(String(repeating: "second ", count: 2_000))
        #expect(output.exitCode == 3)
        #expect(output.standardError.contains("the signal stands on the board at byte"))
        #expect(output.standardError.contains("do not send it again"))
        #expect(truncate(disk.at("ballast"), 0) == 0)
        try daemon.waitForSequence(2)
        let log = try HiveProgram.run(["log", "--json"] + flags, in: folder.path)
        #expect(log.lines.count == 2, "\(log)")
        #expect(daemon.stop() == 0)
    }

    @Test func `closed descriptors are no socket and no file`() throws {
        let folder = try Self.folder()
        let daemon = try DaemonUnderTest(in: folder)
        for script in [
            #""$0" emit - <&-"#, #""$0" emit --phase H --port 7 said >&-"#,
            #""$0" emit --phase H --port 7 said <&- >&- 2>&-"#,
        ] {
            let output = try Spawned.run(
                "/bin/sh",
                ["-c", script, HiveProgram.path],
                in: folder.path
            )
            #expect(output.exitCode == 0, "\(script): \(output)")
        }
        #expect(try daemon.state()["accepted"] == 2)
        #expect(daemon.stop() == 0)
    }

    @Test func `a release takes the one line that stands for the entry`() throws {
        let folder = try Self.folder()
        let bad = try HiveProgram.run(["emit", "-"], in: folder.path, input: Array("bad".utf8))
        #expect(bad.exitCode == 1)
        func release(_ input: String) throws -> HiveProgram.Output {
            let words = ["quarantine", "release", "q", "--line", "-"]
            return try HiveProgram.run(words, in: folder.path, input: Array(input.utf8))
        }
        let two = try release(Lines.cycle[0] + "\n" + Lines.cycle[1] + "\n")
        #expect(two.exitCode == 2)
        #expect(two.standardError.contains("standard input holds 2 lines"))
        #expect(try release("\n").exitCode == 2)
        #expect(try Self.log(folder).filter { $0["verdict"] == "accepted" }.isEmpty)
        let one = try release("\n" + Lines.cycle[0] + "\r\n")
        #expect(one.exitCode == 0, "\(one)")
    }

    @Test func `a daemon whose socket was removed is named`() throws {
        let folder = try Self.folder()
        let daemon = try DaemonUnderTest(in: folder)
        #expect(unlink(folder.at("sandbox/.hive/hive.sock")) == 0)
        let status = try daemon.hive("status")
        #expect(status.exitCode == 0)
        #expect(status.standardError.contains("process \(daemon.pid) holds the board's lock"))
        #expect(daemon.stop() == 0)
    }

    @Test func `who follows the log hears that the daemon has gone`() throws {
        let folder = try Self.folder()
        let daemon = try DaemonUnderTest(in: folder)
        let errors = folder.at("errors")
        let follower = try Spawned.start(
            HiveProgram.path,
            ["log", "-f", "--after", "0", "--json"],
            in: folder.path,
            errors: errors
        )
        _ = try daemon.hive("emit", "--phase", "H", "--port", "7", "a message")
        #expect(follower.readLine() != nil)
        daemon.kill()
        #expect(follower.wait() == 3)
        let said = String(decoding: folder.bytes("errors"), as: UTF8.self)
        #expect(said.contains("the daemon has stopped"))
        #expect(said.contains("hive log -f --after 1"))
    }

    @Test func `a generation that no signal can have begins no board`() throws {
        let folder = try Self.folder()
        let words = ["emit", "--phase", "H", "--port", "7", "a message"]
        let refused = try HiveProgram.run(
            words,
            in: folder.path,
            environment: ["CURRENT_GEN": "5"]
        )
        #expect(refused.exitCode == 2)
        #expect(refused.standardError.contains("CURRENT_GEN is 5"))
        #expect(try HiveProgram.run(words, in: folder.path).exitCode == 0)
        #expect(try Self.log(folder).first?["gen"] == 87)
    }

    @Test func `where envelopes are required hive's own signals go out in them`() throws {
        let rules = "reactions: {enabled: false}\nenvelope: {required: true}\n"
        let folder = try Self.folder(rules: rules)
        let home = try TemporaryFolder()
        func hive(_ words: String..., input: [UInt8] = []) throws -> HiveProgram.Output {
            try Spawned.run(
                "/usr/bin/setsid",
                ["--wait", HiveProgram.path] + words,
                in: folder.path,
                environment: ["HOME": home.path],
                input: input
            )
        }
        #expect(try hive("init").exitCode == 0)
        let plain = try hive("emit", "-", input: Array(Lines.signal("H", port: 7).utf8))
        #expect(plain.exitCode == 1)
        #expect(plain.standardOutput.contains("G8"))
        let emit = ["emit", "--phase", "H", "--port", "7", "the same"]
        for _ in 0..<2 {
            #expect(try hive(emit[0], emit[1], emit[2], emit[3], emit[4], emit[5]).exitCode == 0)
        }
        let forced = try hive("override", "phase", "V", "--reason", "an emergency", "--yes")
        #expect(forced.exitCode == 0, "\(forced)")
        let state = try JSONValue(parsing: hive("state", "--json").standardOutput.trimmed)
        #expect(state["phase"] == "V")
        #expect(state["accepted"] == 3)
    }
}
