import HiveKernel

// What git and hive do for an agent
//
// A commit, a merge, a push are judged by git's hooks, by CI, and by `hive verify`: the guard lets
// them pass, and refuses only what would get round those. What takes files from elsewhere over into
// the folder counts as writing them.

extension ShellEffects {
    private static let gitLookers: Set<String> = [
        "status", "log", "diff", "show", "blame", "annotate", "ls-files", "ls-tree", "rev-parse",
        "describe", "shortlog", "reflog", "cat-file", "name-rev", "merge-base", "rev-list",
        "for-each-ref", "check-ignore", "check-attr", "diff-tree", "diff-index", "diff-files",
        "whatchanged", "version", "help", "var", "show-ref", "show-branch", "count-objects", "fsck",
        "range-diff", "cherry", "ls-remote", "verify-commit", "verify-tag", "grep", "--version",
    ]

    /// What git's own hooks judge, or what changes no file that is judged.
    private static let gitWorkers: Set<String> = [
        "add", "commit", "push", "fetch", "pull", "merge", "rebase", "cherry-pick", "revert",
        "switch", "branch", "tag", "stash", "worktree", "clone", "init", "remote", "bisect", "gc",
        "prune", "maintenance", "repack", "pack-refs", "sparse-checkout", "submodule", "reset",
        "stage", "mergetool", "rerere", "bundle", "archive", "format-patch", "request-pull",
    ]

    /// What writes refs, objects or notes past every hook that could judge them.
    private static let gitPastHooks: Set<String> = [
        "update-ref", "replace", "symbolic-ref", "fast-import", "filter-branch", "filter-repo",
        "notes", "hook", "receive-pack", "update-server-info", "commit-tree", "send-pack",
    ]

    private static let pastRules = "it gets round the hooks that judge what is committed"

    mutating func runGit(_ all: [Argument]) {
        var rest = all[...]
        let told = "git " + Self.told(all)
        let outside = folder
        defer { folder = outside }
        guard enterGit(&rest, told) else { return }
        guard let word = rest.first else { return add(.does(.read, what: told)) }
        guard let name = word.text else { return addInline(told) }
        let words = Array(rest.dropFirst())
        if let output = Self.value(of: ["--output"], in: words) { write(output) }
        switch name {
        case "config": runGitConfig(words, told)
        case "commit", "merge", "push", "rebase", "am", "cherry-pick", "revert", "pull":
            if Self.skipsHooks(name, words) {
                add(.personal(what: told, why: Self.pastRules))
            }
            if name == "am" { addInline(told) }
        case "symbolic-ref" where Self.operands(words).count < 2:
            add(.does(.read, what: told))
        case "notes"
        where ["list", "show", "get-ref", nil].contains(
            Self.operands(words, taking: []).first?.text
        ):
            add(.does(.read, what: told))
        case _ where Self.gitPastHooks.contains(name):
            add(.personal(what: told, why: Self.pastRules))
        case "apply":
            let looks = words.contains { ["--check", "--stat", "--numstat"].contains($0.text) }
            looks ? add(.does(.read, what: told)) : addInline(told)
        case "checkout": checkOut(words)
        case "restore":
            let operands = Self.operands(words, taking: ["s"])
            let isStaged = words.contains { ["--staged", "-S"].contains($0.text) }
            let isFolder = words.contains { ["--worktree", "-W"].contains($0.text) }
            if !isStaged || isFolder { operands.forEach { write($0) } }
        case "rm":
            if !words.contains(where: { $0.text == "--cached" }) {
                Self.operands(words).forEach { delete($0) }
            }
        case "mv":
            let operands = Self.operands(words)
            operands.dropLast().forEach { delete($0) }
            if let goal = operands.last { write(goal) }
        case "clean":
            let looks = words.contains { ["-n", "--dry-run"].contains($0.text) }
            add(.does(looks ? .read : .run(.other), what: told))
        case _ where Self.gitLookers.contains(name): add(.does(.read, what: told))
        case _ where Self.gitWorkers.contains(name): break
        default: add(.does(.run(.other), what: told))
        }
    }

