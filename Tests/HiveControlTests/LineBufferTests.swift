import HiveControl
import Testing

@Suite struct LineBufferTests {
    @Test func `a message waits for its newline`() throws {
        var buffer = LineBuffer()
        buffer.append(Array("{\"a\"".utf8))
        #expect(try buffer.next() == nil)
        #expect(buffer.pendingBytes == 4)
        buffer.append(Array(":1}\n{".utf8))
        #expect(try buffer.next() == Array("{\"a\":1}".utf8))
        #expect(try buffer.next() == nil)
        #expect(buffer.finish() == Array("{".utf8))
        #expect(buffer.finish() == nil)
    }

    @Test func `CRLF ends a message and empty lines are passed over`() throws {
        var buffer = LineBuffer()
        buffer.append(Array("\n\r\none\r\n\ntwo\n".utf8))
        #expect(try buffer.next() == Array("one".utf8))
        #expect(try buffer.next() == Array("two".utf8))
        #expect(try buffer.next() == nil)
    }

    @Test func `any split of the bytes gives the same messages`() throws {
        let seed = testSeed()
        var random = SeededGenerator(seed: seed)
        for round in 0..<200 {
            var messages: [[UInt8]] = []
            for _ in 0..<Int.random(in: 0...8, using: &random) {
                let length = Int.random(in: 1...40, using: &random)
                messages.append((0..<length).map { _ in .random(in: 0x20...0xFF, using: &random) })
            }
            let stream: [UInt8] = messages.flatMap { $0 + [0x0A] }
            var buffer = LineBuffer()
            var found: [[UInt8]] = []
            var start = 0
            while start < stream.count {
                let end = Int.random(in: start + 1...stream.count, using: &random)
                buffer.append(Array(stream[start..<end]))
                while let message = try buffer.next() { found.append(message) }
                start = end
            }
            #expect(found == messages, "HIVE_SEED=\(seed), round \(round)")
            #expect(buffer.pendingBytes == 0, "HIVE_SEED=\(seed), round \(round)")
        }
    }

    @Test func `a message at the bound passes and one byte more is refused`() throws {
        var buffer = LineBuffer(messageBytesMax: 4)
        buffer.append(Array("1234\n".utf8))
        #expect(try buffer.next() == Array("1234".utf8))
        buffer.append(Array("12345\n".utf8))
        let error = #expect(throws: ControlError.self) { try buffer.next() }
        #expect(error?.code == .parseError)
        #expect(error?.message == "a message is longer than 4 bytes")
        #expect(error?.hint == "send fewer lines in one call")
    }

    @Test func `a message over the bound is refused before its newline comes`() throws {
        var buffer = LineBuffer(messageBytesMax: 4)
        buffer.append(Array("1234".utf8))
        #expect(try buffer.next() == nil)
        buffer.append(Array("5".utf8))
        #expect(throws: ControlError.self) { try buffer.next() }
    }
}
