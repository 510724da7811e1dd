// One pass over a line: it checks the frame (F0–F2) and finds the signal's fields on the way.
//
// The line is read once, left to right, by recursive descent. A member of the top object whose key
// is known is judged as it is read; any other value is only checked for its grammar. Strings are
// stepped over eight bytes at a time and stay where they are: a field keeps a range of the line.
// So a line that passes costs no allocation, and each of its bytes is looked at about once.
//
// Three things are left for lines that need them. A line that fails is searched again for an
// encoding fault, which wins (`EncodingCheck`). An object with `specversion`, known only after its
// end, is walked again as an envelope. A string with an escape is decoded into scratch memory
// where its value matters.

/// Turns physical lines into `ScannedLine`s.
///
/// It keeps nothing but scratch memory from one line to the next. A line must not contain an LF:
/// inside an object it would pass for JSON white space.
package struct SignalScanner: Sendable {
    /// The keys of the objects being read that are not the signal's own.
    var keys = KeyStack()
    /// A decoded string.
    var scratch: [UInt8] = []
    /// What the last object read by `readSignal` had for a trace context.
    var traceParts = TraceParts()
    /// Whether the last object read by `readSignal` had `specversion`.
    var hasSpecversion = false

    package init() {}

    /// Scans one physical line, without its LF.
    ///
    /// - Parameters:
    ///   - line: the bytes between two LFs; `result` refers to them by position.
    ///   - atFileStart: the line is the file's first, where a BOM is tolerated, and a NUL is not
    ///     the second half of a UTF-16 line end.
    /// - Returns: what was found. Nothing is thrown: a bad line is a value, too.
    package mutating func scan(
        _ line: UnsafeRawBufferPointer,
        atFileStart: Bool
    ) -> ScannedLine {
        var result = ScannedLine()
        scan(line, atFileStart: atFileStart, into: &result)
        return result
    }

    /// Scans one physical line, as `scan(_:atFileStart:)` does, into a value that is used again.
    package mutating func scan(
        _ line: UnsafeRawBufferPointer,
        atFileStart: Bool,
        into result: inout ScannedLine
    ) {
        result = ScannedLine()
        guard let base = line.baseAddress?.assumingMemoryBound(to: UInt8.self) else {
            result.isBlank = true
            return
        }
        let body = SignalScanner.trimmed(base, count: line.count, atFileStart: atFileStart)
        guard body.end &- body.start <= LineFramer.lineBytesMax else {
            result.failure = FrameFailure(fault: .oversize, position: body.start)
            return
        }
        let text = JSONBytes(base: base, count: body.end)
        let start = text.skipSpace(body.start)
        guard start < text.count else {
            result.isBlank = true
            return
        }
        keys.reset()
        let end = readDocument(text, from: start, into: &result.fields)
        if end < 0 {
            let failure = EncodingCheck.firstFault(in: text, from: body.start)
            result.failure = failure ?? JSONBytes.failure(end)
        } else if hasSpecversion {
            readEnvelope(text, from: start, into: &result)
        } else {
            result.trace = traceParts.field
        }
    }

    /// The line without a byte order mark and the parts of a line end around it.
    @inline(__always)
    private static func trimmed(
        _ base: UnsafePointer<UInt8>,
        count: Int,
        atFileStart: Bool
    ) -> (start: Int, end: Int) {
        var start = 0
        var end = count
        if atFileStart {
            if EncodingCheck.isByteOrderMark(JSONBytes(base: base, count: count), at: 0) {
                start = 3
            }
        } else if count > 0, base[0] == 0 {
            start = 1
        }
        if end &- start >= 2, base[end &- 1] == 0, base[end &- 2] == 0x0D {
            end &-= 2
        } else if end > start, base[end &- 1] == 0x0D {
            end &-= 1
        }
        return (start, end)
    }

    /// Reads the one object that the text from `start` on is to be; the index of its end.
    mutating func readDocument(
        _ text: JSONBytes,
        from start: Int,
        into fields: inout SignalFields
    ) -> Int {
        guard text.base[start] == UInt8(ascii: "{") else {
            return JSONBytes.fail(.notAnObject, at: start)
        }
        let end = readSignal(text, from: start, into: &fields)
        if end < 0 { return end }
        let rest = text.skipSpace(end)
        return rest == text.count ? end : JSONBytes.fail(.trailingData, at: rest)
    }
}

// MARK: - Objects

