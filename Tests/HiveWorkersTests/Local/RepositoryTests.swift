import HiveProcess
import Glibc
import HiveSignal
import HiveTestKit
import Testing

@testable import HiveWorkers

@Suite struct `A tool that needs a repository` {
    private static let ports: [UInt8] = [0, 1, 2, 3, 5]

    @Test(arguments: ports)
    func `says that there is none, and how to make one`(_ port: UInt8) async throws {
        let folder = try TemporaryFolder()
        let outcome = try await LocalTools.ask(port, in: folder.path)
        #expect(outcome.message.contains("no git repository in \(folder.path)"))
        #expect(outcome.message.contains("make one with `git init`"))
        #expect(outcome.confidence == 0.3)
        #expect(!outcome.isFailure)
    }

    @Test(arguments: ports)
    func `says that a bare repository has no work tree`(_ port: UInt8) async throws {
        let repository = try GitFolder(bare: true)
        let outcome = try await repository.ask(port)
        #expect(outcome.message.contains("has no work tree"))
        #expect(outcome.confidence == 0.3)
        #expect(!outcome.isFailure)
    }

    @Test(arguments: ports)
    func `answers in an empty repository`(_ port: UInt8) async throws {
        let repository = try GitFolder()
        let outcome = try await repository.ask(port, "xylophone")
        #expect(outcome.confidence == 0.4)
        #expect(!outcome.isFailure)
    }

