import HiveSignal
import Yams

/// One value of the rule book and where it stands: enough to say what is wrong with it.
///
/// Only plain scalars are numbers, truth values or null, by the core schema of YAML 1.2: `no` and
/// `on` are words, `087` and `1_000` are no numbers.
struct RuleValue {
    let node: Node
    /// The keys from the top, joined by dots; empty for the top itself.
    let key: String
    let file: String
    var document = Document.rules

    /// What kind of file it stands in, for messages.
    struct Document: Sendable {
        var name: String
        /// A file that shows how it is done.
        var example: String

        static let rules = Document(name: "the rule book", example: "specs/rules.yaml")
        static let prices = Document(name: "the price table", example: "specs/prices.yaml")

        var hint: String { "mend that line; the shipped \(example) is an example of every key" }
    }

    /// A value inside, or a key.
    private func part(_ node: Node, key: String) -> RuleValue {
        RuleValue(node: node, key: key, file: file, document: document)
    }

    /// The values of a mapping, by key; refused: any other node, and keys that are not in `known`.
    func mapping(of known: [String]) throws(HiveError) -> [String: RuleValue] {
        guard case .mapping(let mapping) = node, node.isUntagged else {
            throw refusal(found: found, expected: "a mapping with the keys \(listed(known))")
        }
        var values: [String: RuleValue] = [:]
        for (name, node) in mapping {
            let word = name.tag == Tag(.str) ? name.scalar?.string : nil
            let path = Self.path(key, word ?? "?")
            guard let word, known.contains(word) else {
                let unknown = part(name, key: path)
                throw unknown.refusal(
                    found: "a key that hive does not know",
                    expected: "one of \(listed(known))"
                )
            }
            values[word] = part(node, key: path)
        }
        return values
    }

    /// `true` or `false`.
    func boolean() throws(HiveError) -> Bool {
        switch plain {
        case "true", "True", "TRUE": return true
        case "false", "False", "FALSE": return false
        default: throw refusal(found: found, expected: "true or false")
        }
    }

    /// A whole number in decimal digits.
    func integer(in range: ClosedRange<Int64>) throws(HiveError) -> Int64 {
        guard let number = number, range.contains(number) else {
            throw refusal(found: found, expected: "a whole number \(limits(range))")
        }
        return number
    }

    /// A whole number, or nil for `null`.
    func integerOrNull(in range: ClosedRange<Int64>) throws(HiveError) -> Int64? {
        if isNull { return nil }
        guard let number = number, range.contains(number) else {
            throw refusal(found: found, expected: "a whole number \(limits(range)), or null")
        }
        return number
    }

