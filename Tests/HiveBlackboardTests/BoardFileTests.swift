import Glibc
import HiveBlackboard
import Testing

@Suite struct BoardFileTests {
    @Test func `create makes the folders, and leaves what stands alone`() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("a/b/board.jsonl")
        #expect(try BoardFile.create(at: path))
        #expect(try contents(path) == "")
        try write("one\n", to: path)
        #expect(try !BoardFile.create(at: path))
        #expect(try contents(path) == "one\n")
    }

    @Test func `an append tells where its bytes stand`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.makeFile("board.jsonl", "one\n")
        let board = try BoardFile(path: path)
        #expect(try board.append(Array("two\n".utf8)) == 4)
        try write("three\n", to: path)
        #expect(try board.append(Array("four\n".utf8)) == 14)
        #expect(try board.append([]) == 19)
        #expect(try contents(path) == "one\ntwo\nthree\nfour\n")
        try board.sync()
    }

    @Test func `a torn end is seen, an empty board has none`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.makeFile("board.jsonl")
        let board = try BoardFile(path: path)
        #expect(try board.endsInLineFeed())
        try write("half", to: path)
        #expect(try !board.endsInLineFeed())
        try write(" whole\n", to: path)
        #expect(try board.endsInLineFeed())
    }

    @Test func `writers mean the file that is read, whatever the path means by now`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.makeFile("board.jsonl", "bad\n")
        let board = try BoardFile(path: path)
        let archived = folder.file("archived.jsonl")
        try #require(rename(path, archived) == 0)
        _ = try folder.makeFile("board.jsonl", "new\n")
        #expect(try board.identityAtPath() != board.identity)
        #expect(try board.append(Array("late\n".utf8)) == 4)
        #expect(try board.overwrite(at: 0, expecting: Array("bad".utf8), with: Array("   ".utf8)))
        #expect(try contents(archived) == "   \nlate\n")
        #expect(try contents(path) == "new\n")
        unlink(path)
        #expect(try board.identityAtPath() == nil)
    }

    @Test func `a mask goes over the bytes it expects and no others`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.makeFile("board.jsonl", "good\nevil\nrest\n")
        let board = try BoardFile(path: path)
        let evil = Array("evil".utf8)
        let mask = Array("mask".utf8)
        #expect(try !board.overwrite(at: 0, expecting: evil, with: mask))
        #expect(try !board.overwrite(at: 14, expecting: evil, with: mask))
        #expect(try !board.overwrite(at: 90, expecting: evil, with: mask))
        #expect(try contents(path) == "good\nevil\nrest\n")
        #expect(try board.overwrite(at: 5, expecting: evil, with: mask))
        #expect(try contents(path) == "good\nmask\nrest\n")
        #expect(try board.overwrite(at: 5, expecting: evil, with: mask), "done twice is done")
        #expect(try board.overwrite(at: 5, expecting: mask, with: evil), "and can be undone")
        #expect(try contents(path) == "good\nevil\nrest\n")
    }

    @Test func `a mask that a crash cut anywhere is finished`() throws {
        let folder = try TemporaryFolder()
        let evil = Array("evil deed".utf8)
        let mask = Mask.bytes(entry: "", length: evil.count)
        for cut in 0...evil.count {
            let torn = String(decoding: mask[..<cut] + evil[cut...], as: UTF8.self)
            let path = try folder.makeFile("board.jsonl", "\(torn)\nrest\n")
            let board = try BoardFile(path: path)
            #expect(try board.overwrite(at: 0, expecting: evil, with: mask))
            #expect(try contents(path) == "         \nrest\n")
        }
    }

    @Test func `appenders side by side each get exact offsets`() async throws {
        let folder = try TemporaryFolder()
        let path = try folder.makeFile("board.jsonl")
        let linesEach = 500
        let placed = try await withThrowingTaskGroup(of: [(Int64, String)].self) { group in
            for writer in 0..<4 {
                group.addTask {
                    let board = try BoardFile(path: path)
                    return try (0..<linesEach).map { number in
                        let line = "writer \(writer) line \(number)\n"
                        return (try board.append(Array(line.utf8)), line)
                    }
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        let whole = try bytes(path)
        #expect(placed.count == 4 * linesEach)
        #expect(whole.count == placed.reduce(0) { $0 + $1.1.utf8.count })
        for (offset, line) in placed {
            let end = min(Int(offset) + line.utf8.count, whole.count)
            #expect(String(decoding: whole[Int(offset)..<end], as: UTF8.self) == line)
        }
    }

    @Test func `masks under concurrent appends keep every length and every line`() async throws {
        let folder = try TemporaryFolder()
        let bad = "bad line\n"
        let badCount = 300
        let path = try folder.makeFile("board.jsonl", String(repeating: bad, count: badCount))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                let board = try BoardFile(path: path)
                for _ in 0..<1_000 { try board.append(Array("good\n".utf8)) }
            }
            group.addTask {
                let board = try BoardFile(path: path)
                let expected = Array(bad.utf8.dropLast())
                let mask = Mask.bytes(entry: "x", length: expected.count)
                for index in 0..<badCount {
                    let offset = Int64(index * bad.utf8.count)
                    #expect(try board.overwrite(at: offset, expecting: expected, with: mask))
                }
            }
            try await group.waitForAll()
        }
        let masked = String(repeating: "        \n", count: badCount)
        #expect(try contents(path) == masked + String(repeating: "good\n", count: 1_000))
    }

    @Test func `a long span is handed out in bounded pieces`() throws {
        let folder = try TemporaryFolder()
        let text = String(repeating: "0123456789abcdef", count: 200_000)
        let path = try folder.makeFile("board.jsonl", text)
        let board = try BoardFile(path: path)
        var seen: [UInt8] = []
        let count = try board.forEachChunk(offset: 3, length: 10_000_000) { piece in
            #expect(piece.count <= BoardFile.chunkBytesMax)
            seen += piece
        }
        #expect(count == Int64(text.utf8.count - 3))
        #expect(seen == Array(text.utf8.dropFirst(3)))
        #expect(try board.forEachChunk(offset: 0, length: 0) { _ in } == 0)
    }
}

@Suite struct MaskTests {
    @Test func `a mask names its entry and keeps the length`() {
        let short = Mask.bytes(entry: "ab12", length: 22)
        #expect(String(decoding: short, as: UTF8.self) == #"{"quarantined":"ab12"}"#)
        let long = Mask.bytes(entry: "ab12", length: 25)
        #expect(String(decoding: long, as: UTF8.self) == #"{"quarantined":"ab12"}   "#)
    }

    @Test func `too short a line is all spaces, and so is an id that is no plain text`() {
        let space = UInt8(ascii: " ")
        #expect(Mask.bytes(entry: "ab12", length: 21) == Array(repeating: space, count: 21))
        #expect(Mask.bytes(entry: "ab12", length: 0) == [])
        for id in ["a\"b", "a\\b", "a\nb", "é"] {
            #expect(Mask.bytes(entry: id, length: 40) == Array(repeating: space, count: 40))
        }
    }
}
