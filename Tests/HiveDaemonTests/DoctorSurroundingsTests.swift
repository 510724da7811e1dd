import Glibc
import HiveKernel
import HiveSignal
import HiveTestKit
import Testing

@testable import HiveDaemon

/// What the doctor finds around a board: git, personas, programs, keys.
@Suite struct DoctorSurroundingsTests {
    /// A machine with these programs on its `PATH`, where git says what the closure says.
    private func machine(
        _ folder: TemporaryFolder,
        programs: [String] = ["git"],
        git: @escaping @Sendable ([String]) -> Int32 = { _ in 0 }
    ) throws -> Doctor.Machine {
        try folder.makeFolder("bin")
        for program in programs {
            try folder.write(Array("#!/bin/sh\n".utf8), to: "bin/\(program)")
            #expect(chmod(folder.at("bin/\(program)"), 0o755) == 0)
        }
        return Doctor.Machine(
            now: Timestamp(seconds: 1_800_000_000),
            searchPath: "/nowhere:\(folder.at("bin"))",
            processFolder: folder.at("proc"),
            run: { words in
                Doctor.Machine.Answer(exitCode: git(words), output: "git version 2.39.5\n")
            }
        )
    }

    /// A machine where commands are really run.
    private func realMachine(_ folder: TemporaryFolder) -> Doctor.Machine {
        let path = folder.path
        return Doctor.Machine(
            searchPath: "/usr/local/bin:/usr/bin:/bin",
            run: { words in
                let output = try? Spawned.run("/usr/bin/env", words, in: path)
                return output.map {
                    Doctor.Machine.Answer(exitCode: $0.exitCode, output: $0.standardOutput)
                }
            }
        )
    }

    private func doctor(
        _ folder: TemporaryFolder,
        _ environment: [String: String] = [:]
    ) throws -> Doctor {
        Doctor(
            settings: try Settings(
                flags: SettingsFlags(),
                environment: environment,
                workingDirectory: folder.path
            )
        )
    }

    private func findings(
        _ folder: TemporaryFolder,
        _ environment: [String: String] = [:],
        _ machine: Doctor.Machine? = nil
    ) async throws -> [Doctor.Finding] {
        let machine = try machine ?? self.machine(folder)
        return try await doctor(folder, environment).surroundings(status: .null, on: machine)
    }

    private func finding(_ name: String, in findings: [Doctor.Finding]) throws -> Doctor.Finding {
        try #require(findings.first { $0.name == name }, "\(findings.map(\.name))")
    }

    // MARK: Git

    @Test func `a machine without git is told how to get it`() async throws {
        let folder = try TemporaryFolder()
        let machine = try machine(folder, programs: [])
        let git = try finding("git", in: try await findings(folder, [:], machine))
        #expect(git.status == .warning)
        #expect(git.found.contains("no git on PATH"))
        #expect(git.cure.contains("apt install git"))
    }

    @Test func `real git tells a repository, an ignored board and a tracked one`() async throws {
        let folder = try TemporaryFolder()
        let machine = realMachine(folder)
        var found = try await findings(folder, [:], machine)
        #expect(try finding("git", in: found).cure == "git init \(folder.path)")
        #expect(found.allSatisfy { $0.name != "git ignore" })

        #expect(await machine.run(["git", "init", "-q"])?.exitCode == 0)
        found = try await findings(folder, [:], machine)
        #expect(try finding("git", in: found).status == .ok)
        #expect(try finding("git", in: found).found.hasPrefix("git version "))
        let board = folder.at("sandbox/obsidianblackboard.jsonl")
        var ignored = try finding("git ignore", in: found)
        #expect(ignored.status == .warning)
        #expect(ignored.found == "git would commit \(board)")
        #expect(ignored.cure == "hive init")

        try makeBoard(folder)
        #expect(await machine.run(["git", "add", "sandbox"])?.exitCode == 0)
        try ProjectSetup(folder: folder.path, environment: [:]).plan().carryOut()
        ignored = try finding("git ignore", in: try await findings(folder, [:], machine))
        #expect(ignored.cure == "git rm --cached \(board), then: hive init")

        let untracked = await machine.run(["git", "rm", "-q", "--cached", board])
        #expect(untracked?.exitCode == 0)
        ignored = try finding("git ignore", in: try await findings(folder, [:], machine))
        #expect(ignored.status == .ok)
    }

