import HiveKernel

// From commands to effects
//
// What a command does is told by its words, for the programs that agents use every day; what is not
// known is `run.other`, and what could be anything is `run.inline`. Folders are followed through
// `cd`, and variables where the same line sets them to a plain text. A path that is known only when
// the command runs makes the command one that could write anything.

/// Reads command lines into what they would do.
struct ShellEffects {
    /// What is known where a command line is run.
    struct Surroundings: Sendable, Hashable {
        /// The home folder; nil: not known.
        var home: String?
        /// The project's own test command.
        var test: [String]?
    }

    /// A word as the command gets it.
    struct Argument: Sendable, Hashable {
        /// Nil: nobody knows before it runs.
        var text: String?
        var isPattern = false
    }

    private struct Scope {
        /// Where the script begins.
        var start: String?
        /// Nil: nobody knows.
        var folder: String?
        /// Variables of the line's own; nil: set, and nobody knows to what.
        var variables: [String: String?] = [:]
    }

    /// How often a command line may hand another one to a shell.
    private static let shellsMax = 8
    /// How many words braces may make of one.
    private static let bracesMax = 256

    let surroundings: Surroundings
    private(set) var effects: [ToolEffect] = []
    private var scopes: [Scope]
    private var shells = 0

    /// What a command line would do, run in this folder.
    static func of(
        _ text: String,
        in folder: String?,
        _ surroundings: Surroundings
    ) -> [ToolEffect] {
        var reader = ShellEffects(surroundings: surroundings, folder: folder)
        reader.read(text)
        return reader.effects
    }

    /// What words would do that are run without a shell.
    static func of(
        words: [String],
        in folder: String?,
        _ surroundings: Surroundings
    ) -> [ToolEffect] {
        var reader = ShellEffects(surroundings: surroundings, folder: folder)
        reader.run(words.map { Argument(text: $0) }, as: ShellCommand())
        return reader.effects
    }

    private init(surroundings: Surroundings, folder: String?) {
        self.surroundings = surroundings
        scopes = [Scope(start: folder, folder: folder)]
    }

    /// The folder that the next command runs in; nil: nobody knows.
    var folder: String? {
        get { scopes.last?.folder }
        set { scopes[scopes.count - 1].folder = newValue }
    }

    // MARK: Scripts

    /// Reads a command line; what cannot be read could be anything.
    mutating func read(_ text: String) {
        guard shells < Self.shellsMax else {
            return addInline("shells that start shells, more than \(Self.shellsMax) deep")
        }
        shells += 1
        defer { shells -= 1 }
        do throws(ShellFault) {
            try read(ShellScript(text))
        } catch {
            addInline("a command line that cannot be read: \(error.reason)")
        }
    }

    private mutating func read(_ script: ShellScript) {
        let base = scopes.count
        for step in script.steps {
            switch step {
            case .enter: scopes.append(scopes[scopes.count - 1])
            case .leave: if scopes.count > base { scopes.removeLast() }
            case .command(let command): read(command)
            }
        }
    }

    private mutating func read(_ command: ShellCommand) {
        let arguments = command.words.flatMap(expanded)
        for (name, value) in command.assignments {
            judgeVariable(name)
            if arguments.isEmpty { set(name, to: expanded(value), in: command) }
        }
        for redirection in command.redirections where redirection.kind != .read {
            for target in expanded(redirection.target) {
                redirection.kind == .append ? append(target) : write(target)
            }
        }
        let own = arguments.drop { $0.text.map { ScriptWord.reserved.contains($0) } ?? false }
        if !own.isEmpty { run(Array(own), as: command) }
    }

    // MARK: What a command does

    mutating func add(_ effect: ToolEffect) { effects.append(effect) }

    mutating func addInline(_ what: String) { add(.does(.run(.inline), what: what)) }

    mutating func write(_ argument: Argument) {
        guard !isDevice(argument) else { return }
        addPath(argument, ToolEffect.write)
    }

    mutating func append(_ argument: Argument) {
        guard !isDevice(argument) else { return }
        addPath(argument, ToolEffect.append)
    }

    mutating func delete(_ argument: Argument) { addPath(argument, ToolEffect.delete) }

    private mutating func addPath(
        _ argument: Argument,
        _ effect: (PathTarget) -> ToolEffect
    ) {
        if let target = target(argument) { return add(effect(target)) }
        addInline("a file that is known only when the command runs")
        // Where a `cd` led to is not known: the project's folder is the first guess.
        if let text = argument.text, !text.isEmpty, let first = scopes.first?.start {
            let path = "\(first)/\(text)"
            add(effect(PathTarget(path: path, isPattern: argument.isPattern)))
        }
    }

    /// The file that a word names; nil: nobody knows.
    func target(_ argument: Argument) -> PathTarget? {
        guard let text = argument.text, !text.isEmpty else { return nil }
        if text.utf8.first == UInt8(ascii: "/") {
            return PathTarget(path: text, isPattern: argument.isPattern)
        }
        guard let folder else { return nil }
        return PathTarget(path: "\(folder)/\(text)", isPattern: argument.isPattern)
    }

