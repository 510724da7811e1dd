@testable import HiveDaemon
import HiveKernel
import HiveLedger
import HiveSignal
import HiveTestKit
import HiveWitness
import Testing

/// Which X the engine takes for a person's, and which it does not (SPEC §8).
@Suite struct EngineOverrideTests {
    private let green = Lines.signal("V", port: 2, message: "green")
    private let hunt = Lines.signal("H", port: 0, message: "found")

    // MARK: Whose it is

    @Test func `an X that nobody signed is refused`() throws {
        let bench = try OverrideBench()
        try bench.say(Lines.signal("X", port: 7))
        try bench.expectEmergency("an X that no person signed")
        try bench.say(Lines.signal("X", port: 7, type: "metric"))
        try bench.expectEmergency("an X that no person signed")
        try bench.expectSameAgain()
    }

    @Test func `a signed X is accepted once, and its copy never`() throws {
        let bench = try OverrideBench()
        let line = try bench.signed(.phase(.validate))
        try bench.say(line)
        try bench.expectAccepted()
        try bench.say(line)
        try bench.expectEmergency("used before")
        try bench.say(line + "\r")
        try bench.expectEmergency("used before")
        try bench.harness.open()
        try bench.say(line)
        try bench.expectEmergency("used before")
        try bench.sayUnwatched(line)
        try bench.expectEmergency("used before")
        try bench.harness.open(rebuilds: true)
        try bench.say(line)
        try bench.expectEmergency("used before")
        try bench.expectSameAgain()
    }

    @Test func `a copy is refused by commands that only read`() throws {
        let bench = try OverrideBench()
        let line = try bench.signed(.phase(.validate))
        try bench.say(line)
        try bench.fill(3)
        bench.harness.close()
        try bench.harness.append(line + "\n")
        let key = bench.person.owner
        let reader = try HiveReader(settings: bench.harness.settings) { _ in
            { () throws(HiveError) in key }
        }
        #expect(reader.fold.state.quarantined == 1)
    }

    @Test func `a signature for another board, or by another key, is refused`() throws {
        let bench = try OverrideBench()
        try bench.say(try bench.signed(.phase(.validate), board: "another"))
        try bench.expectEmergency("another board")
        try bench.say(try bench.signed(.phase(.validate), by: SecretKey()))
        try bench.expectEmergency("another key")
        bench.harness.pin(nil)
        try bench.say(try bench.signed(.phase(.validate)))
        try bench.expectEmergency("no key is pinned")
        try bench.expectSameAgain()
        #expect(try bench.engine.fold.state.accepted == 0)
    }

    @Test func `a line with any byte changed is refused`() throws {
        let bench = try OverrideBench()
        let line = Array(try bench.signed(.phase(.validate)).utf8)
        for place in line.indices {
            for change in [UInt8(1), 0x20] {
                var changed = line
                changed[place] ^= change
                if changed[place] == 0x0A { continue }
                try bench.harness.append(changed + [0x0A])
            }
        }
        try bench.engine.look(live: true)
        #expect(try bench.engine.fold.state.accepted == 0)
        #expect(try bench.engine.fold.state.traces.count == 0)
    }

    @Test func `a key that was replaced or removed changes nothing that was judged`() throws {
        let bench = try OverrideBench()
        try bench.say(try bench.signed(.phase(.validate)), green)
        try bench.expectAccepted()
        let before = try bench.signed(.phase(.evolve))
        let other = try SecretKey()
        bench.harness.pin(other.owner)
        try bench.say(before)
        try bench.expectEmergency("another key")
        try bench.say(try bench.signed(.phase(.evolve), by: other))
        try bench.expectAccepted()
        try bench.expectSameAgain()
        bench.harness.pin(nil)
        try bench.expectSameAgain()
        bench.harness.pin(bench.person.owner)
        try bench.expectSameAgain()
        try bench.say(before)
        try bench.expectAccepted()
    }

