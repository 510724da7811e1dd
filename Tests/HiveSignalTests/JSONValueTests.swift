import Testing

@testable import HiveSignal

@Suite struct JSONValueTests {
    @Test(arguments: [1, 23, 24, 25, 200])
    func `a repeated key is found among few and among many`(count: Int) throws {
        let keys = (0..<count).map { "\"key\($0)\":0" }
        let whole = "{" + keys.joined(separator: ",") + "}"
        #expect(try JSONValue(parsing: whole).objectValue?.count == count)
        for repeated in [keys[0], keys[count / 2], keys[count - 1]] {
            let text = "{" + (keys + [repeated]).joined(separator: ",") + "}"
            let error = #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
            #expect(error?.fault == .duplicateKey)
        }
    }

    @Test func `what stands around a line may nest deeper than a line`() throws {
        let line = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        _ = try JSONValue(parsing: line)
        let around = Array("[\(line)]".utf8)
        #expect(throws: JSONError.self) { try JSONValue(parsing: around) }
        _ = try JSONValue(parsing: around, depthMax: JSONValue.depthMaxAroundLine)
    }

    @Test func `a value survives writing and parsing`() throws {
        let value: JSONValue = [
            "null": nil, "yes": true, "no": false, "low": -9_223_372_036_854_775_808,
            "half": 0.5, "tiny": 1e-300, "text": "a\"\\\n\u{1}é\u{1F600}\u{2028}",
            "list": [1, [], ["k": [:]]],
        ]
        let text = value.text
        #expect(!text.utf8.contains(0x0A))
        #expect(try JSONValue(parsing: text) == value)
        #expect(try JSONValue(parsing: Array(text.utf8)).text == text)
    }

    @Test func `numbers are integers where they fit and doubles elsewhere`() throws {
        let cases: [(String, JSONValue)] = [
            ("0", 0), ("-0", 0), ("9223372036854775807", .integer(.max)),
            ("-9223372036854775808", .integer(.min)),
            ("9223372036854775808", .double(9_223_372_036_854_775_808)),
            ("1.0", .double(1)), ("1e2", .double(100)), ("0.1", .double(0.1)),
            ("123456789012345678901234567890", .double(0x1.8ee90ff6c373ep96)),
            ("1e400", .double(.greatestFiniteMagnitude)),
            ("-1e400", .double(-.greatestFiniteMagnitude)), ("1e-400", .double(0)),
            ("2.2250738585072014e-308", .double(2.2250738585072014e-308)),
            ("0.30000000000000004", .double(0.30000000000000004)),
        ]
        for (text, value) in cases { #expect(try JSONValue(parsing: text) == value, "\(text)") }
    }

    @Test func `accessors give nil for another type`() throws {
        let value: JSONValue = ["n": 3, "d": 0.5, "s": "x", "b": true, "a": [1], "z": nil]
        #expect(value["n"]?.integerValue == 3)
        #expect(value["n"]?.doubleValue == 3)
        #expect(value["n"]?.stringValue == nil)
        #expect(value["d"]?.doubleValue == 0.5)
        #expect(value["d"]?.integerValue == nil)
        #expect(value["s"]?.stringValue == "x")
        #expect(value["b"]?.boolValue == true)
        #expect(value["a"]?.arrayValue == [1])
        #expect(value["z"]?.isNull == true)
        #expect(value["none"] == nil)
        #expect(value["s"]?["deeper"] == nil)
        #expect(value.objectValue?.count == 6)
    }

    @Test func `an object keeps its order and compares keys by their bytes`() throws {
        var object: JSONObject = ["b": 1, "a": 2]
        object["c"] = 3
        object["b"] = 4
        object["a"] = nil
        #expect(object.keys == ["b", "c"])
        #expect(object.map { $0.0 } == ["b", "c"])
        object["\u{E9}"] = "composed"
        #expect(object["e\u{301}"] == nil)
        object["e\u{301}"] = "decomposed"
        #expect(object.count == 4)
        let text = JSONValue.object(object).text
        #expect(try JSONValue(parsing: text)["e\u{301}"]?.stringValue == "decomposed")
    }

    @Test func `an error says what is wrong, where, and what to do`() {
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: #"{"a":1,"a":2}"#) }
        #expect(error == JSONError(fault: .duplicateKey, position: 7))
        #expect(error?.description == "not JSON: a key that is there twice at byte 7")
        #expect(error?.hint == "keep one of the two")
    }

    @Test func `every fault has words of its own`() {
        #expect(Set(FrameFault.allCases.map(\.summary)).count == FrameFault.allCases.count)
        #expect(Set(FrameFault.allCases.map(\.hint)).count == FrameFault.allCases.count)
    }

    @Test func `the writer puts commas and escapes where they belong`() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("a")
        writer.integer(-1)
        writer.key("b")
        writer.beginArray()
        writer.double(0.5)
        writer.double(.nan)
        writer.bool(true)
        writer.null()
        writer.beginArray()
        writer.endArray()
        writer.raw(Array("{}".utf8))
        writer.endArray()
        writer.key("c\n")
        writer.string(utf8: [0x61, 0xFF, 0x00])
        writer.endObject()
        writer.newline()
        writer.beginArray()
        writer.endArray()
        let expected =
            #"{"a":-1,"b":[0.5,null,true,null,[],{}],"c\n":"a"# + "\u{FFFD}" + #"\u0000"}"#
        #expect(String(decoding: writer.bytes, as: UTF8.self) == expected + "\n[]")
    }
}
