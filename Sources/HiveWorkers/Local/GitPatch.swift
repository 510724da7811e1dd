/// A patch as `git diff-index -p -U0` writes it, taken apart.
///
/// Hunks say how many lines they have, so that no line of a file, whatever it looks like, is taken
/// for a header.
struct GitPatch: Sendable {
    struct File: Sendable {
        /// Nil for a new file.
        var old: RepositoryPath?
        /// Nil for a deleted file.
        var new: RepositoryPath?
        var added: [Line] = []
        var removed: [Line] = []
    }

    struct Line: Sendable {
        /// From 1, in the new file for an added line, in the old one for a removed line.
        var number: Int
        /// Without its LF.
        var text: ArraySlice<UInt8>
    }

    /// Files with lines, in git's order.
    private(set) var files: [File] = []

    init(_ bytes: [UInt8]) {
        var addedLeft = 0
        var removedLeft = 0
        var addedNumber = 0
        var removedNumber = 0
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            if addedLeft > 0 && line.first == UInt8(ascii: "+") {
                files[files.count - 1].added.append(
                    Line(number: addedNumber, text: line.dropFirst())
                )
                addedNumber += 1
                addedLeft -= 1
            } else if removedLeft > 0 && line.first == UInt8(ascii: "-") {
                files[files.count - 1].removed.append(
                    Line(number: removedNumber, text: line.dropFirst())
                )
                removedNumber += 1
                removedLeft -= 1
            } else if line.starts(with: "diff --git ".utf8) {
                files.append(File())
                (addedLeft, removedLeft) = (0, 0)
            } else if files.isEmpty {
                continue
            } else if line.starts(with: "--- ".utf8) {
                files[files.count - 1].old = Self.path(line.dropFirst(4))
            } else if line.starts(with: "+++ ".utf8) {
                files[files.count - 1].new = Self.path(line.dropFirst(4))
            } else if let hunk = Hunk(line) {
                (removedNumber, removedLeft) = hunk.removed
                (addedNumber, addedLeft) = hunk.added
            }
        }
        files.removeAll { $0.added.isEmpty && $0.removed.isEmpty }
    }

    /// `@@ -12,3 +14,0 @@ …`: first line and count on both sides; a count left out is 1.
    private struct Hunk {
        var removed: (first: Int, count: Int)
        var added: (first: Int, count: Int)

        init?(_ line: ArraySlice<UInt8>) {
            guard line.starts(with: "@@ -".utf8) else { return nil }
            let words = line.split(separator: UInt8(ascii: " "), maxSplits: 3)
            guard words.count > 3, let removed = Self.range(words[1], after: "-"),
                let added = Self.range(words[2], after: "+")
            else { return nil }
            (self.removed, self.added) = (removed, added)
        }

        private static func range(
            _ word: ArraySlice<UInt8>,
            after sign: Character
        ) -> (first: Int, count: Int)? {
            guard word.first == sign.asciiValue else { return nil }
            let numbers = word.dropFirst().split(separator: UInt8(ascii: ","))
                .compactMap { Int(String(decoding: $0, as: UTF8.self)) }
            guard let first = numbers.first, numbers.count <= 2 else { return nil }
            return (first, numbers.count == 2 ? numbers[1] : 1)
        }
    }

    /// `a/NAME`, `"a/NAME"` with C's escapes, or `/dev/null`, which is nil.
    private static func path(_ header: ArraySlice<UInt8>) -> RepositoryPath? {
        var name = Array(header)
        // git ends a name that has blanks with a tab; a tab in a name makes it a quoted one.
        if name.last == UInt8(ascii: "\t") { name.removeLast() }
        if name.first == UInt8(ascii: "\""), name.count > 1 {
            name = unquoted(name[1..<(name.count - 1)])
        } else if name.elementsEqual("/dev/null".utf8) {
            return nil
        }
        return name.count > 2 ? RepositoryPath(name.dropFirst(2)) : nil
    }

    /// Undoes git's `quote_c_style`.
    static func unquoted(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var plain: [UInt8] = []
        var rest = bytes
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let escape = rest.popFirst() else {
                plain.append(byte)
                continue
            }
            switch Character(Unicode.Scalar(escape)) {
            case "a": plain.append(0x07)
            case "b": plain.append(0x08)
            case "t": plain.append(0x09)
            case "n": plain.append(0x0A)
            case "v": plain.append(0x0B)
            case "f": plain.append(0x0C)
            case "r": plain.append(0x0D)
            case "0"..."7":
                let digits = [escape] + rest.prefix(2)
                rest = rest.dropFirst(2)
                let value = digits.reduce(0) { $0 * 8 + Int($1 & 7) }
                plain.append(UInt8(truncatingIfNeeded: value))
            default: plain.append(escape)
            }
        }
        return plain
    }
}
