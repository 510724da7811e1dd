import Crypto
package import HiveKernel
package import HiveSignal

/// One line of `quarantine.jsonl` (SPEC §5).
package struct QuarantineEntry: Sendable {
    package var identifier: String
    package var json: [UInt8]

    /// What an entry is made of.
    package struct Source {
        package var generation: Int64
        /// Nil for a refused emit.
        package var line: Int64?
        package var offset: Int64?
        package var length: Int64
        package var sha256: [UInt8]
        package var judgement: Judgement
        package var reason: String
        package var now: Timestamp
    }

    /// `q-` and 24 hex digits of SHA-256 over generation, offset and sha256 (of a refused emit: and
    /// the time).
    static func identifier(
        generation: Int64,
        offset: Int64?,
        sha256: [UInt8],
        now: Timestamp
    ) -> String {
        let place = offset.map { "\($0)" } ?? "emit:\(now.seconds).\(now.nanoseconds)"
        let digest = SHA256.hash(data: Array("\(generation):\(place):\(Hex.encode(sha256))".utf8))
        return "q-" + Hex.encode(Array(digest.prefix(12)))
    }

    /// Writes the entry of a line whose bytes are at hand.
    package init(_ source: Source, line: ScannedLine, bytes: UnsafeRawBufferPointer) {
        self.init(source, scanned: line, bytes: bytes)
    }

    /// Writes the entry of a line too large to be copied: `raw` is null and the reason says so.
    package init(giant source: Source, line: ScannedLine) {
        self.init(source, scanned: line, bytes: nil)
    }

    private init(_ source: Source, scanned: ScannedLine, bytes: UnsafeRawBufferPointer?) {
        identifier = Self.identifier(
            generation: source.generation,
            offset: source.offset,
            sha256: source.sha256,
            now: source.now
        )
        let readable = scanned.failure == nil
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("ts")
        writer.string(source.now.rfc3339)
        writer.key("id")
        writer.string(identifier)
        writer.key("violation")
        writer.string(source.judgement.primary)
        writer.strings("violations", source.judgement.violations.map(\.rawValue))
        writer.strings("gates", source.judgement.gates.names)
        writer.key("reason")
        writer.string(source.reason)
        let attempted = readable && scanned.fields.phase.state == .good
        writer.optional("attemptedPhase", attempted ? scanned.fields.phase.value.letter : nil)
        writer.optional("currentPhase", source.judgement.phaseBefore?.letter)
        writer.optional("agent", readable ? bytes.flatMap { Self.agent(of: scanned, in: $0) } : nil)
        let traced = readable && !source.judgement.trace.isZero
        writer.optional("traceId", traced ? source.judgement.trace.hex : nil)
        writer.key("gen")
        writer.integer(source.generation)
        writer.optional("line", source.line)
        writer.optional("offset", source.offset)
        writer.key("length")
        writer.integer(source.length)
        writer.key("sha256")
        writer.string(Hex.encode(source.sha256))
        writer.key("raw")
        if let bytes {
            writer.string(utf8: Base64.encode(bytes))
        } else {
            writer.null()
        }
        if let bytes, readable, let object = Self.object(in: bytes) {
            writer.key("signal")
            writer.raw(object)
        }
        if scanned.failure?.fault == .utf16, let bytes {
            writer.key("decoded")
            writer.string(UTF16Text.decode(bytes))
        }
        writer.endObject()
        json = writer.bytes
    }

    private static func agent(
        of line: ScannedLine,
        in bytes: UnsafeRawBufferPointer
    ) -> String? {
        guard line.fields.agent.state == .good else { return nil }
        return line.withFieldBytes(bytes) { line.fields.agent.text(in: $0) }
    }

    /// The JSON object in a line that the scanner found readable: first brace to last.
    private static func object(in bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        guard let first = bytes.firstIndex(of: UInt8(ascii: "{")),
            let last = bytes.lastIndex(of: UInt8(ascii: "}"))
        else { return nil }
        return UnsafeRawBufferPointer(rebasing: bytes[first...last])
    }
}

/// The text of a UTF-16 line in a UTF-8 file.
enum UTF16Text {
    /// Decodes by the side the zero bytes are on; what is no UTF-16 becomes U+FFFD.
    ///
    /// Line end bytes go.
    static func decode(_ bytes: UnsafeRawBufferPointer) -> String {
        // A NUL in front of an ASCII byte may be the second half of the LF before it.
        var start = bytes.startIndex
        let evenZeros = zeros(bytes, from: 0)
        let oddZeros = zeros(bytes, from: 1)
        var bigEndian = evenZeros > oddZeros
        if bigEndian && bytes.count % 2 == 1 && bytes.first == 0 {
            // An odd number of bytes that starts with that NUL: little-endian behind it.
            start += 1
            bigEndian = false
        }
        var units: [UInt16] = []
        units.reserveCapacity(bytes.count / 2)
        var index = start
        while index + 1 < bytes.endIndex {
            let (first, second) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
            units.append(bigEndian ? first << 8 | second : second << 8 | first)
            index += 2
        }
        var text = String(decoding: units, as: UTF16.self)
        if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
        while let last = text.unicodeScalars.last, last == "\r" || last == "\u{0}" {
            text.unicodeScalars.removeLast()
        }
        return text
    }

    private static func zeros(_ bytes: UnsafeRawBufferPointer, from parity: Int) -> Int {
        stride(from: parity, to: bytes.count, by: 2).reduce(0) { $0 + (bytes[$1] == 0 ? 1 : 0) }
    }
}

extension JSONWriter {
    mutating func strings(_ name: String, _ list: [String]) {
        key(name)
        beginArray()
        for text in list { string(text) }
        endArray()
    }

    mutating func optional(_ name: String, _ text: String?) {
        key(name)
        if let text { string(text) } else { null() }
    }

    mutating func optional(_ name: String, _ number: Int64?) {
        key(name)
        if let number { integer(number) } else { null() }
    }
}
