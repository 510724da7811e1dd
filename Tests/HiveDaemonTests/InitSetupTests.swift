import Glibc
import HiveKernel
import HiveSignal
import HiveTestKit
import Testing

@testable import HiveDaemon

/// `hive init` on folders of every kind.
@Suite struct InitSetupTests {
    /// A project's folder with its test command and, unless told otherwise, a git repository.
    private func project(_ files: [String: String] = ["Cargo.toml": ""], inGit: Bool = true) throws
        -> TemporaryFolder
    {
        let folder = try TemporaryFolder()
        for (name, text) in files {
            try folder.makeFolder(Paths.folder(of: "/" + name))
            try folder.write(Array(text.utf8), to: name)
        }
        if inGit {
            try folder.makeFolder(".git")
            try folder.write(Array("ref: refs/heads/main\n".utf8), to: ".git/HEAD")
        }
        return folder
    }

    private func setup(
        _ folder: TemporaryFolder,
        _ environment: [String: String] = [:]
    ) throws -> ProjectSetup {
        try ProjectSetup(folder: folder.path, environment: environment)
    }

    /// Plans and carries out; the plan.
    @discardableResult
    private func initialise(
        _ folder: TemporaryFolder,
        _ environment: [String: String] = [:]
    ) throws -> SetupPlan {
        let plan = try setup(folder, environment).plan()
        try plan.carryOut()
        return plan
    }

    private func actions(_ plan: SetupPlan) -> [String] {
        plan.steps.map { "\($0.path) \($0.action.rawValue)" }
    }

    /// Every file below the folder by its path, and every folder as an empty text.
    private func contents(_ folder: TemporaryFolder, _ below: String = "") -> [String: [UInt8]] {
        var contents: [String: [UInt8]] = [:]
        for name in ProjectFolder.names(of: folder.at(below)) {
            let path = below.isEmpty ? name : "\(below)/\(name)"
            contents[path] = folder.bytes(path)
            if PlaceKind.of(folder.at(path)) == .folder {
                contents.merge(self.contents(folder, path)) { $1 }
            }
        }
        return contents
    }

    private func failure(_ folder: TemporaryFolder) -> HiveError? {
        do {
            try initialise(folder)
            return nil
        } catch {
            return error as? HiveError
        }
    }

    // MARK: What is made

