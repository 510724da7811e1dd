import HiveControl
@testable import HiveDaemon
import HiveKernel
import HiveLedger
import HiveSignal
import HiveTestKit
import HiveWitness
import Testing

/// Which receipts the engine counts, and that it counts the same ones again (SPEC §6).
@Suite struct EngineEvidenceTests {
    private let hunt = Lines.signal("H", port: 0)
    private let interlock = Lines.signal("I", port: 1)
    private let validate = Lines.signal("V", port: 2)
    private let evolve = Lines.signal("E", port: 3)

    @Test func `a V without a red receipt is quarantined, and with one accepted`() throws {
        let bench = try EvidenceBench()
        try bench.say(hunt, interlock, validate)
        #expect(try bench.verdict() == "quarantined REWARD_HACK")
        try bench.say(bench.receipt(.red, 1))
        #expect(try bench.verdict() == "accepted")
        try bench.say(validate)
        #expect(try bench.verdict() == "accepted")
        try bench.say(evolve)
        #expect(try bench.verdict() == "quarantined UNWITNESSED")
        try bench.say(bench.receipt(.green, 2), evolve)
        #expect(try bench.verdict() == "accepted")
        let events = try bench.audited()
        #expect(events.map { $0["kind"] } == ["red", "green"])
        #expect(events.map { $0["receipt"] } == ["r-0000000000000001", "r-0000000000000002"])
        #expect(events[0]["key"]?.stringValue == bench.machine.owner.fingerprint)
        try bench.bench.expectSameAgain()
    }

    @Test func `an entry says how to go on`() throws {
        let bench = try EvidenceBench()
        try bench.say(hunt, interlock, validate)
        let id = try #require(try bench.harness.entries().last?["id"]?.stringValue)
        let shown = try HiveView(ledger: bench.engine.ledger)
            .quarantineShow(["id": .string(id)], rules: bench.engine.rules)
        let cure = shown["explanations"]?.arrayValue?.first?["cure"]?.stringValue ?? ""
        #expect(cure.contains("hive witness --phase I") && cure.contains("evidence: warn"))
    }

    @Test func `what was counted stays counted when the keys are gone`() throws {
        let bench = try EvidenceBench()
        try bench.say(hunt, interlock, bench.receipt(.red, 1), validate)
        bench.harness.approve()
        try bench.bench.expectSameAgain()
        try bench.say(validate)
        #expect(try bench.verdict() == "accepted")
        try bench.say(bench.receipt(.green, 2))
        #expect(try bench.verdict() == "accepted BAD_EVIDENCE")
        bench.harness.approve(bench.machine.owner)
        try bench.bench.expectSameAgain()
        try bench.say(evolve)
        #expect(try bench.verdict() == "quarantined UNWITNESSED", "it was refused when it came")
    }

    @Test func `a receipt that counts for nothing here is a metric with a warning`() throws {
        let bench = try EvidenceBench()
        try bench.say(hunt, interlock)
        let good = try bench.receipt(.red, 1)
        let lines = [
            try bench.receipt(.red, 1, board: "another"),
            try bench.receipt(.red, 1, generation: 88).replacing("\"gen\":88", with: "\"gen\":87"),
            try bench.receipt(.red, 1, cycle: 2), try bench.receipt(.red, 1, cycle: 0),
            try bench.receipt(.red, 1, by: SecretKey()),
            good.replacing("\"cycle\":1", with: "\"cycle\": 1"),
            good.replacing("\"kind\":\"red\"", with: "\"kind\":\"green\""),
            good.replacing("}", with: ",\"more\":1}"),
        ]
        for line in lines {
            try bench.say(line)
            #expect(try bench.verdict() == "accepted BAD_EVIDENCE", "\(line)")
        }
        try bench.say(validate)
        #expect(try bench.verdict() == "quarantined REWARD_HACK")
        #expect(try bench.audited().isEmpty)
        try bench.bench.expectSameAgain()
    }

    @Test func `a line with any byte changed proves nothing`() throws {
        let bench = try EvidenceBench()
        try bench.say(hunt, interlock)
        let line = Array(try bench.receipt(.red, 1).utf8)
        for place in line.indices {
            for change in [UInt8(1), 0x20] {
                var changed = line
                changed[place] ^= change
                if changed[place] == 0x0A { continue }
                try bench.harness.append(changed + [0x0A])
            }
        }
        try bench.engine.look(live: true)
        #expect(try bench.engine.fold.state.proofs.all(of: GenerationTrace.of(87)).isEmpty)
        #expect(try bench.audited().isEmpty)
        try bench.say(validate)
        #expect(try bench.verdict() == "quarantined REWARD_HACK")
    }

