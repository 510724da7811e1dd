/// The words of a message that are worth looking for.
///
/// `parseHTTPHeader fails` gives `parsehttpheader`, `parse`, `http`, `header`, `fails`: an
/// identifier whole, and its parts, so that a place with the whole one counts most.
struct SearchWords: Sendable, Hashable {
    static let countMax = 12
    /// Shorter words stand everywhere.
    static let charactersMin = 3
    /// Longer ones are data, not words.
    static let bytesMax = 64
    /// No more of a message is looked at.
    static let messageBytesMax = 4_096

    /// Lower case (ASCII), without duplicates, in the order of the message.
    let words: [String]

    init(_ message: String) {
        let text = String(decoding: message.utf8.prefix(Self.messageBytesMax), as: UTF8.self)
        let identifiers = text.split { !($0.isLetter || $0.isNumber || $0 == "_") }
            .map { $0.drop { $0 == "_" } }
        // Whole identifiers before parts: of many words, the parts are the first to go.
        let whole = identifiers.map(String.init)
        let parts = identifiers.flatMap(Self.parts)
        var words: [String] = []
        for word in (whole + parts).map(Self.lowercased) where words.count < Self.countMax {
            if Self.isTelling(word) && !words.contains(word) { words.append(word) }
        }
        self.words = words
    }

    /// An identifier's parts, where it has several: split at `_` and at case.
    ///
    /// `HTTPServer2` is `HTTP` and `Server2`.
    static func parts(_ identifier: Substring) -> [String] {
        var parts: [String] = []
        for piece in identifier.split(separator: "_") {
            let characters = Array(piece)
            var start = 0
            for index in characters.indices.dropFirst() where characters[index].isUppercase {
                let isAfterLower = !characters[index - 1].isUppercase
                let isBeforeLower =
                    index + 1 < characters.count && characters[index + 1].isLowercase
                guard isAfterLower || isBeforeLower else { continue }
                parts.append(String(characters[start..<index]))
                start = index
            }
            parts.append(String(characters[start...]))
        }
        return parts.count > 1 ? parts : []
    }

    /// As git folds case for bytes: ASCII only.
    private static func lowercased(_ word: String) -> String {
        String(decoding: word.utf8.map(ASCII.lowercased), as: UTF8.self)
    }

    private static func isTelling(_ word: String) -> Bool {
        word.count >= charactersMin && word.utf8.count <= bytesMax && !stopWords.contains(word)
    }

    /// Words of English that say nothing about code, and a signal's own.
    private static let stopWords: Set<String> = [
        "about", "after", "again", "all", "also", "and", "any", "are", "because", "been", "before",
        "being", "between", "both", "but", "can", "cannot", "could", "did", "does", "doing", "don",
        "done", "down", "each", "else", "ever", "every", "few", "for", "from", "further", "get",
        "gets", "got", "had", "has", "have", "having", "her", "here", "him", "his", "how", "into",
        "its", "itself", "just", "let", "like", "made", "make", "makes", "many", "may", "maybe",
        "might", "more", "most", "much", "must", "need", "needs", "next", "nor", "not", "now",
        "off", "once", "one", "only", "other", "our", "out", "over", "own", "per", "please",
        "put", "same", "see", "shall", "she", "should", "since", "some", "such", "than", "that",
        "the", "their", "them", "then", "there", "these", "they", "this", "those", "through",
        "too", "two", "under", "until", "upon", "use", "used", "uses", "using", "very", "via",
        "want", "wants", "was", "way", "well", "were", "what", "when", "where", "whether", "which",
        "while", "who", "why", "will", "with", "within", "without", "would", "yet", "you", "your",
        "hunt", "interlock", "validate", "evolve", "hive", "signal",
    ]
}

/// Bytes of ASCII letters.
enum ASCII {
    static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }

    static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(lowercased(byte))
    }

    static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    /// A letter, a digit or `_`: what words and names of most languages are made of.
    static func isWord(_ byte: UInt8) -> Bool {
        isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: "_")
    }
}
