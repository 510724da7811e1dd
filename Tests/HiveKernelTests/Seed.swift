import Glibc

/// The seed of this run's random tests: `HIVE_SEED`, or a new one.
func testSeed() -> UInt64 {
    let text = getenv("HIVE_SEED").map { String(cString: $0) }
    return text.flatMap { UInt64($0) } ?? UInt64.random(in: 0...UInt64.max)
}

/// SplitMix64: one seed, one sequence.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// 0 ≤ result < bound.
    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }

    /// True once in `count` draws.
    mutating func oneIn(_ count: Int) -> Bool { below(count) == 0 }

    /// One of the elements, which must not be empty.
    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[below(elements.count)]
    }
}
