/// The head of an answer as its lines come: bounded, and taken apart only when it is whole.
///
/// The lines of an interim answer (1xx) before it and the trailers behind the body are counted
/// and forgotten.
struct ResponseHead {
    /// All lines that a server may send beside the body, bytes.
    static let bytesMax = 65_536

    private enum Place {
        /// A status line is next.
        case start
        case fields
        /// Behind the empty line of the final answer.
        case over
    }

    private var place = Place.start
    private var isInterim = false
    private var bytes: [UInt8] = []
    private var bytesSeen = 0

    /// True: the final answer's head has come whole.
    var isWhole: Bool { place == .over }

    /// Takes a line with its end.
    ///
    /// - Returns: False where that is more than `bytesMax`.
    mutating func append(_ line: UnsafeRawBufferPointer) -> Bool {
        bytesSeen += line.count
        guard bytesSeen <= Self.bytesMax else { return false }
        switch place {
        case .start:
            isInterim = Self.isInterim(statusLine: line)
            place = .fields
        case .fields where Self.isEmpty(line):
            place = isInterim ? .start : .over
        case .fields where !isInterim:
            bytes.append(contentsOf: line)
        case .fields, .over: break
        }
        return true
    }

    /// The fields by lower-case name; of two with one name the later holds.
    ///
    /// A line that is no field, or continues one (RFC 9112 §5.2), is left out.
    func fields() -> [String: String] {
        var fields: [String: String] = [:]
        fields.reserveCapacity(16)
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
                let first = line.first, !Self.isSpace(first)
            else { continue }
            let name = line[..<colon].map { byte in
                UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? byte | 0x20 : byte
            }
            let value = Self.trimmed(line[(colon + 1)...])
            fields[String(decoding: name, as: UTF8.self)] = String(decoding: value, as: UTF8.self)
        }
        return fields
    }

    /// `HTTP/1.1 100 Continue`: the status begins with 1.
    private static func isInterim(statusLine line: UnsafeRawBufferPointer) -> Bool {
        guard let space = line.firstIndex(of: UInt8(ascii: " ")) else { return false }
        return line[(space + 1)...].first == UInt8(ascii: "1")
    }

    private static func isEmpty(_ line: UnsafeRawBufferPointer) -> Bool {
        line.allSatisfy { $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
    }

    private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var text = text
        while let first = text.first, isSpace(first) { text.removeFirst() }
        while let last = text.last, isSpace(last) { text.removeLast() }
        return text
    }
}
