@testable import HiveMCP
import HiveSignal
import HiveTestKit
import Testing

@Suite struct InputLinesTests {
    private static func lines(
        _ bytes: [UInt8],
        in pieces: [Int],
        bytesMax: Int
    ) -> [InputLines.Line] {
        var split = InputLines(bytesMax: bytesMax)
        var lines: [InputLines.Line] = []
        var start = 0
        for piece in pieces + [bytes.count] where start < bytes.count {
            let end = min(bytes.count, start + max(1, piece))
            bytes[start..<end].withUnsafeBytes { split.append($0) { lines.append($0) } }
            start = end
        }
        split.finish { lines.append($0) }
        return lines
    }

    @Test func `any split of the bytes gives the same lines`() {
        var random = SeededGenerator()
        for _ in 0..<500 {
            let alphabet = Array("ab\n\r ".utf8)
            let count = Int.random(in: 0...64, using: &random)
            let bytes = (0..<count).map { _ in alphabet.randomElement(using: &random) ?? 0x61 }
            let bytesMax = Int.random(in: 1...12, using: &random)
            let whole = Self.lines(bytes, in: [], bytesMax: bytesMax)
            let pieces = (0..<64).map { _ in Int.random(in: 1...5, using: &random) }
            #expect(Self.lines(bytes, in: pieces, bytesMax: bytesMax) == whole, "\(random.seed)")
        }
    }

    @Test func `a line that is too long is told once, and its neighbours are whole`() {
        let text = "one\n" + String(repeating: "x", count: 40) + "\ntwo\r\n\n three"
        let found = Self.lines(Array(text.utf8), in: [3, 7, 7, 7, 7, 7], bytesMax: 8)
        let expected: [InputLines.Line] = [
            .whole(Array("one".utf8)), .oversize, .whole(Array("two".utf8)),
            .whole(Array(" three".utf8)),
        ]
        #expect(found == expected)
    }
}
