/// The frame checks F0–F2 and the gates G0–G11 that a line failed (SPEC §1).
package struct GateSet: OptionSet, Sendable, Hashable {
    /// Bits 0…2 are F0…F2, bits 3…14 are G0…G11.
    package let rawValue: UInt16

    package init(rawValue: UInt16) { self.rawValue = rawValue }

    /// F0 encoding, F1 size, F2 JSON: `frame(0…2)`.
    package static func frame(_ number: Int) -> GateSet { GateSet(rawValue: 1 << UInt16(number)) }

    /// G0…G11.
    package static func gate(_ number: Int) -> GateSet {
        GateSet(rawValue: 1 << UInt16(number + frameCount))
    }

    /// The names of the failed checks, in order: `F0`, …, `G11`.
    package var names: [String] {
        guard !isEmpty else { return [] }
        return (0..<Self.allNames.count).filter { rawValue & (1 << UInt16($0)) != 0 }
            .map { Self.allNames[$0] }
    }

    /// The set with these names; names that no gate has are passed over.
    package init(names: some Sequence<String>) {
        var bits: UInt16 = 0
        for name in names {
            guard let index = Self.allNames.firstIndex(of: name) else { continue }
            bits |= 1 << UInt16(index)
        }
        self.init(rawValue: bits)
    }

    private static let frameCount = 3
    private static let allNames =
        (0..<frameCount).map { "F\($0)" } + (0...11).map { "G\($0)" }
}
