import HiveSignal
import Testing

@testable import HiveLedger

@Suite("tasks")
struct LedgerTaskTests {
    private let folder: TemporaryFolder
    private let ledger: Ledger

    init() throws {
        folder = try TemporaryFolder()
        ledger = try Ledger(path: folder.ledger)
    }

    private static let place = SignalPlace(generation: 87, offset: 0)

    private static func name(_ port: UInt8) throws -> TaskName {
        TaskName(signal: place, port: try #require(Port(rawValue: port)))
    }

    private static func task(_ port: UInt8, at milliseconds: Int64 = 1_000) throws -> TaskRow {
        TaskRow(
            name: try name(port),
            sequence: 1,
            phase: .interlock,
            depth: 0,
            mark: 0.1 + 0.2,
            trace: Sample.trace(1),
            assignedMilliseconds: milliseconds
        )
    }

    private func assign(_ tasks: [TaskRow]) throws {
        var batch = Batch(position: Position(boardID: "b", generation: 87, chain: []))
        batch.reactions = [
            ReactionRow(
                sequence: 1,
                place: Self.place,
                trace: Sample.trace(1),
                asked: 0b0100_0010,
                phase: .interlock,
                depth: 0
            )
        ]
        batch.tasks = tasks
        try ledger.commit(batch)
    }

    private func complete(_ port: UInt8, by outcome: Int64) throws -> Int {
        var batch = Batch(position: Position(boardID: "b", generation: 87, chain: []))
        batch.completions = [
            TaskCompletion(
                name: try Self.name(port),
                asked: 1,
                outcome: outcome,
                milliseconds: 5_000
            )
        ]
        return try ledger.commit(batch)
    }

    @Test func `a task comes back as it was assigned`() throws {
        try assign([Self.task(1), Self.task(6)])
        #expect(try ledger.tasks(last: 10) == [Self.task(1), Self.task(6)])
        #expect(try ledger.tasks(in: [.waiting], limit: 1) == [Self.task(1)])
        #expect(try ledger.task(Self.name(6)) == Self.task(6))
        #expect(try ledger.task(Self.name(2)) == nil)
    }

    @Test func `a task goes from waiting to done`() throws {
        try assign([Self.task(1)])
        try ledger.startTasks([Self.name(1)], milliseconds: 2_000)
        var row = try #require(try ledger.task(Self.name(1)))
        #expect(row.state == .running && row.attempts == 1 && row.startedMilliseconds == 2_000)
        let line = Array("an outcome".utf8)
        #expect(try ledger.storeAnswer(to: Self.name(1), line: line, dollars: 0.25))
        row = try #require(try ledger.task(Self.name(1)))
        #expect(row.state == .answered && row.answer == line && row.dollars == 0.25)
        #expect(try complete(1, by: 9) == 1)
        row = try #require(try ledger.task(Self.name(1)))
        #expect(row.state == .done && row.outcome == 9 && row.finishedMilliseconds == 5_000)
        #expect(try !ledger.storeAnswer(to: Self.name(1), line: line, dollars: 7))
        #expect(try ledger.task(Self.name(1))?.dollars == 7, "late, and paid for")
    }

    @Test func `an answer from elsewhere ends a waiting task, and one that was given up`() throws {
        try assign([Self.task(1), Self.task(6)])
        #expect(try complete(1, by: 2) == 1)
        let given = try [Self.name(6)]
        #expect(try ledger.endTasks(given, as: .lapsed, note: "faded", milliseconds: 3_000) == 1)
        #expect(try ledger.endTasks(given, as: .dropped, note: "again", milliseconds: 4_000) == 0)
        #expect(try ledger.task(Self.name(6))?.note == "faded")
        #expect(try complete(6, by: 3) == 0, "it was not open")
        #expect(try ledger.task(Self.name(6))?.state == .done)
        #expect(try ledger.restore()?.reactions.map(\.answered) == [0b0100_0010])
    }

    @Test func `an answer to a task that was never assigned is noted with its signal`() throws {
        try assign([])
        #expect(try complete(1, by: 2) == 0)
        #expect(try ledger.restore()?.reactions.map(\.answered) == [0b10])
        #expect(try ledger.tasks(last: 10).isEmpty)
    }

    @Test func `a restart takes back what was running and keeps what was answered`() throws {
        try assign([Self.task(1), Self.task(6)])
        try ledger.startTasks([Self.name(1), Self.name(6)], milliseconds: 2_000)
        try ledger.storeAnswer(to: Self.name(6), line: [1], dollars: nil)
        try ledger.takeBackTasks()
        #expect(try ledger.tasks(last: 10).map(\.state) == [.waiting, .answered])
        #expect(try ledger.tasks(last: 10).map(\.attempts) == [1, 1])
    }

    @Test func `what was assigned and spent lately is counted`() throws {
        try assign([Self.task(1, at: 10_999), Self.task(6, at: 11_000)])
        let all = try ledger.tasksAssigned(after: 9)
        #expect(all.map(\.second) == [10, 11] && all.map(\.count) == [1, 1])
        #expect(try ledger.tasksAssigned(after: 10).map(\.second) == [11])
        try ledger.startTasks([Self.name(1)], milliseconds: 20_000)
        try ledger.storeAnswer(to: Self.name(1), line: [1], dollars: 1.5)
        #expect(try ledger.dollarsSpent(sinceMilliseconds: 20_000) == 1.5)
        #expect(try ledger.dollarsSpent(sinceMilliseconds: 20_001) == 0)
        let totals = try ledger.taskTotals()
        #expect(totals.waiting == 1 && totals.running == 1 && totals.open == 2)
    }

    @Test func `a ledger of the first schema is brought up to date with all its rows`() throws {
        let other = try TemporaryFolder()
        do {
            let first = try Sample.ledger(other, messages: ["one"])
            // What the second migration made, taken away.
            try first.tamper("UPDATE signals SET timestamp = 1767225601")
            try first.tamper("DROP TABLE tasks")
            try first.tamper("DROP TABLE reactions")
            try first.tamper("ALTER TABLE position DROP COLUMN quiet_until")
            try first.tamper("DELETE FROM grdb_migrations WHERE identifier LIKE '2 %'")
        }
        let ledger = try Ledger(path: other.ledger)
        #expect(try ledger.position()?.sequence == 1)
        #expect(try ledger.position()?.quietUntil == 0)
        #expect(try ledger.signals(last: 9).map(\.message) == ["one"])
        #expect(try ledger.signals(last: 9).first?.timestampMilliseconds == 1_767_225_601_000)
        #expect(try ledger.tasks(last: 1).isEmpty)
    }

    @Test func `earlier signals are recalled by any of their words, answers left out`() throws {
        var batch = Batch(position: Position(boardID: "b", generation: 87, chain: []))
        batch.signals = [
            try Sample.signal(1, message: "the parser takes CRLF"),
            try Sample.signal(2, message: "nothing in common"),
            try Sample.signal(3, message: "does the parser trim?"),
            try Sample.signal(4, message: "the PARSER and crlf again"),
        ]
        batch.signals[3].task = "t-87-0-1"
        try ledger.commit(batch)
        let found = try ledger.recall(text: "parser \"CRLF\" OR trimming*", before: 4, limit: 9)
        #expect(Set(found.map(\.sequence)) == [1, 3])
        #expect(found.first?.sequence == 1, "two words are better than one")
        #expect(try ledger.recall(text: "a to of", before: 4, limit: 9).isEmpty)
    }

    @Test(arguments: [
        "\u{0D4E}\"parser hello", "\"\u{0301}parser\" words", "pars\"er\u{200D}\" \u{0D4E}\"\"",
        "parser\u{0301} \"\u{FE0F}", "\0\"parser\0\"",
    ])
    func `no text makes a search of its own`(text: String) throws {
        var batch = Batch(position: Position(boardID: "b", generation: 87, chain: []))
        batch.signals = [try Sample.signal(1, message: "the parser takes CRLF")]
        try ledger.commit(batch)
        _ = try ledger.recall(text: text, before: 9, limit: 9)
        _ = try ledger.search(words: text, limit: 9)
    }
}