extension SignalScanner {
    /// Reads the object whose brace is at `open`, and judges the members that make a signal.
    mutating func readSignal(
        _ text: JSONBytes,
        from open: Int,
        into fields: inout SignalFields
    ) -> Int {
        traceParts = TraceParts()
        hasSpecversion = false
        var index = text.skipSpace(open &+ 1)
        if text.has(UInt8(ascii: "}"), at: index) { return index &+ 1 }
        let frame = keys.top
        var seen: UInt32 = 0
        index = readUsualOrder(text, at: index, seen: &seen, into: &fields)
        if index < 0 { return index }
        var isBehindValue = seen != 0
        while true {
            if isBehindValue {
                isBehindValue = false
            } else {
                index = readNext(text, at: index, seen: &seen, frame: frame, into: &fields)
                if index < 0 { return index }
            }
            if text.hasTight(UInt8(ascii: ","), at: index) {
                index &+= 1
                continue
            }
            index = text.skipSpace(index)
            if text.has(UInt8(ascii: ","), at: index) {
                index = text.skipSpace(index &+ 1)
            } else if text.has(UInt8(ascii: "}"), at: index) {
                break
            } else {
                return JSONBytes.fail(.syntax, at: index)
            }
        }
        hasSpecversion = seen & SignalKey.specversion.bit != 0
        if let repeated = keys.close(frame: frame, text) {
            return JSONBytes.fail(.duplicateKey, at: repeated)
        }
        return index &+ 1
    }

    /// Reads the member whose name is at `start`; the index behind its value.
    @inline(__always)
    private mutating func readNext(
        _ text: JSONBytes,
        at start: Int,
        seen: inout UInt32,
        frame: Int,
        into fields: inout SignalFields
    ) -> Int {
        let name = text.name(at: start)
        if name.end < 0 { return name.end }
        var key = name.key
        if name.isEscaped { key = decodedKey(text, start &+ 1, name.end) }
        if key == .other {
            let range = Range(uncheckedBounds: (start &+ 1, name.end))
            if !keys.insert(text, range, isEscaped: name.isEscaped, frame: frame) {
                return JSONBytes.fail(.duplicateKey, at: start)
            }
        } else if seen & key.bit != 0 {
            return JSONBytes.fail(.duplicateKey, at: start)
        }
        seen |= key.bit
        let value = text.valueStart(afterName: name.end)
        return value < 0 ? value : readMember(key, text, at: value, into: &fields)
    }

    /// The key that a name with escapes means.
    private mutating func decodedKey(_ text: JSONBytes, _ start: Int, _ end: Int) -> SignalKey {
        withDecoded(text, start, end) { name, start, length in
            guard length > 0, length <= 12 else { return .other }
            let word = name.prefix(at: start, length: length)
            guard length >= 8 else {
                let hasNUL = (0..<length).contains { name.base[start + $0] == 0 }
                return hasNUL ? .other : .short(word)
            }
            let rest = name.prefix(at: start + 8, length: length - 8)
            return .named(word, rest, length: length)
        }
    }

    /// Checks a value that is not looked into, and the keys of the objects in it.
    ///
    /// `depth` is that of the object or array around it.
    mutating func skipValue(_ text: JSONBytes, at index: Int, depth: Int) -> Int {
        switch text.base[index] {
        case UInt8(ascii: "\""):
            let close = text.string(from: index &+ 1).close
            return close < 0 ? close : close &+ 1
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return text.number(at: index).end
        case UInt8(ascii: "{"):
            guard depth < JSONBytes.depthMax else { return JSONBytes.fail(.tooDeep, at: index) }
            return skipObject(text, from: index, depth: depth &+ 1)
        case UInt8(ascii: "["):
            guard depth < JSONBytes.depthMax else { return JSONBytes.fail(.tooDeep, at: index) }
            return skipArray(text, from: index, depth: depth &+ 1)
        default:
            return text.literal(at: index)
        }
    }

    private mutating func skipArray(_ text: JSONBytes, from open: Int, depth: Int) -> Int {
        var index = text.skipSpace(open &+ 1)
        if text.has(UInt8(ascii: "]"), at: index) { return index &+ 1 }
        while true {
            guard index < text.count else { return JSONBytes.fail(.syntax, at: index) }
            index = skipValue(text, at: index, depth: depth)
            if index < 0 { return index }
            index = text.skipSpace(index)
            if text.has(UInt8(ascii: "]"), at: index) { return index &+ 1 }
            guard text.has(UInt8(ascii: ","), at: index) else {
                return JSONBytes.fail(.syntax, at: index)
            }
            index = text.skipSpace(index &+ 1)
        }
    }

