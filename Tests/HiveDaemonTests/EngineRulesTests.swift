import HiveControl
@testable import HiveDaemon
import HiveKernel
import HiveSignal
import HiveTestKit
import Testing

/// The rules under a running engine: what holds, since when, and a mode in the book's place.
@Suite struct EngineRulesTests {
    private static let strict: JSONValue = ["mode": "strict"]

    /// An H after these is a note in `paired`, and a step back in `strict`.
    private static let lines = Lines.cycle[0] + "\n" + Lines.cycle[1] + "\n"

    private func call(
        _ method: String,
        _ params: JSONValue = [:],
        _ harness: EngineHarness
    ) throws -> JSONValue {
        harness.close()
        return try LocalHive.call(method, params, settings: harness.settings)
    }

    // MARK: A mode in the book's place

    @Test func `a mode holds from where the board stands, and the audit says so`() throws {
        let harness = try EngineHarness()
        try harness.append(Self.lines)
        let engine = try harness.open()
        let told = try engine.setMode(Self.strict)
        let offset = Int64(Self.lines.utf8.count)
        #expect(told == ["changed": true, "mode": "strict", "offset": .integer(offset)])
        #expect(engine.rules.mode == .strict && engine.fold.context.rules.mode == .strict)
        try harness.append(Lines.cycle[0] + "\n")
        try engine.catchUp(live: true)
        #expect(engine.fold.state.accepted == 2 && engine.fold.state.quarantined == 1)
        let change = try #require(try harness.audit().last)
        #expect(change["event"] == "rules" && change["mode"] == "strict")
        #expect(change["offset"] == .integer(offset))
        #expect(change["text"] == .string(RuleBook.builtIn.text))
    }

    @Test func `the same mode again changes nothing, and null gives the book's own back`() throws {
        let harness = try EngineHarness()
        let engine = try harness.open()
        _ = try engine.setMode(Self.strict)
        let count = try harness.audit().count
        #expect(try engine.setMode(Self.strict)["changed"] == false)
        #expect(try harness.audit().count == count)
        #expect(try engine.setMode(["mode": nil])["mode"] == "paired")
        let change = try #require(try harness.audit().last)
        #expect(change["event"] == "rules" && change["mode"] == .null)
    }

    @Test func `a mode outlives a reload of the rule book, and not the engine`() throws {
        let harness = try EngineHarness()
        try harness.append(Self.lines)
        try harness.open()
        _ = try harness.live.setMode(Self.strict)
        #expect(try harness.live.reloadRules()["changed"] == false)
        #expect(try harness.live.rules.mode == .strict)
        try harness.open()
        #expect(try harness.live.rules.mode == .paired)
        let change = try #require(try harness.audit().last)
        #expect(change["event"] == "rules" && change["mode"] == .null)
    }

    @Test func `a rebuild and a replay judge each line by the mode that held`() throws {
        let harness = try EngineHarness()
        try harness.append(Self.lines)
        try harness.open()
        _ = try harness.live.setMode(Self.strict)
        try harness.append(Lines.cycle[0] + "\n")
        try harness.live.catchUp(live: false)
        _ = try harness.live.setMode(["mode": nil])
        try harness.append(Lines.cycle[0] + "\n")
        try harness.live.catchUp(live: false)
        let before = try harness.history()
        try harness.open(rebuilds: true)
        harness.close()
        #expect(try harness.history() == before)
        let replay = try call(Method.replay, [:], harness)
        #expect(replay["chainMatches"] == true)
        #expect(replay["changedCount"] == 0)
        let other = try call(Method.replay, ["mode": "paired"], harness)
        let codes: JSONValue = ["code": "INCOMPLETE_CYCLE", "gained": 0, "lost": 1]
        #expect(other["byCode"] == .array([codes]))
    }

    @Test func `a flag's mode is put aside for the book's too`() throws {
        let harness = try EngineHarness(mode: "observe")
        let engine = try harness.open()
        #expect(engine.rulesReport["inPlace"] == "observe")
        #expect(try engine.setMode(["mode": nil])["mode"] == "paired")
        #expect(engine.rulesReport["inPlace"] == .null)
    }

    @Test(arguments: [["mode": "loose"], ["mode": 3], [:]] as [JSONValue])
    func `what is no mode changes nothing`(params: JSONValue) throws {
        let harness = try EngineHarness()
        let engine = try harness.open()
        let error = #expect(throws: HiveError.self) { try engine.setMode(params) }
        #expect(error?.exitCode == 2)
        #expect(error?.hint.contains("observe") == true)
        #expect(engine.rules.mode == .paired)
    }

