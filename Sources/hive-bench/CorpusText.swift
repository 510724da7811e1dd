import HiveKernel

/// A value twice: its JSON token, and what it decodes to.
struct CorpusValue<Decoded: Sendable>: Sendable {
    let token: String
    let decoded: Decoded
}

/// Messages, moments and marks of the corpus.
enum CorpusText {
    /// Words as a blackboard has them; full-text search sees a real vocabulary.
    private static let words: [String] =
        """
        hunt found spec for the pointer adapter and wrote a failing test first contract holds red
        green refactor delivered receipt tree clean worktree agent handed over port guard blocked
        edit outside phase schema says mark must be between zero and one trace continues parent
        answered lateral pull asks partner downstream asks next search results cached memory bank
        exemplar grounded in paper filter smoothing latency budget tokens spent quorum reached two
        of three workers agree timeout retry once then quarantine line number offset sha256
        differs mask restored by hand commit hook refused because no red receipt cycle closed new
        hunt opens review notes attached benchmark shows ledger rebuilt from board chain equal
        nothing lost daemon idle inotify wakes reader torn tail waits newline scanner fuzzed ten
        million inputs W3C MediaPipe XState FSM v2.1 src/adapter.ts
        """.split { $0 == " " || $0 == "\n" }.map(String.init)

    /// Multi-byte text, written raw.
    private static let rawWords = [
        "→", "größer", "naïve", "1€", "Übergabe", "検証", "仕様", "проверка", "🐝", "🕸️", "𝛼-Filter",
        "≤", "café", "خطة", "한글",
    ]

    /// Text that the writer escaped.
    private static let escapedWords: [CorpusValue<String>] = [
        CorpusValue(token: #"\"red\""#, decoded: "\"red\""),
        CorpusValue(token: #"a\\b"#, decoded: "a\\b"),
        CorpusValue(token: #"line\nbreak"#, decoded: "line\nbreak"),
        CorpusValue(token: #"tab\tstop"#, decoded: "tab\tstop"),
        CorpusValue(token: #"https:\/\/w3.org\/TR"#, decoded: "https://w3.org/TR"),
        CorpusValue(token: #"gr\u00f6\u00DFer"#, decoded: "größer"),
        CorpusValue(token: #"\u2192"#, decoded: "→"),
        CorpusValue(token: #"\ud83d\udc1d"#, decoded: "🐝"),
        CorpusValue(token: #"\uD835\uDEFC-Filter"#, decoded: "𝛼-Filter"),
        CorpusValue(token: #"bell\u0007"#, decoded: "bell\u{7}"),
        CorpusValue(token: #"\b\f\r"#, decoded: "\u{8}\u{c}\r"),
    ]

    /// Marks within 0…1 in the ways that writers spell them.
    static let marks: [CorpusValue<Double>] = [
        CorpusValue(token: "1.0", decoded: 1), CorpusValue(token: "1", decoded: 1),
        CorpusValue(token: "0.9", decoded: 0.9), CorpusValue(token: "0.85", decoded: 0.85),
        CorpusValue(token: "0.5", decoded: 0.5), CorpusValue(token: "0", decoded: 0),
        CorpusValue(token: "0.30000000000000004", decoded: 0.30000000000000004),
        CorpusValue(token: "7.5e-1", decoded: 0.75), CorpusValue(token: "1E-3", decoded: 0.001),
        CorpusValue(token: "0.0625", decoded: 0.0625), CorpusValue(token: "0.75", decoded: 0.75),
    ]

    /// A message whose token is `bytes` long, give or take a word; at least one word.
    static func message(bytes: Int, _ random: inout SplitMix64) -> CorpusValue<String> {
        let style = random.below(100)
        var token = "\""
        var decoded = ""
        repeat {
            if !decoded.isEmpty {
                token.append(" ")
                decoded.append(" ")
            }
            if style < 12, random.chance(40) {
                let word = random.pick(rawWords)
                token.append(word)
                decoded.append(word)
            } else if style >= 92, random.chance(40) {
                let word = random.pick(escapedWords)
                token.append(word.token)
                decoded.append(word.decoded)
            } else {
                let word = random.pick(words)
                token.append(word)
                decoded.append(word)
            }
        } while token.utf8.count + 4 < bytes
        // A message of nothing but escaped white space would be blank.
        if style >= 92 {
            token.append(" ok")
            decoded.append(" ok")
        }
        token.append("\"")
        return CorpusValue(token: token, decoded: decoded)
    }

    /// An RFC 3339 token for this moment in one of the usual spellings, and its Unix seconds.
    static func timestamp(
        milliseconds: Int64,
        _ random: inout SplitMix64
    ) -> CorpusValue<Int64> {
        let seconds = milliseconds / 1000
        let fraction = padded(milliseconds % 1000, 3)
        switch random.below(1000) {
        case 0:
            return CorpusValue(token: #""2024-02-29T12:00:00Z""#, decoded: 1_709_208_000)
        case 1:
            // A leap second counts as the second after it.
            return CorpusValue(token: #""2016-12-31T23:59:60Z""#, decoded: 1_483_228_800)
        case 2..<50:
            let local = date(seconds + 7200)
            return CorpusValue(token: "\"\(local)+02:00\"", decoded: seconds)
        case 50..<80:
            let local = date(seconds - 19800)
            return CorpusValue(token: "\"\(local).\(fraction)417-05:30\"", decoded: seconds)
        case 80..<90:
            let digits = padded(milliseconds % 1_000_003, 9)
            return CorpusValue(
                token: "\"\(date(seconds)).\(fraction)\(digits)Z\"",
                decoded: seconds
            )
        case 90..<290:
            return CorpusValue(token: "\"\(date(seconds)).\(fraction)Z\"", decoded: seconds)
        default:
            return CorpusValue(token: "\"\(date(seconds))Z\"", decoded: seconds)
        }
    }

    /// `2025-01-06T00:00:00` for Unix seconds at or after 1970; the civil calendar by Howard
    /// Hinnant's method.
    private static func date(_ seconds: Int64) -> String {
        let days = seconds / 86400 + 719_468
        let era = days / 146_097
        let dayOfEra = days % 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shifted + 2) / 5 + 1
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let time = seconds % 86400
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T"
            + "\(padded(time / 3600, 2)):\(padded(time / 60 % 60, 2)):\(padded(time % 60, 2))"
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
