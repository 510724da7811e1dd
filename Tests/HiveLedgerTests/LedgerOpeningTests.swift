import Glibc
import HiveSignal
import Testing

@testable import HiveLedger

@Suite struct `opening a ledger` {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func mode(_ path: String) throws -> mode_t {
        var status = stat()
        try #require(stat(path, &status) == 0)
        return status.st_mode & 0o777
    }

    private func write(_ bytes: [UInt8]) throws {
        let descriptor = open(folder.ledger, O_WRONLY | O_CREAT, 0o600)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        try #require(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
    }

    @Test func `a new ledger is for its owner only`() throws {
        let ledger = try Ledger(path: folder.ledger)
        try ledger.setPosition(Sample.position(0))
        #expect(try mode(folder.ledger) == 0o600)
        #expect(try mode(folder.ledger + "-wal") == 0o600)
    }

    @Test func `opening again migrates nothing and keeps every row`() throws {
        var dumps: [[String]] = []
        do {
            let ledger = try Sample.ledger(folder, messages: ["one"])
            dumps.append(try ledger.dumpLines())
        }
        for _ in 0..<2 { dumps.append(try Ledger(path: folder.ledger).dumpLines()) }
        #expect(Set(dumps).count == 1)
        #expect(try Ledger(path: folder.ledger).integrityCheck() == [])
    }

    @Test func `a file that is no database says how to rebuild`() throws {
        try write(Array(repeating: 0x58, count: 8_192))
        let error = try #require(throws: LedgerError.self) { try Ledger(path: folder.ledger) }
        #expect(error.code == .corrupt)
        #expect(error.path == folder.ledger)
        #expect(
            error.description
                == "cannot open the ledger \(folder.ledger): file is not a database (SQLite 26); "
                + "the board is not affected; run `hive doctor --rebuild` to make the ledger anew"
        )
    }

    @Test(arguments: [false, true])
    func `a newer schema is refused and left alone`(_ readOnly: Bool) throws {
        let ledger = try Sample.ledger(folder, messages: ["one"])
        let dump = try ledger.dumpLines()
        try ledger.tamper("INSERT INTO grdb_migrations VALUES ('999 from the future')")
        let error = try #require(throws: LedgerError.self) {
            try Ledger(path: folder.ledger, readOnly: readOnly)
        }
        #expect(error.code == .newerSchema)
        #expect(error.description.contains("a newer hive wrote it; use the hive that wrote it"))
        #expect(try ledger.dumpLines() == dump)
    }

    @Test func `reading a ledger that is not there makes none`() throws {
        let error = try #require(throws: LedgerError.self) {
            try Ledger(path: folder.ledger, readOnly: true)
        }
        #expect(error.code == .cannotOpen)
        #expect(error.hint.contains("hive up"))
        #expect(access(folder.ledger, F_OK) != 0)
    }

    @Test func `reading a ledger without tables says what to run`() throws {
        try write([])
        let error = try #require(throws: LedgerError.self) {
            try Ledger(path: folder.ledger, readOnly: true)
        }
        #expect(error.code == .olderSchema)
        #expect(error.hint.contains("hive up"))
    }

    @Test func `a folder that is not there is named`() throws {
        let error = try #require(throws: LedgerError.self) {
            try Ledger(path: folder.path + "/none/ledger.sqlite")
        }
        #expect(error.code == .cannotOpen)
        #expect(error.description.contains("No such file or directory"))
    }

    @Test func `a reader sees what a writer commits beside it, and writes nothing`() throws {
        let writer = try Sample.ledger(folder, messages: ["one"])
        let reader = try Ledger(path: folder.ledger, readOnly: true)
        #expect(try reader.signals(after: 0, limit: 9).count == 1)
        try writer.commit(Sample.batch([.accepted(try Sample.signal(2))], after: 1))
        #expect(try reader.signals(after: 0, limit: 9).count == 2)
        #expect(try reader.integrityCheck() == [])
        let error = try #require(throws: LedgerError.self) {
            try reader.setPosition(Sample.position(9))
        }
        #expect(error.code == .readOnly)
        #expect(
            try writer.position()
                == Sample.batch([.accepted(try Sample.signal(2))], after: 1)
                .position
        )
    }

    @Test func `a ledger at rest is readable`() throws {
        do { _ = try Sample.ledger(folder, messages: ["one"]) }
        #expect(access(folder.ledger + "-wal", F_OK) != 0)
        let reader = try Ledger(path: folder.ledger, readOnly: true)
        #expect(try reader.position()?.sequence == 1)
    }

    @Test(.enabled(if: geteuid() != 0, "root writes into every folder"))
    func `a ledger at rest is readable where nothing can be written`() throws {
        do { _ = try Sample.ledger(folder, messages: ["one"]) }
        try #require(chmod(folder.path, 0o500) == 0)
        defer { chmod(folder.path, 0o700) }
        let reader = try Ledger(path: folder.ledger, readOnly: true)
        #expect(try reader.position()?.sequence == 1)
    }

    @Test func `destroying leaves no file, and once more is fine`() throws {
        do {
            let ledger = try Sample.ledger(folder, messages: ["one"])
            try ledger.setPosition(Sample.position(1))
            try Ledger.destroy(folder.ledger)
        }
        try Ledger.destroy(folder.ledger)
        for suffix in ["", "-wal", "-shm"] { #expect(access(folder.ledger + suffix, F_OK) != 0) }
        #expect(try Ledger(path: folder.ledger).restore() == nil)
    }

    @Test func `an index that lost its words is found by the check`() throws {
        let ledger = try Sample.ledger(folder, messages: ["one"])
        try ledger.tamper("INSERT INTO search (search) VALUES ('delete-all')")
        let findings = try ledger.integrityCheck()
        #expect(findings.count == 1)
        #expect(findings.first?.hasPrefix("the full-text index does not match") == true)
    }

    @Test func `a value no ledger writes is corruption, not a crash`() throws {
        let ledger = try Sample.ledger(folder, messages: ["one"])
        try ledger.tamper("UPDATE signals SET port = 8")
        let error = try #require(throws: LedgerError.self) { try ledger.signals(last: 1) }
        #expect(error.code == .corrupt)
        #expect(error.detail == "8 where a Port belongs")
    }
}
