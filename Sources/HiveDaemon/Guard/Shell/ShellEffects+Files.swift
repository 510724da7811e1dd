import HiveKernel

/// Programs that write, move and remove the files in their words.
extension ShellEffects {
    /// True for a program whose words say which files it touches.
    mutating func runFiles(_ name: String, _ rest: [Argument]) -> Bool {
        switch name {
        case "tee":
            let appends = rest.contains { ["-a", "--append"].contains($0.text) }
            for file in Self.operands(rest) { appends ? append(file) : write(file) }
        case "touch":
            Self.operands(rest, taking: ["r", "d", "t"]).forEach { write($0) }
        case "truncate":
            Self.operands(rest, taking: ["s", "r"]).forEach { write($0) }
        case "rm", "unlink", "rmdir", "trash", "shred":
            Self.operands(rest, taking: ["n", "s"]).forEach { delete($0) }
        case "mkdir":
            add(.does(.run(.other), what: "mkdir " + Self.told(rest)))
        case "chmod", "chown", "chgrp", "chattr", "setfacl":
            Self.operands(rest).dropFirst().forEach { write($0) }
        case "cp", "install", "ln", "scp": copy(rest, moves: false)
        case "mv": copy(rest, moves: true)
        case "dd":
            for word in rest where word.text?.hasPrefix("of=") ?? true {
                write(Argument(text: word.text.map { String($0.dropFirst("of=".count)) }))
            }
        case "sed", "gsed": edit(rest)
        case "sort", "yq":
            let told = name + " " + Self.told(rest)
            let output = Self.value(of: ["-o", "--output"], in: rest)
            let isInPlace = name == "yq" && rest.contains { ["-i", "--inplace"].contains($0.text) }
            if let output { write(output) }
            if isInPlace { Self.operands(rest).dropFirst().forEach { write($0) } }
            if output == nil && !isInPlace { add(.does(.read, what: told)) }
        case "curl", "wget":
            let told = name + " " + Self.told(rest)
            let names = ["-o", "--output", "-O", "--output-document"]
            if let output = Self.value(of: name == "curl" ? ["-o", "--output"] : names, in: rest) {
                write(output)
            }
            add(.does(.run(.other), what: told))
        default: return false
        }
        return true
    }

    /// The words that are no options; `taking` are the letters whose value is a word of its own.
    static func operands(_ words: [Argument], taking: Set<Character> = []) -> [Argument] {
        var operands: [Argument] = []
        var takesValue = false
        var areAll = false
        for word in words {
            if takesValue {
                takesValue = false
            } else if areAll || !(word.text?.hasPrefix("-") ?? false) || word.text == "-" {
                operands.append(word)
            } else if word.text == "--" {
                areAll = true
            } else if let text = word.text, text.count == 2, let letter = text.last {
                takesValue = taking.contains(letter)
            }
        }
        return operands
    }

    /// The value of an option: the next word, or what is behind `=` or the letter.
    static func value(of names: [String], in words: [Argument]) -> Argument? {
        for (place, word) in words.enumerated() {
            guard let text = word.text else { continue }
            for name in names {
                if text == name { return place + 1 < words.count ? words[place + 1] : nil }
                if name.hasPrefix("--"), text.hasPrefix(name + "=") {
                    return Argument(text: String(text.dropFirst(name.count + 1)))
                }
                if !name.hasPrefix("--"), text.hasPrefix(name), !text.hasPrefix("--") {
                    return Argument(text: String(text.dropFirst(name.count)))
                }
            }
        }
        return nil
    }

    /// `cp SOURCE… TARGET`, and the same of its like.
    private mutating func copy(_ rest: [Argument], moves: Bool) {
        let folder = Self.value(of: ["-t", "--target-directory"], in: rest)
        var operands = Self.operands(rest, taking: ["t", "S", "m", "o", "g"])
        let makesFolders = rest.contains { $0.text == "-d" } && !moves
        guard !makesFolders else { return }
        let goal: Argument
        if let folder {
            goal = folder
        } else {
            guard operands.count > 1 else {
                // `ln TARGET` makes a link of that name here.
                if let last = operands.first?.text?.split(separator: "/").last {
                    write(Argument(text: String(last)))
                }
                return
            }
            goal = operands.removeLast()
        }
        if moves { operands.forEach { delete($0) } }
        guard let text = goal.text, let target = target(goal) else { return write(goal) }
        let isFolder = folder != nil || text.hasSuffix("/") || FileProbe.isFolder(target.path)
        guard isFolder || operands.count > 1 else { return write(goal) }
        for operand in operands {
            let name = operand.text?.split(separator: "/").last.map(String.init)
            guard let name, name != "." && name != ".." else {
                // What is in that folder goes there, whatever it is called.
                write(operand.text == nil ? Argument(text: nil) : goal)
                continue
            }
            write(Argument(text: "\(text)/\(name)", isPattern: operand.isPattern))
        }
    }

    /// `sed`, which writes with `-i`, and with `w` and `e` in its script.
    private mutating func edit(_ rest: [Argument]) {
        let words = SedWords(rest)
        let told = "sed " + Self.told(rest)
        let isPlain = words.scripts.allSatisfy { $0.map(SedScript.onlyPrints) ?? false }
        if !isPlain { addInline(told) }
        if words.isInPlace {
            words.files.forEach { write($0) }
        } else if isPlain {
            add(.does(.read, what: told))
        }
    }
}
