import Foundation
import HiveSignal
import HiveTestKit
import Testing

/// `kill -9` on the way from a signal to its answers.
///
/// Two writers append signals that ask every port, while the daemon is killed and started again,
/// round after round. In the end each assigned task has one answer on the board, and nothing
/// answers what nobody was asked. The built-in tools answer one by one, programs many at once.
///
/// A moment to kill is awaited by what the daemon does: its n-th verdict, its n-th answer, the n-th
/// byte of an answer on the board, which may not be judged yet. Some turns of the scheduler more
/// spread the moments over the steps between two of those.
@Suite struct ReactionKillTests {
    private static let writers = 2
    private static let linesPerRound = 2

    @Test(arguments: ["local", "exec"])
    func `kill -9 at any moment leaves every task with exactly one answer`(
        backend: String
    ) throws {
        var generator = SeededGenerator()
        print("HIVE_SEED=\(generator.seed)")
        let rounds = Campaign.size(short: 6, long: 200)
        let folder = try TemporaryFolder(repository: [
            "src/place.py": "def place():\n    return 1\n",
            "tests/test_place.py": "from place import place\n",
        ])
        try folder.write(
            rules: """
                reactions: {half_life_seconds: null}
                budget: {tasks_per_hour: 1000000, tasks_open: 10000}
                workers: {exec: {command: [/bin/echo, fine]}}
                """
        )
        // What stands on a board at its adoption asks nobody.
        try DaemonUnderTest(in: folder, flags: ["--quiet"], reacts: true).stop()
        let writers = try (0..<Self.writers).map { try AskingWriter(number: $0, in: folder) }
        for _ in 0..<rounds {
            try killedRound(writers, folder, backend, using: &generator)
        }

        let last = try DaemonUnderTest(
            in: folder,
            flags: ["--quiet"],
            environment: ["HIVE_BACKEND": backend],
            reacts: true
        )
        try last.waitForQuiet()
        let tasks = try last.tasks()
        let log = try Self.allJudged(last)
        #expect(last.stop() == 0)
        let signals = rounds * Self.writers * Self.linesPerRound
        let again = tasks.count { ($0["attempts"]?.integerValue ?? 0) > 1 }
        print("\(rounds) kills, \(tasks.count) tasks, \(again) of them asked more than once")
        #expect(tasks.count == 2 * signals, "each signal asks two ports")
        try expectAnsweredOnce(tasks, try folder.boardLines(), log)
    }

    /// Each task one accepted line, each line with `task` its task, nothing refused.
    private func expectAnsweredOnce(
        _ tasks: [JSONValue],
        _ lines: [JSONValue],
        _ log: [JSONValue]
    ) throws {
        let names = tasks.compactMap { $0["id"]?.stringValue }
        #expect(Set(names).count == tasks.count)
        let unanswered = tasks.filter { $0["state"] != "done" || $0["outcome"] == .null }
        #expect(unanswered.isEmpty, "\(unanswered.first?.text ?? "")")
        #expect(tasks.allSatisfy { ($0["attempts"]?.integerValue ?? 0) >= 1 })

        let answered = lines.compactMap { $0["task"]?.stringValue }
        #expect(answered.sorted() == names.sorted(), "one line a task, and no other")
        #expect(log.count == lines.count)
        #expect(log.allSatisfy { $0["verdict"] == "accepted" && $0["warnings"] == [] })
        for task in tasks {
            let answer = try #require(task["id"]?.stringValue).dropFirst()
            #expect(task["outcome"]?["id"] == .string("o\(answer)"))
        }
    }

    // MARK: A round

    private enum Moment {
        case verdict(Int)
        case answer(Int)
        /// Bytes on the board beyond the signals'.
        case answerBytes(Int)
    }

