import Foundation
import HiveProcess
import HiveTestKit
import Testing

@testable import HiveWitness

@Suite(.enabled(if: !Sandboxes.walled.isEmpty, "there is neither bubblewrap nor namespaces"))
struct SetupTests {
    private let sandbox = Sandboxes.walled.first
    /// Leaves something that is another each time.
    private static let installing = """
        mkdir -p deps ~/.cache; cat /proc/sys/kernel/random/uuid > deps/id; echo 1 > ~/.cache/own
        chmod 500 deps
        """
    private static let looking = "cat deps/id ~/.cache/own a"

    private func desk(
        _ script: String = installing,
        lockFiles: [String] = ["*.lock"]
    ) async throws -> RoomDesk {
        try await RoomDesk(
            ["a": "one", "x.lock": "1"],
            sandbox,
            setup: ["bash", "-c", script],
            lockFiles: lockFiles
        )
    }

    @Test func `what a set-up left is there again for the same lock files, as a copy`() async throws
    {
        let desk = try await desk()
        let first = try await desk.run(Self.looking).text
        #expect(first.hasSuffix("\n1\none"))
        // A later tree, with the same lock file: nothing that a run does reaches what is kept.
        try desk.folder.writeFiles(["a": "two"])
        try desk.folder.commitAll("two")
        let script = Self.looking + "; chmod -R u+w deps; echo x > deps/id; echo x > ~/.cache/own"
        let second = try await desk.run(script).text
        #expect(second == first.dropLast(3) + "two")
        #expect(try await desk.run(Self.looking).text == second)
        #expect(desk.outside.names(in: "cache").count == 1)
        try desk.folder.writeFiles(["x.lock": "2"])
        try desk.folder.commitAll("other dependencies")
        #expect(try await desk.run(Self.looking).text != second)
        #expect(desk.outside.names(in: "cache").count == 2)
        #expect(desk.leftovers.isEmpty)
    }

    @Test func `the tree's own files win over what is kept`() async throws {
        let desk = try await desk("mkdir deps; echo kept > deps/id; echo kept > later; ln -s / lib")
        #expect(try await desk.run("cat later").text == "kept\n")
        try desk.folder.writeFiles(["later": "own", "lib/file": "own"])
        try desk.folder.commitAll("later")
        #expect(try await desk.run("cat deps/id later lib/file").text == "kept\nownown")
    }

    @Test func `a set-up that changes a file of the tree is an error that names it`() async throws {
        let desk = try await desk("echo 2 > x.lock")
        let error = await witnessError { try await desk.run("true") }
        #expect(error?.code == .unfit)
        #expect(
            error?.message == "the set-up command changed x.lock, a file of the tree"
        )
        #expect(desk.outside.names(in: "cache").isEmpty)
        let touching = try await self.desk("touch a; cat a > b; mv b a; touch new")
        #expect(try await touching.run("ls").text == "a\nnew\nx.lock\n")
    }

    @Test func `a set-up that fails is an error with its last words`() async throws {
        let desk = try await desk("echo first >&2; echo no such package >&2; exit 4")
        let error = await witnessError { try await desk.run("true") }
        #expect(error?.code == .unfit)
        #expect(error?.message.hasSuffix("failed: exit code 4: no such package") == true)
        #expect(desk.leftovers.isEmpty)
    }

    @Test func `a set-up has the network, and no more of the machine than a run`() async throws {
        let desk = try await desk(
            """
            ls /sys/class/net /proc/sys/net/ipv4/conf > net 2>&1; readlink /proc/self/ns/net > id
            [ ! -e \(NSHomeDirectory())/.gitconfig ] && [ ! -e \(#filePath) ] && touch hidden
            touch \(NSTemporaryDirectory())/x /usr/x; true
            """
        )
        let text = try await desk.run("cat id; readlink /proc/self/ns/net; ls hidden").text
        let lines = text.split(separator: "\n")
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/net")
        #expect(lines.count == 3)
        #expect(lines.first.map(String.init) == own)
        #expect(lines.dropFirst().first.map(String.init) != own)
    }

    @Test func `runs with one key at once do not fight`() async throws {
        let desk = try await desk()
        let texts = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<3 { group.addTask { try await desk.run(Self.looking).text } }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(texts.allSatisfy { $0.hasSuffix("\n1\none") })
        #expect(desk.outside.names(in: "cache").count == 1)
        #expect(texts.contains(try await desk.run(Self.looking).text))
    }

    @Test func `the newest eight are kept`() async throws {
        let outside = try TemporaryFolder()
        let cache = SetupCache(folder: outside.at("cache"))
        try outside.makeFolder("tree")
        try outside.makeFolder("home")
        let none = GitTree(id: "", files: [])
        let keys = (0..<11).map { String(repeating: "0123456789a".map(String.init)[$0], count: 64) }
        for (number, key) in keys.enumerated() {
            try await cache.store(
                key,
                tree: outside.at("tree"),
                home: outside.at("home"),
                but: none
            )
            // In the order of their making, however coarse the clock is.
            var times = [timespec(tv_sec: 1_000 + number, tv_nsec: 0), timespec()]
            times[1] = times[0]
            utimensat(AT_FDCWD, outside.at("cache/\(key)"), times, 0)
            if number == 5 {
                // Used again, and so the newest.
                try outside.makeFolder("to")
                #expect(
                    try await cache.restore(keys[0], tree: outside.at("to"), home: outside.at("to"))
                )
            }
        }
        #expect(outside.names(in: "cache") == [keys[0]] + keys[4...])
        #expect(try await !cache.restore(keys[1], tree: outside.at("to"), home: outside.at("to")))
    }

    @Test func `without a sandbox each tree is set up anew`() async throws {
        var desk = try await desk()
        desk.room.sandbox = .unsandboxed
        let first = try await desk.run(Self.looking).text
        #expect(try await desk.run(Self.looking).text != first)
        #expect(desk.outside.names(in: "cache").isEmpty)
    }
}
