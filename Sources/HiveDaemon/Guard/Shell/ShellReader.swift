/// Reads a script from its first byte to its last; `ShellReader+Words.swift` reads the words.
struct ShellReader {
    let bytes: [UInt8]
    /// How many substitutions this text stands in.
    let depth: Int
    var index = 0
    var steps: [ShellScript.Step] = []
    private var command = ShellCommand()
    private var hereDocuments: [HereDocument] = []

    private struct HereDocument {
        var delimiter: [UInt8]
        var isLiteral: Bool
        var stripsTabs: Bool
        /// The place in `steps` of the command that reads it; nil: it is not ended yet.
        var step: Int?
    }

    init(bytes: [UInt8], depth: Int) {
        self.bytes = bytes
        self.depth = depth
    }

    func peek(_ ahead: Int = 0) -> UInt8? {
        index + ahead < bytes.count ? bytes[index + ahead] : nil
    }

    /// Steps over the text where it stands next.
    mutating func skip(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard index + count <= bytes.count else { return false }
        for place in 0..<count where bytes[index + place] != text.utf8Start[place] { return false }
        index += count
        return true
    }

    mutating func append(_ step: ShellScript.Step) throws(ShellFault) {
        guard steps.count < ShellScript.stepsMax else {
            throw ShellFault(reason: "it has too many commands")
        }
        steps.append(step)
    }

    // MARK: Lists

    /// What ends a list of commands.
    enum ListEnd: Sendable, Hashable {
        /// The end of the text.
        case text
        case parenthesis
        /// `;;` and its like, or `esac`: the end of one of the choices of a `case`.
        case choice
    }