    @Test func `a repository that git does not accept is named`() async throws {
        let folder = try TemporaryFolder()
        try folder.makeFolder(".git")
        try folder.write([], to: ".git/HEAD")
        let machine = try machine(folder) { $0.contains("rev-parse") ? 128 : 0 }
        let git = try finding("git", in: try await findings(folder, [:], machine))
        #expect(git.found.hasSuffix("does not accept the repository at \(folder.path)"))
        #expect(git.cure == "git -C \(folder.path) status says why")
    }

    // MARK: Workers

    @Test func `personas from files are counted, a bad one is an error`() async throws {
        let folder = try TemporaryFolder()
        var agents = try finding("agents", in: try await findings(folder))
        #expect(agents.found == "the eight built-in personas")
        try ProjectSetup(folder: folder.path, environment: [:]).plan().carryOut()
        agents = try finding("agents", in: try await findings(folder))
        #expect(agents.found == "8 of 8 personas from \(folder.at("agents"))")
        #expect(agents.status == .ok)
        try folder.write(Array("no front matter".utf8), to: "agents/a.agent.md")
        agents = try finding("agents", in: try await findings(folder))
        #expect(agents.status == .failed)
        #expect(agents.found.contains("agents/a.agent.md"))
        #expect(!agents.cure.isEmpty)
    }

    @Test func `the test command is set, found in a file, or needed by nobody`() throws {
        let folder = try TemporaryFolder()
        let machine = try machine(folder, programs: ["git", "cargo"])
        var rules = Rules()
        #expect(try doctor(folder).testCommand(rules, machine).status == .ok)

        try folder.write([], to: "Cargo.toml")
        var found = try doctor(folder).testCommand(rules, machine)
        #expect(found.status == .warning)
        #expect(found.found == "none is set, and Cargo.toml tells of one")
        #expect(found.cure == "hive init")
        try folder.makeFolder("specs")
        try folder.write(Array("mode: strict\n".utf8), to: "specs/rules.yaml")
        found = try doctor(folder).testCommand(rules, machine)
        #expect(found.cure.hasPrefix(folder.at("specs/rules.yaml") + ": add the line `witness:"))

        rules.test.words = ["cargo", "test"]
        found = try doctor(folder).testCommand(rules, machine)
        #expect(found.status == .ok)
        #expect(found.found == "cargo test (\(folder.at("bin/cargo")))")
        rules.test.words = ["gradle", "test"]
        found = try doctor(folder).testCommand(rules, machine)
        #expect(found.status == .warning)
        #expect(found.found == "gradle test: gradle is not on PATH")
        #expect(found.cure.contains("witness.test"))
    }

    @Test func `a program with a slash starts at the folder and must be executable`() throws {
        let folder = try TemporaryFolder()
        let machine = try machine(folder)
        var rules = Rules()
        rules.test.words = ["./run", "all"]
        try folder.write([], to: "run")
        #expect(chmod(folder.at("run"), 0o644) == 0)
        let missing = try doctor(folder).testCommand(rules, machine)
        #expect(missing.found == "./run all: ./run is not a program")
        #expect(chmod(folder.at("run"), 0o755) == 0)
        #expect(try doctor(folder).testCommand(rules, machine).status == .ok)
    }

