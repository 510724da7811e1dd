import HiveSignal

/// JSON values by production of RFC 8259, and the ways to break each of them.
enum JSONCorpus {
    /// Values that every reader takes.
    static let good: [String] = [
        // §3 literals
        "null", "true", "false",
        // §4 objects
        "{}", "{ }", #"{"a":1}"#, #"{"a":1,"b":2}"#, "{ \"a\" : 1 , \"b\"\t:\r 2 }", #"{"":0}"#,
        #"{"a":{"a":{"a":[]}}}"#, #"{"a":1,"A":2}"#, #"{"aaaaaaaaX":1,"aaaaaaaaY":2}"#,
        #"{"a b":1,"a\u0000":2,"a":3}"#, "{\"\u{E9}\":1,\"e\u{301}\":2}",
        // §5 arrays
        "[]", "[ ]", "[1]", "[1,2]", "[ 1 , [ ] , {} ]", "[[[[[]]]]]", #"["a",null,true]"#,
        // §6 numbers
        "0", "-0", "1", "-1", "10", "1234567890", "0.0", "-0.5", "1.25", "0.00", "1e5", "1E5",
        "1e+5", "1e-5", "1.5e10", "0e0", "0E-0", "-0.0e+00", "1e400", "-1e400", "1e-400",
        "123456789012345678901234567890", "0.123456789012345678901234567890", "1e00000000005",
        "9223372036854775807", "9223372036854775808", "-9223372036854775809",
        // §7 strings
        #""""#, #""a""#, #""abcdefg""#, #""abcdefgh""#, #""abcdefghi""#, #""abcdefghijklmno""#,
        #""abcdefghijklmnop""#, #""abcdefghijklmnopq""#, #""\"\\\/\b\f\n\r\t""#, #""\u0041""#,
        #""\uabCD\uFFFF\u0000""#, #""\ud83d\ude00""#, #""\uD800\uDC00\uDBFF\uDFFF""#,
        "\"\u{7F}\"", "\"é\u{2028}\u{FEFF}\u{1F600}\u{10FFFF}\"", #""//""#, #""[{,:}]""#,
    ]

    /// Texts that are no value, whatever is around them.
    static let broken: [String] = [
        // literals
        "nul", "nulll", "Null", "TRUE", "tru", "trux", "fals", "falsy", "undefined", "NaN",
        "Infinity", "-Infinity", "n", "t", "f",
        // objects
        "{", "}", "{]", "{,}", "{1:1}", "{a:1}", "{'a':1}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#,
        #"{"a":1,,"b":2}"#, #"{"a" 1}"#, #"{"a":1 "b":2}"#, #"{"a"::1}"#, #"{"a":1"#, #"{"a":"#,
        #"{"a""#, #"{"a"#, #"{"a":1,"#, #"{,"a":1}"#, #"{null:1}"#, #"{"a":1]"#, #"{"a"=1}"#,
        #"{"a":1;"b":2}"#, #"{"a":1/**/}"#, #"{"a":1//"#,
        // arrays
        "[", "]", "[}", "[,]", "[1,]", "[1,,2]", "[,1]", "[1 2]", "[1", "[1,", "[1:2]", "[1}",
        // numbers
        "-", "+1", "01", "-01", "00", "1.", ".5", "-.5", "1.e5", "1e", "1e+", "1E-", "1e1.5", "0x1",
        "1_000", "--1", "-a", "1a", "0.", "1..2", "1e5e5", "٣", "1 000", "0b1", "1f", "- 1",
        // strings
        #"""#, #""a"#, "'a'", #""\""#, #""\x41""#, #""\u""#, #""\u1""#, #""\u12""#, #""\u123""#,
        #""\u12g4""#, #""\u 123""#, #""\U0041""#, #""\'""#, #""\0""#, #""\a""#, #""\v""#, #""\e""#,
        "\"\t\"", "\"\r\"", "\"\u{1}\"", "\"\u{1F}\"", "\"abcdefgh\u{1F}\"", "\"é\u{1F}\"",
        #""a"b"#,
        #""a" "b""#, "\"\\\t\"", "a", #"\"a\""#, "\"\\\u{E9}\"", #""\u00e""#, #""\u-123""#,
        // white space that JSON does not know
        "\u{B}1", "\u{C}1", "\u{A0}1", "1\u{85}", "\u{2028}1", "\u{3000}1",
    ]

