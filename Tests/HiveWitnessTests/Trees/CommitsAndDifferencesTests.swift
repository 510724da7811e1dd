import HiveTestKit
import Testing

@testable import HiveWitness

@Suite struct CommitsAndDifferencesTests {
    @Test func `commits come oldest first, with all that a judge needs`() async throws {
        let folder = try TemporaryFolder(repository: ["a": "one"])
        try folder.writeFiles(["a": "two"])
        try folder.commitAll("a subject\n\nA body\nof lines.\n\nHive-Phase: V\nSigned-off-by: me")
        let repository = try await folder.repository
        let commits = try await repository.commits("HEAD")
        #expect(commits.count == 2)
        let first = try #require(commits.first)
        let last = try #require(commits.last)
        #expect(first.parents.isEmpty)
        #expect(last.parents == [first.id])
        #expect(last.tree == (try await repository.tree(of: "HEAD").id))
        #expect(last.author == "A Test")
        #expect(last.authorEmail == "test@example.org")
        #expect(last.time > 1_000_000_000)
        #expect(last.subject == "a subject")
        #expect(last.body.hasPrefix("A body\nof lines.\n"))
        #expect(last.trailers == "Hive-Phase: V\nSigned-off-by: me\n")
        #expect(first.body.isEmpty)
        #expect(try await repository.commits("HEAD~1..HEAD") == [last])
        #expect(try await repository.commits("HEAD..HEAD") == [])
    }

    @Test(arguments: ["nothing..HEAD", "--all", "-n1", "", "--output=/tmp/x"])
    func `what is no range is an error, and no option`(range: String) async throws {
        let folder = try TemporaryFolder(repository: ["a": "one"])
        let repository = try await folder.repository
        #expect(await witnessError { try await repository.commits(range) }?.code == .unnamed)
    }

    @Test func `a range with more commits than the bound is an error`() async throws {
        let folder = try TemporaryFolder(repository: ["a": "one"])
        let repository = try await folder.repository
        var stream = ""
        for _ in 0...GitRepository.commitsMax {
            stream += "commit refs/heads/long\ncommitter a <a> 0 +0000\ndata 0\n"
        }
        try await repository.ask(["fast-import", "--quiet"], input: stream.bytes)
        let error = await witnessError { try await repository.commits("long") }
        #expect(error?.code == .tooLarge)
        #expect(error?.message == "long has more than 10000 commits")
        #expect(try await repository.commits("long~1").count == GitRepository.commitsMax)
    }

    @Test func `a difference shows only the files asked for`() async throws {
        let folder = try TemporaryFolder(repository: ["a": "one\n", "b": "one\n"])
        let repository = try await folder.repository
        let from = try await repository.tree(of: "HEAD")
        try folder.writeFiles(["a": "two\n", "b": "two\n", "c": "new\n"])
        try folder.commitAll("x")
        let to = try await repository.tree(of: "HEAD")
        let text = try await repository.difference(
            from: from,
            to: to,
            paths: ["a".bytes, "c".bytes, "none".bytes],
            bytesMax: 10_000
        )
        #expect(text.contains("--- a/a\n+++ b/a\n@@ -1 +1 @@\n-one\n+two"))
        #expect(text.contains("--- /dev/null\n+++ b/c"))
        #expect(!text.contains("b/b"))
        for same in [[], ["a".bytes]] {
            let none = try await repository.difference(
                from: same.isEmpty ? from : to,
                to: to,
                paths: same,
                bytesMax: 10_000
            )
            #expect(none.isEmpty)
        }
        let cut = try await repository.difference(
            from: from,
            to: to,
            paths: ["a".bytes],
            bytesMax: 20
        )
        #expect(cut.hasSuffix("\n… cut after 20 bytes"))
    }

    @Test func `attributes hide no change, and no byte moves the cursor`() async throws {
        let name: [UInt8] = "od\nd ".bytes + [0xFF]
        let folder = try TemporaryFolder(
            repository: ["a": "one\n", ".gitattributes": "* -diff\n"]
        )
        try folder.writeFiles([".git/info/attributes": "* -diff\n"])
        let repository = try await folder.repository
        let blob = try folder.blob("\u{1B}[2Jwiped\n")
        let file = TreeFile(path: name, mode: .file, blob: blob)
        let to = try await repository.compose(try await repository.tree(of: "HEAD").files + [file])
        let text = try await repository.difference(
            from: repository.emptyTree,
            to: to,
            paths: ["a".bytes, name],
            bytesMax: 10_000
        )
        #expect(text.contains("+one"))
        #expect(text.contains("+wiped"))
        #expect(!text.unicodeScalars.contains("\u{1B}"))
    }
}
