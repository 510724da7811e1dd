import HiveKernel

/// Programs that look, and the ways in which they do more.
extension ShellEffects {
    mutating func readAll(_ argument: Argument, skipsHidden: Bool) {
        guard var target = target(argument) else { return mention(argument) }
        target.isPattern = argument.isPattern
        add(.readAll(target, skipsHidden: skipsHidden))
    }

    /// What a program reads with all that is below it.
    mutating func readWhole(_ name: String, _ rest: [Argument], _ command: ShellCommand) {
        switch name {
        case "grep", "egrep", "fgrep", "zgrep":
            let recurses =
                Self.has("rR", ["--recursive", "--dereference-recursive"], in: rest)
                || rest.contains { $0.text?.hasSuffix("recurse") ?? false }
            if recurses { search(rest, isPiped: false, skipsHidden: false) }
        case "rg", "ag", "ack":
            let all = Self.has("u.", ["--hidden", "--unrestricted", "--no-ignore"], in: rest)
            search(rest, isPiped: command.hasInput, skipsHidden: !all)
        case "diff", "colordiff":
            guard Self.has("r", ["--recursive"], in: rest) else { return }
            for folder in Self.operands(rest) { readAll(folder, skipsHidden: false) }
        case "cp", "scp", "rsync", "zip", "7z":
            guard name == "7z" || Self.has("raR", ["--recursive", "--archive"], in: rest) else {
                return
            }
            let sources = Self.operands(rest, taking: ["t", "S", "e"])
            let isLastGoal = Self.value(of: ["-t", "--target-directory"], in: rest) == nil
            let last = name == "zip" || name == "7z" || !isLastGoal ? 0 : 1
            for folder in sources.dropLast(last) { readAll(folder, skipsHidden: false) }
        case "ln":
            for folder in Self.operands(rest).dropLast() { readAll(folder, skipsHidden: false) }
        case "tar", "bsdtar": archive(rest)
        default: break
        }
    }

    private mutating func search(_ rest: [Argument], isPiped: Bool, skipsHidden: Bool) {
        let hasPattern = Self.has("ef", ["--regexp", "--file", "--files"], in: rest)
        let operands = Self.operands(rest, taking: Self.searchValues)
        let roots = operands.dropFirst(hasPattern ? 0 : 1)
        for root in roots { readAll(root, skipsHidden: skipsHidden) }
        if roots.isEmpty && !isPiped { readAll(Argument(text: "."), skipsHidden: skipsHidden) }
    }

    /// Options of searchers whose value is a word of its own.
    private static let searchValues: Set<Character> = ["e", "f", "A", "B", "C", "m", "g", "t", "T"]

    /// True where one of these letters, or of the long options, is among the options.
    static func has(_ letters: String, _ long: [String], in words: [Argument]) -> Bool {
        words.prefix { $0.text != "--" }.contains { word in
            guard let text = word.text, text.hasPrefix("-") else { return false }
            if text.hasPrefix("--") { return long.contains { text.hasPrefix($0) } }
            return text.dropFirst().contains { letters.contains($0) }
        }
    }

    /// `tar`, which packs what is below of each word, from the folder that `-C` names.
    private mutating func archive(_ rest: [Argument]) {
        guard !Lookers.lists(tar: rest.map(\.text)) else { return }
        let outside = folder
        var goesOn = false
        for word in rest {
            if goesOn {
                folder = target(word)?.path
                goesOn = false
            } else if word.text == "-C" || word.text == "--directory" {
                goesOn = true
            } else if !(word.text?.hasPrefix("-") ?? false) {
                readAll(word, skipsHidden: false)
            }
        }
        folder = outside
    }

    /// Programs that look, but with some words write or run others; false: it is none of them.
    mutating func runLookers(_ name: String, _ rest: [Argument]) -> Bool {
        let told = name + " " + Self.told(rest)
        switch name {
        case "uniq", "xxd":
            let values: Set<Character> =
                name == "uniq" ? ["f", "s", "w"] : ["c", "g", "l", "o", "s"]
            let operands = Self.operands(rest, taking: values)
            for goal in operands.dropFirst().prefix(1) { write(goal) }
        case "tree", "less":
            let names = name == "tree" ? ["-o"] : ["-o", "-O", "--log-file", "--LOG-FILE"]
            if let goal = Self.value(of: names, in: rest) { write(goal) }
            if name == "less", rest.contains(where: { $0.text?.hasPrefix("+") ?? false }) {
                addInline(told)
            }
        case "history":
            guard Self.has("awp", [], in: rest) else { break }
            let goals = Self.operands(rest)
            goals.isEmpty ? addInline(told) : goals.forEach { write($0) }
        case "hash" where Self.has("p", [], in: rest): addInline(told)
        case "man":
            let programs = ["-P", "--pager", "-H", "--html"]
            if let pager = Self.value(of: programs, in: rest) { readValue(pager, of: "PAGER") }
        case "rg", "ack", "ag", "bat":
            let programs = ["--pre", "--pager", "--hostname-bin"]
            let program = Self.value(of: programs, in: rest)
            if let program { readValue(program, of: "PAGER") }
            add(.does(name == "bat" ? .read : .search, what: told))
            return true
        default: return false
        }
        add(.does(.read, what: told))
        return true
    }

    // MARK: find

    mutating func runFind(_ rest: [Argument], _ command: ShellCommand) {
        let told = "find " + Self.told(rest)
        let writing = ["-fprint", "-fprint0", "-fprintf", "-fls"]
        var isLooking = true
        for (place, word) in rest.enumerated() {
            guard let text = word.text else { continue }
            if text == "-delete" {
                isLooking = false
                for folder in Self.roots(rest) { delete(folder) }
            } else if writing.contains(text), place + 1 < rest.count {
                isLooking = false
                write(rest[place + 1])
            } else if ["-exec", "-execdir", "-ok", "-okdir", "-x", "-X", "--exec", "--exec-batch"]
                .contains(text)
            {
                isLooking = false
                for root in Self.roots(rest) { readAll(root, skipsHidden: false) }
                // What is found stands for `{}`.
                let inside = rest[(place + 1)...].prefix { $0.text != ";" && $0.text != "+" }
                    .map { $0.text?.contains("{}") == true ? Argument(text: nil) : $0 }
                if !inside.isEmpty { run(Array(inside), as: command) }
            }
        }
        if isLooking { add(.does(.search, what: told)) }
    }

    /// The folders that are gone through: the words in front of the first option.
    private static func roots(_ words: [Argument]) -> [Argument] {
        let options: Set<String> = ["-L", "-P", "-H"]
        let rest = words.drop { $0.text.map(options.contains) ?? false }
        let roots = rest.prefix { $0.text.map { !$0.hasPrefix("-") && $0 != "(" } ?? true }
        return roots.isEmpty ? [Argument(text: ".")] : Array(roots)
    }
}