    private func isDevice(_ argument: Argument) -> Bool {
        let devices = ["/dev/null", "/dev/stdout", "/dev/stderr", "/dev/tty", "-"]
        return argument.text.map(devices.contains) ?? false
    }

    /// Changes the folder for what follows, as `cd` does.
    mutating func changeFolder(to argument: Argument?, isPiped: Bool) {
        guard let argument else {
            if !isPiped { folder = surroundings.home }
            return
        }
        let target = target(argument)
        if let target { add(.name(target)) }
        guard !isPiped else { return }
        // `cd -`, and what is not there, lead nowhere that is known.
        guard let target, argument.text != "-", !target.isPattern,
            FileProbe.isFolder(target.path)
        else {
            folder = nil
            return
        }
        folder = target.path
    }

    // MARK: Variables

    /// Variables by which the rules could be given the slip.
    mutating func judgeVariable(_ name: String) {
        let isGit = name.hasPrefix("GIT_CONFIG") || name == "GIT_EXEC_PATH"
        guard isGit || ["HIVE_RULES", "HIVE_STATE_DIR", "XDG_CONFIG_HOME"].contains(name) else {
            return
        }
        add(
            .personal(
                what: "\(name)=…",
                why: "it puts other settings in the place of the project's"
            )
        )
    }

    mutating func set(_ name: String, to value: [Argument], in command: ShellCommand) {
        guard !command.isPiped else { return }
        let text = value.count == 1 ? value[0].text : value.isEmpty ? "" : nil
        scopes[scopes.count - 1].variables[name] = .some(text)
    }

    private func value(of name: String) -> String? {
        if let set = scopes.last?.variables[name] { return set }
        return switch name {
        case "HOME": surroundings.home
        case "PWD": folder
        default: nil
        }
    }

    /// The words that a word becomes.
    func expanded(_ word: ScriptWord) -> [Argument] {
        if word.pieces.count == 1, case .variable(let name, isQuoted: false) = word.pieces[0] {
            guard let value = value(of: name) else { return [Argument(text: nil)] }
            // Without quotes it is split at white space.
            return value.split(whereSeparator: \.isWhitespace).map { part in
                Argument(text: String(part), isPattern: part.contains { "*?[".contains($0) })
            }
        }
        var text = ""
        var isPattern = false
        var hasBraces = false
        for (place, piece) in word.pieces.enumerated() {
            switch piece {
            case .text(let part, let isQuoted):
                text += place == 0 && !isQuoted ? withHome(part) ?? part : part
                guard !isQuoted else { continue }
                isPattern = isPattern || part.contains { "*?[".contains($0) }
                hasBraces = hasBraces || part.contains("{")
            case .variable(let name, let isQuoted):
                guard let value = value(of: name),
                    isQuoted || !value.contains(where: \.isWhitespace)
                else { return [Argument(text: nil)] }
                text += value
            case .unknown: return [Argument(text: nil)]
            }
        }
        guard hasBraces else { return [Argument(text: text, isPattern: isPattern)] }
        guard let words = Braces.expanded(text, max: Self.bracesMax) else {
            return [Argument(text: nil)]
        }
        return words.map { Argument(text: $0, isPattern: isPattern) }
    }

    /// `~` and `~/…` at the start of a word.
    private func withHome(_ text: String) -> String? {
        guard text == "~" || text.hasPrefix("~/"), let home = surroundings.home else { return nil }
        return home + text.dropFirst()
    }
}

/// `a{b,c}d` as bash expands it.
enum Braces {
    /// Nil where there are more than `max`, or the braces are of another kind (`{1..9}`).
    static func expanded(_ text: String, max: Int) -> [String]? {
        var done: [String] = []
        var open = [text]
        while let next = open.popLast() {
            guard let start = next.firstIndex(of: "{"), let end = close(next, start) else {
                done.append(next)
                guard done.count + open.count <= max else { return nil }
                continue
            }
            let inside = next[next.index(after: start)..<end]
            let choices = parts(inside)
            guard choices.count > 1 else {
                // `{}` and `{a}` stay; a sequence is not counted out.
                guard !inside.contains("..") else { return nil }
                done.append(next)
                continue
            }
            let after = next[next.index(after: end)...]
            open += choices.reversed().map { String(next[..<start] + $0 + after) }
            guard done.count + open.count <= max else { return nil }
        }
        return done
    }

    private static func close(_ text: String, _ start: String.Index) -> String.Index? {
        var depth = 0
        for place in text[start...].indices {
            if text[place] == "{" { depth += 1 }
            if text[place] == "}" { depth -= 1 }
            if depth == 0 { return place }
        }
        return nil
    }

    /// Split at the commas that no inner brace holds.
    private static func parts(_ text: Substring) -> [Substring] {
        var parts: [Substring] = []
        var depth = 0
        var start = text.startIndex
        for place in text.indices {
            switch text[place] {
            case "{": depth += 1
            case "}": depth -= 1
            case "," where depth == 0:
                parts.append(text[start..<place])
                start = text.index(after: place)
            default: break
            }
        }
        return parts + [text[start...]]
    }
}
