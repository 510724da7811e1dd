/// A piece of a buffer: `start..<start + length`.
package struct ByteRange: Sendable, Hashable {
    package var start: Int32
    package var length: Int32

    package init(start: Int = 0, length: Int = 0) {
        self.start = Int32(truncatingIfNeeded: start)
        self.length = Int32(truncatingIfNeeded: length)
    }

    package var range: Range<Int> { Int(start)..<Int(start) + Int(length) }
}

/// Why a line is no JSON object that can be judged at all: gates F0, F1 and F2 of SPEC §1.
package enum FrameFault: UInt8, Sendable, Hashable, CaseIterable {
    // F0, encoding
    case invalidUTF8, byteOrderMark, utf16, nul, loneSurrogate
    // F1, size
    case oversize
    // F2, JSON
    case notAnObject, syntax, trailingData, duplicateKey, tooDeep

    /// Which of F0, F1, F2 this is: 0, 1 or 2.
    package var gateNumber: Int {
        switch self {
        case .invalidUTF8, .byteOrderMark, .utf16, .nul, .loneSurrogate: 0
        case .oversize: 1
        case .notAnObject, .syntax, .trailingData, .duplicateKey, .tooDeep: 2
        }
    }
}

/// A frame fault and the byte of the line at which it was seen.
package struct FrameFailure: Sendable, Hashable {
    package var fault: FrameFault
    package var position: Int

    package init(fault: FrameFault, position: Int) {
        self.fault = fault
        self.position = position
    }
}

/// What the scanner found under one known key.
package enum FieldState: UInt8, Sendable, Hashable {
    /// The key is not there (for an optional key: or its value is `null`).
    case absent
    /// The value has another JSON type.
    case wrongType
    /// The right JSON type, and a value that the gate does not take.
    case badValue
    case good

    /// Spelled out so that other modules inline it: eight of them are judged a line.
    @inlinable @inline(__always)
    package static func == (left: FieldState, right: FieldState) -> Bool {
        switch (left, right) {
        case (.absent, .absent), (.wrongType, .wrongType), (.badValue, .badValue), (.good, .good):
            true
        default: false
        }
    }

    /// Spelled out, as `==` is.
    @inlinable @inline(__always)
    package static func != (left: FieldState, right: FieldState) -> Bool { !(left == right) }
}

/// A decoded value, what became of it, and where its JSON token stands: in `ScannedLine.payload`
/// where there is one, else in the line.
package struct Field<Value: Sendable & Hashable>: Sendable, Hashable {
    package var state: FieldState
    /// Meaningful only where `state` is `.good` (or, for a generation, where it is an integer).
    package var value: Value
    /// The value's JSON token, quotes included.
    package var token: ByteRange

    package init(_ value: Value) {
        self.state = .absent
        self.value = value
        self.token = ByteRange()
    }
}

/// A string kept as a slice of the bytes, so that a line that passes allocates nothing.
package struct TextField: Sendable, Hashable {
    package var state: FieldState
    /// Between the quotes, still escaped where `isEscaped`.
    package var content: ByteRange
    package var isEscaped: Bool

    package init() {
        self.state = .absent
        self.content = ByteRange()
        self.isEscaped = false
    }
}

/// The signal's keys as found: gates G0–G7 read these, in this order.
package struct SignalFields: Sendable, Hashable {
    /// G0; good is an RFC 3339 date-time on a real calendar date.
    package var timestamp = Field(Timestamp(seconds: 0))
    /// G1; good is a JSON number with 0 ≤ mark ≤ 1.
    package var mark = Field(0.0)
    /// G2.
    package var pull = Field(Pull.lateral)
    /// G3; good is at least one character that is not Unicode White_Space.
    package var message = TextField()
    /// G4.
    package var type = Field(SignalType.signal)
    /// G5.
    package var phase = Field(Phase.hunt)
    /// G6; good is a JSON integer (no fraction, no exponent), saturated to Int64.
    ///
    /// The minimum is the kernel's.
    package var generation = Field(Int64(0))
    /// G7; good is a JSON integer 0…7.
    package var port = Field(UInt8(0))

    package var identifier = TextField()
    package var parent = TextField()
    package var agent = TextField()
    package var task = TextField()
    package var evidence = TextField()

    package init() {}
}

/// What is wrong with a CloudEvents envelope (G8, and G11 in the last three).
package struct EnvelopeFaults: OptionSet, Sendable, Hashable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) { self.rawValue = rawValue }

    package static let specversion = EnvelopeFaults(rawValue: 1 << 0)
    package static let identifier = EnvelopeFaults(rawValue: 1 << 1)
    package static let source = EnvelopeFaults(rawValue: 1 << 2)
    package static let type = EnvelopeFaults(rawValue: 1 << 3)
    package static let time = EnvelopeFaults(rawValue: 1 << 4)
    package static let attributeName = EnvelopeFaults(rawValue: 1 << 5)
    package static let dataContentType = EnvelopeFaults(rawValue: 1 << 6)
    /// No `data` and no `data_base64`, both, or not a JSON object in it.
    package static let data = EnvelopeFaults(rawValue: 1 << 7)
    /// `hfogen`, `hfohive`, `hfoport` absent or not equal to the data's.
    package static let hfogen = EnvelopeFaults(rawValue: 1 << 8)
    package static let hfohive = EnvelopeFaults(rawValue: 1 << 9)
    package static let hfoport = EnvelopeFaults(rawValue: 1 << 10)

    /// The faults that G8 reports.
    package static let gate8: EnvelopeFaults = [
        .specversion, .identifier, .source, .type, .time, .attributeName, .dataContentType, .data,
    ]
    /// The faults that G11 reports.
    package static let gate11: EnvelopeFaults = [.hfogen, .hfohive, .hfoport]
}

/// The trace context a line carries (of the envelope, else of the signal itself).
package struct TraceField: Sendable, Hashable {
    /// `.badValue` or `.wrongType`: `traceparent` is not valid (G9).
    package var state: FieldState = .absent
    package var trace: TraceID = .zero
    /// True where `traceparent` is there and `tracestate` is there and not well formed (G9).
    package var hasBadTracestate = false

    package init() {}
}

/// One line as the scanner saw it: plain data, no references but for `payload`.
package struct ScannedLine: Sendable, Hashable {
    /// F0–F2; nil where the line is one JSON object.
    ///
    /// Nothing below is meaningful otherwise.
    package var failure: FrameFailure?
    /// Only JSON white space (after the parts of a UTF-16 line end are taken off): no verdict at
    /// all.
    package var isBlank = false
    /// The object has `specversion`.
    package var isEnvelope = false
    package var envelopeFaults: EnvelopeFaults = []
    /// False for an envelope without a readable signal: G0–G7 cannot be judged, G8 says so.
    package var hasSignal = true
    package var fields = SignalFields()
    package var trace = TraceField()
    /// The decoded `data_base64`; the ranges in `fields` then refer to it and not to the line.
    package var payload: [UInt8]?
    /// `fields.identifier` is the envelope's `id`: it refers to the line also where there is a
    /// `payload`.
    package var identifierIsEnvelope = false

    package init() {}
}
