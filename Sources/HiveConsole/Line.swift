/// How a piece of text looks on a terminal with colours.
package enum Style: String, Sendable {
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case cyan = "36"
}

/// One line for people.
///
/// Every text in it is escaped on the way in, so what a board holds can never command a terminal.
package struct Line: Sendable {
    private struct Piece: Sendable {
        var text: String
        var style: Style?
    }

    private var pieces: [Piece] = []
    /// True: the line ends at the terminal's edge.
    ///
    /// For lists; never for what a person may want to copy.
    package var isCut = false
    /// Where further rows begin, in columns, where words are kept whole at the terminal's edge.
    ///
    /// For sentences; nil: the terminal wraps the line, which can then be copied as it is.
    package var wrapIndent: Int?

    package init() {}

    package init(_ text: String, _ style: Style? = nil) { add(text, style) }

    /// How many columns it takes when it is not cut.
    package var columns: Int { pieces.reduce(0) { $0 + SafeText.columns($1.text) } }

    package mutating func add(_ text: String, _ style: Style? = nil) {
        guard !text.isEmpty else { return }
        pieces.append(Piece(text: SafeText.escaped(text), style: style))
    }

    package mutating func add(_ line: Line) { pieces += line.pieces }

    package mutating func pad(toColumns width: Int) {
        add(String(repeating: " ", count: max(0, width - columns)))
    }

    /// The line as this terminal shows it.
    package func text(for terminal: Terminal) -> String {
        if let wrapIndent, let width = terminal.width {
            return wrapped(toColumns: width, indent: wrapIndent, for: terminal)
        }
        var text = ""
        var room = isCut ? terminal.width ?? .max : .max
        for piece in pieces {
            let isLast = SafeText.columns(piece.text) > room
            let shown =
                isLast
                ? SafeText.cut(piece.text, toColumns: room, ellipsis: terminal.ellipsis)
                : piece.text
            text += Self.styled(shown, piece.style, for: terminal)
            if isLast { break }
            room -= SafeText.columns(shown)
        }
        return text
    }

    private static func styled(_ text: String, _ style: Style?, for terminal: Terminal) -> String {
        guard terminal.hasColour, let style else { return text }
        return "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m"
    }

    private func wrapped(toColumns width: Int, indent: Int, for terminal: Terminal) -> String {
        // Further in, too few words would fit.
        let indent = indent * 3 <= width ? indent : 2
        let whole = pieces.map(\.text).joined()
        let breaks = SafeText.breaks(in: whole, toColumns: width, indent: indent)
        let rowStart = "\n" + String(repeating: " ", count: indent)
        var place = 0
        var text = ""
        for piece in pieces {
            var shown = ""
            for scalar in piece.text.unicodeScalars {
                if breaks.contains(place) {
                    shown += rowStart
                } else {
                    shown.unicodeScalars.append(scalar)
                }
                place += 1
            }
            text += Self.styled(shown, piece.style, for: terminal)
        }
        return text
    }

    /// A sentence or more: its words are kept whole.
    package static func prose(_ text: String, _ style: Style? = nil, indent: Int = 0) -> Line {
        var line = Line(text, style)
        line.wrapIndent = indent
        return line
    }

    /// What to do next, behind an arrow.
    package static func advice(_ text: String, on terminal: Terminal) -> Line {
        var line = Line()
        line.add("  \(terminal.arrow) ", .cyan)
        line.add(text)
        line.wrapIndent = 4
        return line
    }
}

/// Rows with aligned columns; the last column is as wide as it likes.
package struct Table {
    /// Columns whose text stands at the right: numbers.
    package var rightAligned: Set<Int> = []
    package private(set) var rows: [[Line]] = []

    private static let gap = 2

    package init() {}

    package mutating func add(_ cells: [Line]) { rows.append(cells) }

    /// A row of `key  value`.
    package mutating func add(_ key: String, _ value: String, _ style: Style? = nil) {
        rows.append([Line(key, .dim), Line(value, style)])
    }

    package var lines: [Line] {
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in
            rows.map { column < $0.count ? $0[column].columns : 0 }.max() ?? 0
        }
        return rows.map { row in
            var line = Line()
            var end = 0
            for (column, cell) in row.enumerated() {
                end += widths[column]
                if rightAligned.contains(column) { line.pad(toColumns: end - cell.columns) }
                line.add(cell)
                if column < row.count - 1 {
                    end += Self.gap
                    line.pad(toColumns: end)
                }
            }
            return line
        }
    }
}
