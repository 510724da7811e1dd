import Glibc
import Testing

@testable import HiveBlackboard

/// Events are made before the wait, or by a thread while it waits; no test waits for time to pass
/// but the one that says that nothing happens.
@Suite struct BoardWatcherTests {
    /// A guard against hanging for ever, never reached.
    static let waitMilliseconds = 60_000

    private struct Scene {
        let folder: TemporaryFolder
        let sandbox: String
        let path: String
        let watcher: BoardWatcher

        /// `work/sandbox/board.jsonl`, watched and quiet.
        init(board: String? = "one\n") throws {
            folder = try TemporaryFolder()
            sandbox = folder.file("work/sandbox")
            path = sandbox + "/board.jsonl"
            try BoardFile.create(at: path)
            if let board { try write(board, to: path) } else { unlink(path) }
            watcher = try BoardWatcher(path: path)
            try #require(try watcher.wait(timeoutMilliseconds: 0) == .timeout)
        }

        func wake() throws -> BoardWatcher.Wake {
            try watcher.wait(timeoutMilliseconds: BoardWatcherTests.waitMilliseconds)
        }

        /// True once it was told, be it after other news.
        func wakes(until wanted: BoardWatcher.Wake) throws -> Bool {
            for _ in 0..<16 {
                let told = try wake()
                if told.contains(wanted) { return true }
                if told == .timeout { return false }
            }
            return false
        }

        func isQuiet() throws -> Bool { try watcher.wait(timeoutMilliseconds: 0) == .timeout }
    }

    @Test func `an append wakes, and many wake once`() throws {
        let scene = try Scene()
        try write("two\n", to: scene.path)
        #expect(try scene.wake() == .boardChanged)
        for _ in 0..<100 { try write("more\n", to: scene.path) }
        #expect(try scene.wake() == .boardChanged)
        #expect(try scene.isQuiet())
    }

    @Test func `an append from another thread ends a wait`() throws {
        let scene = try Scene()
        let path = scene.path
        let wake = try onThread {
            try? write("two\n", to: path)
        } during: {
            try scene.wake()
        }
        #expect(wake == .boardChanged)
    }

    @Test func `a truncation wakes`() throws {
        let scene = try Scene()
        try #require(truncate(scene.path, 1) == 0)
        #expect(try scene.wake() == .boardChanged)
    }

    @Test func `a renamed board is told, and so is its return`() throws {
        let scene = try Scene()
        let away = scene.sandbox + "/away"
        try #require(rename(scene.path, away) == 0)
        #expect(try scene.wake() == [.boardChanged, .folderChanged])
        #expect(try !scene.watcher.rewatchBoard())
        try write("two\n", to: away)
        #expect(try scene.isQuiet(), "the file that went is no longer watched")
        try #require(rename(away, scene.path) == 0)
        #expect(try scene.wake() == .folderChanged)
        #expect(try scene.watcher.rewatchBoard())
        try write("three\n", to: scene.path)
        #expect(try scene.wake() == .boardChanged)
    }

    @Test func `a board replaced by rename is told, and the new one is watched`() throws {
        let scene = try Scene()
        let new = scene.folder.file("new")
        try write("new\n", to: new, flags: O_CREAT)
        try #require(rename(new, scene.path) == 0)
        #expect(try scene.wake().isSuperset(of: [.boardChanged, .folderChanged]))
        #expect(try scene.watcher.rewatchBoard())
        _ = try scene.watcher.wait(timeoutMilliseconds: 0)
        try write("two\n", to: scene.path)
        #expect(try scene.wake() == .boardChanged)
    }

    @Test func `a deleted board is told although it is still open, and so is a new one`() throws {
        let scene = try Scene()
        let board = try BoardFile(path: scene.path)
        unlink(scene.path)
        #expect(try scene.wake() == [.boardChanged, .folderChanged])
        #expect(try board.identityAtPath() == nil)
        #expect(try !scene.watcher.rewatchBoard())
        try write("new\n", to: scene.path, flags: O_CREAT)
        #expect(try scene.wake() == .folderChanged)
        #expect(try scene.watcher.rewatchBoard())
        #expect(try board.identityAtPath() != board.identity)
    }

    @Test func `a board that is not there yet is told when it comes`() throws {
        let scene = try Scene(board: nil)
        try write("one\n", to: scene.path, flags: O_CREAT)
        #expect(try scene.wake() == .folderChanged)
        #expect(try scene.watcher.rewatchBoard())
    }

    @Test func `other files in the folder do not wake`() throws {
        let scene = try Scene()
        let other = scene.sandbox + "/quarantine.jsonl"
        try write("entry\n", to: other, flags: O_CREAT)
        try write("entry\n", to: other)
        unlink(other)
        try #require(mkdir(scene.sandbox + "/.hive", 0o755) == 0)
        #expect(try scene.isQuiet())
    }

    @Test func `a deleted folder is told, and its return at every step`() throws {
        let scene = try Scene()
        TemporaryFolder.removeTree(scene.folder.file("work"))
        // A program that is being started elsewhere may hold the folder open for a moment, and the
        // kernel tells of its end only then.
        #expect(try scene.wakes(until: .folderLost))
        #expect(try !scene.watcher.rewatchFolder())
        #expect(try !scene.watcher.rewatchBoard())
        #expect(try scene.isQuiet())
        try #require(mkdir(scene.folder.file("work"), 0o755) == 0)
        #expect(try scene.wake() == .folderLost)
        #expect(try !scene.watcher.rewatchFolder())
        try #require(mkdir(scene.sandbox, 0o755) == 0)
        #expect(try scene.wake() == .folderLost)
        #expect(try scene.watcher.rewatchFolder())
        try write("one\n", to: scene.path, flags: O_CREAT)
        #expect(try scene.wake() == .folderChanged)
        #expect(try scene.watcher.rewatchBoard())
        try write("two\n", to: scene.path)
        #expect(try scene.wake() == .boardChanged)
    }

