/// One way for a line to be bad: each fails a frame check (F0, F2) or a gate (G0–G7, G9), whatever
/// the rules of the phases say.
enum CorpusFault: Sendable {
    /// A required key is not there.
    case missing(String)
    /// A required key has this value token.
    case value(String, String)
    /// One more member, given as its two tokens.
    case member(String, String)
    /// These bytes stand at the start of the message.
    case messageBytes([UInt8])
    /// The whole line is damaged.
    case damage(Damage)

    /// What editors, shells and crashes do to a whole line.
    enum Damage: Sendable, CaseIterable {
        case byteOrderMark, utf16, embeddedNul, cutShort, unterminatedString, glued, trailingText
        case trailingComment, trailingComma, doubleComma, missingComma, missingColon, singleQuotes
        case bareKey, wrappedInArray, plainText, justString, emptyObject, emptyArray
    }

    /// Damages the draft; call before rendering.
    func mend(_ draft: inout CorpusDraft) {
        switch self {
        case .missing(let key): draft.remove(key)
        case .value(let key, let token): draft.replace(key, with: token)
        case .member(let key, let value):
            draft.members.append(CorpusDraft.Member(key: key, value: value))
        case .messageBytes, .damage: break
        }
    }

    /// Damages the rendered line (without its line end).
    func mangle(_ bytes: inout [UInt8], messageStart: Int) {
        switch self {
        case .missing, .value, .member: break
        case .messageBytes(let intruders): bytes.insert(contentsOf: intruders, at: messageStart)
        case .damage(let damage): damage.mangle(&bytes, messageStart: messageStart)
        }
    }

