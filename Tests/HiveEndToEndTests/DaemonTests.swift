import Foundation
import HiveSignal
import HiveTestKit
import Testing

/// A real daemon on real files, woken by real inotify.
@Suite struct DaemonTests {
    static let board = "sandbox/obsidianblackboard.jsonl"

    @Test func `an appended line is judged, a bad one quarantined and masked`() throws {
        let daemon = try DaemonUnderTest(in: TemporaryFolder())
        try daemon.folder.append(Array((Lines.cycle[0] + "\n").utf8), to: Self.board)
        let first = try daemon.nextVerdict()
        #expect(first["verdict"] == "accepted")
        #expect(first["msg"] == "a message")
        try daemon.folder.append(Array((Lines.signal("V", port: 2) + "\n").utf8), to: Self.board)
        let second = try daemon.nextVerdict()
        #expect(second["verdict"] == "quarantined")
        #expect(second["violations"] == ["SKIPPED_INTERLOCK", "REWARD_HACK"])
        let identifier = try #require(second["entry"]?.stringValue)
        let shown = try daemon.hive("quarantine", "show", identifier, "--json")
        let entry = try JSONValue(parsing: shown.standardOutput.trimmed)
        #expect(entry["masked"] == "masked")
        #expect(entry["currentPhase"] == "H")
        #expect(entry["attemptedPhase"] == "V")
        let text = String(decoding: daemon.folder.bytes(Self.board), as: UTF8.self)
        #expect(text.contains("{\"quarantined\":\"\(identifier)\"}"))
        #expect(daemon.stop() == 0)
    }

    @Test func `the log follows, and a line in a thousand pieces waits for its end`() throws {
        let daemon = try DaemonUnderTest(in: TemporaryFolder())
        let appender = try FileAppender(path: daemon.folder.at(Self.board))
        for byte in Array(Lines.cycle[0].utf8) { try appender.append([byte]) }
        let status = try daemon.status()
        #expect(status["accepted"] == 0)
        #expect(status["tornTail"]?["bytes"] == .integer(Int64(Lines.cycle[0].utf8.count)))
        try appender.append([0x0A])
        #expect(try daemon.nextVerdict()["line"] == 1)
        #expect(try daemon.status()["tornTail"] == .null)
    }

    @Test func `a second daemon is refused and told the pid of the first`() throws {
        let daemon = try DaemonUnderTest(in: TemporaryFolder())
        let second = try daemon.hive("up")
        #expect(second.exitCode == 3)
        #expect(second.standardError.contains("\(daemon.pid)"))
        let elsewhere = try daemon.hive("up", "--state-dir", "elsewhere")
        #expect(elsewhere.exitCode == 3, "the board itself is locked too")
        #expect(elsewhere.standardError.contains("\(daemon.pid)"))
    }

    @Test func `a killed daemon leaves nothing that stops the next`() throws {
        let folder = try TemporaryFolder()
        try DaemonUnderTest(in: folder).kill()
        let next = try DaemonUnderTest(in: folder)
        #expect(try next.status()["daemon"]?["pid"] == .integer(Int64(next.pid)))
    }