    @Test(arguments: ["work", "work/sandbox"])
    func `a folder renamed at any height is told`(renamed: String) throws {
        let scene = try Scene()
        let away = scene.folder.file("away")
        try #require(rename(scene.folder.file(renamed), away) == 0)
        #expect(try scene.wake() == .folderLost)
        #expect(try !scene.watcher.rewatchFolder())
        #expect(try !scene.watcher.rewatchBoard())
        try #require(rename(away, scene.folder.file(renamed)) == 0)
        #expect(try scene.wake() == .folderLost)
        #expect(try scene.watcher.rewatchFolder())
        #expect(try scene.watcher.rewatchBoard())
        try write("two\n", to: scene.path)
        #expect(try scene.wake() == .boardChanged)
    }

    @Test func `a waker wakes before a wait and during it`() throws {
        let scene = try Scene()
        let waker = scene.watcher.waker
        waker.wake()
        waker.wake()
        #expect(try scene.wake() == .woken)
        #expect(try scene.isQuiet())
        let wake = try onThread {
            waker.wake()
        } during: {
            try scene.watcher.wait()
        }
        #expect(wake == .woken)
    }

    @Test func `an idle watcher gives only a timeout`() throws {
        let scene = try Scene()
        #expect(try scene.watcher.wait(timeoutMilliseconds: 20) == .timeout)
    }

    @Test func `an overflow of the kernel's queue is told`() throws {
        let scene = try Scene()
        let text = try contents("/proc/sys/fs/inotify/max_queued_events")
        let eventsMax = try #require(Int(text.split(separator: "\n")[0]))
        // A rename makes two events; none is like the one before, so that none are merged.
        let names = [scene.sandbox + "/a", scene.sandbox + "/b"]
        try write("", to: names[0], flags: O_CREAT)
        for turn in 0...eventsMax / 2 { rename(names[turn % 2], names[(turn + 1) % 2]) }
        try write("lost\n", to: scene.path)
        var seen: BoardWatcher.Wake = []
        while !seen.contains(.timeout) {
            seen.formUnion(try scene.watcher.wait(timeoutMilliseconds: 0))
        }
        #expect(seen == [.overflow, .timeout], "the append's own event is among the lost")
    }

    @Test func `events are decoded to the last byte, and a broken one is dropped`() {
        var bytes: [UInt8] = []
        func event(_ watch: Int32, _ mask: Int32, _ name: String, padded: UInt32) {
            for word in [UInt32(bitPattern: watch), UInt32(bitPattern: mask), 0, padded] {
                withUnsafeBytes(of: word) { bytes += $0 }
            }
            bytes += Array(name.utf8) + Array(repeating: 0, count: Int(padded) - name.utf8.count)
        }
        event(1, IN_MODIFY, "", padded: 0)
        event(2, IN_CREATE, "board.jsonl", padded: 16)
        event(-1, IN_Q_OVERFLOW, "", padded: 0)
        bytes += [1, 2, 3]
        var events: [Inotify.Event] = []
        Inotify.decode(bytes[...]) { events.append($0) }
        #expect(events.map(\.watch) == [1, 2, -1])
        #expect(events.map(\.name) == ["", "board.jsonl", ""])
        #expect(events[2].has(IN_Q_OVERFLOW))
    }
}

@Suite struct FilesystemTests {
    @Test func `network filesystems are polled, local ones are not, unknown ones are named`() {
        for magic: UInt32 in [0x6969, 0x0102_1997, 0x6573_5546, 0xff53_4d42, 0xfe53_4d42] {
            #expect(Filesystem(magic: magic).isNetwork)
        }
        #expect(Filesystem(magic: 0x6969).name == "nfs")
        #expect(Filesystem(magic: 0xef53) == Filesystem(magic: 0xef53))
        #expect(Filesystem(magic: 0xef53).name == "ext4")
        #expect(!Filesystem(magic: 0xef53).isNetwork)
        #expect(Filesystem(magic: 0xabcd).name == "0xabcd")
        #expect(!Filesystem(magic: 0xabcd).isNetwork)
        #expect(Filesystem.pollMillisecondsNetwork == 250)
    }

    @Test func `a path that is not there yet lies where its nearest folder lies`() throws {
        let folder = try TemporaryFolder()
        let here = try Filesystem(at: folder.path)
        #expect(try Filesystem(at: folder.file("not/yet/board.jsonl")) == here)
        #expect(try Filesystem(at: "/proc/self").isNetwork == false)
    }
}

/// Runs `work` on a thread of its own while `body` runs here; returns when both are done.
private func onThread<Value>(
    _ work: @escaping @Sendable () -> Void,
    during body: () throws -> Value
) throws -> Value {
    var thread = pthread_t()
    let argument = Unmanaged.passRetained(ThreadWork(run: work)).toOpaque()
    let result = pthread_create(
        &thread,
        nil,
        { raw in
            guard let raw else { return nil }
            Unmanaged<ThreadWork>.fromOpaque(raw).takeRetainedValue().run()
            return nil
        },
        argument
    )
    try #require(result == 0)
    defer { pthread_join(thread, nil) }
    return try body()
}

private final class ThreadWork: Sendable {
    let run: @Sendable () -> Void

    init(run: @escaping @Sendable () -> Void) { self.run = run }
}
