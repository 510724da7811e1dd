extension ScriptWord {
    /// Words of the grammar in front of a command that do nothing by themselves.
    static let reserved: Set<String> = [
        "if", "then", "elif", "else", "fi", "while", "until", "do", "done", "{", "}", "!", "time",
        "esac",
    ]
}

extension ShellReader {
    /// The word that stands next; it may be empty.
    mutating func word() throws(ShellFault) -> ScriptWord {
        var word = ScriptWord()
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"),
                UInt8(ascii: ";"), UInt8(ascii: "&"), UInt8(ascii: "|"), UInt8(ascii: ")"):
                return word
            case UInt8(ascii: "("):
                guard word.pieces.isEmpty else {
                    throw ShellFault(reason: "it defines a function or an array")
                }
                return word
            case UInt8(ascii: "<"), UInt8(ascii: ">"):
                guard peek(1) == UInt8(ascii: "("), word.pieces.isEmpty else { return word }
                index += 2
                try readSubstitution()
                word.pieces.append(.unknown)
            case UInt8(ascii: "'"): try readSingleQuotes(&word)
            case UInt8(ascii: "\""): try readDoubleQuotes(&word)
            case UInt8(ascii: "\\"): readEscape(&word)
            case UInt8(ascii: "$"): try readDollar(&word, isQuoted: false)
            case UInt8(ascii: "`"): try readBackticks(&word)
            default: try readPlain(&word)
            }
        }
        return word
    }

    private mutating func readPlain(_ word: inout ScriptWord) throws(ShellFault) {
        let start = index
        while let byte = peek(), !Self.isSpecial(byte) { index += 1 }
        word.add(try text(start..<index), isQuoted: false)
    }

    private static func isSpecial(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x09, 0x0A, 0x0D, 0x20, UInt8(ascii: ";"), UInt8(ascii: "&"), UInt8(ascii: "|"),
            UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "<"), UInt8(ascii: ">"),
            UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "$"),
            UInt8(ascii: "`"):
            true
        default: false
        }
    }

    private func text(_ range: Range<Int>) throws(ShellFault) -> String {
        guard let text = String(validating: bytes[range], as: UTF8.self) else {
            throw ShellFault(reason: "it is not UTF-8")
        }
        return text
    }

    // MARK: Quotes

    private mutating func readEscape(_ word: inout ScriptWord) {
        index += 1
        guard let byte = peek() else { return word.add("\\", isQuoted: true) }
        // An escaped line end joins two lines.
        guard byte != UInt8(ascii: "\n") else {
            index += 1
            return
        }
        let start = index
        index += 1
        // The whole character, however many bytes it has.
        while let next = peek(), next & 0xC0 == 0x80 { index += 1 }
        word.add(String(decoding: bytes[start..<index], as: UTF8.self), isQuoted: true)
    }

    private mutating func readSingleQuotes(_ word: inout ScriptWord) throws(ShellFault) {
        guard let close = bytes[(index + 1)...].firstIndex(of: UInt8(ascii: "'")) else {
            throw ShellFault(reason: "a quote is not closed")
        }
        word.add(try text((index + 1)..<close), isQuoted: true)
        index = close + 1
    }

    private mutating func readDoubleQuotes(_ word: inout ScriptWord) throws(ShellFault) {
        index += 1
        word.add("", isQuoted: true)
        var start = index
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "\""):
                word.add(try text(start..<index), isQuoted: true)
                index += 1
                return
            case UInt8(ascii: "\\"):
                word.add(try text(start..<index), isQuoted: true)
                readQuotedEscape(&word)
                start = index
            case UInt8(ascii: "$"):
                word.add(try text(start..<index), isQuoted: true)
                try readDollar(&word, isQuoted: true)
                start = index
            case UInt8(ascii: "`"):
                word.add(try text(start..<index), isQuoted: true)
                try readBackticks(&word)
                start = index
            default: index += 1
            }
        }
        throw ShellFault(reason: "a quote is not closed")
    }

    /// In double quotes a backslash stands for itself but before these.
    private mutating func readQuotedEscape(_ word: inout ScriptWord) {
        switch peek(1) {
        case UInt8(ascii: "$"), UInt8(ascii: "`"), UInt8(ascii: "\""), UInt8(ascii: "\\"),
            UInt8(ascii: "\n"):
            readEscape(&word)
        default:
            word.add("\\", isQuoted: true)
            index += 1
        }
    }

    // MARK: Expansions

    /// The expansions in a here-document, where quotes mean nothing.
    mutating func readExpansions() throws(ShellFault) {
        var ignored = ScriptWord()
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "\\"): index += 2
            case UInt8(ascii: "$"): try readDollar(&ignored, isQuoted: true)
            case UInt8(ascii: "`"): try readBackticks(&ignored)
            default: index += 1
            }
        }
    }

    private mutating func readDollar(
        _ word: inout ScriptWord,
        isQuoted: Bool
    ) throws(ShellFault) {
        index += 1
        switch peek() {
        case UInt8(ascii: "("):
            if peek(1) == UInt8(ascii: "(") {
                index += 2
                try skipExpression()
            } else {
                index += 1
                try readSubstitution()
            }
            word.pieces.append(.unknown)
        case UInt8(ascii: "{"): try readBraces(&word, isQuoted: isQuoted)
        case UInt8(ascii: "'") where !isQuoted: try readANSIQuotes(&word)
        case UInt8(ascii: "\"") where !isQuoted: try readDoubleQuotes(&word)
        case let byte? where Self.isNameByte(byte) && !(0x30...0x39).contains(byte):
            let start = index
            while let next = peek(), Self.isNameByte(next) { index += 1 }
            word.pieces.append(.variable(try text(start..<index), isQuoted: isQuoted))
        case let byte? where (0x30...0x39).contains(byte) || "@*#?-$!".utf8.contains(byte):
            index += 1
            word.pieces.append(.unknown)
        default: word.add("$", isQuoted: isQuoted)
        }
    }

    /// `${NAME}`, or what nobody knows before it runs.
    private mutating func readBraces(
        _ word: inout ScriptWord,
        isQuoted: Bool
    ) throws(ShellFault) {
        let start = index + 1
        guard let close = bytes[start...].firstIndex(of: UInt8(ascii: "}")) else {
            throw ShellFault(reason: "a brace is not closed")
        }
        let inside = bytes[start..<close]
        index = close + 1
        if let first = inside.first, !(0x30...0x39).contains(first),
            inside.allSatisfy(Self.isNameByte)
        {
            word.pieces.append(.variable(try text(start..<close), isQuoted: isQuoted))
            return
        }
        // What it holds may be quoted, nested or run: more than a name is not taken apart.
        let isSimple = inside.allSatisfy { byte in
            Self.isNameByte(byte) || "#%:-+=?/.*@![]^, ".utf8.contains(byte)
        }
        guard isSimple else { throw ShellFault(reason: "it has an expansion that is not read") }
        word.pieces.append(.unknown)
    }

    /// `$'…'` with the escapes of C; any but the plain ones make it unknown.
    private mutating func readANSIQuotes(_ word: inout ScriptWord) throws(ShellFault) {
        index += 1
        var text: [UInt8] = []
        var isKnown = true
        while let byte = peek() {
            index += 1
            switch byte {
            case UInt8(ascii: "'"):
                if isKnown, let text = String(validating: text, as: UTF8.self) {
                    word.add(text, isQuoted: true)
                } else {
                    word.pieces.append(.unknown)
                }
                return
            case UInt8(ascii: "\\"):
                guard let escaped = peek() else { break }
                index += 1
                switch escaped {
                case UInt8(ascii: "n"): text.append(0x0A)
                case UInt8(ascii: "t"): text.append(0x09)
                case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""):
                    text.append(escaped)
                default: isKnown = false
                }
            default: text.append(byte)
            }
        }
        throw ShellFault(reason: "a quote is not closed")
    }

    /// The script up to the parenthesis that closes it, `(` being read already.
    private mutating func readSubstitution() throws(ShellFault) {
        guard depth < ShellScript.depthMax else {
            throw ShellFault(reason: "its substitutions stand too deep in each other")
        }
        var inside = ShellReader(bytes: bytes, depth: depth + 1)
        inside.index = index
        try inside.readList(until: .parenthesis)
        index = inside.index
        try take(inside.steps)
    }

    private mutating func readBackticks(_ word: inout ScriptWord) throws(ShellFault) {
        index += 1
        var inside: [UInt8] = []
        while let byte = peek() {
            index += 1
            if byte == UInt8(ascii: "`") {
                guard depth < ShellScript.depthMax else {
                    throw ShellFault(reason: "its substitutions stand too deep in each other")
                }
                try take(try ShellScript(inside, depth: depth + 1).steps)
                word.pieces.append(.unknown)
                return
            }
            if byte == UInt8(ascii: "\\"), let next = peek(), "`\\$".utf8.contains(next) {
                inside.append(next)
                index += 1
            } else {
                inside.append(byte)
            }
        }
        throw ShellFault(reason: "a backtick is not closed")
    }

    /// What is substituted runs before the command that it stands in.
    private mutating func take(_ inside: [ShellScript.Step]) throws(ShellFault) {
        try append(.enter)
        for step in inside { try append(step) }
        try append(.leave)
    }

    /// Steps over arithmetic behind its `((`, in which nothing may be run.
    ///
    /// Where the two parentheses do not close together, it was a subshell in a subshell.
    mutating func skipExpression() throws(ShellFault) {
        var open = 2
        while let byte = peek(), open > 0 {
            switch byte {
            case UInt8(ascii: "("): open += 1
            case UInt8(ascii: ")"):
                open -= 1
                if open == 1 && peek(1) != byte {
                    throw ShellFault(reason: "its subshells cannot be told from arithmetic")
                }
            case UInt8(ascii: "`"), UInt8(ascii: "'"), UInt8(ascii: "\""):
                throw ShellFault(reason: "it counts with what it runs")
            case UInt8(ascii: "$") where peek(1) == UInt8(ascii: "("):
                throw ShellFault(reason: "it counts with what it runs")
            default: break
            }
            index += 1
        }
        guard open == 0 else { throw ShellFault(reason: "a parenthesis is not closed") }
    }
}