    @Test func `hive down stops it and detach starts it`() throws {
        let folder = try TemporaryFolder()
        let up = try HiveProgram.run(["up", "--detach", "--json"], in: folder.path)
        #expect(up.exitCode == 0, "\(up)")
        let pid = try JSONValue(parsing: up.standardOutput.trimmed)["pid"]?.integerValue
        let status = try HiveProgram.run(["status", "--json"], in: folder.path)
        #expect(
            try JSONValue(parsing: status.standardOutput.trimmed)["daemon"]?["pid"]
                == pid.map { .integer($0) }
        )
        let down = try HiveProgram.run(["down"], in: folder.path)
        #expect(down.exitCode == 0)
        let after = try HiveProgram.run(["status", "--json"], in: folder.path)
        #expect(try JSONValue(parsing: after.standardOutput.trimmed)["daemon"] == .null)
    }

    @Test func `a daemon that is still catching up is stopped too`() throws {
        let folder = try TemporaryFolder()
        try folder.makeQuietRules()
        let line = Lines.signal("H", port: 7) + "\n"
        try makeBoard(folder, String(repeating: line, count: 60_000))
        let daemon = try Spawned.start(HiveProgram.path, ["up", "--quiet"], in: folder.path)
        // It has the lock long before it has judged the board and answers.
        let lock = folder.at("sandbox/.hive/lock")
        while (try? String(contentsOfFile: lock, encoding: .utf8))?.trimmed != "\(daemon.pid)" {
            sched_yield()
        }
        let down = try HiveProgram.run(["down"], in: folder.path)
        #expect(down.exitCode == 0)
        #expect(down.standardOutput.contains("(pid \(daemon.pid))"))
        #expect(daemon.wait() == 0)
    }

    @Test func `SIGTERM stops it in good order from the moment it says that it is up`() throws {
        for _ in 0..<10 {
            let daemon = try DaemonUnderTest(in: TemporaryFolder())
            #expect(daemon.stop() == 0)
        }
    }

    @Test func `a reader that stops reading does not keep it from stopping`() throws {
        let folder = try TemporaryFolder()
        let daemon = try DaemonUnderTest(in: folder)
        let line = Lines.signal("H", port: 7, message: String(repeating: "long ", count: 400))
        for _ in 0..<200 { try folder.append(Array((line + "\n").utf8), to: Self.board) }
        #expect(try daemon.state()["accepted"] == 200)
        #expect(daemon.stop() == 0)
    }

    @Test func `SIGHUP reads the rules anew and the audit says from where they hold`() throws {
        let folder = try TemporaryFolder()
        try folder.makeFolder("specs")
        let quiet = "reactions: {enabled: false}\n"
        try folder.write(Array("mode: paired\n\(quiet)".utf8), to: "specs/rules.yaml")
        let daemon = try DaemonUnderTest(in: folder)
        try folder.append(Array((Lines.signal("V", port: 2) + "\n").utf8), to: Self.board)
        #expect(try daemon.nextVerdict()["verdict"] == "quarantined")
        try folder.write(Array("mode: observe\n\(quiet)".utf8), to: "specs/rules.yaml")
        daemon.signal(SIGHUP)
        try daemon.waitForLine(with: "rules read anew")
        let offset = folder.bytes(Self.board).count
        try folder.append(Array((Lines.signal("V", port: 2) + "\n").utf8), to: Self.board)
        #expect(try daemon.nextVerdict()["verdict"] == "accepted")
        let audit = try folder.bytes("sandbox/pyre_audit.jsonl").split(separator: 0x0A)
            .map { try JSONValue(parsing: Array($0)) }
        let change = try #require(audit.last { $0["event"] == "rules" })
        #expect(change["text"] == .string("mode: observe\n\(quiet)"))
        #expect(change["offset"] == .integer(Int64(offset)))
        try folder.write(Array("mode: nonsense\n".utf8), to: "specs/rules.yaml")
        daemon.signal(SIGHUP)
        try daemon.waitForLine(with: "the rules stay as they were")
        #expect(try daemon.state()["mode"] == "observe")
    }

    @Test func `a socket path over 107 bytes goes to the runtime folder`() throws {
        let runtime = try TemporaryFolder()
        let folder = try TemporaryFolder()
        let deep = "sandbox/" + String(repeating: "deep-folder/", count: 12) + "state"
        let environment = ["XDG_RUNTIME_DIR": runtime.path]
        let daemon = try DaemonUnderTest(
            in: folder,
            flags: ["--state-dir", deep],
            environment: environment
        )
        let status = try HiveProgram.run(
            ["status", "--json", "--state-dir", deep],
            in: folder.path,
            environment: environment
        )
        let json = try JSONValue(parsing: status.standardOutput.trimmed)
        #expect(json["daemon"]?["pid"] == .integer(Int64(daemon.pid)))
        #expect(json["socket"]?.stringValue?.hasPrefix(runtime.path + "/hive/") == true)
    }

    @Test func `a board that is no file gets a clear error`() throws {
        let folder = try TemporaryFolder()
        try folder.makeFolder("folder")
        #expect(mkfifo(folder.at("fifo"), 0o644) == 0)
        #expect(symlink("/nowhere/at/all", folder.at("link")) == 0)
        let words = ["folder": "folder", "fifo": "FIFO", "link": "link that leads nowhere"]
        for (name, word) in words {
            for command in [["up"], ["status"], ["emit", "--phase", "H", "--port", "7", "x"]] {
                let output = try HiveProgram.run(command + ["--board", name], in: folder.path)
                #expect(output.exitCode == 3, "\(command) on a \(name)")
                #expect(output.standardError.contains(word), "\(command): \(output.standardError)")
            }
        }
    }

    @Test func `a link to a board is followed`() throws {
        let folder = try TemporaryFolder()
        try folder.write([], to: "real.jsonl")
        #expect(symlink("real.jsonl", folder.at("link.jsonl")) == 0)
        let daemon = try DaemonUnderTest(in: folder, flags: ["--board", "link.jsonl"])
        try folder.append(Array((Lines.cycle[0] + "\n").utf8), to: "real.jsonl")
        #expect(try daemon.nextVerdict()["verdict"] == "accepted")
    }

    @Test func `hostile text never reaches the terminal raw`() throws {
        let folder = try TemporaryFolder()
        let hostile = Lines.signal("H", port: 7, message: #"\u001b[31mred\u0007\nline"#)
        try makeBoard(folder, hostile + "\n" + hostile.dropLast(1) + "\u{1b}[2J}\n")
        for command in [["log"], ["quarantine", "list"], ["check", Self.board]] {
            let output = try HiveProgram.run(command, in: folder.path)
            #expect(!output.standardOutput.contains("\u{1b}"), "\(command)")
            #expect(!output.standardOutput.contains("\u{07}"), "\(command)")
        }
    }
}
