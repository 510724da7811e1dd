import HiveKernel

/// What the programs do that agents run every day.
extension ShellEffects {
    /// Judges one command by its words, of which there is at least one.
    mutating func run(_ words: [Argument], as command: ShellCommand) {
        for word in words.dropFirst() { mention(word) }
        guard let path = words[0].text, !path.isEmpty else {
            return addInline("a command whose name is known only when it runs")
        }
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let rest = Array(words.dropFirst())
        let told = Self.told(words)
        if isOwnTest(words) || TestPrograms.includes(name, rest.map(\.text)) {
            return add(.does(.run(.tests), what: told))
        }
        if Self.isLocal(path), Self.interpreters[name] == nil, let target = target(words[0]) {
            // What lies in the project may be called `ls` and be anything.
            return add(.script(target))
        }
        if runWrapped(name, rest, command) || runBuiltin(name, rest, command) { return }
        readWhole(name, rest, command)
        if Lookers.only(name, rest.map(\.text)) { return add(.does(.read, what: told)) }
        switch name {
        case "git": runGit(rest)
        case "hive": runHive(rest)
        case "find", "fd", "fdfind": runFind(rest, command)
        case "apply_patch", "applypatch":
            let patch = PatchText(rest.first?.text ?? command.input ?? "")
            guard !patch.isEmpty, let folder else { return addInline(told) }
            patch.effects(in: folder).forEach { add($0) }
        case _ where runFiles(name, rest): break
        case _ where runLookers(name, rest): break
        case _ where Lookers.names.contains(name): add(.does(.read, what: told))
        case _ where Lookers.seekers.contains(name): add(.does(.search, what: told))
        case _ where Self.interpreters[name] != nil: runInterpreter(name, rest, command, told)
        case _ where Self.anything.contains(name): addInline(told)
        default: add(.does(.run(.other), what: told))
        }
    }

    /// True for a path that is not among the system's programs.
    private static func isLocal(_ path: String) -> Bool {
        let system = ["/bin/", "/sbin/", "/usr/", "/opt/", "/nix/"]
        return path.contains("/")
            && (path.contains("..") || !system.contains { path.hasPrefix($0) })
    }

    /// The words for people.
    static func told(_ words: [Argument]) -> String {
        words.map { $0.text ?? "…" }.joined(separator: " ")
    }

    /// Programs by which anything can be written: what they do is in what they are given.
    private static let anything: Set<String> = [
        "patch", "ed", "ex", "vi", "vim", "nvim", "nano", "emacs", "tar", "unzip", "cpio", "7z",
        "rsync", "git-apply", "source", ".", "alias", "trap", "function", "coproc", "fc", "enable",
        "crontab", "at", "batch", "parallel", "script", "expect", "busybox", "gdb", "osascript",
    ]

    private func isOwnTest(_ words: [Argument]) -> Bool {
        guard let test = surroundings.test, !test.isEmpty else { return false }
        return words.prefix(test.count).map(\.text) == test.map(Optional.some)
    }

    // MARK: Programs that run others

    /// True for a program that only runs what follows it.
    private mutating func runWrapped(
        _ name: String,
        _ rest: [Argument],
        _ command: ShellCommand
    ) -> Bool {
        var rest = rest[...]
        var command = command
        switch name {
        case "env":
            let outside = folder
            defer { folder = outside }
            guard let variables = enterEnvironment(&rest) else {
                addInline("env with words that are split only when it runs")
                return true
            }
            let inside = Array(rest)
            runWith(variables) { effects in
                if !inside.isEmpty { effects.run(inside, as: command) }
            }
            return true
        case "xargs":
            Self.dropOptions(&rest, taking: ["I", "n", "P", "d", "L", "a", "s", "E"])
            rest = rest + [Argument(text: nil)]
            command.hasInput = false
        case "timeout":
            Self.dropOptions(&rest, taking: ["s", "k"])
            rest = rest.dropFirst()
        case "sudo", "doas":
            Self.dropOptions(&rest, taking: ["u", "g", "h", "p", "C", "T", "r", "t"])
        case "nice": Self.dropOptions(&rest, taking: ["n"])
        case "ionice": Self.dropOptions(&rest, taking: ["c", "n", "p"])
        case "stdbuf": Self.dropOptions(&rest, taking: ["i", "o", "e"])
        case "time":
            if let output = Self.value(of: ["-o", "--output"], in: Self.options(rest)) {
                write(output)
            }
            Self.dropOptions(&rest, taking: ["f", "o"])
        case "exec": Self.dropOptions(&rest, taking: ["a"])
        case "nohup", "setsid", "builtin", "chronic", "strace", "ltrace", "unbuffer":
            Self.dropOptions(&rest, taking: ["o", "e", "p"])
        case "command":
            if rest.first?.text == "-v" || rest.first?.text == "-V" { rest = [] }
            Self.dropOptions(&rest, taking: [])
        case "npx", "bunx", "uvx", "pipx", "bundle", "poetry", "pipenv", "uv", "hatch", "rye",
            "pdm":
            guard let inside = Self.runByManager(name, rest) else { return false }
            rest = inside
        default: return false
        }
        if !rest.isEmpty { run(Array(rest), as: command) }
        return true
    }

