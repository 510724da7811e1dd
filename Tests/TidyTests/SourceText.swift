/// A source file taken apart: each byte is code, comment or the inside of a string literal.
///
/// This is a small lexer, not a parser. It knows nested comments, raw and multi-line strings,
/// interpolation (which is code) and raw identifiers; regex literals it takes for code.
struct SourceText {
    enum Kind: UInt8 {
        case code, comment, literal
    }

    struct Line {
        /// From 1.
        var number: Int
        /// As it stands in the file, without its LF.
        var raw: String
        /// The same with blanks for comments and for what literals hold.
        var code: String
        /// What it has of comments; empty for none.
        var comment: String
        /// The bytes of its longest piece of a literal, without the quotes.
        var literalBytesMax: Int
        /// True where a literal of several lines began above it.
        var beginsInLiteral: Bool
    }

    let lines: [Line]

    init(_ text: String) {
        var lexer = Lexer(bytes: Array(text.utf8))
        lexer.run()
        lines = lexer.lines()
    }
}

/// Walks the bytes once and gives each its kind.
private struct Lexer {
    let bytes: [UInt8]
    private var kinds: [SourceText.Kind]
    private var index = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
        kinds = Array(repeating: .code, count: bytes.count)
    }

    mutating func run() {
        while index < bytes.count { step() }
    }

    /// Takes one token: a comment, a literal, a raw identifier, or one byte of code.
    private mutating func step() {
        if starts(with: "//") {
            while index < bytes.count, bytes[index] != UInt8(ascii: "\n") { take(1, .comment) }
        } else if starts(with: "/*") {
            takeBlockComment()
        } else if let hashes = literalStart() {
            takeLiteral(hashes: hashes)
        } else if bytes[index] == UInt8(ascii: "`") {
            take(1, .code)
            while index < bytes.count, bytes[index] != UInt8(ascii: "`") { take(1, .literal) }
            take(1, .code)
        } else {
            take(1, .code)
        }
    }

    private mutating func takeBlockComment() {
        var depth = 0
        repeat {
            if starts(with: "/*") {
                depth += 1
                take(2, .comment)
            } else if starts(with: "*/") {
                depth -= 1
                take(2, .comment)
            } else {
                take(1, .comment)
            }
        } while depth > 0 && index < bytes.count
    }

    /// How many `#` stand before the quote at hand; nil where no literal starts here.
    private func literalStart() -> Int? {
        var end = index
        while end < bytes.count, bytes[end] == UInt8(ascii: "#") { end += 1 }
        guard end < bytes.count, bytes[end] == UInt8(ascii: "\"") else { return nil }
        return end - index
    }

    private mutating func takeLiteral(hashes: Int) {
        take(hashes, .code)
        let quotes = starts(with: "\"\"\"") ? "\"\"\"" : "\""
        let pounds = String(repeating: "#", count: hashes)
        take(quotes.utf8.count, .code)
        while index < bytes.count, !starts(with: quotes + pounds) {
            if starts(with: "\\" + pounds + "(") {
                take(2 + hashes, .literal)
                takeInterpolation()
            } else if starts(with: "\\" + pounds) {
                take(2 + hashes, .literal)
            } else {
                take(1, .literal)
            }
        }
        take(quotes.utf8.count + hashes, .code)
    }

    /// Takes code up to the parenthesis that ends it; both of its parentheses count as literal.
    private mutating func takeInterpolation() {
        var depth = 1
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "(") { depth += 1 }
            if bytes[index] == UInt8(ascii: ")") { depth -= 1 }
            guard depth > 0 else { return take(1, .literal) }
            step()
        }
    }

    private func starts(with text: String) -> Bool {
        bytes[index...].starts(with: text.utf8)
    }

    private mutating func take(_ count: Int, _ kind: SourceText.Kind) {
        for _ in 0..<count where index < bytes.count {
            kinds[index] = kind
            index += 1
        }
    }

    // MARK: Lines

    func lines() -> [SourceText.Line] {
        var lines: [SourceText.Line] = []
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            lines.append(line(start..<end, number: lines.count + 1))
            start = end + 1
        }
        return lines
    }

    private func line(_ range: Range<Int>, number: Int) -> SourceText.Line {
        func text(_ kind: SourceText.Kind) -> String {
            let kept = range.map { kinds[$0] == kind ? bytes[$0] : UInt8(ascii: " ") }
            return String(decoding: kept, as: UTF8.self)
        }
        var longest = 0
        var run = 0
        for place in range {
            run = kinds[place] == .literal ? run + 1 : 0
            longest = max(longest, run)
        }
        let comment = text(.comment)
        return SourceText.Line(
            number: number,
            raw: String(decoding: bytes[range], as: UTF8.self),
            code: text(.code),
            comment: comment.allSatisfy { $0 == " " } ? "" : comment,
            literalBytesMax: longest,
            beginsInLiteral: range.lowerBound > 0 && kinds[range.lowerBound - 1] == .literal
        )
    }
}

extension StringProtocol {
    /// The identifiers, keywords and numbers in it, in order.
    var words: [SubSequence] {
        split { !($0.isLetter || $0.isNumber || $0 == "_") }
    }
}
