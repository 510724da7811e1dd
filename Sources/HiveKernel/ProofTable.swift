package import HiveSignal

/// What proves the phases of each remembered trace's last cycles: receipts that were verified, and
/// a person's word (SPEC §6).
///
/// Beside `TraceTable` and not in it: most traces have none, and a line that asks for none pays
/// nothing. It is forgotten with its trace, so its bound is that of the traces.
package struct ProofTable: Sendable, Equatable {
    /// Of the same phase and cycle the newest so many are remembered by name.
    static let perPhaseMax = 8

    private var proofs: [TraceID: [PhaseProof]] = [:]

    package init() {}

    /// What proves phases of a trace, in the order in which it came.
    package func all(of trace: TraceID) -> [PhaseProof] { proofs[trace] ?? [] }

    /// True where something proves the phase of this cycle.
    func prove(_ phase: Phase, of cycle: Int64, in trace: TraceID) -> Bool {
        all(of: trace).contains { $0.cycle == cycle && $0.phase == phase }
    }

    /// True where this receipt does.
    func has(_ receipt: ReceiptName, of phase: Phase, in trace: TraceID, cycle: Int64) -> Bool {
        all(of: trace).contains {
            $0.receipt == receipt && $0.cycle == cycle && $0.phase == phase
        }
    }

    /// True where the trace has seen this receipt, whatever for.
    func hasSeen(_ receipt: ReceiptName, in trace: TraceID) -> Bool {
        all(of: trace).contains { $0.receipt == receipt }
    }

    /// Remembers a proof; cycles before the one that came before its own are closed for good.
    package mutating func note(_ proof: PhaseProof, in trace: TraceID) {
        var kept = all(of: trace).filter { $0.cycle >= proof.cycle - 1 }
        let alike = kept.indices.filter {
            kept[$0].cycle == proof.cycle && kept[$0].phase == proof.phase
        }
        if alike.count >= Self.perPhaseMax, let oldest = alike.first { kept.remove(at: oldest) }
        proofs[trace] = kept + [proof]
    }

    /// What a person's word makes of a cycle that was forced to stand at a phase.
    ///
    /// Nothing behind the phase is proven any more. A person vouches for what can no longer be
    /// witnessed: the red of a cycle that stands at V or behind, and the green where there is no
    /// red that it could rest on, or where the cycle is past it.
    mutating func force(_ phase: Phase, of cycle: Int64, in trace: TraceID) {
        var kept = all(of: trace)
        kept.removeAll { $0.cycle == cycle && $0.phase.rawValue > phase.rawValue }
        proofs[trace] = kept.isEmpty ? nil : kept
        guard phase.rawValue >= Phase.validate.rawValue else { return }
        let hasRed = prove(.interlock, of: cycle, in: trace)
        if !hasRed { vouch(.interlock, of: cycle, in: trace) }
        if (!hasRed || phase == .evolve) && !prove(.validate, of: cycle, in: trace) {
            vouch(.validate, of: cycle, in: trace)
        }
    }

    private mutating func vouch(_ phase: Phase, of cycle: Int64, in trace: TraceID) {
        note(PhaseProof(cycle: cycle, phase: phase, receipt: nil), in: trace)
    }

    mutating func forget(_ traces: [TraceID]) {
        for trace in traces { proofs[trace] = nil }
    }
}