    private mutating func skipObject(_ text: JSONBytes, from open: Int, depth: Int) -> Int {
        var index = text.skipSpace(open &+ 1)
        if text.has(UInt8(ascii: "}"), at: index) { return index &+ 1 }
        let frame = keys.top
        while true {
            let name = text.name(at: index)
            if name.end < 0 { return name.end }
            let range = Range(uncheckedBounds: (index &+ 1, name.end))
            if !keys.insert(text, range, isEscaped: name.isEscaped, frame: frame) {
                return JSONBytes.fail(.duplicateKey, at: index)
            }
            index = text.valueStart(afterName: name.end)
            if index < 0 { return index }
            index = skipValue(text, at: index, depth: depth)
            if index < 0 { return index }
            index = text.skipSpace(index)
            if text.has(UInt8(ascii: "}"), at: index) { break }
            guard text.has(UInt8(ascii: ","), at: index) else {
                return JSONBytes.fail(.syntax, at: index)
            }
            index = text.skipSpace(index &+ 1)
        }
        if let repeated = keys.close(frame: frame, text) {
            return JSONBytes.fail(.duplicateKey, at: repeated)
        }
        return index &+ 1
    }

    /// Calls `body` with the decoded text between two quotes, as bytes and where they lie.
    @inline(never)
    mutating func withDecoded<Result>(
        _ text: JSONBytes,
        _ start: Int,
        _ end: Int,
        _ body: (JSONBytes, _ start: Int, _ length: Int) -> Result
    ) -> Result {
        scratch.removeAll(keepingCapacity: true)
        text.decode(start..<end, into: &scratch)
        return scratch.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return body(text, start, 0) }
            return body(JSONBytes(base: base, count: buffer.count), 0, buffer.count)
        }
    }
}

// MARK: - Names

/// A member's name as it was read.
struct MemberName {
    /// The index of its closing quote, or a packed failure.
    var end: Int
    /// What it means; meaningless where it has escapes.
    var key: SignalKey
    var isEscaped: Bool
}

extension JSONBytes {
    @inline(__always)
    func has(_ byte: UInt8, at index: Int) -> Bool { index < count && base[index] == byte }

    /// True where `byte` is at `index` and something that is no white space right behind it.
    @inline(__always)
    func hasTight(_ byte: UInt8, at index: Int) -> Bool {
        index &+ 1 < count && base[index] == byte && base[index &+ 1] > 0x20
    }

    /// Reads the name whose opening quote must be at `index`.
    @inline(__always)
    func name(at index: Int) -> MemberName {
        guard has(UInt8(ascii: "\""), at: index) else {
            return MemberName(
                end: JSONBytes.fail(.syntax, at: index),
                key: .other,
                isEscaped: false
            )
        }
        let start = index &+ 1
        if start &+ 8 <= count {
            let word = word(at: start)
            let length = JSONBytes.quotes(in: word).trailingZeroBitCount >> 3
            let mask = ~(~UInt64(0) &<< UInt64(truncatingIfNeeded: length &* 8))
            // A name that is found in the table has only plain letters in it, and NULs, which look
            // like the table's padding, only behind them.
            let key = SignalKey.short(word & mask)
            if length < 8, key != .other, base[start &+ length &- 1] != 0 {
                return MemberName(end: start &+ length, key: key, isEscaped: false)
            }
        }
        return longName(from: start)
    }

    @inline(never)
    private func longName(from start: Int) -> MemberName {
        let span = string(from: start)
        let length = span.close &- start
        guard span.close >= 0, !span.isEscaped, length > 0, length <= 12 else {
            return MemberName(end: span.close, key: .other, isEscaped: span.isEscaped)
        }
        let word = prefix(at: start, length: min(length, 8))
        let rest = length > 8 ? prefix(at: start &+ 8, length: length &- 8) : 0
        return MemberName(
            end: span.close,
            key: .named(word, rest, length: length),
            isEscaped: false
        )
    }

    /// The index of the value that belongs to the name whose closing quote is at `end`.
    @inline(__always)
    func valueStart(afterName end: Int) -> Int {
        if hasTight(UInt8(ascii: ":"), at: end &+ 1) { return end &+ 2 }
        let colon = skipSpace(end &+ 1)
        guard has(UInt8(ascii: ":"), at: colon) else { return JSONBytes.fail(.syntax, at: colon) }
        let index = skipSpace(colon &+ 1)
        return index < count ? index : JSONBytes.fail(.syntax, at: index)
    }
}
