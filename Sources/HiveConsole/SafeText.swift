/// Text from a board, made safe to show.
///
/// It is untrusted: it may hold escape sequences that move the cursor, set the title or hide what
/// follows. Nothing of the kind reaches a terminal unescaped.
package enum SafeText {
    /// The text with every character that a terminal would obey, or that reorders or hides others,
    /// written as an escape.
    package static func escaped(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
        if isPlain { return text }
        var safe = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if obeys(scalar) {
                safe.append(contentsOf: escape(scalar).unicodeScalars)
            } else {
                safe.append(scalar)
            }
        }
        return String(safe)
    }

    /// How many columns of a terminal the text takes.
    package static func columns(_ text: String) -> Int {
        text.unicodeScalars.reduce(0) { $0 + columns($1) }
    }

    /// The text, or its beginning and `ellipsis` where it takes more than `columnsMax` columns.
    package static func cut(_ text: String, toColumns columnsMax: Int, ellipsis: String) -> String {
        guard columns(text) > columnsMax else { return text }
        let room = columnsMax - columns(ellipsis)
        var kept = String.UnicodeScalarView()
        var used = 0
        for scalar in text.unicodeScalars {
            used += columns(scalar)
            guard used <= room else { break }
            kept.append(scalar)
        }
        return String(kept) + ellipsis
    }

    /// The places, in scalars, of the spaces that a text is broken at to fit, rows after the first
    /// being indented; a word that is longer than a row is left to the terminal.
    static func breaks(in text: String, toColumns width: Int, indent: Int) -> Set<Int> {
        var breaks: Set<Int> = []
        var column = 0
        var space: (place: Int, end: Int)?
        var hasWord = false
        for (place, scalar) in text.unicodeScalars.enumerated() {
            if scalar == " " {
                column += 1
                if hasWord { space = (place, column) }
                continue
            }
            hasWord = true
            let columns = columns(scalar)
            if column + columns > width {
                if let last = space {
                    breaks.insert(last.place)
                    column = indent + column - last.end
                    space = nil
                } else {
                    column = 0
                }
            }
            column += columns
        }
        return breaks
    }

    private static func obeys(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        // Bidirectional controls, tags and the like; the joiner of emoji does no harm.
        case .format: scalar != "\u{200D}"
        default: false
        }
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": return "\\n"
        case "\r": return "\\r"
        case "\t": return "\\t"
        default:
            let digits = String(scalar.value, radix: 16)
            guard digits.count <= 4 else { return "\\u{\(digits)}" }
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
    }

    /// 0, 1 or 2, close to what terminals do (Unicode Standard Annex 11).
    private static func columns(_ scalar: Unicode.Scalar) -> Int {
        if scalar.value < 0x300 { return 1 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: break
        }
        if scalar.properties.isEmojiPresentation { return 2 }
        return wideRanges.contains { $0.contains(scalar.value) } ? 2 : 1
    }

    /// Hangul, CJK and full-width forms.
    private static let wideRanges: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
        0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD,
    ]
}