    /// Reads commands up to what ends this list, and past it; but for `esac`, which stays.
    mutating func readList(until end: ListEnd) throws(ShellFault) {
        while let byte = peek() {
            if end == .choice, endsChoice { return try finish() }
            if isInTest {
                try readTestWord(byte)
                continue
            }
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): index += 1
            case UInt8(ascii: "\n"):
                index += 1
                try finish()
                try readHereDocuments()
            case UInt8(ascii: "#"): skipComment()
            case UInt8(ascii: ";"):
                if try separate(end) { return }
            case UInt8(ascii: "&"): try readAmpersand()
            case UInt8(ascii: "|"): try readPipe()
            case UInt8(ascii: "("): try readSubshell()
            case UInt8(ascii: ")"):
                guard end == .parenthesis else {
                    throw ShellFault(reason: "a parenthesis is too many")
                }
                index += 1
                try finish()
                return
            case UInt8(ascii: "<"), UInt8(ascii: ">"): try readRedirection()
            default: try readWord()
            }
        }
        try finish()
        guard end == .text else { throw ShellFault(reason: "a list is not closed") }
        guard hereDocuments.isEmpty else {
            throw ShellFault(reason: "a here-document does not begin")
        }
    }

    /// Inside of `[[ … ]]`, where `<`, `(` and `&&` are no operators of the list.
    private var isInTest: Bool {
        guard command.words.first?.text == "[[", let byte = peek() else { return false }
        return command.words.last?.text != "]]" && byte != UInt8(ascii: "\n")
            && byte != UInt8(ascii: " ") && byte != UInt8(ascii: "\t")
    }

    private mutating func readTestWord(_ byte: UInt8) throws(ShellFault) {
        guard ";&|()<>".utf8.contains(byte) else { return try readWord() }
        index += 1
        var word = ScriptWord()
        word.add(String(UnicodeScalar(byte)), isQuoted: false)
        command.words.append(word)
    }

    private mutating func skipComment() {
        while let byte = peek(), byte != UInt8(ascii: "\n") { index += 1 }
    }

    /// Ends a command at its semicolon; true: the list ends with it.
    private mutating func separate(_ end: ListEnd) throws(ShellFault) -> Bool {
        let isEnd = skip(";;&") || skip(";;") || skip(";&")
        guard !isEnd || end == .choice else {
            throw ShellFault(reason: "a choice ends where none began")
        }
        if !isEnd { index += 1 }
        try finish()
        return isEnd
    }

    private mutating func readAmpersand() throws(ShellFault) {
        if peek(1) == UInt8(ascii: ">") {
            index += 2
            let appends = skip(">")
            try readTarget(appends ? .append : .write)
            return
        }
        index += 1
        if peek() == UInt8(ascii: "&") { index += 1 }
        try finish()
    }

    private mutating func readPipe() throws(ShellFault) {
        index += 1
        if peek() == UInt8(ascii: "|") {
            index += 1
            return try finish()
        }
        if peek() == UInt8(ascii: "&") { index += 1 }
        command.isPiped = true
        try finish()
        command.isPiped = true
        command.hasInput = true
    }

    private mutating func readSubshell() throws(ShellFault) {
        guard command.words.isEmpty || command.words.allSatisfy({ Self.opens($0) }) else {
            throw ShellFault(reason: "it defines a function or an array")
        }
        if peek(1) == UInt8(ascii: "(") { return try skipArithmetic() }
        guard command.assignments.isEmpty else { throw ShellFault(reason: "it sets an array") }
        guard depth + nesting < ShellScript.depthMax else {
            throw ShellFault(reason: "its subshells stand too deep in each other")
        }
        index += 1
        command = ShellCommand()
        try append(.enter)
        nesting += 1
        try readList(until: .parenthesis)
        nesting -= 1
        try append(.leave)
    }

    /// How many subshells of this text are open.
    private var nesting = 0

    /// `((…))`, which only counts.
    private mutating func skipArithmetic() throws(ShellFault) {
        index += 2
        try skipExpression()
        command.words.append(ScriptWord(pieces: [.text("((", isQuoted: true)]))
    }

    /// Words after which a command begins.
    private static func opens(_ word: ScriptWord) -> Bool {
        word.text.map { ScriptWord.reserved.contains($0) } ?? false
    }

    /// Ends the command that was being read.
    private mutating func finish() throws(ShellFault) {
        let ended = command
        command = ShellCommand()
        guard !ended.isEmpty else { return }
        try append(.command(ended))
        for place in hereDocuments.indices where hereDocuments[place].step == nil {
            hereDocuments[place].step = steps.count - 1
        }
    }

    // MARK: Words and what they are for

    private mutating func readWord() throws(ShellFault) {
        let start = index
        let word = try word()
        // Digits in front of an arrow name a descriptor.
        if let next = peek(), next == UInt8(ascii: "<") || next == UInt8(ascii: ">"), !isInTest,
            bytes[start..<index].allSatisfy({ (0x30...0x39).contains($0) })
        {
            return
        }
        if beginsCommand, word == ScriptWord(pieces: [.text("case", isQuoted: false)]) {
            return try readCase()
        }
        if command.words.isEmpty, let (name, value) = Self.assignment(word) {
            command.assignments.append((name, value))
        } else {
            command.words.append(word)
        }
    }

    private var beginsCommand: Bool {
        command.assignments.isEmpty && command.words.allSatisfy(Self.opens)
    }

    // MARK: Choices

    /// True where `esac` stands next, as the first word of a command.
    private var endsChoice: Bool {
        let word = Array("esac".utf8)
        guard beginsCommand, bytes[index...].starts(with: word) else { return false }
        return peek(word.count).map { " \t\r\n;&|)<>".utf8.contains($0) } ?? true
    }

    /// `WORD in PATTERN) … ;; … esac`, of which every choice counts.
    private mutating func readCase() throws(ShellFault) {
        guard depth + nesting < ShellScript.depthMax else {
            throw ShellFault(reason: "its choices stand too deep in each other")
        }
        _ = try target()
        skipBlank()
        guard skip("in") else { throw ShellFault(reason: "a `case` lacks its `in`") }
        command = ShellCommand()
        nesting += 1
        while true {
            skipBlank()
            if endsChoice { break }
            try skipPatterns()
            try readList(until: .choice)
        }
        nesting -= 1
        // The word stays: what is behind it may redirect the whole.
        try readWord()
    }

    private mutating func skipBlank() {
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "#"): skipComment()
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"):
                index += 1
            default: return
            }
        }
    }

    /// The patterns of one choice, up to their parenthesis.
    private mutating func skipPatterns() throws(ShellFault) {
        _ = skip("(")
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: ")"):
                index += 1
                return
            case UInt8(ascii: "|"), UInt8(ascii: " "), UInt8(ascii: "\t"): index += 1
            default:
                let start = index
                _ = try word()
                guard index > start else { throw ShellFault(reason: "a pattern is not read") }
            }
        }
        throw ShellFault(reason: "a `case` is not closed")
    }

    /// `NAME=VALUE` or `NAME+=VALUE`, the name unquoted.
    static func assignment(_ word: ScriptWord) -> (name: String, value: ScriptWord)? {
        guard case .text(let text, isQuoted: false)? = word.pieces.first,
            let sign = text.firstIndex(of: "=")
        else { return nil }
        var name = text[..<sign]
        let adds = name.last == "+"
        if adds { name = name.dropLast() }
        guard let first = name.utf8.first, !(0x30...0x39).contains(first),
            name.utf8.allSatisfy(isNameByte)
        else { return nil }
        var value = ScriptWord()
        if adds { value.pieces.append(.unknown) }
        let rest = text[text.index(after: sign)...]
        if !rest.isEmpty { value.add(String(rest), isQuoted: false) }
        value.pieces += word.pieces.dropFirst()
        return (String(name), value)
    }

    static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private mutating func readRedirection() throws(ShellFault) {
        if skip("<<<") {
            let text = try target()
            command.hasInput = true
            command.input = text.text
            return
        }
        if skip("<<") { return try beginHereDocument() }
        if peek(1) == UInt8(ascii: "(") {
            // `<(…)` and `>(…)` are words.
            return try readWord()
        }
        if skip("<&") || skip(">&") {
            let target = try target()
            let text = target.text ?? "?"
            let isDescriptor = text == "-" || text.utf8.allSatisfy { (0x30...0x39).contains($0) }
            if !isDescriptor {
                command.redirections.append(ShellRedirection(kind: .write, target: target))
            }
            return
        }
        if skip(">>") { return try readTarget(.append) }
        if skip(">|") || skip("<>") || skip(">") { return try readTarget(.write) }
        index += 1
        try readTarget(.read)
        command.hasInput = true
    }

    private mutating func readTarget(_ kind: ShellRedirection.Kind) throws(ShellFault) {
        let target = try target()
        command.redirections.append(ShellRedirection(kind: kind, target: target))
    }

    private mutating func target() throws(ShellFault) -> ScriptWord {
        while let byte = peek(), byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") {
            index += 1
        }
        let start = index
        let word = try word()
        guard index > start else { throw ShellFault(reason: "a redirection leads nowhere") }
        return word
    }

    // MARK: Here-documents

    private mutating func beginHereDocument() throws(ShellFault) {
        let stripsTabs = skip("-")
        let word = try target()
        guard let delimiter = word.text, !delimiter.contains("\n") else {
            throw ShellFault(reason: "the end of a here-document is not known")
        }
        let isLiteral = word.pieces.contains {
            if case .text(_, isQuoted: true) = $0 { true } else { false }
        }
        command.hasInput = true
        hereDocuments.append(
            HereDocument(
                delimiter: Array(delimiter.utf8),
                isLiteral: isLiteral,
                stripsTabs: stripsTabs
            )
        )
    }

    private mutating func readHereDocuments() throws(ShellFault) {
        let open = hereDocuments
        hereDocuments = []
        for document in open {
            let text = readBody(of: document)
            if !document.isLiteral {
                // What is substituted in it is run.
                var inside = ShellReader(bytes: text, depth: depth)
                try inside.readExpansions()
                for step in inside.steps { try append(step) }
            }
            guard let place = document.step, case .command(var command) = steps[place] else {
                continue
            }
            command.input = String(validating: text, as: UTF8.self)
            steps[place] = .command(command)
        }
    }

    /// Up to the line that is the delimiter; as bash does, up to the end where there is none.
    private mutating func readBody(of document: HereDocument) -> [UInt8] {
        var text: [UInt8] = []
        while index < bytes.count {
            var line = bytes[index...].prefix { $0 != UInt8(ascii: "\n") }
            index = min(line.endIndex + 1, bytes.count)
            if document.stripsTabs { line = line.drop { $0 == UInt8(ascii: "\t") } }
            if line.elementsEqual(document.delimiter) { break }
            text += line + [UInt8(ascii: "\n")]
        }
        return text
    }
}
