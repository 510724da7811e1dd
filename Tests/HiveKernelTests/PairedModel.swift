import HiveSignal

/// SPEC §3's `paired`, written from its prose and from nothing else: a trace as the list of its
/// cycles.
struct PairedModel {
    /// The letters reached in each cycle, the oldest cycle first.
    var cycles: [Set<Character>] = []
    /// The ports of each phase.
    var owners: [Character: Set<Int>] = ["H": [0, 7], "I": [1, 6], "V": [2, 5], "E": [3, 4]]
    /// The ports that may speak in any phase already reached.
    var roamers: Set<Int> = [0, 7]

    struct Opinion: Equatable {
        var violations: [String] = []
        var notes: [String] = []
        /// The cycle the signal counts in, from 1; nil where it counts in none.
        var cycle: Int?
    }

    func opinion(on phase: Character, from port: Int) -> Opinion {
        guard phase != "X" else { return Opinion(violations: ["EMERGENCY"]) }
        let cycle = place(of: phase)
        let reached = cycle <= cycles.count ? cycles[cycle - 1] : []
        var opinion = Opinion(cycle: cycle)
        opinion.violations = missing(for: phase, in: reached)
        if phase == "H" && !reached.isDisjoint(with: ["I", "V"]) {
            opinion.notes = ["HUNT_IN_OPEN_CYCLE"]
        }
        let isOwner = owners[phase]?.contains(port) == true
        let mayRoam = roamers.contains(port) && reached.contains(phase)
        if !isOwner && !mayRoam { opinion.violations.append("PORT_OUT_OF_PHASE") }
        return opinion
    }

    /// The trace after a signal that was accepted.
    func after(_ phase: Character, in cycle: Int) -> PairedModel {
        var next = self
        if cycle > next.cycles.count { next.cycles.append([]) }
        next.cycles[cycle - 1].insert(phase)
        return next
    }

    /// All that tells two traces apart for the rules: their last two cycles.
    var standing: [Set<Character>] { Array(cycles.suffix(2)) }

    /// "An H after E opens the next cycle; the one before still takes its own E signals until the
    /// new one reaches I." What has its predecessor in the newest cycle belongs there.
    private func place(of phase: Character) -> Int {
        guard let newest = cycles.last else { return 1 }
        if phase == "H" && newest.contains("E") { return cycles.count + 1 }
        let isOlders = phase == "E" && newest.isDisjoint(with: ["I", "V"]) && cycles.count > 1
        return isOlders ? cycles.count - 1 : cycles.count
    }

    /// What a signal lacks that "needs its phase's predecessor reached in this cycle".
    private func missing(for phase: Character, in reached: Set<Character>) -> [String] {
        switch phase {
        case "I" where !reached.contains("H"): return ["SKIPPED_HUNT"]
        case "V" where !reached.contains("I"):
            let hunt = reached.contains("H") ? [] : ["SKIPPED_HUNT"]
            return hunt + ["SKIPPED_INTERLOCK", "REWARD_HACK"]
        case "E" where reached.isDisjoint(with: ["V", "E"]):
            if reached.contains("I") { return ["REWARD_HACK", "SKIPPED_VALIDATE"] }
            if reached.contains("H") { return ["SKIPPED_INTERLOCK", "SKIPPED_VALIDATE"] }
            return ["SKIPPED_HUNT"]
        default: return []
        }
    }
}
