import Foundation
import HiveTestKit
import Testing

@testable import HiveWitness

/// What is on the disk while a room is used, and after.
@Suite struct RoomFolderTests {
    @Test func `a room is private, outside of the repository, and gone after a throw`() async throws
    {
        let desk = try await RoomDesk(["a": "one"], .unsandboxed)
        let error = await witnessError {
            try await desk.room.withTree(try await desk.tree()) {
                place throws(WitnessError) -> Int in
                let path = (place as? RoomWorkplace)?.scratch.path ?? ""
                #expect(path.hasPrefix(desk.outside.at("tmp/hive-room-\(getpid())-")))
                var status = stat()
                #expect(stat(path, &status) == 0 && status.st_mode & 0o7777 == 0o700)
                _ = try await place.shell("mkdir -p d/e && touch d/e/f && chmod 0 d/e && chmod 0 d")
                throw WitnessError(.malformed, "a test's own", hint: "")
            }
        }
        #expect(error?.message == "a test's own")
        #expect(desk.leftovers.isEmpty)
    }

    @Test func `a room is gone after its task was cancelled`() async throws {
        let desk = try await RoomDesk(["a": "one"], .unsandboxed)
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let work = Task {
            try await desk.room.withTree(try await desk.tree()) { place throws(WitnessError) in
                start.yield()
                return try await place.shell("while :; do :; done")
            }
        }
        for await _ in started { break }
        work.cancel()
        let error = await witnessError { try await work.value }
        #expect(error?.code == .cancelled)
        #expect(desk.leftovers.isEmpty)
    }

    @Test func `several trees may be there at once`() async throws {
        let desk = try await RoomDesk(["a": "one"], .unsandboxed)
        try desk.folder.writeFiles(["a": "two"])
        try desk.folder.commitAll("two")
        let texts = try await desk.room.withTree(
            try await desk.tree("HEAD~1")
        ) { one throws(WitnessError) in
            try await desk.room.withTree(try await desk.tree()) { two throws(WitnessError) in
                [try await one.shell("cat a").text, try await two.shell("cat a").text]
            }
        }
        #expect(texts == ["one", "two"])
        #expect(desk.leftovers.isEmpty)
    }

    @Test func `what a killed run left is removed by the next, a living one's is not`() async throws
    {
        let desk = try await RoomDesk(["a": "one"], .unsandboxed)
        // No process has such a number; and our own did not start at 1.
        let dead = ["hive-room-2000000000-5-abcdef", "hive-room-\(getpid())-1-abcdef"]
        for name in dead { try desk.outside.writeFiles(["tmp/\(name)/tree/file": "x"]) }
        try desk.outside.writeFiles(["tmp/hive-room-x/file": "x", "tmp/other": "x"])
        let living = try ScratchFolder(in: desk.outside.at("tmp"))
        defer { living.remove() }
        // One whose process has gone, and which is locked: its run is in another container.
        try desk.outside.makeFolder("tmp/hive-room-2000000000-6-abcdef")
        let held = open(desk.outside.at("tmp/hive-room-2000000000-6-abcdef"), O_RDONLY)
        defer { close(held) }
        #expect(flock(held, LOCK_EX) == 0)
        _ = try await desk.run("true")
        let own = String(living.path.split(separator: "/").last ?? "")
        #expect(
            Set(desk.leftovers)
                == ["hive-room-x", "other", own, "hive-room-2000000000-6-abcdef"]
        )
    }

    @Test func `a temporary folder inside of the repository is not used`() async throws {
        let folder = try TemporaryFolder(repository: ["a": "one"])
        try folder.makeFolder("tmp")
        let place = try ScratchFolder.parent(["TMPDIR": folder.at("tmp")], outside: folder.path)
        #expect(place == "/tmp")
        #expect(try ScratchFolder.parent(["TMPDIR": folder.at("tmp")]) == folder.at("tmp"))
        #expect(try ScratchFolder.parent(["TMPDIR": "tmp"]) == "/tmp")
        #expect(
            await witnessError { try ScratchFolder.parent([:], outside: "/") }?.code == .missing
        )
    }

    @Test func `links, pipes and the like are no reports`() async throws {
        let desk = try await RoomDesk(["a": "one"], .unsandboxed)
        try desk.outside.writeFiles(["secret": "x"])
        let run = try await desk.run(
            """
            ln -s \(desk.outside.at("secret")) $1/link; ln -s \(desk.outside.path) $1/folder
            mkfifo $1/pipe; echo fine > "$1/a b"
            """
        )
        #expect(run.run.reports == ["a b": "fine\n".bytes])
    }

    @Test(arguments: [
        "for i in $(seq 257); do : > $1/$i; done",
        "truncate -s 65M $1/large",
        "mkdir -p $1/1/2/3/4/5/6/7/8/9/10",
        "for i in $(seq 5000); do mkdir $1/$i; done",
    ])
    func `more reports than the bounds allow are an error`(script: String) async throws {
        let desk = try await RoomDesk(["a": "one"], .unsandboxed)
        let error = await witnessError { try await desk.run(script) }
        #expect(error?.code == .tooLarge)
        #expect(desk.leftovers.isEmpty)
    }
}
