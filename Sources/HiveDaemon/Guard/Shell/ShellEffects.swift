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
        /// Where `text` is nil: what is known of it, with `*` for what is not.
        var shape: String?
    }

    struct Scope {
        /// Where the script begins.
        var start: String?
        /// Nil: nobody knows.
        var folder: String?
        /// Variables of the line's own; nil: set, and nobody knows to what.
        var variables: [String: String?] = [:]
    }

    /// How often a command line may hand another one to a shell.
    private static let shellsMax = 8
    let surroundings: Surroundings
    private(set) var effects: [ToolEffect] = []
    var scopes: [Scope]
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
        let own = Array(
            arguments.drop { $0.text.map { ScriptWord.reserved.contains($0) } ?? false }
        )
        let assignments = command.assignments.map { ($0.name, expanded($0.value)) }
        if own.isEmpty {
            for (name, value) in assignments {
                judgeVariable(name, value.first)
                set(name, to: value, in: command)
            }
        }
        for redirection in command.redirections {
            for target in expanded(redirection.target) {
                switch redirection.kind {
                case .read: mention(target)
                case .append: append(target)
                case .write: write(target)
                }
            }
        }
        guard !own.isEmpty else { return }
        runWith(assignments.map { ($0.0, $0.1.first) }) { $0.run(own, as: command) }
    }

    /// Runs a command with variables of its own.
    mutating func runWith(
        _ variables: [(name: String, value: Argument?)],
        _ body: (inout ShellEffects) -> Void
    ) {
        guard !variables.isEmpty else { return body(&self) }
        scopes.append(scopes[scopes.count - 1])
        for (name, value) in variables {
            judgeVariable(name, value)
            scopes[scopes.count - 1].variables[name] = .some(value?.text)
        }
        body(&self)
        // `A=b cd c` goes there, and takes no variable along.
        let after = folder
        scopes.removeLast()
        folder = after
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

    /// A word that names a file, for whatever use.
    mutating func mention(_ argument: Argument) {
        guard let text = argument.text else {
            if let pattern = argument.shape.flatMap(placed) {
                add(.name(PathTarget(path: pattern, isPattern: true)))
            }
            return
        }
        // A plain name is one of the project's, but where a `cd` led out of it.
        let isElsewhere = folder != scopes.first?.start && !text.hasPrefix("-")
        if text.contains("/") || isElsewhere, let target = target(argument) { add(.name(target)) }
        for path in inner(text) {
            add(.name(PathTarget(path: path, isPattern: argument.isPattern)))
        }
    }

    /// Where the shape of a word that is not known may lead; nil: it says too little.
    private func placed(_ shape: String) -> String? {
        guard shape.contains("/") else { return nil }
        guard shape.hasPrefix("*") else {
            return shape.hasPrefix("/") ? shape : folder.map { "\($0)/\(shape)" }
        }
        // It may begin anywhere, so that its last name at least has to be told.
        let rest = shape.drop { $0 != "/" }
        guard let last = rest.split(separator: "/").last, !last.contains(where: Self.isSign) else {
            return nil
        }
        return "/**\(rest)"
    }

    static func isSign(_ character: Character) -> Bool { "*?[".contains(character) }

    /// Absolute paths inside of a word: `--file=/a`, `if=~/a`, `-f/a`, `@/a`, `file:///a`.
    private func inner(_ text: String) -> [String] {
        var paths: [String] = []
        var before: Character = text.hasPrefix("-") ? "=" : " "
        for place in text.indices {
            defer { before = text[place] }
            guard "=@:".contains(before) || (text.hasPrefix("-") && paths.isEmpty) else { continue }
            let rest = text[place...]
            if rest.hasPrefix("/") {
                paths.append(String(rest.prefix { $0 != ":" }))
            } else if rest.hasPrefix("~/"), let home = surroundings.home {
                paths.append(home + rest.dropFirst().prefix { $0 != ":" })
            }
            guard paths.count < Self.innerMax else { break }
        }
        return paths
    }

    /// As many paths are looked for inside of one word.
    private static let innerMax = 4

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
}
