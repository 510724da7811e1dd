// What a reply answers
//
// A prompt's last line is `ANSWER:`, for the model to go on from there. Some do: then the reply's
// first line is the answer, and what stands below is talk. Some write the line themselves. And some
// repeat the question: asked "What is the capital of France?", a small model says "The capital of
// France is Paris." to whatever it is told about form.
//
// Such a sentence is read as `Paris` where nothing has to be guessed: it begins with the very words
// that the question asks for, then says "is", and what is behind is compared whole. "Paris, France"
// and "not Paris" are other answers. A sentence with another one behind it on its line stays what
// it is, for the second may take the first back.

extension AnswerForm {
    /// Reduces the answer in a reply to a prompt that ends with `ANSWER:`.
    ///
    /// It is what stands behind the reply's last `ANSWER:`. Where there is none it is the first
    /// line, if that is a paragraph that says yes or no or repeats the question, and else the whole
    /// reply. Nil for one that says nothing.
    ///
    /// - Parameters:
    ///   - reply: what a model said.
    ///   - question: what it was asked; nil: nothing is known of it.
    package init?(inReply reply: String, to question: String? = nil) {
        let line = Self.answerLine(in: reply)
        let given = line ?? reply
        let asked = question.flatMap { AskedSubject(of: $0) }
        let opening = line == nil ? Self.firstParagraph(of: reply) : nil
        for text in [opening, given].compactMap(\.self)
        where text.utf8.count <= Self.reducedBytesMax {
            let plain = Self.led(Self.bare(Self.spaced(text)))
            if let stated = asked?.answer(in: plain) {
                self.init(stated)
                return
            }
            if text == opening, Self.truth(plain.caseFolded) != nil {
                self.init(plain)
                return
            }
        }
        self.init(given)
    }

    // MARK: Lines

    private static let answerWord = "answer"
    /// What Markdown puts around words.
    private static let marks: Set<Character> = ["*", "_", "`", "#", ">", "~"]

    /// What stands behind the last `ANSWER:` on its line, or after it where that is empty.
    ///
    /// Nil where there is no such line.
    static func answerLine(in reply: String) -> String? {
        let lines = reply.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for index in lines.indices.reversed() {
            guard let rest = behindAnswerWord(lines[index]) else { continue }
            if !rest.isEmpty { return String(rest) }
            return lines[(index + 1)...].joined(separator: "\n")
        }
        return nil
    }

    private static func behindAnswerWord(_ line: Substring) -> Substring? {
        func isFiller(_ character: Character) -> Bool {
            character.isWhitespace || marks.contains(character)
        }
        let start = line.drop(while: isFiller)
        let opening = line[..<start.startIndex].trimmed
        guard start.prefix(answerWord.count).lowercased() == answerWord else { return nil }
        let behind = start.dropFirst(answerWord.count)
        let colon = behind.drop(while: isFiller)
        guard colon.first == ":" else { return nil }
        let rest = colon.dropFirst().trimmed
        let isOpen = !opening.isEmpty && behind.startIndex == colon.startIndex
        // `**ANSWER:** Paris` and `**ANSWER: Paris**`: the marks are the line's, not the answer's.
        if isOpen, rest.hasPrefix(opening) { return rest.dropFirst(opening.count).trimmed }
        if isOpen, rest.hasSuffix(opening) { return rest.dropLast(opening.count).trimmed }
        return rest
    }

    /// The first line, where an empty one parts it from the rest; nil: there is no such line.
    private static func firstParagraph(of reply: String) -> String? {
        let start = reply.drop(while: \.isWhitespace)
        guard let end = start.firstIndex(where: \.isNewline) else { return nil }
        let below = start[start.index(after: end)...]
        let next = below.prefix { !$0.isNewline }
        return next.allSatisfy(\.isWhitespace) ? String(start[..<end]) : nil
    }
}

/// What a question that begins with `What is` or its like asks for: `the capital of France`.
private struct AskedSubject {
    /// Folded, without blanks: `2 + 2` is `2+2`.
    private let letters: [Character]
    /// What stands between it and the answer, folded.
    private let links: [String]

    private static let words = ["what", "who"]
    private static let verbs = ["is", "are", "was", "were"]
    /// Links that are as good as `is`; the longer ones before those that they begin with.
    private static let present: Set<String> = ["is", "are"]
    private static let presentLinks = ["is equal to", "are equal to", "equals", "equal", "="]
    /// Longer questions are not looked into.
    private static let bytesMax = 1_024

    /// Nil for any other question, and for several at once.
    init?(of question: String) {
        guard question.utf8.count <= Self.bytesMax else { return nil }
        let parts = AnswerForm.spaced(question).split(
            separator: "?",
            omittingEmptySubsequences: false
        )
        guard parts.count == 2 else { return nil }
        let asked = parts[0].split(separator: " ").map { String($0).caseFolded }
        guard asked.count > 2, Self.words.contains(asked[0]), Self.verbs.contains(asked[1]) else {
            return nil
        }
        letters = Array(asked[2...].joined())
        links = (Self.present.contains(asked[1]) ? Self.presentLinks : []) + [asked[1]]
    }

    /// What a sentence says of it.
    ///
    /// - Parameter sentence: with single blanks, and without marks around it.
    /// - Returns: nil for a sentence about anything else.
    func answer(in sentence: String) -> String? {
        var rest = sentence[...]
        for letter in letters {
            rest = rest.drop(while: \.isWhitespace)
            guard let next = rest.first, String(next).caseFolded == String(letter) else {
                return nil
            }
            rest = rest.dropFirst()
        }
        let behind = rest.trimmed
        for link in links where behind.prefix(link.count).lowercased() == link {
            let isWord = link.first?.isLetter == true
            let said = behind.dropFirst(link.count)
            let isParted =
                rest.first?.isWhitespace == true
                && (said.first.map { $0.isWhitespace || $0 == ":" } ?? true)
            guard !isWord || isParted else { continue }
            let answer = said.drop { $0.isWhitespace || $0 == ":" }
            return answer.isEmpty ? nil : String(answer)
        }
        return nil
    }
}
