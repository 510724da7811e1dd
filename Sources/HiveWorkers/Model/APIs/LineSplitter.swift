/// Cuts bytes into lines, wherever the pieces that they come in are cut; linear in the bytes.
struct LineSplitter: Sendable {
    /// A longer line is no line of an answer.
    static let lineBytesMax = 1 << 20

    /// True: CR, LF and CRLF each end a line; false: only LF does.
    let endsAtReturn: Bool
    /// What came behind the last end of a line.
    private(set) var rest: [UInt8] = []
    /// A line was longer than `lineBytesMax`: nothing is taken any more.
    private(set) var isOverlong = false
    /// The last byte was a CR that ended a line: an LF belongs to it.
    private var isAfterReturn = false

    init(endsAtReturn: Bool) { self.endsAtReturn = endsAtReturn }

    /// Takes the next bytes, and gives the lines that they end, without their ends.
    mutating func lines(in bytes: [UInt8]) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var start = 0
        for (index, byte) in bytes.enumerated() {
            let isReturn = endsAtReturn && byte == UInt8(ascii: "\r")
            defer { isAfterReturn = isReturn }
            guard isReturn || byte == UInt8(ascii: "\n") else { continue }
            if isReturn || !isAfterReturn {
                guard keep(bytes[start..<index]) else { return lines }
                lines.append(rest)
                rest = []
            }
            start = index + 1
        }
        _ = keep(bytes[start...])
        return lines
    }

    /// False where the line is too long.
    private mutating func keep(_ bytes: ArraySlice<UInt8>) -> Bool {
        isOverlong = isOverlong || rest.count + bytes.count > Self.lineBytesMax
        if isOverlong { rest = [] } else { rest += bytes }
        return !isOverlong
    }
}