    @Test func `everything is made, whole and readable`() throws {
        let folder = try project()
        let plan = try initialise(folder)
        #expect(
            actions(plan) == [
                ".gitignore made", "sandbox/ made", "specs/rules.yaml made", "agents/ made",
            ]
        )
        #expect(plan.warnings.isEmpty)
        let book = try RuleBook.load(path: folder.at("specs/rules.yaml"))
        #expect(book.rules.test.words == ["cargo", "test"])
        #expect(plan.steps[2].note == "test command: cargo test (Cargo.toml)")
        for file in Personas.builtInFiles {
            #expect(folder.bytes("agents/\(file.name)") == Array(file.text.utf8))
        }
        #expect(folder.bytes(".gitignore").starts(with: IgnoreBlock.title.utf8))
        #expect(contents(folder).keys.allSatisfy { !$0.contains(".hive-") }, "nothing temporary")
        var status = stat()
        #expect(stat(folder.at("sandbox"), &status) == 0)
        #expect(status.st_mode & 0o7777 & 0o022 == 0)
    }

    @Test func `a second time changes nothing`() throws {
        let folder = try project()
        try initialise(folder)
        let before = contents(folder)
        let again = try initialise(folder)
        #expect(again.steps.allSatisfy { $0.action == .kept })
        #expect(contents(folder) == before)
    }

    @Test func `a plan alone changes nothing`() throws {
        let folder = try project()
        let before = contents(folder)
        _ = try setup(folder).plan()
        #expect(contents(folder) == before)
    }

    @Test func `an init cut short after any step is finished by the next`() throws {
        let whole = try project()
        let work = try setup(whole).plan().work
        try initialise(whole)
        let expected = contents(whole)
        for count in 0...work.count {
            let folder = try project()
            var part = SetupPlan()
            part.add("part", .made, work: Array(try setup(folder).plan().work.prefix(count)))
            try part.carryOut()
            try initialise(folder)
            #expect(contents(folder) == expected, "cut after \(count) of \(work.count)")
        }
    }

    @Test func `personas that are missing are made beside the others`() throws {
        let folder = try project()
        try initialise(folder)
        let name = Personas.builtInFiles[3].name
        try folder.remove("agents/\(name)")
        try folder.write([1], to: "agents/\(Personas.builtInFiles[0].name)")
        let plan = try initialise(folder)
        #expect(plan.steps.last?.action == .extended)
        #expect(plan.steps.last?.note == "1 of 8 personas were missing")
        #expect(folder.bytes("agents/\(name)") == Array(Personas.builtInFiles[3].text.utf8))
        #expect(folder.bytes("agents/\(Personas.builtInFiles[0].name)") == [1])
    }

    // MARK: What is kept

    @Test func `rules and agents that are there stay as they are`() throws {
        let folder = try project([
            "specs/rules.yaml": "mode: strict\n", "agents/mine.agent.md": "hello",
            ".gitignore": "/target\n/sandbox/\n", "Cargo.toml": "",
        ])
        let before = contents(folder)
        let plan = try initialise(folder)
        #expect(
            actions(plan) == [
                ".gitignore kept", "sandbox/ made", "specs/rules.yaml kept", "agents/ kept",
            ]
        )
        var after = contents(folder)
        after["sandbox"] = nil
        #expect(after == before)
        #expect(
            plan.warnings.map(\.text) == [
                "specs/rules.yaml names no test command, and Cargo.toml tells of one: "
                    + "add the line `witness: {test: [cargo, test]}` to it"
            ]
        )
    }

    @Test func `the line that an old rule book lacks is one that it takes`() throws {
        let folder = try project(["specs/rules.yaml": "mode: strict\n", "go.mod": ""])
        let cure = try #require(try setup(folder).plan().warnings.first?.cure)
        let line = try #require(cure.split(separator: "`").dropFirst().first)
        try folder.write(Array("mode: strict\n\(line)\n".utf8), to: "specs/rules.yaml")
        #expect(try setup(folder).plan().warnings.isEmpty)
        let section = "witness:\n  test: null\n"
        try folder.write(Array(section.utf8), to: "specs/rules.yaml")
        #expect(
            try setup(folder).plan().warnings.first?.cure
                == "under `witness:` in it, say `test: [go, test, ./...]`"
        )
    }

    @Test func `rules that cannot be read are kept, and the fault is said`() throws {
        let folder = try project(["specs/rules.yaml": "modus: strict\n"])
        let plan = try initialise(folder)
        #expect(plan.steps[2].action == .kept)
        #expect(plan.warnings.first?.message.contains("specs/rules.yaml:1: modus") == true)
    }

    @Test func `lines are added to a gitignore that the user has`() throws {
        let folder = try project([".gitignore": "/target"])
        let plan = try initialise(folder)
        #expect(plan.steps[0].action == .extended)
        #expect(plan.steps[0].note == "5 lines for hive's files")
        let text = String(decoding: folder.bytes(".gitignore"), as: UTF8.self)
        #expect(text.hasPrefix("/target\n\n\(IgnoreBlock.title)\n"))
        #expect(text.hasSuffix("/sandbox/.hive/\n"))
    }

    @Test func `a sandbox that hides itself needs no lines`() throws {
        let folder = try project([".gitignore": "/target\n", "sandbox/.gitignore": "*\n"])
        #expect(try setup(folder).plan().steps[0].action == .kept)
    }

    @Test func `the environment says where things are`() throws {
        let folder = try project()
        let plan = try initialise(
            folder,
            [
                "BLACKBOARD_PATH": "var/board.jsonl", "HIVE_RULES": "etc/rules.yaml",
                "HIVE_AGENTS_DIR": "etc/agents",
            ]
        )
        #expect(
            plan.steps.map(\.path) == [".gitignore", "var/", "etc/rules.yaml", "etc/agents/"]
        )
        #expect(RuleBook.builtInText.utf8.count < folder.bytes("etc/rules.yaml").count)
        #expect(String(decoding: folder.bytes(".gitignore"), as: UTF8.self).contains("/var/.hive/"))
    }

    // MARK: What stands in the way

    @Test(arguments: ["specs", "agents", "sandbox"])
    func `a file where a folder belongs stops everything before it begins`(name: String) throws {
        let folder = try project([name: "a file", "Cargo.toml": ""])
        let before = contents(folder)
        let error = try #require(failure(folder))
        #expect(error.exitCode == 3)
        #expect(error.message == "\(folder.path)/\(name) is no folder")
        #expect(!error.hint.isEmpty)
        #expect(contents(folder) == before)
    }

    @Test func `no link that came with a repository leads init elsewhere`() throws {
        let folder = try project()
        let other = try TemporaryFolder()
        #expect(symlink(other.path, folder.at("specs")) == 0)
        let error = try #require(failure(folder))
        #expect(error.exitCode == 3)
        #expect(error.message.hasPrefix("\(folder.path)/specs is a symbolic link"))
        #expect(ProjectFolder.names(of: other.path).isEmpty)
        #expect(PlaceKind.of(folder.at(".gitignore")) == .missing)
    }

    @Test func `links that lead nowhere, or where git does not follow, are refused`() throws {
        for name in [".gitignore", "specs/rules.yaml", "sandbox", "agents"] {
            let folder = try project()
            try folder.makeFolder("specs")
            #expect(symlink("/nowhere/at/all", folder.at(name)) == 0)
            let error = try #require(failure(folder))
            #expect(error.exitCode == 3, "\(name)")
            #expect(error.message.contains("\(folder.path)/\(name)"))
        }
    }

    @Test func `a gitignore in UTF-16 is refused, for git cannot read it`() throws {
        let folder = try project()
        try folder.write([0xFF, 0xFE, 0x61, 0x00, 0x0A, 0x00], to: ".gitignore")
        let error = try #require(failure(folder))
        #expect(
            error.message == "\(folder.path)/.gitignore is no text that git reads: "
                + "it has NUL bytes"
        )
    }

    @Test func `what is no folder cannot be set up`() throws {
        let folder = try project()
        let paths = [("", Int32(2)), (folder.at("none"), 3), (folder.at("Cargo.toml"), 3)]
        for (path, exitCode) in paths {
            let error = #expect(throws: HiveError.self) { try ProjectSetup(folder: path) }
            #expect(error?.exitCode == exitCode, "\(path)")
            #expect(error?.hint.isEmpty == false)
        }
    }

    @Test func `a file that appears meanwhile stays`() throws {
        let folder = try project()
        let plan = try setup(folder).plan()
        try folder.makeFolder("specs")
        try folder.write([7], to: "specs/rules.yaml")
        try plan.carryOut()
        #expect(folder.bytes("specs/rules.yaml") == [7])
        #expect(ProjectFolder.names(of: folder.at("specs")) == ["rules.yaml"])
    }

    // MARK: Repositories and next steps

    @Test func `no repository, and a folder inside of one, are said`() throws {
        let outside = try project(inGit: false)
        let alone = try setup(outside).plan().warnings
        #expect(alone.map(\.cure) == ["git init \(outside.path)"])
        let folder = try project()
        try folder.makeFolder("sub/deep")
        let inside = try ProjectSetup(folder: folder.at("sub/deep"), environment: [:]).plan()
        #expect(inside.warnings.first?.message.contains("repository \(folder.path),") == true)
        #expect(inside.warnings.first?.cure == "hive init \(folder.path) to guard all of it")
    }

    @Test func `a worktree's git file counts as a repository`() throws {
        let folder = try project(inGit: false)
        try folder.write(Array("gitdir: /elsewhere\n".utf8), to: ".git")
        #expect(try setup(folder).plan().warnings.isEmpty)
    }

    @Test func `the next steps are commands for this folder`() throws {
        let folder = try project()
        try initialise(folder)
        let now = Timestamp(seconds: 1_800_000_000)
        let steps = try setup(folder).nextSteps(now: now, workingDirectory: folder.path)
        #expect(steps.count == 4)
        #expect(steps[0] == "hive up --detach")
        #expect(steps[1].hasPrefix("echo '{\"ts\":\"2027-01-15T08:00:00"))
        #expect(steps[1].contains(#""hive":"H","gen":87,"port":0}' >> sandbox/obsidian"#))
        #expect(Array(steps[2...]) == ["hive tasks", "hive log -f"])
        let elsewhere = try setup(folder).nextSteps(now: now, workingDirectory: "/")
        #expect(elsewhere == ["cd \(folder.path)"] + steps)
    }

    @Test func `the first signal names the generation that the board will have`() throws {
        let folder = try project()
        try initialise(folder)
        let now = Timestamp(seconds: 1_800_000_000)
        func signal(_ environment: [String: String]) throws -> String {
            try setup(folder, environment).nextSteps(now: now, workingDirectory: folder.path)[1]
        }
        #expect(try signal(["CURRENT_GEN": "91"]).contains(#""gen":91,"#))
        let rules =
            "generation: {minimum: 100}\nports: {owners: {H: [3], I: [1, 6], V: [2, 5],"
            + " E: [0, 4, 7]}}\n"
        try folder.write(Array(rules.utf8), to: "specs/rules.yaml")
        #expect(try signal([:]).contains(#""gen":100,"port":3}"#))
    }

    @Test(arguments: [
        ("plain/path-1.jsonl", "plain/path-1.jsonl"), ("a b", "'a b'"), ("it's", #"'it'\''s'"#),
        ("", "''"), ("$(x)", "'$(x)'"), ("~", "'~'"),
    ])
    func `a path is one word of a shell`(path: String, word: String) {
        #expect(ShellWord.quoted(path) == word)
    }
}
