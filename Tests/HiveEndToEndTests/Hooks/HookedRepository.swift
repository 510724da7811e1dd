import HiveSignal
import HiveTestKit

/// A repository with hive's rules and hooks, and one that it pushes to.
struct HookedRepository {
    let folder: TemporaryFolder
    private let home: TemporaryFolder
    /// A bare repository with `pre-receive`; nil: there is none.
    private(set) var server: TemporaryFolder?

    /// A project whose first commit has the rules and these files.
    ///
    /// `rules` is appended to the rule book; without `hooks` none are installed.
    init(
        _ files: [String: String] = ["src/main.py": "def add(a, b):\n    return 0\n"],
        rules: String = "",
        hooks: Bool = true
    ) throws {
        folder = try TemporaryFolder()
        home = try TemporaryFolder()
        try folder.git("init", "--quiet", "--initial-branch", "main")
        try folder.git("config", "user.name", "A Test")
        try folder.git("config", "user.email", "test@example.org")
        try folder.git("config", "maintenance.auto", "false")
        try folder.writeFiles(files)
        // What is asked of nobody needs no waiting for.
        try folder.writeFiles([
            "specs/rules.yaml": "reactions: {enabled: false}\n" + rules,
            ".gitignore": "/sandbox/\n",
        ])
        try folder.makeFolder("sandbox")
        try folder.write([], to: "sandbox/obsidianblackboard.jsonl")
        try folder.commitAll("chore: the project begins")
        if hooks { try install() }
    }

    /// A repository as bytes.
    struct Archive: Sendable {
        fileprivate var folder: [UInt8]
        fileprivate var home: [UInt8]
        fileprivate var server: [UInt8]?
    }

    func archive() throws -> Archive {
        Archive(folder: try folder.packed(), home: try home.packed(), server: try server?.packed())
    }

    /// A copy in folders of its own.
    init(_ archive: Archive) throws {
        folder = try TemporaryFolder(packed: archive.folder)
        home = try TemporaryFolder(packed: archive.home)
        server = try archive.server.map { try TemporaryFolder(packed: $0) }
        if let server { try folder.git("remote", "set-url", "origin", server.path) }
    }

    func install() throws {
        let output = try hive("hook", "install")
        guard output.exitCode == 0 else { throw TestKitError("hook install: \(output)") }
    }

    /// Makes the repository that is pushed to: what is there now is its beginning.
    mutating func serve() throws {
        let server = try TemporaryFolder()
        try server.git("init", "--quiet", "--bare", "--initial-branch", "main")
        try folder.git("remote", "add", "origin", server.path)
        guard try git("push", "--quiet", "origin", "main").exitCode == 0 else {
            throw TestKitError("the first push fails")
        }
        let output = try HiveProgram.run(["hook", "install"], in: server.path)
        guard output.exitCode == 0 else { throw TestKitError("hook install: \(output)") }
        self.server = server
    }

    /// Has the rules approved by the project's owner, in a commit.
    func approve() throws {
        for words in [
            ["init"], ["override", "approve-rules", "--reason", "as they are", "--yes"],
        ] {
            let output = try Spawned.run(
                "/usr/bin/setsid",
                ["--wait", HiveProgram.path] + words,
                in: folder.path,
                environment: ["HOME": home.path]
            )
            guard output.exitCode == 0 else { throw TestKitError("hive \(words): \(output)") }
        }
        try folder.commitAll("chore: rules that are approved")
    }

    /// Pushes, without a word of git's own.
    func push(_ refs: [String]) throws -> HiveProgram.Output {
        try Spawned.run(
            "/usr/bin/git",
            ["push", "--quiet", "origin"] + refs,
            in: folder.path,
            environment: ["HOME": home.path, "PATH": "/usr/local/bin:/usr/bin:/bin"]
        )
    }

    @discardableResult
    func hive(_ arguments: String...) throws -> HiveProgram.Output {
        try HiveProgram.run(arguments, in: folder.path, environment: ["HOME": home.path])
    }

    /// Says a phase on the board.
    func say(_ phase: String, port: Int, agent: String? = nil) throws {
        let who = agent.map { ["--agent", $0] } ?? []
        let output = try HiveProgram.run(
            ["emit", "--phase", phase, "--port", "\(port)"] + who + ["a step"],
            in: folder.path
        )
        guard output.exitCode == 0 else { throw TestKitError("emit \(phase): \(output)") }
    }

    /// Runs git as a person would, whatever comes of it.
    @discardableResult
    func git(
        _ arguments: String...,
        environment: [String: String] = [:],
        in path: String? = nil
    ) throws -> HiveProgram.Output {
        var all = [
            "HOME": home.path, "GIT_CONFIG_NOSYSTEM": "1", "GIT_EDITOR": "true",
            "GIT_AUTHOR_NAME": "A Test", "GIT_AUTHOR_EMAIL": "test@example.org",
            "GIT_COMMITTER_NAME": "A Test", "GIT_COMMITTER_EMAIL": "test@example.org",
            "PATH": "/usr/local/bin:/usr/bin:/bin",
        ]
        all.merge(environment) { $1 }
        return try Spawned.run(
            "/usr/bin/git",
            arguments,
            in: path ?? folder.path,
            environment: all
        )
    }

    /// Runs a shell script in the work tree: an agent's tool.
    @discardableResult
    func shell(_ script: String, environment: [String: String] = [:]) throws -> HiveProgram.Output {
        var all = ["HOME": home.path, "PATH": "/usr/local/bin:/usr/bin:/bin"]
        all.merge(environment) { $1 }
        return try Spawned.run("/bin/sh", ["-c", script], in: folder.path, environment: all)
    }

    /// Writes files and stages them.
    func stage(_ files: [String: String]) throws {
        try folder.writeFiles(files)
        try folder.git("add", "--all")
    }

    /// Writes files and commits them, as a person would.
    func commit(
        _ message: String,
        _ files: [String: String] = [:],
        environment: [String: String] = [:]
    ) throws -> HiveProgram.Output {
        try stage(files)
        return try git("commit", "--message", message, environment: environment)
    }

    func head() throws -> String { try folder.git("rev-parse", "HEAD").trimmed }

    func message() throws -> String { try folder.git("log", "-1", "--format=%B") }
}
