import Glibc
import HiveBlackboard
import Testing

@Suite struct BoardErrorTests {
    @Test func `a missing board says how to make it`() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("board.jsonl")
        let error = try boardError { _ = try BoardFile(path: path) }
        #expect(error.code == .missing)
        #expect(error.errno == ENOENT)
        #expect(
            error.description == "cannot open \(path): No such file or directory; "
                + "check the path; `hive up` makes what a board needs"
        )
    }

    @Test func `a folder, a FIFO, a socket and a device are each told apart`() throws {
        let folder = try TemporaryFolder()
        let fifo = folder.file("fifo")
        try #require(mkfifo(fifo, 0o644) == 0)
        let socket = folder.file("socket")
        try #require(mknod(socket, S_IFSOCK | 0o644, 0) == 0)
        let cases: [(String, BoardError.Code, String)] = [
            (folder.path, .isDirectory, "it is a folder"),
            (fifo, .isFifo, "it is a FIFO"),
            (socket, .notRegular, "it is a socket or a device"),
            ("/dev/null", .notRegular, "it is a socket or a device"),
        ]
        for (path, code, cause) in cases {
            let error = try boardError { _ = try BoardFile(path: path) }
            #expect(error.code == code)
            #expect(error.description == "cannot open \(path): \(cause); name a regular file")
        }
    }

    @Test func `a link to nowhere, a circle of links and a file as folder are told apart`() throws {
        let folder = try TemporaryFolder()
        let dangling = folder.file("dangling")
        try #require(symlink(folder.file("nowhere"), dangling) == 0)
        let circle = folder.file("circle")
        try #require(symlink(circle, circle) == 0)
        let below = try folder.makeFile("file") + "/board.jsonl"
        for (path, code) in [
            (dangling, BoardError.Code.danglingLink), (circle, .danglingLink), (below, .notAFolder),
        ] {
            let error = try boardError { _ = try BoardFile(path: path) }
            #expect(error.code == code, "\(error)")
        }
        let made = try boardError { try BoardFile.create(at: below) }
        #expect(made.code == .notAFolder)
        #expect(made.description.contains("a part of the path is a file, not a folder"))
    }

    @Test func `a board behind a link is opened`() throws {
        let folder = try TemporaryFolder()
        let target = try folder.makeFile("target", "one\n")
        try #require(symlink(target, folder.file("link")) == 0)
        let board = try BoardFile(path: folder.file("link"))
        #expect(try board.size() == 4)
        #expect(try board.identityAtPath() == board.identity)
    }

    @Test(arguments: [
        (Faults.Call.open, EACCES, BoardError.Code.unreadable, "right to read it"),
        (.open, EMFILE, .io, "kernel log"),
        (.stat, EACCES, .unreadable, "right to read it"),
        (.fstat, EIO, .io, "kernel log"),
    ])
    func `opening says what failed`(
        call: Faults.Call,
        errno: Int32,
        code: BoardError.Code,
        hint: String
    ) throws {
        let folder = try TemporaryFolder()
        let path = try folder.makeFile("board.jsonl", "one\n")
        let faults = Faults()
        faults.plan(.fails(errno), on: call)
        let error = try boardError { _ = try BoardFile(path: path, calls: faults.calls) }
        #expect(error.code == code)
        #expect(error.errno == errno)
        #expect(error.path == path)
        #expect(error.description.contains(hint))
        #expect(try contents(path) == "one\n")
    }

    @Test(arguments: [
        (
            ENOSPC, BoardError.Code.noSpace,
            "No space left on device; free some space, then try again"
        ),
        (EDQUOT, .noSpace, "Disk quota exceeded; free some space, then try again"),
        (EROFS, .readOnly, "Read-only file system; mount the filesystem writable"),
        (EACCES, .unwritable, "Permission denied; give this user the right to write it"),
        (EIO, .io, "Input/output error; look at the disk and the kernel log, then try again"),
    ])
    func `a refused append says that nothing was written`(
        errno: Int32,
        code: BoardError.Code,
        text: String
    ) throws {
        let folder = try TemporaryFolder()
        let path = try folder.makeFile("board.jsonl", "one\n")
        let faults = Faults()
        let board = try BoardFile(path: path, calls: faults.calls)
        faults.plan(.fails(errno), on: .write)
        let error = try boardError { try board.append(Array("two\n".utf8)) }
        #expect(error.code == code)
        #expect(error.description == "cannot append to \(path): \(text): nothing was written")
        #expect(try contents(path) == "one\n")
    }
}
