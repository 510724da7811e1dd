/// A `traceparent`: W3C Trace Context §3.2, levels 1 and 2.
package struct Traceparent: Sendable, Hashable {
    /// 0…254; 255 is forbidden.
    package let version: UInt8
    package let trace: TraceID
    /// Not zero.
    package let parent: UInt64
    package let flags: UInt8

    /// A `traceparent` of version 00; nil for an id that is all zero.
    package init?(trace: TraceID, parent: UInt64, flags: UInt8) {
        guard !trace.isZero, parent != 0 else { return nil }
        self.version = 0
        self.trace = trace
        self.parent = parent
        self.flags = flags
    }

    /// Parses `00-<32 hex>-<16 hex>-<2 hex>`, all of the bytes; nil for what is not valid.
    ///
    /// Lower-case hex only, ids not all zero, version `ff` never. Version 00 has exactly 55
    /// characters; a higher one may have more, behind a `-` (§3.2.4, "Versioning").
    package init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 55, bytes[2] == 0x2D, bytes[35] == 0x2D, bytes[52] == 0x2D,
            let version = Traceparent.number(bytes, 0..<2), version != 0xFF,
            bytes.count == 55 || (version > 0 && bytes[55] == 0x2D),
            let high = Traceparent.number(bytes, 3..<19),
            let low = Traceparent.number(bytes, 19..<35), high | low != 0,
            let parent = Traceparent.number(bytes, 36..<52), parent != 0,
            let flags = Traceparent.number(bytes, 53..<55)
        else { return nil }
        self.version = UInt8(truncatingIfNeeded: version)
        self.trace = TraceID(high: high, low: low)
        self.parent = parent
        self.flags = UInt8(truncatingIfNeeded: flags)
    }

    /// Parses a `traceparent`, all of the text.
    package init?(_ text: String) {
        let parsed = Array(text.utf8).withUnsafeBytes { Traceparent($0) }
        guard let parsed else { return nil }
        self = parsed
    }

    /// The 55 characters that every version starts with.
    package var text: String {
        let parent = withUnsafeBytes(of: parent.bigEndian) { Array($0) }
        return [Hex.encode([version]), trace.hex, Hex.encode(parent), Hex.encode([flags])]
            .joined(separator: "-")
    }

    /// Up to 16 lower-case hex digits as a number.
    private static func number(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> UInt64? {
        var number: UInt64 = 0
        for index in range {
            let byte = bytes[index]
            if byte &- 0x30 < 10 {
                number = number << 4 | UInt64(byte &- 0x30)
            } else if byte &- 0x61 < 6 {
                number = number << 4 | UInt64(byte &- 0x57)
            } else {
                return nil
            }
        }
        return number
    }
}

/// The grammar of `tracestate`: W3C Trace Context §3.3.
package enum Tracestate {
    /// Members in one list, empty ones counted (§3.3.1.1).
    package static let membersMax = 32
    private static let keyBytesMax = 256
    private static let tenantBytesMax = 241
    private static let systemBytesMax = 14
    private static let valueBytesMax = 256

    /// True for a well-formed list: known grammar, no key twice, at most 32 members.
    ///
    /// White space around a member is allowed, also at the ends: HTTP would have cut it off there.
    package static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var keys: [Slice<UnsafeRawBufferPointer>] = []
        var members = 0
        var start = 0
        while start <= bytes.count {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: ",")) ?? bytes.count
            let member = trimmed(bytes[start..<end])
            members += 1
            guard members <= membersMax else { return false }
            start = end + 1
            if member.isEmpty { continue }
            guard let equals = member.firstIndex(of: UInt8(ascii: "=")) else { return false }
            let key = member[..<equals]
            guard isKey(key), isValue(member[(equals + 1)...]),
                !keys.contains(where: { $0.elementsEqual(key) })
            else { return false }
            keys.append(key)
        }
        return true
    }

    private static func trimmed(
        _ member: Slice<UnsafeRawBufferPointer>
    ) -> Slice<UnsafeRawBufferPointer> {
        var member = member
        while let first = member.first, first == 0x20 || first == 0x09 { member.removeFirst() }
        while let last = member.last, last == 0x20 || last == 0x09 { member.removeLast() }
        return member
    }

    /// A simple key, or `tenant@system`.
    private static func isKey(_ key: Slice<UnsafeRawBufferPointer>) -> Bool {
        guard let at = key.firstIndex(of: UInt8(ascii: "@")) else {
            return key.count <= keyBytesMax && startsWithLetter(key) && key.allSatisfy(isKeyByte)
        }
        let tenant = key[..<at]
        let system = key[(at + 1)...]
        guard let first = tenant.first, startsWithLetter(tenant) || JSONBytes.isDigit(first) else {
            return false
        }
        return tenant.count <= tenantBytesMax && tenant.allSatisfy(isKeyByte)
            && system.count <= systemBytesMax && startsWithLetter(system)
            && system.allSatisfy(isKeyByte)
    }

    private static func startsWithLetter(_ key: Slice<UnsafeRawBufferPointer>) -> Bool {
        guard let first = key.first else { return false }
        return first &- 0x61 < 26
    }

    private static func isKeyByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "/"):
            true
        default: false
        }
    }

    /// Printable ASCII without `,` and `=`; the trimming took care of a last space.
    private static func isValue(_ value: Slice<UnsafeRawBufferPointer>) -> Bool {
        guard !value.isEmpty, value.count <= valueBytesMax else { return false }
        return value.allSatisfy { byte in
            byte >= 0x20 && byte <= 0x7E && byte != UInt8(ascii: ",") && byte != UInt8(ascii: "=")
        }
    }
}
