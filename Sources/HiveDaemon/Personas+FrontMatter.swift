import HiveSignal
import Yams

/// The keys of a persona's file.
struct FrontMatter {
    var port: Port
    var portLine: Int
    var name: String
    var verb: String
    var model: String?
    var tools: [String]
    var temperature: Double?

    private static let keys = ["port", "name", "verb", "model", "tools", "temperature"]

    /// Reads the lines from the opening `---` on, the closing one not among them.
    init(lines: ArraySlice<Substring>, file: String) throws(HiveError) {
        let text = lines.joined(separator: "\n") + "\n"
        if let line = YAMLAnchor.firstLine(in: text) {
            throw YAMLAnchor.refusal(file: file, line: line)
        }
        let root: Node?
        do {
            root = try Yams.compose(yaml: text, .basic, .default, .utf8)
        } catch {
            throw Self.notYAML(error, file: file)
        }
        let top = FrontMatterValue(node: root ?? Node(""), key: "front matter", file: file)
        let values = try top.mapping(of: Self.keys)
        func required(_ key: String, _ expected: String) throws(HiveError) -> FrontMatterValue {
            if let value = values[key] { return value }
            let missing = FrontMatterValue(node: top.node, key: key, file: file)
            throw missing.refusal(found: "no such key", expected: expected)
        }
        let portValue = try required("port", FrontMatterValue.portExpected)
        port = try portValue.port()
        portLine = portValue.line
        name = try required("name", FrontMatterValue.nameExpected).name()
        verb = try required("verb", FrontMatterValue.nameExpected).name()
        model = try values["model"]?.modelOrNull()
        tools = try values["tools"]?.tools() ?? []
        temperature = try values["temperature"]?.temperatureOrNull()
    }

    private static func notYAML(_ error: any Error, file: String) -> HiveError {
        let hint = "mend that line; put quotes around a value that begins with * & ! % @ or `"
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return .usage("\(file):\(mark.line): front matter: not YAML: \(problem)", hint: hint)
        case .duplicatedKeysInMapping(let keys, let context):
            let name = keys.first ?? ""
            let line = RepeatedKey.line(of: name, in: context.text, after: context.mark)
            let key = PersonaFile.quoted(name)
            return .usage(
                "\(file):\(line): \(key): found the key twice; expected it once",
                hint: PersonaFile.hint
            )
        default:
            return .usage("\(file):1: front matter: not YAML", hint: hint)
        }
    }
}

private enum ASCII {
    static func isLowerOrDigit(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }

    static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}

/// One value of the front matter and where it stands.
private struct FrontMatterValue {
    let node: Node
    let key: String
    let file: String

    static let portExpected = "a port from 0 to 7"
    static let nameExpected =
        "lower-case words of a-z and 0-9 joined by hyphens, at most \(nameBytesMax) bytes"

    private static let nameBytesMax = 64
    private static let modelBytesMax = 200
    private static let toolsMax = 64
    private static let toolBytesMax = 128
    private static let temperatures = 0.0...2.0

    /// From 1.
    var line: Int { node.mark?.line ?? 1 }

    /// The values of a mapping, by key; refused: any other node, and keys that are not in `known`.
    func mapping(of known: [String]) throws(HiveError) -> [String: FrontMatterValue] {
        let listed = known.joined(separator: ", ")
        guard case .mapping(let mapping) = node, node.isUntagged else {
            throw refusal(found: found, expected: "a mapping with the keys \(listed)")
        }
        var values: [String: FrontMatterValue] = [:]
        for (name, node) in mapping {
            // Yams gives every key without a tag of its own that of a string.
            let word = name.tag == Tag(.str) ? name.scalar?.string : nil
            guard let word, known.contains(word) else {
                let value = FrontMatterValue(node: name, key: key, file: file)
                let found = word.map { "the key \(PersonaFile.quoted($0))" }
                throw value.refusal(
                    found: found ?? "a key that is no plain word",
                    expected: "one of \(listed)"
                )
            }
            values[word] = FrontMatterValue(node: node, key: word, file: file)
        }
        return values
    }

