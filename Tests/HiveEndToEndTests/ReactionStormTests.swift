import HiveSignal
import HiveTestKit
import Testing

/// More signals than anybody can answer.
@Suite struct ReactionStormTests {
    private static let signals = Campaign.size(short: 2_000, long: 10_000)
    private static let tasksPerHour = 60
    private static let tasksOpen = 20

    private static let rules = """
        reactions: {depth: 1, half_life_seconds: null}
        budget: {tasks_open: \(tasksOpen), tasks_per_hour: \(tasksPerHour)}
        """

    /// What a storm came to.
    private struct Aftermath {
        var status: JSONValue
        var openMax: Int64
        /// Resident bytes after the storm, without those before it.
        var growth: Int64

        func count(_ key: String) throws -> Int64 {
            try #require(status["tasks"]?[key]?.integerValue)
        }
    }

    private func storm(_ daemon: DaemonUnderTest) throws -> Aftermath {
        // The first tasks load what all later ones share.
        try daemon.folder.append(Ask("H", port: 7, pull: "lateral"))
        try daemon.waitForQuiet()
        let before = try Self.resident(daemon)
        let appender = try FileAppender(path: daemon.folder.at(DaemonTests.board))
        for number in 0..<Self.signals {
            let ask = Ask("H", port: 7, message: "storm \(number)")
            try appender.append(Array("\(ask.line)\n".utf8))
        }
        var openMax: Int64 = 0
        while true {
            let status = try daemon.status()
            let tasks = try #require(status["tasks"])
            let open = try [tasks["waiting"], tasks["running"]]
                .reduce(0) { $0 + (try #require($1?.integerValue)) }
            openMax = max(openMax, open)
            if open == 0 {
                let growth = try Self.resident(daemon) - before
                return Aftermath(status: status, openMax: openMax, growth: growth)
            }
        }
    }

    private static func resident(_ daemon: DaemonUnderTest) throws -> Int64 {
        try #require(try daemon.status()["residentBytes"]?.integerValue)
    }

    @Test func `a storm is judged whole, and asks no more than the budget allows`() throws {
        let folder = try TemporaryFolder(repository: ["a.txt": "storm\n"])
        try folder.write(rules: Self.rules)
        let daemon = try DaemonUnderTest(in: folder, flags: ["--quiet"], reacts: true)
        let aftermath = try storm(daemon)
        let tasks = try daemon.tasks()
        let assigned = Int64(tasks.count)
        #expect(aftermath.openMax <= Self.tasksOpen)
        #expect(assigned >= Self.tasksOpen)
        #expect(assigned <= Self.tasksPerHour)
        #expect(tasks.allSatisfy { $0["depth"] == 0 && $0["state"] == "done" })
        let asked = Int64(2 * Self.signals + 1)
        #expect(try aftermath.count("overBudget") == asked - assigned)
        #expect(try aftermath.count("done") == assigned)
        #expect(aftermath.status["accepted"] == .integer(Int64(Self.signals) + 1 + assigned))
        #expect(aftermath.status["quarantined"] == 0)
        #expect(aftermath.status["lagBytes"] == 0)
        #expect(daemon.stop() == 0)

        let quiet = try DaemonUnderTest(in: TemporaryFolder(), flags: ["--quiet"])
        let calm = try storm(quiet)
        #expect(try calm.count("overBudget") == 0)
        let mebibyte = 1_048_576.0
        let (reacting, judging) = (Double(aftermath.growth), Double(calm.growth))
        print(
            "resident after \(Self.signals) signals: \((reacting / mebibyte).tenths) MiB more,",
            "\((judging / mebibyte).tenths) MiB more where nobody is asked;",
            "\(assigned) tasks, at most \(aftermath.openMax) open"
        )
        #expect(reacting <= judging + 10 * mebibyte)
    }

    @Test func `the strongest of a batch are asked first`() throws {
        let folder = try TemporaryFolder()
        try folder.write(rules: "budget: {tasks_open: 2, tasks_per_hour: 2}")
        let marks = [0.5, 0.9, 0.4, 0.8]
        var lines = ""
        for mark in marks {
            lines += Ask("H", port: 0, message: "\(mark)", mark: mark, pull: "lateral").line + "\n"
        }
        let daemon = try DaemonUnderTest(in: folder, reacts: true)
        try folder.append(Array(lines.utf8), to: DaemonTests.board)
        try daemon.waitForQuiet()
        let told = try daemon.tasks().compactMap { $0["signal"]?["msg"]?.stringValue }
        #expect(told == ["0.9", "0.8"])
        #expect(try daemon.status()["tasks"]?["overBudget"] == 2)
        #expect(daemon.stop() == 0)
        // The hour goes on over a restart.
        let next = try DaemonUnderTest(in: folder, reacts: true)
        try folder.append(Ask("H", port: 0, pull: "lateral"))
        try next.waitForQuiet()
        #expect(try next.tasks().count == 2)
    }

    @Test func `chains end`() throws {
        let folder = try TemporaryFolder(repository: ["a.txt": "a chain\n"])
        try folder.write(rules: "reactions: {depth: 3, minimum_mark: 0, half_life_seconds: null}")
        let daemon = try DaemonUnderTest(in: folder, reacts: true)
        try folder.append(Ask("H", port: 7, message: "a chain", pull: "lateral"))
        try daemon.waitForQuiet()
        #expect(try daemon.tasks().map(\.portNumber) == [0, 7, 0])
        #expect(try daemon.tasks().map { $0["depth"] } == [0, 1, 2])

        try folder.append(Ask("H", port: 7, message: "a chain"))
        try daemon.waitForQuiet()
        let fan = try daemon.tasks().dropFirst(3)
        #expect(fan.count { $0["depth"] == 0 && $0["hive"] == "I" } == 2)
        #expect(fan.count { $0["depth"] == 1 && $0["hive"] == "V" } == 4)
        #expect(fan.count { $0["depth"] == 2 && $0["hive"] == "E" } == 8)
        #expect(fan.count == 14)
        let log = try daemon.log()
        #expect(log.count == 2 + 3 + 14)
        #expect(log.allSatisfy { $0["verdict"] == "accepted" })
        #expect(try daemon.state()["phase"] == "H", "answers do not move the trace on")
    }
}

extension Double {
    /// With one decimal.
    fileprivate var tenths: Double { (self * 10).rounded() / 10 }
}
