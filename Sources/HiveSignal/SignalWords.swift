/// What a signal is: the wire key `type`.
package enum SignalType: UInt8, Sendable, Hashable, CaseIterable {
    case signal, event, error, metric

    // Spelled out so that other rooms inline it. Safe: an enum without payloads is one byte.
    @inlinable @inline(__always)
    package static func == (left: SignalType, right: SignalType) -> Bool {
        unsafeBitCast(left, to: UInt8.self) == unsafeBitCast(right, to: UInt8.self)
    }

    @inlinable @inline(__always)
    package static func != (left: SignalType, right: SignalType) -> Bool { !(left == right) }

    /// The word on the wire.
    package var word: String {
        switch self {
        case .signal: "signal"
        case .event: "event"
        case .error: "error"
        case .metric: "metric"
        }
    }

    /// The type with this wire word, or nil.
    package init?(word: String) {
        guard let type = SignalType.allCases.first(where: { $0.word == word }) else { return nil }
        self = type
    }
}

/// Which way a signal pulls the work: the wire key `pull`.
package enum Pull: UInt8, Sendable, Hashable, CaseIterable {
    /// Back to the phase before.
    case upstream
    /// On to the next phase.
    case downstream
    /// To the partner port, in the same phase.
    case lateral

    /// The word on the wire.
    package var word: String {
        switch self {
        case .upstream: "upstream"
        case .downstream: "downstream"
        case .lateral: "lateral"
        }
    }

    /// The pull with this wire word, or nil.
    package init?(word: String) {
        guard let pull = Pull.allCases.first(where: { $0.word == word }) else { return nil }
        self = pull
    }
}
