extension TextField {
    /// The decoded text; `bytes` is the buffer that `content` refers to.
    package func text(in bytes: UnsafeRawBufferPointer) -> String {
        guard let base = bytes.baseAddress, content.range.upperBound <= bytes.count else {
            return ""
        }
        let text = JSONBytes(
            base: base.assumingMemoryBound(to: UInt8.self),
            count: bytes.count
        )
        return text.decodedString(content.range, isEscaped: isEscaped)
    }
}

extension ScannedLine {
    /// Calls `body` with the bytes that `fields` refer to: the decoded `data_base64`, or the line.
    ///
    /// - Parameters:
    ///   - line: the bytes that were scanned.
    ///   - body: may read the buffer only until it returns.
    /// - Returns: what `body` returns.
    package func withFieldBytes<Result>(
        _ line: UnsafeRawBufferPointer,
        _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        guard let payload else { return body(line) }
        return payload.withUnsafeBytes(body)
    }

    /// The signal's `id`, or its envelope's; nil where there is none or it is no string.
    package func identifier(in line: UnsafeRawBufferPointer) -> String? {
        guard fields.identifier.state == .good else { return nil }
        if identifierIsEnvelope { return fields.identifier.text(in: line) }
        return withFieldBytes(line) { fields.identifier.text(in: $0) }
    }
}
