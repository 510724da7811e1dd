import HiveConsole
import Testing

/// Sentences at a terminal's edge.
@Suite struct ProseTests {
    private func rows(_ line: Line, columns: UInt16) throws -> [String] {
        var rows: [String] = []
        try withTerminal(columns: columns) { terminal in
            rows = uncoloured(line.text(for: terminal)).split(separator: "\n").map(String.init)
        }
        return rows
    }

    @Test func `words stay whole, and further rows are indented`() throws {
        let line = Line.prose("  one two three four five six seven", indent: 4)
        #expect(
            try rows(line, columns: 20)
                == ["  one two three four", "    five six seven"]
        )
        #expect(try rows(line, columns: 80) == ["  one two three four five six seven"])
    }

    @Test func `a word that is longer than a row is left to the terminal`() throws {
        let long = String(repeating: "x", count: 30)
        #expect(try rows(.prose("a \(long) b"), columns: 20) == ["a", "\(long) b"])
    }

    @Test func `styles and wide characters break where they should`() throws {
        var line = Line("漢字漢字 ", .red)
        line.add("漢字漢字漢字 end", .dim)
        line.wrapIndent = 2
        #expect(try rows(line, columns: 20) == ["漢字漢字", "  漢字漢字漢字 end"])
    }

    @Test func `what may be copied is not broken`() throws {
        let line = Line(String(repeating: "word ", count: 20))
        #expect(try rows(line, columns: 20).count == 1)
    }
}
