import Glibc
import HiveBlackboard
import Testing

@Suite struct JournalTests {
    private func lines(of journal: Journal, from start: Int64 = 0) throws -> [String] {
        var lines: [String] = []
        try journal.forEachLine(from: start) { offset, line in
            lines.append("\(offset):\(String(decoding: line, as: UTF8.self))")
        }
        return lines
    }

    @Test func `lines come back with their offsets`() throws {
        let folder = try TemporaryFolder()
        let journal = try Journal(path: folder.file("audit.jsonl"))
        #expect(try journal.append(lines: Array("one\ntwo\n".utf8)) == 0)
        #expect(try journal.append(lines: Array("three\n".utf8)) == 8)
        #expect(try journal.append(lines: []) == 14)
        try journal.sync()
        #expect(journal.size == 14)
        #expect(try lines(of: journal) == ["0:one", "4:two", "8:three"])
        #expect(try lines(of: journal, from: 8) == ["8:three"])
        #expect(try journal.read(from: 4, to: 7) == Array("two".utf8))
        #expect(try journal.read(from: 8, to: 99) == Array("three\n".utf8))
        #expect(try journal.read(from: 99, to: 120) == [])
        #expect(try Journal(path: journal.path).size == 14)
    }

    @Test func `a long line comes back whole`() throws {
        let folder = try TemporaryFolder()
        let journal = try Journal(path: folder.file("quarantine.jsonl"))
        let long = [UInt8](repeating: 0x61, count: 20 << 20)
        try journal.append(lines: Array("one\n".utf8) + long + Array("\nlast\n".utf8))
        var lengths: [Int] = []
        let end = try journal.forEachLine { _, line in lengths.append(line.count) }
        #expect(lengths == [3, 20 << 20, 4])
        #expect(end == journal.size)
    }

    @Test func `a torn tail is cut at every length, and only it`() throws {
        let whole = "one\ntwo\nthree\n"
        for length in 0...whole.utf8.count {
            let folder = try TemporaryFolder()
            let text = String(decoding: Array(whole.utf8)[..<length], as: UTF8.self)
            let path = try folder.makeFile("quarantine.jsonl", text)
            let journal = try Journal(path: path)
            let kept = text.lastIndex(of: "\n").map { String(text[...$0]) } ?? ""
            #expect(try journal.cutTornTail() == Int64(length - kept.utf8.count))
            #expect(journal.size == Int64(kept.utf8.count))
            #expect(try contents(path) == kept)
            #expect(try journal.cutTornTail() == 0)
        }
    }

    @Test func `a torn tail longer than what is read at once is cut`() throws {
        let folder = try TemporaryFolder()
        let tail = String(repeating: "x", count: 300_000)
        let path = try folder.makeFile("quarantine.jsonl", "one\n" + tail)
        #expect(try Journal(path: path).cutTornTail() == 300_000)
        #expect(try contents(path) == "one\n")
    }

    @Test func `an append that fails midway is taken back`() throws {
        let folder = try TemporaryFolder()
        let faults = Faults()
        let path = try folder.makeFile("quarantine.jsonl", "one\n")
        let journal = try Journal(path: path, calls: faults.calls)
        faults.plan(.short(5), on: .write)
        faults.plan(.fails(ENOSPC), on: .write)
        let error = try boardError { try journal.append(lines: Array("two\nthree\n".utf8)) }
        #expect(error.code == .noSpace)
        #expect(error.offset == 4)
        #expect(error.description.hasSuffix("then try again: nothing was written"))
        #expect(try contents(path) == "one\n")
        #expect(try journal.append(lines: Array("two\n".utf8)) == 4)
        #expect(try contents(path) == "one\ntwo\n")
    }

    @Test func `what could not be taken back is cut before the next append`() throws {
        let folder = try TemporaryFolder()
        let faults = Faults()
        let path = try folder.makeFile("quarantine.jsonl", "one\n")
        let journal = try Journal(path: path, calls: faults.calls)
        faults.plan(.short(2), on: .write)
        faults.plan(.fails(ENOSPC), on: .write)
        faults.plan(.fails(EIO), on: .ftruncate, times: 2)
        #expect(try boardError { try journal.append(lines: Array("two\n".utf8)) }.code == .noSpace)
        #expect(try contents(path) == "one\ntw")
        let still = try boardError { try journal.append(lines: Array("two\n".utf8)) }
        #expect(still.action == .cut)
        #expect(try contents(path) == "one\ntw")
        #expect(try journal.append(lines: Array("two\n".utf8)) == 4)
        #expect(try contents(path) == "one\ntwo\n")
    }

    @Test func `short writes of a journal are completed`() throws {
        let folder = try TemporaryFolder()
        let faults = Faults()
        let journal = try Journal(path: folder.file("audit.jsonl"), calls: faults.calls)
        faults.plan(.short(1), on: .write, times: 3)
        try journal.append(lines: Array("one\ntwo\n".utf8))
        #expect(try contents(journal.path) == "one\ntwo\n")
    }

    @Test func `a journal whose name was taken is noticed`() throws {
        let folder = try TemporaryFolder()
        let journal = try Journal(path: folder.file("audit.jsonl"))
        #expect(try journal.identityAtPath() == journal.identity)
        unlink(journal.path)
        #expect(try journal.identityAtPath() == nil)
    }
}

/// A tmpfs of 64 KiB, where a disk is really full; only root can mount one.
@Suite(.enabled(if: SmallDisk.canMount)) struct FullDiskTests {
    @Test func `a full disk takes no half line into a journal`() throws {
        let disk = try SmallDisk()
        let journal = try Journal(path: disk.path + "/quarantine.jsonl")
        let line = [UInt8](repeating: 0x61, count: 9_999) + [0x0A]
        var appended = 0
        let error = try boardError {
            while appended < 100 {
                try journal.append(lines: line)
                appended += 1
            }
        }
        #expect(error.code == .noSpace)
        #expect(error.errno == ENOSPC)
        #expect(appended > 0)
        #expect(try bytes(journal.path).count == appended * line.count)
        #expect(journal.size == Int64(appended * line.count))
    }

    @Test func `a full disk cuts an append to the board short, and says so`() throws {
        let disk = try SmallDisk()
        let path = disk.path + "/board.jsonl"
        try BoardFile.create(at: path)
        let board = try BoardFile(path: path)
        let line = [UInt8](repeating: 0x61, count: 9_999) + [0x0A]
        var appended = 0
        let error = try boardError {
            while appended < 100 {
                try board.append(line)
                appended += 1
            }
        }
        let standing = try bytes(path).count - appended * line.count
        if standing > 0 {
            #expect(error.code == .shortWrite(standing: standing, of: line.count))
            #expect(error.offset == Int64(appended * line.count))
        } else {
            #expect(error.code == .noSpace)
        }
    }
}

final class SmallDisk {
    private let folder: TemporaryFolder
    var path: String { folder.path }

    init() throws {
        folder = try TemporaryFolder()
        try #require(mount("tmpfs", folder.path, "tmpfs", 0, "size=64k") == 0)
    }

    deinit { umount2(folder.path, Int32(MNT_DETACH)) }

    static let canMount = (try? SmallDisk()) != nil
}
