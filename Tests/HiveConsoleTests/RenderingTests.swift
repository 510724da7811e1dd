import Glibc
import HiveTestKit
import Testing

@testable import HiveConsole

/// What people see: text from a board made harmless, columns that line up, numbers they can read.
@Suite struct RenderingTests {
    // MARK: SafeText

    @Test(arguments: [
        ("plain text", "plain text"),
        ("naïve → 日本 👩‍💻", "naïve → 日本 👩‍💻"),
        ("\u{1B}[31mred", "\\u001b[31mred"),
        ("bell\u{07} delete\u{7F}", "bell\\u0007 delete\\u007f"),
        ("C1 \u{9B}31m \u{85}", "C1 \\u009b31m \\u0085"),
        ("NUL\u{0}", "NUL\\u0000"),
        ("a\nb\rc\td\r\n", "a\\nb\\rc\\td\\r\\n"),
        ("\u{202E}live\u{2066}\u{200F}", "\\u202elive\\u2066\\u200f"),
        ("\u{2028}\u{2029}", "\\u2028\\u2029"),
        ("\u{FEFF}zero\u{200B}width", "\\ufeffzero\\u200bwidth"),
        ("\u{E0041}tag", "\\u{e0041}tag"),
    ])
    func `what a terminal would obey or hide is shown as an escape`(raw: String, shown: String) {
        #expect(SafeText.escaped(raw) == shown)
        #expect(SafeText.escaped(shown) == shown, "what is safe stays as it is")
    }

    @Test func `no scalar below U+3100 reaches the terminal as a control`() {
        for value in UInt32(0)...0x3100 {
            guard let scalar = Unicode.Scalar(value) else { continue }
            for shown in SafeText.escaped(String(scalar)).unicodeScalars where shown != "\u{200D}" {
                let category = shown.properties.generalCategory
                #expect(category != .control && category != .format, "U+\(value)")
            }
        }
    }

    @Test(arguments: [
        ("", 0), ("abc", 3), ("日本", 4), ("e\u{301}", 1), ("👍", 2), ("Ａ", 2), ("→✓", 2),
    ])
    func `columns count what a terminal shows`(text: String, columns: Int) {
        #expect(SafeText.columns(text) == columns)
    }

    @Test func `a cut text ends in the ellipsis and never takes more than its room`() {
        #expect(SafeText.cut("abcdef", toColumns: 6, ellipsis: "…") == "abcdef")
        #expect(SafeText.cut("abcdef", toColumns: 5, ellipsis: "…") == "abcd…")
        #expect(SafeText.cut("abcdef", toColumns: 5, ellipsis: "...") == "ab...")
        #expect(
            SafeText.cut("日本語", toColumns: 4, ellipsis: "…") == "日…",
            "half a character is none"
        )
        for columns in 1...12 {
            let cut = SafeText.cut("a日b本c語d", toColumns: columns, ellipsis: "…")
            #expect(SafeText.columns(cut) <= columns)
        }
    }

    // MARK: Line

    @Test func `a line is escaped on the way in, whatever style it has`() throws {
        try withTerminal(columns: 40) { terminal in
            let text = Line("\u{1B}]0;title\u{07}", .red).text(for: terminal)
            #expect(uncoloured(text) == "\\u001b]0;title\\u0007")
            #expect(text.hasPrefix("\u{1B}[31m") == terminal.hasColour)
        }
    }

    @Test func `a list's line ends at the terminal's edge, any other goes on`() throws {
        try withTerminal(columns: 30) { terminal in
            var line = Line("0123456789", .bold)
            line.add("0123456789")
            line.add(" and much more", .red)
            line.add(" and never shown")
            #expect(line.columns == 50)
            #expect(uncoloured(line.text(for: terminal)).hasSuffix("never shown"))
            line.isCut = true
            let shown = uncoloured(line.text(for: terminal))
            #expect(shown.hasPrefix("01234567890123456789 and m"))
            #expect(shown.hasSuffix(terminal.ellipsis))
            #expect(SafeText.columns(shown) == 30)
        }
    }

    @Test func `a line that just fits is not cut`() throws {
        try withTerminal(columns: 20) { terminal in
            var line = Line("0123456789")
            line.add("0123456789")
            line.isCut = true
            #expect(line.text(for: terminal) == "01234567890123456789")
        }
    }

    @Test func `nothing is cut or coloured where there is no terminal`() throws {
        let null = open("/dev/null", O_WRONLY | O_CLOEXEC)
        defer { close(null) }
        let terminal = Terminal(descriptor: null)
        var line = Line(String(repeating: "long ", count: 100), .green)
        line.isCut = true
        #expect(line.text(for: terminal) == String(repeating: "long ", count: 100))
    }

    // MARK: Table

    @Test func `a table's columns line up by what is seen, numbers at the right`() {
        let null = Terminal(descriptor: -1)
        var table = Table()
        table.rightAligned = [1]
        table.add([Line("日本"), Line("7"), Line("first")])
        table.add([Line("a"), Line("1,234"), Line("the last column is as wide as it likes")])
        table.add([Line("only one")])
        let texts = table.lines.map { $0.text(for: null) }
        let expected = [
            "日本          7  first",
            "a         1,234  the last column is as wide as it likes",
            "only one",
        ]
        #expect(texts == expected)
    }

    @Test func `an empty table has no lines`() {
        #expect(Table().lines.isEmpty)
    }

    // MARK: Format

    @Test(arguments: [
        (0, "0"), (7, "7"), (999, "999"), (1_000, "1,000"), (-1_234_567, "-1,234,567"),
        (Int64.min, "-9,223,372,036,854,775,808"),
    ])
    func `numbers stand in groups of three`(value: Int64, text: String) {
        #expect(Format.count(value) == text)
    }

    @Test func `a noun follows its number`() {
        #expect(Format.count(1, "line") == "1 line")
        #expect(Format.count(0, "line") == "0 lines")
        #expect(Format.count(2_000, "line") == "2,000 lines")
    }

    @Test(arguments: [
        (0, "0 bytes"), (1, "1 byte"), (1_023, "1,023 bytes"), (1_024, "1.0 KiB"),
        (3 << 20, "3.0 MiB"), (3_565_158, "3.4 MiB"), (5 << 40, "5.0 TiB"),
    ])
    func `sizes have the unit that suits them`(value: Int64, text: String) {
        #expect(Format.bytes(value) == text)
    }

    @Test(arguments: [
        (0, "0 s"), (42, "42 s"), (60, "1 min"), (185, "3 min 5 s"), (3_600, "1 h"),
        (7_620, "2 h 7 min"), (3_605, "1 h"), (349_200, "4 d 1 h"),
    ])
    func `times are told in their two largest units`(seconds: Int64, text: String) {
        #expect(Format.duration(seconds: seconds) == text)
    }

    @Test(arguments: [
        (0.04, "0.0"), (0.96, "1.0"), (-0.5, "-0.5"), (12.34, "12.3"), (.infinity, "inf"),
    ])
    func `decimals have one digit after the point`(value: Double, text: String) {
        #expect(Format.decimal(value) == text)
    }

    @Test func `an id is cut to what names it`() {
        #expect(Format.shortID("q-0123456789abcdef01234567") == "q-0123456789")
        #expect(Format.shortHex("0123456789abcdef0123") == "0123456789abcdef")
    }
}
