/// What the runners need to know of a test command's words.
extension [String] {
    /// Where the first of these programs stands, with or without a path in front.
    func place(of programs: Set<Substring>) -> Int? {
        firstIndex { programs.contains($0.lastPathPart) }
    }

    /// Where the program stands that these words run: the first word, or the one behind a
    /// launcher of JavaScript packages.
    var program: Int? {
        guard let first = first?.lastPathPart else { return nil }
        switch first {
        case "npx", "pnpx", "bunx", "yarn":
            return dropFirst().firstIndex { !$0.hasPrefix("-") }
        case "npm", "pnpm":
            guard count > 2, self[1] == "exec" else { return nil }
            return dropFirst(2).firstIndex { !$0.hasPrefix("-") }
        default: return 0
        }
    }

    /// The same words with options behind the place; nil: at the end.
    func inserting(_ options: [String], behind place: Int?) -> [String] {
        guard let place, place < count else { return self + options }
        return Array(self[...place]) + options + Array(self[(place + 1)...])
    }

    /// The same words with options at the end of what the program itself reads: before `--`.
    func insertingBeforeRest(_ options: [String]) -> [String] {
        let end = firstIndex(of: "--") ?? endIndex
        return Array(self[..<end]) + options + Array(self[end...])
    }

    /// The same words without these options, be their value in the same word or in the next.
    func without(options: Set<String>, flags: Set<String> = []) -> [String] {
        var kept: [String] = []
        var isValue = false
        for word in self {
            let name = String(word.prefix { $0 != "=" })
            if isValue {
                isValue = false
            } else if flags.contains(word) {
                continue
            } else if options.contains(name) {
                isValue = name == word
            } else {
                kept.append(word)
            }
        }
        return kept
    }
}

extension String {
    /// What is behind the last `/`.
    var lastPathPart: Substring {
        lastIndex(of: "/").map { self[index(after: $0)...] } ?? self[...]
    }
}
