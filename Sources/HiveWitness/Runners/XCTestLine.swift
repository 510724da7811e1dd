/// A line of XCTest's frame.
enum XCTestLine {
    case suiteBegan(String)
    case suiteEnded(String)
    case caseBegan(String)
    /// The word is `passed`, `failed` or `skipped`.
    case caseEnded(String, Substring)
    case counts(XCTestFrame.Counts)

    /// nil for any other line.
    init?(_ line: String) {
        if let (name, rest) = Self.split(line, at: "Test Case '") {
            let words = rest.split(separator: " ")
            if words.starts(with: ["started", "at"]) {
                self = .caseBegan(name)
            } else if words.count == 3, words[2] == "seconds)", words[1].first == "(",
                ["passed", "failed", "skipped"].contains(words[0])
            {
                self = .caseEnded(name, words[0])
            } else {
                return nil
            }
        } else if let (name, rest) = Self.split(line, at: "Test Suite '") {
            let words = rest.split(separator: " ")
            guard words.count > 1, words[1] == "at" else { return nil }
            switch words[0] {
            case "started": self = .suiteBegan(name)
            case "passed", "failed": self = .suiteEnded(name)
            default: return nil
            }
        } else if let counts = Self.counts(line) {
            self = .counts(counts)
        } else {
            return nil
        }
    }

    /// What stands in quotes behind the last such words, and what follows.
    private static func split(_ line: String, at words: String) -> (String, Substring)? {
        guard let place = line.ranges(of: words).last else { return nil }
        let rest = line[place.upperBound...]
        guard let quote = rest.firstIndex(of: "'") else { return nil }
        return (String(rest[..<quote]), rest[rest.index(after: quote)...])
    }

    /// What a line counts, such as
    /// `Executed 11 tests, with 1 test skipped and 5 failures (2 unexpected) in 0.006 (0.006) …`.
    private static func counts(_ line: String) -> XCTestFrame.Counts? {
        guard let place = line.ranges(of: "Executed ").last else { return nil }
        var words = line[place.upperBound...].split { " (),".contains($0) }[...]
        var counts = XCTestFrame.Counts()
        guard let tests = number(of: ["test", "tests"], in: &words), words.popFirst() == "with"
        else {
            return nil
        }
        counts.tests = tests
        if let skipped = number(of: ["test", "tests"], in: &words) {
            guard words.popFirst() == "skipped", words.popFirst() == "and" else { return nil }
            counts.skipped = skipped
        }
        guard let failures = number(of: ["failure", "failures"], in: &words),
            let unexpected = number(of: ["unexpected"], in: &words)
        else { return nil }
        counts.failures = failures
        counts.unexpected = unexpected
        return counts
    }

    /// Takes a number and one of these words from the front; nil where they are not there.
    private static func number(
        of names: Set<Substring>,
        in words: inout ArraySlice<Substring>
    ) -> Int? {
        guard let first = words.first, let value = Int(first),
            let second = words.dropFirst().first, names.contains(second)
        else { return nil }
        words = words.dropFirst(2)
        return value
    }
}

// MARK: - Lines about a test

extension XCTestLine {
    /// What happened, of a line such as `FILE:LINE: error: NAME : what happened`.
    static func error(in line: String, of name: String) -> (text: String, isUnexpected: Bool)? {
        guard let place = line.firstRange(of: ": error: \(name) : ") else { return nil }
        let text = String(line[place.upperBound...])
        return (text, isUnexpected(text))
    }

    /// The reason, of a line such as `FILE:LINE: NAME : Test skipped - why`.
    static func skip(in line: String, of name: String) -> String? {
        line.firstRange(of: ": \(name) : Test skipped").map { String(line[$0.upperBound...]) }
    }

    /// XCTest's word for what no assertion told: an error that was thrown, and its own misuse.
    private static func isUnexpected(_ text: String) -> Bool {
        let words = text.split(separator: " ", maxSplits: 3)
        guard words.count > 1 else { return false }
        return words.starts(with: ["threw", "error"]) || words.starts(with: ["API", "violation"])
            || (words[0].hasPrefix("XCT") && words[1] == "threw")
    }
}
