import HiveSignal
import Testing

@testable import HiveConsole

/// What a person orders, looked up, and told back to them.
@Suite struct OverridePlanTests {
    private static let traces = ["4bf92f3577b34da6a3ce929d0e0e4736", "4bff", "aa00"]
        .map { $0 + String(repeating: "1", count: 32 - $0.count) }

    private static let state: JSONValue = [
        "gen": 87,
        "cycles": [
            ["traceId": .string(traces[0]), "reached": ["H"]],
            ["traceId": .string(traces[1]), "reached": ["H", "I", "V"]],
            ["traceId": .string(traces[2]), "reached": ["H", "I", "V", "E"]],
        ],
    ]

    private func plan(
        _ words: String,
        trace: String? = nil,
        _ answer: JSONValue = state
    ) throws(CommandError) -> OverridePlan {
        let words = words.split(separator: " ").map(String.init)
        let order = try OverrideOrder(words[0], Array(words.dropFirst()), trace: trace)
        return try OverridePlan(order) { _, _ in answer }
    }

    private func failure(
        _ words: String,
        trace: String? = nil,
        _ answer: JSONValue = state
    ) -> CommandError? {
        do throws(CommandError) {
            _ = try plan(words, trace: trace, answer)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a forced phase says what need not be shown any more`() throws {
        let plan = try plan("phase V", trace: "4bf9")
        #expect(plan.override == .phase(.validate))
        #expect(plan.trace?.hex == Self.traces[0])
        #expect(
            plan.consequence == "trace 4bf92f35... goes on as if H and I had been reached: "
                + "V needs no failing test in this cycle"
        )
        #expect(
            try self.plan("phase e").consequence
                == "the generation's own trace goes on as if H, I, V had been reached: "
                + "E needs no test in this cycle, failing or passing"
        )
    }

    @Test func `a phase forced back says what must be reached again`() throws {
        let plan = try plan("phase H", trace: Self.traces[1])
        #expect(
            plan.consequence == "trace 4bff1111... stands at H, the beginning of a cycle; "
                + "I and V must be reached again"
        )
    }

    @Test func `so does the generation's own trace`() throws {
        var state = Self.state.objectValue ?? [:]
        state["traceId"] = .string(Self.traces[1])
        #expect(
            try plan("phase I", .object(state)).consequence
                == "the generation's own trace goes on as if H had been reached: "
                + "I needs no research; V must be reached again"
        )
    }

    @Test func `a trace is named by its beginning, whole, or as a traceparent`() throws {
        let whole = String(repeating: "ab", count: 16)
        #expect(try plan("phase V", trace: whole).trace?.hex == whole)
        let traceparent = "00-\(whole)-0000000000000001-01"
        #expect(try plan("phase V", trace: traceparent).trace?.hex == whole)
        #expect(try plan("phase V", trace: "AA").trace?.hex == Self.traces[2])
        #expect(try plan("phase V").trace == nil)
    }

    @Test(arguments: [
        ("4b", "2 traces begin with 4b"), ("cc", "no trace begins with cc"),
        ("xyz", "no trace xyz"), ("", "no trace "),
        ("00000000000000000000000000000000", "no trace 00000000000000000000000000000000"),
    ])
    func `a trace that is none, or several, is a mistake`(_ trace: String, _ message: String) {
        #expect(failure("phase V", trace: trace)?.exitCode == 2)
        #expect(failure("phase V", trace: trace)?.message == message)
    }

    @Test(arguments: [
        "phase X", "phase", "phase V now", "gen", "gen x", "gen -1", "port 8 mute", "port 3",
        "port 3 silence", "tampered now", "release", "mode strict",
    ])
    func `words that make no order are a mistake, and say what would`(_ words: String) throws {
        let error = try #require(failure(words))
        #expect(error.exitCode == 2)
        #expect(!error.message.isEmpty)
    }

    @Test func `only a phase is forced in a trace`() {
        #expect(failure("gen 90", trace: "4bf9")?.exitCode == 2)
    }

    @Test func `a generation says what stays open, and comes after this one`() throws {
        let plan = try plan("gen 90")
        #expect(plan.override == .generation(90))
        #expect(
            plan.consequence == "generation 87 ends, 1 open cycle stays open; 90 begins empty"
        )
        #expect(failure("gen 87")?.message == "generation 87 is not after 87, which is this one")
        #expect(failure("gen 3")?.exitCode == 2)
    }

    @Test func `a port is muted until it is unmuted`() throws {
        let mute = try plan("port 3 mute")
        #expect(mute.override == .port(Port.all[3], isMuted: true))
        #expect(mute.consequence.hasPrefix("port 3 (Spore Storm) is asked nothing more"))
        #expect(mute.consequence.hasSuffix("until hive override port 3 unmute"))
        #expect(try plan("port 3 unmute").override == .port(Port.all[3], isMuted: false))
    }

    @Test func `an entry that the phase rules refused can be released`() throws {
        let sha256 = [UInt8](repeating: 9, count: 32)
        let entry: JSONValue = [
            "id": "q-0123456789abcdef", "sha256": .string(Hex.encode(sha256)), "gates": [],
            "violations": ["SKIPPED_INTERLOCK", "REWARD_HACK"], "signal": ["msg": "it works"],
        ]
        let plan = try plan("release q-01", entry)
        #expect(plan.override == .release(sha256: sha256))
        #expect(
            plan.consequence == #"the line "it works" of q-0123456789 is appended anew and "#
                + "accepted, though it is SKIPPED_INTERLOCK, REWARD_HACK"
        )
    }

    @Test func `an entry that failed a gate is refused, with what mends it`() throws {
        let entry: JSONValue = [
            "id": "q-0123456789abcdef", "sha256": .string(String(repeating: "09", count: 32)),
            "gates": ["G1"], "violations": ["SKIPPED_INTERLOCK"],
        ]
        let error = try #require(failure("release q-01", entry))
        #expect(error.exitCode == 1)
        #expect(
            error.message == "q-0123456789abcdef failed G1, and no override mends a line"
        )
        #expect(error.hint == "append it mended: hive quarantine release q-0123456789 --line -")
    }

    @Test func `tampering is forced only where there is some`() throws {
        #expect(failure("tampered", ["tampered": nil])?.exitCode == 1)
        let plan = try plan("tampered", ["tampered": "the board was cut at byte 812"])
        #expect(plan.override == .tampering)
        #expect(plan.consequence.contains("(the board was cut at byte 812)"))
    }
}
