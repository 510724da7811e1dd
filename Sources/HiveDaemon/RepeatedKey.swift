import Yams

/// Finds where a mapping has a key for the second time: Yams tells where the first one stands.
///
/// It knows the two shapes of a mapping. In a block the second key begins a line in the column of
/// the first; in braces it follows a comma of the same depth. Keys written with escapes, or as
/// blocks of their own, are not found: then the first one's line is told.
enum RepeatedKey {
    /// The second one's line, from 1.
    ///
    /// - Parameters:
    ///   - key: what the mapping has twice.
    ///   - text: the document.
    ///   - first: where the key stands for the first time.
    /// - Returns: the line; the first one's where the second is not found.
    static func line(of key: String, in text: String, after first: Mark) -> Int {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        let column = max(0, first.column - 1)
        guard lines.indices.contains(first.line - 1) else { return first.line }
        let name = Array(key.utf8)
        let start = lines[first.line - 1].unicodeScalars.dropFirst(column)
        if let line = inBlock(name, lines[first.line...], column) { return line + 1 }
        let rest = [Substring(start)] + lines[first.line...]
        return inBraces(name, rest).map { first.line + $0 } ?? first.line
    }

    /// The index of the line that begins with the key in this column.
    private static func inBlock(
        _ key: [UInt8],
        _ lines: ArraySlice<Substring>,
        _ column: Int
    ) -> Int? {
        for (index, line) in zip(lines.indices, lines) {
            let indent = line.unicodeScalars.prefix { $0 == " " }.count
            let content = line.utf8.dropFirst(indent)
            guard let byte = content.first, byte != UInt8(ascii: "#") else { continue }
            // The mapping ends where something stands further left.
            guard indent >= column else { return nil }
            guard indent == column else { continue }
            var reader = Reader(bytes: Array(content))
            if reader.key() == key, reader.isAtColon { return index }
        }
        return nil
    }

    /// How many lines below the first the key stands for the second time.
    private static func inBraces(_ key: [UInt8], _ lines: [Substring]) -> Int? {
        var depth = 0
        var isKeyNext = false
        for (index, line) in lines.enumerated() {
            var reader = Reader(bytes: Array(line.utf8))
            while let byte = reader.next() {
                switch byte {
                case UInt8(ascii: " "), UInt8(ascii: "\t"): reader.skip()
                case UInt8(ascii: "#") where reader.isAtComment: reader.skipLine()
                case UInt8(ascii: "{"), UInt8(ascii: "["):
                    depth += 1
                    isKeyNext = false
                    reader.skip()
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    depth -= 1
                    guard depth >= 0 else { return nil }
                    reader.skip()
                case UInt8(ascii: ","):
                    isKeyNext = depth == 0
                    reader.skip()
                case UInt8(ascii: ":"): reader.skip()
                default:
                    let found = reader.key()
                    if isKeyNext && found == key { return index }
                    isKeyNext = false
                }
            }
        }
        return nil
    }

    /// Reads the keys of one line.
    private struct Reader {
        let bytes: [UInt8]
        var place = 0

        init(bytes: [UInt8]) { self.bytes = bytes }

        func next() -> UInt8? { place < bytes.count ? bytes[place] : nil }

        mutating func skip() { place += 1 }

        mutating func skipLine() { place = bytes.count }

        /// A `#` begins a comment only behind white space.
        var isAtComment: Bool {
            place == 0 || bytes[place - 1] == UInt8(ascii: " ")
                || bytes[place - 1] == UInt8(ascii: "\t")
        }

        /// True where, behind blanks, a colon follows.
        var isAtColon: Bool {
            bytes[min(place, bytes.count)...].first { $0 != UInt8(ascii: " ") }
                == UInt8(ascii: ":")
        }

        /// The scalar that begins here, without its quotes.
        mutating func key() -> [UInt8] {
            guard let quote = next(), quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'")
            else { return plain() }
            let start = place + 1
            place = bytes[start...].firstIndex(of: quote) ?? bytes.count
            defer { place = min(place + 1, bytes.count) }
            return Array(bytes[start..<place])
        }

        private mutating func plain() -> [UInt8] {
            let ends = Array(",{}[]:".utf8)
            let start = place
            // At least one byte, so that whoever reads on comes to an end.
            place = bytes[(start + 1)...].firstIndex(where: ends.contains) ?? bytes.count
            var word = bytes[start..<place]
            while word.last == UInt8(ascii: " ") { word.removeLast() }
            return Array(word)
        }
    }
}
