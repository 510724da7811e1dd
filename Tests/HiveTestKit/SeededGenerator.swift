import Foundation

/// SplitMix64: the same seed, the same numbers.
///
/// `HIVE_SEED` replays a failure.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    package let seed: UInt64
    private var state: UInt64

    package init(seed: UInt64) {
        self.seed = seed
        state = seed
    }

    /// The seed of `HIVE_SEED`, else a fresh one; a test prints it.
    package init() {
        let given = ProcessInfo.processInfo.environment["HIVE_SEED"].flatMap { UInt64($0) }
        self.init(seed: given ?? UInt64.random(in: 0...UInt64(UInt32.max)))
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Whether the long campaigns run (`make torture`).
package enum Campaign {
    package static let isTorture = ProcessInfo.processInfo.environment["HIVE_TORTURE"] == "1"

    /// `long` in `make torture`, else `short`.
    package static func size(short: Int, long: Int) -> Int { isTorture ? long : short }
}
