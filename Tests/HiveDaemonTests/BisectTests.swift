import HiveControl
@testable import HiveDaemon
import HiveKernel
import HiveSignal
import HiveTestKit
import Testing

/// `bisect` beside the slow way: every candidate put to the state after every line.
@Suite struct BisectTests {
    private static let askable = Violation.bisected
    private static let modes = ["strict", "paired", "observe"]

    private func bisect(
        _ harness: EngineHarness,
        _ violation: String,
        mode: String? = nil
    ) throws -> JSONValue {
        var params: JSONObject = ["violation": .string(violation)]
        params["mode"] = mode.map(JSONValue.string)
        return try LocalHive.call(Method.bisect, .object(params), settings: harness.settings)
    }

    /// The numbers of the line after which each violation was possible, and of the first with it.
    private struct Slow {
        var possible: [Violation: Int64] = [:]
        var first: [Violation: Int64] = [:]
    }

    /// Judges copies of the state, one signal after another.
    private func slow(_ board: [UInt8], mode: Mode) throws -> Slow {
        var rules = Rules()
        rules.mode = mode
        let context = JudgingContext(
            rules: rules,
            generation: 87,
            traceOfGeneration: GenerationTrace.of
        )
        var slow = Slow()
        var state = KernelState()
        var known: Set<TraceID> = [GenerationTrace.of(87)]
        var ids: [String] = []
        var offset: Int64 = 0
        func ask(after line: Int64) {
            for trace in known {
                for phase in ["H", "I", "V", "E", "X"] {
                    for port in 0..<8 {
                        let extra =
                            #","traceparent":"00-\#(trace.hex)-00000000000000aa-01""#
                            + (ids.last.map { #","id":"\#($0)""# } ?? "")
                        for text in [
                            Lines.signal(phase, port: port, extra: extra.prefix(while: "id")),
                            Lines.signal(phase, port: port, extra: extra),
                            Lines.signal(phase, port: port, generation: 99),
                        ] {
                            for code in codes(text, state, context) {
                                slow.possible[code] = slow.possible[code] ?? line
                            }
                        }
                    }
                }
            }
        }
        ask(after: 0)
        var number: Int64 = 0
        for bytes in board.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast() {
            number += 1
            var scanner = SignalScanner()
            let judgement: Judgement? = bytes.withUnsafeBytes { bytes in
                let line = scanner.scan(bytes, atFileStart: offset == 0)
                guard !line.isBlank else { return nil }
                let judgement = state.step(line, bytes: bytes, offset: offset, context: context)
                if judgement.isAccepted, let id = line.identifier(in: bytes) { ids.append(id) }
                return judgement
            }
            offset += Int64(bytes.count) + 1
            guard let judgement else { continue }
            if judgement.isAccepted { known.insert(judgement.trace) }
            for code in Violation.allCases where judgement.draws(code) {
                slow.first[code] = slow.first[code] ?? number
            }
            ask(after: number)
        }
        return slow
    }

    private func codes(_ text: String, _ state: KernelState, _ context: JudgingContext)
        -> [Violation]
    {
        var scanner = SignalScanner()
        return Array(text.utf8).withUnsafeBytes { bytes in
            let line = scanner.scan(bytes, atFileStart: false)
            let judgement = state.judge(line, bytes: bytes, context: context)
            return Violation.allCases.filter(judgement.draws)
        }
    }

    @Test(arguments: modes)
    func `it finds what asking every signal after every line finds`(mode: String) throws {
        let harness = try EngineHarness()
        try harness.append(Lines.dirtyBoard)
        try harness.open()
        harness.close()
        let slow = try slow(Lines.dirtyBoard, mode: try #require(Mode(rawValue: mode)))
        for violation in Self.askable {
            let found = try bisect(harness, violation.rawValue, mode: mode)
            let possible = found["possibleAfter"]?["line"]?.integerValue
            #expect(possible == slow.possible[violation], "\(violation) in \(mode)")
            let first = found["first"]?["line"]?.integerValue
            #expect(first == slow.first[violation], "\(violation) in \(mode)")
        }
    }

    @Test func `an answer names the line, the trace and what would draw it`() throws {
        let harness = try EngineHarness()
        let lines = [Lines.cycle[0], "", Lines.cycle[3], Lines.cycle[1]]
        try harness.append(Array((lines.joined(separator: "\n") + "\n").utf8))
        try harness.open()
        harness.close()
        let found = try bisect(harness, "skipped_validate")
        let possible = try #require(found["possibleAfter"])
        #expect(found["violation"] == "SKIPPED_VALIDATE" && found["mode"] == "paired")
        #expect(possible["sequence"] == 1 && possible["line"] == 1)
        #expect(possible["phaseBefore"] == "H")
        #expect(possible["traceId"] == .string(GenerationTrace.of(87).hex))
        #expect(possible["example"] == ["hive": "E", "port": 3])
        #expect(possible["signal"]?["verdict"] == "accepted")
        #expect(possible["signal"]?["sequence"] == 1)
        let first = try #require(found["first"])
        #expect(first["sequence"] == 2 && first["line"] == 3)
        let entry = try harness.entries()[0]["id"]
        #expect(first["signal"]?["entry"] == entry)
        let codes: JSONValue = ["SKIPPED_INTERLOCK", "SKIPPED_VALIDATE"]
        #expect(first["signal"]?["violations"] == codes)
    }

    @Test func `what other rules would have drawn has no entry`() throws {
        let harness = try EngineHarness()
        let lines = [Lines.cycle[0], Lines.cycle[1], Lines.cycle[0]]
        try harness.append(Array((lines.joined(separator: "\n") + "\n").utf8))
        try harness.open()
        harness.close()
        let strict = try bisect(harness, "INCOMPLETE_CYCLE", mode: "strict")
        #expect(strict["possibleAfter"]?["line"] == 2)
        #expect(strict["first"]?["line"] == 3)
        #expect(strict["first"]?["signal"]?["verdict"] == "quarantined")
        #expect(strict["first"]?["signal"]?["entry"] == .null)
        let paired = try bisect(harness, "INCOMPLETE_CYCLE")
        #expect(paired["possibleAfter"] == .null && paired["first"] == .null)
    }

    @Test(arguments: [
        ("G1", "G1 is a gate"), ("f0", "F0 is a gate"), ("TAMPERED", "no rule of this version"),
        ("TOOL_BLOCKED", "no rule of this version"),
        ("G0_STALE_TIMESTAMP", "hangs on when a line arrived"), ("NONSENSE", "no violation NONSE"),
        ("", "no violation given"),
    ])
    func `what cannot be asked is a usage error that lists what can`(
        word: String,
        message: String
    ) throws {
        let harness = try EngineHarness()
        try harness.open()
        harness.close()
        let error = #expect(throws: HiveError.self) { try bisect(harness, word) }
        #expect(error?.exitCode == 2)
        #expect(error?.message.contains(message) == true)
        for violation in Self.askable {
            #expect(error?.hint.contains(violation.rawValue) == true)
        }
    }
}

extension String {
    /// The text before a member of this name.
    fileprivate func prefix(while name: String) -> String {
        ranges(of: #","\#(name)":"#).first.map { String(self[..<$0.lowerBound]) } ?? self
    }
}
