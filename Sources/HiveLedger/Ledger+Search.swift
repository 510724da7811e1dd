import GRDB

extension Ledger {
    /// Signals whose message has all these words, the best match first, then the newest.
    ///
    /// Words between double quotes are a phrase. Everything else that FTS5 has a meaning for is
    /// only text here. Case and accents do not matter.
    package func search(words: String, limit: Int) throws(LedgerError) -> [SignalRow] {
        guard let expression = SearchExpression(words: words) else { return [] }
        return try read("search the ledger") { database in
            var query = try database.prepared(
                """
                SELECT \(SignalRow.columns) FROM signals
                JOIN (
                    SELECT rowid AS found, rank AS score FROM search WHERE search MATCH ?
                    ORDER BY rank, rowid DESC LIMIT ?
                ) ON found = sequence
                ORDER BY score, sequence DESC
                """
            )
            query.bind(expression.text)
            query.bind(Int64(max(limit, 0)))
            return try query.rows(SignalRow.init)
        }
    }

    /// Signals before a sequence whose message shares any word with the text, the best match
    /// first; answers to tasks are not among them.
    ///
    /// Of a long text the `SearchExpression.wordsRecalledMax` longest words are looked for, among
    /// the last `recalledSequencesMax` lines: common words would rank every line of a long board.
    package func recall(
        text: String,
        before sequence: Int64,
        limit: Int
    ) throws(LedgerError) -> [SignalRow] {
        guard let expression = SearchExpression(anyWordOf: text) else { return [] }
        return try read("search the ledger") { database in
            var query = try database.prepared(
                """
                SELECT \(SignalRow.columns) FROM signals
                JOIN (
                    SELECT rowid AS found, rank AS score FROM search
                    WHERE search MATCH ? AND rowid >= ? AND rowid < ?
                    ORDER BY rank LIMIT ?
                ) ON found = sequence
                WHERE task IS NULL
                ORDER BY score, sequence DESC LIMIT ?
                """
            )
            query.bind(expression.text)
            query.bind(sequence - Self.recalledSequencesMax)
            query.bind(sequence)
            query.bind(Self.recalledCandidatesMax)
            query.bind(Int64(max(limit, 0)))
            return try query.rows(SignalRow.init)
        }
    }
}

extension Ledger {
    /// How far back signals are recalled.
    static let recalledSequencesMax: Int64 = 20_000
    /// The best matches that are looked at, answers to tasks among them.
    static let recalledCandidatesMax: Int64 = 200
}

/// A person's words as an FTS5 query: every word or phrase a quoted string, joined by AND.
///
/// Inside an FTS5 string only the quote itself has a meaning, and words are cut at quotes, so
/// nothing typed can be read as an operator, a column or a syntax error.
struct SearchExpression: Equatable {
    /// FTS5 refuses an expression nested deeper than 256, and each AND is a level.
    static let termsMax = 64

    let text: String

    /// Nil where there is no letter and no digit to look for.
    init?(words: String) {
        // Between an odd and the next even quote stands a phrase. After a last odd one, which
        // nothing closes, stand words again.
        //
        // Scalars and not characters: a mark behind a quote makes one character of the two, and
        // SQLite knows nothing of that.
        let pieces = words.unicodeScalars.split(
            separator: "\"",
            omittingEmptySubsequences: false
        )
        var terms: [Substring.UnicodeScalarView] = []
        for (index, piece) in pieces.enumerated() {
            let isPhrase = index % 2 == 1 && index < pieces.count - 1
            terms += isPhrase ? [piece] : piece.split(whereSeparator: Self.separates)
        }
        let searchable = terms.filter { term in term.contains(where: Self.isWordPart) }
        guard !searchable.isEmpty else { return nil }
        text = searchable.prefix(Self.termsMax)
            // FTS5 reads up to the first NUL.
            .map { term in
                "\"" + term.split(separator: "\0").map { String($0) }.joined(separator: " ") + "\""
            }
            .joined(separator: " AND ")
    }

    /// Nil where there is no word long enough to tell one message from another.
    init?(anyWordOf text: String) {
        let words = text.unicodeScalars.split { !Self.isWordPart($0) }
            .map { String($0).lowercased() }
            .filter { $0.count >= Self.lettersRecalledMin }
        // The longest words first: they are the rarest. Equal ones as the text has them.
        var seen: Set<String> = []
        let chosen = words.enumerated()
            .sorted { ($1.element.count, $0.offset) < ($0.element.count, $1.offset) }
            .map(\.element)
            .filter { seen.insert($0).inserted }
            .prefix(Self.wordsRecalledMax)
        guard !chosen.isEmpty else { return nil }
        self.text = chosen.map { "\"\($0)\"" }.joined(separator: " OR ")
    }

    /// Of a message that is recalled by its words: no more words than this, and none shorter.
    static let wordsRecalledMax = 12
    static let lettersRecalledMin = 4

    private static func separates(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace || scalar == "\0"
    }

    private static func isWordPart(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }
}
