import HiveSignal

/// The ids a signal names, unescaped: its own, its parent's, and that of the task it answers.
///
/// Valid only inside `withReferences`.
struct SignalReferences {
    var identifier: UnsafeRawBufferPointer?
    var parent: UnsafeRawBufferPointer?
    var task: UnsafeRawBufferPointer?
}

extension ScannedLine {
    /// True where the signal names itself, a parent or a task.
    @inline(__always)
    var hasReferences: Bool {
        fields.identifier.state.isGood || fields.parent.state.isGood
            || fields.task.state.isGood
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
                        body(SignalReferences(identifier: identifier, parent: parent, task: task))
                    }
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
