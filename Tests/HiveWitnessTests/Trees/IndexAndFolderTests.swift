import Glibc
import HiveTestKit
import Testing

@testable import HiveWitness

/// What counts as the index, and what as the folder.
@Suite struct IndexAndFolderTests {
    @Test func `the index's tree is what a commit would record, and the index stays`() async throws
    {
        let folder = try TemporaryFolder(repository: ["a": "one", "b": "two"])
        try folder.writeFiles(["a": "staged", "new/file": "x"])
        try folder.git("add", "a", "new/file")
        try folder.writeFiles(["a": "only in the folder"])
        let before = folder.bytes(".git/index")
        let tree = try await folder.repository.indexTree()
        #expect(folder.bytes(".git/index") == before)
        #expect(tree.names == ["a", "b", "new/file"])
        let blob = try #require(tree.file("a")?.blob)
        #expect(try await folder.repository.blob(blob, bytesMax: 100) == "staged".bytes)
        try folder.git("commit", "--quiet", "--message", "x")
        #expect(try folder.git("rev-parse", "HEAD^{tree}").trimmed == tree.id)
    }

    @Test func `another index, as git gives to a hook, can be named`() async throws {
        let folder = try TemporaryFolder(repository: ["a": "one"])
        let before = folder.bytes(".git/index")
        try folder.writeFiles(["b": "two"])
        try folder.git("add", "b")
        try folder.write(before, to: ".git/next-index")
        let repository = try await folder.repository
        #expect(try await repository.indexTree(folder.at(".git/next-index")).names == ["a"])
        #expect(try await repository.indexTree().names == ["a", "b"])
    }

    @Test func `a split index is read whole`() async throws {
        let folder = try TemporaryFolder(repository: ["a": "one", "b": "two"])
        try folder.git("update-index", "--split-index")
        try folder.writeFiles(["c": "three"])
        try folder.git("add", "c")
        #expect(try await folder.repository.indexTree().names == ["a", "b", "c"])
    }

    @Test func `a conflict and an announced file are errors that name the file`() async throws {
        let folder = try TemporaryFolder(repository: ["a": "one"])
        try folder.writeFiles(["soon": "x"])
        try folder.git("add", "--intent-to-add", "soon")
        let announced = await witnessError { try await folder.repository.indexTree() }
        #expect(announced?.code == .unfit)
        #expect(announced?.message.hasPrefix("soon is only announced") == true)
        #expect(try await folder.repository.workingTree().names == ["a", "soon"])
        try folder.git("rm", "--quiet", "--cached", "soon")
        try folder.git("checkout", "--quiet", "-b", "other")
        try folder.writeFiles(["a": "two"])
        try folder.commitAll("two")
        try folder.git("checkout", "--quiet", "main")
        try folder.writeFiles(["a": "three"])
        try folder.commitAll("three")
        #expect(throws: TestKitError.self) { try folder.git("merge", "other") }
        let conflict = await witnessError { try await folder.repository.indexTree() }
        #expect(conflict?.code == .unfit)
        #expect(conflict?.message == "the index has a conflict in a")
        let working = try await folder.repository.workingTree()
        let blob = try #require(working.file("a")?.blob)
        let bytes = try await folder.repository.blob(blob, bytesMax: 1_000)
        #expect(String(decoding: bytes, as: UTF8.self).contains("<<<<<<<"))
    }

    @Test func `the folder's tree has real bytes, whatever the index's flags say`() async throws {
        let folder = try TemporaryFolder(
            repository: [
                "assumed": "1", "skipped": "1", "plain": "1", "gone": "1", ".gitignore": "*.o",
            ]
        )
        try folder.git("update-index", "--assume-unchanged", "assumed")
        try folder.git("update-index", "--skip-worktree", "skipped")
        try folder.writeFiles(["assumed": "2", "skipped": "2", "plain": "2", "x.o": "", "new": ""])
        try folder.remove("gone")
        let before = folder.bytes(".git/index")
        let repository = try await folder.repository
        let tree = try await repository.workingTree()
        #expect(folder.bytes(".git/index") == before)
        #expect(tree.names == [".gitignore", "assumed", "new", "plain", "skipped"])
        let two = try folder.blob("2")
        for name in ["assumed", "skipped", "plain"] { #expect(tree.file(name)?.blob == two) }
        // The index has none of it.
        let index = try await repository.indexTree()
        #expect(index == (try await repository.tree(of: "HEAD")))
    }

    @Test func `what a sparse checkout leaves out counts as the index has it`() async throws {
        let folder = try TemporaryFolder(repository: ["a/1": "1", "b/2": "2", "c": "3"])
        try folder.git("sparse-checkout", "set", "--cone", "a")
        #expect(folder.names(in: ".") == [".git", "a", "c"])
        let repository = try await folder.repository
        #expect(try await repository.workingTree() == repository.tree(of: "HEAD"))
    }

    @Test func `folders, files and links in each other's place are what they are now`() async throws
    {
        let folder = try TemporaryFolder(
            repository: ["file": "1", "folder/a": "1", "linked/a": "1", "x": "1"]
        )
        try folder.remove("file")
        try folder.writeFiles(["file/inside": "2"])
        try folder.remove("folder")
        try folder.writeFiles(["folder": "2"])
        try folder.remove("linked")
        #expect(symlink("/etc", folder.at("linked")) == 0)
        #expect(mkfifo(folder.at("fifo"), 0o600) == 0)
        let tree = try await folder.repository.workingTree()
        #expect(tree.names == ["file/inside", "folder", "linked", "x"])
        #expect(tree.file("linked")?.mode == .symbolicLink)
    }

    @Test func `filters, hooks and monitors of the repository are not run`() async throws {
        let folder = try TemporaryFolder(repository: [
            "a": "one", ".gitattributes": "* filter=evil",
        ])
        let mark = folder.at("ran")
        let script = try folder.writeScript("echo ran >> \(mark); cat", to: ".git/evil")
        try folder.git("config", "filter.evil.clean", script)
        try folder.git("config", "filter.evil.smudge", script)
        try folder.git("config", "filter.evil.required", "true")
        try folder.git("config", "core.fsmonitor", script)
        try folder.git("config", "core.hooksPath", folder.at(".git"))
        try folder.writeFiles(["a": "two"])
        let repository = try await folder.repository
        let tree = try await repository.workingTree()
        #expect(tree.file("a")?.blob == (try folder.blob("two")))
        let out = try TemporaryFolder()
        try await repository.checkOut(tree, into: out)
        #expect(out.bytes("a") == "two".bytes)
        try await repository.appendNote("x".bytes, to: tree.id)
        #expect(folder.bytes("ran").isEmpty)
    }

    @Test func `ten thousand files are no trouble`() async throws {
        let folder = try TemporaryFolder()
        try folder.git("init", "--quiet")
        let blob = try folder.blob("x")
        let repository = try await folder.repository
        let files = (0..<10_000).map { number in
            TreeFile(path: "d\(number % 100)/f\(number)".bytes, mode: .file, blob: blob)
        }
        let tree = try await repository.compose(files)
        #expect(tree.files.count == 10_000)
        try folder.git("read-tree", tree.id)
        #expect(try await repository.indexTree() == tree)
        let out = try TemporaryFolder()
        try await repository.checkOut(tree, into: out)
        #expect(out.bytes("d99/f9999") == "x".bytes)
        #expect(out.names(in: "d7").count == 100)
    }
}
