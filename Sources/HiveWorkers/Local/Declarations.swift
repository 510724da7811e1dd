/// Finds declarations by the looks of a line: no parser, but the habits of many languages.
enum Declarations {
    /// How far above a place its declaration is looked for, and how far below after that.
    static let linesAboveMax = 400
    static let linesBelowMax = 40
    /// Longer lines are data.
    static let lineBytesMax = 400

    /// The declaration that a line belongs to: the nearest above it, else below it.
    ///
    /// - `line`: from 0; so is the answer.
    static func nearest(to line: Int, in lines: [ArraySlice<UInt8>]) -> Int? {
        guard lines.indices.contains(line) else { return nil }
        let above = lines[max(0, line - linesAboveMax)...line].lastIndex(where: isDeclaration)
        if let above { return above }
        let end = min(lines.count, line + 1 + linesBelowMax)
        return lines[line..<end].firstIndex(where: isDeclaration)
    }

    /// True for a line that looks like the head of a function, a type or the like.
    static func isDeclaration(_ line: ArraySlice<UInt8>) -> Bool {
        guard line.count <= lineBytesMax else { return false }
        let text = String(decoding: line, as: UTF8.self)
        let start = text.drop(while: \.isWhitespace)
        guard !comments.contains(where: { start.hasPrefix($0) }) else { return false }
        var words = Self.words(of: text)
        var hasModifier = false
        while let first = words.first, modifiers.contains(first) || first.hasPrefix("@") {
            words = words.dropFirst()
            hasModifier = true
        }
        guard let keyword = words.first else { return false }
        if keywords.contains(keyword) {
            // A name follows; `type = 3` only uses the word.
            let next = start[keyword.endIndex...].first { $0 != " " }
            return words.count > 1 && next != "=" && next != "." && next != ":"
        }
        // export const handler = …
        if ["const", "let", "var"].contains(keyword) {
            let isExported = text.hasPrefix("export ")
            return isExported || (!text.hasPrefix(" ") && text.contains("=>"))
        }
        return looksLikeFunction(text, words: Array(words), hasModifier: hasModifier)
    }

    /// `int parse(const char *text)`, `public String name() {`: languages without a keyword.
    private static func looksLikeFunction(
        _ text: String,
        words: [Substring],
        hasModifier: Bool
    ) -> Bool {
        guard let first = words.first, !statements.contains(first),
            let parenthesis = text.firstIndex(of: "(")
        else { return false }
        let head = text[..<parenthesis]
        let end = text.last { !$0.isWhitespace }
        // A shell's `name() {`, and its `name()` with the brace on the next line.
        let rest = text[parenthesis...].filter { !$0.isWhitespace }
        if head.first?.isLetter == true, rest == "(){" || rest == "()" { return true }
        guard words.count > 1 else { return false }
        guard !head.contains("="), !head.contains("."), end != ";", end != "," else {
            return false
        }
        let isAtMargin = text.first.map { $0.isLetter } == true
        let hasType = head.split(separator: " ").count > 1
        return hasType && (isAtMargin || (hasModifier && end == "{"))
    }

    /// The words at the start of a line; what stands in parentheses and angle brackets with them.
    private static func words(of text: String) -> ArraySlice<Substring> {
        text.split { !($0.isLetter || $0.isNumber || "_@!#".contains($0)) }.prefix(12)[...]
    }

    /// What comments, and strings in place of comments, begin with.
    private static let comments = ["//", "/*", "*", "# ", "#!", "--", "<!--", "\"", "'"]

    private static let keywords: Set<Substring> = [
        "func", "fn", "def", "function", "fun", "sub", "proc", "defp", "defmodule", "class",
        "struct", "enum", "protocol", "interface", "trait", "type", "typealias", "actor",
        "extension", "impl", "record", "object", "union", "typedef", "namespace", "module", "mod",
        "macro_rules!", "init", "subscript", "#define", "template",
    ]

    private static let modifiers: Set<Substring> = [
        "public", "private", "protected", "internal", "package", "fileprivate", "open", "static",
        "final", "override", "async", "export", "default", "abstract", "pub", "crate", "unsafe",
        "extern", "inline", "virtual", "mutating", "nonisolated", "indirect", "suspend", "data",
        "sealed", "partial", "readonly", "declare", "synchronized", "native", "convenience",
        "required", "constexpr", "explicit", "friend", "companion", "inner", "operator", "tailrec",
    ]

    private static let statements: Set<Substring> = [
        "if", "for", "while", "switch", "return", "else", "case", "catch", "throw", "throws",
        "guard", "do", "try", "await", "with", "match", "assert", "print", "import", "from",
        "include", "new", "delete", "yield", "raise", "elif", "unless", "until", "using", "where",
        "#if", "#include", "#import", "#pragma", "expect", "describe", "it", "test", "echo",
        "not", "and", "or", "in", "is",
    ]
}