    private func killedRound(
        _ writers: [AskingWriter],
        _ folder: TemporaryFolder,
        _ backend: String,
        using generator: inout SeededGenerator
    ) throws {
        let moment = Self.moment(using: &generator)
        let turns = Int.random(in: 0..<Self.turnsMax, using: &generator)
        let before = Self.size(of: folder.at(DaemonTests.board))
        let asked = writers.reduce(0) { $0 + $1.lengthOfNext(Self.linesPerRound) }
        let isEarly = Bool.random(using: &generator)
        if isEarly { for writer in writers { try writer.append(Self.linesPerRound) } }
        let daemon = try Spawned.start(
            HiveProgram.path,
            ["up", "--json"],
            in: folder.path,
            environment: ["HIVE_BACKEND": backend]
        )
        defer {
            daemon.signal(SIGKILL)
            daemon.wait()
        }
        if !isEarly {
            try #require(daemon.readLine(where: { $0.hasPrefix("watching ") }) != nil)
            for writer in writers { try writer.append(Self.linesPerRound) }
        }
        switch moment {
        case .verdict(let count):
            // What is there at the start is judged before the output begins; its answers are not.
            for _ in 0..<count {
                try #require(daemon.readLine(where: { $0.hasPrefix("{") }) != nil)
            }
        case .answer(let count):
            for _ in 0..<count {
                try #require(daemon.readLine(where: { $0.contains(#""id":"o-"#) }) != nil)
            }
        case .answerBytes(let bytes):
            try awaitSize(before + asked + bytes, of: folder.at(DaemonTests.board), daemon)
        }
        for _ in 0..<turns { sched_yield() }
    }

    private static let turnsMax = 2_000

    /// A moment that surely comes: each line of the round has two answers ahead of it, none shorter
    /// than `answerBytesMin`.
    private static func moment(using generator: inout SeededGenerator) -> Moment {
        let answers = 2 * writers * linesPerRound
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: return .verdict(Int.random(in: 1...answers, using: &generator))
        case 1: return .answer(Int.random(in: 1...answers, using: &generator))
        default:
            let bytes = answers * answerBytesMin
            return .answerBytes(Int.random(in: 1...bytes, using: &generator))
        }
    }

    private static let answerBytesMin = 200

    private static func size(of path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    /// Waits for a file to have this size; throws where the daemon ends before.
    private func awaitSize(_ size: Int, of path: String, _ daemon: Spawned) throws {
        while Self.size(of: path) < size {
            var end = siginfo_t()
            waitid(P_PID, id_t(daemon.pid), &end, WEXITED | WNOHANG | WNOWAIT)
            try #require(end.si_signo == 0, "the daemon ended by itself")
            sched_yield()
        }
    }

    // MARK: Reading it all

    /// Every judged line, a page at a time.
    private static func allJudged(_ daemon: DaemonUnderTest) throws -> [JSONValue] {
        var all: [JSONValue] = []
        while true {
            let after = all.last?["sequence"]?.integerValue ?? 0
            let page = try daemon.hive("log", "--json", "--after", "\(after)").lines
                .map { try JSONValue(parsing: $0) }
            guard !page.isEmpty else { return all }
            all += page
        }
    }
}

/// Appends signals of a trace of its own, one cycle after another.
private final class AskingWriter {
    private let number: Int
    private let appender: FileAppender
    private var written = 0

    init(number: Int, in folder: TemporaryFolder) throws {
        self.number = number
        appender = try FileAppender(path: folder.at(DaemonTests.board))
    }

    func append(_ lines: Int) throws {
        for _ in 0..<lines {
            try appender.append(line(written))
            written += 1
        }
    }

    /// How many bytes the next so many lines have.
    func lengthOfNext(_ lines: Int) -> Int {
        (written..<written + lines).reduce(0) { $0 + line($1).count }
    }

    private func line(_ index: Int) -> [UInt8] {
        let phases = [("H", 7), ("I", 1), ("V", 2), ("E", 3)]
        let (phase, port) = phases[index % phases.count]
        let trace = String(repeating: "0", count: 31) + "\(number + 1)"
        let ask = Ask(
            phase,
            port: port,
            message: "place \(number)-\(index)",
            extra: #","traceparent":"00-\#(trace)-00000000000000a1-01""#
        )
        return Array("\(ask.line)\n".utf8)
    }
}
