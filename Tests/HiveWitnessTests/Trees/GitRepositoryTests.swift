import Glibc
import HiveSignal
import HiveTestKit
import Testing

@testable import HiveWitness

@Suite struct GitRepositoryTests {
    @Test func `a tree is found by commit, tag, tree and branch`() async throws {
        let folder = try TemporaryFolder(repository: ["a.txt": "one", "d/b": "two"])
        try folder.git("tag", "--annotate", "--message", "x", "v1")
        let repository = try await folder.repository
        let id = try folder.git("rev-parse", "HEAD^{tree}").trimmed
        for ref in ["HEAD", "main", "v1", id, "HEAD:"] {
            let tree = try await repository.tree(of: ref)
            #expect(tree.id == id)
            #expect(tree.names == ["a.txt", "d/b"])
        }
        #expect(try await repository.tree(of: "HEAD:d").names == ["b"])
        let head = try #require(try await repository.head())
        #expect(head.tree == id)
        #expect(head.commit == (try folder.git("rev-parse", "HEAD").trimmed))
    }

    @Test(arguments: ["nothing", "--all", "-h", "HEAD:a.txt", "", "a\nb", "a\0b", "--output=/x"])
    func `what names no tree is an error, and no option`(ref: String) async throws {
        let folder = try TemporaryFolder(repository: ["a.txt": "one"])
        let repository = try await folder.repository
        let error = await witnessError { try await repository.tree(of: ref) }
        #expect(error?.code == .unnamed)
    }

    @Test func `an empty repository has no head and an empty tree`() async throws {
        let folder = try TemporaryFolder()
        try folder.git("init", "--quiet")
        let repository = try await folder.repository
        #expect(try await repository.head() == nil)
        #expect(try await repository.indexTree() == repository.emptyTree)
        #expect(try await repository.workingTree() == repository.emptyTree)
        #expect(try await repository.compose([]) == repository.emptyTree)
        #expect(try await repository.tree(of: repository.emptyTree.id) == repository.emptyTree)
        #expect(try await repository.notes() == [:])
    }

    @Test func `a repository with SHA-256 works as well`() async throws {
        let folder = try TemporaryFolder()
        try folder.git("init", "--quiet", "--object-format=sha256")
        try folder.writeFiles(["a": "one"])
        try folder.commitAll("x")
        let repository = try await folder.repository
        let tree = try await repository.tree(of: "HEAD")
        #expect(tree.id.count == 64)
        try await repository.appendNote("{}".bytes, to: tree.id)
        #expect(try await repository.notes() == [tree.id: "{}\n".bytes])
        let out = try TemporaryFolder()
        try await repository.checkOut(tree, into: out)
        #expect(out.bytes("a") == "one".bytes)
        #expect(try await repository.compose([]) == repository.emptyTree)
    }

    @Test func `a bare repository has trees, and neither index nor files`() async throws {
        let source = try TemporaryFolder(repository: ["a": "one"])
        let folder = try TemporaryFolder()
        try source.git("clone", "--quiet", "--bare", ".", folder.at("bare.git"))
        let repository = try await GitRepository.open(folder.at("bare.git"))
        #expect(repository.isBare)
        #expect(try await repository.tree(of: "HEAD").names == ["a"])
        #expect(await witnessError { try await repository.indexTree() }?.code == .unfit)
        #expect(await witnessError { try await repository.workingTree() }?.code == .unfit)
    }

    @Test func `a linked worktree has its own index`() async throws {
        let folder = try TemporaryFolder(repository: ["a": "one"])
        let other = try TemporaryFolder()
        try folder.git("worktree", "add", "--quiet", "--detach", other.at("w"))
        try other.writeFiles(["w/b": "two"])
        try folder.git("-C", other.at("w"), "add", "b")
        let linked = try await GitRepository.open(other.at("w"))
        #expect(try await linked.indexTree().names == ["a", "b"])
        #expect(try await folder.repository.indexTree().names == ["a"])
    }

    @Test func `a submodule's own work tree is a repository`() async throws {
        let inner = try TemporaryFolder(repository: ["i": "inner"])
        let folder = try TemporaryFolder(repository: ["a": "one"])
        try folder.git(
            "-c",
            "protocol.file.allow=always",
            "submodule",
            "--quiet",
            "add",
            inner.path,
            "sub"
        )
        try folder.commitAll("with a submodule")
        let sub = try await GitRepository.open(folder.at("sub"))
        #expect(try await sub.tree(of: "HEAD").names == ["i"])
        let tree = try await folder.repository.workingTree()
        #expect(tree.file("sub")?.mode == .submodule)
        #expect(tree == (try await folder.repository.tree(of: "HEAD")))
    }

    @Test func `a folder without a repository is an error that says so`() async throws {
        let folder = try TemporaryFolder()
        let error = await witnessError { try await GitRepository.open(folder.path) }
        #expect(error?.code == .missing)
        #expect(error?.message.contains("is in no git repository") == true)
        let inside = try TemporaryFolder(repository: ["a": "one"])
        let git = await witnessError { try await GitRepository.open(inside.at(".git")) }
        #expect(git?.code == .unfit)
    }

