// What a program of awk writes
//
// `>` compares, but for behind `print` and `printf`, where it names a file unless parentheses are
// around it (POSIX, awk, "Output Statements"). `|` and `system` run commands. The program is read
// word by word, as far as it takes to tell these from what stands in strings and expressions.

/// A program of awk, as far as a guard must understand it.
struct AwkProgram {
    private var rest: Substring
    private var files: [String] = []
    /// Inside of a `print` statement: how many parentheses are open around it.
    private var printDepth: Int?
    private var depth = 0
    /// True behind a value, where `/` divides.
    private var isBehindValue = false

    /// The files that it writes; nil: it runs commands, or could write any file.
    static func files(writtenBy text: String) -> [String]? {
        var program = AwkProgram(rest: text[...])
        while let next = program.rest.popFirst() {
            guard program.take(next) else { return nil }
        }
        return program.files
    }

    private init(rest: Substring) { self.rest = rest }

    /// Reads on; false: it could do anything.
    private mutating func take(_ next: Character) -> Bool {
        switch next {
        case "\"":
            isBehindValue = true
            return text(to: "\"") != nil
        case "/" where !isBehindValue:
            isBehindValue = true
            return text(to: "/") != nil
        case "#": rest = rest.drop { !$0.isNewline }
        case "(": open()
        case ")":
            depth -= 1
            isBehindValue = true
        case "[": isBehindValue = false
        case "]": isBehindValue = true
        case ";", "{", "}", "\n", "\r\n": endStatement()
        case "|":
            guard rest.first == "|" else { return false }
            rest.removeFirst()
            isBehindValue = false
        // What is brought in, and calls by a name that is made up (gawk).
        case "@": return false
        case ">": return takeArrow()
        case _ where next.isLetter || next == "_": return takeWord(next)
        case _ where next.isNumber || next == ".": isBehindValue = true
        case _ where next.isWhitespace: break
        default: isBehindValue = false
        }
        return true
    }

    private mutating func open() {
        depth += 1
        isBehindValue = false
    }

    private mutating func endStatement() {
        printDepth = nil
        isBehindValue = false
    }

    private mutating func takeWord(_ first: Character) -> Bool {
        let more = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        rest = rest.dropFirst(more.count)
        let word = String(first) + more
        switch word {
        case "system": return false
        case "print", "printf":
            printDepth = depth
            isBehindValue = false
        case "in", "return", "else", "do", "getline", "case": isBehindValue = false
        default: isBehindValue = true
        }
        return true
    }

    /// A comparison, or the file of a `print`.
    private mutating func takeArrow() -> Bool {
        isBehindValue = false
        guard let printDepth, depth <= printDepth else { return true }
        if rest.first == ">" { rest.removeFirst() }
        rest = rest.drop { $0 == " " || $0 == "\t" }
        guard rest.popFirst() == "\"", let name = text(to: "\""), !name.contains("\\") else {
            return false
        }
        rest = rest.drop { $0 == " " || $0 == "\t" }
        // A second text would be a part of the name.
        guard rest.first.map({ ";}".contains($0) || $0.isNewline }) ?? true else { return false }
        files.append(name)
        return true
    }

    /// The text up to that sign, a backslash taking the next character along; nil: it is torn.
    private mutating func text(to sign: Character) -> String? {
        var text = ""
        while let next = rest.popFirst() {
            if next == sign { return text }
            text.append(next)
            if next == "\\", let escaped = rest.popFirst() { text.append(escaped) }
        }
        return nil
    }
}
