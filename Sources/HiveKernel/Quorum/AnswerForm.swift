import HiveSignal

// How answers are made comparable
//
// "Paris", "**paris**." and "PARIS " are one answer; so are 4, 4.0, "$4", "2 + 2 = 4", "４" and
// "The answer is 4"; 1,000 and 1000; yes and "Yes, it is."; "it's" with either apostrophe; and two
// JSON texts that differ in blanks and in the order of keys. Whatever is not known to be the same
// stays apart: "four" is not 4, "Paris, France" is not "Paris". A vote that joined them would be a
// guess.
//
// Two forms are equal or not, whatever came first, so the order of answers cannot matter.

/// An answer, reduced to what makes it another answer.
package struct AnswerForm: Sendable {
    /// What is compared.
    package enum Value: Sendable, Hashable {
        case truth(Bool)
        /// Canonical decimal digits: `-12.5`.
        case number(String)
        /// Keys sorted, numbers by value.
        case json(String)
        /// Case folded, blanks and marks around it gone.
        case text(String)
        /// Too long to be reduced: equal to the letter.
        case long(String)
    }

    package let value: Value
    /// The answer as it was given, without what surrounds it.
    package let text: String

    /// Longer answers are compared to the letter.
    package static let reducedBytesMax = 4_096

    /// Reduces an answer that is nothing but the answer.
    ///
    /// - Returns: nil for one that says nothing.
    package init?(_ answer: String) {
        let whole = answer.trimmed
        guard !whole.isEmpty else { return nil }
        guard whole.utf8.count <= Self.reducedBytesMax else {
            value = .long(whole)
            text = whole
            return
        }
        let unfenced = Self.unfenced(whole)
        if let json = Self.canonicalJSON(unfenced) {
            value = .json(json)
            text = unfenced
            return
        }
        let line = Self.spaced(unfenced)
        text = Self.result(of: Self.bare(line))
        guard !text.isEmpty else { return nil }
        let plain = Self.result(of: Self.bare(line.withPlainForms))
        let dashed = plain.withPlainDashes
        if let json = Self.canonicalJSON(plain) {
            value = .json(json)
        } else if let number = DecimalText(dashed) {
            value = .number(number.canonical)
        } else if let truth = Self.truth(plain.caseFolded) {
            value = .truth(truth)
        } else {
            value = .text(dashed.caseFolded)
        }
    }

    /// True where one of two writings of this answer is the better one to show.
    func isPlainer(_ left: String, than right: String) -> Bool {
        if case .number(let digits) = value, (left == digits) != (right == digits) {
            return left == digits
        }
        return left.utf8.count < right.utf8.count
    }

    // MARK: Text

    /// Blanks in a row are one; what nobody sees is gone.
    static func spaced(_ text: String) -> String {
        var kept = String.UnicodeScalarView()
        var isBlank = false
        for scalar in text.unicodeScalars {
            if scalar.properties.isWhitespace || scalar.properties.generalCategory == .control {
                isBlank = true
                continue
            }
            // Zero-width spaces, soft hyphens, variation selectors: they would part equal answers.
            if scalar.properties.isDefaultIgnorableCodePoint { continue }
            // A mark that would sit on the blank sits on what is before it.
            let isJoined = scalar.properties.isGraphemeExtend
            if isBlank && !kept.isEmpty && !isJoined { kept.append(" ") }
            isBlank = false
            kept.append(scalar)
        }
        return String(kept)
    }

    private static let pairs: [Character: Character] = [
        "\"": "\"", "'": "'", "“": "”", "‘": "’", "«": "»", "„": "“", "`": "`", "*": "*",
        "_": "_", "~": "~", "(": ")",
    ]
    private static let closing: Set<Character> = [".", "!", ",", ";", ":", "…", "。", "！"]

    /// Without quotes, marks and closing punctuation; nothing but these is an answer as it is.
    static func bare(_ text: String) -> String {
        var rest = text[...]
        while let first = rest.first, let last = rest.last {
            var next = rest
            if closing.contains(last) {
                next = rest.dropLast()
            } else if rest.count > 1, pairs[first] == last {
                next = rest.dropFirst().dropLast()
            } else {
                break
            }
            rest = next.trimmed
        }
        return rest.isEmpty ? text : String(rest)
    }

    private static let leadIns = [
        "the answer is", "the correct answer is", "the answer to this question is",
        "the answer to the question is",
    ]
    private static let sumCharacters = Set("0123456789+-*/×÷−.,() ")

    /// Without the words that lead to it: `The answer is 4`, `2 + 2 = 4`.
    private static func result(of text: String) -> String {
        let stated = led(text)
        guard let equals = stated.lastIndex(of: "="),
            stated[..<equals].contains(where: \.isNumber),
            stated[..<equals].allSatisfy(sumCharacters.contains)
        else { return stated }
        let right = bare(String(stated[stated.index(after: equals)...].trimmed))
        return DecimalText(right) == nil ? stated : right
    }

    /// Without `The answer is` and the like.
    static func led(_ text: String) -> String {
        for words in leadIns where text.prefix(words.count).lowercased() == words {
            let rest = text.dropFirst(words.count)
            guard rest.first == " " || rest.first == ":" else { continue }
            let stated = bare(String(rest.drop { $0 == " " || $0 == ":" }))
            return stated.isEmpty ? text : stated
        }
        return text
    }

    /// Yes and no, alone or with more behind them: `Yes, it is`.
    static func truth(_ folded: String) -> Bool? {
        let words: [(word: String, truth: Bool)] = [
            ("yes", true), ("true", true), ("no", false), ("false", false),
        ]
        for (word, truth) in words where folded.hasPrefix(word) {
            let rest = folded.dropFirst(word.count)
            guard let next = rest.first else { return truth }
            if [",", ";", "!", "–", "—"].contains(next) { return truth }
            // `No. 5` is a number's name.
            let behind = rest.dropFirst().drop(while: \.isWhitespace)
            if next == ".", behind.first?.isLetter == true { return truth }
        }
        return nil
    }

    // MARK: JSON

    private static func unfenced(_ text: String) -> String {
        let fence = "```"
        guard text.hasPrefix(fence), text.hasSuffix(fence), text.count > 2 * fence.count,
            let end = text.firstIndex(where: \.isNewline)
        else { return text }
        let inner = text[end...].dropLast(fence.count).trimmed
        return inner.isEmpty ? text : String(inner)
    }

    /// Nil for a text that is no JSON object and no array.
    private static func canonicalJSON(_ text: String) -> String? {
        guard text.first == "{" || text.first == "[" else { return nil }
        return (try? JSONValue(parsing: text))?.canonical.text
    }
}