    @Test func `says that git is missing, and how to get it`() {
        let outcome = RepositoryAbsence.noGit.answer(in: "/", purpose: "search").outcome
        #expect(
            outcome.message == "git is not installed: install it (apt-get install git) to search"
        )
        #expect(outcome.confidence == 0.3)
    }

    @Test func `hive's own files are left out wherever they are`() async throws {
        let repository = try GitFolder()
        try repository.write("xylophone\n", to: "boards/board.jsonl")
        try repository.write("xylophone\n", to: "app/state/ledger.txt")
        try repository.write("xylophone\n", to: "app/code.txt")
        let link = repository.folder.at("link")
        #expect(symlink(repository.folder.at("app"), link) == 0)
        for folder in [repository.folder.at("app"), link] {
            let worker = LocalWorker(
                folder: folder,
                ownPaths: [
                    repository.folder.at("boards/board.jsonl"), "state/", "/elsewhere/board.jsonl",
                    "\(folder)/state/more",
                ],
                tests: LocalTools.noTests
            )
            let outcome = try await worker.answer(.sample(port: 0, message: "xylophone"))
            #expect(outcome.lines == ["app/code.txt:1: xylophone"])
        }
    }

    @Test func `too many filter drivers to switch off are refused`() async throws {
        let repository = try GitFolder()
        let drivers = (0...Git.filterDriversMax).map { "[filter \"f\($0)\"]\n\tclean = false\n" }
        try repository.folder.append(Array(drivers.joined().utf8), to: ".git/config")
        let outcome = try await repository.ask(2)
        #expect(outcome.message.hasSuffix("its filter drivers are too many, or have odd names"))
        #expect(outcome.confidence == 0.3)
    }

    @Test func `a filter driver that cannot be switched off is refused`() async throws {
        let repository = try GitFolder()
        try repository.folder.append(
            Array("[filter \"a=b\"]\n\tclean = touch marker\n".utf8),
            to: ".git/config"
        )
        let outcome = try await repository.ask(2)
        #expect(outcome.message.hasSuffix("its filter drivers are too many, or have odd names"))
    }

    @Test func `says why git refuses a repository`() async throws {
        let repository = try GitFolder()
        try repository.write("[core\n", to: ".git/config")
        let outcome = try await repository.ask(2)
        #expect(outcome.message.contains("git does not read the repository"))
        #expect(outcome.message.contains("bad config"))
        #expect(outcome.confidence == 0.3)
    }

    /// Each of these would leave a marker behind if git ran it.
    @Test func `runs no program that a repository names`() async throws {
        let repository = try GitFolder()
        try repository.write("hello xylophone\nunchanged\n", to: "a.txt")
        try repository.write("hello xylophone\n", to: "b.bin")
        try repository.write("hello xylophone\n", to: "same.txt")
        try repository.commit()
        let marker = repository.folder.at("marker")
        let script = repository.folder.at(".git/evil")
        try repository.write("#!/bin/sh\necho \"$0 $*\" >> '\(marker)'\ncat\n", to: ".git/evil")
        #expect(chmod(script, 0o755) == 0)
        for hook in ["post-index-change", "pre-commit", "post-checkout", "fsmonitor-watchman"] {
            #expect(symlink(script, repository.folder.at(".git/hooks/\(hook)")) == 0)
        }
        try repository.write(
            "* diff=evil filter=evil merge=evil\n*.bin filter=ev.il\n",
            to: ".gitattributes"
        )
        let settings = [
            ("core.fsmonitor", script), ("core.pager", script), ("pager.diff", script),
            ("pager.grep", script), ("pager.status", script), ("diff.external", script),
            ("core.sshCommand", script), ("core.editor", script), ("log.showSignature", "true"),
            ("gpg.program", script), ("diff.evil.command", script),
            ("diff.evil.textconv", script), ("filter.evil.clean", script),
            ("filter.evil.smudge", script), ("filter.evil.required", "true"),
            ("filter.ev.il.process", script), ("filter.ev.il.clean", script),
            ("merge.evil.driver", script), ("core.askPass", script),
            ("credential.helper", script), ("interactive.diffFilter", script),
            ("core.gitProxy", script), ("color.ui", "always"), ("diff.noprefix", "true"),
            ("diff.mnemonicPrefix", "true"), ("status.relativePaths", "true"),
            ("grep.column", "true"), ("diff.relative", "true"),
        ]
        for (name, value) in settings { try repository.git("config", name, value) }
        // Same size, other time or content: git must look into these files.
        try repository.write("HELLO xylophone\nunchanged\n", to: "a.txt")
        try repository.write("HELLO xylophone\n", to: "b.bin")
        try repository.write("hello xylophone\n", to: "same.txt")
        try repository.write("# TODO: later\n", to: "new.py")
        // The test's own git has run some of these by now.
        _ = unlink(marker)
        for port in Self.ports {
            let outcome = try await repository.ask(port, "xylophone")
            #expect(!outcome.isFailure)
            #expect(access(marker, F_OK) != 0, "port \(port): \(repository.folder.bytes("marker"))")
        }
        let shape = try await repository.ask(2)
        #expect(shape.lines.contains("changed a.txt +1 -1 (unstaged)"))
        #expect(shape.lines.contains("changed b.bin +1 -1 (unstaged)"))
    }

    @Test func `runs no program that a submodule or a repository inside names`() async throws {
        let other = try GitFolder()
        try other.write("inner xylophone\n", to: "inner.txt")
        try other.commit()
        let repository = try GitFolder()
        try repository.write("outer xylophone\n", to: "outer.txt")
        try repository.git("submodule", "--quiet", "add", other.folder.path, "sub")
        try repository.git("clone", "-q", other.folder.path, "inside")
        try repository.commit()
        let marker = repository.folder.at("marker")
        try repository.write("#!/bin/sh\ntouch '\(marker)'\ncat\n", to: ".git/evil")
        let script = repository.folder.at(".git/evil")
        #expect(chmod(script, 0o755) == 0)
        try repository.git("config", "submodule.recurse", "true")
        try repository.git("config", "diff.submodule", "diff")
        try repository.git("config", "status.submoduleSummary", "true")
        try repository.git("config", "diff.ignoreSubmodules", "none")
        for folder in ["sub", "inside"] {
            for name in ["core.fsmonitor", "filter.evil.clean", "filter.evil.process"] {
                try repository.git(["config", name, script], in: folder)
            }
            try repository.write("* filter=evil\n", to: "\(folder)/.gitattributes")
            try repository.write("INNER xylophone\n", to: "\(folder)/inner.txt")
        }
        _ = unlink(marker)
        for port in Self.ports {
            let outcome = try await repository.ask(port, "xylophone")
            #expect(!outcome.isFailure)
            #expect(access(marker, F_OK) != 0, "port \(port)")
        }
    }

    @Test func `fetches nothing that a partial clone lacks`() async throws {
        let origin = try GitFolder()
        try origin.write("xylophone one\n", to: "a.txt")
        try origin.write("xylophone two\n", to: "b.txt")
        try origin.commit()
        try origin.git("config", "uploadpack.allowFilter", "true")
        try origin.git(
            ["clone", "-q", "--filter=blob:none", "--no-checkout", "file://\(origin.folder.path)"]
                + ["clone"]
        )
        let marker = origin.folder.at("marker")
        try origin.write("#!/bin/sh\ntouch '\(marker)'\nexit 1\n", to: ".git/evil")
        #expect(chmod(origin.folder.at(".git/evil"), 0o755) == 0)
        try origin.git(
            ["config", "remote.origin.uploadpack", origin.folder.at(".git/evil")],
            in: "clone"
        )
        try origin.git(["config", "protocol.file.allow", "always"], in: "clone")
        try origin.write("xylophone three\n", to: "clone/a.txt")
        for port in Self.ports {
            let worker = LocalWorker(folder: origin.folder.at("clone"), tests: LocalTools.noTests)
            // It may answer, or say that git failed: but it must not fetch.
            let outcome = try? await worker.answer(.sample(port: port, message: "xylophone"))
            if let outcome { LocalTools.expectHarmless(outcome) }
            #expect(access(marker, F_OK) != 0, "port \(port)")
        }
    }

    @Test func `writes nothing into a repository`() async throws {
        let repository = try GitFolder()
        try repository.write("one\n", to: "a.txt")
        try repository.commit()
        try repository.write("two\n", to: "a.txt")
        let index = repository.folder.bytes(".git/index")
        for port in Self.ports { _ = try await repository.ask(port, "one two") }
        #expect(repository.folder.bytes(".git/index") == index)
    }

    @Test func `works in a linked work tree and with a submodule`() async throws {
        let other = try GitFolder()
        try other.write("inner xylophone\n", to: "inner.txt")
        try other.commit()
        let repository = try GitFolder()
        try repository.write("outer xylophone\n", to: "outer.txt")
        try repository.git("submodule", "--quiet", "add", other.folder.path, "sub")
        try repository.commit()
        try repository.git("worktree", "add", "-q", "-b", "side", "linked")
        try repository.write("changed xylophone\n", to: "linked/outer.txt")
        try repository.write("dirty\n", to: "sub/inner.txt")

        let linked = try await repository.ask(2, in: "linked")
        #expect(linked.lines == ["changed outer.txt +1 -1 (unstaged)"])
        let branch = try await repository.ask(3, in: "linked")
        #expect(branch.summary.hasPrefix("branch side: 0 commits ahead of main, 0 behind"))
        let sense = try await repository.ask(0, "xylophone")
        #expect(sense.lines == ["outer.txt:1: outer xylophone"])

        try repository.git(["commit", "-q", "-a", "-m", "on"], in: "sub")
        let moved = try await repository.ask(2)
        #expect(moved.lines == ["changed sub submodule (unstaged)"])
    }

    @Test func `variables that point git elsewhere do not reach it`() {
        let command = Git(folder: "/", filterDrivers: ["lfs"]).command(["status"])
        let words = command.words.split(separator: "git", maxSplits: 1)[0].joined(separator: " ")
        for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_CONFIG_PARAMETERS"] {
            #expect(words.contains("-u \(name)"))
        }
        #expect(command.words.contains("filter.lfs.process="))
        #expect(command.environment["GIT_CONFIG_COUNT"] == "0")
        #expect(command.words.last == "status")
    }
}
