import HiveSignal

/// The ids a signal names, unescaped: its own and its parent's.
///
/// Valid only inside `withReferences`.
struct SignalReferences {
    var identifier: UnsafeRawBufferPointer?
    var parent: UnsafeRawBufferPointer?
}

extension ScannedLine {
    /// True where the signal names itself or a parent.
    @inline(__always)
    var hasReferences: Bool {
        fields.identifier.state.isGood || fields.parent.state.isGood
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
                    body(SignalReferences(identifier: identifier, parent: parent))
                }
            }
        }
    }
}

extension TextField {
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