extension AnswerForm: Hashable {
    package static func == (left: AnswerForm, right: AnswerForm) -> Bool {
        left.value == right.value
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(value) }
}

extension AnswerForm.Value: Comparable {
    /// Swift orders strings by canonical equivalence: equal ones have one place.
    package static func < (left: Self, right: Self) -> Bool { left.key < right.key }

    private var key: (Int, String) {
        switch self {
        case .truth(let truth): (0, truth ? "yes" : "no")
        case .number(let digits): (1, digits)
        case .json(let text): (2, text)
        case .text(let text): (3, text)
        case .long(let text): (4, text)
        }
    }
}

extension JSONValue {
    /// Keys sorted, numbers by value; the parser bounds the depth.
    fileprivate var canonical: JSONValue {
        switch self {
        case .double(let value): return Int64(exactly: value).map { .integer($0) } ?? self
        case .array(let elements): return .array(elements.map(\.canonical))
        case .object(let object):
            var sorted = JSONObject()
            let members = object.sorted { left, right in
                left.0.utf8.lexicographicallyPrecedes(right.0.utf8)
            }
            for (key, value) in members { sorted[key] = value.canonical }
            return .object(sorted)
        default: return self
        }
    }
}

extension StringProtocol {
    /// Without white space at its ends.
    var trimmed: SubSequence {
        let start = drop(while: \.isWhitespace)
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return start }
        return start[...last]
    }

    /// Close to Unicode's full case folding: by way of upper case ß meets ss and ς meets σ.
    var caseFolded: String { uppercased().lowercased() }
}

extension String {
    var trimmed: String { String(self[...].trimmed) }
}
