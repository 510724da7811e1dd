import Foundation
import Testing

@testable import HiveSignal

/// The seed of this run: `HIVE_SEED`, or one that is printed.
func testSeed() -> UInt64 {
    ProcessInfo.processInfo.environment["HIVE_SEED"].flatMap { UInt64($0) }
        ?? UInt64.random(in: 1...UInt64(UInt32.max))
}

/// Foundation's JSON decoder as a second opinion on what is JSON.
///
/// Allowed differences, each shown by the scanner's own fault: a key twice and nesting over 64
/// (only the scanner refuses), what is no object (only the scanner refuses), and what encoding
/// Foundation guesses or repairs: a BOM, UTF-16, NULs and lone surrogates. Left out by a look at
/// the bytes are numbers that may be out of a double's range, raw control characters in strings,
/// and a comma before a closing bracket, which Foundation takes where there is white space between.
@Suite struct FuzzTests {
    private static let seeds: [String] = [
        #"{"ts":"2025-12-29T10:00:00Z","mark":1.0,"pull":"downstream","msg":"HUNT: found 3 arts","#
            + #""type":"signal","hive":"H","gen":87,"port":0}"#,
        #"{"msg":"caf\u00e9 \ud83d\ude00 é 😀 \"q\" \\ \/ \b\f\n\r\t","mark":-0.5e-3,"x":[1,2,{}]}"#,
        #"{"a":{"b":[true,false,null,{"c":"d"}],"e":""},"f":[[],[[]]],"gen":12345678901234567890}"#,
        #"{"specversion":"1.0","id":"1","source":"/a","type":"t","data":{"ts":"x","port":7}}"#,
        " { \"a\" : 1 ,\t\"b\" : [ 1 , 2 ] , \"c\" : 1.25E+10 } \r",
        #"{"data_base64":"e30=","specversion":"1.0","traceparent":"00-ab-cd-01","a\u0062":0}"#,
    ]
    private static let pieces: [[UInt8]] =
        [
            "\"", "\\", "{", "}", "[", "]", ",", ":", "0", "1", "-", ".", "e", "E", "+", " ", "\t",
            "true", "null", "\\u", "\\ud800", "\\udc00", "\\u0061", "\"a\":1,", "{}", "[1]", "é",
            "😀",
            "\u{FEFF}", "\"ts\":", "00", "1e5", "\\\"", "/", "\u{7F}", "\u{1}",
        ].map { Array($0.utf8) } + [
            [0x80], [0xC0], [0xFF], [0xED, 0xA0, 0x80], [0], [0xF4, 0x90],
        ]

    private static func mutate(_ line: inout [UInt8], _ random: inout SeededGenerator) {
        for _ in 0..<(1 + random.below(3)) {
            let place = random.below(line.count + 1)
            switch random.below(6) {
            case 0 where place < line.count:
                line[place] = UInt8(truncatingIfNeeded: random.next())
            case 1 where place < line.count:
                line.remove(at: place)
            case 2 where place < line.count:
                let end = min(line.count, place + 1 + random.below(20))
                line.removeSubrange(place..<end)
            case 3 where place < line.count:
                let end = min(line.count, place + 1 + random.below(30))
                line.insert(contentsOf: Array(line[place..<end]), at: random.below(line.count))
            default:
                line.insert(contentsOf: pieces[random.below(pieces.count)], at: place)
            }
            if line.isEmpty { line = [0x7B] }
        }
    }

    private static func foundationAccepts(_ line: [UInt8]) -> Bool {
        let object = try? JSONSerialization.jsonObject(with: Data(line), options: .fragmentsAllowed)
        return object is [String: Any]
    }

    /// True where both readers are asked the same question.
    private static func isComparable(_ line: [UInt8], _ failure: FrameFailure?) -> Bool {
        switch failure?.fault {
        case .duplicateKey, .tooDeep, .loneSurrogate, .byteOrderMark, .utf16, .nul: return false
        default: break
        }
        return !line.contains { $0 < 0x20 && !isSpace($0) } && !hasWideExponent(line)
            && !hasLooseComma(line)
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }

    /// An exponent of three digits or more may leave the range of a double.
    private static func hasWideExponent(_ line: [UInt8]) -> Bool {
        line.indices.contains { index in
            line[index] | 0x20 == UInt8(ascii: "e")
                && line[(index + 1)...].prefix { isExponentByte($0) }.count > 2
        }
    }

    private static func isExponentByte(_ byte: UInt8) -> Bool {
        byte >= 0x30 && byte <= 0x39 || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
    }

    /// A comma, white space, and a closing bracket.
    private static func hasLooseComma(_ line: [UInt8]) -> Bool {
        line.indices.contains { index in
            guard line[index] == UInt8(ascii: ",") else { return false }
            let next = line[(index + 1)...].first { !isSpace($0) }
            return next == UInt8(ascii: "]") || next == UInt8(ascii: "}")
        }
    }

    @Test func `mutated lines are JSON to the scanner where they are to Foundation`() {
        let environment = ProcessInfo.processInfo.environment
        let count = environment["HIVE_FUZZ_COUNT"].flatMap { Int($0) } ?? 20_000
        let seed = testSeed()
        print("FuzzTests seed \(seed), \(count) lines")
        var random = SeededGenerator(seed: seed)
        var scanner = SignalScanner()
        var result = ScannedLine()
        let lines = FuzzTests.seeds.map { Array($0.utf8) }
        for index in 0..<count {
            var line = lines[random.below(lines.count)]
            FuzzTests.mutate(&line, &random)
            line.withUnsafeBytes { scanner.scan($0, atFileStart: false, into: &result) }
            let accepts = result.failure == nil && !result.isBlank
            let other = try? JSONValue(parsing: line)
            let isTrimmed = line.first == 0 || line.last == 0
            if !isTrimmed, accepts != (other?.objectValue != nil) {
                Issue.record("seed \(seed), line \(index): readers differ: \(printable(line))")
            }
            guard FuzzTests.isComparable(line, result.failure) else { continue }
            if accepts != FuzzTests.foundationAccepts(line) {
                let found = String(describing: result.failure)
                Issue.record("seed \(seed), line \(index): \(found): \(printable(line))")
            }
        }
    }

    @Test func `any bytes at all are scanned without a trap`() {
        let seed = testSeed()
        print("FuzzTests seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let alphabet =
            Array("{}[]\",:\\u0123456789abcdefDd8-+.eE tsgnlrf\r\t".utf8) + [0, 0xEF, 0xBB]
        var scanner = SignalScanner()
        for _ in 0..<20_000 {
            let line = (0..<random.below(40)).map { _ in alphabet[random.below(alphabet.count)] }
            let atStart = random.below(2) == 0
            let result = line.withUnsafeBytes { scanner.scan($0, atFileStart: atStart) }
            let position = result.failure?.position ?? 0
            #expect(position >= 0 && position <= line.count, "seed \(seed): \(printable(line))")
        }
    }
}
