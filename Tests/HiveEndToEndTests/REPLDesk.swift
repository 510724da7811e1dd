import HiveTestKit

/// A daemon on a board with three lines, the last one quarantined, and a prompt beside it.
struct REPLDesk {
    let folder: TemporaryFolder
    let daemon: DaemonUnderTest

    /// `environment` is the daemon's.
    init(environment: [String: String] = [:]) throws {
        folder = try TemporaryFolder()
        daemon = try DaemonUnderTest(in: folder, environment: environment)
        try append([
            Lines.signal("H", port: 7, message: "found the spec"),
            Lines.signal("I", port: 1, message: "red: a test"),
            Lines.signal("E", port: 3, message: "too early"),
        ])
        try daemon.waitForSequence(2)
    }

    /// Appends lines as an agent does.
    func append(_ lines: [String]) throws {
        let board = "sandbox/obsidianblackboard.jsonl"
        let text = lines.map { $0 + "\n" }.joined()
        try folder.append(Array(text.utf8), to: board)
    }

    /// `hive repl` in a terminal, at its prompt.
    func open(
        _ environment: [String: String] = [:],
        columns: Int = 80
    ) throws -> PseudoTerminal {
        let terminal = try PseudoTerminal(
            ["repl"],
            in: folder.path,
            environment: environment,
            columns: columns
        )
        terminal.kept = self
        try terminal.waitForPrompt()
        return terminal
    }
}

extension PseudoTerminal {
    /// Waits until an empty prompt is there.
    func waitForPrompt() throws {
        try wait(forCursorLine: { $0.hasSuffix(" ›") || $0.hasSuffix(" >") })
    }

    /// Types a command and waits for the prompt after it.
    func run(_ line: String) throws {
        let prompts = screen.text.components(" › ")
        try type(line + "\r")
        try wait(until: "\(line) was run") { $0.text.components(" › ") > prompts }
        try waitForPrompt()
    }
}

extension String {
    /// How often a text occurs.
    func components(_ part: String) -> Int { ranges(of: part).count }

    /// The first `q-…` after some words, as lists cut it.
    func firstID(after words: String) -> String {
        guard let place = ranges(of: words).first,
            let id = self[place.upperBound...].ranges(of: "q-").first
        else { return "" }
        return String(self[id.lowerBound...].prefix(12))
    }
}

extension [UInt8] {
    func contains(subsequence: [UInt8]) -> Bool {
        String(decoding: self, as: UTF8.self).contains(String(decoding: subsequence, as: UTF8.self))
    }
}
