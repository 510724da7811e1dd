/// One of the eight ports, 0…7, each a commander.
///
/// Pairs add up to 7 and own a phase.
package struct Port: RawRepresentable, Sendable, Hashable, Comparable {
    package let rawValue: UInt8

    /// Nil unless 0 ≤ rawValue ≤ 7.
    package init?(rawValue: UInt8) {
        guard rawValue < Port.count else { return nil }
        self.rawValue = rawValue
    }

    /// How many ports there are.
    package static let count: UInt8 = 8

    /// All eight, in order.
    package static var all: [Port] { (0..<count).compactMap(Port.init(rawValue:)) }

    /// The other port of the pair: 7 − port.
    package var partner: Port { Port(unchecked: Port.count - 1 - rawValue) }

    /// The phase that the default pairs give this port (0+7 H, 1+6 I, 2+5 V, 3+4 E).
    package var phase: Phase {
        switch min(rawValue, partner.rawValue) {
        case 0: .hunt
        case 1: .interlock
        case 2: .validate
        default: .evolve
        }
    }

    /// The commander's name.
    package var commander: String {
        switch rawValue {
        case 0: "Lidless Legion"
        case 1: "Web Weaver"
        case 2: "Mirror Magus"
        case 3: "Spore Storm"
        case 4: "Red Regnant"
        case 5: "Pyre Praetorian"
        case 6: "Kraken Keeper"
        default: "Spider Sovereign"
        }
    }

    /// What the commander does, one word.
    package var verb: String {
        switch rawValue {
        case 0: "sense"
        case 1: "fuse"
        case 2: "shape"
        case 3: "deliver"
        case 4: "test"
        case 5: "defend"
        case 6: "store"
        default: "decide"
        }
    }

    private init(unchecked rawValue: UInt8) { self.rawValue = rawValue }

    package static func < (left: Port, right: Port) -> Bool { left.rawValue < right.rawValue }
}
