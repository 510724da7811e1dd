import Testing

@testable import HiveSignal

@Suite struct ScannerFrameTests {
    /// The line with a value in it, behind something and before something.
    private func lines(with value: String) -> [String] {
        ["{\"v\":\(value)}", "{\"v\":[0,\(value)],\"w\":0}", "{ \"v\" : \(value) , \"w\" : 0 } "]
    }

    /// What the other reader of JSON makes of it.
    private func fault(_ bytes: [UInt8]) -> FrameFault? {
        do throws(JSONError) {
            _ = try JSONValue(parsing: bytes)
            return nil
        } catch {
            return error.fault
        }
    }

    @Test(arguments: JSONCorpus.good)
    func `every production of JSON is read`(value: String) {
        for line in lines(with: value) {
            #expect(scan(line).failure == nil, "\(line)")
            #expect(fault(Array(line.utf8)) == nil, "\(line)")
        }
    }

    @Test(arguments: JSONCorpus.broken)
    func `whatever breaks a production is a syntax fault`(value: String) throws {
        for line in lines(with: value) {
            let failure = try #require(scan(line).failure, "\(line)")
            #expect(failure.fault.gateNumber == 2, "\(line)")
            #expect(failure.position <= line.utf8.count, "\(line)")
            #expect(fault(Array(line.utf8)) != nil, "\(line)")
        }
    }

    @Test(arguments: JSONCorpus.loneSurrogates)
    func `half of a surrogate pair is an encoding fault`(value: String) {
        for line in lines(with: value) {
            #expect(scan(line).failure?.fault == .loneSurrogate, "\(line)")
            #expect(fault(Array(line.utf8)) == .loneSurrogate, "\(line)")
        }
    }