    /// Values whose escapes are no Unicode text.
    static let loneSurrogates: [String] = [
        #""\ud800""#, #""\udbff""#, #""\udc00""#, #""\udfff""#, #""\ud800a""#, #""\ud800\n""#,
        #""\ud800\u0041""#, #""\ud800\ud800""#, #""\udc00\ud800""#, #""a\uDead""#,
        #""\ud83d\ude0""#, #""\ud83d\\ude00""#, #""\ud83d \ude00""#, #""\uD800\uD83D\uDE00""#,
        #"{"\ud800":1}"#, #"["\udc00"]"#,
    ]

    /// Objects with a key twice, compared as decoded.
    static let duplicates: [String] = [
        #"{"a":1,"a":1}"#, #"{"a":1,"\u0061":2}"#, #"{"\u0061":1,"a":2}"#, #"{"":1,"":2}"#,
        #"{"a":1,"b":2,"a":3}"#, #"{"\/":1,"/":2}"#, #"{"\n":1,"\u000a":2}"#,
        #"{"é":1,"\u00e9":2}"#, #"{"😀":1,"\ud83d\ude00":2}"#, #"[{"a":1,"a":2}]"#,
        #"{"a":{"b":1,"b":2}}"#, #"{"abcdefghi":1,"abcdefgh\u0069":2}"#,
        #"{"ts":1,"ts":2}"#, #"{"\u0000":1,"\u0000":2}"#, #"{"a":1,"a":{"b":[}"#,
    ]

    /// Well-formed and ill-formed UTF-8 (Unicode 15, table 3-7 and its borders).
    static let utf8: [(bytes: [UInt8], isGood: Bool)] = [
        ([0x7F], true), ([0xC2, 0x80], true), ([0xDF, 0xBF], true), ([0xE0, 0xA0, 0x80], true),
        ([0xE1, 0x80, 0x80], true), ([0xEC, 0xBF, 0xBF], true), ([0xED, 0x80, 0x80], true),
        ([0xED, 0x9F, 0xBF], true), ([0xEE, 0x80, 0x80], true), ([0xEF, 0xBF, 0xBF], true),
        ([0xF0, 0x90, 0x80, 0x80], true), ([0xF1, 0x80, 0x80, 0x80], true),
        ([0xF3, 0xBF, 0xBF, 0xBF], true), ([0xF4, 0x80, 0x80, 0x80], true),
        ([0xF4, 0x8F, 0xBF, 0xBF], true), ([0xEF, 0xBB, 0xBF], true),
        // Alone, cut off, and a wrong byte at each place.
        ([0x80], false), ([0xBF], false), ([0xC2], false), ([0xE1], false), ([0xE1, 0x80], false),
        ([0xF1], false), ([0xF1, 0x80], false), ([0xF1, 0x80, 0x80], false), ([0xC2, 0x41], false),
        ([0xC2, 0xC2], false), ([0xE1, 0x41, 0x80], false), ([0xE1, 0x80, 0x41], false),
        ([0xF1, 0x41, 0x80, 0x80], false), ([0xF1, 0x80, 0x41, 0x80], false),
        ([0xF1, 0x80, 0x80, 0x41], false), ([0xF1, 0x80, 0x80, 0xC0], false),
        // Overlong.
        ([0xC0, 0x80], false), ([0xC0, 0xAF], false), ([0xC1, 0xBF], false),
        ([0xE0, 0x80, 0x80], false), ([0xE0, 0x9F, 0xBF], false),
        ([0xF0, 0x80, 0x80, 0x80], false), ([0xF0, 0x8F, 0xBF, 0xBF], false),
        // Surrogates.
        ([0xED, 0xA0, 0x80], false), ([0xED, 0xBF, 0xBF], false),
        ([0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80], false),
        // Beyond U+10FFFF.
        ([0xF4, 0x90, 0x80, 0x80], false), ([0xF5, 0x80, 0x80, 0x80], false), ([0xF8], false),
        ([0xFC], false), ([0xFE], false), ([0xFF], false),
    ]
}
