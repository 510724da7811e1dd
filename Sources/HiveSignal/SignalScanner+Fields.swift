// The members of a signal, each judged where it is read: gates G0–G7, the optional keys, and the
// trace context.

/// What one object says about its trace (W3C Trace Context).
struct TraceParts: Sendable {
    /// Of `traceparent`.
    var parent = FieldState.absent
    var trace = TraceID.zero
    /// Of `tracestate`.
    var state = FieldState.absent

    /// G9: `tracestate` counts only where there is a `traceparent`.
    var field: TraceField {
        var field = TraceField()
        field.state = parent
        field.trace = trace
        field.hasBadTracestate = parent != .absent && (state == .wrongType || state == .badValue)
        return field
    }
}

extension SignalScanner {
    /// Reads the value at `index` of a member of the signal; the index behind it.
    @inline(__always)
    mutating func readMember(
        _ key: SignalKey,
        _ text: JSONBytes,
        at index: Int,
        into fields: inout SignalFields
    ) -> Int {
        switch key {
        case .msg: readMessage(text, at: index, into: &fields.message)
        case .ts: readTimestamp(text, at: index, into: &fields.timestamp)
        case .mark: readMark(text, at: index, into: &fields.mark)
        case .pull: readPull(text, at: index, into: &fields.pull)
        case .type: readType(text, at: index, into: &fields.type)
        case .hive: readPhase(text, at: index, into: &fields.phase)
        case .gen: readGeneration(text, at: index, into: &fields.generation)
        case .port: readPort(text, at: index, into: &fields.port)
        case .other, .specversion: skipValue(text, at: index, depth: 1)
        default: readOptional(key, text, at: index, into: &fields)
        }
    }

    // MARK: Strings with few values

    /// G0.
    @inline(__always)
    mutating func readTimestamp(
        _ text: JSONBytes,
        at index: Int,
        into field: inout Field<Timestamp>
    ) -> Int {
        readWord(text, at: index, &field, SignalScanner.timestamp)
    }

    /// G2.
    @inline(__always)
    mutating func readPull(
        _ text: JSONBytes,
        at index: Int,
        into field: inout Field<Pull>
    ) -> Int {
        readWord(text, at: index, &field, SignalScanner.pull)
    }

    /// G4.
    @inline(__always)
    mutating func readType(
        _ text: JSONBytes,
        at index: Int,
        into field: inout Field<SignalType>
    ) -> Int {
        readWord(text, at: index, &field, SignalScanner.type)
    }

    /// G5.
    @inline(__always)
    mutating func readPhase(
        _ text: JSONBytes,
        at index: Int,
        into field: inout Field<Phase>
    ) -> Int {
        readWord(text, at: index, &field, SignalScanner.phase)
    }

    /// Reads a string that `parse` turns into a value, or finds bad.
    @inline(__always)
    private mutating func readWord<Value>(
        _ text: JSONBytes,
        at index: Int,
        _ field: inout Field<Value>,
        _ parse: (JSONBytes, _ start: Int, _ length: Int) -> Value?
    ) -> Int {
        guard text.base[index] == UInt8(ascii: "\"") else {
            return readWrongType(text, at: index, &field.state, &field.token)
        }
        let start = index &+ 1
        let span = text.string(from: start)
        if span.close < 0 { return span.close }
        field.token = ByteRange(start: index, length: span.close &+ 1 &- index)
        let value =
            span.isEscaped
            ? withDecoded(text, start, span.close, parse)
            : parse(text, start, span.close &- start)
        if let value {
            field.value = value
            field.state = .good
        } else {
            field.state = .badValue
        }
        return span.close &+ 1
    }

    @inline(never)
    private mutating func readWrongType(
        _ text: JSONBytes,
        at index: Int,
        _ state: inout FieldState,
        _ token: inout ByteRange
    ) -> Int {
        let end = skipValue(text, at: index, depth: 1)
        state = .wrongType
        if end >= 0 { token = ByteRange(start: index, length: end &- index) }
        return end
    }

    @inline(__always)
    private static func timestamp(_ text: JSONBytes, _ start: Int, _ length: Int) -> Timestamp? {
        Timestamp(rfc3339: UnsafeRawBufferPointer(start: text.base + start, count: length))
    }

