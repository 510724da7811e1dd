import HiveSignal

/// Text that a program wrote for a terminal, made plain: fit for a message on the board.
package enum PlainText {
    /// Decodes UTF-8, with U+FFFD for what is ill-formed, and makes it plain.
    package static func clean(_ bytes: some Collection<UInt8>) -> String {
        clean(String(decoding: bytes, as: UTF8.self))
    }

    /// Takes out escape sequences (ECMA-48) and everything else that moves, hides or reorders
    /// text; a tab becomes a space, each kind of line end a line feed; trims both ends.
    package static func clean(_ text: String) -> String {
        var plain = String.UnicodeScalarView()
        var stripper = EscapeStripper()
        var isAfterReturn = false
        for scalar in text.unicodeScalars where !stripper.swallows(scalar) {
            defer { isAfterReturn = scalar == "\r" }
            switch scalar {
            case " "..."~": plain.append(scalar)
            case "\n" where isAfterReturn: continue
            case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": plain.append("\n")
            case "\t": plain.append(" ")
            // The joiner of emoji does no harm; the others hide or reorder.
            case "\u{200D}": plain.append(scalar)
            default:
                let category = scalar.properties.generalCategory
                if category != .control && category != .format { plain.append(scalar) }
            }
        }
        return String(trimmed(plain))
    }

    /// The last line that says something, cut to `lineBytesMax` bytes; empty where there is none.
    package static func lastLine(_ bytes: some Collection<UInt8>) -> String {
        let line = clean(bytes).split(separator: "\n").last { line in
            !line.allSatisfy(\.isWhitespace)
        }
        return cut(clean(String(line ?? "")), toBytes: lineBytesMax)
    }

    /// All on one line: every run of white space becomes one space.
    package static func oneLine(_ text: String) -> String {
        clean(text).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    /// The text, or its beginning and `…`, in at most so many bytes of UTF-8.
    package static func cut(_ text: String, toBytes bytesMax: Int) -> String {
        SecretValues.ofTheWork.masked(text).cut(toBytes: bytesMax)
    }

    /// How long a line that is quoted in a message may be, bytes.
    package static let lineBytesMax = 240

    private static func trimmed(_ text: String.UnicodeScalarView) -> Substring.UnicodeScalarView {
        var rest = text[...]
        while rest.first?.properties.isWhitespace == true { rest.removeFirst() }
        while rest.last?.properties.isWhitespace == true { rest.removeLast() }
        return rest
    }
}

/// Follows the escape sequences in a text, scalar by scalar.
private struct EscapeStripper {
    private enum State {
        case text
        /// Behind ESC.
        case escape
        /// Behind ESC and intermediate bytes: one more ends it.
        case designation
        /// Behind ESC `[`, up to a byte of 0x40…0x7E.
        case control
        /// Behind ESC `]`, `P`, `X`, `^` or `_`, up to BEL or ESC `\`.
        case string
        /// Behind ESC inside a string.
        case stringEscape
    }

    private var state = State.text

    /// True where the scalar belongs to an escape sequence.
    mutating func swallows(_ scalar: Unicode.Scalar) -> Bool {
        switch (state, scalar) {
        case (.stringEscape, "\\"): state = .text
        case (.string, "\u{1B}"), (.stringEscape, "\u{1B}"): state = .stringEscape
        case (.string, "\u{7}"), (.string, "\u{9C}"): state = .text
        // A string that nobody ends does not swallow the next line.
        case (.string, "\n"), (.stringEscape, "\n"), (.control, "\n"), (.escape, "\n"):
            state = .text
            return false
        case (.string, _), (.stringEscape, _): state = .string
        case (_, "\u{1B}"): state = .escape
        case (.text, "\u{9B}"): state = .control
        case (.text, "\u{90}"), (.text, "\u{98}"), (.text, "\u{9D}"..."\u{9F}"): state = .string
        case (.text, _): return false
        case (.escape, "["): state = .control
        case (.escape, "]"), (.escape, "P"), (.escape, "X"), (.escape, "^"), (.escape, "_"):
            state = .string
        case (.escape, " "..."/"), (.designation, " "..."/"): state = .designation
        case (.control, "\u{40}"..."\u{7E}"): state = .text
        case (.control, " "..."?"): break
        // Anything else was no sequence, or its last byte.
        default: state = .text
        }
        return true
    }
}
