import HiveTestKit
import Testing

@testable import HiveWitness

@Suite struct NotesTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder(repository: ["a": "one"]) }

    /// As spread as real ids are: git makes folders only where notes crowd.
    private func id(_ number: Int) -> String {
        let digits = String(UInt64(number + 1) &* 0x9E37_79B9_7F4A_7C15, radix: 16)
        let zeros = String(repeating: "0", count: 16 - digits.count)
        return zeros + digits + String(repeating: "0", count: 24)
    }

    @Test func `lines gather in a note that git shows`() async throws {
        let repository = try await folder.repository
        let tree = try await repository.tree(of: "HEAD").id
        try await repository.appendNote("{\"n\":1}".bytes, to: tree)
        try await repository.appendNote("{\"n\":2}".bytes, to: tree)
        try await repository.appendNote("{\"n\":1}".bytes, to: tree)
        #expect(try await repository.notes() == [tree: "{\"n\":1}\n{\"n\":2}\n".bytes])
        #expect(try folder.git("notes", "--ref", "hive", "show", tree) == "{\"n\":1}\n{\"n\":2}\n")
        let identities = try folder.git("log", "--format=%an %ae %cn %ce", "refs/notes/hive")
        let own = "hive hive@localhost hive hive@localhost\n"
        #expect(identities == own + own)
        #expect(try folder.git("status", "--porcelain").isEmpty)
        #expect(try folder.git("fsck", "--strict").isEmpty)
    }

    @Test func `notes that git wrote in folders are read and added to`() async throws {
        let repository = try await folder.repository
        for number in 0..<300 { try await write(id(number), "n\(number)") }
        let tree = try await repository.tree(of: "HEAD").id
        // git itself sorts them into folders now.
        try folder.git("notes", "--ref", "hive", "add", "--message", "by git", tree)
        let paths = try folder.git("ls-tree", "-r", "--name-only", "refs/notes/hive")
        #expect(paths.contains("\(tree.prefix(2))/\(tree.dropFirst(2))"))
        try await repository.appendNote("by hive".bytes, to: tree)
        let other = "b" + id(1).dropFirst()
        try await repository.appendNote("new".bytes, to: other)
        let notes = try await repository.notes()
        #expect(notes.count == 302)
        #expect(notes[tree] == "by git\nby hive\n".bytes)
        #expect(notes[other] == "new\n".bytes)
        #expect(notes[id(299)] == "n299\n".bytes)
        #expect(try folder.git("notes", "--ref", "hive", "show", tree) == "by git\nby hive\n")
    }

    /// Puts notes into the flat form in one go, which git's own command would be slow at.
    private func write(_ object: String, _ text: String) async throws {
        try folder.writeFiles([".git/batch/\(object)": text + "\n"])
        guard object == id(299) else { return }
        var stream = "commit refs/notes/hive\ncommitter a <a> 0 +0000\ndata 1\nx\n"
        for name in folder.names(in: ".git/batch") {
            let text = String(decoding: folder.bytes(".git/batch/\(name)"), as: UTF8.self)
            stream += "M 100644 inline \(name)\ndata \(text.utf8.count)\n\(text)\n"
        }
        try await folder.repository.ask(["fast-import", "--quiet"], input: stream.bytes)
    }

    @Test func `two writers at once lose no line`() async throws {
        let repository = try await folder.repository
        let tree = try await repository.tree(of: "HEAD").id
        let writers = 4
        let lines = 5
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<writers {
                group.addTask {
                    for line in 0..<lines {
                        try await repository.appendNote("\(writer) \(line)".bytes, to: tree)
                    }
                }
            }
            try await group.waitForAll()
        }
        let note = try #require(try await repository.notes()[tree])
        let found = Set(
            String(decoding: note, as: UTF8.self).split(separator: "\n").map(String.init)
        )
        let expected = (0..<writers).flatMap { writer in (0..<lines).map { "\(writer) \($0)" } }
        #expect(found == Set(expected))
        #expect(try folder.git("rev-list", "--count", "refs/notes/hive").trimmed == "20")
    }

    @Test func `notes of two clones are merged by git`() async throws {
        let repository = try await folder.repository
        let tree = try await repository.tree(of: "HEAD").id
        try await repository.appendNote("b".bytes, to: tree)
        let other = try TemporaryFolder()
        try folder.git("clone", "--quiet", ".", other.at("c"))
        try folder.git(
            "-C",
            other.at("c"),
            "fetch",
            "--quiet",
            "origin",
            "refs/notes/hive:refs/notes/hive"
        )
        let clone = try await GitRepository.open(other.at("c"))
        try await clone.appendNote("c".bytes, to: tree)
        try await repository.appendNote("a".bytes, to: tree)
        try folder.git("fetch", "--quiet", other.at("c"), "refs/notes/hive:refs/notes/theirs")
        try folder.git(
            "notes",
            "--ref",
            "hive",
            "merge",
            "--quiet",
            "-s",
            "cat_sort_uniq",
            "theirs"
        )
        #expect(try await repository.notes()[tree] == "a\nb\nc\n".bytes)
    }

    @Test func `a ref that stands for a branch is not written through`() async throws {
        try folder.git("symbolic-ref", "refs/notes/hive", "refs/heads/main")
        let before = try folder.git("rev-parse", "main")
        let repository = try await folder.repository
        let tree = try await repository.tree(of: "HEAD").id
        let error = await witnessError { try await repository.appendNote("x".bytes, to: tree) }
        #expect(error?.code == .unfit)
        #expect(try folder.git("rev-parse", "main") == before)
    }

    @Test(arguments: [
        "refs/heads/main", "refs/notes/", "refs/notes/a b", "refs/notes/../x", "refs/notes/a\nb",
        "hive",
    ])
    func `only a ref of notes is one`(ref: String) async throws {
        let repository = try await folder.repository
        #expect(await witnessError { try await repository.notes(ref: ref) }?.code == .malformed)
        let error = await witnessError {
            try await repository.appendNote("x".bytes, to: repository.emptyTree.id, ref: ref)
        }
        #expect(error?.code == .malformed)
    }

    @Test(arguments: ["a\nb", ""])
    func `what is no line is refused`(line: String) async throws {
        let repository = try await folder.repository
        let error = await witnessError {
            try await repository.appendNote(line.bytes, to: repository.emptyTree.id)
        }
        #expect(error?.code == .malformed)
    }
}
