import Glibc
import HiveSignal
import HiveTestKit
import Testing

/// The hooks of a work tree, by real commits in real repositories.
@Suite struct HookTests {
    private static let code = ["src/main.py": "def add(a, b):\n    return a + b\n"]
    private static let test = ["tests/test_add.py": "def test_add():\n    assert False\n"]

    @Test func `the honest path commits step by step, and each commit says where it is from`()
        throws
    {
        let repository = try HookedRepository()
        try repository.say("H", port: 7)
        #expect(try repository.commit("docs: found out", ["docs/add.md": "# add\n"]).exitCode == 0)
        try repository.say("I", port: 1)
        let red = try repository.commit("test: add", Self.test)
        #expect(red.exitCode == 0, "\(red)")
        let message = try repository.message()
        #expect(message.contains("\nHive-Phase: I\n"), "\(message)")
        #expect(message.contains("\nHive-Trace: ") && message.contains("\nHive-Chain: "))
        try repository.say("V", port: 2)
        let green = try repository.commit("feat: add", Self.code)
        #expect(green.exitCode == 0, "\(green)")
        #expect(!green.standardError.contains("hive:"), "all is well: nothing is said")
        try repository.say("E", port: 3)
        let files = ["src/main.py": "def add(one, two):\n    return one + two\n"]
        #expect(try repository.commit("refactor: names", files).exitCode == 0)
        let log = try repository.hive("log", "--json", "--last", "50").lines.map {
            try JSONValue(parsing: $0)
        }
        let told = log.filter { $0["msg"]?.stringValue?.hasPrefix("commit ") == true }
        #expect(told.compactMap { $0["phase"] } == ["H", "I", "V", "E"])
        #expect(told.allSatisfy { $0["verdict"] == "accepted" && $0["agent"] == "A Test" })
    }

    @Test func `what a phase does not take is refused, with the file, the rule and the next step`()
        throws
    {
        let repository = try HookedRepository()
        for (phase, port) in [(nil, 0), ("H", 7), ("I", 1)] {
            if let phase { try repository.say(phase, port: port) }
            let output = try repository.commit("feat: add", Self.code)
            #expect(output.exitCode == 1)
            let told = output.standardError
            #expect(told.contains("pre-commit refuses the commit"), "\(told)")
            #expect(told.contains("src/main.py") && told.contains("[tools.phases."))
            #expect(told.contains("next: ") && told.contains("hive emit --phase"), "\(told)")
            #expect(told.split(separator: "\n").count < 10)
        }
    }

    @Test func `a change that no phase takes whole is to be committed in parts`() throws {
        let repository = try HookedRepository([
            "src/main.py": "a\n", "tests/test_add.py": "assert False\n",
        ])
        for (phase, port) in [("H", 7), ("I", 1), ("V", 2)] {
            try repository.say(phase, port: port)
        }
        let output = try repository.commit(
            "feat: add",
            Self.code.merging(["src/new.py": "x\n", "tests/test_add.py": "assert True\n"]) { $1 }
        )
        #expect(output.exitCode == 1)
        #expect(output.standardError.contains("tests/test_add.py  changing a test is not of V"))
        #expect(!output.standardError.contains("src/new.py"), "V takes it")
    }

    @Test func `the message names a phase that the work has reached`() throws {
        let repository = try HookedRepository()
        try repository.say("H", port: 7)
        try repository.say("I", port: 1)
        try repository.stage(Self.test)
        for (message, said) in [
            ("add a test", "names no phase"), ("feat: add", "says V, and the work is at I"),
            ("refactor: add", "says E, and the work is at I"),
            ("docs: add", "a new test is not of H"), ("test: add [skip ci]", "[skip ci]"),
            ("test: add\n\nskip-checks: true", "skip-checks:"),
            ("#12 add a test", "names no phase"),
        ] {
            let output = try repository.git("commit", "--message", message)
            #expect(output.exitCode == 1, "\(message)")
            #expect(output.standardError.contains(said), "\(output.standardError)")
            #expect(output.standardError.contains("next: "))
        }
        #expect(try repository.git("commit", "--message", "I: add\n\n#12").exitCode == 0)
        #expect(try repository.message().contains("\n#12\n"))
        #expect(try repository.message().contains("\nHive-Phase: I\n"))
    }

