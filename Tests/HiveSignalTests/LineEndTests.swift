import Testing

@testable import HiveSignal

@Suite struct LineEndTests {
    private let object = Array("{\"a\":1}".utf8)

    @Test func `line ends and their UTF-16 halves belong to no line`() {
        let ends: [[UInt8]] = [[], [0x0D], [0x0D, 0]]
        for end in ends {
            for start in [[], [0]] as [[UInt8]] {
                #expect(scan(start + object + end).failure == nil)
                #expect(scan(start + end).isBlank)
                #expect(scan(start + [0x20, 0x09, 0x0D] + end).isBlank)
            }
        }
    }

    @Test func `positions count from the line's first byte`() {
        let line = [0] + Array(#" {"msg":"hi"} x"#.utf8) + [0x0D]
        #expect(scan(line).failure == FrameFailure(fault: .trailingData, position: 15))
        let good = [0] + Array(#"{"msg":"hi"}"#.utf8)
        #expect(scan(good).fields.message.content == ByteRange(start: 9, length: 2))
    }

    @Test func `other NULs are faults`() {
        #expect(scan([0, 0] + object).failure?.fault.gateNumber == 0)
        #expect(scan(object + [0]).failure == FrameFailure(fault: .nul, position: 7))
        #expect(scan(object + [0x0D, 0, 0]).failure?.fault == .nul)
        #expect(scan([0] + object, atFileStart: true).failure?.position == 0)
        #expect(scan(Array("{\"a\":\"".utf8) + [0] + Array("\"}".utf8)).failure?.fault == .nul)
        for key in ["ts", "port", "agent", "parent", "x"] {
            let line = Array("{\"\(key)".utf8) + [0] + Array("\":0,\"y\":\"zzzzzzzz\"}".utf8)
            #expect(scan(line).failure?.fault == .nul, "\(key)")
        }
        #expect(scan([0], atFileStart: true).failure?.fault == .nul)
        #expect(scan([0]).isBlank)
    }

    @Test func `a byte order mark is allowed at the start of the file only`() {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        #expect(scan(mark + object, atFileStart: true).failure == nil)
        #expect(scan(mark, atFileStart: true).isBlank)
        #expect(scan(mark + mark + object, atFileStart: true).failure?.fault == .byteOrderMark)
        #expect(scan(mark + object).failure == FrameFailure(fault: .byteOrderMark, position: 0))
        #expect(scan([0x20] + mark + object).failure?.fault == .byteOrderMark)
        #expect(scan(object + mark).failure?.fault == .byteOrderMark)
        #expect(scan("{\"a\":\"\u{FEFF}\"}").failure == nil)
        #expect(scan("{\"\u{FEFF}\":1}").failure == nil)
    }

    @Test func `UTF-16 lines are known for what they are`() {
        let text = #"{"ts":"2025-12-29T10:00:00Z","msg":"hi"}"#
        let little = utf16LittleEndian(text)
        let big = utf16BigEndian(text)
        #expect(scan(little).failure?.fault == .utf16)
        #expect(scan([0] + little + [0x0D, 0]).failure?.fault == .utf16)
        #expect(scan([0] + little).failure?.fault == .utf16)
        #expect(scan(big, atFileStart: true).failure?.fault == .utf16)
        #expect(scan(big).failure?.fault == .utf16)
        #expect(scan([0xFF, 0xFE] + little, atFileStart: true).failure?.fault == .utf16)
        #expect(scan([0xFF, 0xFE] + little).failure?.fault == .utf16)
        #expect(scan([0xFE, 0xFF] + big).failure?.fault == .utf16)
    }

    @Test func `neighbours of a UTF-16 line are not harmed`() {
        let good = Array(#"{"a":1}"#.utf8)
        let wide = utf16LittleEndian("{\"b\":2}\r\n")
        let file = good + [0x0D, 0x0A] + wide + good + [0x0A]
        let lines = file.split(separator: 0x0A, omittingEmptySubsequences: false).map(Array.init)
        #expect(lines.count == 4)
        #expect(scan(lines[0], atFileStart: true).failure == nil)
        #expect(scan(lines[1]).failure?.fault == .utf16)
        #expect(lines[2].first == 0)
        #expect(scan(lines[2]).failure == nil)
        #expect(scan(lines[3]).isBlank)
    }
}