    func port() throws(HiveError) -> Port {
        guard let plain = node.plainText, plain.utf8.count == 1, let number = UInt8(plain),
            let port = Port(rawValue: number)
        else { throw refusal(found: found, expected: Self.portExpected) }
        return port
    }

    /// A name as `nameExpected` says.
    func name() throws(HiveError) -> String {
        let words = node.untaggedText?.utf8.split(
            separator: UInt8(ascii: "-"),
            omittingEmptySubsequences: false
        )
        guard let text = node.untaggedText, let words, !node.isPlainNull,
            text.utf8.count <= Self.nameBytesMax,
            words.allSatisfy({ !$0.isEmpty && $0.allSatisfy(ASCII.isLowerOrDigit) })
        else { throw refusal(found: found, expected: Self.nameExpected) }
        return text
    }

    /// A model's name, or nil for `null`.
    ///
    /// It may become a word of a command or part of an address: so no white space, and no hyphen
    /// in front that would make it an option.
    func modelOrNull() throws(HiveError) -> String? {
        if node.isPlainNull { return nil }
        guard let text = node.untaggedText, (1...Self.modelBytesMax).contains(text.utf8.count),
            text.utf8.first != UInt8(ascii: "-"),
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else {
            throw refusal(
                found: found,
                expected: "the name of a model (printable ASCII, no blanks, no hyphen in front, "
                    + "at most \(Self.modelBytesMax) bytes), or null"
            )
        }
        return text
    }

    /// The names of tools, or globs; none for `null`.
    func tools() throws(HiveError) -> [String] {
        if node.isPlainNull { return [] }
        guard case .sequence(let sequence) = node, node.isUntagged, sequence.count <= Self.toolsMax
        else {
            throw refusal(
                found: node.sequence.map { "a list of \($0.count)" } ?? found,
                expected: "a list of at most \(Self.toolsMax) names of tools such as [Read, Grep]"
            )
        }
        var tools: [String] = []
        for node in sequence {
            let value = FrontMatterValue(node: node, key: key, file: file)
            tools.append(try value.tool())
        }
        return tools
    }

    private func tool() throws(HiveError) -> String {
        guard let text = node.untaggedText, !node.isPlainNull,
            (1...Self.toolBytesMax).contains(text.utf8.count),
            text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F })
        else {
            throw refusal(
                found: found,
                expected: "the name of a tool (printable ASCII, at most "
                    + "\(Self.toolBytesMax) bytes)"
            )
        }
        return text
    }

    /// A decimal number from 0 to 2, or nil for `null`.
    func temperatureOrNull() throws(HiveError) -> Double? {
        if node.isPlainNull { return nil }
        // Digits with at most one dot between them: `Double` alone would read `nan` and `0x1p1`.
        let parts = node.plainText?.utf8.split(
            separator: UInt8(ascii: "."),
            omittingEmptySubsequences: false
        )
        guard let plain = node.plainText, let parts, parts.count <= 2,
            parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(ASCII.isDigit) }),
            let number = Double(plain), Self.temperatures.contains(number)
        else {
            throw refusal(found: found, expected: "a number from 0 to 2 such as 0.2, or null")
        }
        return number
    }

    // MARK: Messages

    /// `FILE:LINE: KEY: found …; expected …`, exit code 2.
    func refusal(found: String, expected: String) -> HiveError {
        .usage(
            "\(file):\(line): \(key): found \(found); expected \(expected)",
            hint: PersonaFile.hint
        )
    }

    /// The node in a few words.
    private var found: String {
        switch node {
        case .mapping where node.isUntagged: "a mapping"
        case .sequence where node.isUntagged: "a list"
        case .alias: "an alias"
        default:
            if node.isPlainNull {
                node.untaggedText?.isEmpty == true ? "nothing" : "null"
            } else {
                node.untaggedText.map(PersonaFile.quoted) ?? "a tagged value"
            }
        }
    }
}