    /// The command behind `bundle exec`, `uv run` and the like; nil: another use of the program.
    private static func runByManager(
        _ name: String,
        _ rest: ArraySlice<Argument>
    ) -> ArraySlice<Argument>? {
        var rest = rest
        switch name {
        case "npx", "bunx", "uvx": break
        case "bundle":
            guard rest.first?.text == "exec" else { return nil }
            rest = rest.dropFirst()
        default:
            guard rest.first?.text == "run" else { return nil }
            rest = rest.dropFirst()
        }
        dropOptions(&rest, taking: ["p"])
        return rest.isEmpty ? nil : rest
    }

    /// The variables that `env` sets; nil: its words are not told before it runs.
    private mutating func enterEnvironment(
        _ rest: inout ArraySlice<Argument>
    ) -> [(name: String, value: Argument?)]? {
        var variables: [(name: String, value: Argument?)] = []
        while let word = rest.first?.text {
            if word == "-S" || word.hasPrefix("--split") || word.hasPrefix("-S") { return nil }
            if ["-u", "-C", "--unset", "--chdir"].contains(word) {
                rest = rest.dropFirst()
                if word == "-C" || word == "--chdir" { folder = rest.first.flatMap(target)?.path }
            } else if !word.hasPrefix("-") {
                guard let (name, value) = Self.assignment(word) else { return variables }
                variables.append((name, value))
            }
            rest = rest.dropFirst()
        }
        return rest.isEmpty ? variables : nil
    }

    /// `NAME=VALUE` as one word.
    private static func assignment(_ word: String) -> (name: String, value: Argument)? {
        guard let sign = word.firstIndex(of: "=") else { return nil }
        return (String(word[..<sign]), Argument(text: String(word[word.index(after: sign)...])))
    }

    /// The options in front, and the word behind them, which may be the value of the last.
    private static func options(_ words: ArraySlice<Argument>) -> [Argument] {
        let count = words.prefix { $0.text?.hasPrefix("-") ?? false }.count
        return count == 0 ? [] : Array(words.prefix(count + 1))
    }

    /// Drops options in front; `taking` are the letters whose value is a word of its own.
    static func dropOptions(_ words: inout ArraySlice<Argument>, taking: Set<Character>) {
        while let text = words.first?.text, text.count > 1, text.hasPrefix("-") {
            words = words.dropFirst()
            if text == "--" { return }
            if text.count == 2, let letter = text.last, taking.contains(letter) {
                words = words.dropFirst()
            }
        }
    }

    // MARK: What belongs to the shell

    private mutating func runBuiltin(
        _ name: String,
        _ rest: [Argument],
        _ command: ShellCommand
    ) -> Bool {
        switch name {
        case "cd", "pushd":
            let operand = rest.first { $0.text.map { !$0.hasPrefix("-") || $0 == "-" } ?? true }
            changeFolder(to: operand, isPiped: command.isPiped)
        case "popd":
            if !command.isPiped { folder = nil }
        case "export", "declare", "typeset", "local", "readonly", "set", "unset", "shopt", "read":
            for word in rest {
                guard let (name, value) = word.text.flatMap(Self.assignment) else {
                    word.text.map { judgeVariable($0, nil) }
                    continue
                }
                judgeVariable(name, value)
                set(name, to: [value], in: command)
            }
        case "eval":
            let words = rest.compactMap(\.text)
            if words.count == rest.count {
                read(words.joined(separator: " "))
            } else {
                addInline("eval of what is known only when it runs")
            }
        case "watch":
            var words = rest[...]
            Self.dropOptions(&words, taking: ["n"])
            let texts = words.compactMap(\.text)
            texts.count == words.count
                ? read(texts.joined(separator: " ")) : addInline(Self.told(rest))
        default: return false
        }
        return true
    }

