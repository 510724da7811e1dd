import Testing

@testable import HiveSignal

@Suite struct FieldTests {
    private func fields(_ members: String) -> SignalFields {
        let result = scan("{\(members)}")
        #expect(result.failure == nil, "\(members)")
        // Far from the end of the line, the words around a value can be read at once.
        let padded = scan("{\(members)}" + String(repeating: " ", count: 40))
        #expect(padded == result, "\(members)")
        return result.fields
    }

    @Test func `a good signal has good fields, whatever the order of its keys`() throws {
        let members = [
            #""ts":"2025-12-29T10:00:00Z""#, #""mark":0.85"#, #""pull":"downstream""#,
            #""msg":"HUNT: found 3 \"prior arts\" é""#, #""type":"signal""#, #""hive":"H""#,
            #""gen":87"#, #""port":7"#, #""extra":{"a":[1,{"b":null}]}"#, #""agent":"opus""#,
            #""id":"s-1""#, #""parent":"s-0""#, #""task":"t""#, #""evidence":"r""#,
        ]
        var random = SeededGenerator(seed: 1)
        for _ in 0..<200 {
            let line = "{" + members.shuffled(using: &random).joined(separator: ",") + "}"
            let result = scan(line)
            try #require(result.failure == nil)
            #expect(!result.isBlank && !result.isEnvelope && result.hasSignal)
            let fields = result.fields
            #expect(fields.timestamp.state == .good)
            #expect(fields.timestamp.value == Timestamp(seconds: 1_767_002_400))
            #expect(fields.mark.state == .good && fields.mark.value == 0.85)
            #expect(fields.pull.state == .good && fields.pull.value == .downstream)
            #expect(fields.message.state == .good && fields.message.isEscaped)
            #expect(text(fields.message, in: line) == #"HUNT: found 3 "prior arts" é"#)
            #expect(fields.type.state == .good && fields.type.value == .signal)
            #expect(fields.phase.state == .good && fields.phase.value == .hunt)
            #expect(fields.generation.state == .good && fields.generation.value == 87)
            #expect(fields.port.state == .good && fields.port.value == 7)
            #expect(text(fields.agent, in: line) == "opus")
            #expect(text(fields.identifier, in: line) == "s-1")
            #expect(text(fields.parent, in: line) == "s-0")
            #expect(text(fields.task, in: line) == "t")
            #expect(text(fields.evidence, in: line) == "r")
            let token = Array(line.utf8)[fields.mark.token.range]
            #expect(String(decoding: token, as: UTF8.self) == "0.85")
        }
    }

    @Test func `an empty object has no fields`() {
        #expect(fields("") == SignalFields())
        #expect(
            fields(#""x":1,"tsx":2,"t":3,"":4,"ts\u0000":5,"port\u0000\u0000":6"#) == SignalFields()
        )
    }

