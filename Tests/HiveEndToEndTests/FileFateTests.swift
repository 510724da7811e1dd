import Foundation
import HiveSignal
import HiveTestKit
import Testing

/// What can happen to the file under a running daemon, and what the user is told.
@Suite struct FileFateTests {
    private static let board = DaemonTests.board

    private func append(_ daemon: DaemonUnderTest, _ line: String) throws {
        try daemon.folder.append(Array((line + "\n").utf8), to: Self.board)
    }

    private func started() throws -> DaemonUnderTest {
        let daemon = try DaemonUnderTest(in: TemporaryFolder())
        for line in Lines.cycle { try append(daemon, line) }
        try daemon.waitForSequence(4)
        return daemon
    }

    @Test func `a rename away and back loses nothing`() throws {
        let daemon = try started()
        let (here, there) = (daemon.folder.at(Self.board), daemon.folder.at("away.jsonl"))
        #expect(rename(here, there) == 0)
        #expect(try daemon.status()["boardMissing"] == true)
        let emit = try daemon.hive("emit", "--phase", "H", "--port", "7", "nowhere")
        #expect(emit.exitCode == 3)
        #expect(emit.standardError.contains("doctor --repair"))
        #expect(rename(there, here) == 0)
        try append(daemon, Lines.signal("H", port: 7, message: "back"))
        #expect(try daemon.nextVerdict()["msg"] == "back")
        #expect(try daemon.status()["tampered"] == .null)
    }

    @Test func `an editor's replacement with the same lines is no tampering`() throws {
        let daemon = try started()
        let more = Lines.signal("H", port: 0, message: "typed in an editor") + "\n"
        try daemon.folder.write(daemon.folder.bytes(Self.board) + Array(more.utf8), to: "edit")
        #expect(rename(daemon.folder.at("edit"), daemon.folder.at(Self.board)) == 0)
        #expect(try daemon.nextVerdict()["msg"] == "typed in an editor")
        try append(daemon, Lines.signal("H", port: 0, message: "and then"))
        #expect(try daemon.nextVerdict()["msg"] == "and then")
        #expect(try daemon.status()["tampered"] == .null)
    }

    @Test func `a truncated board is TAMPERED until it is repaired`() throws {
        let daemon = try started()
        let whole = daemon.folder.bytes(Self.board)
        #expect(truncate(daemon.folder.at(Self.board), 0) == 0)
        try append(daemon, Lines.signal("H", port: 7, message: "after"))
        #expect(try daemon.nextVerdict()["msg"] == "after")
        let status = try daemon.hive("status")
        #expect(status.standardOutput.contains("TAMPERED"))
        #expect(try daemon.state()["accepted"] == 5)
        #expect(try daemon.hive("doctor").exitCode != 0)
        #expect(try daemon.hive("doctor", "--repair").exitCode == 0)
        #expect(daemon.folder.bytes(Self.board).starts(with: whole))
        #expect(try daemon.status()["tampered"] == .null)
        try append(daemon, Lines.signal("H", port: 7, message: "on we go"))
        #expect(try daemon.nextVerdict()["msg"] == "on we go")
    }

    @Test func `deleted and made again the state stays`() throws {
        let daemon = try started()
        #expect(unlink(daemon.folder.at(Self.board)) == 0)
        #expect(try daemon.status()["boardMissing"] == true)
        try append(daemon, Lines.signal("H", port: 7, message: "new file"))
        #expect(try daemon.nextVerdict()["msg"] == "new file")
        #expect(try daemon.state()["accepted"] == 5)
        #expect(try daemon.status()["tampered"] != .null)
    }

    @Test func `the folder deleted and made again is found`() throws {
        let folder = try TemporaryFolder()
        try folder.makeFolder("board")
        let flags = [
            "--board", "board/b.jsonl", "--state-dir", "state", "--quarantine", "q.jsonl",
            "--audit", "a.jsonl",
        ]
        let daemon = try DaemonUnderTest(in: folder, flags: flags)
        try FileManager.default.removeItem(atPath: folder.at("board"))
        try folder.makeFolder("board")
        try folder.append(Array((Lines.cycle[0] + "\n").utf8), to: "board/b.jsonl")
        #expect(try daemon.nextVerdict()["verdict"] == "accepted")
    }

    @Test func `an overflow of the inotify queue loses nothing`() throws {
        let daemon = try DaemonUnderTest(in: TemporaryFolder(), flags: ["--json"])
        let path = daemon.folder.at(Self.board)
        let appender = try FileAppender(path: path)
        let line = Array((Lines.signal("H", port: 7) + "\n").utf8)
        daemon.signal(SIGSTOP)
        // Alternating, so that the kernel cannot merge equal events; its queue holds 16,384.
        let lines = 9_000
        for _ in 0..<lines {
            try appender.append(line)
            chmod(path, 0o644)
        }
        daemon.signal(SIGCONT)
        try daemon.waitForSequence(Int64(lines))
        #expect(try daemon.state()["accepted"] == .integer(Int64(lines)))
        try appender.append(line)
        try daemon.waitForSequence(Int64(lines + 1))
    }

    @Test func `a full disk is told, loses nothing and heals by itself`() throws {
        let disk = try TemporaryFolder()
        guard mount("tmpfs", disk.path, "tmpfs", 0, "size=1m") == 0 else {
            // Only root can mount; the failing calls themselves are tested in HiveBlackboardTests.
            return
        }
        defer { umount2(disk.path, Int32(MNT_DETACH)) }
        let folder = try TemporaryFolder()
        let flags = ["--state-dir", disk.at("state"), "--quarantine", disk.at("q.jsonl")]
        let daemon = try DaemonUnderTest(in: folder, flags: flags)
        let filler = [UInt8](repeating: 0x78, count: 4_096)
        let ballast = try FileAppender(path: disk.at("ballast"))
        while (try? ballast.append(filler)) != nil {}
        let bad = Array("{\"bad\":true}\n".utf8)
        for _ in 0..<64 { try folder.append(bad, to: Self.board) }
        try daemon.waitForLine(with: "No space left on device")
        let status = try HiveProgram.run(["status", "--json"] + flags, in: folder.path)
        #expect(status.standardOutput.contains("No space left on device"))
        #expect(truncate(disk.at("ballast"), 0) == 0)
        try daemon.waitForSequence(64)
        let entries = disk.bytes("q.jsonl").split(separator: 0x0A).count
        #expect(entries == 64, "each line has one entry")
    }

    @Test func `folders that cannot be written are refused with the cure`() throws {
        guard geteuid() != 0 else { return }
        let folder = try TemporaryFolder()
        #expect(chmod(folder.path, 0o555) == 0)
        defer { chmod(folder.path, 0o755) }
        let output = try HiveProgram.run(["up"], in: folder.path)
        #expect(output.exitCode == 3)
        #expect(output.standardError.contains("writable"))
    }
}
