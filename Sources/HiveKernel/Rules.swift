package import HiveSignal

/// How the phase rules judge (SPEC §3).
package enum Mode: String, Sendable, Hashable, CaseIterable {
    /// One agent: only the current phase or its successor; ports are not judged.
    case strict
    /// Many agents: a phase needs its predecessor reached in the cycle; ports own phases.
    case paired
    /// Phase rules only warn; nothing is masked.
    case observe
}

/// How much a claim counts without its receipt (SPEC §6).
package enum Evidence: String, Sendable, Hashable, CaseIterable {
    /// Receipts are not asked for.
    case off
    /// Without one a line is accepted with a warning.
    case warn
    /// Without one it is quarantined.
    case required
}

/// The rule book as a value.
///
/// The defaults are SPEC's; `specs/rules.yaml` holds the same.
package struct Rules: Sendable, Hashable {
    package var mode: Mode = .paired
    /// G6: the lowest generation a signal may name.
    package var minimumGeneration: Int64 = 87
    /// G0: how far in the future a live line's timestamp may lie, in seconds.
    package var futureSecondsMax: Int64 = 60
    /// G0: how old a live line's timestamp may be, in seconds; nil: any age.
    package var stalenessSecondsMax: Int64?
    /// True: a line that is no CloudEvents envelope fails G8.
    package var requiresEnvelope = false
    /// True: a quarantined line is overwritten on the board (never in `observe`).
    package var masks = true
    /// A byte a port, the lowest port 0: the raw value of the phase it owns.
    private var owners: UInt64 = Self.packed(Port.all.map(\.phase))
    /// A bit a port.
    private var roamers: UInt8 = 0b1000_0001
    /// The group that may use the control socket; nil: only the daemon's own user.
    package var socketGroup: String?
    package var reactions = ReactionRules()
    package var budget = BudgetRules()
    /// For so many seconds after a generation's end, and after its last late line, its archive is
    /// watched (SPEC §7).
    package var flipLingerSeconds: Int64 = 600
    /// The worker of the `exec` backend.
    package var exec = CommandRule(seconds: 600, outputKibibytes: 64)
    /// The backends that are models over HTTP.
    package var model = ModelRules()
    /// How much a claim counts without its receipt.
    package var evidence = Evidence.off
    /// The project's test command.
    package var test = CommandRule(seconds: 900, outputKibibytes: 4_096)
    /// How the witness runs it and reads its report.
    package var witness = WitnessRule()
    /// Which paths are which part of a repository.
    package var paths = PathRules()
    /// What agents' tools and commits may do.
    package var actions = ActionRules()

    package init() {}

    /// The phase each port owns, by port number; eight entries.
    package var phaseOfPort: [Phase] {
        get { Port.all.map(owner) }
        set { owners = Self.packed(newValue) }
    }

    /// Ports that may speak in any phase already reached in the cycle.
    package var roamingPorts: Set<Port> {
        get { Set(Port.all.filter(roams)) }
        set { roamers = newValue.reduce(0) { $0 | 1 << $1.rawValue } }
    }

    @inline(__always)
    package func owner(of port: Port) -> Phase {
        let byte = UInt8(truncatingIfNeeded: owners >> UInt64(port.rawValue * 8))
        return Phase(rawValue: byte) ?? .handoff
    }

    /// The ports that own a phase, a bit a port.
    @inline(__always)
    func owners(of phase: Phase) -> UInt8 {
        var mask: UInt8 = 0
        for port in 0..<Port.count {
            let byte = UInt8(truncatingIfNeeded: owners >> UInt64(port * 8))
            if byte == phase.rawValue { mask |= 1 << port }
        }
        return mask
    }

    @inline(__always)
    func roams(_ port: Port) -> Bool { roamers & (1 << port.rawValue) != 0 }

    private static func packed(_ phases: [Phase]) -> UInt64 {
        phases.prefix(Int(Port.count)).reversed().reduce(0) { $0 << 8 | UInt64($1.rawValue) }
    }
}