    @Test func `words are exact and compared after unescaping`() {
        let pulls: [(String, FieldState, Pull)] = [
            ("upstream", .good, .upstream), ("downstream", .good, .downstream),
            ("lateral", .good, .lateral), (#"upstre\u0061m"#, .good, .upstream),
            (#"\u006cateral"#, .good, .lateral), (#"\u0064ownstream"#, .good, .downstream),
        ]
        for (word, state, value) in pulls {
            let field = fields(#""pull":"\#(word)""#).pull
            #expect(field.state == state && field.value == value, "\(word)")
        }
        let bad = [
            "", "Upstream", "upstream ", "upstreax", "upstrem", "downstreax", "downstre",
            "downstreal", "downstreamm", "laterax", "lateral ", "upstreal", #"lateral\u0000"#,
            "later", "am", "al", "uplateral",
        ]
        for word in bad {
            #expect(fields(#""pull":"\#(word)""#).pull.state == .badValue, "\(word)")
        }
        for type in SignalType.allCases {
            let field = fields(#""type":"\#(type.word)""#).type
            #expect(field.state == .good && field.value == type)
        }
        for word in [
            "", "Signal", "signals", "signa", "event ", #"event\u0000"#, "errors", "handoff",
        ] {
            #expect(fields(#""type":"\#(word)""#).type.state == .badValue, "\(word)")
        }
        for phase in Phase.allCases {
            let field = fields(#""hive":"\#(phase.letter)""#).phase
            #expect(field.state == .good && field.value == phase)
        }
        #expect(fields(#""hive":"\u0056""#).phase.value == .validate)
        for word in ["", "h", "HH", "Y", " H", "É"] {
            #expect(fields(#""hive":"\#(word)""#).phase.state == .badValue, "\(word)")
        }
    }

    @Test func `keys are compared after unescaping`() {
        #expect(fields(#""\u0070ort":3"#).port.value == 3)
        #expect(fields(#""t\u0073":"2025-12-29T10:00:00Z""#).timestamp.state == .good)
        #expect(fields(#""evidenc\u0065":"r""#).evidence.state == .good)
        #expect(fields(#""ts":"2025\u002d12-29T10:00:00Z""#).timestamp.state == .good)
        #expect(scan(#"{"port":3,"p\u006frt":3}"#).failure?.fault == .duplicateKey)
        #expect(scan(#"{"traceparen\u0074":null,"traceparent":1}"#).failure?.fault == .duplicateKey)
        #expect(scan(#"{"specversio\u006e":"1.0"}"#).isEnvelope)
    }

    @Test func `a mark lies between 0 and 1 as it is written`() {
        let good = [
            ("0", 0), ("1", 1), ("0.0", 0), ("1.0", 1), ("-0.0", 0), ("-0", 0), ("0.5", 0.5),
            ("0.1", 0.1), ("0.85", 0.85), ("0.999999", 0.999999), ("0.12345678", 0.12345678),
            ("0.00001", 0.00001), ("1e-5", 1e-5), ("1e0", 1), ("10e-1", 1), ("0.3e0", 0.3),
            ("1e-400", 0), ("-0e9", 0), ("-0.000", 0), ("1000e-3", 1), ("0.001e3", 1),
            ("1.000000000000000000000", 1), ("0.99999999999999999999", 1),
            ("0.30000000000000004", 0.30000000000000004),
            ("0.1234567890123456789", 0.1234567890123456789), ("1.00000", 1), ("0.7", 0.7),
        ]
        for (text, value) in good {
            let field = fields("\"mark\":\(text)").mark
            #expect(field.state == .good && field.value == value, "\(text)")
            let spaced = fields("\"mark\": \(text) ").mark
            #expect(spaced.state == .good && spaced.value == value, "\(text)")
        }
        for text in [
            "1.1", "2", "-0.1", "-1", "1.0000001", "1e400", "-1e400", "9.99999", "1e1",
            "1.00000000000000000001", "10.000000000000000001e-1", "-1e-400", "-0.0001e-400",
            "100000000000000000001e-20",
        ] {
            #expect(fields("\"mark\":\(text)").mark.state == .badValue, "\(text)")
        }
        for text in ["\"1.0\"", "null", "true", "[0.5]", "{}"] {
            #expect(fields("\"mark\":\(text)").mark.state == .wrongType, "\(text)")
        }
    }

    @Test func `a short fraction is the double that its text means`() {
        for digits in 0..<100_000 {
            let fraction = String(String(digits + 100_000).dropFirst())
            for text in ["0.\(fraction)", "1.\(fraction)"] {
                let line = Array("{\"mark\":\(text)}".utf8)
                #expect(scan(line).fields.mark.value == Double(text))
            }
        }
    }

    @Test func `generation and port are integers without fraction and exponent`() {
        let generations: [(String, FieldState, Int64)] = [
            ("87", .good, 87), ("0", .good, 0), ("-0", .good, 0), ("-5", .good, -5),
            ("1234567", .good, 1_234_567), ("12345678", .good, 12_345_678),
            ("9223372036854775807", .good, .max), ("9223372036854775808", .good, .max),
            ("99999999999999999999999", .good, .max), ("-9223372036854775808", .good, .min),
            ("-9223372036854775809", .good, .min), ("-99999999999999999999", .good, .min),
            ("87.0", .badValue, 0), ("87e0", .badValue, 0), ("8.7E1", .badValue, 0),
            ("\"87\"", .wrongType, 0), ("null", .wrongType, 0), ("[87]", .wrongType, 0),
        ]
        for (text, state, value) in generations {
            for spaced in [
                "\"gen\":\(text)", "\"gen\" : \(text) ", "\"gen\":\(text),\"x\":\"yyyyyyyy\"",
            ] {
                let field = fields(spaced).generation
                #expect(field.state == state && field.value == value, "\(spaced)")
            }
        }
        for port in 0...7 {
            let field = fields("\"port\":\(port)").port
            #expect(field.state == .good && field.value == UInt8(port))
        }
        #expect(fields("\"port\":-0").port.state == .good)
        for text in ["8", "-1", "10", "70", "7.0", "0e0", "99999999999999999999", "256"] {
            #expect(fields("\"port\":\(text)").port.state == .badValue, "\(text)")
        }
        for text in ["\"7\"", "null", "false"] {
            #expect(fields("\"port\":\(text)").port.state == .wrongType, "\(text)")
        }
        for text in ["01", "007", "1.", "-"] {
            #expect(
                scan("{\"gen\":\(text),\"x\":\"yyyyyyyy\"}").failure?.fault == .syntax,
                "\(text)"
            )
        }
    }

    @Test func `a message has a character that is not white space`() {
        let blank = [
            "", " ", "\\t\\n\\r", "\\u0020", "\u{A0}", "\u{1680}", "\u{2000}\u{200A}", "\u{2028}",
            "\u{2029}\u{202F}\u{205F}\u{3000}", "\u{85}", "\\u000b\\u000c\\u0085", "\\u3000 ",
        ]
        for text in blank {
            #expect(fields("\"msg\":\"\(text)\"").message.state == .badValue, "\(text)")
        }
        for text in [
            "x", " x", "\\u0041", "\u{200B}", "\u{FEFF}", "\\u0000", "é", " \u{1F600}", "\\\"",
            "\u{7F}",
        ] {
            #expect(fields("\"msg\":\"\(text)\"").message.state == .good, "\(text)")
        }
        #expect(fields("\"msg\":null").message.state == .wrongType)
        #expect(fields("\"msg\":7").message.state == .wrongType)
    }

    @Test func `optional keys may be null and must else be strings`() {
        for key in ["id", "parent", "agent", "task", "evidence"] {
            let paths: [String: KeyPath<SignalFields, TextField>] = [
                "id": \.identifier, "parent": \.parent, "agent": \.agent, "task": \.task,
                "evidence": \.evidence,
            ]
            guard let path = paths[key] else { continue }
            #expect(fields("\"\(key)\":null")[keyPath: path].state == .absent)
            #expect(fields("\"\(key)\":\"x\"")[keyPath: path].state == .good)
            #expect(fields("\"\(key)\":\"\"")[keyPath: path].state == .good)
            #expect(fields("\"\(key)\":7")[keyPath: path].state == .wrongType)
            #expect(fields("\"\(key)\":{}")[keyPath: path].state == .wrongType)
        }
    }

    @Test func `a timestamp of another type or with a bad date is told apart`() {
        #expect(fields(#""ts":"2025-02-30T10:00:00Z""#).timestamp.state == .badValue)
        #expect(fields(#""ts":"""#).timestamp.state == .badValue)
        #expect(fields(#""ts":1767002400"#).timestamp.state == .wrongType)
        #expect(fields(#""ts":null"#).timestamp.state == .wrongType)
        #expect(fields(#""ts":"2025-12-29T10:00:00.5+01:00""#).timestamp.state == .good)
    }
}
