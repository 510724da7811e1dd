/// A phase of the HIVE/8 workflow, the wire key `hive`.
///
/// The raw value is the phase's place in a cycle, so that `rawValue + 1` is the successor.
@frozen package enum Phase: UInt8, Sendable, Hashable, CaseIterable {
    /// H: research.
    case hunt
    /// I: contracts and failing tests (TDD red).
    case interlock
    /// V: implementation (TDD green).
    case validate
    /// E: refactor and deliver.
    case evolve
    /// X: handoff or emergency, only by a person.
    case handoff

    // Spelled out so that other rooms inline it. Safe: an enum without payloads is one byte.
    @inlinable @inline(__always)
    package static func == (left: Phase, right: Phase) -> Bool {
        unsafeBitCast(left, to: UInt8.self) == unsafeBitCast(right, to: UInt8.self)
    }

    @inlinable @inline(__always)
    package static func != (left: Phase, right: Phase) -> Bool { !(left == right) }

    /// The four phases of a cycle, in order.
    package static let cycle: [Phase] = [.hunt, .interlock, .validate, .evolve]

    /// The wire letter: `H`, `I`, `V`, `E` or `X`.
    package var letter: String {
        switch self {
        case .hunt: "H"
        case .interlock: "I"
        case .validate: "V"
        case .evolve: "E"
        case .handoff: "X"
        }
    }

    /// The phase with this wire letter (upper case), or nil.
    package init?(letter: String) {
        guard let phase = Phase.allCases.first(where: { $0.letter == letter }) else { return nil }
        self = phase
    }
}

/// The phases reached in one cycle.
@frozen package struct PhaseSet: OptionSet, Sendable, Hashable {
    package let rawValue: UInt8

    @inlinable package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The set of exactly this phase.
    @inlinable @inline(__always)
    package init(_ phase: Phase) {
        self.rawValue = 1 &<< unsafeBitCast(phase, to: UInt8.self)
    }

    /// True where the phase is in the set.
    @inlinable @inline(__always)
    package func has(_ phase: Phase) -> Bool {
        rawValue & (1 &<< unsafeBitCast(phase, to: UInt8.self)) != 0
    }

    /// Adds a phase.
    @inlinable @inline(__always)
    package func adding(_ phase: Phase) -> PhaseSet {
        PhaseSet(rawValue: rawValue | PhaseSet(phase).rawValue)
    }

    /// The phases in the set, in the order of a cycle.
    package var phases: [Phase] { Phase.allCases.filter(has) }

    /// The phase furthest on in the cycle, or nil for an empty set.
    @inlinable @inline(__always)
    package var highest: Phase? {
        let bits = rawValue & 0b1_1111
        guard bits != 0 else { return nil }
        // Safe: five bits, five cases, numbered from 0.
        let ordinal = UInt8(truncatingIfNeeded: 7 &- bits.leadingZeroBitCount)
        return unsafeBitCast(ordinal, to: Phase.self)
    }
}
