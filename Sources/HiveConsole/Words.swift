/// A command line taken apart, quoted as in a shell; nothing in it is ever expanded or run.
///
/// White space separates words; `'…'` keeps everything, `"…"` all but `\"` and `\\`, and a
/// backslash outside quotes keeps the character after it.
enum Words {
    /// One word, and where it stands.
    struct Word: Sendable, Hashable {
        var text: String
        /// In characters, from the line's beginning; the quotes belong to it.
        var range: Range<Int>
        /// A quote was opened and not closed.
        var isOpen = false
    }

    /// - Throws: exit code 2 where a quote is not closed.
    static func split(_ line: String) throws(CommandError) -> [String] {
        let words = scan(line)
        guard words.last?.isOpen != true else {
            throw CommandError(
                exitCode: 2,
                "a quote is not closed",
                hint: #"close it, or write \' for the character itself"#
            )
        }
        return words.map(\.text)
    }

    /// The words as far as they go: the last may be open.
    static func scan(_ line: String) -> [Word] {
        var words: [Word] = []
        var word: Word?
        var quote: Character?
        var isEscaped = false
        for (place, character) in line.enumerated() {
            func keep() {
                if word == nil { word = Word(text: "", range: place..<place) }
                word?.text.append(character)
            }
            if isEscaped {
                // Within double quotes only these two are escaped: the backslash stays otherwise.
                if quote == "\"", character != "\"", character != "\\" { word?.text.append("\\") }
                keep()
                isEscaped = false
            } else if character == "\\", quote != "'" {
                if word == nil { word = Word(text: "", range: place..<place) }
                isEscaped = true
            } else if let open = quote {
                if character == open { quote = nil } else { keep() }
            } else if character == "'" || character == "\"" {
                if word == nil { word = Word(text: "", range: place..<place) }
                quote = character
            } else if character.isWhitespace {
                if let ended = word { words.append(ended) }
                word = nil
            } else {
                keep()
            }
            if let start = word?.range.lowerBound { word?.range = start..<(place + 1) }
        }
        if var last = word {
            last.isOpen = quote != nil || isEscaped
            words.append(last)
        }
        return words
    }

    /// The word as it must be typed to mean itself.
    static func quoted(_ word: String) -> String {
        let isPlain = !word.isEmpty && word.allSatisfy { !$0.isWhitespace && !"'\"\\".contains($0) }
        if isPlain { return word }
        if !word.contains("'") { return "'\(word)'" }
        let escaped = word.map { "\"\\".contains($0) ? "\\\($0)" : String($0) }.joined()
        return "\"\(escaped)\""
    }
}
