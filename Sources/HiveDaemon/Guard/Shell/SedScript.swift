/// The words of `sed`: its scripts, and the files that they are for.
struct SedWords {
    /// Nil: one that is in a file, or not known.
    private(set) var scripts: [String?] = []
    private(set) var files: [ShellEffects.Argument] = []
    private(set) var isInPlace = false

    init(_ words: [ShellEffects.Argument]) {
        var rest = words[...]
        while let word = rest.popFirst() {
            guard let text = word.text, text.hasPrefix("-"), text.count > 1 else {
                files.append(word)
                continue
            }
            if text == "--" { break }
            text.hasPrefix("--") ? takeLong(text, &rest) : takeLetters(text, &rest)
        }
        files += rest
        if scripts.isEmpty, !files.isEmpty { scripts.append(files.removeFirst().text) }
    }

    private mutating func takeLong(
        _ text: String,
        _ rest: inout ArraySlice<ShellEffects.Argument>
    ) {
        let value = text.firstIndex(of: "=").map { String(text[text.index(after: $0)...]) }
        if text.hasPrefix("--e") {
            scripts.append(value ?? rest.popFirst()?.text)
        } else if text.hasPrefix("--fi") {
            if value == nil { rest = rest.dropFirst() }
            scripts.append(nil)
        } else if text.hasPrefix("--i") {
            isInPlace = true
        } else if text == "--line-length" {
            rest = rest.dropFirst()
        }
    }

    private mutating func takeLetters(
        _ text: String,
        _ rest: inout ArraySlice<ShellEffects.Argument>
    ) {
        var letters = text.dropFirst()
        while let letter = letters.popFirst() {
            switch letter {
            case "i":
                // What follows is the ending of a copy.
                isInPlace = true
                return
            case "e":
                scripts.append(letters.isEmpty ? rest.popFirst()?.text : String(letters))
                return
            case "f", "l":
                if letters.isEmpty { rest = rest.dropFirst() }
                if letter == "f" { scripts.append(nil) }
                return
            default: break
            }
        }
    }
}

/// A script of `sed`, read command by command (POSIX's `sed`, and GNU's).
struct SedScript {
    private var rest: Substring

    /// True where nothing in it writes a file or runs a command; false also where it is not read.
    static func onlyPrints(_ text: String) -> Bool {
        var script = SedScript(rest: text[...])
        while script.skipAddress() {
            guard let command = script.rest.popFirst() else { return true }
            guard script.skip(command) else { return false }
        }
        return false
    }

    /// Goes on to the next command; false: an address is torn.
    private mutating func skipAddress() -> Bool {
        while let next = rest.first {
            switch next {
            case "/":
                rest.removeFirst()
                guard skipPart(to: "/") else { return false }
                rest = rest.drop { "IM".contains($0) }
            case "\\":
                rest.removeFirst()
                guard let sign = rest.popFirst(), skipPart(to: sign) else { return false }
            case _ where next.isWhitespace || next.isNumber || "$,~+!{};".contains(next):
                rest.removeFirst()
            default: return true
            }
        }
        return true
    }

    /// Goes past what belongs to a command; false: it does more than print, or is not known.
    private mutating func skip(_ command: Character) -> Bool {
        switch command {
        case "=", "d", "D", "F", "g", "G", "h", "H", "l", "n", "N", "p", "P", "q", "Q", "x", "z":
            return true
        case "#", "a", "b", "c", "i", "r", "R", "t", "T", "v", ":":
            rest = rest.drop { !$0.isNewline }
            return true
        case "s":
            guard let sign = rest.popFirst(), skipPart(to: sign), skipPart(to: sign) else {
                return false
            }
            let flags = rest.prefix { !$0.isWhitespace && !"};".contains($0) }
            rest = rest.dropFirst(flags.count)
            return flags.allSatisfy { "gpiImM".contains($0) || $0.isNumber }
        case "y":
            guard let sign = rest.popFirst() else { return false }
            return skipPart(to: sign) && skipPart(to: sign)
        default: return false
        }
    }

    /// Goes past a part that ends with that sign, a backslash taking the next character along.
    private mutating func skipPart(to sign: Character) -> Bool {
        while let next = rest.popFirst() {
            if next == "\\" { rest = rest.dropFirst() }
            if next == sign { return true }
        }
        return false
    }
}
