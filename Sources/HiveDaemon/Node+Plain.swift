import Yams

// YAML as people write it in hive's files: no tags, no anchors, and only what is not quoted is a
// number, a truth value or null.

extension Node {
    /// True where no `!tag` stands before the value.
    var isUntagged: Bool {
        switch self {
        case .scalar(let scalar):
            // Yams gives every quoted scalar the tag of a string.
            scalar.tag.rawValue.isEmpty || (scalar.style != .plain && scalar.tag == Tag(.str))
        case .mapping(let mapping): mapping.tag.rawValue.isEmpty
        case .sequence(let sequence): sequence.tag.rawValue.isEmpty
        case .alias: false
        }
    }

    /// The text of an untagged scalar, quoted or not.
    var untaggedText: String? {
        guard case .scalar(let scalar) = self, isUntagged else { return nil }
        return scalar.string
    }

    /// The text of an untagged scalar without quotes.
    var plainText: String? {
        guard case .scalar(let scalar) = self, scalar.style == .plain else { return nil }
        return untaggedText
    }

    /// True for `null` and for nothing at all.
    var isPlainNull: Bool {
        switch plainText {
        case "", "~", "null", "Null", "NULL": true
        default: false
        }
    }
}

/// Finds `&name` before a tree is built.
///
/// A few dozen nested aliases unfold to more nodes than any memory holds, and Yams compares whole
/// trees when it looks for duplicate keys. Without an anchor there is no alias: Yams refuses an
/// undefined one by itself, and libyaml bounds the nesting.
enum YAMLAnchor {
    /// The line of the first anchor, from 1; nil where there is none.
    static func firstLine(in text: some StringProtocol) -> Int? {
        var line = 1
        var previous = UInt8(ascii: "\n")
        var isAfterAmpersand = false
        for byte in text.utf8 {
            if isAfterAmpersand && isNameByte(byte) { return line }
            isAfterAmpersand = byte == UInt8(ascii: "&") && !isNameByte(previous)
            if byte == UInt8(ascii: "\n") { line += 1 }
            previous = byte
        }
        return nil
    }

    /// What may stand in an anchor's name (libyaml), bytes beyond ASCII for safety's sake.
    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), 0x80...:
            true
        default: false
        }
    }

    /// The error for it.
    static func refusal(file: String, line: Int) -> HiveError {
        .usage(
            "\(file):\(line): found an anchor (`&` before a name); expected plain values",
            hint: "write the value out in each place"
        )
    }
}
