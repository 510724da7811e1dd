import HiveProcess

/// Bytes from a repository, made readable and harmless.
///
/// File names and lines are untrusted: they may hold control characters, overrides of the
/// direction of text, and bytes that are no UTF-8. What comes out has none of them.
enum Readable {
    /// A file name that takes more bytes is cut in the middle, so that its end can be read.
    static let nameBytesMax = 200
    /// A line of a file is cut behind this many characters (Unicode scalars).
    static let lineCharactersMax = 120

    private static let replacement: Unicode.Scalar = "\u{FFFD}"
    private static let ellipsis = "…"

    /// A file name: LF, CR and tab as escapes, other control characters as `�`.
    static func name(_ bytes: some Collection<UInt8>) -> String {
        var text = String.UnicodeScalarView()
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            switch scalar {
            case "\n": text.append(contentsOf: "\\n".unicodeScalars)
            case "\r": text.append(contentsOf: "\\r".unicodeScalars)
            case "\t": text.append(contentsOf: "\\t".unicodeScalars)
            default: text.append(isHarmful(scalar) ? replacement : scalar)
            }
        }
        return cutInTheMiddle(String(text))
    }

    /// A line without its indentation: white space as blanks, other control characters as `�`.
    static func line(
        _ bytes: some Collection<UInt8>,
        charactersMax: Int = lineCharactersMax
    ) -> String {
        let text = bytes.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        // No character of UTF-8 takes more than four bytes: what is behind cannot be shown, but
        // may be the end of a secret.
        let secrets = SecretValues.ofTheWork
        let shownBytesMax = 4 * (charactersMax + 1) + secrets.bytesMax
        let safe = secrets.masked(Array(text.prefix(shownBytesMax)))
        let readable = String(decoding: safe, as: UTF8.self)
        var shown = String.UnicodeScalarView()
        for scalar in readable.unicodeScalars {
            shown.append(isBlank(scalar) ? " " : isHarmful(scalar) ? replacement : scalar)
        }
        while shown.last == " " { shown.removeLast() }
        guard shown.count > charactersMax else { return String(shown) }
        return String(String.UnicodeScalarView(shown.prefix(charactersMax - 1))) + ellipsis
    }

    /// The same of a text.
    static func line(_ text: String, charactersMax: Int = lineCharactersMax) -> String {
        line(Array(text.utf8), charactersMax: charactersMax)
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "\n" || scalar == "\r" || scalar == "\t"
    }

    private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .format: true
        default: false
        }
    }

    private static func cutInTheMiddle(_ text: String) -> String {
        guard text.utf8.count > nameBytesMax else { return text }
        let half = (nameBytesMax - ellipsis.utf8.count) / 2
        let start = scalars(of: text.unicodeScalars, bytesMax: half)
        let end = scalars(of: text.unicodeScalars.reversed(), bytesMax: half).reversed()
        return String(String.UnicodeScalarView(start)) + ellipsis
            + String(String.UnicodeScalarView(end))
    }

    /// The first scalars that together take no more bytes of UTF-8.
    private static func scalars(
        of text: some Sequence<Unicode.Scalar>,
        bytesMax: Int
    ) -> [Unicode.Scalar] {
        var bytes = 0
        return text.prefix { scalar in
            bytes += UTF8.width(scalar)
            return bytes <= bytesMax
        }
    }
}
