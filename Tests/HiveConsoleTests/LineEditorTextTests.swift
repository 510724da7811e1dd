import HiveTestKit
import Testing

@testable import HiveConsole

/// Keys, columns, prompts and histories.
@Suite struct LineEditorTextTests {
    @Test func `characters come whole, however their bytes are split`() {
        let text = "aé漢😀\u{1B}[A\u{03}ß"
        let bytes = Array(text.utf8)
        for first in 0...bytes.count {
            for second in first...bytes.count {
                var decoder = KeyDecoder(isUnicode: true)
                var typed = String.UnicodeScalarView()
                for part in [bytes[..<first], bytes[first..<second], bytes[second...]] {
                    decoder.take(part)
                    while let scalar = decoder.next() { typed.append(scalar) }
                }
                #expect(String(typed) == text)
            }
        }
    }

    @Test func `where the locale is not UTF-8 only ASCII can be typed`() {
        var decoder = KeyDecoder(isUnicode: false)
        decoder.take(Array("a\u{E9}b".utf8) + [0xFF])
        var typed = String.UnicodeScalarView()
        while let scalar = decoder.next() { typed.append(scalar) }
        #expect(String(typed) == "ab")
    }

    @Test func `runs of colours in a prompt are marked once, before what they colour`() {
        let marked = PromptText.marked("\u{1B}[1ma\u{1B}[0m\u{1B}[2mb\u{1B}[0m c")
        #expect(marked == "\u{1}\u{1B}[1m\u{1}a\u{1}\u{1B}[0m\u{1B}[2m\u{1}b\u{1}\u{1B}[0m\u{1} c")
        #expect(PromptText.marked("plain › ") == "plain › ")
    }

    @Test(arguments: [
        ("", 10, 0), ("abc", 6, 0), ("abcd", 6, 1), ("abcdefghijklmn", 6, 2), ("漢漢", 7, 1),
        ("\u{3}\u{3}", 6, 1),
    ])
    func `rows are counted as the terminal wraps`(text: String, prompt: Int, rows: Int) {
        #expect(Columns.rows(of: text, after: prompt, width: prompt == 10 ? 20 : 10) == rows)
    }

    @Test func `candidates are listed downwards in as many columns as fit`() {
        let words = ["aa", "bb", "cc", "dd", "ee"]
        let terminal = Terminal(descriptor: -1)
        #expect(
            Columns.lines(words, width: 10).map { $0.text(for: terminal) }
                == ["aa  dd", "bb  ee", "cc"]
        )
        #expect(Columns.lines(words, width: 3).count == 5)
    }

    @Test func `a history keeps its last lines, none twice in a row, and no control characters`()
        throws
    {
        let folder = try TemporaryFolder()
        let path = folder.at("deep/below/history")
        var history = HistoryFile(path: path)
        #expect(history.load() == [])
        for line in ["one", "one", "two", "", "es\u{1B}cape", "one"] { history.add(line) }
        #expect(
            String(decoding: folder.bytes("deep/below/history"), as: UTF8.self) == "one\ntwo\none\n"
        )

        let many = (0..<HistoryFile.linesMax + 50).map { "line \($0)\n" }.joined()
        try folder.write(Array(many.utf8), to: "deep/below/history")
        var again = HistoryFile(path: path)
        let lines = again.load()
        #expect(lines.count == HistoryFile.linesMax)
        #expect(lines.first == "line 50")
        #expect(folder.bytes("deep/below/history").count(where: { $0 == 0x0A }) == lines.count)
        again.add("line \(HistoryFile.linesMax + 49)")
        #expect(folder.bytes("deep/below/history").count(where: { $0 == 0x0A }) == lines.count)
    }

    @Test func `the history is where the base directories say`() {
        func path(_ variables: [String: String]) -> String? {
            HistoryFile.standardPath { variables[$0] }
        }
        #expect(path(["XDG_STATE_HOME": "/s", "HOME": "/h"]) == "/s/hive/history")
        #expect(path(["XDG_STATE_HOME": "s", "HOME": "/h"]) == "/h/.local/state/hive/history")
        #expect(path(["HOME": "h"]) == nil)
    }
}
