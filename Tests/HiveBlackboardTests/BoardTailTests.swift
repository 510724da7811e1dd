import Glibc
import HiveBlackboard
import HiveSignal
import Testing

@Suite struct BoardTailTests {
    static let start = ContinuousClock.now

    /// A line as seen: offset, number and text, or its length where it had no bytes.
    private func seen(_ line: FramedLine, _ bytes: UnsafeRawBufferPointer?) -> String {
        let text = bytes.map { String(decoding: $0, as: UTF8.self) } ?? "(\(line.length) bytes)"
        return "\(line.number)@\(line.offset):\(text)"
    }

    private func readAll(
        _ tail: BoardTail,
        _ board: BoardFile,
        now: ContinuousClock.Instant = start,
        linesMax: Int = 4_096,
        bytesMax: Int = 1 << 20
    ) throws -> [String] {
        var lines: [String] = []
        while true {
            let progress = try tail.next(
                from: board,
                now: now,
                linesMax: linesMax,
                bytesMax: bytesMax
            ) { line, bytes in lines.append(seen(line, bytes)) }
            guard progress == .more else { return lines }
        }
    }

    static let fixture = "{\"a\":1}\r\n\n  \nzwölf\n\u{0}\nlonger line, the last one\nend\n"

    @Test func `a board cut at every byte gives the same lines as the whole`() throws {
        let folder = try TemporaryFolder()
        let all = Array(Self.fixture.utf8)
        let path = try folder.makeFile("whole.jsonl", Self.fixture)
        let whole = try readAll(BoardTail(), BoardFile(path: path))
        #expect(whole.count == 7)
        #expect(whole.first == "1@0:{\"a\":1}\r")
        #expect(whole.last == "7@\(all.count - 4):end")
        for cut in 0...all.count {
            let path = try folder.makeFile("cut.jsonl")
            let board = try BoardFile(path: path)
            let tail = BoardTail()
            try board.append(Array(all[..<cut]))
            var lines = try readAll(tail, board)
            let torn = cut - (all[..<cut].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0)
            #expect(tail.torn?.length ?? 0 == Int64(torn))
            let resumed = BoardTail(offset: tail.offset, lines: tail.lines)
            try board.append(Array(all[cut...]))
            #expect(try lines + readAll(resumed, board) == whole, "resumed after \(cut)")
            lines += try readAll(tail, board)
            #expect(lines == whole, "carried on after \(cut)")
            #expect(tail.torn == nil)
            #expect(tail.offset == Int64(all.count))
        }
    }

