import HiveKernel
import HiveLedger
import HiveSignal

/// Puts together what a worker is told: nobody but the ledger's readers has all of it.
struct AssignmentComposer: Sendable {
    let ledger: Ledger
    let personas: Personas

    /// How far back the chain of causes goes.
    static let causesMax = 8
    /// How many earlier signals are recalled.
    static let recalledMax = 5

    /// The assignment for a task.
    ///
    /// - Returns: nil where the ledger no longer has the signal that asked.
    func compose(_ row: TaskRow, state: AssignedState) throws(HiveError) -> Assignment? {
        let ledger = self.ledger
        let signal = try HiveError.wrap { try ledger.signal(sequence: row.sequence) }
        guard let signal else { return nil }
        let recalled = try HiveError.wrap {
            try ledger.recall(
                text: signal.message,
                before: signal.sequence,
                limit: Self.recalledMax
            )
        }
        return Assignment(
            task: row.name,
            phase: row.phase,
            depth: Int(row.depth),
            trace: row.trace,
            signal: AssignedSignal(signal),
            causes: try causes(of: signal).map(AssignedSignal.init),
            persona: personas[row.name.port],
            recalled: recalled.map(AssignedSignal.init),
            state: state
        )
    }

    /// The signal's parent, the parent's parent, and so on.
    func causes(of signal: SignalRow) throws(HiveError) -> [SignalRow] {
        var causes: [SignalRow] = []
        var next = signal
        while causes.count < Self.causesMax, let parent = next.parent,
            let cause = try find(parent), cause.sequence < next.sequence
        {
            causes.append(cause)
            next = cause
        }
        return causes
    }

    /// The signal with this id, or at this place.
    func find(_ reference: String) throws(HiveError) -> SignalRow? {
        let ledger = self.ledger
        return try HiveError.wrap {
            if let named = try ledger.signal(identifier: reference) { return named }
            guard let place = SignalPlace(reference) else { return nil }
            return try ledger.signal(at: place)
        }
    }
}

extension AssignedSignal {
    init(_ row: SignalRow) {
        self.init(
            reference: row.reference,
            sequence: row.sequence,
            timestamp: Timestamp(milliseconds: row.timestampMilliseconds),
            phase: row.phase,
            port: row.port,
            type: row.type,
            pull: row.pull,
            mark: row.mark,
            message: row.message,
            agent: row.agent
        )
    }
}

extension SignalRow {
    /// Its `id`, or the name of its place where it has none.
    var reference: String {
        identifier ?? SignalPlace(generation: generation, offset: offset).text
    }
}
