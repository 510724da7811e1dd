import Testing

@testable import HiveConsole

/// A command line taken apart, and what Tab makes of it.
@Suite struct WordsTests {
    @Test(arguments: [
        ("", []), ("  \t ", []), ("status", ["status"]), ("  a  b ", ["a", "b"]),
        ("emit 'two words'", ["emit", "two words"]), (#"a"b c"d"#, ["ab cd"]),
        (#"'\' "\"\\\n""#, [#"\"#, #""\\n"#]), (#"a\ b \'"#, ["a b", "'"]), ("''", [""]),
        ("$HOME `id` !1 ; | * ~", ["$HOME", "`id`", "!1", ";", "|", "*", "~"]),
    ])
    func `quotes are those of a shell, and nothing is expanded`(line: String, words: [String])
        throws
    {
        #expect(try Words.split(line) == words)
    }

    @Test(arguments: ["'open", "\"open", "a\\"])
    func `an open quote is a usage error`(line: String) {
        let error = #expect(throws: CommandError.self) { try Words.split(line) }
        #expect(error?.exitCode == 2)
        #expect(error?.message == "a quote is not closed")
    }

    @Test(arguments: ["plain", "two words", "it's", #"a "b" \c"#, ""])
    func `a quoted word comes back whole`(word: String) throws {
        #expect(try Words.split(Words.quoted(word)) == [word])
    }

    @Test func `options and plain words are told apart`() throws {
        let words = ["--mark", "0.5", "--port=3", "say", "--all", "--", "--not an option"]
        let arguments = try Arguments(words, options: ["mark", "port"], flags: ["all"])
        #expect(arguments["mark"] == "0.5")
        #expect(try arguments.count("port") == 3)
        #expect(arguments.has("all"))
        #expect(arguments.plain == ["say", "--not an option"])
    }

    @Test func `an unknown option names those that there are`() {
        let error = #expect(throws: CommandError.self) {
            try Arguments(["--loud"], options: ["mark"], flags: ["all"])
        }
        #expect(error?.message == "unknown option --loud")
        #expect(error?.hint == "it takes --all --mark")
        let lacking = #expect(throws: CommandError.self) {
            try Arguments(["--mark"], options: ["mark"])
        }
        #expect(lacking?.message == "--mark needs a value")
    }

    @Test func `a command is found by its name, an alias, or a beginning that only it has`() {
        func found(_ word: String) -> String {
            switch CommandBook.standard.find(word) {
            case .one(let command): command.name
            case .many(let names): names.joined(separator: " ")
            case .none: "-"
            }
        }
        #expect(found("status") == "status")
        #expect(found("phase") == "phase")
        #expect(found("q") == "quarantine quit")
        #expect(found("quar") == "quarantine")
        #expect(found("exit") == "quit")
        #expect(found("flop") == "-")
        #expect(found("") == "-")
    }

    @Test func `no beginning of a command means another one`() {
        let book = CommandBook.standard
        for command in book.commands {
            guard case .one(let found) = book.find(command.name) else {
                Issue.record("\(command.name) is not found by its own name")
                continue
            }
            #expect(found.name == command.name)
            #expect(command.summary.count <= 66, "\(command.name) does not fit into 80 columns")
        }
    }
}

@Suite struct CompleterTests {
    private let completer = Completer(
        book: .standard,
        words: { kind in
            switch kind {
            case .entry: ["q-aa11", "q-aa22", "q-bb33"]
            case .task: ["t-87-0-1"]
            case .agent: ["kim", "lee s"]
            default: []
            }
        },
        files: { _ in ["specs/", "spare file"] }
    )

    @Test(arguments: [
        ("qua", "rantine "), ("quarantine sh", "ow "), ("show q-b", "b33 "), ("show q-a", "a"),
        ("quar release q-b", "b33 "), ("show t", "-87-0-1 "), ("emit --ph", "ase "),
        ("emit --phase ", ""), ("emit --mode x --phase V --pu", "ll "), ("signals verd", "ict="),
        ("signals verdict=q", "uarantined "), ("signals agent=k", "im "),
        ("emit --agent l", #"ee\ s "#), ("emit --agent 'l", "ee s"), ("replay --rules spec", "s/"),
        ("help qui", "t "), ("nonsense ", ""), ("status ", ""),
    ])
    func `tab puts in what is certain`(line: String, insertion: String) {
        #expect(completer.complete(line).insertion == insertion)
    }

    @Test func `tab lists what is possible where nothing is certain`() {
        #expect(completer.complete("show q-aa").candidates == ["q-aa11", "q-aa22"])
        #expect(completer.complete("emit --phase ").candidates == ["E", "H", "I", "V"])
        #expect(
            completer.complete("s").candidates == [
                "scatter", "search", "show", "signals", "state", "status",
            ]
        )
        #expect(completer.complete("nonsense ").candidates.isEmpty)
    }
}