    @Test func `--no-verify and update-ref do not get round the rules`() throws {
        let repository = try HookedRepository()
        try repository.say("H", port: 7)
        let before = try repository.head()
        try repository.stage(Self.code)
        let output = try repository.git("commit", "--no-verify", "--message", "feat: add")
        #expect(output.exitCode != 0)
        #expect(output.standardError.contains("reference-transaction refuses"), "\(output)")
        let tree = try repository.folder.git("write-tree").trimmed
        let made = try repository.folder.git("commit-tree", tree, "-p", before, "-m", "x").trimmed
        #expect(try repository.git("update-ref", "refs/heads/main", made).exitCode != 0)
        #expect(try repository.git("branch", "other", made).exitCode != 0)
        #expect(try repository.head() == before)
    }

    @Test func `branches, resets, stashes and fetched commits are left alone`() throws {
        let repository = try HookedRepository()
        let other = try HookedRepository(hooks: false)
        let theirs = try other.commit("feat: theirs", Self.code)
        #expect(theirs.exitCode == 0)
        try repository.folder.git("fetch", "--quiet", other.folder.path, "main:refs/remotes/o/main")
        for words in [
            ["branch", "side"], ["checkout", "-q", "-b", "more"],
            ["branch", "theirs", "refs/remotes/o/main"], ["reset", "-q", "--hard", "side"],
            ["branch", "-D", "theirs"],
        ] {
            let output = try Spawned.run("/usr/bin/git", words, in: repository.folder.path)
            #expect(output.exitCode == 0, "\(words): \(output.standardError)")
        }
        try repository.folder.writeFiles(Self.code)
        #expect(try repository.git("stash").exitCode == 0)
        #expect(try repository.git("stash", "pop").exitCode == 0)
    }

    @Test func `a rebase runs through, and its commits keep their trailers`() throws {
        let repository = try HookedRepository()
        try repository.say("H", port: 7)
        try repository.say("I", port: 1)
        try repository.folder.git("branch", "side")
        #expect(try repository.commit("test: one", Self.test).exitCode == 0)
        try repository.folder.git("checkout", "--quiet", "side")
        #expect(try repository.commit("test: two", ["tests/test_b.py": "b\n"]).exitCode == 0)
        let output = try repository.git("rebase", "main")
        #expect(output.exitCode == 0, "\(output)")
        #expect(try repository.message().contains("Hive-Phase: I"))
        #expect(try repository.git("commit", "--amend", "--message", "test: again").exitCode == 0)
        #expect(try repository.message().components(of: "Hive-Phase").count == 2)
    }

    @Test func `a merge that adds nothing passes, an evil one does not`() throws {
        let repository = try HookedRepository()
        for (phase, port) in [("H", 7), ("I", 1), ("V", 2)] {
            try repository.say(phase, port: port)
        }
        try repository.folder.git("checkout", "--quiet", "-b", "side")
        #expect(try repository.commit("feat: side", ["src/side.py": "s\n"]).exitCode == 0)
        try repository.folder.git("checkout", "--quiet", "main")
        #expect(try repository.commit("feat: main", ["src/more.py": "m\n"]).exitCode == 0)
        let merge = try repository.git("merge", "--no-edit", "side")
        #expect(merge.exitCode == 0, "\(merge)")
        try repository.say("E", port: 3)
        try repository.say("H", port: 7)
        try repository.folder.git("checkout", "--quiet", "-b", "third", "HEAD~1")
        try repository.folder.git("merge", "--quiet", "--no-commit", "--no-ff", "side")
        let evil = try repository.commit("Merge side", ["src/evil.py": "e\n"])
        #expect(evil.exitCode == 1)
        #expect(evil.standardError.contains("src/evil.py"), "\(evil.standardError)")
        #expect(!evil.standardError.contains("src/side.py"), "that was judged on its branch")
    }