    @Test func `any pieces, bounds and short reads give the same lines`() throws {
        var random = SeededGenerator()
        let folder = try TemporaryFolder()
        for round in 0..<30 {
            var text = ""
            for _ in 0..<Int.random(in: 0...200, using: &random) {
                let length = Int.random(in: 0...3_000, using: &random)
                text += String(repeating: "abcdefg", count: length / 7) + "\n"
            }
            let whole = try readAll(
                BoardTail(),
                BoardFile(path: folder.makeFile("whole.jsonl", text))
            )
            let faults = Faults()
            let path = try folder.makeFile("pieces.jsonl")
            let board = try BoardFile(path: path, calls: faults.calls)
            let tail = BoardTail()
            var lines: [String] = []
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                let piece = rest.prefix(Int.random(in: 1...100_000, using: &random))
                rest = rest.dropFirst(piece.count)
                try board.append(Array(piece))
                faults.plan(.short(Int.random(in: 1...999, using: &random)), on: .pread)
                lines += try readAll(
                    tail,
                    board,
                    linesMax: Int.random(in: 1...50, using: &random),
                    bytesMax: Int.random(in: 1...50_000, using: &random)
                )
            }
            #expect(lines == whole, "round \(round), HIVE_SEED=\(random.seed)")
        }
    }

    @Test func `a torn tail waits for its newline and tells its age`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.makeFile("board.jsonl", "one\nha")
        let board = try BoardFile(path: path)
        let tail = BoardTail()
        #expect(try readAll(tail, board) == ["1@0:one"])
        #expect(tail.torn == BoardTail.Torn(offset: 4, length: 2, since: Self.start))
        try write("lf", to: path)
        let later = Self.start + .seconds(5)
        #expect(try readAll(tail, board, now: later) == [])
        #expect(tail.torn == BoardTail.Torn(offset: 4, length: 4, since: Self.start))
        try write("\nnext", to: path)
        #expect(try readAll(tail, board, now: later) == ["2@4:half"])
        #expect(tail.torn == BoardTail.Torn(offset: 9, length: 4, since: later))
        #expect(tail.offset == 9)
        #expect(tail.lines == 2)
    }

    @Test func `a batch ends at its bound of lines or bytes`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.makeFile("board.jsonl", "one\ntwo\nthree\nfour\n")
        let board = try BoardFile(path: path)
        let tail = BoardTail()
        var lines: [String] = []
        func batch(_ linesMax: Int, _ bytesMax: Int) throws -> BoardTail.Progress {
            try tail.next(from: board, now: Self.start, linesMax: linesMax, bytesMax: bytesMax) {
                lines.append(seen($0, $1))
            }
        }
        #expect(try batch(1, 1_000) == .more)
        #expect(lines == ["1@0:one"])
        #expect(try batch(10, 5) == .more)
        #expect(lines == ["1@0:one", "2@4:two", "3@8:three"])
        #expect(tail.offset == 14)
        #expect(try batch(10, 1_000) == .caughtUp)
        #expect(lines.last == "4@14:four")
    }

    @Test func `a giant line has no bytes, and its neighbours do`() throws {
        let folder = try TemporaryFolder()
        let giant = String(repeating: "g", count: 500_000)
        let path = try folder.makeFile("board.jsonl", "one\n\(giant)\ntwo\n")
        let board = try BoardFile(path: path)
        let tail = BoardTail(keptBytesMax: 1_000)
        let lines = try readAll(tail, board, bytesMax: 10_000)
        #expect(lines == ["1@0:one", "2@4:(500000 bytes)", "3@500005:two"])
        var streamed = 0
        let count = try tail.forEachChunk(of: board, offset: 4, length: 500_000) { piece in
            streamed += piece.count { $0 == UInt8(ascii: "g") }
        }
        #expect(count == 500_000)
        #expect(streamed == 500_000)
    }

    @Test func `the longest line that is kept has its bytes, one byte more has none`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.makeFile("board.jsonl")
        let board = try BoardFile(path: path)
        let kept = [UInt8](repeating: 0x61, count: LineFramer.keptBytesMax)
        try board.append(kept + [0x0A])
        try board.append(kept + [0x61, 0x0A])
        try board.append(Array("after\n".utf8))
        var found: [Int?] = []
        let tail = BoardTail()
        var progress = BoardTail.Progress.more
        while progress == .more {
            progress = try tail.next(
                from: board,
                now: Self.start,
                linesMax: 10,
                bytesMax: 1 << 20
            ) { _, bytes in found.append(bytes?.count) }
        }
        #expect(progress == .caughtUp)
        #expect(found == [kept.count, nil, 5])
    }

    @Test func `offsets are logical where bytes were taken out of the file`() throws {
        let folder = try TemporaryFolder()
        // 100 bytes that were judged are gone; what is left of them is `one`.
        let path = try folder.makeFile("board.jsonl", "one\ntwo\nha")
        let board = try BoardFile(path: path)
        let tail = BoardTail(offset: 104, lines: 7, shift: 100)
        #expect(try readAll(tail, board) == ["8@104:two"])
        #expect(tail.torn?.offset == 108)
        var text = ""
        try tail.forEachChunk(of: board, offset: 104, length: 3) {
            text += String(decoding: $0, as: UTF8.self)
        }
        #expect(text == "two")
    }

    @Test func `a board shorter than what was read has shrunk`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.makeFile("board.jsonl", "one\ntwo\nhalf")
        let board = try BoardFile(path: path)
        let tail = BoardTail()
        #expect(try readAll(tail, board) == ["1@0:one", "2@4:two"])
        try #require(truncate(path, 9) == 0)
        let progress = try tail.next(
            from: board,
            now: Self.start,
            linesMax: 1,
            bytesMax: 1
        ) { _, _ in Issue.record("no line is left") }
        #expect(progress == .shrunk(size: 9))
    }

    @Test func `a read that fails loses nothing`() throws {
        let folder = try TemporaryFolder()
        let faults = Faults()
        let path = try folder.makeFile("board.jsonl", "one\ntwo\n")
        let board = try BoardFile(path: path, calls: faults.calls)
        let tail = BoardTail()
        faults.plan(.fails(EIO), on: .pread)
        let error = try boardError { _ = try readAll(tail, board) }
        #expect(error.code == .io)
        #expect(error.description.hasPrefix("cannot read \(path) at byte 0: Input/output error"))
        #expect(try readAll(tail, board) == ["1@0:one", "2@4:two"])
    }
}