    @Test(arguments: JSONCorpus.duplicates)
    func `a key that is there twice is found at every level`(value: String) {
        for line in lines(with: value) {
            #expect(scan(line).failure?.fault == .duplicateKey, "\(line)")
            #expect(fault(Array(line.utf8)) == .duplicateKey, "\(line)")
        }
        if value.hasPrefix("{") { #expect(scan(value).failure?.fault == .duplicateKey) }
    }

    @Test(arguments: JSONCorpus.utf8.indices)
    func `UTF-8 is checked in strings, keys and between them`(index: Int) {
        let (bytes, isGood) = JSONCorpus.utf8[index]
        for padding in 0..<18 {
            let spaces = [UInt8](repeating: 0x61, count: padding)
            let value = Array("{\"v\":\"".utf8) + spaces + bytes + Array("\"}".utf8)
            let key = Array("{\"".utf8) + spaces + bytes + Array("\":0}".utf8)
            for line in [value, key] {
                #expect(scan(line).failure?.fault == (isGood ? nil : .invalidUTF8))
                #expect(fault(line) == (isGood ? nil : .invalidUTF8))
            }
        }
        let outside = scan(Array("{".utf8) + bytes + Array("}".utf8)).failure?.fault
        let isMark = bytes == [0xEF, 0xBB, 0xBF]
        #expect(outside == (isMark ? .byteOrderMark : isGood ? .syntax : .invalidUTF8))
    }

    @Test func `an encoding fault anywhere wins over a syntax fault before it`() {
        let cases: [([UInt8], FrameFault, Int)] = [
            (Array("{\"a\":,\"b\":\"".utf8) + [0xFF] + Array("\"}".utf8), .invalidUTF8, 11),
            (Array(#"{"a":,"b":"\ud800"}"#.utf8), .loneSurrogate, 11),
            (Array("{\"a\":1,\"a\":\"".utf8) + [0] + Array("\"}".utf8), .nul, 12),
            (Array("{}{}".utf8) + [0xEF, 0xBB, 0xBF], .byteOrderMark, 4),
            (Array("[]".utf8) + [0xC0], .invalidUTF8, 2),
            (Array(#"{"a":\ud800}"#.utf8), .syntax, 5),
            (Array(#"{"a":"\q","b":"\udc00"}"#.utf8), .loneSurrogate, 15),
        ]
        for (line, fault, position) in cases {
            let failure = scan(line).failure
            #expect(
                failure == FrameFailure(fault: fault, position: position),
                "\(printable(line))"
            )
        }
    }

    @Test func `what is no object, or more than one, is said so`() {
        let cases: [(String, FrameFault, Int)] = [
            ("[1]", .notAnObject, 0), ("\"a\"", .notAnObject, 0), ("hello", .notAnObject, 0),
            ("  1", .notAnObject, 2), ("{}{}", .trailingData, 2), ("{} x", .trailingData, 3),
            ("{}\u{C}", .trailingData, 2), ("{\"a\":1}}", .trailingData, 7),
            ("{\"a\":1,\"a\":2}", .duplicateKey, 7), ("{\"a\":tru}", .syntax, 8),
        ]
        for (line, fault, position) in cases {
            #expect(scan(line).failure == FrameFailure(fault: fault, position: position), "\(line)")
        }
    }

    @Test func `64 levels are read and the 65th is too deep`() {
        func nested(_ depth: Int, _ open: String, _ close: String) -> String {
            let inner = depth - 1
            return "{\"v\":" + String(repeating: open, count: inner) + "0"
                + String(repeating: close, count: inner) + "}"
        }
        for (open, close) in [("[", "]"), ("{\"v\":", "}")] {
            let deepest = nested(64, open, close)
            let deeper = nested(65, open, close)
            #expect(scan(deepest).failure == nil)
            #expect(scan(deeper).failure?.fault == .tooDeep)
            #expect(fault(Array(deepest.utf8)) == nil)
            #expect(fault(Array(deeper.utf8)) == .tooDeep)
        }
        let known = "{\"ts\":" + String(repeating: "[", count: 64)
        #expect(scan(known).failure?.fault == .tooDeep)
    }

    @Test func `a repeated key is found among very many`() {
        let keys = (0..<60_000).map { "\"key\($0)\":0" }
        #expect(scan("{" + keys.joined(separator: ",") + "}").failure == nil)
        for place in [0, 16, 17, 59_999] {
            let line = "{" + (keys + ["\"\\u006bey\(place)\":1"]).joined(separator: ",") + "}"
            let position = line.utf8.count - "\"\\u006bey\(place)\":1}".utf8.count
            let expected = FrameFailure(fault: .duplicateKey, position: position)
            #expect(scan(line).failure == expected)
        }
    }

    @Test func `many keys with one long beginning are compared in time`() {
        let stem = String(repeating: "a", count: 900)
        let keys = (0..<1_000).map { "\"\(stem)\($0)\":0" }
        #expect(scan("{" + keys.joined(separator: ",") + "}").failure == nil)
        let twice = keys + ["\"\(stem)7\":0"]
        #expect(scan("{" + twice.joined(separator: ",") + "}").failure?.fault == .duplicateKey)
    }

    @Test func `more than a mebibyte is oversize and nothing else`() {
        let limit = LineFramer.lineBytesMax
        let fits = [0x7B, 0x7D] + [UInt8](repeating: 0x20, count: limit - 2)
        #expect(scan(fits).failure == nil)
        #expect(scan([0] + fits + [0x0D, 0]).failure == nil)
        #expect(scan(fits + [0x20]).failure?.fault == .oversize)
        #expect(scan([UInt8](repeating: 0xFF, count: limit + 1)).failure?.fault == .oversize)
        #expect(scan([UInt8](repeating: 0x20, count: limit)).isBlank)
    }

    @Test func `scratch from one line does not change the next`() {
        var scanner = SignalScanner()
        var result = ScannedLine()
        let lines = [
            #"{"\u0061":1,"b":2,"c":{"d":1}}"#, #"{"a":1,"b":{"#, #"{"a":1,"specversion":"1.0"}"#,
            #"{"ts":"2025-12-29T10:00:00Z","traceparent":7}"#, "", "{\"b\":1}", "[",
        ]
        for line in lines + lines.reversed() {
            Array(line.utf8).withUnsafeBytes {
                scanner.scan($0, atFileStart: false, into: &result)
            }
            #expect(result == scan(line), "\(line)")
        }
    }
}
