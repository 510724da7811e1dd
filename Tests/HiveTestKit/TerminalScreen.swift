/// What a terminal shows: enough of ECMA-48 for a line editor.
///
/// Text wraps at the edge, and what leaves the top is kept in `scrolledOff`.
package struct TerminalScreen: Sendable {
    package private(set) var columns: Int
    package private(set) var rows: Int
    /// Lines that have left the top, oldest first.
    package private(set) var scrolledOff: [String] = []

    private var cells: [[Character]]
    private var row = 0
    private var column = 0
    /// The last column was written: the next character begins a new row.
    private var isAtEdge = false
    private var pending: [UInt8] = []

    package init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
        cells = Array(repeating: Array(repeating: " ", count: columns), count: rows)
    }

    /// The rows without the spaces at their ends; the second cell of a wide character is none.
    package var lines: [String] { cells.map(Self.text) }

    /// Everything that was shown, a row a line.
    package var text: String { (scrolledOff + lines).joined(separator: "\n") }

    /// The row that has the cursor.
    package var cursorLine: String { Self.text(cells[row]) }

    /// Rows are cut or filled up, and nothing is wrapped anew, as xterm does.
    package mutating func resize(columns: Int, rows: Int) {
        let kept = cells.map { Array(($0 + spaces(columns)).prefix(columns)) }
        let dropped = max(0, row + 1 - rows)
        scrolledOff += kept.prefix(dropped).map(Self.text)
        cells = Array(kept.dropFirst(dropped).prefix(rows))
        while cells.count < rows { cells.append(spaces(columns)) }
        self.columns = columns
        self.rows = rows
        row = min(row - dropped, rows - 1)
        column = min(column, columns - 1)
    }

    package mutating func feed(_ bytes: some Collection<UInt8>) {
        pending += bytes
        while let used = takeOne() { pending.removeFirst(used) }
    }

    private static func text(_ row: [Character]) -> String {
        var text = String(row.filter { $0 != "\0" })
        while text.last == " " { text.removeLast() }
        return text
    }

    private func spaces(_ count: Int) -> [Character] { Array(repeating: " ", count: count) }

    /// Handles one character or sequence; how many bytes it had, nil where it is not whole.
    private mutating func takeOne() -> Int? {
        guard let byte = pending.first else { return nil }
        switch byte {
        case 0x1B: return takeEscape()
        case 0x0D:
            column = 0
            isAtEdge = false
        case 0x0A: lineFeed()
        case 0x08:
            column = max(0, column - 1)
            isAtEdge = false
        case 0x00..<0x20: break
        default: return takeText(byte)
        }
        return 1
    }

    private mutating func takeText(_ byte: UInt8) -> Int? {
        let count = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
        guard pending.count >= count else { return nil }
        let text = String(decoding: pending[..<count], as: UTF8.self)
        for character in text { put(character) }
        return count
    }

    private mutating func put(_ character: Character) {
        let isWide = character.unicodeScalars.first.map { (0x1100...0xFFFF).contains($0.value) }
        let width = isWide == true && !"…›→↳▁▂▃▄▅▆▇█✓✗".contains(character) ? 2 : 1
        if isAtEdge || column + width > columns {
            column = 0
            lineFeed()
        }
        isAtEdge = false
        cells[row][column] = character
        if width == 2 { cells[row][column + 1] = "\0" }
        column += width
        if column >= columns {
            column = columns - 1
            isAtEdge = true
        }
    }

    private mutating func lineFeed() {
        isAtEdge = false
        if row + 1 < rows {
            row += 1
            return
        }
        scrolledOff.append(Self.text(cells.removeFirst()))
        cells.append(spaces(columns))
    }

    private mutating func takeEscape() -> Int? {
        guard pending.count >= 2 else { return nil }
        guard pending[1] == UInt8(ascii: "[") else { return 2 }
        guard let end = pending.dropFirst(2).firstIndex(where: { (0x40...0x7E).contains($0) })
        else { return nil }
        let numbers = String(decoding: pending[2..<end], as: UTF8.self)
            .split(separator: ";", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        control(Character(Unicode.Scalar(pending[end])), numbers)
        return end + 1
    }

    private mutating func control(_ final: Character, _ numbers: [Int]) {
        let first = numbers.first ?? 0
        let count = max(1, first)
        if final != "m" { isAtEdge = false }
        switch final {
        case "A": row = max(0, row - count)
        case "B": row = min(rows - 1, row + count)
        case "C": column = min(columns - 1, column + count)
        case "D": column = max(0, column - count)
        case "G": column = min(columns, count) - 1
        case "d": row = min(rows, count) - 1
        case "H":
            row = min(rows, count) - 1
            column = min(columns, max(1, numbers.dropFirst().first ?? 1)) - 1
        case "J":
            if first == 2 { cells = Array(repeating: spaces(columns), count: rows) }
            if first == 0 {
                erase(from: column)
                for below in (row + 1)..<max(row + 1, rows) { cells[below] = spaces(columns) }
            }
        case "K": if first == 0 { erase(from: column) }
        case "P":
            cells[row].removeSubrange(column..<min(columns, column + count))
            cells[row] = Array((cells[row] + spaces(columns)).prefix(columns))
        case "@":
            cells[row].insert(contentsOf: spaces(count), at: column)
            cells[row] = Array(cells[row].prefix(columns))
        case "X":
            for place in column..<min(columns, column + count) { cells[row][place] = " " }
        default: break
        }
    }

    private mutating func erase(from start: Int) {
        for place in start..<columns { cells[row][place] = " " }
    }
}
