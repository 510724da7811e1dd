import HiveKernel
import HiveLedger
import HiveSignal
import HiveTestKit
import Testing

@testable import HiveDaemon

/// What signals ask, from the line to the answered task.
@Suite struct EngineTaskTests {
    private static func hunt(_ name: String, mark: String = "0.8", pull: String = "downstream")
        -> String
    {
        #"{"ts":"2026-01-31T12:00:00Z","mark":\#(mark),"pull":"\#(pull)","msg":"\#(name)","#
            + #""type":"signal","hive":"H","gen":87,"port":0}"# + "\n"
    }

    /// Works off what is open, with workers that answer at once; `sent` counts what they got.
    private static func work(
        _ engine: Engine,
        _ settings: Settings,
        sent: inout [TaskName: Int]
    ) throws {
        for row in try engine.takeBackTasks() {
            _ = try engine.append(row, line: try #require(row.answer))
        }
        let ledger = try Ledger(path: settings.ledger, readOnly: true)
        let composer = AssignmentComposer(ledger: ledger, personas: .builtIn)
        while true {
            let rows = try engine.startTasks(WorkerRoom(common: 3))
            guard !rows.isEmpty else { return }
            for row in rows {
                let state = try engine.assignedState(for: row.trace)
                let assignment = try #require(try composer.compose(row, state: state))
                sent[row.name, default: 0] += 1
                let outcome = Outcome(message: "answer to \(row.name.text)", confidence: 0.9)
                let line = OutcomeLine.bytes(
                    outcome,
                    to: assignment,
                    asEnvelope: engine.rules.requiresEnvelope,
                    now: Timestamp(seconds: 1_770_000_000)
                )
                let delivery = try engine.deliver(row, line: line, dollars: nil)
                #expect(delivery == .appended, "\(row.name.text)")
            }
        }
    }

    private static func tasks(_ harness: EngineHarness) throws -> [TaskRow] {
        try Ledger(path: harness.settings.ledger, readOnly: true).tasks(last: 10_000)
    }

    @Test func `two ports answer a downstream signal, with parent, task, trace and mark`() throws {
        let harness = try EngineHarness()
        let engine = try harness.open()
        try harness.append(Self.hunt("what reads the board?"))
        try engine.look(live: true)
        var sent: [TaskName: Int] = [:]
        try Self.work(engine, harness.settings, sent: &sent)
        let lines = try harness.board.split(separator: 0x0A).map {
            try JSONValue(parsing: Array($0))
        }
        #expect(lines.count == 3)
        for (line, port) in zip(lines.dropFirst(), [1, 6]) {
            #expect(line["port"] == .integer(Int64(port)))
            #expect(line["hive"] == "I")
            #expect(line["parent"] == "s-87-0")
            #expect(line["task"] == .string("t-87-0-\(port)"))
            #expect(line["mark"]?.doubleValue == 0.72)
            let trace = GenerationTrace.of(87).hex
            #expect(line["traceparent"]?.stringValue?.contains(trace) == true)
        }
        let tasks = try Self.tasks(harness)
        #expect(tasks.map(\.state) == [.done, .done])
        #expect(tasks.compactMap(\.outcome) == [2, 3])
        #expect(engine.budget.open == 0)
    }

    @Test func `what is there at adoption, replay or rebuild assigns nothing`() throws {
        let harness = try EngineHarness()
        try harness.append(Self.hunt("before"))
        try harness.open()
        #expect(try Self.tasks(harness).isEmpty)
        try harness.append(Self.hunt("after"))
        try harness.live.look(live: true)
        #expect(try Self.tasks(harness).count == 2)
        var sent: [TaskName: Int] = [:]
        try Self.work(harness.live, harness.settings, sent: &sent)
        harness.close()
        let before = try harness.history()
        try harness.open(rebuilds: true)
        #expect(try Self.tasks(harness).isEmpty)
        #expect(try harness.history() == before, "outcomes stay what they were judged as")
    }

    @Test func `an adoption that a crash cut short assigns nothing either`() throws {
        let harness = try EngineHarness()
        let lines = (0..<20_000).map { Self.hunt("line \($0)") }.joined()
        try harness.append(lines)
        #expect(throws: HiveError.self) { try harness.open(crashAfter: 3) }
        let engine = try harness.open()
        #expect(engine.sequence == 20_000)
        #expect(try Self.tasks(harness).isEmpty)
    }

    @Test func `what was written while no daemon ran is assigned`() throws {
        let harness = try EngineHarness()
        try harness.open()
        harness.close()
        try harness.append(Self.hunt("meanwhile"))
        try harness.open()
        #expect(try Self.tasks(harness).count == 2)
    }

    @Test func `a crash between any two steps answers every task once`() throws {
        var reached: Set<String> = []
        for steps in 1...80 {
            let harness = try EngineHarness()
            try harness.open()
            try harness.append(Self.hunt("first") + "no signal\n" + Self.hunt("second"))
            harness.planCrash(after: steps)
            var sent: [TaskName: Int] = [:]
            var hasCrashed = false
            do {
                try harness.live.look(live: true)
                try Self.work(harness.live, harness.settings, sent: &sent)
            } catch let error where EngineHarness.isCrash(error) {
                hasCrashed = true
                reached.insert(harness.crashedAt?.rawValue ?? "")
            }
            harness.planCrash(after: nil)
            try Self.finish(harness, sent: &sent)
            try Self.expectAnswersOnce(harness, tasks: 4, "after \(steps) steps")
            // What was under way is sent again; what was answered is not.
            let again = sent.values.filter { $0 > 1 }.count
            #expect(again <= 3 && (hasCrashed || again == 0), "after \(steps) steps")
            if !hasCrashed { break }
        }
        let all = Set(Engine.Step.ofTasks.map(\.rawValue))
        #expect(reached == all, "every step was crashed at")
    }

    @Test func `random crashes answer every task once`() throws {
        var random = SeededGenerator()
        print("HIVE_SEED=\(random.seed)")
        for round in 0..<Campaign.size(short: 12, long: 200) {
            let harness = try EngineHarness()
            try harness.open()
            var asked = 0
            var sent: [TaskName: Int] = [:]
            for _ in 0..<Int.random(in: 2...6, using: &random) {
                let count = Int.random(in: 0...3, using: &random)
                asked += count
                try harness.append((0..<count).map { Self.hunt("ask \($0)") }.joined())
                harness.planCrash(after: Int.random(in: 1...25, using: &random))
                do {
                    if harness.engine == nil { try harness.open() }
                    try harness.live.look(live: true)
                    try Self.work(harness.live, harness.settings, sent: &sent)
                } catch let error where EngineHarness.isCrash(error) {
                    harness.close()
                }
                harness.planCrash(after: nil)
            }
            try Self.finish(harness, sent: &sent)
            let place = "HIVE_SEED=\(random.seed), round \(round)"
            try Self.expectAnswersOnce(harness, tasks: asked * 2, place)
            let attempts = try Self.tasks(harness).reduce(0) { $0 + Int($1.attempts) }
            #expect(attempts >= sent.values.reduce(0, +), "\(place): no attempt goes unnoted")
        }
    }

    private static func finish(_ harness: EngineHarness, sent: inout [TaskName: Int]) throws {
        let engine = try harness.open()
        try engine.look(live: true)
        try work(engine, harness.settings, sent: &sent)
        harness.close()
    }

    private static func expectAnswersOnce(
        _ harness: EngineHarness,
        tasks count: Int,
        _ place: String
    ) throws {
        let rows = try tasks(harness)
        #expect(rows.count == count, "\(place)")
        #expect(rows.allSatisfy { $0.state == .done }, "\(place)")
        let answers = harness.board.split(separator: 0x0A).compactMap {
            (try? JSONValue(parsing: Array($0)))?["task"]?.stringValue
        }
        #expect(answers.sorted() == rows.map(\.name.text).sorted(), "\(place)")
    }

    // MARK: Budget

    @Test func `the budget holds, strongest marks first, and over a restart`() throws {
        let harness = try EngineHarness()
        try harness.folder.makeFolder("specs")
        try harness.folder.write(Array("budget: {tasks_open: 3}\n".utf8), to: "specs/rules.yaml")
        let settings = try Settings(
            flags: harness.settings.flagsForTests,
            environment: [:],
            workingDirectory: harness.folder.path
        )
        var options = Engine.Options()
        options.createsBoard = true
        options.lockSecondsMax = 10
        options.clock = { Timestamp(seconds: 1_770_000_000) }
        let engine = try Engine.open(settings: settings, options: options)
        try harness.append(
            Self.hunt("weak", mark: "0.4") + Self.hunt("strong", mark: "0.9")
                + Self.hunt("middling", mark: "0.5", pull: "lateral")
        )
        try engine.look(live: true)
        let rows = try engine.ledger.tasks(last: 10)
        #expect(rows.map(\.mark) == [0.9, 0.9, 0.5])
        #expect(engine.overBudget == 2)
        try harness.append(Self.hunt("late", mark: "1"))
        try engine.look(live: true)
        #expect(try engine.ledger.tasks(last: 10).count == 3)
        #expect(try engine.startTasks(WorkerRoom(common: 1)).map(\.mark) == [0.9])
    }

    @Test func `a waiting task lapses once its mark has faded`() throws {
        let harness = try EngineHarness()
        let engine = try harness.open()
        try harness.append(Self.hunt("soon stale", mark: "0.5"))
        try engine.look(live: true)
        // A half-life later it counts 0.25.
        harness.pass(seconds: 3_600)
        #expect(try engine.startTasks(WorkerRoom(common: 10)).isEmpty)
        let rows = try engine.ledger.tasks(last: 10)
        #expect(rows.map(\.state) == [.lapsed, .lapsed])
        #expect(rows.first?.note == "its mark faded below 0.3")
        #expect(engine.budget.open == 0)
    }

    @Test func `a test run has a place of its own and keeps no other task waiting`() throws {
        let harness = try EngineHarness()
        let engine = try harness.open()
        try harness.append(
            Self.hunt("first", pull: "upstream") + Self.hunt("second", pull: "upstream")
        )
        try engine.look(live: true)
        func started(_ room: WorkerRoom) throws -> [UInt8] {
            try engine.startTasks(room).map(\.name.port.rawValue)
        }
        #expect(try started(WorkerRoom(common: 0, tests: 1)) == [4])
        #expect(try started(WorkerRoom(common: 9, tests: 0)) == [3, 3])
        #expect(try started(WorkerRoom(common: 1)) == [4])
    }

    // MARK: Other answers

    @Test func `an answer that another writer gave first is taken, the worker's is late`() throws {
        let harness = try EngineHarness()
        let engine = try harness.open()
        try harness.append(Self.hunt("who is first?"))
        try engine.look(live: true)
        let row = try #require(try engine.startTasks(WorkerRoom(common: 1)).first)
        let other = Lines.signal(
            "I",
            port: 1,
            message: "me",
            extra: #","task":"\#(row.name.text)""#
        )
        try harness.append(other + "\n")
        try engine.look(live: true)
        #expect(try engine.ledger.task(row.name)?.state == .done)
        let line = Array(Lines.signal("I", port: 1).utf8)
        #expect(try engine.deliver(row, line: line, dollars: nil) == .late)
        #expect(harness.board.split(separator: 0x0A).count == 2)
    }

    @Test func `an outcome that the gates refuse ends its task and is in quarantine`() throws {
        let harness = try EngineHarness()
        let engine = try harness.open()
        try harness.append(Self.hunt("taken", pull: "lateral"))
        let squatter = Lines.signal("H", port: 7, extra: #","id":"o-87-0-7""#)
        try harness.append(squatter + "\n")
        try engine.look(live: true)
        let rows = try engine.startTasks(WorkerRoom(common: 10))
        let row = try #require(rows.first { $0.name.text == "t-87-0-7" })
        let extra = #","id":"o-87-0-7","task":"t-87-0-7""#
        let line = Array(Lines.signal("H", port: 7, extra: extra).utf8)
        #expect(try engine.deliver(row, line: line, dollars: nil) == .refused("DUPLICATE_ID"))
        let ended = try #require(try engine.ledger.task(row.name))
        #expect(ended.state == .refused)
        #expect(ended.note?.hasPrefix("DUPLICATE_ID, entry q-") == true)
        #expect(try harness.entries().count == 1)
    }

    @Test func `an answer that was kept too long gets the time at which it comes`() throws {
        let harness = try EngineHarness()
        try harness.open()
        harness.engine?.fold.context.rules.stalenessSecondsMax = 60
        try harness.append(
            Self.hunt("slow", pull: "lateral").replacing("2026-01-31T12:00:00Z", with: Self.now)
        )
        try harness.live.look(live: true)
        let row = try #require(try harness.live.startTasks(WorkerRoom(common: 1)).first)
        let extra = #","task":"\#(row.name.text)""#
        let line = Lines.signal("H", port: 7, extra: extra)
            .replacing("2025-12-29T10:00:00Z", with: Self.now)
        harness.pass(seconds: 300)
        let bytes = Array(line.utf8)
        #expect(try harness.live.deliver(row, line: bytes, dollars: nil) == .appended)
        let last = try #require(harness.board.split(separator: 0x0A).last)
        #expect(try JSONValue(parsing: Array(last))["ts"] == "2026-02-02T02:45:00.000Z")
    }

    /// The harness's clock at its start.
    private static let now = Timestamp(seconds: 1_770_000_000).rfc3339

    @Test func `a rule book that wants envelopes gets its outcomes in envelopes`() throws {
        let harness = try EngineHarness()
        let engine = try harness.open()
        try harness.append(Self.hunt("plain", pull: "lateral"))
        try engine.look(live: true)
        engine.fold.context.rules.requiresEnvelope = true
        engine.book.rules.requiresEnvelope = true
        var sent: [TaskName: Int] = [:]
        try Self.work(engine, harness.settings, sent: &sent)
        #expect(try Self.tasks(harness).map(\.state) == [.done])
        let last = try #require(harness.board.split(separator: 0x0A).last)
        let line = try JSONValue(parsing: Array(last))
        #expect(line["specversion"] == "1.0")
        #expect(line["data"]?["task"] == "t-87-0-7")
    }
}

extension Settings {
    /// The flags that lead to the same files.
    fileprivate var flagsForTests: SettingsFlags {
        var flags = SettingsFlags()
        flags.board = board
        return flags
    }
}
