import Testing

/// A text that is no persona, and what is said of it after `a.agent.md:`.
struct PersonaMistake: Sendable, CustomTestStringConvertible {
    let text: String
    let message: String

    var testDescription: String { text.debugDescription }

    private init(text: String, _ message: String) {
        self.text = text
        self.message = message
    }

    /// Of a file that is right but for one line of its front matter, the fifth line of the file.
    private init(_ line: String, _ message: String) {
        self.init(text: "---\nport: 0\nname: a\nverb: b\n\(line)\n---\nAnswer.\n", "5: " + message)
    }

    static let all: [PersonaMistake] = shapes + documents + names + ports + others

    private static let known = "port, name, verb, model, tools, temperature"
    private static let name =
        "lower-case words of a-z and 0-9 joined by hyphens, at most 64 bytes"
    private static let model =
        "the name of a model (printable ASCII, no blanks, no hyphen in front, at most 200 bytes), "
        + "or null"
    private static let tool = "the name of a tool (printable ASCII, at most 128 bytes)"
    private static let temperature = "a number from 0 to 2 such as 0.2, or null"

    private static let shapes: [PersonaMistake] =
        [
            "", "Answer.", "\n---\nport: 0\n---\nA.", "----\nport: 0\n---\nA.",
            "--- port: 0\n---\nA.",
        ].map {
            .init(
                text: $0,
                "1: found no front matter; expected a line `---`, the keys, and a second line `---`"
            )
        } + [
            .init(
                text: "---\nport: 0\n ---\n",
                "1: found front matter without an end; expected a second line `---`"
            ),
            .init(
                text: "---\nport: 0\nname: a\nverb: b\n---\n \n\t\n",
                "5: found no prompt; expected the system prompt after the front matter"
            ),
            .init(
                text: "---\nport: 0\n---\nA\u{1B}[2J\n",
                "4: found the control character U+1B; expected text"
            ),
            .init(text: "-\0-\0-\0", "1: found the control character U+0; expected text"),
            .init(
                text: "---\rport: 0\r---\rA",
                "1: found the control character U+D; expected text"
            ),
        ]

    private static let documents: [PersonaMistake] = [
        .init(
            text: "---\n---\nAnswer.",
            "2: front matter: found nothing; expected a mapping with the keys \(known)"
        ),
        .init(
            text: "---\n- port\n---\nAnswer.",
            "2: front matter: found a list; expected a mapping with the keys \(known)"
        ),
        .init(
            text: "---\nhello\n---\nAnswer.",
            "2: front matter: found \"hello\"; expected a mapping with the keys \(known)"
        ),
        .init(
            text: "---\nport: 0\nname: a\n---\nA.",
            "2: verb: found no such key; expected \(name)"
        ),
        .init(
            text: "---\nname: a\nverb: b\n---\nA.",
            "2: port: found no such key; expected a port from 0 to 7"
        ),
        .init("colour: red", "front matter: found the key \"colour\"; expected one of \(known)"),
        .init(
            "[a, b]: 1",
            "front matter: found a key that is no plain word; expected one of \(known)"
        ),
        .init(
            "!x model: y",
            "front matter: found a key that is no plain word; expected one of \(known)"
        ),
        .init("model: &m x", "found an anchor (`&` before a name); expected plain values"),
        .init("model: *m", "front matter: not YAML: found undefined alias"),
        .init(
            text: "---\nport: 0\ntools: [\n---\nA.",
            "4: front matter: not YAML: did not find expected node content"
        ),
    ]

    private static let names: [PersonaMistake] = [
        ("A", "\"A\""), ("\"\"", "\"\""), ("a b", "\"a b\""), ("a--b", "\"a--b\""),
        ("-a", "\"-a\""), ("a-", "\"a-\""), ("a_b", "\"a_b\""), ("é", "\"é\""), ("null", "null"),
        ("", "nothing"), ("[a]", "a list"), ("{a: b}", "a mapping"), ("!!str a", "a tagged value"),
        (
            String(repeating: "a", count: 65),
            "\"" + String(repeating: "a", count: 60) + "\"…"
        ),
    ].map { value, found in
        .init(
            text: "---\nname: \(value)\nport: 0\nverb: b\n---\nA.",
            "2: name: found \(found); expected \(name)"
        )
    }

    private static let ports: [PersonaMistake] = [
        ("8", "\"8\""), ("-1", "\"-1\""), ("07", "\"07\""), ("+1", "\"+1\""), ("\"7\"", "\"7\""),
        ("1.0", "\"1.0\""), ("null", "null"), ("[7]", "a list"), ("!!int 7", "a tagged value"),
    ].map { value, found in
        .init(
            text: "---\nverb: b\nname: a\nport: \(value)\n---\nA.",
            "4: port: found \(found); expected a port from 0 to 7"
        )
    }

    private static let others: [PersonaMistake] =
        [
            .init("model: \"\"", "model: found \"\"; expected \(model)"),
            .init("model: a b", "model: found \"a b\"; expected \(model)"),
            .init("model: --evil", "model: found \"--evil\"; expected \(model)"),
            .init("model: [a]", "model: found a list; expected \(model)"),
            .init(
                "tools: Read",
                "tools: found \"Read\"; expected a list of at most 64 names of tools such as "
                    + "[Read, Grep]"
            ),
            .init(
                "tools: [\(Array(repeating: "a", count: 65).joined(separator: ", "))]",
                "tools: found a list of 65; expected a list of at most 64 names of tools such as "
                    + "[Read, Grep]"
            ),
            .init("tools: [Read, [a]]", "tools: found a list; expected \(tool)"),
            .init("tools: [\"a\\nb\"]", "tools: found \"a\\u{A}b\"; expected \(tool)"),
            .init("tools: [null]", "tools: found null; expected \(tool)"),
        ]
        + [
            ("2.01", "\"2.01\""), ("-1", "\"-1\""), ("nan", "\"nan\""), (".5", "\".5\""),
            ("1.", "\"1.\""), ("1e0", "\"1e0\""), ("0x1", "\"0x1\""), ("\"1\"", "\"1\""),
            ("1.0.0", "\"1.0.0\""), ("warm", "\"warm\""),
        ].map { value, found in
            .init(
                "temperature: \(value)",
                "temperature: found \(found); expected \(temperature)"
            )
        } + [
            .init(
                text: "---\nport: 0\nname: a\nverb: b\nverb: c\n---\nA.",
                "5: \"verb\": found the key twice; expected it once"
            )
        ]
}
