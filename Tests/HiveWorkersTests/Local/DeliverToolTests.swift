import HiveSignal
import HiveTestKit
import Testing

@testable import HiveWorkers

@Suite struct `Port 3 delivers` {
    @Test func `tells commits ahead of the upstream, what is staged and what is left`() async throws
    {
        let origin = try GitFolder(bare: true)
        let repository = try GitFolder()
        try repository.write("a\n", to: "a.txt")
        try repository.commit()
        try repository.git("remote", "add", "origin", origin.folder.path)
        try repository.git("push", "-q", "-u", "origin", "main")
        try repository.commit("second \u{1B}[31mthing")
        try repository.commit("third thing")
        try repository.write("b\n", to: "b.txt")
        try repository.git("add", "b.txt")
        try repository.write("c\n", to: "a.txt")
        try repository.write("c\n", to: "c.txt")
        let outcome = try await repository.ask(3)
        #expect(
            outcome.summary == "branch main: 2 commits ahead of origin/main, 0 behind; "
                + "1 staged, 1 unstaged, 1 untracked"
        )
        let subjects = outcome.lines.prefix(2).map { $0.split(separator: " ").dropFirst(2) }
        #expect(subjects.map { $0.joined(separator: " ") } == ["third thing", "second �[31mthing"])
        #expect(outcome.lines.suffix(2) == ["staged: b.txt", "left over: a.txt, c.txt"])
        #expect(outcome.confidence == 0.9)
        #expect(outcome.details["ahead"] == 2)
    }

    @Test func `without an upstream the default branch counts`() async throws {
        let repository = try GitFolder()
        try repository.commit()
        try repository.git("checkout", "-q", "-b", "work")
        try repository.commit()
        let outcome = try await repository.ask(3)
        #expect(
            outcome.summary == "branch work: 1 commit ahead of main, 0 behind; "
                + "nothing staged, nothing left over"
        )
    }

    @Test func `a detached HEAD is told as one`() async throws {
        let repository = try GitFolder()
        try repository.commit()
        try repository.git("checkout", "-q", "--detach")
        let commit = try repository.git(["rev-parse", "HEAD"]).prefix(9)
        let outcome = try await repository.ask(3)
        #expect(
            outcome.summary == "detached HEAD at \(commit): 0 commits ahead of main, 0 behind; "
                + "nothing staged, nothing left over"
        )
        #expect(outcome.confidence == 0.4)
    }

    @Test func `a lone branch has nothing to be compared with`() async throws {
        let repository = try GitFolder()
        try repository.commit()
        let outcome = try await repository.ask(3)
        #expect(outcome.summary.hasPrefix("branch main, which has nothing to be compared with"))
    }

    @Test func `a merge under way and its conflicts come first`() async throws {
        let repository = try GitFolder.inConflict()
        let outcome = try await repository.ask(3)
        #expect(
            outcome.lines == [
                "a merge is under way: `git merge --continue` or `git merge --abort` ends it",
                "in conflict: a.txt",
            ]
        )
        #expect(outcome.details["conflicts"] == ["a.txt"])
        #expect(outcome.details["operations"] == ["merge"])
        #expect(outcome.confidence == 0.9)
    }

    @Test func `a rebase under way is told`() async throws {
        let repository = try GitFolder.inConflict()
        try repository.git("merge", "--abort")
        try repository.git(["rebase", "-q", "side"], accepting: [1])
        let outcome = try await repository.ask(3)
        #expect(outcome.lines.first?.hasPrefix("a rebase is under way") == true)
    }

    @Test func `before the first commit it says so`() async throws {
        let repository = try GitFolder()
        let outcome = try await repository.ask(3)
        #expect(
            outcome.message == "branch main without a commit; nothing staged, nothing left over"
        )
    }
}
