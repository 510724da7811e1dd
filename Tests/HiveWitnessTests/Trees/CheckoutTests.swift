import Glibc
import HiveSignal
import HiveTestKit
import Testing

@testable import HiveWitness

@Suite struct CheckoutTests {
    private func checkedOut(_ folder: TemporaryFolder) async throws -> TemporaryFolder {
        let repository = try await folder.repository
        let out = try TemporaryFolder()
        try await repository.checkOut(try await repository.tree(of: "HEAD"), into: out)
        return out
    }

    @Test func `a tree's files are there with their modes, and nothing else is`() async throws {
        let folder = try TemporaryFolder(repository: ["a": "one", "d/run": "#!/bin/sh"])
        #expect(chmod(folder.at("d/run"), 0o755) == 0)
        #expect(symlink("d/run", folder.at("link")) == 0)
        try folder.commitAll("modes")
        try folder.writeFiles(["a": "changed", "untracked": ""])
        let out = try await checkedOut(folder)
        #expect(out.names(in: ".") == ["a", "d", "link"])
        #expect(out.bytes("a") == "one".bytes)
        #expect(access(out.at("d/run"), X_OK) == 0)
        #expect(access(out.at("a"), X_OK) != 0)
        #expect(out.bytes("link") == "#!/bin/sh".bytes)
    }

    private static let otherDisk = "/dev/shm"

    private static var hasOtherDisk: Bool {
        var here = stat()
        var there = stat()
        return stat("/tmp", &here) == 0 && stat(otherDisk, &there) == 0
            && here.st_dev != there.st_dev && access(otherDisk, W_OK) == 0
    }

    @Test(.enabled(if: hasOtherDisk, "/dev/shm is no file system of its own here"))
    func `a tree can be checked out on another file system`() async throws {
        let folder = try TemporaryFolder(repository: ["a": "one", "d/b": "two"])
        let repository = try await folder.repository
        let out = try ScratchFolder(in: Self.otherDisk)
        defer { out.remove() }
        let tree = try out.makeFolder("tree")
        _ = try await repository.checkOut(
            try await repository.tree(of: "HEAD"),
            into: tree,
            gitFolder: out.at("git")
        )
        #expect(access(tree + "/d/b", R_OK) == 0)
    }

    @Test func `line ends are as the tree asks for, and not as the user does`() async throws {
        let folder = try TemporaryFolder(
            repository: [
                "dos.txt": "a\nb\n", "unix.txt": "a\n", ".gitattributes": "dos.txt eol=crlf",
            ]
        )
        try folder.git("config", "core.autocrlf", "true")
        try folder.writeFiles([".git/info/attributes": "unix.txt eol=crlf"])
        let out = try await checkedOut(folder)
        #expect(out.bytes("dos.txt") == "a\r\nb\r\n".bytes)
        #expect(out.bytes("unix.txt") == "a\n".bytes)
    }

    @Test func `a link out of the tree is an error that names it`() async throws {
        let folder = try TemporaryFolder(repository: ["a": "one"])
        #expect(symlink("../../etc/passwd", folder.at("leak")) == 0)
        try folder.commitAll("a link")
        let error = await witnessError {
            try await folder.repository.checkOut(
                try await folder.repository.tree(of: "HEAD"),
                into: "/nowhere",
                gitFolder: "/nowhere"
            )
        }
        #expect(error?.code == .unfit)
        #expect(
            error?.message == "the symbolic link leak leads out of the tree, to ../../etc/passwd"
        )
    }

    @Test func `an object that is not what its id says is not checked out`() async throws {
        let folder = try TemporaryFolder(repository: ["test.py": "assert False\n"])
        let honest = try folder.git("rev-parse", "HEAD:test.py").trimmed
        let other = try folder.blob("assert True\n")
        func path(_ id: String) -> String { ".git/objects/\(id.prefix(2))/\(id.dropFirst(2))" }
        try folder.remove(path(honest))
        try folder.write(folder.bytes(path(other)), to: path(honest))
        // git itself takes it.
        #expect(try folder.git("cat-file", "blob", honest) == "assert True\n")
        let repository = try await folder.repository
        let tree = try await repository.tree(of: "HEAD")
        let out = try TemporaryFolder()
        let error = try await #require(throws: WitnessError.self) {
            try await repository.checkOut(tree, into: out)
        }
        #expect(error.code == .unfit)
        #expect(out.bytes("test.py").isEmpty)
    }

    @Test func `a missing object is an error`() async throws {
        let folder = try TemporaryFolder(repository: ["a": "one"])
        let id = try folder.git("rev-parse", "HEAD:a").trimmed
        let repository = try await folder.repository
        let tree = try await repository.tree(of: "HEAD")
        try folder.remove(".git/objects/\(id.prefix(2))/\(id.dropFirst(2))")
        let out = try TemporaryFolder()
        let error = try await #require(throws: WitnessError.self) {
            try await repository.checkOut(tree, into: out)
        }
        #expect(error.code == .unfit)
    }

    @Test func `a folder is removed however deep and locked it is`() throws {
        let folder = try TemporaryFolder()
        try folder.makeFolder("gone")
        var deep = open(folder.at("gone"), O_RDONLY | O_DIRECTORY)
        // Deeper than a path may be long, and than a process may have files open.
        for _ in 0..<5_000 {
            mkdirat(deep, "d", 0o700)
            let next = openat(deep, "d", O_RDONLY | O_DIRECTORY)
            close(deep)
            deep = next
        }
        close(deep)
        try folder.writeFiles(["gone/locked/file": "x", "kept": "x"])
        #expect(symlink(folder.path, folder.at("gone/link")) == 0)
        #expect(chmod(folder.at("gone/locked"), 0) == 0)
        #expect(FolderRemoval.remove(folder.at("gone")))
        #expect(folder.names(in: ".") == ["kept"])
    }
}