    @Test func `a receipt is its own trace's, and an envelope carries none`() throws {
        let bench = try EvidenceBench()
        let trace = TraceID(high: 1, low: 2)
        try bench.say(hunt, interlock)
        let line = try bench.receipt(.red, 1, trace: trace)
        try bench.say(line)
        #expect(try bench.verdict() == "accepted BAD_EVIDENCE", "its trace has begun no cycle")
        let start =
            #"{"specversion":"1.0","id":"a","source":"/x","type":"t","hfogen":87,"hfohive":"I","#
            + #""hfoport":4,"data":"#
        try bench.say(start + bench.receipt(.red, 2) + "}")
        #expect(try bench.verdict() == "accepted")
        try bench.say(validate)
        #expect(try bench.verdict() == "quarantined REWARD_HACK")
        let member = #","traceparent":"00-\#(trace.hex)-00000000000000aa-01""#
        for (phase, port) in [("H", 0), ("I", 1)] {
            try bench.say(Lines.signal(phase, port: port, extra: member))
        }
        try bench.say(line, Lines.signal("V", port: 2, extra: member))
        #expect(try bench.verdict() == "accepted")
        try bench.bench.expectSameAgain()
    }

    @Test func `a receipt told twice counts once, and an unproven one not at all`() throws {
        let bench = try EvidenceBench()
        try bench.say(hunt, interlock)
        try bench.say(bench.receipt(.red, 9, isProven: false))
        #expect(try bench.verdict() == "accepted")
        try bench.say(validate)
        #expect(try bench.verdict() == "quarantined REWARD_HACK")
        let red = try bench.receipt(.red, 1)
        try bench.say(red, red)
        #expect(try bench.verdict() == "accepted BAD_EVIDENCE")
        #expect(try bench.audited().count == 1)
        try bench.say(validate, bench.receipt(.green, 2), evolve, hunt, interlock, red, validate)
        #expect(try bench.verdict() == "quarantined REWARD_HACK", "it was the cycle's before")
        try bench.bench.expectSameAgain()
    }

    @Test func `a flip ends what was proven`() throws {
        let bench = try EvidenceBench()
        try bench.say(hunt, interlock, bench.receipt(.red, 1), validate, bench.receipt(.green, 2))
        try bench.say(evolve)
        #expect(try bench.engine.flip(["summary": "done"])["flipped"] == true)
        for (phase, port) in [("H", 0), ("I", 1)] {
            try bench.say(Lines.signal(phase, port: port, generation: 88))
        }
        let green = Lines.signal("V", port: 2, generation: 88)
        try bench.say(bench.receipt(.red, 1), green)
        #expect(try bench.verdict() == "quarantined REWARD_HACK")
        try bench.say(bench.receipt(.red, 3, generation: 88), green)
        #expect(try bench.verdict() == "accepted")
        try bench.bench.expectSameAgain()
    }

