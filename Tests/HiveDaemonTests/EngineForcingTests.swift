import Crypto
import Foundation
@testable import HiveDaemon
import HiveKernel
import HiveLedger
import HiveSignal
import HiveTestKit
import Testing

/// What an accepted override does, and for how long (SPEC §8).
@Suite struct EngineForcingTests {
    private let green = Lines.signal("V", port: 2, message: "green")
    private let hunt = Lines.signal("H", port: 0, message: "found")

    private func release(_ line: String) -> Override {
        .release(sha256: Array(SHA256.hash(data: Array(line.utf8))))
    }

    private func violations(_ bench: OverrideBench) throws -> JSONValue? {
        try HiveView(ledger: bench.engine.ledger).log(["last": 1])["lines"]?.arrayValue?.last?[
            "violations"
        ]
    }

    private func force(_ bench: OverrideBench, _ line: String) throws -> JSONValue {
        try bench.engine.override(["line": .string(line)])
    }

    // MARK: Releasing

    @Test func `a released line passes directly behind, and once`() throws {
        let bench = try OverrideBench()
        try bench.say(green)
        #expect(try violations(bench)?.arrayValue?.contains("REWARD_HACK") == true)
        try bench.say(try bench.signed(release(green)), "", "   ", green)
        try bench.expectAccepted()
        try bench.say(green)
        #expect(try violations(bench)?.arrayValue?.contains("SKIPPED_INTERLOCK") == true)
        try bench.expectSameAgain()
    }

    @Test func `a writer's line in between takes the pass away`() throws {
        for line in [hunt, "not json", Lines.signal("X", port: 7)] {
            let bench = try OverrideBench()
            try bench.say(try bench.signed(release(green)), line, green)
            #expect(try violations(bench)?.arrayValue?.contains("REWARD_HACK") == true)
            try bench.expectSameAgain()
        }
    }

    @Test func `a pass outlives a restart between the two lines`() throws {
        let bench = try OverrideBench()
        try bench.say(try bench.signed(release(green)))
        try bench.harness.open()
        #expect(throws: HiveError.self) { try bench.engine.emit([0x20]) }
        #expect(try bench.engine.emit(Array("{}".utf8)).wasAppended == false)
        try bench.harness.open()
        try bench.sayUnwatched(green)
        try bench.expectAccepted()
        try bench.expectSameAgain()
    }

