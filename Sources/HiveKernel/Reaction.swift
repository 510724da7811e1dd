package import HiveSignal

/// The ports that a signal asks, and in which phase: one task each.
package struct Reaction: Sendable, Hashable {
    /// A bit a port.
    package var mask: UInt8
    /// The phase they are asked in.
    package var phase: Phase
    /// 0 for the reaction to a signal, 1 for the reaction to an outcome of such, and so on.
    package var depth: UInt8

    package init(mask: UInt8, phase: Phase, depth: UInt8) {
        self.mask = mask
        self.phase = phase
        self.depth = depth
    }

    package static let none = Reaction(mask: 0, phase: .hunt, depth: 0)

    @inline(__always)
    package var isNone: Bool { mask == 0 }

    /// The ports asked, in order.
    package var ports: [Port] { Port.all.filter(asks) }

    package func asks(_ port: Port) -> Bool { mask & (1 << port.rawValue) != 0 }
}

/// What asks: the fields of an accepted signal that SPEC §5's reaction depends on.
struct Stimulus {
    var type: SignalType
    var pull: Pull
    var phase: Phase
    /// 0…7.
    var port: UInt8
    /// 0…1.
    var mark: Double
    /// How many reactions led to it.
    var depth: UInt8

    /// True where the rules have such a signal ask.
    @inline(__always)
    func isHeard(by rules: ReactionRules) -> Bool {
        rules.isEnabled && depth < rules.depthMax && mark >= rules.minimumMark
    }

    @inline(__always)
    init(_ fields: SignalFields, depth: UInt8?) {
        type = fields.type.value
        pull = fields.pull.value
        phase = fields.phase.value
        port = fields.port.value
        mark = fields.mark.value
        self.depth = depth ?? 0
    }
}

extension Reaction {
    /// SPEC §5: who may be asked by an accepted signal.
    ///
    /// Whether they are asked now (`isHeard`) plays no part in what a task is: a rule book that
    /// asks less must not make strangers of the answers that are there.
    ///
    /// Phases go round: after E comes the next cycle's H, before H the last cycle's E.
    @inline(__always)
    static func to(_ stimulus: Stimulus, rules: Rules) -> Reaction {
        let phase = stimulus.phase
        let ordinal = phase.rawValue
        // An X is a person's: it asks nobody.
        guard ordinal < 4 else { return .none }
        func phaseAhead(by steps: UInt8) -> Phase {
            Phase(rawValue: (ordinal &+ steps) & 3) ?? phase
        }
        switch stimulus.type {
        case .metric: return .none
        case .error: return Reaction(mask: errorPorts, phase: phase, depth: stimulus.depth)
        case .signal, .event: break
        }
        switch stimulus.pull {
        case .lateral:
            let partner = Port.count - 1 - stimulus.port
            return Reaction(mask: 1 << partner, phase: phase, depth: stimulus.depth)
        case .downstream:
            let next = phaseAhead(by: 1)
            return Reaction(mask: rules.owners(of: next), phase: next, depth: stimulus.depth)
        case .upstream:
            let previous = phaseAhead(by: 3)
            return Reaction(
                mask: rules.owners(of: previous),
                phase: previous,
                depth: stimulus.depth
            )
        }
    }

    /// Ports 5 (defend) and 7 (decide) hear of every error.
    private static let errorPorts: UInt8 = 1 << 5 | 1 << 7
}
