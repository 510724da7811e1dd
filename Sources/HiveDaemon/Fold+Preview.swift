import Crypto
import HiveKernel
import HiveLedger
import HiveSignal

// What a line would be judged as before it is on the board, and what becomes of it where it is
// never to be there.

extension Fold {
    /// The judgement a line would get next.
    struct Preview {
        var judgement: Judgement
        /// Why it fails; empty where it passes.
        var explanations: [Explanation]
        /// The checks that apply to such a line.
        var asked: GateSet

        var reason: String { explanations.map(\.sentence).joined(separator: "; ") }
    }

    /// The judgement a line would get next, at a time; nothing changes.
    ///
    /// Throws exit code 2 for a blank line.
    mutating func preview(_ line: [UInt8], now: Timestamp) throws(HiveError) -> Preview {
        context.now = now
        let preview = line.withUnsafeBytes { self.preview($0) }
        guard let preview else {
            throw .usage("the signal is blank", hint: "emit one JSON object")
        }
        return preview
    }

    /// The judgement a line would get next, at the context's time; nothing changes.
    ///
    /// Nil for a blank line.
    mutating func preview(_ bytes: UnsafeRawBufferPointer) -> Preview? {
        scanner.scan(bytes, atFileStart: position.offset == 0, into: &scanned)
        guard !scanned.isBlank else { return nil }
        lookForSignatures(bytes, at: nil)
        let judgement = state.judge(scanned, bytes: bytes, context: context)
        return Preview(
            judgement: judgement,
            explanations: judgement.isAccepted ? [] : explanations(judgement, bytes),
            asked: scanned.gatesAsked
        )
    }

    /// The entry of an emit that is refused: the line just previewed, which never reaches the
    /// board.
    func refusal(
        _ bytes: UnsafeRawBufferPointer,
        _ judgement: Judgement,
        reason: String,
        now: Timestamp
    ) -> QuarantineRow {
        let source = QuarantineEntry.Source(
            generation: position.generation,
            line: nil,
            offset: nil,
            length: Int64(bytes.count),
            sha256: Array(SHA256.hash(bufferPointer: bytes)),
            judgement: judgement,
            reason: reason,
            now: now
        )
        let entry = QuarantineEntry(source, line: scanned, bytes: bytes)
        return QuarantineRow(
            identifier: entry.identifier,
            sequence: nil,
            boardGeneration: position.generation,
            line: nil,
            offset: nil,
            length: Int64(bytes.count),
            violation: judgement.primary,
            maskState: .left,
            entry: entry.json
        )
    }
}

extension Fold.Preview {
    /// HiveControl's `Method.validate`.
    var json: JSONValue {
        [
            "verdict": .string(judgement.verdict),
            "gates": .array(judgement.gates.names.map { .string($0) }),
            "violations": .array(judgement.violations.map { .string($0.rawValue) }),
            "warnings": .array(judgement.warnings.map { .string($0) }),
            "reason": .string(reason),
            "asked": .array(asked.names.map { .string($0) }),
            "explanations": .array(explanations.map(\.json)),
        ]
    }
}

extension ScannedLine {
    /// The checks that apply to such a line: the one it fails where it is no object; G8 and G11
    /// ask envelopes only, G9 and G10 what has a trace or a parent (SPEC §1).
    var gatesAsked: GateSet {
        if let failure { return .frame(failure.fault.gateNumber) }
        var asked: GateSet = [.frame(0), .frame(1), .frame(2)]
        if hasSignal { for number in 0...7 { asked.insert(.gate(number)) } }
        if isEnvelope { asked.formUnion([.gate(8), .gate(11)]) }
        if trace.state != .absent { asked.insert(.gate(9)) }
        if fields.parent.state != .absent { asked.insert(.gate(10)) }
        return asked
    }
}
