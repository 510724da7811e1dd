import HiveSignal
import HiveTestKit
import Testing

@testable import HiveWorkers

@Suite struct `Port 2 shapes` {
    @Test func `tells each change with its lines, the largest first`() async throws {
        let repository = try GitFolder()
        try repository.write("1\n2\n3\n4\n5\n6\n7\n8\n", to: "move me.txt")
        try repository.write("a\nb\n", to: "edit.txt")
        try repository.write("x\n", to: "gone.txt")
        try repository.write([0, 1, 2], to: Array("image".utf8))
        try repository.commit()
        try repository.git("mv", "move me.txt", "moved -> here.txt")
        try repository.write("a\nc\nd\n", to: "edit.txt")
        try repository.git("rm", "-q", "gone.txt")
        try repository.write([0, 1, 2, 3], to: Array("image".utf8))
        try repository.write("n\n", to: "new.txt")
        try repository.git("add", "new.txt")
        try repository.write("n\nm\n", to: "new.txt")
        try repository.write("one\ntwo\nthree\nfour", to: "untracked\n.txt")
        let outcome = try await repository.ask(2)
        let commit = try repository.git(["rev-parse", "HEAD"]).trimmed
        #expect(
            outcome.message == """
                6 files changed since \(commit.prefix(9)): 8 lines added, 2 removed; \
                3 staged, 3 unstaged, 1 untracked
                  new untracked\\n.txt +4 -0 (untracked)
                  changed edit.txt +2 -1 (unstaged)
                  new new.txt +2 -0 (partly staged)
                  deleted gone.txt +0 -1 (staged)
                  changed image binary (unstaged)
                  renamed move me.txt -> moved -> here.txt +0 -0 (staged)
                """
        )
        #expect(outcome.confidence == 0.9)
        #expect(outcome.details["commit"] == .string(commit))
        #expect(outcome.details["added"] == 8)
        #expect(outcome.details["files"]?.arrayValue?.count == 6)
    }

    @Test func `a file that is only meant to be added counts`() async throws {
        let repository = try GitFolder()
        try repository.commit()
        try repository.write("a\nb\n", to: "a.txt")
        try repository.git("add", "-N", "a.txt")
        let outcome = try await repository.ask(2)
        #expect(outcome.lines == ["new a.txt +2 -0 (unstaged)"])
    }

    @Test func `nothing changed says so`() async throws {
        let repository = try GitFolder()
        try repository.write("a\n", to: "a.txt")
        try repository.commit()
        let outcome = try await repository.ask(2)
        #expect(outcome.summary.hasPrefix("nothing has changed since "))
        #expect(outcome.confidence == 0.4)
    }

    @Test func `before the first commit everything is new`() async throws {
        let repository = try GitFolder()
        try repository.write("a\nb\n", to: "a.txt")
        try repository.git("add", "a.txt")
        try repository.write("c\n", to: "c.txt")
        let outcome = try await repository.ask(2)
        #expect(
            outcome.message == """
                2 files changed in a repository without a commit: 3 lines added, 0 removed; \
                1 staged, 1 untracked
                  new a.txt +2 -0 (staged)
                  new c.txt +1 -0 (untracked)
                """
        )
    }

    @Test func `a large file is named and not counted`() async throws {
        let repository = try GitFolder()
        try repository.commit()
        try repository.writeSparse("big", bytes: 1 << 30)
        try repository.writeSparse("intended", bytes: 1 << 30)
        try repository.git("add", "-N", "intended")
        let outcome = try await repository.ask(2)
        #expect(outcome.summary.hasSuffix("; not looked into: 2 files over 4 MiB"))
        #expect(outcome.lines == ["new big large (untracked)", "new intended large (unstaged)"])
    }

    @Test func `a conflict is told as one`() async throws {
        let repository = try GitFolder.inConflict()
        let outcome = try await repository.ask(2)
        #expect(outcome.summary.hasSuffix("; 1 in conflict"))
        #expect(outcome.lines.count == 1)
        #expect(outcome.lines.first?.hasPrefix("conflict in a.txt +") == true)
    }

    @Test func `a thousand files fit into one message`() async throws {
        let repository = try GitFolder()
        for number in 0..<1_000 { try repository.write("x\n", to: "folder/file \(number)") }
        let outcome = try await repository.ask(2)
        #expect(outcome.summary.hasPrefix("1000 files changed in a repository without a commit"))
        #expect(outcome.lines.last == "and 993 more")
        #expect(outcome.details["count"] == 1_000)
    }
}

extension GitFolder {
    /// A repository in the middle of a merge that failed.
    static func inConflict() throws -> GitFolder {
        let repository = try GitFolder()
        try repository.write("base\n", to: "a.txt")
        try repository.commit()
        try repository.git("checkout", "-q", "-b", "side")
        try repository.write("side\n", to: "a.txt")
        try repository.commit()
        try repository.git("checkout", "-q", "main")
        try repository.write("main\n", to: "a.txt")
        try repository.commit()
        try repository.git(["merge", "-q", "side"], accepting: [1])
        return repository
    }
}
