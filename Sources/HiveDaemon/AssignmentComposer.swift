import HiveKernel
import HiveLedger
import HiveSignal

/// Puts together what a worker is told: nobody but the ledger's readers has all of it.
struct AssignmentComposer: Sendable {
    let ledger: Ledger
    let personas: Personas
    /// False for workers that would not look at them.
    var recalls: @Sendable (Port) -> Bool = { _ in true }

    /// How far back the chain of causes goes.
    static let causesMax = 8
    /// How many earlier signals are recalled.
    static let recalledMax = 5
    /// How much of the asking signal's message a worker is given; of all others less.
    static let askingBytesMax = 64 << 10

    /// The assignment for a task.
    ///
    /// - Returns: nil where the ledger no longer has the signal that asked.
    func compose(_ row: TaskRow, state: AssignedState) throws(HiveError) -> Assignment? {
        let ledger = self.ledger
        let signal = try HiveError.wrap { try ledger.signal(sequence: row.sequence) }
        guard let signal else { return nil }
        // A search that fails is no reason to leave a task undone.
        let recalled =
            recalls(row.name.port)
            ? (try? ledger.recall(
                text: signal.message,
                before: signal.sequence,
                limit: Self.recalledMax
            )) ?? [] : []
        return Assignment(
            task: row.name,
            phase: row.phase,
            depth: Int(row.depth),
            trace: row.trace,
            signal: AssignedSignal(signal, messageBytesMax: Self.askingBytesMax),
            causes: try causes(of: signal).map { AssignedSignal($0) },
            persona: personas[row.name.port],
            recalled: recalled.map { AssignedSignal($0) },
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
            // A place is nobody's to take as an id.
            if let place = SignalPlace(reference), let standing = try ledger.signal(at: place) {
                return standing
            }
            return try ledger.signal(identifier: reference)
        }
    }
}

extension AssignedSignal {
    /// How much of a message is enough to know what it was about.
    static let messageBytesMax = 4_096

    init(_ row: SignalRow, messageBytesMax: Int = AssignedSignal.messageBytesMax) {
        self.init(
            reference: row.reference,
            sequence: row.sequence,
            timestamp: Timestamp(milliseconds: row.timestampMilliseconds),
            phase: row.phase,
            port: row.port,
            type: row.type,
            pull: row.pull,
            mark: row.mark,
            message: row.message.cut(toBytes: messageBytesMax),
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