    @inline(__always)
    private static func pull(_ text: JSONBytes, _ start: Int, _ length: Int) -> Pull? {
        guard length &- 7 < 4, length > 6 else { return nil }
        // Each test is made, whatever the others say: what would be a branch cannot be predicted.
        let word = text.prefix(at: start, length: length)
        let rest = text.prefix(at: start &+ length &- 2, length: 2)
        let isUp = word == Word.upstream
        let isLateral = word == Word.lateral
        let isDown = word == Word.downstre
        let isRest = rest == (isLateral ? Word.al : Word.am)
        let size = isDown ? 10 : isUp ? 8 : 7
        guard isUp || isLateral || isDown, isRest, size == length else { return nil }
        return isDown ? .downstream : isUp ? .upstream : .lateral
    }

    @inline(__always)
    private static func type(_ text: JSONBytes, _ start: Int, _ length: Int) -> SignalType? {
        guard length == 5 || length == 6 else { return nil }
        let word = text.prefix(at: start, length: length)
        let isSignal = word == Word.signal
        let isEvent = word == Word.event
        let isError = word == Word.error
        let isMetric = word == Word.metric
        // A NUL can stand in a decoded string, and looks like padding.
        let size = isSignal || isMetric ? 6 : 5
        guard isSignal || isEvent || isError || isMetric, size == length else { return nil }
        return isSignal ? .signal : isEvent ? .event : isError ? .error : .metric
    }

    @inline(__always)
    private static func phase(_ text: JSONBytes, _ start: Int, _ length: Int) -> Phase? {
        guard length == 1 else { return nil }
        let letter = text.base[start]
        let isHunt = letter == UInt8(ascii: "H")
        let isInterlock = letter == UInt8(ascii: "I")
        let isValidate = letter == UInt8(ascii: "V")
        let isEvolve = letter == UInt8(ascii: "E")
        guard isHunt || isInterlock || isValidate || isEvolve else {
            return letter == UInt8(ascii: "X") ? .handoff : nil
        }
        return isHunt ? .hunt : isInterlock ? .interlock : isValidate ? .validate : .evolve
    }

    // MARK: Numbers

    /// G1: by the number as it is written.
    @inline(__always)
    mutating func readMark(
        _ text: JSONBytes,
        at index: Int,
        into field: inout Field<Double>
    ) -> Int {
        if let short = text.shortFraction(at: index) {
            field.value = short.value
            field.state = short.value <= 1 ? .good : .badValue
            field.token = ByteRange(start: index, length: short.length)
            return index &+ short.length
        }
        guard JSONBytes.startsNumber(text.base[index]) else {
            return readWrongType(text, at: index, &field.state, &field.token)
        }
        let number = text.number(at: index)
        if number.end < 0 { return number.end }
        let value = text.double(of: number, at: index)
        field.value = value
        field.state =
            value >= 0 && value <= 1 && !text.leavesUnit(number, at: index, nearest: value)
            ? .good : .badValue
        field.token = ByteRange(start: index, length: number.end &- index)
        return number.end
    }

    /// G6: the least generation is for the kernel to judge.
    @inline(__always)
    mutating func readGeneration(
        _ text: JSONBytes,
        at index: Int,
        into field: inout Field<Int64>
    ) -> Int {
        if let short = text.shortInteger(at: index) {
            field.value = short.value
            field.state = .good
            field.token = ByteRange(start: index, length: short.length)
            return index &+ short.length
        }
        guard JSONBytes.startsNumber(text.base[index]) else {
            return readWrongType(text, at: index, &field.state, &field.token)
        }
        let number = text.number(at: index)
        if number.end < 0 { return number.end }
        field.value = number.isInteger ? number.integer : 0
        field.state = number.isInteger ? .good : .badValue
        field.token = ByteRange(start: index, length: number.end &- index)
        return number.end
    }

    /// G7.
    @inline(__always)
    mutating func readPort(
        _ text: JSONBytes,
        at index: Int,
        into field: inout Field<UInt8>
    ) -> Int {
        if let short = text.shortInteger(at: index), short.value < Int64(Port.count) {
            field.value = UInt8(truncatingIfNeeded: short.value)
            field.state = .good
            field.token = ByteRange(start: index, length: short.length)
            return index &+ short.length
        }
        guard JSONBytes.startsNumber(text.base[index]) else {
            return readWrongType(text, at: index, &field.state, &field.token)
        }
        let number = text.number(at: index)
        if number.end < 0 { return number.end }
        let isPort =
            number.isInteger && number.integer >= 0
            && number.integer < Int64(Port.count)
        field.value = isPort ? UInt8(truncatingIfNeeded: number.integer) : 0
        field.state = isPort ? .good : .badValue
        field.token = ByteRange(start: index, length: number.end &- index)
        return number.end
    }

