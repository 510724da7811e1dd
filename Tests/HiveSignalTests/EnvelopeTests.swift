import Testing

@testable import HiveSignal

@Suite struct EnvelopeTests {
    private let signal = #"{"ts":"2025-12-29T10:00:00Z","msg":"hi","gen":87,"hive":"H","port":7}"#

    /// An envelope with some members changed (nil: left out) or added.
    private func envelope(_ changes: KeyValuePairs<String, String?> = [:]) -> String {
        var members: [(key: String, value: String?)] = [
            ("specversion", #""1.0""#), ("id", #""e-1""#), ("source", #""/agents/opus""#),
            ("type", #""hive.signal""#), ("data", signal), ("hfogen", "87"),
            ("hfohive", #""H""#), ("hfoport", "7"),
        ]
        for (key, value) in changes {
            if let place = members.firstIndex(where: { $0.key == key }) {
                members[place].value = value
            } else {
                members.append((key, value))
            }
        }
        let texts = members.compactMap { member in
            member.value.map { "\"\(member.key)\":\($0)" }
        }
        return "{" + texts.joined(separator: ",") + "}"
    }

    private func faults(_ changes: KeyValuePairs<String, String?>) -> EnvelopeFaults {
        let result = scan(envelope(changes))
        #expect(result.failure == nil)
        #expect(result.isEnvelope)
        return result.envelopeFaults
    }

    @Test func `an envelope's signal is the one in its data`() throws {
        let line = envelope()
        let result = scan(line)
        try #require(result.failure == nil)
        #expect(result.isEnvelope && result.hasSignal && result.envelopeFaults == [])
        #expect(result.fields.message.state == .good)
        #expect(text(result.fields.message, in: line) == "hi")
        #expect(result.fields.generation.value == 87)
        #expect(result.fields.type.state == .absent)
        #expect(result.identifierIsEnvelope)
        let identifier = Array(line.utf8).withUnsafeBytes { result.identifier(in: $0) }
        #expect(identifier == "e-1")
    }

    @Test func `the data's own id comes first`() {
        let line = envelope(["data": #"{"id":"own","gen":87,"hive":"H","port":7}"#])
        let result = scan(line)
        #expect(!result.identifierIsEnvelope)
        #expect(text(result.fields.identifier, in: line) == "own")
    }

    @Test func `data in base 64 is read as if it stood there`() throws {
        let coded = String(decoding: Base64.encode(Array(signal.utf8)), as: UTF8.self)
        for value in [coded, coded.replacing("Q", with: #"\u0051"#)] {
            let line = envelope(["data": nil, "data_base64": "\"\(value)\""])
            let result = scan(line)
            #expect(result.envelopeFaults == [] && result.hasSignal)
            #expect(result.payload == Array(signal.utf8))
            let bytes = Array(line.utf8)
            bytes.withUnsafeBytes { buffer in
                let message = result.withFieldBytes(buffer) { result.fields.message.text(in: $0) }
                #expect(message == "hi")
                #expect(result.identifier(in: buffer) == "e-1")
            }
        }
    }

    @Test func `data that holds no signal is a fault of the envelope`() {
        func coded(_ bytes: [UInt8]) -> String {
            "\"" + String(decoding: Base64.encode(bytes), as: UTF8.self) + "\""
        }
        let deep = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        let cases: [KeyValuePairs<String, String?>] = [
            ["data": nil], ["data": "null"], ["data": "7"], ["data": "[]"], ["data": "\"{}\""],
            ["data_base64": coded(Array("{}".utf8))], ["data": nil, "data_base64": "{}"],
            ["data": nil, "data_base64": "null"], ["data": nil, "data_base64": "\"e30\""],
            ["data": nil, "data_base64": "\"\""], ["data": nil, "data_base64": coded([0x20])],
            ["data": nil, "data_base64": coded(Array("[]".utf8))],
            ["data": nil, "data_base64": coded(Array("{}{}".utf8))],
            ["data": nil, "data_base64": coded(Array(#"{"a":1,"a":2}"#.utf8))],
            ["data": nil, "data_base64": coded(Array("{\"a\":\"".utf8) + [0xFF, 0x22, 0x7D])],
            ["data": nil, "data_base64": coded([0xEF, 0xBB, 0xBF, 0x7B, 0x7D])],
            ["data": nil, "data_base64": coded(Array("{\"a\":\(deep)}".utf8))],
        ]
        for changes in cases {
            let result = scan(envelope(changes))
            #expect(result.failure == nil && !result.hasSignal, "\(changes)")
            #expect(result.envelopeFaults == .data, "\(changes)")
            #expect(result.payload == nil, "\(changes)")
            #expect(result.fields.message.state == .absent, "\(changes)")
        }
    }

    @Test func `each required attribute is judged`() {
        for value in [nil, "null", "\"1\"", "1.0", "\"1.0.0\"", "\"\""] where value != nil {
            #expect(faults(["specversion": value]) == .specversion)
        }
        #expect(faults(["specversion": #""\u0031.0""#]) == [])
        for value in [nil, "null", "\"\"", "7"] {
            #expect(faults(["id": value]) == .identifier)
            #expect(faults(["type": value]) == .type)
            #expect(faults(["source": value]) == .source)
        }
    }

    @Test(arguments: [
        "/", "a", "urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66", "https://example.com/a?b=c#d",
        "mailto:cncf@example.org", "1-555-123-4567", "//host:80/x", "http://[::1]:8080/",
        "http://[2001:db8::7]/", "http://[1:2:3:4:5:6:7:8]", "http://[::ffff:192.0.2.1]/",
        "http://[v1.a:b]", "a%20b", "./a:b", "?q", "#f", "http://u:p@h", "a/b:c", "http://",
        "http://[1::]", "tel:+1", "a?b/c?d", "http://h:",
    ])
    func `a URI reference is a source`(source: String) {
        #expect(faults(["source": "\"\(source)\""]) == [])
    }

    @Test(arguments: [
        "a b", "é", "<a>", "a%2", "a%zz", "a#b#c", "1a:b", ":a", "a[b]", "http://[::1", "{x}",
        "a|b",
        "http://[::1]x", "http://[1:2:3]", "http://[::1::2]", "http://[12345::]", "http://h:8a",
        "http://[:1::2]", "http://[1:2:3:4:5:6:7:8:9]", "a\\\\b", "a^b", "`", "http://a@b@c/[",
        "http://[::1.2.3.256]", "http://[]", "http://[1:2:3:4:5:6:7:]", "a_b:c",
    ])
    func `what is no URI reference is no source`(source: String) {
        #expect(faults(["source": "\"\(source)\""]) == .source)
    }

    @Test func `optional attributes may be null and are judged if there`() {
        #expect(faults(["time": "null", "datacontenttype": "null"]) == [])
        #expect(faults(["time": "\"2025-12-29T10:00:00Z\""]) == [])
        #expect(faults(["time": "\"yesterday\""]) == .time)
        #expect(faults(["time": "7"]) == .time)
        let good = [
            "application/json", "text/json", "Application/JSON", "application/vnd.x+json",
            "application/json; charset=utf-8", "application/json;a=\\\"b;c\\\"",
            "application/json ;",
        ]
        for type in good { #expect(faults(["datacontenttype": "\"\(type)\""]) == [], "\(type)") }
        let bad = [
            "", "json", "text/plain", "application/jsonx", "application/", "/json",
            "application/+xml",
            "application/json x", "application/json;a", "application/json;=b",
            "application/json;a=",
            "application/json;a=\\\"b", "application/ json", "application/xjson",
        ]
        for type in bad {
            #expect(faults(["datacontenttype": "\"\(type)\""]) == .dataContentType, "\(type)")
        }
        #expect(faults(["datacontenttype": "7"]) == .dataContentType)
    }

    @Test func `attribute names are lower-case letters and digits`() {
        #expect(faults(["abc123": "1", "ts": "2"]) == [])
        for name in ["Abc", "a_b", "a-b", "", "é", "a b", "dataBase64", "hfo.gen"] {
            #expect(faults([name: "1"]) == .attributeName, "\(name)")
        }
    }

    @Test func `extension attributes equal the data's`() {
        for value in [nil, "null", "88", "\"87\"", "87.0", "870", "true"] {
            #expect(faults(["hfogen": value]) == .hfogen, "\(value ?? "absent")")
        }
        for value in [nil, "null", "\"I\"", "\"h\"", "7"] {
            #expect(faults(["hfohive": value]) == .hfohive, "\(value ?? "absent")")
        }
        for value in [nil, "null", "6", "\"7\"", "7.0", "70"] {
            #expect(faults(["hfoport": value]) == .hfoport, "\(value ?? "absent")")
        }
        #expect(faults(["hfohive": #""\u0048""#]) == [])
        #expect(faults(["data": #"{"gen":1,"hive":"I","port":0}"#]) == .gate11)
        #expect(faults(["data": "{}"]) == .gate11)
        #expect(
            faults(["data": #"{"gen":87,"hive":"Q","port":9}"#, "hfohive": "\"Q\"", "hfoport": "9"])
                == []
        )
    }

    @Test func `the envelope's trace context comes before the data's`() {
        let outer = "00-\(String(repeating: "a", count: 32))-00000000000000aa-01"
        let inner = "00-\(String(repeating: "b", count: 32))-00000000000000bb-01"
        let data = #"{"gen":87,"hive":"H","port":7,"traceparent":"\#(inner)","tracestate":"="}"#
        let fromData = scan(envelope(["data": data])).trace
        #expect(fromData.trace == TraceID(hex: String(repeating: "b", count: 32)))
        #expect(fromData.hasBadTracestate)
        let both = scan(
            envelope(["data": data, "traceparent": "\"\(outer)\"", "tracestate": "\"a=1\""])
        ).trace
        #expect(both.trace == TraceID(hex: String(repeating: "a", count: 32)))
        #expect(both.state == .good && !both.hasBadTracestate)
        #expect(scan(envelope(["data": data, "traceparent": "\"x\""])).trace.state == .badValue)
        #expect(scan(envelope(["data": data, "traceparent": "7"])).trace.state == .wrongType)
        #expect(scan(envelope(["data": data, "traceparent": "null"])).trace == fromData)
    }

    @Test func `an envelope is still one frame`() {
        let twice = envelope().dropLast() + #","specversion":"1.0"}"#
        #expect(scan(String(twice)).failure?.fault == .duplicateKey)
        #expect(scan(envelope() + "x").failure?.fault == .trailingData)
        #expect(scan(#"{"specversion":null}"#).isEnvelope)
    }
}
