import Glibc
import Testing

@testable import HiveBlackboard

@Suite struct FileLockTests {
    @Test func `a second lock on the board names the holder`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.makeFile("board.jsonl", "one\n")
        let lock = try BoardFile(path: path).lock()
        let other = try BoardFile(path: path)
        let error = try boardError { _ = try other.lock() }
        #expect(error.code == .locked(pid: getpid()))
        #expect(
            error.description == "cannot lock \(path): process \(getpid()) holds the lock; one "
                + "daemon serves one board: use that one, or stop it with `hive down`"
        )
        #expect(lock.path == path)
        #expect(try contents(path) == "one\n")
    }

    @Test func `a lock follows the file through another name`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.makeFile("board.jsonl")
        try #require(link(path, folder.file("other.jsonl")) == 0)
        let lock = try BoardFile(path: path).lock()
        let other = try BoardFile(path: folder.file("other.jsonl"))
        #expect(try boardError { _ = try other.lock() }.code == .locked(pid: getpid()))
        withExtendedLifetime(lock) {}
    }

    @Test func `a lock ends with its last reference`() throws {
        let folder = try TemporaryFolder()
        var lock: FileLock? = try FileLock.hold(folder: folder.file(".hive"))
        #expect(try contents(folder.file(".hive/lock")) == "\(getpid())\n")
        let error = try boardError { _ = try FileLock.hold(folder: folder.file(".hive")) }
        #expect(error.code == .locked(pid: getpid()))
        withExtendedLifetime(lock) {}
        lock = nil
        lock = try FileLock.hold(folder: folder.file(".hive"))
        #expect(lock?.path == folder.file(".hive/lock"))
    }

    @Test func `another process that holds the lock is named, and its death frees it`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.makeFile("board.jsonl")
        let holder = try LockHolder(path: path)
        let board = try BoardFile(path: path)
        let error = try boardError { _ = try board.lock() }
        #expect(error.code == .locked(pid: holder.pid))
        holder.killAndWait()
        let lock = try board.lock()
        withExtendedLifetime(lock) {}
    }

    @Test(arguments: [(ENOLCK, BoardError.Code.io), (EIO, .io), (EROFS, .readOnly)])
    func `a lock that cannot be had says why`(errno: Int32, code: BoardError.Code) throws {
        let folder = try TemporaryFolder()
        let faults = Faults()
        let path = try folder.makeFile("board.jsonl")
        let board = try BoardFile(path: path, calls: faults.calls)
        faults.plan(.fails(errno), on: .flock)
        let error = try boardError { _ = try board.lock() }
        #expect(error.code == code)
        #expect(error.action == .lock)
        _ = try board.lock()
    }

    @Test func `the kernel's table is read for holders alone`() {
        let table = LockTable(
            parsing: """
                1: POSIX  ADVISORY  WRITE 11 fe:00:500 0 EOF
                2: FLOCK  ADVISORY  WRITE 12 fe:00:500 0 EOF
                2: -> FLOCK  ADVISORY  WRITE 13 fe:00:500 0 EOF
                3: FLOCK  ADVISORY  WRITE 0 fe:00:501 0 EOF
                4: FLOCK  ADVISORY  WRITE 14 08:10:502 0 EOF
                5: FLOCK  ADVISORY  WRITE 15 08:11:500 0 EOF
                nonsense
                """
        )
        #expect(table.entries.map(\.pid) == [12, 0, 14, 15])
        #expect(table.holder(of: FileIdentity(device: 0xfe00, inode: 500)) == 12)
        #expect(table.holder(of: FileIdentity(device: 0x0811, inode: 500)) == 15)
        #expect(
            table.holder(of: FileIdentity(device: 0x0899, inode: 500)) == nil,
            "two, none exact"
        )
        #expect(table.holder(of: FileIdentity(device: 0x0099, inode: 502)) == 14, "one alone")
        #expect(table.holder(of: FileIdentity(device: 0xfe00, inode: 501)) == nil, "a namespace")
        #expect(table.holder(of: FileIdentity(device: 0xfe00, inode: 503)) == nil)
    }
}

/// `flock(1)` in a process of its own; made once it holds the lock.
private final class LockHolder {
    let pid: pid_t
    /// Our end of the holder's standard input and output; its child ends when this is closed.
    private let line: Int32
    private var isAlive = true

    init(path: String) throws {
        var ends: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        line = ends[0]
        defer { close(ends[1]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_addclose(&actions, ends[0])
        // --close: the command does not inherit the lock, only flock(1) itself holds it.
        let words = ["flock", "--close", path, "sh", "-c", "echo held; exec cat >/dev/null 2>&1"]
        let arguments = words.map { (word: String) in strdup(word) }
        defer { for argument in arguments { free(argument) } }
        var child: pid_t = 0
        let result = posix_spawnp(&child, "flock", &actions, nil, arguments + [nil], nil)
        pid = child
        try #require(result == 0)
        var byte: UInt8 = 0
        try #require(read(line, &byte, 1) == 1, "flock(1) did not get the lock")
    }

    deinit { killAndWait() }

    func killAndWait() {
        guard isAlive else { return }
        isAlive = false
        kill(pid, SIGKILL)
        var status: Int32 = 0
        waitpid(pid, &status, 0)
        close(line)
    }
}
