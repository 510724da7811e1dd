// Envelopes: CloudEvents 1.0 in JSON format, with the signal in `data` or `data_base64`.
//
// The first pass has shown that the line is sound JSON, so this one only looks for the members.

/// Where a member of the envelope has its value.
private struct Attribute {
    /// The value's token; nil where the member is not there.
    var token: Range<Int>?
    var isEscaped = false
}

/// The members of an envelope that hive looks at.
private struct EnvelopeMembers {
    var specversion = Attribute()
    var identifier = Attribute()
    var source = Attribute()
    var type = Attribute()
    var time = Attribute()
    var dataContentType = Attribute()
    var data = Attribute()
    var dataBase64 = Attribute()
    var hfogen = Attribute()
    var hfohive = Attribute()
    var hfoport = Attribute()
    var traceparent = Attribute()
    var tracestate = Attribute()
    /// A name that CloudEvents does not allow is among the members.
    var hasBadName = false

    mutating func add(_ name: String, _ attribute: Attribute) {
        switch name {
        case "specversion": specversion = attribute
        case "id": identifier = attribute
        case "source": source = attribute
        case "type": type = attribute
        case "time": time = attribute
        case "datacontenttype": dataContentType = attribute
        case "data": data = attribute
        case "data_base64": dataBase64 = attribute
        case "hfogen": hfogen = attribute
        case "hfohive": hfohive = attribute
        case "hfoport": hfoport = attribute
        case "traceparent": traceparent = attribute
        case "tracestate": tracestate = attribute
        default:
            let isName = name.utf8.allSatisfy { byte in
                JSONBytes.isDigit(byte) || byte &- 0x61 < 26
            }
            if name.isEmpty || !isName { hasBadName = true }
        }
    }
}

extension SignalScanner {
    /// Judges the object at `open`, which is sound JSON, as an envelope, and reads its signal.
    mutating func readEnvelope(
        _ text: JSONBytes,
        from open: Int,
        into result: inout ScannedLine
    ) {
        let members = envelopeMembers(text, from: open)
        result = ScannedLine()
        result.isEnvelope = true
        result.envelopeFaults = faults(of: members, text)
        readData(of: members, text, into: &result)
        if !result.hasSignal { result.envelopeFaults.insert(.data) }
        judgeExtensions(members, text, &result)
        takeIdentifier(members.identifier, text, &result)
        result.trace = trace(of: members, text)
    }

    private mutating func envelopeMembers(_ text: JSONBytes, from open: Int) -> EnvelopeMembers {
        var members = EnvelopeMembers()
        var index = text.skipSpace(open &+ 1)
        while text.has(UInt8(ascii: "\""), at: index) {
            let name = text.string(from: index &+ 1)
            let start = text.valueStart(afterName: name.close)
            let end = skipValue(text, at: start, depth: 1)
            guard name.close > index, start > 0, end > start else { return members }
            var attribute = Attribute(token: start..<end)
            if text.base[start] == UInt8(ascii: "\"") {
                attribute.isEscaped = text.string(from: start &+ 1).isEscaped
            }
            let range = (index &+ 1)..<name.close
            members.add(text.decodedString(range, isEscaped: name.isEscaped), attribute)
            index = text.skipSpace(end)
            if text.has(UInt8(ascii: ","), at: index) { index = text.skipSpace(index &+ 1) }
        }
        return members
    }

    // MARK: The signal

    /// Finds the signal in `data` or `data_base64`; without one, `hasSignal` becomes false.
    private mutating func readData(
        of members: EnvelopeMembers,
        _ text: JSONBytes,
        into result: inout ScannedLine
    ) {
        traceParts = TraceParts()
        result.hasSignal = false
        switch (members.data.token, members.dataBase64.token) {
        case (.some(let token), nil):
            guard text.base[token.lowerBound] == UInt8(ascii: "{") else { return }
            let end = readSignal(text, from: token.lowerBound, into: &result.fields)
            result.hasSignal = end >= 0
        case (nil, .some):
            guard let encoded = content(members.dataBase64, text) else { return }
            guard let payload = Base64.decode(Array(encoded.utf8)) else { return }
            result.hasSignal = readPayload(payload, into: &result.fields)
            if result.hasSignal { result.payload = payload }
        default:
            return
        }
    }

