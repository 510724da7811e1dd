import HiveSignal

/// The ids a signal names, unescaped: its own, its parent's, that of the task it answers, and that
/// of the receipt it claims.
///
/// Valid only inside `withReferences`.
struct SignalReferences {
    var identifier: UnsafeRawBufferPointer?
    var parent: UnsafeRawBufferPointer?
    var task: UnsafeRawBufferPointer?
    var evidence = NamedEvidence.none
}

/// What a signal names as its evidence.
enum NamedEvidence {
    case none
    case receipt(ReceiptName)
    /// Text that is no receipt's id.
    case other
}

extension ScannedLine {
    /// True where the signal names itself, a parent, a task or a receipt.
    @inline(__always)
    var hasReferences: Bool {
        fields.identifier.state.isGood || fields.parent.state.isGood
            || fields.task.state.isGood || fields.evidence.state.isGood
    }

    /// Lends the ids out of the line's bytes; copies them only where they hold escapes.
    func withReferences<Result>(
        in bytes: UnsafeRawBufferPointer,
        _ body: (SignalReferences) -> Result
    ) -> Result {
        guard hasReferences, failure == nil else { return body(SignalReferences()) }
        return withIdentifiers(in: bytes, body)
    }

    private func withIdentifiers<Result>(
        in bytes: UnsafeRawBufferPointer,
        _ body: (SignalReferences) -> Result
    ) -> Result {
        withFieldBytes(bytes) { fieldBytes in
            let own = identifierIsEnvelope ? bytes : fieldBytes
            return fields.identifier.withBytes(in: own) { identifier in
                fields.parent.withBytes(in: fieldBytes) { parent in
                    fields.task.withBytes(in: fieldBytes) { task in
                        var references = SignalReferences(
                            identifier: identifier,
                            parent: parent,
                            task: task
                        )
                        if fields.evidence.state.isGood {
                            references.evidence = fields.evidence.named(in: fieldBytes)
                        }
                        return body(references)
                    }
                }
            }
        }
    }
}

extension TextField {
    /// What a good field names as evidence; few signals do.
    @inline(never)
    fileprivate func named(in buffer: UnsafeRawBufferPointer) -> NamedEvidence {
        withBytes(in: buffer) { bytes in
            bytes.flatMap { ReceiptName(utf8: $0) }.map(NamedEvidence.receipt) ?? .other
        }
    }

    /// Lends the unescaped UTF-8 of a good field; nil for one that is not there.
    fileprivate func withBytes<Result>(
        in buffer: UnsafeRawBufferPointer,
        _ body: (UnsafeRawBufferPointer?) -> Result
    ) -> Result {
        guard state == .good else { return body(nil) }
        guard isEscaped else {
            return body(UnsafeRawBufferPointer(rebasing: buffer[content.range]))
        }
        var decoded = text(in: buffer)
        return decoded.withUTF8 { body(UnsafeRawBufferPointer($0)) }
    }
}

extension SignalFields {
    /// True where a key that names something else holds no string.
    @inline(__always)
    var hasIllTypedReference: Bool {
        identifier.state.isWrongType || parent.state.isWrongType || agent.state.isWrongType
            || task.state.isWrongType || evidence.state.isWrongType
    }
}

extension Judgement {
    /// A warning for each key that names something else and holds no string.
    mutating func warnOfTypes(_ fields: SignalFields) {
        let keys: [(TextField, Warning)] = [
            (fields.identifier, .badIdentifier), (fields.parent, .badParent),
            (fields.agent, .badAgent), (fields.task, .badTask), (fields.evidence, .badEvidence),
        ]
        for (field, warning) in keys where field.state.isWrongType { warningSet.insert(warning) }
    }
}
