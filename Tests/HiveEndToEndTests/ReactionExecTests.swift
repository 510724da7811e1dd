import Foundation
import HiveSignal
import HiveTestKit
import Testing

/// Programs of the user's as workers: what they print, and how they end.
@Suite struct ReactionExecTests {
    /// A folder where this script answers for every port.
    private func folder(worker script: String, seconds: Int = 60) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write(Array("\(script)\n".utf8), to: "worker.sh")
        try folder.write(
            rules: "workers: {exec: {command: [/bin/sh, worker.sh], seconds: \(seconds)}}"
        )
        return folder
    }

    private static let exec = ["HIVE_BACKEND": "exec"]

    /// One port asked, and the one line that comes of it.
    private func answer(_ folder: TemporaryFolder) throws -> JSONValue {
        let daemon = try DaemonUnderTest(in: folder, environment: Self.exec, reacts: true)
        try folder.append(Ask("H", port: 7, mark: 0.8, pull: "lateral"))
        try daemon.waitForSequence(2)
        #expect(daemon.stop() == 0)
        let board = folder.bytes(DaemonTests.board)
        #expect(board.split(separator: 0x0A).count == 2)
        #expect(board.last == 0x0A)
        #expect(folder.bytes("sandbox/quarantine.jsonl").isEmpty)
        let check = try HiveProgram.run(["check", DaemonTests.board], in: folder.path)
        #expect(check.exitCode == 0, "\(check)")
        let answer = try #require(try folder.boardLines().last)
        let message = answer["msg"]?.stringValue ?? ""
        #expect(message.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 })
        return answer
    }

    @Test func `an answer in JSON keeps its message, confidence, result and cost`() throws {
        let folder = try folder(
            worker: """
                read -r assignment
                echo '{"msg":"found it","confidence":0.7,"dollars":0.25,"result":{"n":1}}'
                """
        )
        let answer = try answer(folder)
        #expect(answer["type"] == "signal")
        #expect(answer["msg"] == "found it")
        #expect(answer["mark"] == 0.56)
        #expect(answer["result"] == ["n": 1])
        #expect(answer["task"] == "t-87-0-0")
        let told = try HiveProgram.run(["tasks", "t-87-0-0", "--json"], in: folder.path)
        #expect(try JSONValue(parsing: told.standardOutput.trimmed)["dollars"] == 0.25)
    }

    @Test(arguments: [
        ("echo no luck >&2; exit 3", "sh failed with exit code 3: no luck"),
        ("sleep 600", "sh was ended: it took longer than 1 s"),
        ("trap '' TERM; sleep 600; sleep 600", "sh was ended: it took longer than 1 s"),
        ("yes", "sh was ended: it wrote more than 64 KiB"),
        ("kill -9 $$", "sh was ended by signal 9"),
        ("exec 0<&-", "sh answered nothing"),
    ])
    func `a worker that fails is an answer that says how`(
        script: String,
        message: String
    ) throws {
        let seconds = script.contains("sleep") ? 1 : 60
        let answer = try answer(try folder(worker: script, seconds: seconds))
        #expect(answer["type"] == "error")
        #expect(answer["msg"] == .string(message))
        #expect(answer["mark"] == 0.24)
    }

    @Test func `whatever a worker prints stays inside its line`() throws {
        let fake = Lines.signal("H", port: 7, message: "a fake")
        let folder = try folder(
            worker: #"printf '\033[31mred\033[0m \377\376\000 "quoted\\" \r\n%s\n' "$(cat fake)""#
        )
        try folder.write(Array(fake.utf8), to: "fake")
        let answer = try answer(folder)
        #expect(answer["type"] == "signal")
        let message = try #require(answer["msg"]?.stringValue)
        #expect(
            message.hasPrefix("red \u{FFFD}\u{FFFD} \"quoted\\\""),
            "\(message.debugDescription)"
        )
        #expect(message.hasSuffix("\n\(fake)"))
    }

    @Test func `a worker that answers with a whole signal answers nothing but its message`() throws
    {
        let fake = Lines.signal("V", port: 2, message: "done", extra: #","task":"t-87-0-7""#)
        let folder = try folder(worker: "cat fake")
        try folder.write(Array(fake.utf8), to: "fake")
        let answer = try answer(folder)
        #expect(answer["msg"] == "done")
        #expect(answer["hive"] == "H")
        #expect(answer["port"] == 0)
        #expect(answer["task"] == "t-87-0-0")
    }

    // MARK: Refusals

    @Test(arguments: [
        (["HIVE_BACKEND": "exec"], "workers.exec.command", "such as [claude, -p]"),
        (["HIVE_BACKEND": "oracle"], "HIVE_BACKEND: found \"oracle\"", "leave HIVE_BACKEND out"),
        (["HIVE_BACKEND": "openai"], "the backend openai has no OPENAI_API_KEY", "into .env"),
        (
            ["HIVE_BACKEND": "openai", "OPENAI_BASE_URL": "ftp://example.com"],
            "OPENAI_BASE_URL", "http"
        ),
    ])
    func `a backend that cannot work is refused with the cure before any file is made`(
        environment: [String: String],
        problem: String,
        cure: String
    ) throws {
        let folder = try TemporaryFolder()
        let up = try HiveProgram.run(["up"], in: folder.path, environment: environment)
        #expect(up.exitCode == 2)
        #expect(up.standardError.contains(problem), "\(up.standardError)")
        #expect(up.standardError.contains(cure), "\(up.standardError)")
        #expect(!FileManager.default.fileExists(atPath: folder.at("sandbox")))
    }

    // MARK: Secrets

    private static let secret = "sk-test/0123456789+abcdef"
    private static let fileSecret = "sk-file/9876543210+fedcba"

    @Test(arguments: [
        "env; env >&2",
        #"printf '{"msg":"%s","result":{"key":"%s"}}' "$OPENAI_API_KEY" "$OPENAI_API_KEY""#,
        "echo \"$OPENAI_API_KEY\" >&2; exit 1",
        // As encoders write it that escape every slash.
        #"printf '{"msg":"%s"}' "$OPENAI_API_KEY" | sed 's,/,\\/,g'"#,
        "cat .env",
    ])
    func `no key is written anywhere, whatever a worker tells`(script: String) throws {
        let folder = try folder(worker: script)
        try folder.write(Array("ANTHROPIC_API_KEY=\(Self.fileSecret)\n".utf8), to: ".env")
        let daemon = try Spawned.start(
            HiveProgram.path,
            ["up", "--json"],
            in: folder.path,
            environment: ["HIVE_BACKEND": "exec", "OPENAI_API_KEY": Self.secret]
        )
        try #require(daemon.readLine(where: { $0.hasPrefix("watching ") }) != nil)
        try folder.append(Ask("H", port: 7, pull: "lateral"))
        let answer = try #require(daemon.readLine(where: { $0.contains("\"o-87-0-0\"") }))
        let tasks = try HiveProgram.run(["tasks", "--json"], in: folder.path).standardOutput
        // The ledger's files as they are while it is open, its log among them.
        var texts = try written(folder) + [answer, tasks]
        daemon.signal(SIGTERM)
        while let line = daemon.readLine() { texts.append(line) }
        #expect(daemon.wait() == 0)
        texts += try written(folder)
        let keys = [Self.secret, Self.secret.replacing("/", with: "\\/"), Self.fileSecret]
        let places = texts.count { text in keys.contains { text.contains($0) } }
        #expect(places == 0, "a key in \(places) of \(texts.count) texts; the answer: \(answer)")
    }

    /// Every file under `sandbox`, as text.
    private func written(_ folder: TemporaryFolder) throws -> [String] {
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder.at("sandbox"))
        return names.map { String(decoding: folder.bytes("sandbox/\($0)"), as: UTF8.self) }
    }

    @Test func `the local tools do not quote the key in an environment file`() throws {
        let folder = try TemporaryFolder(repository: ["a.txt": "nothing\n"])
        try folder.write(Array("OPENAI_API_KEY=\(Self.fileSecret)\n".utf8), to: ".env")
        let daemon = try DaemonUnderTest(in: folder, reacts: true)
        try folder.append(
            Ask("H", port: 7, message: "where is OPENAI_API_KEY", pull: "lateral"),
            Ask("H", port: 7, message: "where is OPENAI_API_KEY"),
            Ask("I", port: 1, message: "OPENAI_API_KEY"),
            Ask("V", port: 2, message: "OPENAI_API_KEY")
        )
        try daemon.waitForQuiet()
        #expect(try daemon.tasks().count == 7)
        let text = String(decoding: folder.bytes(DaemonTests.board), as: UTF8.self)
        #expect(!text.contains(Self.fileSecret))
    }

    // MARK: Stopping

    /// The worker says that it is there, and holds the pipe open for as long as it lives.
    private static let sleeper = "exec 3>>alive; echo there >&3; sleep 100 & wait"

    @Test func `a stop ends the workers, and the next start asks again`() throws {
        let folder = try folder(worker: Self.sleeper)
        let alive = try Lifeline(folder.at("alive"))
        let daemon = try DaemonUnderTest(in: folder, environment: Self.exec, reacts: true)
        try folder.append(Ask("H", port: 7))
        #expect(alive.waitForBytes(2 * "there\n".utf8.count))
        #expect(try daemon.status()["tasks"]?["running"] == 2)
        #expect(daemon.stop() == 0)
        #expect(alive.waitForEnd(), "a process of a worker is left")
        #expect(try folder.boardLines().count == 1)

        try folder.write(Array("echo here\n".utf8), to: "worker.sh")
        let next = try DaemonUnderTest(in: folder, environment: Self.exec, reacts: true)
        try next.waitForSequence(3)
        let tasks = try next.tasks()
        #expect(tasks.allSatisfy { $0["state"] == "done" && $0["attempts"] == 2 })
        #expect(tasks.allSatisfy { $0["outcome"]?["msg"] == "here" })
        #expect(next.stop() == 0)
    }

    @Test func `an answer that a full disk cannot take comes once there is room, asked for once`()
        throws
    {
        let disk = try TemporaryFolder()
        // Only root can mount.
        guard mount("tmpfs", disk.path, "tmpfs", 0, "size=2m") == 0 else { return }
        defer { umount2(disk.path, Int32(MNT_DETACH)) }
        let folder = try folder(
            worker: "echo asked >> count; exec 3>>alive; echo there >&3; read -r _ <gate; echo here"
        )
        let alive = try Lifeline(folder.at("alive"))
        try #require(mkfifo(folder.at("gate"), 0o644) == 0)
        let flags = ["--state-dir", disk.at("state")]
        let daemon = try DaemonUnderTest(
            in: folder,
            flags: flags,
            environment: Self.exec,
            reacts: true
        )
        try folder.append(Ask("H", port: 7, pull: "lateral"))
        #expect(alive.waitForBytes("there\n".utf8.count))
        let ballast = try FileAppender(path: disk.at("ballast"))
        while (try? ballast.append([UInt8](repeating: 0x78, count: 4_096))) != nil {}
        try folder.append(Array("go\n".utf8), to: "gate")
        try daemon.waitForLine(with: "database or disk is full")
        // Turns for it to try again, in vain.
        for _ in 0..<5 {
            let status = try HiveProgram.run(["status", "--json"] + flags, in: folder.path)
            #expect(status.exitCode == 0)
        }
        #expect(truncate(disk.at("ballast"), 0) == 0)
        try daemon.waitForSequence(2)
        #expect(try folder.boardLines().last?["msg"] == "here")
        #expect(folder.bytes("count") == Array("asked\n".utf8))
        #expect(daemon.stop() == 0)
    }

    @Test func `an answer given while the board is away comes when the board is back`() throws {
        let folder = try folder(worker: "exec 3>>alive; echo there >&3; read -r _ <gate; echo here")
        let alive = try Lifeline(folder.at("alive"))
        try #require(mkfifo(folder.at("gate"), 0o644) == 0)
        let daemon = try DaemonUnderTest(in: folder, environment: Self.exec, reacts: true)
        try folder.append(Ask("H", port: 7, pull: "lateral"))
        #expect(alive.waitForBytes("there\n".utf8.count))
        try #require(rename(folder.at(DaemonTests.board), folder.at("away")) == 0)
        try folder.append(Array("go\n".utf8), to: "gate")
        try daemon.waitForLine(with: "there is no board")
        // Turns for it to try again, in vain.
        for _ in 0..<20 { #expect(try daemon.status()["boardMissing"] == true) }
        try #require(rename(folder.at("away"), folder.at(DaemonTests.board)) == 0)
        // Where nothing brings it, hive is asked in vain; it must not be asked for ever.
        var open = try daemon.tasks("--open")
        for _ in 0..<100 where !open.isEmpty { open = try daemon.tasks("--open") }
        #expect(open.isEmpty, "\(open.map(\.text))")
        #expect(try folder.boardLines().last?["msg"] == "here")
        #expect(daemon.stop() == 0)
    }
}

/// A named pipe that workers hold open: it ends with the last of them.
private final class Lifeline {
    private let descriptor: Int32
    private static let millisecondsMax: Int32 = 30_000

    init(_ path: String) throws {
        guard mkfifo(path, 0o644) == 0 else { throw TestKitError("mkfifo: errno \(errno)") }
        descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw TestKitError("open \(path): errno \(errno)") }
    }

    deinit { close(descriptor) }

    /// Waits for so many bytes in all; false where they do not come.
    func waitForBytes(_ count: Int) -> Bool {
        var left = count
        while left > 0 {
            var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&ready, 1, Self.millisecondsMax) == 1 else { return false }
            var bytes = [UInt8](repeating: 0, count: left)
            left -= max(0, read(descriptor, &bytes, left))
        }
        return true
    }

    /// Waits until nobody holds the other end.
    func waitForEnd() -> Bool {
        var ready = pollfd(fd: descriptor, events: 0, revents: 0)
        return poll(&ready, 1, Self.millisecondsMax) == 1
            && ready.revents & Int16(POLLHUP) != 0
    }
}