    @Test(arguments: [
        (#""signature":"#, #""si\u0067nature":"#), (#","signature":"#, #", "signature":"#),
        (#","override":{"#, #","override":{"action":"phase","#),
        (#"{"ts""#, #"{"signature":"","ts""#), (#""}"#, #"","more":1}"#),
        (#"{"ts""#, "\u{FEFF}{\"ts\""), (#"{"ts""#, #" {"ts""#),
    ])
    func `the same said in another JSON is refused`(_ old: String, _ new: String) throws {
        let bench = try OverrideBench()
        let line = try bench.signed(.phase(.validate))
        let changed = line.split(separator: old, omittingEmptySubsequences: false)
            .joined(separator: new)
        #expect(changed != line)
        try bench.say(changed)
        #expect(try bench.engine.fold.state.quarantined == 1)
        #expect(try bench.engine.fold.state.accepted == 0)
    }

    @Test func `an envelope carries no override`() throws {
        let bench = try OverrideBench()
        let line = try bench.signed(.phase(.validate))
        let start =
            #"{"specversion":"1.0","id":"a","source":"/x","type":"t","hfogen":87,"hfohive":"X","#
            + #""hfoport":7,"data":"#
        try bench.say(start + line + "}")
        try bench.expectEmergency("no person signed")
        #expect(try bench.engine.fold.state.accepted == 0)
    }

    // MARK: When it was signed

    @Test(arguments: [0, 998, 999])
    func `a head may be 1,000 lines back and no more`(_ restartsBehind: Int) throws {
        let bench = try OverrideBench()
        let line = try bench.signed(.phase(.validate))
        let stale = try bench.signed(.phase(.hunt))
        if restartsBehind > 0 { try bench.fill(restartsBehind) }
        try bench.harness.open()
        try bench.say("not json", "", "  ")
        try bench.fill(999 - restartsBehind)
        try bench.sayUnwatched(line)
        try bench.expectAccepted()
        try bench.sayUnwatched(stale)
        try bench.expectEmergency("more than 1000 lines back")
        try bench.expectSameAgain()
    }

    @Test func `a head of the empty board outlives a restart and late lines`() throws {
        let bench = try OverrideBench()
        let first = try bench.signed(.phase(.hunt))
        try bench.harness.open()
        try bench.fill(1)
        try bench.harness.open()
        try bench.say(first)
        try bench.expectAccepted()
        #expect(try bench.engine.flip(["summary": "done"])["flipped"] == true)
        let second = try bench.signed(.phase(.hunt))
        let third = try bench.signed(.phase(.validate))
        let late = Lines.signal("H", port: 0, message: "late") + "\n"
        try bench.harness.folder.append(Array(late.utf8), to: "archive/gen-87.jsonl")
        try bench.engine.look(live: true)
        try bench.harness.open()
        try bench.say(second)
        try bench.expectAccepted()
        try bench.harness.open()
        try bench.say(third)
        try bench.expectAccepted()
        try bench.expectSameAgain()
    }

    @Test func `late lines of the generation before do not age a head`() throws {
        let bench = try OverrideBench()
        #expect(try bench.engine.flip(["summary": "done"])["flipped"] == true)
        let line = try bench.signed(.phase(.hunt))
        let late = Lines.signal("H", port: 0, message: "late") + "\n"
        let lates = Array(String(repeating: late, count: 1_100).utf8)
        try bench.harness.folder.append(lates, to: "archive/gen-87.jsonl")
        try bench.engine.look(live: true)
        try bench.harness.open()
        let filler = Lines.signal("H", port: 0, type: "metric", generation: 88)
        for _ in 0..<3 { try bench.say(filler) }
        try bench.harness.open()
        try bench.say(line)
        try bench.expectAccepted()
        try bench.expectSameAgain()
    }

    @Test func `a signature from before a flip is refused, and a head of another generation`()
        throws
    {
        let bench = try OverrideBench()
        try bench.fill(3)
        let head = try bench.head
        let before = try bench.signed(.phase(.validate))
        #expect(try bench.engine.flip(["summary": "done"])["flipped"] == true)
        try bench.say(before)
        #expect(try bench.engine.fold.state.quarantined == 1)
        try bench.say(try bench.signed(.phase(.validate), head: head))
        try bench.expectEmergency("none of this board's")
        var other = head
        other.sequence -= 1
        try bench.say(try bench.signed(.phase(.validate), head: other))
        try bench.expectEmergency("more than 1000 lines back")
        var unknown = try bench.head
        unknown.chain[0] ^= 1
        try bench.say(try bench.signed(.phase(.validate), head: unknown))
        try bench.expectEmergency("none of this board's")
        var ahead = try bench.head
        ahead.sequence += 1
        try bench.say(try bench.signed(.phase(.validate), head: ahead))
        try bench.expectEmergency("none of this board's")
        try bench.expectSameAgain()
    }

    // MARK: Observing

    @Test func `where rules only warn, an X of nobody's forces nothing`() throws {
        let bench = try OverrideBench(mode: "observe")
        let line = try bench.signed(.phase(.validate))
        bench.harness.pin(nil)
        try bench.say(Lines.signal("X", port: 7), line)
        #expect(try bench.engine.fold.state.accepted == 2)
        #expect(try bench.engine.fold.state.traces.count == 0)
        bench.harness.pin(bench.person.owner)
        try bench.harness.open()
        try bench.say(line)
        #expect(try bench.engine.fold.state.traces.count == 1, "it was not spent: it was refused")
    }
}
