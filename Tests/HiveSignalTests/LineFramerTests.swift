import Testing

@testable import HiveSignal

/// A reader as the contract of `LineFramer` asks for one: it keeps what it is told to keep.
private struct PieceReader {
    var framer: LineFramer
    var buffer: [UInt8] = []
    var lines: [FramedLine] = []
    var texts: [[UInt8]?] = []
    var keptMax = 0

    mutating func take(_ piece: some Sequence<UInt8>) {
        buffer.append(contentsOf: piece)
        keptMax = max(keptMax, buffer.count)
        while true {
            switch buffer.withUnsafeBytes({ framer.next(in: $0) }) {
            case .line(let line, let consumed):
                add(line)
                buffer.removeFirst(consumed)
            case .incomplete(let discard):
                buffer.removeFirst(discard)
                return
            }
        }
    }

    mutating func finish() {
        if let line = buffer.withUnsafeBytes({ framer.finish(in: $0) }) { add(line) }
        buffer = []
    }

    private mutating func add(_ line: FramedLine) {
        lines.append(line)
        texts.append(line.start.map { Array(buffer[$0..<$0 + Int(line.length)]) })
    }
}

@Suite struct LineFramerTests {
    @Test func `lines have offset, length and number, and none is lost`() {
        var reader = PieceReader(framer: LineFramer(offset: 100, lines: 7))
        reader.take(Array("one\n\ntwo\r\nrest".utf8))
        #expect(
            reader.lines == [
                FramedLine(offset: 100, length: 3, number: 8, start: 0),
                FramedLine(offset: 104, length: 0, number: 9, start: 0),
                FramedLine(offset: 105, length: 4, number: 10, start: 0),
            ]
        )
        #expect(reader.texts == [Array("one".utf8), [], Array("two\r".utf8)])
        #expect(reader.framer.offset == 110)
        #expect(reader.framer.lines == 10)
    }

    @Test func `a torn tail waits for its newline`() {
        var reader = PieceReader(framer: LineFramer())
        reader.take(Array("torn".utf8))
        #expect(reader.lines == [])
        #expect(reader.framer.offset == 0)
        reader.take(Array(" tail".utf8))
        #expect(reader.lines == [])
        reader.take([0x0A])
        #expect(reader.texts == [Array("torn tail".utf8)])
        #expect(reader.framer.offset == 10)
        #expect(reader.framer.lines == 1)
    }

    @Test func `finish gives the last line without a newline, once`() {
        var reader = PieceReader(framer: LineFramer())
        reader.take(Array("a\nb".utf8))
        reader.finish()
        #expect(reader.texts == [[0x61], [0x62]])
        #expect(reader.framer.offset == 3)
        reader.finish()
        #expect(reader.lines.count == 2)
        #expect(reader.lines[1] == FramedLine(offset: 2, length: 1, number: 2, start: 0))
    }

    @Test func `a giant line is counted and not kept`() {
        let giant = [UInt8](repeating: 0x78, count: 100)
        for size in [1, 3, 7, 16, 17, 64, 200] {
            var reader = PieceReader(framer: LineFramer(keptBytesMax: 16))
            let file = Array("ok\n".utf8) + giant + Array("\nsixteen bytes...\nend\n".utf8) + giant
            for start in stride(from: 0, to: file.count, by: size) {
                reader.take(file[start..<min(start + size, file.count)])
            }
            reader.finish()
            #expect(reader.lines.map(\.offset) == [0, 3, 104, 121, 125])
            #expect(reader.lines.map(\.length) == [2, 100, 16, 3, 100])
            #expect(reader.lines.map(\.number) == [1, 2, 3, 4, 5])
            #expect(reader.texts[1] == nil && reader.texts[4] == nil)
            #expect(reader.texts[2] == Array("sixteen bytes...".utf8))
            #expect(reader.keptMax <= 16 + size)
        }
    }

    @Test func `a line feed is found at every place and only there`() {
        for count in 0..<150 {
            var bytes = [UInt8](repeating: 0x0B, count: count)
            for place in bytes.indices where place % 3 == 0 { bytes[place] = 0x8A }
            #expect(bytes.withUnsafeBytes { LineFramer.firstLineFeed(in: $0, from: 0) } == nil)
            for place in 0..<count {
                var marked = bytes
                marked[place] = 0x0A
                marked[count - 1] = 0x0A
                for start in [0, place / 2, place] {
                    let found = marked.withUnsafeBytes {
                        LineFramer.firstLineFeed(in: $0, from: start)
                    }
                    #expect(found == place)
                }
            }
        }
    }

    @Test func `any split of the bytes gives the same lines`() {
        let seed = testSeed()
        print("LineFramerTests seed \(seed)")
        var random = SeededGenerator(seed: seed)
        for _ in 0..<400 {
            let file = (0..<random.below(400)).map { _ -> UInt8 in
                random.below(9) == 0 ? 0x0A : UInt8(random.below(256))
            }
            var whole = PieceReader(framer: LineFramer(keptBytesMax: 20))
            whole.take(file)
            whole.finish()
            var pieces = PieceReader(framer: LineFramer(keptBytesMax: 20))
            var rest = file[...]
            while !rest.isEmpty {
                let size = min(rest.count, 1 + random.below(40))
                pieces.take(rest.prefix(size))
                rest = rest.dropFirst(size)
            }
            pieces.finish()
            #expect(pieces.lines == whole.lines, "seed \(seed)")
            #expect(pieces.texts == whole.texts, "seed \(seed)")
            #expect(pieces.framer.offset == Int64(file.count), "seed \(seed)")
        }
    }
}
