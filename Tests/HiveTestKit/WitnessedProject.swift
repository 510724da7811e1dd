package import HiveSignal

// A project to be witnessed
//
// Everything is real: a repository, the binary, a test runner, keys in a home of the project's own.
// What takes long (the set-up, a first witnessed red) is made once and kept as an archive, of which
// each test unpacks a copy.

/// A throw-away project whose phases the real binary witnesses.
package struct WitnessedProject: Sendable {
    /// The repository.
    package let folder: TemporaryFolder
    /// Where the keys are.
    package let home: TemporaryFolder
    /// `PATH` of each command.
    private let path: String

    /// A project of these files, with rules that its owner approved, in its first commit.
    ///
    /// - `test`: the test command, as the rule book has it: `[node, --test]`.
    package init(
        _ files: [String: String],
        test: String,
        toolchain: TestToolchain,
        rules edit: (String) -> String = { $0 }
    ) throws {
        folder = try TemporaryFolder()
        home = try TemporaryFolder()
        path = toolchain.path
        try folder.git("init", "--quiet", "--initial-branch", "main")
        try folder.git("config", "user.name", "A Test")
        try folder.git("config", "user.email", "test@example.org")
        try folder.git("config", "maintenance.auto", "false")
        try folder.writeFiles(files)
        try mustHive("init")
        let rules = String(decoding: folder.bytes(Self.rules), as: UTF8.self)
            .replacing(/\n  test:[^\n]*/, with: "\n  test: \(test)")
            .replacing("\nevidence: off", with: "\nevidence: required")
            .replacing("\nevidence: warn", with: "\nevidence: required")
        try folder.writeFiles([Self.rules: edit(rules)])
        try approve()
        try folder.commitAll("docs: the project begins")
    }

    package static let rules = "specs/rules.yaml"

    /// The owner's word on the rules as they are now.
    package func approve() throws {
        try mustHive("override", "approve-rules", "--reason", "as they are", "--yes")
    }

    // MARK: Copies

    /// A project as bytes.
    package struct Archive: Sendable {
        fileprivate var folder: [UInt8]
        fileprivate var home: [UInt8]
        fileprivate var path: String
    }

    package func archive() throws -> Archive {
        Archive(folder: try folder.packed(), home: try home.packed(), path: path)
    }

    /// A copy in folders of its own.
    package init(_ archive: Archive) throws {
        folder = try TemporaryFolder(packed: archive.folder)
        home = try TemporaryFolder(packed: archive.home)
        path = archive.path
    }

    /// What a fresh clone with the notes of this repository has: no board, no ledger, no keys.
    package func clone() throws -> WitnessedProject {
        let copy = WitnessedProject(
            folder: try TemporaryFolder(),
            home: try TemporaryFolder(),
            path: path
        )
        try copy.folder.git("clone", "--quiet", folder.path, ".")
        let notes = "refs/notes/hive:refs/notes/hive"
        try copy.folder.git("fetch", "--quiet", "origin", notes)
        return copy
    }

    private init(folder: TemporaryFolder, home: TemporaryFolder, path: String) {
        self.folder = folder
        self.home = home
        self.path = path
    }

    // MARK: Commands

    @discardableResult
    package func hive(_ arguments: [String], input: String = "") throws -> HiveProgram.Output {
        // Without a terminal, whatever the tests themselves are run in.
        try Spawned.run(
            "/usr/bin/setsid",
            ["--wait", HiveProgram.path] + arguments,
            in: folder.path,
            environment: ["HOME": home.path, "PATH": path],
            input: Array(input.utf8)
        )
    }

    private func mustHive(_ arguments: String...) throws {
        let output = try hive(arguments)
        guard output.exitCode == 0 else { throw TestKitError("hive \(arguments): \(output)") }
    }

    /// What `hive witness` answered.
    package struct Witnessed: Sendable {
        package var exitCode: Int32
        /// Null where it ended with an error.
        package var receipt: JSONValue
        package var error: String

        package init(_ output: HiveProgram.Output) throws {
            exitCode = output.exitCode
            receipt = try output.lines.first.map { try JSONValue(parsing: $0) } ?? .null
            error = output.standardError
        }

        package var isProven: Bool { receipt["proven"] == true }
        package var kind: String { receipt["kind"]?.stringValue ?? "" }
        package var id: String { receipt["id"]?.stringValue ?? "" }
        package var violations: [String] { receipt.texts("violations") }
        /// All that a person reads in it.
        package var words: [String] {
            receipt.texts("notes") + receipt.texts("unneeded").map { "unneeded: \($0)" }
                + [error].filter { !$0.isEmpty }
        }
    }

    /// Stages everything and has it witnessed.
    package func witness(_ arguments: String...) throws -> Witnessed {
        try folder.git("add", "--all")
        return try Witnessed(try hive(["witness", "--json"] + arguments))
    }

    /// What `hive verify` answered.
    package struct Verified: Sendable {
        package var exitCode: Int32
        package var verdicts: [JSONValue]
        /// Its standard output as it is.
        package var text: String
        package var error: String

        package var standings: [String] {
            verdicts.map { $0["standing"]?.stringValue ?? "" }
        }
        package var violations: [String] { verdicts.flatMap { $0.texts("violations") } }
        package var reasons: [String] { verdicts.flatMap { $0.texts("reasons") } }
    }

    package func verify(_ range: String, _ arguments: String...) throws -> Verified {
        let output = try hive(["verify", range, "--json"] + arguments)
        return Verified(
            exitCode: output.exitCode,
            verdicts: try output.lines.map { try JSONValue(parsing: $0) },
            text: output.standardOutput,
            error: output.standardError
        )
    }

    /// Writes files, has them witnessed as this phase, and commits them where that is proven.
    ///
    /// Throws where it is not.
    @discardableResult
    package func prove(
        _ phase: String,
        _ files: [String: String] = [:],
        message: String? = nil
    ) throws -> Witnessed {
        try folder.writeFiles(files)
        let seen = try witness()
        guard seen.isProven, seen.receipt["phase"]?.stringValue == phase else {
            throw TestKitError("\(phase) is not proven: \(seen)")
        }
        try folder.commitAll(message ?? "\(phase): a step")
        return seen
    }
}

extension JSONValue {
    /// The strings of a member that is an array of such; none for anything else.
    package func texts(_ key: String) -> [String] {
        self[key]?.arrayValue?.compactMap(\.stringValue) ?? []
    }
}