    @Test func `a replace ref does not pass one tree for another`() async throws {
        let folder = try TemporaryFolder(repository: ["a": "one"])
        let honest = try folder.git("rev-parse", "HEAD").trimmed
        try folder.writeFiles(["a": "two"])
        try folder.commitAll("other")
        try folder.git("replace", honest, "HEAD")
        let tree = try await folder.repository.tree(of: honest)
        let blob = try #require(tree.file("a")?.blob)
        #expect(try await folder.repository.blob(blob, bytesMax: 10) == "one".bytes)
    }

    // MARK: Composing

    @Test func `a tree is composed of files, and is what git would write`() async throws {
        let folder = try TemporaryFolder(repository: ["a": "one", "d/b": "two", "d/c": "three"])
        let repository = try await folder.repository
        let tree = try await repository.tree(of: "HEAD")
        #expect(try await repository.compose(tree.files.reversed()) == tree)
        let part = try await repository.compose(tree.files.filter { $0.name != "d/c" })
        #expect(part.names == ["a", "d/b"])
        #expect(try folder.git("ls-tree", "-r", "--name-only", part.id) == "a\nd/b\n")
        #expect(try folder.git("status", "--porcelain").isEmpty)
    }

    @Test func `hostile names are composed or refused, never changed`() async throws {
        let folder = try TemporaryFolder(repository: ["a": "one"])
        let repository = try await folder.repository
        let blob = try folder.blob("x")
        let names: [[UInt8]] = [
            "new\nline".bytes, "quo\"te".bytes, "tab\there".bytes, [0xFF, 0xFE, 0x20], "-n".bytes,
            ":(top)x".bytes, " lead".bytes, "*".bytes, "back\\slash".bytes,
        ]
        let files = names.map { TreeFile(path: $0, mode: .file, blob: blob) }
        let tree = try await repository.compose(files)
        #expect(Set(tree.files) == Set(files))
        let out = try TemporaryFolder()
        try await repository.checkOut(tree, into: out)
        #expect(out.bytes("new\nline") == "x".bytes)
        for name in ["../x", "a/../b", ".git/config", "x/.GIT/y", "/etc/x", "a//b", "", "a/."] {
            let file = TreeFile(path: name.bytes, mode: .file, blob: blob)
            #expect(await witnessError { try await repository.compose([file]) }?.code == .malformed)
        }
        let look = TreeFile(path: "git~1".bytes, mode: .file, blob: blob)
        #expect(await witnessError { try await repository.compose([look]) }?.code == .unfit)
    }

    @Test func `files that cannot stand together, or have no blob, are refused`() async throws {
        let folder = try TemporaryFolder(repository: ["a": "one"])
        let repository = try await folder.repository
        let blob = try folder.blob("x")
        func file(_ name: String, _ blob: String) -> TreeFile {
            TreeFile(path: name.bytes, mode: .file, blob: blob)
        }
        let clash = [file("a", blob), file("a/b", blob)]
        #expect(await witnessError { try await repository.compose(clash) }?.code == .unfit)
        let twice = [file("a", blob), file("a", blob)]
        #expect(await witnessError { try await repository.compose(twice) }?.code == .unfit)
        let none = [file("a", String(repeating: "1", count: 40))]
        #expect(await witnessError { try await repository.compose(none) }?.code == .unfit)
        let odd = [file("a", "--help")]
        #expect(await witnessError { try await repository.compose(odd) }?.code == .malformed)
    }

    @Test func `a tree with a name that none may have is refused`() async throws {
        let folder = try TemporaryFolder(repository: ["a": "one"])
        let blob = try folder.blob("x")
        let id = try #require(Hex.decode(blob))
        for name in ["..", ".git", ".GiT"] {
            try folder.write("100644 \(name)\0".bytes + id, to: ".git/a-tree")
            let tree = try folder.git(
                "hash-object",
                "-w",
                "--literally",
                "-t",
                "tree",
                ".git/a-tree"
            ).trimmed
            let error = await witnessError { try await folder.repository.tree(of: tree) }
            #expect(error?.code == .malformed, "\(name)")
        }
    }

    @Test func `a blob larger than the bound is an error, not a part of it`() async throws {
        let folder = try TemporaryFolder(repository: ["a": "12345"])
        let repository = try await folder.repository
        let blob = try #require(try await repository.tree(of: "HEAD").files.first?.blob)
        #expect(try await repository.blob(blob, bytesMax: 5) == "12345".bytes)
        let error = await witnessError { try await repository.blob(blob, bytesMax: 4) }
        #expect(error?.code == .tooLarge)
        let none = String(repeating: "0", count: 40)
        #expect(
            await witnessError { try await repository.blob(none, bytesMax: 9) }?.code == .missing
        )
        #expect(
            await witnessError { try await repository.blob("--all", bytesMax: 9) }?.code == .missing
        )
    }
}
