import HiveSignal

/// F0–F2, G0–G9 and G11: what can be judged from the line alone.
///
/// G10 needs the state.
enum Gates {
    /// The gates a scanned line fails; empty where it passes all.
    static func judge(_ line: borrowing ScannedLine, context: JudgingContext) -> GateSet {
        if let failure = line.failure { return .frame(failure.fault.gateNumber) }
        var failed: GateSet =
            line.hasSignal ? fields(line, context.rules.minimumGeneration) : []
        if line.isEnvelope {
            if !line.envelopeFaults.isDisjoint(with: .gate8) { failed.insert(.gate(8)) }
            if !line.envelopeFaults.isDisjoint(with: .gate11) { failed.insert(.gate(11)) }
        } else if context.rules.requiresEnvelope, !context.isSigned {
            failed.insert(.gate(8))
        }
        switch line.trace.state {
        case .absent: break
        case .good: if line.trace.hasBadTracestate { failed.insert(.gate(9)) }
        case .wrongType, .badValue: failed.insert(.gate(9))
        }
        return failed
    }

    /// G0: too far in the future, or too old, where a clock is given.
    static func judgeTime(_ timestamp: Timestamp, context: JudgingContext) -> Violation? {
        guard let now = context.now else { return nil }
        let limit = context.rules.futureSecondsMax
        let latest = Timestamp(seconds: now.seconds + limit, nanoseconds: now.nanoseconds)
        if timestamp > latest { return .fakeTimestamp }
        guard let age = context.rules.stalenessSecondsMax else { return nil }
        let earliest = Timestamp(seconds: now.seconds - age, nanoseconds: now.nanoseconds)
        return timestamp < earliest ? .staleTimestamp : nil
    }

    @inline(__always)
    private static func fields(_ line: borrowing ScannedLine, _ minimumGeneration: Int64) -> GateSet
    {
        func bit(_ state: FieldState, _ number: UInt16) -> UInt16 {
            state.isGood ? 0 : 1 << number
        }
        var bits = bit(line.fields.timestamp.state, 0)
        bits |= bit(line.fields.mark.state, 1)
        bits |= bit(line.fields.pull.state, 2)
        bits |= bit(line.fields.message.state, 3)
        bits |= bit(line.fields.type.state, 4)
        bits |= bit(line.fields.phase.state, 5)
        bits |= bit(line.fields.generation.state, 6)
        bits |= bit(line.fields.port.state, 7)
        if line.fields.generation.value < minimumGeneration { bits |= 1 << 6 }
        return GateSet(rawValue: bits * GateSet.gate(0).rawValue)
    }
}