    // MARK: Interpreters

    private static let shells: Set<String> = ["sh", "bash", "zsh", "dash", "ksh", "fish"]

    /// By their names: the options that hand them code.
    private static let interpreters: [String: Set<String>] = {
        var options: [String: Set<String>] = [:]
        for name in shells { options[name] = [] }
        for name in ["python", "python2", "python3", "pypy", "pypy3"] { options[name] = ["-c"] }
        for name in ["node", "nodejs", "bun", "tsx", "ts-node"] {
            options[name] = ["-e", "--eval", "-p", "--print", "-pe"]
        }
        for name in ["perl", "ruby", "lua", "luajit", "Rscript", "elixir", "julia", "groovy"] {
            options[name] = ["-e", "-E", "-ne", "-pe", "-i", "-pi", "-pie", "-nle", "-lne"]
        }
        options["php"] = ["-r", "-R", "-B"]
        options["deno"] = ["eval"]
        options["awk"] = []
        options["gawk"] = []
        options["mawk"] = []
        return options
    }()

    private mutating func runInterpreter(
        _ name: String,
        _ rest: [Argument],
        _ command: ShellCommand,
        _ told: String
    ) {
        let first = rest.first?.text
        if ["--version", "-V", "-v", "--help", "-h"].contains(first), rest.count == 1 {
            return add(.does(.read, what: told))
        }
        if name.hasSuffix("awk") { return runAwk(rest, told) }
        if Self.shells.contains(name) { return runShell(rest, command, told) }
        let code = Self.interpreters[name] ?? []
        if rest.contains(where: { $0.text.map(code.contains) ?? false }) { return addInline(told) }
        var operands = rest[...]
        if name == "python" || name.hasPrefix("python3") || name.hasPrefix("pypy"), first == "-m" {
            return add(.does(.run(.other), what: told))
        }
        if (name == "deno" || name == "bun"), first == "run" { operands = operands.dropFirst() }
        Self.dropOptions(&operands, taking: ["W", "X", "r", "I"])
        guard let script = operands.first, script.text != "-" else { return addInline(told) }
        let known = ["install", "add", "remove", "fmt", "lint", "check", "build", "pm", "x"]
        if name == "deno" || name == "bun", script.text.map(known.contains) ?? false {
            return add(.does(.run(.other), what: told))
        }
        guard let target = target(script) else { return addInline(told) }
        add(.script(target))
    }

    private mutating func runShell(_ rest: [Argument], _ command: ShellCommand, _ told: String) {
        // A shell reads this file before anything else.
        if let file = scopes.last?.variables["ENV"], file != .some("") {
            if let target = target(Argument(text: file)) {
                add(.script(target))
            } else {
                addInline("ENV=…")
            }
        }
        var words = rest[...]
        while let text = words.first?.text, text.hasPrefix("-"), text.count > 1 {
            words = words.dropFirst()
            // `-c`, or letters together with it: `-lc`.
            if !text.hasPrefix("--"), text.contains("c") {
                guard let script = words.first?.text else { return addInline(told) }
                let outside = folder
                read(script)
                folder = outside
                return
            }
            if text == "-o" || text == "-O" { words = words.dropFirst() }
        }
        if let script = words.first {
            guard let target = target(script) else { return addInline(told) }
            return add(.script(target))
        }
        guard let input = command.input else { return addInline(told) }
        let outside = folder
        read(input)
        folder = outside
    }

    /// It can write files and run commands by its program.
    private mutating func runAwk(_ rest: [Argument], _ told: String) {
        var words = rest[...]
        while let text = words.first?.text, text.hasPrefix("-"), text.count > 1 {
            words = words.dropFirst()
            guard text != "--" else { break }
            switch text.prefix(2) {
            case "-F", "-v":
                if text.count == 2 { words = words.dropFirst() }
            // Other options bring in files, or more of the language.
            default: return addInline(told)
            }
        }
        guard let text = words.first?.text, let writes = AwkProgram.files(writtenBy: text) else {
            return addInline(told)
        }
        writes.forEach { write(Argument(text: $0)) }
        if writes.isEmpty { add(.does(.read, what: told)) }
    }
}