    // MARK: Texts

    /// G3.
    @inline(__always)
    mutating func readMessage(
        _ text: JSONBytes,
        at index: Int,
        into field: inout TextField
    ) -> Int {
        let end = readText(text, at: index, into: &field)
        guard field.state == .good else { return end }
        let first = field.content.length > 0 ? text.base[index &+ 1] : 0
        let isPlain = first > 0x20 && first < 0x7F && first != UInt8(ascii: "\\")
        if !isPlain, !text.hasInk(field.content) { field.state = .badValue }
        return end
    }

    @inline(__always)
    private mutating func readText(
        _ text: JSONBytes,
        at index: Int,
        into field: inout TextField
    ) -> Int {
        guard text.base[index] == UInt8(ascii: "\"") else {
            return readWrongType(text, at: index, &field.state, &field.content)
        }
        let start = index &+ 1
        let span = text.string(from: start)
        if span.close < 0 { return span.close }
        field.content = ByteRange(start: start, length: span.close &- start)
        field.isEscaped = span.isEscaped
        field.state = .good
        return span.close &+ 1
    }

    /// The optional keys: `null` is the same as not there.
    @inline(never)
    private mutating func readOptional(
        _ key: SignalKey,
        _ text: JSONBytes,
        at index: Int,
        into fields: inout SignalFields
    ) -> Int {
        if text.base[index] == UInt8(ascii: "n") { return text.literal(at: index) }
        switch key {
        case .id: return readText(text, at: index, into: &fields.identifier)
        case .parent: return readText(text, at: index, into: &fields.parent)
        case .agent: return readText(text, at: index, into: &fields.agent)
        case .task: return readText(text, at: index, into: &fields.task)
        case .evidence: return readText(text, at: index, into: &fields.evidence)
        case .traceparent:
            var field = Field(TraceID.zero)
            let end = readWord(text, at: index, &field, SignalScanner.trace)
            traceParts.parent = field.state
            traceParts.trace = field.value
            return end
        default:
            var field = Field(true)
            let end = readWord(text, at: index, &field, SignalScanner.tracestate)
            traceParts.state = field.state
            return end
        }
    }

    static func trace(_ text: JSONBytes, _ start: Int, _ length: Int) -> TraceID? {
        Traceparent(UnsafeRawBufferPointer(start: text.base + start, count: length))?.trace
    }

    static func tracestate(_ text: JSONBytes, _ start: Int, _ length: Int) -> Bool? {
        let bytes = UnsafeRawBufferPointer(start: text.base + start, count: length)
        return Tracestate.isValid(bytes) ? true : nil
    }
}

extension JSONBytes {
    @inline(__always)
    static func startsNumber(_ byte: UInt8) -> Bool { isDigit(byte) || byte == UInt8(ascii: "-") }

    /// True where a string's content has a character that is not Unicode White_Space.
    @inline(never)
    func hasInk(_ content: ByteRange) -> Bool {
        var index = content.range.lowerBound
        while index < content.range.upperBound {
            let scalar: UInt32
            if base[index] == UInt8(ascii: "\\") {
                let escaped = escapedScalar(at: index)
                scalar = escaped.scalar
                index &+= escaped.length
            } else {
                let length = sequenceLength(at: index)
                scalar = self.scalar(at: index, length: length)
                index &+= length
            }
            if Unicode.Scalar(scalar)?.properties.isWhitespace == false { return true }
        }
        return false
    }

    /// The character whose well-formed UTF-8 is the `length` bytes at `index`.
    private func scalar(at index: Int, length: Int) -> UInt32 {
        if length == 1 { return UInt32(base[index]) }
        var scalar = UInt32(base[index]) & (0x7F >> UInt32(length))
        for place in 1..<length { scalar = scalar << 6 | UInt32(base[index + place] & 0x3F) }
        return scalar
    }
}