    @Test func `the exec backend needs its command`() throws {
        let folder = try TemporaryFolder()
        let machine = try machine(folder, programs: ["git", "claude"])
        var rules = Rules()
        #expect(try doctor(folder).execWorker(rules, machine).isEmpty, "the backend is local")
        let exec = try doctor(folder, ["HIVE_BACKEND": "exec"])
        let unset = try #require(exec.execWorker(rules, machine).first)
        #expect(unset.status == .failed)
        #expect(unset.cure.contains("workers: {exec: {command:"))
        rules.exec.words = ["claude", "-p"]
        #expect(exec.execWorker(rules, machine).first?.status == .ok)
        rules.exec.words = ["codex", "exec"]
        let missing = try #require(exec.execWorker(rules, machine).first)
        #expect(missing.status == .failed)
        #expect(missing.found == "codex exec: codex is not on PATH")
    }

    // MARK: Keys

    @Test(arguments: [
        ("local", [:], Doctor.Finding.Status.ok),
        ("ollama", [:], .ok),
        ("openai", [:], .failed),
        ("openai", ["OPENAI_API_KEY": "hush"], .ok),
        ("direct", ["ANTHROPIC_API_KEY": "hush"], .ok),
        ("anthropic", ["OPENAI_API_KEY": "hush"], .failed),
        ("openrouter", ["OPENROUTER_API_KEY3": "hush"], .ok),
    ])
    func `the chosen backend has its key or lacks it, and no key is shown`(
        backend: String,
        keys: [String: String],
        status: Doctor.Finding.Status
    ) async throws {
        let folder = try TemporaryFolder()
        let environment = keys.merging(["HIVE_BACKEND": backend]) { $1 }
        let found = try await findings(folder, environment)
        let finding = try finding("keys", in: found)
        #expect(finding.status == status)
        #expect(finding.found.contains(backend))
        #expect((finding.status == .ok) == finding.cure.isEmpty)
        #expect(found.allSatisfy { !$0.json.text.contains("hush") })
    }

    @Test(arguments: [("local", false), ("exec", false), ("openrouter", false), ("gpt", true)])
    func `a backend that hive does not know has failed`(
        name: String,
        isAmiss: Bool
    ) async throws {
        let folder = try TemporaryFolder()
        let found = try await findings(folder, ["HIVE_BACKEND": name])
        let backend = found.first { $0.name == "backend" }
        #expect((backend?.status == .failed) == isAmiss)
        #expect(backend?.found.contains(name) ?? true)
        #expect(backend?.cure.contains("local, exec, openrouter") ?? true)
    }

    @Test func `a .env with secrets is for its owner, and not for git`() async throws {
        let folder = try TemporaryFolder()
        try folder.write(Array("BLACKBOARD_PATH=x\nOPENAI_API_KEY=\n".utf8), to: ".env")
        #expect(chmod(folder.at(".env"), 0o644) == 0)
        #expect(try await findings(folder).allSatisfy { $0.name != ".env" }, "it holds no secret")

        try folder.write(Array("OPENAI_API_KEY=hush\n".utf8), to: ".env")
        var file = try finding(".env", in: try await findings(folder))
        #expect(file.status == .warning)
        #expect(file.cure == "chmod 600 \(folder.at(".env"))")

        #expect(chmod(folder.at(".env"), 0o600) == 0)
        let seen = try machine(folder) { words in
            words.contains("check-ignore") ? 1 : words.contains("ls-files") ? 1 : 0
        }
        file = try finding(".env", in: try await findings(folder, [:], seen))
        #expect(file.found.hasSuffix("and git would commit it"))
        #expect(file.cure == "echo .env >> .gitignore")
        file = try finding(".env", in: try await findings(folder))
        #expect(file.status == .ok)
        #expect(!file.json.text.contains("hush"))
    }

    private func makeBoard(_ folder: TemporaryFolder) throws {
        try folder.makeFolder("sandbox")
        try folder.write([], to: "sandbox/obsidianblackboard.jsonl")
    }
}
