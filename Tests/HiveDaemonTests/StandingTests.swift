import HiveControl
@testable import HiveDaemon
import HiveKernel
import HiveSignal
import HiveTestKit
import Testing

/// `standing`, by the engine's files alone: what guards, hooks and MCP go by.
@Suite struct StandingTests {
    private static let mine = #","agent":"me""#
    private static let theirs = #","agent":"other""#

    private func standing(
        _ harness: EngineHarness,
        _ params: JSONValue = ["agent": "me"]
    ) throws -> JSONValue {
        harness.close()
        return try LocalHive.call(Method.standing, params, settings: harness.settings)
    }

    private func board(_ lines: String...) throws -> EngineHarness {
        let harness = try EngineHarness()
        try harness.append(lines.joined(separator: "\n") + "\n")
        _ = try harness.open()
        return harness
    }

    @Test func `on an empty board nobody stands anywhere, and only looking is allowed`() throws {
        let harness = try EngineHarness()
        _ = try harness.open()
        let told = try standing(harness)
        #expect(told["phase"] == .null && told["port"] == .null && told["reached"] == [])
        #expect(told["allowed"] == ["read", "search", "recall"])
        #expect(told["nextAllowed"]?.arrayValue?.compactMap { $0["phase"] } == ["H"])
    }

    @Test func `an agent stands where its last accepted signal is`() throws {
        let harness = try board(
            Lines.signal("H", port: 7, extra: Self.theirs),
            Lines.signal("I", port: 1, extra: Self.mine),
            Lines.signal("V", port: 2, extra: Self.theirs),
            Lines.signal("E", port: 4, type: "metric", extra: Self.mine)
        )
        let told = try standing(harness)
        #expect(told["phase"] == "I" && told["port"] == 1)
        #expect(told["reached"] == ["H", "I", "V"])
        #expect(try standing(harness, ["agent": "other"])["phase"] == "V")
    }

    @Test func `an agent that has not spoken stands where its trace does`() throws {
        let harness = try board(Lines.cycle[0], Lines.cycle[1])
        let told = try standing(harness)
        #expect(told["phase"] == "I" && told["port"] == .null)
        #expect(told["blocked"]?.arrayValue?.contains("edit.code") == true)
        #expect(told["allowed"]?.arrayValue?.contains("edit.tests") == true)
    }

    @Test func `a trace is named by its id or by a traceparent`() throws {
        let id = "0123456789abcdef0123456789abcdef"
        let parent = "00-\(id)-0123456789abcdef-01"
        let harness = try board(
            Lines.cycle[0],
            Lines.signal("H", port: 7, extra: #","traceparent":"\#(parent)""#),
            Lines.cycle[1]
        )
        for trace in [id, parent] {
            let told = try standing(harness, ["trace": .string(trace)])
            #expect(told["traceId"] == .string(id) && told["phase"] == "H")
        }
        #expect(throws: HiveError.self) { try standing(harness, ["trace": "nonsense"]) }
    }

    @Test func `a phase violation stands until its phase is reached or a person has seen it`()
        throws
    {
        let harness = try board(
            Lines.signal("H", port: 7, extra: Self.mine),
            Lines.signal("V", port: 2, extra: Self.mine)
        )
        let entry = try #require(try standing(harness)["unresolved"]?.arrayValue?.first)
        #expect(entry["violation"] == "SKIPPED_INTERLOCK" && entry["attemptedPhase"] == "V")
        #expect(try standing(harness, ["agent": "other"])["unresolved"] == [])
        try harness.append(Lines.signal("I", port: 1) + "\n")
        #expect(try standing(harness)["unresolved"]?.arrayValue?.count == 1)
        try harness.append(Lines.signal("V", port: 2) + "\n")
        #expect(try standing(harness)["unresolved"] == [])
    }

    @Test func `a discarded violation stands no more`() throws {
        let harness = try board(
            Lines.signal("H", port: 7, extra: Self.mine),
            Lines.signal("V", port: 2, extra: Self.mine)
        )
        let entry = try #require(try standing(harness)["unresolved"]?.arrayValue?.first)
        let id = try #require(entry["id"])
        _ = try LocalHive.call(
            Method.quarantineDiscard,
            ["ids": .array([id])],
            settings: harness.settings
        )
        #expect(try standing(harness)["unresolved"] == [])
    }

    @Test func `a violation of a cycle that is over is no longer looked at`() throws {
        let harness = try board(
            Lines.signal("H", port: 7, extra: Self.mine),
            Lines.signal("E", port: 3, extra: Self.mine),
            Lines.cycle[1],
            Lines.cycle[2],
            Lines.cycle[3],
            Lines.signal("H", port: 7)
        )
        #expect(try standing(harness)["unresolved"] == [])
    }

    @Test func `a question about a phase is answered for that phase`() throws {
        let harness = try board(Lines.cycle[0])
        let told = try standing(harness, ["phase": "v"])
        #expect(told["phase"] == "V")
        #expect(told["blocked"]?.arrayValue?.contains("delete.tests") == true)
        #expect(throws: HiveError.self) { try standing(harness, ["phase": "X"]) }
    }
}
