import HiveTestKit

/// A person's project: set up by `hive init`, a key in a home of its own.
///
/// The board has a forbidden V in quarantine, and a daemon where it is wanted.
struct OverrideDesk {
    let folder: TemporaryFolder
    let home: TemporaryFolder
    /// Nil: commands do without.
    let daemon: DaemonUnderTest?

    static let passphrase = "correct horse 漢"
    static let key = ".config/hive/key.json"

    var environment: [String: String] { ["HOME": home.path] }

    init(isSealed: Bool = false, hasDaemon: Bool = true) throws {
        folder = try TemporaryFolder()
        home = try TemporaryFolder()
        try folder.makeQuietRules()
        let environment = ["HOME": home.path]
        let made = try HiveProgram.run(["init"], in: folder.path, environment: environment)
        guard made.exitCode == 0 else { throw TestKitError("init: \(made)") }
        if isSealed {
            let sealed = try HiveProgram.run(
                ["override", "passphrase", "--passphrase-stdin"],
                in: folder.path,
                environment: environment,
                input: Array((Self.passphrase + "\n").utf8)
            )
            guard sealed.exitCode == 0 else { throw TestKitError("passphrase: \(sealed)") }
        }
        daemon =
            hasDaemon ? try DaemonUnderTest(in: folder, environment: environment) : nil
        let lines = [
            Lines.signal("H", port: 7, message: "found the spec"),
            Lines.signal("V", port: 2, message: "it works already"),
        ]
        if daemon != nil {
            try append(lines)
            try daemon?.waitForSequence(1)
        } else {
            try folder.makeFolder("sandbox")
            try append(lines)
        }
    }

    func append(_ lines: [String]) throws {
        let text = lines.map { $0 + "\n" }.joined()
        try folder.append(Array(text.utf8), to: "sandbox/obsidianblackboard.jsonl")
    }

    /// A command, run where no terminal can be reached, whatever the tests themselves are run in.
    func hive(_ arguments: String..., input: String = "") throws -> HiveProgram.Output {
        try Spawned.run(
            "/usr/bin/setsid",
            ["--wait", HiveProgram.path] + arguments,
            in: folder.path,
            environment: environment,
            input: Array(input.utf8)
        )
    }

    /// A command at a terminal.
    func terminal(_ arguments: String...) throws -> PseudoTerminal {
        let terminal = try PseudoTerminal(
            arguments,
            in: folder.path,
            environment: environment
        )
        terminal.kept = self
        return terminal
    }
}