    @Test func `a violation of the committing agent that stands is in the way`() throws {
        let repository = try HookedRepository()
        try repository.say("H", port: 7, agent: "me")
        try repository.say("I", port: 1, agent: "me")
        _ = try repository.hive("emit", "--phase", "E", "--port", "3", "--agent", "me", "done")
        try repository.stage(Self.test)
        let mine = try repository.git(
            "commit",
            "--message",
            "test: add",
            environment: ["HIVE_AGENT": "me"]
        )
        #expect(mine.exitCode == 1)
        #expect(mine.standardError.contains("a violation that stands"), "\(mine)")
        #expect(mine.standardError.contains("hive quarantine show"))
        let other = try repository.git(
            "commit",
            "--message",
            "test: add",
            environment: ["HIVE_AGENT": "other"]
        )
        #expect(other.exitCode == 0, "\(other)")
    }

    @Test func `observe tells and refuses nothing`() throws {
        let repository = try HookedRepository(rules: "mode: observe\n")
        let output = try repository.commit("whatever", Self.code)
        #expect(output.exitCode == 0)
        #expect(output.standardError.contains("hive: src/main.py"), "\(output)")
    }

    @Test func `the rules are those of the commit before, not the staged ones`() throws {
        let repository = try HookedRepository()
        try repository.say("H", port: 7)
        let loose = "tools: {phases: {H: {allow: ['*'], block: []}}}\n"
        let output = try repository.commit(
            "feat: add",
            Self.code.merging(["specs/rules.yaml": loose]) { $1 },
            environment: ["HIVE_RULES": "/dev/null"]
        )
        #expect(output.exitCode == 1)
        #expect(output.standardError.contains("src/main.py"))
    }

    @Test func `what is fetched, and work of one's own that comes back, is left alone`() throws {
        let repository = try HookedRepository()
        let other = try HookedRepository(hooks: false)
        #expect(try other.commit("feat: theirs", Self.code).exitCode == 0)
        for words in [["fetch", "-q", other.folder.path, "main:theirs"]] {
            let fetched = try Spawned.run("/usr/bin/git", words, in: repository.folder.path)
            #expect(fetched.exitCode == 0, "\(fetched)")
        }
        for (phase, port) in [("H", 7), ("I", 1), ("V", 2)] {
            try repository.say(phase, port: port)
        }
        #expect(try repository.commit("feat: mine", Self.code).exitCode == 0)
        let mine = try repository.head()
        try repository.say("E", port: 3)
        try repository.say("H", port: 7)
        try repository.folder.git("reset", "--quiet", "--hard", "HEAD~1")
        #expect(try repository.git("reset", "--hard", "ORIG_HEAD").exitCode == 0)
        #expect(try repository.git("branch", "rescue", mine).exitCode == 0)
    }

    @Test func `a detached commit past the hooks comes on no branch`() throws {
        let repository = try HookedRepository()
        try repository.say("H", port: 7)
        try repository.folder.git("checkout", "--quiet", "--detach")
        try repository.stage(Self.code)
        #expect(try repository.git("commit", "--no-verify", "-m", "feat: evil").exitCode == 0)
        try repository.shell("git reflog expire --expire=now --all")
        let branch = try repository.git("branch", "side")
        #expect(branch.exitCode != 0, "\(branch)")
    }

    @Test func `a merge's message keeps its first line, and gets its trailers`() throws {
        let repository = try HookedRepository()
        try repository.say("H", port: 7)
        try repository.folder.git("branch", "side")
        #expect(try repository.commit("docs: a", ["a.md": "a\n"]).exitCode == 0)
        try repository.folder.git("checkout", "--quiet", "side")
        #expect(try repository.commit("docs: b", ["b.md": "b\n"]).exitCode == 0)
        let merge = try repository.git("merge", "--no-edit", "main")
        #expect(merge.exitCode == 0, "\(merge)")
        let message = try repository.message()
        #expect(message.hasPrefix("Merge branch 'main' into side\n\nHive-"), "\(message)")
    }