    @Test func `a pass is no way around gates, ids or signatures`() throws {
        let bench = try OverrideBench()
        let named = Lines.signal("H", port: 0, extra: #","id":"a""#)
        try bench.say(named)
        let forged = Lines.signal("X", port: 7)
        let broken = green.replacing(#""mark":1.0"#, with: #""mark":7"#)
        for line in [named, forged, broken] {
            try bench.say(try bench.signed(release(line)), line)
            let accepted = try bench.engine.fold.state.accepted
            try bench.say(line)
            #expect(try bench.engine.fold.state.accepted == accepted)
        }
        #expect(try bench.engine.fold.state.quarantined == 6)
        #expect(try bench.engine.fold.state.accepted == 4)
    }

    @Test func `what would not pass all the same is not released, and nothing is appended`() throws
    {
        let bench = try OverrideBench()
        let broken = green.replacing(#""mark":1.0"#, with: #""mark":7"#)
        try bench.say(green, broken)
        let before = bench.harness.board
        let refused = try bench.signed(release(broken))
        let error = #expect(throws: HiveError.self) { try force(bench, refused) }
        #expect(error?.exitCode == 1)
        #expect(error?.message.contains("would not pass all the same") == true)
        let unknown = try bench.signed(release(hunt))
        #expect(throws: HiveError.self) { try force(bench, unknown) }
        #expect(bench.harness.board.elementsEqual(before))
        let answer = try force(bench, try bench.signed(release(green)))
        #expect(answer["released"]?["verdict"] == "accepted")
        try bench.expectSameAgain()
    }

    // MARK: Generations

    @Test(arguments: [0, 86, 87])
    func `a generation that is no later one is refused`(_ next: Int64) throws {
        let bench = try OverrideBench()
        let answer = try force(bench, try bench.signed(.generation(next)))
        #expect(answer["verdict"] == "quarantined")
        #expect(try bench.generation == 87)
        try bench.say(try bench.signed(.generation(next)))
        try bench.expectEmergency("begins no later generation")
        #expect(try bench.generation == 87)
    }

    @Test func `a crash between the override and the generation's end forces it all the same`()
        throws
    {
        for step in 1...40 {
            let bench = try OverrideBench()
            try bench.say(hunt, Lines.signal("I", port: 1))
            try bench.say(try bench.signed(.port(Port.all[3], isMuted: true)))
            let line = try bench.signed(.generation(90), reason: "enough")
            bench.harness.planCrash(after: step)
            do {
                _ = try force(bench, line)
                bench.harness.planCrash(after: nil)
                #expect(step == 8, "steps: \(step)")
                try expectEnded(bench, "step \(step)")
                return
            } catch {
                #expect(EngineHarness.isCrash(error))
            }
            bench.harness.planCrash(after: nil)
            try bench.harness.open()
            if try bench.generation == 87 {
                _ = try force(bench, try bench.signed(.generation(90), reason: "enough"))
            }
            try expectEnded(bench, "step \(step)")
        }
        Issue.record("the steps never ended")
    }

    private func expectEnded(_ bench: OverrideBench, _ comment: Comment) throws {
        #expect(try bench.generation == 90, comment)
        #expect(try bench.engine.fold.state.forced == ForcedState(), comment)
        let row = try #require(try bench.engine.ledger.generations().first)
        #expect(row.isForced, comment)
        #expect(row.summary == "enough", comment)
        #expect(row.next == 90, comment)
        try bench.expectSameAgain()
    }

    @Test func `a generation cannot be forced while the board is tampered with`() throws {
        let bench = try OverrideBench()
        try bench.say(hunt, Lines.signal("I", port: 1))
        try bench.harness.folder.write([], to: "board.jsonl")
        try bench.engine.look(live: true)
        let line = try bench.signed(.generation(90))
        let error = #expect(throws: HiveError.self) { try force(bench, line) }
        #expect(error?.exitCode == 1)
        #expect(error?.message.contains("TAMPERED") == true)
        #expect(bench.harness.board.isEmpty)
        // Appended by hand it waits for the board to be whole, and holds up nothing.
        try bench.say(line, hunt)
        try bench.expectAccepted()
        #expect(try bench.generation == 87)
        try bench.harness.open()
        #expect(try bench.generation == 87)
        _ = try force(bench, try bench.signed(.tampering))
        #expect(try bench.generation == 90)
    }

    @Test func `a generation whose archive cannot be written is not forced`() throws {
        let bench = try OverrideBench()
        try bench.say(hunt)
        let line = try bench.signed(.generation(90))
        mkdir(bench.harness.folder.at("archive"), 0o755)
        try bench.harness.folder.write([0x20], to: "archive/gen-87.jsonl")
        let before = bench.harness.board
        let error = #expect(throws: HiveError.self) { try force(bench, line) }
        #expect(error?.message.contains("something is there already") == true)
        #expect(bench.harness.board.elementsEqual(before))
        try bench.say(line, hunt)
        try bench.expectAccepted()
        try bench.harness.open()
        let warnings = try bench.engine.status(daemon: .null)["warnings"]?.arrayValue ?? []
        #expect("\(warnings)".contains("something is there already"))
        try bench.harness.folder.remove("archive/gen-87.jsonl")
        try bench.engine.look(live: true)
        #expect(try bench.generation == 90)
    }

    @Test func `an end that is emitted, or found at a start, happens`() throws {
        let bench = try OverrideBench()
        let line = try bench.signed(.generation(88))
        #expect(try bench.engine.emit(Array(line.utf8)).wasAppended)
        try bench.engine.look(live: true)
        #expect(try bench.generation == 88)
        try bench.sayUnwatched(try bench.signed(.generation(95), reason: "found"))
        #expect(try bench.generation == 95)
        #expect(try bench.engine.ledger.generations().last?.summary == "found")
        try bench.expectSameAgain()
    }

    // MARK: Ports

    @Test func `a muted port stays mute over a restart, and speaks in the next generation`() throws
    {
        let bench = try OverrideBench()
        try bench.say(try bench.signed(.port(Port.all[0], isMuted: true)), hunt)
        #expect(try violations(bench) == ["PORT_OUT_OF_PHASE"])
        try bench.harness.open()
        try bench.say(hunt)
        #expect(try violations(bench) == ["PORT_OUT_OF_PHASE"])
        try bench.expectSameAgain()
        try bench.say(try bench.signed(.port(Port.all[0], isMuted: false)), hunt)
        try bench.expectAccepted()
        try bench.say(try bench.signed(.port(Port.all[0], isMuted: true)))
        #expect(try bench.engine.flip(["summary": "done"])["flipped"] == true)
        try bench.say(Lines.signal("H", port: 0, generation: 88))
        try bench.expectAccepted()
        try bench.expectSameAgain()
    }

    // MARK: Tampering

    @Test func `a tampered board counts as it stands, and may be tampered with again`() throws {
        let bench = try OverrideBench()
        try bench.say(hunt, hunt)
        try bench.harness.folder.write([], to: "board.jsonl")
        try bench.engine.look(live: true)
        #expect(try bench.engine.fold.position.tampered != nil)
        #expect(try force(bench, try bench.signed(.tampering))["verdict"] == "accepted")
        #expect(try bench.engine.fold.position.tampered == nil)
        try bench.harness.open()
        #expect(try bench.engine.fold.position.tampered == nil)
        #expect(try AuditHistory(source: bench.engine.audit).tampered == nil)
        #expect(try bench.engine.flip(["summary": "done"])["flipped"] == true)
        let signal = Lines.signal("H", port: 0, generation: 88)
        try bench.say(signal)
        try bench.harness.folder.write([], to: "board.jsonl")
        try bench.engine.look(live: true)
        try bench.harness.open()
        #expect(try bench.engine.fold.position.tampered != nil)
    }
}

extension String {
    fileprivate func replacing(_ old: String, with new: String) -> String {
        split(separator: old, omittingEmptySubsequences: false).joined(separator: new)
    }
}