    @Test func `a person goes on without receipts, and back to them`() throws {
        let bench = try EvidenceBench()
        try bench.say(bench.bench.signed(.phase(.validate)), validate, evolve)
        #expect(try bench.verdict() == "accepted")
        try bench.say(hunt, interlock, validate)
        #expect(try bench.verdict() == "quarantined REWARD_HACK")
        let sha256 = try #require(
            try bench.harness.entries().last?["sha256"]?.stringValue.flatMap { Hex.decode($0) }
        )
        let answer = try bench.engine.override(
            ["line": .string(bench.bench.signed(.release(sha256: sha256)))]
        )
        #expect(answer["released"]?["verdict"] == "accepted")
        #expect(answer["released"]?["warnings"] == ["REWARD_HACK"])
        try bench.bench.expectSameAgain()
    }

    // MARK: Ways to judge it again

    @Test func `a replay without keys finds the same, and says what other rules would have done`()
        throws
    {
        let bench = try EvidenceBench()
        try bench.say(hunt, interlock, validate, bench.receipt(.red, 1), validate, evolve)
        bench.harness.close()
        let settings = bench.harness.settings
        let same = try LocalHive.call(Method.replay, [:], settings: settings)
        #expect(same["changedCount"] == 0 && same["chainMatches"] == true, "\(same.text)")
        let off = bench.harness.folder.at("off.yaml")
        try bench.harness.folder.write(Array("evidence: off\n".utf8), to: "off.yaml")
        let other = try LocalHive.call(
            Method.replay,
            ["rules": .string(off)],
            settings: settings
        )
        #expect(other["changedCount"] == 2, "\(other.text)")
        let bisected = try LocalHive.call(
            Method.bisect,
            ["violation": "UNWITNESSED"],
            settings: settings
        )
        #expect(bisected["first"]?["line"] == 6, "\(bisected.text)")
    }

    @Test func `what was told while nothing was asked counts once it is`() throws {
        let bench = try EvidenceBench(rules: "{evidence: off, reactions: {enabled: false}}\n")
        try bench.say(hunt, interlock, bench.receipt(.red, 1))
        try bench.harness.folder.writeFiles(["specs/rules.yaml": EvidenceBench.required])
        #expect(try bench.engine.reloadRules()["changed"] == true)
        try bench.say(validate, evolve)
        #expect(try bench.verdict() == "quarantined UNWITNESSED")
        #expect(try bench.engine.fold.state.quarantined == 1)
        try bench.bench.expectSameAgain()
    }

    @Test func `an audit that was deleted takes nothing from a board that runs on`() throws {
        let bench = try EvidenceBench()
        try bench.say(hunt, interlock, bench.receipt(.red, 1))
        bench.harness.close()
        try bench.harness.folder.remove("pyre_audit.jsonl")
        try bench.harness.open()
        try bench.say(validate)
        #expect(try bench.verdict() == "accepted")
        try bench.harness.folder.remove("pyre_audit.jsonl")
        try bench.say(bench.receipt(.green, 2), evolve)
        #expect(try bench.verdict() == "accepted")
        #expect(try bench.audited().count == 1, "what the open file had was put back")
    }

    @Test func `without audit and ledger nobody knows that a receipt counted`() throws {
        let bench = try EvidenceBench()
        try bench.say(hunt, interlock, bench.receipt(.red, 1), validate)
        #expect(try bench.verdict() == "accepted")
        bench.harness.close()
        try bench.harness.folder.remove("pyre_audit.jsonl")
        try bench.harness.open(rebuilds: true)
        #expect(try bench.verdict() == "quarantined REWARD_HACK")
    }

    @Test func `a kill between any two steps loses no receipt and counts none twice`() throws {
        for steps in 1... {
            let bench = try EvidenceBench()
            try bench.say(hunt, interlock)
            bench.harness.planCrash(after: steps)
            let isWhole = (try? bench.say(bench.receipt(.red, 1), validate, hunt)) != nil
            bench.harness.planCrash(after: nil)
            bench.harness.approve()
            try bench.harness.open()
            if isWhole { break }
            let audited = try bench.audited().count
            let proofs = try bench.engine.fold.state.proofs.all(of: GenerationTrace.of(87))
            #expect(audited == proofs.count, "step \(steps)")
            try bench.bench.expectSameAgain()
        }
    }

    @Test func `what the audit was told before a crash stands, whoever may witness now`() throws {
        let bench = try EvidenceBench()
        try bench.say(hunt, interlock)
        let offset = try bench.engine.fold.position.offset
        bench.harness.close()
        try bench.harness.append(bench.receipt(.red, 1) + "\n")
        let event = AuditEvent.witnessed(
            AuditEvent.WitnessedEvent(
                generation: 87,
                offset: offset,
                receipt: ReceiptName(number: 1),
                kind: .red,
                key: bench.machine.owner.fingerprint
            )
        )
        let line = event.line(at: Timestamp(seconds: 0))
        try bench.harness.folder.append(line, to: "pyre_audit.jsonl")
        bench.harness.approve()
        try bench.harness.open()
        try bench.say(validate)
        #expect(try bench.verdict() == "accepted")
        #expect(try bench.audited().count == 1)
        try bench.bench.expectSameAgain()
    }

    @Test func `a command that only reads finds what the engine finds`() throws {
        let bench = try EvidenceBench()
        try bench.say(hunt, interlock)
        bench.harness.close()
        try bench.harness.append(bench.receipt(.red, 1) + "\n" + validate + "\n")
        let (person, machine) = (bench.bench.person.owner, bench.machine.owner)
        let reader = try HiveReader(
            settings: bench.harness.settings,
            ownerKey: { _ in { () throws(HiveError) in person } },
            witnesses: { _ in { () throws(HiveError) in [machine] } }
        )
        #expect(reader.fold.state.accepted == 4)
        try bench.harness.open()
        #expect(try bench.verdict() == "accepted")
    }

    // MARK: hive check

    @Test func `check takes receipts at their word, and warns at most`() throws {
        let bench = try EvidenceBench()
        let forged = try bench.receipt(.red, 1, board: "another", by: SecretKey())
        let lines = [hunt, interlock, validate, forged, validate, evolve]
        let board = Array(lines.map { $0 + "\n" }.joined().utf8)
        let path = bench.harness.folder.at("checked.jsonl")
        try bench.harness.folder.write(board, to: "checked.jsonl")
        func verdicts(_ rules: String) throws -> [String] {
            var options = CheckOptions()
            options.rulesPath = bench.harness.folder.at("checked.yaml")
            try bench.harness.folder.write(Array(rules.utf8), to: "checked.yaml")
            var output: [UInt8] = []
            _ = try CheckCommand.run(file: path, options: options) { output += $0 }
            return try output.split(separator: UInt8(ascii: "\n")).map {
                let line = try JSONValue(parsing: Array($0))
                let codes =
                    (line["violations"]?.arrayValue ?? []) + (line["warnings"]?.arrayValue ?? [])
                return codes.compactMap(\.stringValue).joined(separator: " ")
            }
        }
        let warned = ["", "", "REWARD_HACK", "", "", "UNWITNESSED"]
        #expect(try verdicts("evidence: required\n") == warned)
        #expect(try verdicts("evidence: warn\n") == warned)
        #expect(try verdicts("evidence: off\n") == ["", "", "", "", "", ""])
    }
}

extension String {
    fileprivate func replacing(_ old: String, with new: String) -> String {
        split(separator: old, omittingEmptySubsequences: false).joined(separator: new)
    }
}