    @Test func `a daemon that is silent keeps no commit waiting for ever`() throws {
        let repository = try HookedRepository()
        let daemon = try DaemonUnderTest(in: repository.folder, reacts: true)
        try repository.say("H", port: 7)
        daemon.signal(SIGSTOP)
        let output = try repository.commit("feat: add", Self.code)
        daemon.signal(SIGCONT)
        #expect(output.exitCode == 1, "\(output)")
        #expect(output.standardError.contains("hive: "), "\(output)")
        #expect(daemon.stop() == 0)
    }

    @Test func `before there is a board prose passes, and the next step is to make one`() throws {
        let repository = try HookedRepository()
        try repository.shell("rm -r sandbox")
        let prose = try repository.commit("docs: a", ["a.md": "a\n"])
        #expect(prose.exitCode == 0, "\(prose)")
        #expect(try repository.message().contains("Hive-Trace: "))
        let code = try repository.commit("feat: add", Self.code)
        #expect(code.exitCode == 1)
        #expect(code.standardError.contains("no work has begun on the board"), "\(code)")
        #expect(code.standardError.contains("hive up --detach && hive emit --phase H"), "\(code)")
    }

    @Test func `the first commit of a repository is judged by nobody`() throws {
        let repository = try HookedRepository()
        let fresh = try TemporaryFolder()
        try fresh.git("init", "--quiet")
        try fresh.writeFiles(["src/a.py": "a\n", "specs/rules.yaml": "mask: true\n"])
        #expect(try HiveProgram.run(["hook", "install"], in: fresh.path).exitCode == 0)
        try fresh.git("add", "--all")
        let output = try repository.git("commit", "--message", "chore: begin", in: fresh.path)
        #expect(output.exitCode == 0, "\(output)")
    }

    @Test func `names of files may be anything that git takes`() throws {
        let repository = try HookedRepository()
        try repository.say("H", port: 7)
        try repository.shell(
            #"printf x > "src/a b.py"; printf x > "src/$(printf 'n\nl').py"; "#
                + #"printf x > "src/$(printf '\377').py"; git add --all"#
        )
        let output = try repository.git("commit", "--message", "feat: names")
        #expect(output.exitCode == 1)
        #expect(output.standardError.contains("src/a b.py"), "\(output.standardError)")
        #expect(output.standardError.components(of: "new code is not of H").count == 4)
        #expect(output.standardError.split(separator: "\n").count < 10)
    }

    @Test func `linked work trees go by the board of the main one`() throws {
        let repository = try HookedRepository()
        try repository.say("H", port: 7)
        try repository.say("I", port: 1)
        let tree = try TemporaryFolder()
        let path = tree.at("linked")
        try repository.folder.git("worktree", "add", "--quiet", path, "-b", "linked")
        try tree.makeFolder("linked/tests")
        try tree.write(Array("x\n".utf8), to: "linked/tests/test_x.py")
        _ = try repository.git("add", "--all", in: path)
        let output = try repository.git("commit", "--message", "test: x", in: path)
        #expect(output.exitCode == 0, "\(output)")
        try tree.write(Array("y\n".utf8), to: "linked/y.py")
        _ = try repository.git("add", "--all", in: path)
        #expect(try repository.git("commit", "--message", "test: y", in: path).exitCode == 1)
    }

    @Test func `a part of a file, and a path on the command line, are judged as committed`() throws
    {
        let repository = try HookedRepository()
        try repository.say("H", port: 7)
        try repository.say("I", port: 1)
        try repository.folder.writeFiles(Self.code.merging(Self.test) { $1 })
        try repository.folder.git("add", "--all")
        // git gives the hook an index of its own here: what is staged beside it is not committed.
        let output = try repository.git("commit", "--message", "test: add", "tests/test_add.py")
        #expect(output.exitCode == 0, "\(output)")
        #expect(try repository.git("commit", "--message", "test: rest").exitCode == 1)
    }
}

extension String {
    /// The pieces between occurrences of a text.
    fileprivate func components(of text: String) -> [Substring] {
        split(separator: text, omittingEmptySubsequences: false)
    }
}
