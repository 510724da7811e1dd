import HiveSignal
import HiveWitness

extension RuleBook {
    /// The built-in rule book with a project's test command in it.
    ///
    /// - Throws: exit code 2 where the text would be no rule book.
    static func fresh(test: TestCommand?) throws(HiveError) -> String {
        var lines = builtInText.split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)
        if let test, let index = lineOfTest(in: lines) {
            lines[index...index] = [
                "  # Found by hive init: \(test.foundBy).",
                "  test: \(flowSequence(test.words))",
            ]
            // Where receipts can come of the tests, a claim without one is told.
            if TestRunners.runner(for: test.words, named: nil) != nil,
                let off = lines.firstIndex(of: "evidence: off")
            {
                lines[off] = "evidence: warn"
            }
        }
        let text = lines.joined(separator: "\n")
        _ = try parse(text: text, file: "specs/rules.yaml")
        return text
    }

    /// What to add to a rule book that names no test command.
    static func lineToAdd(_ test: TestCommand, to text: String) -> String {
        let words = flowSequence(test.words)
        let hasSection = text.split(whereSeparator: \.isNewline).contains {
            $0.hasPrefix("witness:")
        }
        return hasSection
            ? "under `witness:` in it, say `test: \(words)`"
            : "add the line `witness: {test: \(words)}` to it"
    }

    /// Where the built-in text has `test: null` under `witness:`.
    private static func lineOfTest(in lines: [String]) -> Int? {
        guard let section = lines.firstIndex(of: "witness:") else { return nil }
        return lines[section...].firstIndex(of: "  test: null")
    }

    /// Words as a list on one line (YAML 1.2, §7.4.1), quoted where they would not be plain words.
    static func flowSequence(_ words: [String]) -> String {
        "[" + words.map(scalar).joined(separator: ", ") + "]"
    }

    private static func scalar(_ word: String) -> String {
        let isPlain = word.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "/"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        // A word such as `true` or `12` would be no text, and a lone dash begins a list.
        let hasMeaning = ["", "-", "true", "false", "null"].contains(word.lowercased())
        let isNumber = Double(word) != nil
        // JSON's strings are YAML's double-quoted ones.
        return isPlain && !hasMeaning && !isNumber ? word : JSONValue.string(word).text
    }
}