    /// Every fault, family after family; a family is drawn first, so that each is equally common.
    static let families: [[CorpusFault]] = [
        required.map { .missing($0) },
        wrongTypes,
        timestamps.map { .value("ts", "\"\($0)\"") },
        marks.map { .value("mark", $0) },
        generations.map { .value("gen", $0) },
        ports.map { .value("port", $0) },
        words,
        [#""""#, #""   ""#, #""\t\n\r""#, #""\u0020\u2003\u3000""#, "\"\u{a0}\u{2028}\""]
            .map { .value("msg", $0) },
        duplicates,
        surrogates,
        encodings.map { .messageBytes($0) },
        // Raw control characters: RFC 8259 §7 wants them escaped.
        [[0x01], [0x09], [0x0B], [0x1F]].map { .messageBytes($0) },
        literals,
        traceparents.map { .member(#""traceparent""#, "\"\($0)\"") },
        Damage.allCases.map { .damage($0) },
    ]

    private static let required = ["ts", "mark", "pull", "msg", "type", "hive", "gen", "port"]

    private static let wrongTypes: [CorpusFault] =
        required.map { .value($0, "null") } + required.map { .value($0, "[1]") } + [
            .value("ts", "1735689600"), .value("mark", #""0.9""#), .value("mark", "true"),
            .value("pull", "1"), .value("msg", "42"), .value("msg", #"{"text":"found"}"#),
            .value("type", "false"), .value("hive", "0"), .value("gen", #""87""#),
            .value("port", #""3""#), .value("port", "true"),
        ]

    private static let timestamps = [
        "2025-02-30T10:00:00Z", "2025-02-29T10:00:00Z", "1900-02-29T10:00:00Z",
        "2025-04-31T10:00:00Z", "2025-13-01T10:00:00Z", "2025-00-10T10:00:00Z",
        "2025-01-00T10:00:00Z", "2025-01-32T10:00:00Z", "2025-01-10T24:00:00Z",
        "2025-01-10T10:60:00Z", "2025-01-10T10:00:61Z", "2025-01-10T10:00:00",
        "2025-01-10 10:00:00Z", "2025-01-10T10:00Z", "2025-01-10", "2025-1-10T10:00:00Z",
        "2025-01-10T10:00:00.Z", "2025-01-10T10:00:00+0200", "2025-01-10T10:00:00+24:00",
        "2025-01-10T10:00:00+02:60", "2025-01-10T10:00:00+2:00", "2025-01-10T10:00:00ZZ",
        "10/01/2025 10:00:00", "now", "", "+2025-01-10T10:00:00Z", "2025-01-10T10:00:00,5Z",
    ]

    private static let marks = [
        "1.5", "-0.1", "1.0000000001", "2", "-1", "100", "1e9", "1.1e0", "1e308", "-1e-300",
    ]

    private static let generations = [
        "86", "87.0", "8.7e1", "87e0", "870e-1", "0", "-87", "86.99", "88.5", "1",
        "-9223372036854775808",
    ]

    private static let ports = [
        "8", "-1", "3.0", "1e0", "0.5", "255", "256", "4294967296", "18446744073709551615", "7.0",
        "-9223372036854775807",
    ]

    private static let words: [CorpusFault] =
        [#""sideways""#, #""Downstream""#, #""downstream ""#, #""""#, #""down""#]
        .map { .value("pull", $0) }
        + [#""handoff""#, #""schema""#, #""Signal""#, #""signals""#, #""""#]
        .map { .value("type", $0) }
        + [#""h""#, #""HH""#, #""Q""#, #""""#, #""HUNT""#, #""H ""#].map { .value("hive", $0) }

    /// The same key twice, plainly or by escape, at the top or deep inside.
    private static let duplicates: [CorpusFault] = [
        .member(#""gen""#, "87"), .member(#""msg""#, #""again""#), .member(#""ts""#, "null"),
        .member(#""m\u0061rk""#, "0.5"), .member(#""\u0070ort""#, "0"),
        .member(#""hi\u0076e""#, #""H""#),
        .member(#""meta""#, #"{"a":1,"b":2,"a":3}"#),
        .member(#""meta""#, #"[0,{"k":{"x":1,"\u0078":2}}]"#),
        .member(#""meta""#, #"{"ö":1,"\u00f6":2}"#), .member(#""meta""#, #"{"":1,"":2}"#),
        .member(#""meta""#, #"{"🐝":1,"\ud83d\udc1d":2}"#),
    ]

    private static let surrogates: [CorpusFault] = [
        .member(#""note""#, #""\ud800""#), .member(#""note""#, #""\udc00 low first""#),
        .member(#""note""#, #""\ud83d\u0041""#), .member(#""note""#, #""\uD83Dx""#),
        .member(#""note""#, #""\ud83d\ud83d\udc1d""#), .member(#""\udfff""#, "1"),
        .member(#""note""#, #"["deep",{"k":"\udbff\n"}]"#),
    ]

    /// Not UTF-8 (RFC 3629): overlong, cut short, surrogates, beyond U+10FFFF, stray bytes,
    /// Latin-1.
    private static let encodings: [[UInt8]] = [
        [0xC0, 0xAF], [0xC1, 0x81], [0xE0, 0x80, 0xAF], [0xF0, 0x80, 0x80, 0xAF], [0xE2, 0x82],
        [0xF0, 0x9F, 0x90], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80],
        [0xF5, 0x80, 0x80, 0x80], [0x80], [0xBF, 0xBF], [0xFF], [0xFE], [0xFC], [0xE9],
    ]

    /// Values and escapes that RFC 8259 does not know, and nesting of 65.
    private static let literals: [CorpusFault] =
        [
            "NaN", "Infinity", "-Infinity", "nan", "undefined", "None", "True", "tru", "nulll",
            "01",
            "-01", ".5", "1.", "-", "+1", "0x1F", "1e", "1e+", "1_000", "'single'", #""\x41""#,
            #""\u12G4""#, #""\u123""#, #""\'""#, "[1,]", "[1 2]", #"{"a" 1}"#, #"{"a":}"#, "{,}",
            "[1}", #"{1:2}"#, "",
            String(repeating: "[", count: 64) + "1" + String(repeating: "]", count: 64),
            String(repeating: #"{"d":"#, count: 64) + "0" + String(repeating: "}", count: 64),
        ].map { .member(#""extra""#, $0) }
        + [.value("mark", "NaN"), .value("mark", ".9"), .value("gen", "087"), .value("port", "+1")]

    /// Not W3C Trace Context, version 00.
    private static let traceparents = [
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-extra",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        "00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01",
        "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01", "",
    ]
}

extension CorpusFault.Damage {
    /// Damages the rendered line (without its line end).
    func mangle(_ bytes: inout [UInt8], messageStart: Int) {
        let comma = UInt8(ascii: ",")
        let firstComma = bytes.firstIndex(of: comma) ?? 0
        let firstColon = bytes.firstIndex(of: UInt8(ascii: ":")) ?? 0
        switch self {
        case .byteOrderMark: bytes.insert(contentsOf: [0xEF, 0xBB, 0xBF], at: 0)
        case .utf16: bytes = Self.utf16(bytes)
        case .embeddedNul: bytes.insert(0, at: messageStart)
        case .cutShort: bytes.removeLast(bytes.count / 3)
        case .unterminatedString:
            bytes.removeLast()
            bytes.append(contentsOf: #","note":"no end}"#.utf8)
        case .glued: bytes.append(contentsOf: bytes)
        case .trailingText: bytes.append(contentsOf: " done".utf8)
        case .trailingComment: bytes.append(contentsOf: " // why".utf8)
        case .trailingComma: bytes.insert(comma, at: bytes.count - 1)
        case .doubleComma: bytes.insert(comma, at: firstComma)
        case .missingComma: bytes[firstComma] = UInt8(ascii: " ")
        case .missingColon: bytes[firstColon] = UInt8(ascii: " ")
        case .singleQuotes:
            for index in bytes.indices where bytes[index] == UInt8(ascii: "\"") {
                bytes[index] = UInt8(ascii: "'")
            }
        case .bareKey: bytes.removeSubrange(1..<2)
        case .wrappedInArray:
            bytes.insert(UInt8(ascii: "["), at: 0)
            bytes.append(UInt8(ascii: "]"))
        case .plainText: bytes = Array("HUNT: found the spec, see notes".utf8)
        case .justString: bytes = Array(#""HUNT: found the spec""#.utf8)
        case .emptyObject: bytes = Array("{}".utf8)
        case .emptyArray: bytes = Array("[]".utf8)
        }
    }

    /// The ASCII of the line as PowerShell appends it: UTF-16LE, with its own CR LF but for the
    /// last NUL, which follows the LF and so is the first byte of the next line.
    private static func utf16(_ bytes: [UInt8]) -> [UInt8] {
        var wide: [UInt8] = []
        for byte in bytes where byte < 0x80 { wide.append(contentsOf: [byte, 0]) }
        return wide + [UInt8(ascii: "\r"), 0]
    }
}
