/// Rules on how long files and functions are.
enum LengthRules {
    static let fileLinesMax = 500
    static let functionLinesMax = 70

    static func longFiles(in file: SourceFile) -> [Finding] {
        let count = file.text.lines.count
        guard count > fileLinesMax else { return [] }
        let cure = "split it by concept, \(fileLinesMax) lines at most"
        return [Finding(file, line: count, "has \(count) lines", cure)]
    }

    static func longFunctions(in file: SourceFile) -> [Finding] {
        functions(in: file.text).filter { $0.count > functionLinesMax }.map { lines in
            let cure = "take it apart, \(functionLinesMax) lines at most"
            return Finding(file, line: lines.lowerBound, "a function of \(lines.count) lines", cure)
        }
    }

    /// From the keyword's line to that of the closing brace, for all that has a body and
    /// parameters.
    static func functions(in text: SourceText) -> [ClosedRange<Int>] {
        text.lines.filter { declaresFunction($0.code) }.compactMap { line in
            let code = text.lines[(line.number - 1)...]
            return lastLine(ofBodyIn: code).map { line.number...$0 }
        }
    }

    private static func declaresFunction(_ code: String) -> Bool {
        let words = code.words
        if words.contains("func") || words.contains("subscript") || words.first == "deinit" {
            return true
        }
        guard let name = words.firstIndex(of: "init") else { return false }
        let modifiers: Set<Substring> = [
            "package", "private", "fileprivate", "public", "internal", "required", "convenience",
            "override", "inline", "__always", "nonisolated",
        ]
        let isCall = code.contains(".init") || code.contains("self.")
        return !isCall && words[..<name].allSatisfy(modifiers.contains)
    }

    /// Counts braces from a declaration on; nil where it ends without a body, as in a protocol.
    private static func lastLine(ofBodyIn lines: ArraySlice<SourceText.Line>) -> Int? {
        var depth = 0
        var isInBody = false
        for line in lines {
            let isNext = line.number != lines.first?.number && depth == 0 && !isInBody
            if isNext && startsDeclaration(line.code) { return nil }
            for character in line.code {
                switch character {
                case "(", "[", "{":
                    if character == "{" && depth == 0 { isInBody = true }
                    depth += 1
                case ")", "]", "}":
                    depth -= 1
                    if depth < 0 { return nil }
                    if depth == 0 && isInBody && character == "}" { return line.number }
                default: break
                }
            }
        }
        return nil
    }

    private static func startsDeclaration(_ code: String) -> Bool {
        let keywords: Set<Substring> = [
            "func", "var", "let", "init", "static", "mutating", "package", "private", "subscript",
            "struct", "enum", "case", "associatedtype",
        ]
        return code.words.first.map(keywords.contains) == true || code.contains("@")
    }
}
