import HiveKernel

// git's settings, for one command or for good
//
// Those by which other hooks, refs or rules would count are a person's. Those that hold a command
// are judged as that command, as `core.pager=cat` is everyday.

extension ShellEffects {
    /// Settings by which git runs other hooks, other programs, or another configuration.
    static func isGuardedSetting(_ name: some StringProtocol) -> Bool {
        let name = name.lowercased()
        let names = ["core.hookspath", "core.fsmonitor", "core.worktree"]
        let sections = [
            "alias.", "include.", "includeif.", "hook.", "notes.", "receive.", "protocol.",
        ]
        return names.contains(name) || sections.contains { name.hasPrefix($0) }
    }

    /// Settings that hold a command.
    private static func holdsCommand(setting name: some StringProtocol) -> Bool {
        let name = name.lowercased()
        let names: Set<String> = [
            "core.pager", "core.editor", "core.sshcommand", "core.askpass", "core.gitproxy",
            "core.alternaterefscommand", "sequence.editor", "diff.external", "credential.helper",
            "interactive.difffilter", "uploadpack.packobjectshook", "gpg.program",
        ]
        let endings = [
            ".textconv", ".command", ".cmd", ".driver", ".clean", ".smudge", ".process", ".program",
            ".helper", ".uploadpack", ".receivepack", ".vcs",
        ]
        return names.contains(name) || name.hasPrefix("pager.")
            || endings.contains { name.hasSuffix($0) }
    }

    /// A setting that is put in place for one command, or for good; nil: to nobody knows what.
    mutating func judgeSetting(_ name: some StringProtocol, _ value: Argument?) {
        guard Self.holdsCommand(setting: name) else { return }
        let name = String(name)
        // Such a switch is no command.
        guard let value, !["true", "false", ""].contains(value.text) else {
            if value == nil { addInline("\(name)=…") }
            return
        }
        let isHelper = name.lowercased().hasSuffix("helper") && value.text?.hasPrefix("!") == false
        if !isHelper { readValue(value, of: name) }
    }

    mutating func runGitConfig(_ words: [Argument], _ told: String) {
        let operands = Self.operands(words, taking: ["f"])
        let verbs = ["get", "list", "set", "unset", "rename-section", "remove-section", "edit"]
        let hasVerb = operands.first?.text.map(verbs.contains) ?? false
        let names = (hasVerb ? operands.dropFirst() : operands[...]).map {
            $0.text ?? "core.hooksPath"
        }
        let options = words.compactMap(\.text)
        let looks =
            options.contains { ["--list", "-l"].contains($0) || $0.hasPrefix("--get") }
            || (hasVerb && ["get", "list"].contains(operands.first?.text))
            || (!hasVerb && names.count == 1 && !options.contains { $0.hasPrefix("--unset") })
        if looks { return add(.does(.read, what: told)) }
        let edits =
            options.contains { ["--edit", "-e"].contains($0) }
            || (hasVerb && operands.first?.text == "edit")
        let isGuarded = names.first.map { Self.isGuardedSetting($0) } ?? false
        let isSection =
            options.contains { $0.hasSuffix("-section") }
            || (hasVerb && operands.first?.text?.hasSuffix("-section") ?? false)
        if isGuarded || edits || isSection {
            add(.personal(what: told, why: Self.pastRules))
        } else if let name = names.first {
            let values = (hasVerb ? operands.dropFirst() : operands[...]).dropFirst()
            if let value = values.first { judgeSetting(name, value) }
        }
    }
}