    @Test func `without a daemon there is nothing to hold a mode`() throws {
        let harness = try EngineHarness()
        try harness.open()
        let error = #expect(throws: HiveError.self) {
            try call(Method.rulesMode, Self.strict, harness)
        }
        #expect(error?.exitCode == 3)
    }

    // MARK: The rules in force

    @Test func `the rules are told with their text, and from where they hold`() throws {
        let harness = try EngineHarness()
        try harness.open()
        try harness.append(Self.lines)
        try harness.live.catchUp(live: false)
        var report = try harness.live.rulesReport
        #expect(report["source"] == "built-in" && report["since"] == 0)
        #expect(report["text"] == .string(RuleBook.builtIn.text))
        _ = try harness.live.setMode(Self.strict)
        report = try harness.live.rulesReport
        let offset = JSONValue.integer(Int64(Self.lines.utf8.count))
        #expect(report["mode"] == "strict" && report["inPlace"] == "strict")
        #expect(report["since"] == offset)
        let local = try call(Method.rules, [:], harness)
        #expect(local["mode"] == "paired" && local["inPlace"] == .null)
        #expect(local["since"] == offset, "the next daemon would go on from there")
        for _ in 1...2 {
            try harness.open()
            #expect(try harness.live.rulesReport["since"] == offset)
        }
    }

    // MARK: Moves and budget

    @Test func `moves of the last trace are those that its next signals get`() throws {
        let harness = try EngineHarness()
        try harness.append(Self.lines)
        try harness.open()
        var fold = try harness.live.fold
        let report = try MoveReport(fold: fold).answer([:])
        #expect(report["from"] == .null && report["mode"] == "paired")
        let trace = try #require(report["trace"])
        #expect(trace["phase"] == "I" && trace["reached"] == ["H", "I"])
        for move in trace["moves"]?.arrayValue ?? [] {
            for port in move["ports"]?.arrayValue ?? [] {
                let number = Int(port["port"]?.integerValue ?? -1)
                let line = Lines.signal(move["to"]?.stringValue ?? "", port: number)
                let judged = Array(line.utf8).withUnsafeBytes { fold.preview($0) }
                let judgement = try #require(judged?.judgement)
                #expect(port["verdict"] == .string(judgement.verdict))
                let codes = judgement.violations.map { JSONValue.string($0.rawValue) }
                #expect(port["violations"] == .array(codes))
                #expect(port["cycle"] == .integer(judgement.cycle) || !judgement.isAccepted)
            }
        }
        #expect(trace["moves"]?.arrayValue?.count == 4)
        #expect(try call(Method.moves, [:], harness) == report, "without a daemon too")
    }

    @Test func `moves from a phase ask no trace, and null is where none has begun`() throws {
        let harness = try EngineHarness()
        let report = MoveReport(fold: try harness.open().fold)
        let none = try report.answer(["from": nil, "to": "I"])
        #expect(none["trace"] == .null && none["from"]?["phase"] == .null)
        #expect(try report.answer(["from": "-", "to": "I"]) == none)
        let ports = none["from"]?["moves"]?.arrayValue?.first?["ports"]?.arrayValue
        #expect(ports?[1]["violations"] == ["SKIPPED_HUNT"])
        let both = try report.answer(["from": "v", "to": "E", "trace": "af3"])
        #expect(both["from"]?["phase"] == "V")
        #expect(both["trace"]?["phase"] == .null, "the generation's own is known from the start")
    }

    @Test func `a trace that nobody or several begin with is a usage error`() throws {
        let harness = try EngineHarness()
        for digit in ["1", "2"] {
            let trace = String(repeating: "ab", count: 15) + "0" + digit
            let extra = #","traceparent":"00-\#(trace)-00000000000000aa-01""#
            try harness.append(Lines.signal("H", port: 7, extra: extra) + "\n")
        }
        let report = MoveReport(fold: try harness.open().fold)
        for (word, message) in [("ab", "2 traces begin"), ("cd", "no trace cd"), ("", "3 traces")] {
            let error = #expect(throws: HiveError.self) {
                try report.answer(["trace": .string(word)])
            }
            #expect(error?.exitCode == 2 && error?.message.contains(message) == true)
        }
        let whole = String(repeating: "ab", count: 15) + "02"
        #expect(try report.answer(["trace": .string(whole)])["trace"]?["phase"] == "H")
    }

    @Test func `the budget counts what was assigned and what it may be`() throws {
        let harness = try EngineHarness()
        try harness.append(Lines.cycle[0] + "\n")
        let engine = try harness.open()
        let adopted = try engine.budgetReport()
        #expect(adopted["open"] == ["tasks": 0, "limit": 256], "adopted lines ask nobody")
        try harness.append(Lines.cycle[1] + "\n")
        try engine.catchUp(live: true)
        let report = try engine.budgetReport()
        #expect(report["hour"] == ["tasks": 2, "limit": 1_000])
        #expect(report["open"] == ["tasks": 2, "limit": 256])
        #expect(report["day"] == ["dollars": 0.0, "limit": nil])
        #expect(report["waiting"] == 2 && report["overBudget"] == 0)
        harness.pass(seconds: TaskBudget.windowSeconds + 1)
        #expect(try engine.budgetReport()["hour"]?["tasks"] == 0)
    }
}
