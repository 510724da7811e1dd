import HiveKernel

// Variables in and in front of commands
//
// Some choose other rules or hooks, and are a person's. Some hold a command that a program will
// run, an editor or a pager, and are judged as that command: `GIT_EDITOR=true` is fine.

extension ShellEffects {
    /// How many words braces may make of one.
    private static let bracesMax = 256

    /// By which git and hive go by other settings.
    private static let personalVariables: Set<String> = [
        "GIT_EXEC_PATH", "HIVE_RULES", "HIVE_STATE_DIR", "BLACKBOARD_PATH", "QUARANTINE_PATH",
        "AUDIT_PATH", "XDG_CONFIG_HOME",
    ]
    /// By which the managers of git's hooks run none, or not all.
    private static let hookVariables: Set<String> = [
        "SKIP", "HUSKY", "HUSKY_SKIP_HOOKS", "LEFTHOOK", "LEFTHOOK_EXCLUDE", "OVERCOMMIT_DISABLE",
        "PRE_COMMIT_ALLOW_NO_CONFIG", "SKIP_SIMPLE_GIT_HOOKS",
    ]
    /// That hold a command.
    private static let commandVariables: Set<String> = [
        "PAGER", "MANPAGER", "EDITOR", "VISUAL", "PROMPT_COMMAND", "LESSOPEN", "LESSCLOSE",
        "GIT_EXTERNAL_DIFF", "GIT_PAGER", "GIT_SSH", "GIT_ASKPASS", "SSH_ASKPASS", "BROWSER",
    ]

    /// Judges a variable that is set; `value` nil: to nothing, or to more than one word.
    mutating func judgeVariable(_ name: String, _ value: Argument?) {
        if name.hasPrefix("GIT_CONFIG") || Self.personalVariables.contains(name) {
            add(
                .personal(
                    what: "\(name)=…",
                    why: "it puts other settings in the place of the project's"
                )
            )
        } else if Self.holdsCommand(name) {
            readValue(value, of: name)
        } else if name.hasPrefix("LD_") || name == "GCONV_PATH" {
            addInline("\(name)=…, which puts other code into what is run")
        } else if name == "BASH_ENV" || name == "PYTHONSTARTUP", value?.text != "" {
            guard let target = value.flatMap(target) else { return addInline("\(name)=…") }
            add(.script(target))
        }
    }

    private static func holdsCommand(_ name: String) -> Bool {
        commandVariables.contains(name)
            || (name.hasPrefix("GIT_")
                && (name.hasSuffix("_COMMAND") || name.hasSuffix("EDITOR")))
    }

    /// What a setting holds is run by a shell, at some time.
    mutating func readValue(_ value: Argument?, of name: String) {
        guard let text = value?.text else {
            if value != nil { addInline("\(name)=…, a command that nobody knows yet") }
            return
        }
        let isPlainSSH = text.hasPrefix("ssh ") && !text.contains("Command")
        guard !isPlainSSH, !Self.usualPrograms.contains(text) else { return }
        let outside = folder
        read(text)
        folder = outside
    }

    /// Whom people let show and edit texts, and ask for passwords.
    private static let usualPrograms: Set<String> = [
        "vi", "vim", "nvim", "nano", "emacs", "ed", "code --wait", "less", "more", "cat", "true",
        ":", "delta", "ssh",
    ]

    /// The variable by which git's hooks would not run; nil: none is set.
    var hookSkip: String? {
        scopes.last?.variables.first { name, value in
            Self.hookVariables.contains(name) && value != .some("")
        }?.key
    }

    // MARK: What they stand for

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
                Argument(text: String(part), isPattern: part.contains(where: Self.isSign))
            }
        }
        var text = ""
        var isPattern = false
        var hasBraces = false
        var isKnown = true
        for (place, piece) in word.pieces.enumerated() {
            switch piece {
            case .text(let part, let isQuoted):
                let atHome = place == 0 && !isQuoted ? withHome(part) : part
                isKnown = isKnown && atHome != nil
                text += atHome ?? "*" + part.drop { $0 != "/" }
                guard !isQuoted else { continue }
                isPattern = isPattern || part.contains(where: Self.isSign)
                hasBraces = hasBraces || part.contains("{")
            case .variable(let name, let isQuoted):
                if let value = value(of: name), isQuoted || !value.contains(where: \.isWhitespace) {
                    text += value
                } else {
                    isKnown = false
                    text += "*"
                }
            case .unknown:
                isKnown = false
                text += "*"
            }
        }
        guard isKnown else { return [Argument(text: nil, shape: text)] }
        guard hasBraces else { return [Argument(text: text, isPattern: isPattern)] }
        guard let words = Braces.expanded(text, max: Self.bracesMax) else {
            return [Argument(text: nil)]
        }
        return words.map { Argument(text: $0, isPattern: isPattern) }
    }

    /// With `~` and `~/…` at the start of a word; nil: another `~`, of nobody knows whose home.
    private func withHome(_ text: String) -> String? {
        guard text.hasPrefix("~") else { return text }
        guard text == "~" || text.hasPrefix("~/"), let home = surroundings.home else { return nil }
        return home + text.dropFirst()
    }
}
