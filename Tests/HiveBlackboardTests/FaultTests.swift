import Glibc
import HiveBlackboard
import Testing

/// Every system call of the append, mask and journal paths fails once, each in its turn.
@Suite struct FaultTests {
    static let errnos = [EIO, ENOSPC, EINTR]

    /// Runs `operation` again and again, the first call failing, then the second, …, until one is
    /// over before the planned failure.
    ///
    /// - Parameters:
    ///   - errno: what the failing call answers.
    ///   - operation: gets the faults, and arms them when its file is ready.
    /// - Throws: what `operation` throws.
    private func sweep(
        _ errno: Int32,
        _ operation: (_ faults: Faults, _ arm: () -> Void) throws -> Void
    ) throws {
        for number in 0..<100 {
            let faults = Faults()
            try operation(faults) {
                faults.clear()
                faults.plan(.fails(errno), on: nil, after: number)
            }
            if faults.log.count <= number {
                #expect(number > 0, "the operation makes system calls")
                return
            }
        }
        Issue.record("the operation never ends")
    }

    /// Nil where the body succeeds.
    private func failure(_ body: () throws -> Void) throws -> BoardError? {
        do {
            try body()
            return nil
        } catch let error as BoardError {
            return error
        }
    }

    @Test(arguments: errnos)
    func `an append whose call fails leaves the file as it was, or says that it stands`(
        errno: Int32
    ) throws {
        try sweep(errno) { faults, arm in
            let folder = try TemporaryFolder()
            let path = try folder.makeFile("board.jsonl", "one\n")
            let board = try BoardFile(path: path, calls: faults.calls)
            arm()
            let error = try failure { try board.append(Array("two\n".utf8)) }
            let failed = faults.log.last
            if errno == EINTR { #expect(error == nil) }
            if let error, failed == .lseek {
                #expect(error.hint.hasPrefix("the line was written"))
                #expect(try contents(path) == "one\ntwo\n")
            } else if error != nil {
                #expect(try contents(path) == "one\n")
                #expect(try board.append(Array("two\n".utf8)) == 4)
            }
            #expect(try contents(path) == "one\ntwo\n")
        }
    }

    @Test(arguments: errnos)
    func `a mask whose call fails can be done again`(errno: Int32) throws {
        let bad = Array("bad".utf8)
        let mask = Array("###".utf8)
        try sweep(errno) { faults, arm in
            let folder = try TemporaryFolder()
            let path = try folder.makeFile("board.jsonl", "one\nbad\ntwo\n")
            let board = try BoardFile(path: path, calls: faults.calls)
            arm()
            let error = try failure {
                let isMasked = try board.overwrite(at: 4, expecting: bad, with: mask)
                #expect(isMasked)
            }
            if errno == EINTR { #expect(error == nil) }
            if error != nil {
                #expect(error?.action == .mask)
                #expect(try contents(path) == "one\nbad\ntwo\n")
                #expect(try board.overwrite(at: 4, expecting: bad, with: mask))
            }
            #expect(try contents(path) == "one\n###\ntwo\n")
        }
    }

    @Test(arguments: errnos)
    func `a journal whose call fails holds whole lines, each once`(errno: Int32) throws {
        try sweep(errno) { faults, arm in
            let folder = try TemporaryFolder()
            let path = folder.file("state/quarantine.jsonl")
            arm()
            var journal: Journal?
            let error = try failure {
                let opened = try Journal(path: path, calls: faults.calls)
                journal = opened
                try opened.append(lines: Array("one\n".utf8))
                try opened.sync()
            }
            if errno == EINTR { #expect(error == nil) }
            if error?.action == .sync {
                // What a failed sync left in doubt is not built upon.
                #expect(try contents(path) == "one\n")
                let again = try boardError { try journal?.append(lines: Array("two\n".utf8)) }
                #expect(again == error)
            } else if error != nil {
                let opened = try journal ?? Journal(path: path, calls: faults.calls)
                #expect(try contents(path) == "")
                #expect(try opened.append(lines: Array("one\n".utf8)) == 0)
            }
            #expect(try contents(path) == "one\n")
        }
    }

    @Test(arguments: errnos)
    func `a cut whose call fails leaves the torn tail for the next`(errno: Int32) throws {
        try sweep(errno) { faults, arm in
            let folder = try TemporaryFolder()
            let path = try folder.makeFile("audit.jsonl", "one\nhalf")
            let journal = try Journal(path: path, calls: faults.calls)
            arm()
            let error = try failure {
                let cut = try journal.cutTornTail()
                #expect(cut == 4)
            }
            if errno == EINTR { #expect(error == nil) }
            if error != nil {
                #expect(try contents(path) == "one\nhalf")
                #expect(try journal.cutTornTail() == 4)
            }
            #expect(try contents(path) == "one\n")
            #expect(journal.size == 4)
        }
    }

    @Test func `an append cut short says how much stands, and is not carried on`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.makeFile("board.jsonl", "one\n")
        let faults = Faults()
        let board = try BoardFile(path: path, calls: faults.calls)
        faults.plan(.short(2), on: .write)
        let error = try boardError { try board.append(Array("two\n".utf8)) }
        #expect(error.code == .shortWrite(standing: 2, of: 4))
        #expect(error.offset == 4)
        #expect(
            error.description == "cannot append to \(path) at byte 4: only 2 of 4 bytes were "
                + "written; free some space; the next append ends the torn line with a newline"
        )
        #expect(try contents(path) == "one\ntw")
        #expect(try !board.endsInLineFeed())
    }

    @Test func `short reads and writes of a mask are completed`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.makeFile("board.jsonl", "one\nbad line\ntwo\n")
        let faults = Faults()
        let board = try BoardFile(path: path, calls: faults.calls)
        faults.plan(.short(3), on: .pread, times: 2)
        faults.plan(.short(1), on: .pwrite, times: 4)
        let masked = try board.overwrite(
            at: 4,
            expecting: Array("bad line".utf8),
            with: Array("########".utf8)
        )
        #expect(masked)
        #expect(try contents(path) == "one\n########\ntwo\n")
    }

    @Test func `a mask that fails halfway is finished by the next try`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.makeFile("board.jsonl", "bad line\ntwo\n")
        let faults = Faults()
        let board = try BoardFile(path: path, calls: faults.calls)
        let bad = Array("bad line".utf8)
        let mask = Array("########".utf8)
        faults.plan(.short(3), on: .pwrite)
        faults.plan(.fails(EIO), on: .pwrite)
        let error = try boardError {
            _ = try board.overwrite(at: 0, expecting: bad, with: mask)
        }
        #expect(error.code == .io)
        #expect(error.description.hasPrefix("cannot mask \(path) at byte 0: Input/output error"))
        #expect(try contents(path) == "### line\ntwo\n")
        #expect(try board.overwrite(at: 0, expecting: bad, with: mask))
        #expect(try contents(path) == "########\ntwo\n")
    }

    @Test func `a storm of signals ends in an error, not in a loop`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.makeFile("board.jsonl", "one\n")
        let faults = Faults()
        let board = try BoardFile(path: path, calls: faults.calls)
        faults.plan(.fails(EINTR), on: .write, times: .max)
        let error = try boardError { try board.append(Array("two\n".utf8)) }
        #expect(error.code == .io)
        #expect(error.errno == EINTR)
        #expect(try contents(path) == "one\n")
    }
}
