/// One frame of HTTP/2 (RFC 9113 §4.1).
struct HTTP2Frame: Equatable {
    /// Types that are not listed are passed over, as the RFC wants it.
    enum Kind: UInt8 {
        case data, headers, priority, resetStream, settings, pushPromise, ping, goAway
        case windowUpdate, continuation
    }

    /// The codes of RFC 9113 §7 that are told here.
    enum ErrorCode: UInt32 {
        case protocolError = 1
        case internalError = 2
        case flowControlError = 3
        case streamClosed = 5
        case frameSizeError = 6
        case refusedStream = 7
        case compressionError = 9
        case enhanceYourCalm = 11
    }

    static let headBytes = 9
    /// The largest payload that each side takes unless it says more.
    static let payloadBytesMax = 16_384

    static let endStream: UInt8 = 0x1
    static let acknowledgement: UInt8 = 0x1
    static let endHeaders: UInt8 = 0x4
    static let padded: UInt8 = 0x8
    static let priority: UInt8 = 0x20

    /// Nil: a type that nobody here knows.
    var kind: Kind?
    var flags: UInt8
    var stream: UInt32
    var payload: [UInt8]

    func has(_ flag: UInt8) -> Bool { flags & flag != 0 }

    /// The payload without its padding (§6.1) and its priority (§6.2); nil: it is too short.
    var content: ArraySlice<UInt8>? {
        var content = payload[...]
        var padding = 0
        if has(Self.padded) {
            guard let length = content.popFirst() else { return nil }
            padding = Int(length)
        }
        if kind == .headers, has(Self.priority) {
            guard content.count >= 5 else { return nil }
            content = content.dropFirst(5)
        }
        return padding <= content.count ? content.dropLast(padding) : nil
    }

    /// The number in the first four bytes of the payload, without its highest bit.
    var number: UInt32? {
        payload.count < 4 ? nil : Self.number(payload[0..<4]) & 0x7FFF_FFFF
    }

    static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.reduce(0) { $0 << 8 | UInt32($1) }
    }

    static func bytes(_ number: UInt32) -> [UInt8] {
        (0..<4).reversed().map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }

    /// A frame's nine bytes of head.
    static func head(_ kind: Kind, flags: UInt8 = 0, stream: UInt32, count: Int) -> [UInt8] {
        Array(bytes(UInt32(count)).dropFirst()) + [kind.rawValue, flags] + bytes(stream)
    }

    /// A whole frame.
    static func frame(
        _ kind: Kind,
        flags: UInt8 = 0,
        stream: UInt32 = 0,
        _ payload: [UInt8] = []
    ) -> [UInt8] {
        head(kind, flags: flags, stream: stream, count: payload.count) + payload
    }

    /// One HEADERS and as many CONTINUATIONs as the block needs.
    static func headers(_ block: [UInt8], stream: UInt32, endsStream: Bool) -> [UInt8] {
        var frames: [UInt8] = []
        var rest = block[...]
        repeat {
            let part = rest.prefix(payloadBytesMax)
            rest = rest.dropFirst(part.count)
            let isFirst = frames.isEmpty
            let flags =
                (rest.isEmpty ? endHeaders : 0) | (isFirst && endsStream ? endStream : 0)
            frames += frame(
                isFirst ? .headers : .continuation,
                flags: flags,
                stream: stream,
                Array(part)
            )
        } while !rest.isEmpty
        return frames
    }
}