    /// A number in decimal notation, such as `0.3` or `5`.
    func decimal(in range: ClosedRange<Double>) throws(HiveError) -> Double {
        let isPlain = plain?.utf8.allSatisfy { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: ".")
        }
        guard let plain, isPlain == true, plain.utf8.first != UInt8(ascii: "."),
            plain.utf8.last != UInt8(ascii: "."), let number = Double(plain),
            range.contains(number)
        else {
            throw refusal(
                found: found,
                expected: "a number from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return number
    }

    /// A program and its arguments, one list entry each, or nil for `null`.
    func wordsOrNull() throws(HiveError) -> [String]? {
        if isNull { return nil }
        let expected = "a list of words such as [make, test], or null"
        guard case .sequence(let sequence) = node, node.isUntagged else {
            throw refusal(found: found, expected: expected)
        }
        var words: [String] = []
        for node in sequence {
            let value = part(node, key: key)
            guard let word = value.text, !word.utf8.contains(0) else {
                throw value.refusal(found: value.found, expected: "a word")
            }
            words.append(word)
        }
        guard let program = words.first, !program.isEmpty else {
            throw refusal(found: "no program", expected: expected)
        }
        return words
    }

    /// The values of a list.
    func elements(expected: String) throws(HiveError) -> [RuleValue] {
        guard case .sequence(let sequence) = node, node.isUntagged else {
            throw refusal(found: found, expected: expected)
        }
        return sequence.map { part($0, key: key) }
    }

    /// The texts of a list, each of which is as expected.
    func texts(
        _ expected: String,
        where isExpected: (String) -> Bool
    ) throws(HiveError) -> [String] {
        try elements(expected: "a list, each \(expected)").map { value throws(HiveError) in
            guard let text = value.text, isExpected(text) else {
                throw value.refusal(found: value.found, expected: expected)
            }
            return text
        }
    }

    /// One of the words of an enumeration.
    func word<Word: RawRepresentable<String>>(
        among words: [Word]
    ) throws(HiveError) -> Word {
        guard let text = text, let word = Word(rawValue: text) else {
            throw refusal(found: found, expected: "one of \(listed(words.map(\.rawValue)))")
        }
        return word
    }

    /// The name of a group of users, or nil for `null`.
    func groupNameOrNull() throws(HiveError) -> String? {
        if isNull { return nil }
        guard let name = text, number == nil, Self.isGroupName(name) else {
            throw refusal(found: found, expected: "the name of a group, or null")
        }
        return name
    }

    /// A list of ports, each once.
    func ports() throws(HiveError) -> [Port] {
        guard case .sequence(let sequence) = node, node.isUntagged else {
            throw refusal(found: found, expected: "a list of ports such as [0, 7]")
        }
        var ports: [Port] = []
        for node in sequence {
            let value = part(node, key: key)
            guard let number = value.number, let byte = UInt8(exactly: number),
                let port = Port(rawValue: byte)
            else { throw value.refusal(found: value.found, expected: "a port from 0 to 7") }
            guard !ports.contains(port) else {
                throw value.refusal(
                    found: "port \(port.rawValue) a second time",
                    expected: "each port once"
                )
            }
            ports.append(port)
        }
        return ports
    }

    // MARK: Errors

    /// `FILE:LINE: KEY: found …; expected …`, exit code 2.
    func refusal(found: String, expected: String) -> HiveError {
        let line = node.mark.map { ":\($0.line)" } ?? ""
        let subject = key.isEmpty ? document.name : key
        return .usage(
            "\(file)\(line): \(subject): found \(found); expected \(expected)",
            hint: document.hint
        )
    }

    /// The node in a few words.
    private var found: String {
        switch node {
        case .mapping: node.isUntagged ? "a mapping" : "a tagged value"
        case .sequence: node.isUntagged ? "a list" : "a tagged value"
        case .alias: "an alias"
        case .scalar(let scalar):
            if !node.isUntagged {
                "a tagged value"
            } else if isNull {
                scalar.string.isEmpty ? "nothing" : "null"
            } else {
                plain ?? Self.quoted(scalar.string)
            }
        }
    }

    private static let quotedCharactersMax = 60

    /// A text as it may stand in a message: in quotes, on one line, not too long.
    static func quoted(_ text: String) -> String {
        let short = text.prefix(quotedCharactersMax)
        return String(short).debugDescription + (short.endIndex < text.endIndex ? "…" : "")
    }

    private static func path(_ key: String, _ name: String) -> String {
        let printable = name.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value < 0x7F }
        let shown = printable && name.utf8.count <= quotedCharactersMax ? name : quoted(name)
        return key.isEmpty ? shown : "\(key).\(shown)"
    }

    private func listed(_ words: [String]) -> String { words.joined(separator: ", ") }

    private func limits(_ range: ClosedRange<Int64>) -> String {
        "from \(range.lowerBound) to \(range.upperBound)"
    }

    // MARK: Scalars

    /// The text of an untagged scalar, quoted or not.
    private var text: String? { node.untaggedText }

    /// The text of an untagged scalar without quotes.
    private var plain: String? { node.plainText }

    /// True for `null` and for nothing at all.
    var isNull: Bool { node.isPlainNull }

    /// A decimal integer without leading zeros or a plus sign.
    private var number: Int64? {
        guard let plain, let number = Int64(plain), String(number) == plain else { return nil }
        return number
    }

    /// POSIX's portable names (Base Definitions §3.437), at most 32 bytes as Linux has it.
    private static func isGroupName(_ name: String) -> Bool {
        guard (1...32).contains(name.utf8.count), name.utf8.first != UInt8(ascii: "-") else {
            return false
        }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "-"):
                true
            default: false
            }
        }
    }
}
