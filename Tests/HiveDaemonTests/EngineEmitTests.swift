import HiveControl
@testable import HiveDaemon
import HiveKernel
import HiveSignal
import HiveTestKit
import Testing

@Suite struct EngineEmitTests {
    private func bytes(_ line: String) -> [UInt8] { Array(line.utf8) }

    @Test func `what passes is appended in one write and judged where it stands`() throws {
        let harness = try EngineHarness()
        try harness.open()
        let line = Lines.signal("H", port: 7)
        let result = try harness.live.emit(bytes(line)).json
        #expect(result["verdict"] == "accepted")
        #expect(result["offset"] == 0)
        #expect(result["appended"] == true)
        #expect(harness.board == bytes(line + "\n"))
    }

    @Test func `what fails goes to quarantine and never reaches the board`() throws {
        let harness = try EngineHarness()
        try harness.open()
        let result = try harness.live.emit(bytes(Lines.signal("V", port: 2))).json
        #expect(result["verdict"] == "quarantined")
        #expect(result["appended"] == false)
        #expect(harness.board.isEmpty)
        let entry = try #require(try harness.entries().first)
        #expect(entry["violations"] == ["SKIPPED_HUNT", "SKIPPED_INTERLOCK", "REWARD_HACK"])
        #expect(entry["offset"] == .null)
        #expect(entry["attemptedPhase"] == "V")
        #expect(entry["id"] == result["id"])
    }

    @Test func `a torn tail gets an LF in front of the line`() throws {
        let harness = try EngineHarness()
        try harness.append("{\"torn\":")
        try harness.open()
        #expect(try harness.live.hasTornTail())
        let result = try harness.live.emit(bytes(Lines.signal("H", port: 7))).json
        #expect(result["verdict"] == "accepted")
        #expect(result["offset"] == 9)
        #expect(result["line"] == 2)
        #expect(try harness.live.fold.state.quarantined == 1, "the torn line is judged on its own")
    }

    @Test func `a line feed inside a signal is refused as usage`() throws {
        let harness = try EngineHarness()
        try harness.open()
        let error = #expect(throws: HiveError.self) { try harness.live.emit(self.bytes("{}\n{}")) }
        #expect(error?.exitCode == 2)
        #expect(harness.board.isEmpty)
    }

    @Test func `a future timestamp fails where it arrives and passes where it is found`() throws {
        let late = Lines.signal("H", port: 7).replacingYear("2099")
        let harness = try EngineHarness()
        try harness.open()
        let result = try harness.live.emit(bytes(late)).json
        #expect(result["gates"] == ["G0"])
        #expect(result["violations"] == ["G0_FAKE_TIMESTAMP"])
        let found = try EngineHarness()
        try found.append(late + "\n")
        #expect(try found.open().fold.state.accepted == 1)
    }

    @Test func `a rebuild with nothing but a refused emit can be started again`() throws {
        let harness = try EngineHarness()
        try harness.open()
        _ = try harness.live.emit(Array("no signal".utf8))
        harness.close()
        let before = try harness.history()
        for rebuilds in [true, false, false] {
            try harness.open(rebuilds: rebuilds)
            harness.close()
            #expect(try harness.history() == before)
        }
    }

    @Test func `a mended line is released and the past never changes`() throws {
        let harness = try EngineHarness()
        let bad = Lines.signal("H", port: 9)
        try harness.append(bad + "\n")
        try harness.open()
        let identifier = try #require(try harness.entries().first?["id"]?.stringValue)
        let again = try harness.live.release(["id": .string(identifier)])
        #expect(again["verdict"] == "quarantined", "unmended it fails again")
        let good = Lines.signal("H", port: 7)
        let result = try harness.live.release(["id": .string(identifier), "line": .string(good)])
        #expect(result["verdict"] == "accepted")
        #expect(try harness.live.fold.state.quarantined == 1)
        #expect(String(decoding: harness.board, as: UTF8.self).hasSuffix(good + "\n"))
        #expect(try harness.audit().last?["event"] == "released")
    }

    @Test func `a UTF-16 line is released as the text it holds`() throws {
        let harness = try EngineHarness()
        var wide: [UInt8] = []
        for unit in Lines.signal("H", port: 7, message: "wide").utf16 {
            wide += [UInt8(unit & 0xFF), UInt8(unit >> 8)]
        }
        try harness.append(wide + [0x0D, 0x00, 0x0A, 0x00])
        try harness.open()
        let entry = try #require(try harness.entries().first)
        #expect(entry["gates"] == ["F0"])
        #expect(entry["decoded"]?.stringValue == Lines.signal("H", port: 7, message: "wide"))
        let result = try harness.live.release(["id": entry["id"] ?? .null])
        #expect(result["verdict"] == "accepted")
    }

    @Test func `an unknown or ambiguous entry is a usage error`() throws {
        let harness = try EngineHarness()
        try harness.append("{}\n{\"a\":1}\n")
        try harness.open()
        #expect(throws: HiveError.self) { try harness.live.restore("nothing") }
        let error = #expect(throws: HiveError.self) { try harness.live.restore("q-") }
        #expect(error?.exitCode == 2)
    }
}

extension String {
    fileprivate func replacingYear(_ year: String) -> String {
        split(separator: "2025", maxSplits: 1).joined(separator: year)
    }
}
