/// What stands on the board where a quarantined line stood.
package enum Mask {
    /// `{"quarantined":"ID"}` padded with spaces to `length` bytes; only spaces where it is too
    /// short, or where the id could not stand in a JSON string as it is.
    package static func bytes(entry id: String, length: Int) -> [UInt8] {
        let text = start + Array("\(id)\"}".utf8)
        let isPlain = id.utf8.allSatisfy { byte in
            byte >= 0x20 && byte < 0x7f && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
        }
        guard isPlain, text.count <= length else { return Array(repeating: space, count: length) }
        return text + Array(repeating: space, count: length - text.count)
    }

    /// What a mask begins with, where it is long enough for an id.
    package static let start = Array("{\"quarantined\":\"".utf8)

    private static let space = UInt8(ascii: " ")
}