    /// Reads the options in front of git's command; false where they are enough to refuse it.
    private mutating func enterGit(_ rest: inout ArraySlice<Argument>, _ told: String) -> Bool {
        while let word = rest.first, word.text?.hasPrefix("-") ?? true, word.text != "--version" {
            guard let text = word.text else {
                addInline(told)
                return false
            }
            rest = rest.dropFirst()
            let takesValue = [
                "-C", "-c", "--git-dir", "--work-tree", "--namespace", "--config-env",
            ]
            var value = rest.first
            if takesValue.contains(text) {
                rest = rest.dropFirst()
            } else {
                value = text.firstIndex(of: "=").map {
                    Argument(text: String(text[text.index(after: $0)...]))
                }
            }
            let option = text.prefix { $0 != "=" }
            switch option {
            case "-C": folder = value.flatMap(target)?.path
            case "-c", "--config-env":
                guard let setting = value?.text else {
                    addInline(told)
                    return false
                }
                if Self.isGuardedSetting(setting.prefix { $0 != "=" }) {
                    add(.personal(what: told, why: Self.pastRules))
                    return false
                }
            case "--exec-path" where value != nil, "--git-dir", "--work-tree", "--namespace":
                addInline(told)
            default: break
            }
        }
        return true
    }

    /// Settings by which git runs other hooks, other programs, or another configuration.
    private static func isGuardedSetting(_ name: some StringProtocol) -> Bool {
        let name = name.lowercased()
        return ["core.hookspath", "core.fsmonitor", "core.sshcommand", "core.worktree"].contains(
            name
        )
            || ["alias.", "include.", "includeif.", "hook.", "notes.", "receive."].contains {
                name.hasPrefix($0)
            }
    }

    private mutating func runGitConfig(_ words: [Argument], _ told: String) {
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
        }
    }

    /// `--no-verify`, however it is cut short, and `-n` where it means that.
    private static func skipsHooks(_ name: String, _ words: [Argument]) -> Bool {
        var isValue = false
        for word in words {
            let wasValue = isValue
            isValue = false
            guard !wasValue, let text = word.text else { continue }
            if text == "--" { return false }
            if text.hasPrefix("--no-v"), "--no-verify".hasPrefix(text) { return true }
            guard name == "commit", text.hasPrefix("-"), !text.hasPrefix("--") else { continue }
            // What is behind a letter that takes a value is that value, or the next word is.
            let letters = text.dropFirst()
            let flags = letters.prefix { !"mFCctSu".contains($0) }
            if flags.contains("n") { return true }
            isValue = flags.count == letters.count - 1 && "mFCct".contains(letters.last ?? " ")
        }
        return false
    }

    /// `git checkout`: with paths it writes files, else it goes to a branch.
    private mutating func checkOut(_ words: [Argument]) {
        if let end = words.firstIndex(where: { $0.text == "--" }) {
            return words[(end + 1)...].forEach { write($0) }
        }
        let makesBranch = words.contains { ["-b", "-B", "--orphan", "--detach"].contains($0.text) }
        let operands = Self.operands(words, taking: ["b", "B"])
        guard !makesBranch else { return }
        // What is there as a file is meant as one; git itself refuses what could be both.
        for operand in operands.dropFirst() { write(operand) }
        if operands.count == 1, let target = target(operands[0]), FileProbe.exists(target.path) {
            write(operands[0])
        }
    }

    // MARK: hive

    /// What a person does: everything else of hive judges itself.
    mutating func runHive(_ all: [Argument]) {
        let told = "hive " + Self.told(all)
        let words = all.compactMap(\.text)
        let names = words.filter { !$0.hasPrefix("-") }
        let pair = names.prefix(2).joined(separator: " ")
        let personal: Set<String> = [
            "hook uninstall", "guard uninstall", "quarantine release", "quarantine restore",
            "quarantine discard",
        ]
        let isPersonal =
            personal.contains(pair) || ["override", "init", "repl"].contains(names.first)
            || (names.first == "doctor" && words.contains("--repair"))
        if isPersonal || words.count < all.count && names.isEmpty {
            return add(.personal(what: told, why: "it is a person's to decide"))
        }
        let judges = ["emit", "up", "flip", "ask", "scatter"].contains(names.first)
        let changesRules = words.contains { word in
            ["--rules", "--mode", "--audit", "--state-dir"].contains { word.hasPrefix($0) }
        }
        if judges && changesRules {
            add(.personal(what: told, why: "it puts other rules in the place of the project's"))
        }
        if words.contains("--help") || names.first == "check" { add(.does(.read, what: told)) }
    }
}
