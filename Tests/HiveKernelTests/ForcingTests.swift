import HiveSignal
import Testing

@testable import HiveKernel

/// Overrides in the kernel: whether they are genuine comes in with the line.
@Suite struct ForcingTests {
    @Test func `a forced V opens V without the phases before it`() throws {
        var fold = TestFold()
        #expect(fold.judge(phase: "V", port: 2).violations.first == .skippedHunt)
        let forced = fold.force(.phase(.validate))
        #expect(forced.isAccepted)
        #expect(forced.isOverride)
        #expect(fold.judge(phase: "V", port: 2).isAccepted)
        #expect(fold.judge(phase: "E", port: 3).isAccepted)
        #expect(fold.state.lastPhase == .evolve)
    }

    @Test func `a forced phase moves strict's current phase`() throws {
        var fold = TestFold(mode: .strict)
        #expect(fold.judge(phase: "H", port: 0).isAccepted)
        #expect(fold.force(.phase(.evolve)).isAccepted)
        #expect(fold.judge(phase: "V", port: 2).violations == [.backwardJump])
        #expect(fold.judge(phase: "H", port: 0).isAccepted)
    }

    @Test func `back to I takes V from the cycle, and E with it`() throws {
        var fold = TestFold()
        for (phase, port) in [("H", 0), ("I", 1), ("V", 2)] {
            #expect(fold.judge(phase: phase, port: port).isAccepted)
        }
        #expect(fold.force(.phase(.interlock)).warnings.isEmpty)
        #expect(
            fold.judge(phase: "E", port: 3).violations
                == [.rewardHack, .skippedValidate]
        )
        #expect(fold.judge(phase: "V", port: 5).cycle == 1)
    }

    @Test func `an H forced on green without refactor is LAZY_AI, and the next cycle`() throws {
        var fold = TestFold()
        for (phase, port) in [("H", 0), ("I", 1), ("V", 2)] {
            _ = fold.judge(phase: phase, port: port)
        }
        let forced = fold.force(.phase(.hunt))
        #expect(forced.isAccepted)
        #expect(forced.warnings == ["LAZY_AI"])
        #expect(forced.cycle == 2)
        #expect(fold.judge(phase: "H", port: 7).cycle == 2)
        #expect(!fold.judge(phase: "E", port: 3).isAccepted)
    }

    @Test func `an H forced at H opens no cycle`() throws {
        var fold = TestFold()
        _ = fold.judge(phase: "H", port: 0)
        #expect(fold.force(.phase(.hunt)).cycle == 1)
        #expect(fold.judge(phase: "I", port: 1).cycle == 1)
    }

    @Test func `an X that was not verified is EMERGENCY and says why`() throws {
        for fault in OverrideFault.allCases {
            var fold = TestFold()
            let judgement = fold.judge(phase: "X", port: 7, finding: .refused(fault))
            #expect(judgement.violations == [.emergency])
            #expect(fold.reasons.first?.contains(fault.found) == true)
        }
        var fold = TestFold()
        #expect(fold.judge(phase: "X", port: 7).violations == [.emergency])
        #expect(fold.reasons.first?.contains("no person signed") == true)
    }

    @Test func `a pass is for the very next line, and for the order of phases only`() throws {
        var fold = TestFold()
        #expect(fold.force(.release(sha256: [1])).isAccepted)
        #expect(fold.state.forced.pass == [1])
        let released = fold.judge(phase: "V", port: 3, isReleased: true)
        #expect(released.isAccepted)
        #expect(
            released.warnings
                == ["SKIPPED_HUNT", "SKIPPED_INTERLOCK", "REWARD_HACK", "PORT_OUT_OF_PHASE"]
        )
        #expect(fold.state.forced.pass == nil)
        #expect(!fold.judge(phase: "X", port: 7, isReleased: true).isAccepted)
        #expect(!fold.judge(phase: "H", port: 9, isReleased: true).isAccepted)
    }

    @Test func `a pass goes by with a line that stood in quarantine`() throws {
        var fold = TestFold()
        _ = fold.force(.release(sha256: [1]))
        fold.state.stepKnownQuarantined()
        #expect(fold.state.forced.pass == nil)
    }

    @Test func `a muted port may not speak and is not asked, until it is unmuted`() throws {
        var fold = TestFold()
        #expect(fold.judge(phase: "H", port: 0, pull: "lateral").reaction.mask == 1 << 7)
        _ = fold.force(.port(Port.all[7], isMuted: true))
        #expect(fold.judge(phase: "H", port: 0, pull: "lateral").reaction.mask == 0)
        #expect(fold.judge(phase: "H", port: 7).violations == [.portOutOfPhase])
        #expect(fold.reasons.first?.contains("which a person muted") == true)
        let moves = fold.state.moves(in: TraceID(high: 1, low: 87), rules: fold.rules)
        #expect(moves.first { $0.phase == .hunt }?.ports == [Port.all[0]])
        #expect(
            fold.judge(phase: "E", port: 7).violations.filter { $0 == .portOutOfPhase }.count == 1
        )
        _ = fold.force(.port(Port.all[7], isMuted: false))
        #expect(fold.judge(phase: "H", port: 7).isAccepted)
    }

    @Test func `a generation may only be followed by a later one`() throws {
        var fold = TestFold()
        #expect(fold.force(.generation(87)).violations == [.emergency])
        #expect(fold.state.forced.nextGeneration == nil)
        #expect(fold.force(.generation(90)).isAccepted)
        #expect(fold.state.forced.nextGeneration == 90)
    }

    @Test func `what is open is what reached I and not E`() throws {
        var fold = TestFold()
        #expect(fold.state.openCycles.isEmpty)
        _ = fold.judge(phase: "H", port: 0)
        #expect(fold.state.openCycles.isEmpty)
        _ = fold.judge(phase: "I", port: 1)
        #expect(fold.state.openCycles.map(\.phase) == [.interlock])
        _ = fold.judge(phase: "V", port: 2)
        _ = fold.judge(phase: "E", port: 3)
        #expect(fold.state.openCycles.isEmpty)
    }
}

/// A fold of signals by what matters to these tests.
private struct TestFold {
    var state = KernelState()
    var rules = Rules()
    /// Why the last line failed.
    var reasons: [String] = []

    init(mode: Mode = .paired) { rules.mode = mode }

    mutating func force(_ override: Override) -> Judgement {
        judge(phase: "X", port: 7, finding: .verified(override))
    }

    mutating func judge(
        phase: String,
        port: Int,
        pull: String = "downstream",
        finding: OverrideFinding? = nil,
        isReleased: Bool = false
    ) -> Judgement {
        var context = JudgingContext(rules: rules, generation: 87) {
            TraceID(high: 1, low: UInt64($0))
        }
        context.override = finding
        context.isReleased = isReleased
        let line =
            #"{"ts":"2026-01-01T00:00:00Z","mark":1,"pull":"\#(pull)","msg":"m","type":"event","#
            + #""hive":"\#(phase)","gen":87,"port":\#(port)}"#
        return Array(line.utf8).withUnsafeBytes { bytes in
            var scanned = ScannedLine()
            var scanner = SignalScanner()
            scanner.scan(bytes, atFileStart: false, into: &scanned)
            let judgement = state.step(
                scanned,
                bytes: bytes,
                offset: state.sequence * 100,
                context: context
            )
            reasons = Explanation.list(
                line: scanned,
                bytes: bytes,
                judgement: judgement,
                rules: rules
            )
            .map(\.sentence)
            return judgement
        }
    }
}
