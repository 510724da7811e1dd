/// What Tab offers: pure, but for the ids and the files, which are asked for.
struct Completer {
    var book: CommandBook
    /// The words of one kind that are known now.
    var words: (CommandBook.Completes) -> [String]
    /// The paths that begin so.
    var files: (String) -> [String] = FileNames.beginning

    /// What goes in at the end of `line`, or what could.
    func complete(_ line: String) -> LineEditor.Completion {
        let typed = Words.scan(line)
        let isInWord = typed.last.map { $0.range.upperBound == line.count } ?? false
        let before = isInWord ? typed.dropLast().map(\.text) : typed.map(\.text)
        let word = isInWord ? typed.last?.text ?? "" : ""
        let found = Set(candidates(after: before, for: word)).filter { $0.hasPrefix(word) }.sorted()
        guard let first = found.first else { return LineEditor.Completion() }
        let isOpen = isInWord && typed.last?.isOpen == true
        if found.count == 1 {
            let rest = String(first.dropFirst(word.count))
            // A folder or a `key=` goes on; an open quote is left to whoever opened it.
            let goesOn = first.hasSuffix("/") || first.hasSuffix("=") || isOpen
            return LineEditor.Completion(insertion: escaped(rest, isOpen) + (goesOn ? "" : " "))
        }
        let common = found.dropFirst().reduce(first) { $0.commonPrefix(with: $1) }
        if common.count > word.count {
            let rest = String(common.dropFirst(word.count))
            return LineEditor.Completion(insertion: escaped(rest, isOpen))
        }
        return LineEditor.Completion(candidates: found)
    }

    private func escaped(_ text: String, _ isOpen: Bool) -> String {
        if isOpen { return text }
        return text.map { $0 == " " || "'\"\\".contains($0) ? "\\\($0)" : String($0) }.joined()
    }

    private func candidates(after words: [String], for word: String) -> [String] {
        guard let name = words.first else {
            return book.commands.flatMap { [$0.name] + $0.aliases.filter { $0 != "?" } }
        }
        guard case .one(let command) = book.find(name) else { return [] }
        if !command.subcommands.isEmpty && words.count == 1 { return command.subcommands }
        if let value = words.last, words.count == 2, let values = command.values[value] {
            return values
        }
        if word.hasPrefix("--") || word == "-" && command.places.isEmpty { return command.options }
        if let option = words.last, option.hasPrefix("--") {
            if let values = values(of: option, word) { return values }
        }
        if command.name == "override" { return forced(words.dropFirst()) }
        if let place = word.firstIndex(of: "="), command.completes.contains(.filter) {
            let key = String(word[...place])
            return (values(of: "--" + key.dropLast(), "") ?? []).map { key + $0 }
        }
        let plain = words.count - 1
        if plain < command.places.count { return self.known(command.places[plain]) }
        return command.completes.sorted { "\($0)" < "\($1)" }.flatMap(known)
    }

    private func known(_ kind: CommandBook.Completes) -> [String] {
        switch kind {
        case .command: book.commands.map(\.name)
        case .filter: CommandBook.filters
        case .phase: ["H", "I", "V", "E", "X"]
        case .standing: ["-", "H", "I", "V", "E"]
        case .violation: CommandBook.violations
        case .entry, .task, .scatter, .signal, .trace, .agent: words(kind)
        }
    }

    /// What may stand behind the words of an override.
    private func forced(_ words: some BidirectionalCollection<String>) -> [String] {
        switch (words.first, words.count) {
        case ("phase", 1): ["H", "I", "V", "E"]
        case ("release", 1): self.words(.entry)
        case ("port", 1): (0...7).map(String.init)
        case ("port", 2): ["mute", "unmute"]
        default: []
        }
    }

    /// The values that an option can have; nil for one that takes none, or anything.
    private func values(of option: String, _ word: String) -> [String]? {
        switch option {
        case "--phase": ["H", "I", "V", "E"]
        case "--port": (0...7).map(String.init)
        case "--pull": ["downstream", "lateral", "upstream"]
        case "--type": ["error", "event", "metric", "signal"]
        case "--mode": CommandBook.modes
        case "--verdict": ["accepted", "quarantined"]
        case "--trace": ["new"] + words(.trace)
        case "--agent": words(.agent)
        case "--parent": words(.signal)
        case "--task": words(.task)
        case "--rules": files(word)
        default: nil
        }
    }
}

extension String {
    func commonPrefix(with other: String) -> String {
        String(zip(self, other).prefix { $0 == $1 }.map(\.0))
    }
}