    /// True where the bytes are one JSON object, by the same frame rules as a line.
    private mutating func readPayload(
        _ payload: [UInt8],
        into fields: inout SignalFields
    ) -> Bool {
        payload.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return false }
            let text = JSONBytes(base: base, count: buffer.count)
            let start = text.skipSpace(0)
            guard start < text.count else { return false }
            keys.reset()
            var found = SignalFields()
            guard readDocument(text, from: start, into: &found) >= 0 else {
                traceParts = TraceParts()
                return false
            }
            fields = found
            return true
        }
    }

    /// The signal's id is its own, else the envelope's.
    private func takeIdentifier(
        _ identifier: Attribute,
        _ text: JSONBytes,
        _ result: inout ScannedLine
    ) {
        guard result.fields.identifier.state == .absent, let token = identifier.token,
            text.base[token.lowerBound] == UInt8(ascii: "\"")
        else { return }
        result.fields.identifier.state = .good
        result.fields.identifier.content = ByteRange(
            start: token.lowerBound + 1,
            length: token.count - 2
        )
        result.fields.identifier.isEscaped = identifier.isEscaped
        result.identifierIsEnvelope = true
    }

    /// The envelope's trace context, attribute by attribute, else the signal's.
    private func trace(of members: EnvelopeMembers, _ text: JSONBytes) -> TraceField {
        var parts = traceParts
        if !isAbsent(members.traceparent, text) {
            let value = content(members.traceparent, text)
            let parent = value.flatMap { Traceparent($0) }
            parts.parent = parent != nil ? .good : value == nil ? .wrongType : .badValue
            parts.trace = parent?.trace ?? .zero
        }
        if !isAbsent(members.tracestate, text) {
            let value = content(members.tracestate, text)
            let isValid = value.map { Array($0.utf8).withUnsafeBytes(Tracestate.isValid) }
            parts.state = isValid == true ? .good : isValid == nil ? .wrongType : .badValue
        }
        return parts.field
    }

    // MARK: G8

    private func faults(of members: EnvelopeMembers, _ text: JSONBytes) -> EnvelopeFaults {
        var faults: EnvelopeFaults = []
        if content(members.specversion, text) != "1.0" { faults.insert(.specversion) }
        if content(members.identifier, text)?.isEmpty != false { faults.insert(.identifier) }
        if content(members.type, text)?.isEmpty != false { faults.insert(.type) }
        if members.hasBadName { faults.insert(.attributeName) }
        let source = content(members.source, text) ?? ""
        if source.isEmpty || !Array(source.utf8).withUnsafeBytes(URIReference.isValid) {
            faults.insert(.source)
        }
        if !isAbsent(members.time, text) {
            let time = content(members.time, text).flatMap { Timestamp(rfc3339: $0) }
            if time == nil { faults.insert(.time) }
        }
        if !isAbsent(members.dataContentType, text) {
            let type = content(members.dataContentType, text) ?? ""
            if !Array(type.utf8).withUnsafeBytes(MediaType.isJSON) {
                faults.insert(.dataContentType)
            }
        }
        return faults
    }

    /// Not there, or `null`: CloudEvents JSON format §2.2.
    private func isAbsent(_ attribute: Attribute, _ text: JSONBytes) -> Bool {
        guard let token = attribute.token else { return true }
        return text.base[token.lowerBound] == UInt8(ascii: "n")
    }

    /// The decoded string; nil where it is not there or no string.
    private func content(_ attribute: Attribute, _ text: JSONBytes) -> String? {
        guard let token = attribute.token, text.base[token.lowerBound] == UInt8(ascii: "\"") else {
            return nil
        }
        let range = (token.lowerBound + 1)..<(token.upperBound - 1)
        return text.decodedString(range, isEscaped: attribute.isEscaped)
    }

    // MARK: G11

    /// Without a signal, only what the attributes are can be judged, not what they equal.
    private func judgeExtensions(
        _ members: EnvelopeMembers,
        _ text: JSONBytes,
        _ result: inout ScannedLine
    ) {
        let fields = result.fields
        let generation = integer(members.hfogen.token, text)
        let port = integer(members.hfoport.token, text)
        let phase = content(members.hfohive, text)
        if generation == nil { result.envelopeFaults.insert(.hfogen) }
        if phase == nil { result.envelopeFaults.insert(.hfohive) }
        if port == nil { result.envelopeFaults.insert(.hfoport) }
        guard result.hasSignal else { return }

        func compare(_ data: JSONBytes) {
            if generation != integer(token(of: fields.generation), data) {
                result.envelopeFaults.insert(.hfogen)
            }
            if port != integer(token(of: fields.port), data) {
                result.envelopeFaults.insert(.hfoport)
            }
            let attribute = dataAttribute(fields.phase, data)
            if phase != content(attribute, data) { result.envelopeFaults.insert(.hfohive) }
        }
        guard let payload = result.payload else { return compare(text) }
        payload.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            compare(JSONBytes(base: base, count: buffer.count))
        }
    }

    /// The digits of a JSON integer, `0` for `-0`; nil for anything else.
    private func integer(_ token: Range<Int>?, _ text: JSONBytes) -> String? {
        guard let token, JSONBytes.startsNumber(text.base[token.lowerBound]) else { return nil }
        let number = text.number(at: token.lowerBound)
        guard number.end >= 0, number.isInteger else { return nil }
        let digits = text.decodedString(token, isEscaped: false)
        return digits == "-0" ? "0" : digits
    }

    private func token<Value>(of field: Field<Value>) -> Range<Int>? {
        field.state == .absent ? nil : field.token.range
    }

    private func dataAttribute(_ field: Field<Phase>, _ data: JSONBytes) -> Attribute {
        guard let token = token(of: field) else { return Attribute() }
        let isText = data.base[token.lowerBound] == UInt8(ascii: "\"")
        let isEscaped = isText && data.string(from: token.lowerBound + 1).isEscaped
        return Attribute(token: token, isEscaped: isEscaped)
    }
}
