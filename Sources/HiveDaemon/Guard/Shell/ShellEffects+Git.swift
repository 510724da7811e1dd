import HiveKernel

// What git does for an agent
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

    static let pastRules = "it gets round the hooks that judge what is committed"

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
        case "commit", "merge", "push", "rebase", "am", "cherry-pick", "revert", "pull", "fetch":
            runHooked(name, words, told)
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
        case "grep", "diff":
            if words.contains(where: { $0.text == "--no-index" }) {
                Self.operands(words).forEach { readAll($0, skipsHidden: false) }
            }
            let pager = name == "grep" && Self.has("O", ["--open-files"], in: words)
            pager ? addInline(told) : add(.does(.read, what: told))
        case "clean":
            let looks = words.contains { ["-n", "--dry-run"].contains($0.text) }
            add(.does(looks ? .read : .run(.other), what: told))
        case _ where runGitWithOthers(name, words, told): break
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
                let name = setting.prefix { $0 != "=" }
                if Self.isGuardedSetting(name) {
                    add(.personal(what: told, why: Self.pastRules))
                    return false
                }
                let value = setting.dropFirst(name.count + 1)
                judgeSetting(name, option == "-c" ? Argument(text: String(value)) : nil)
            case "--exec-path" where value != nil, "--git-dir", "--work-tree", "--namespace":
                addInline(told)
            default: break
            }
        }
        return true
    }

    /// What git's hooks judge, if nothing keeps them from it.
    private mutating func runHooked(_ name: String, _ words: [Argument], _ told: String) {
        if Self.skipsHooks(name, words) || Self.movesReceipts(name, words) {
            add(.personal(what: told, why: Self.pastRules))
        }
        if name != "fetch", let variable = hookSkip {
            add(.personal(what: "\(variable)=… git \(name)", why: Self.pastRules))
        }
        if name == "am" { addInline(told) }
        guard name == "rebase" else { return }
        // Each `--exec` is run by a shell, after each commit.
        for (place, word) in words.enumerated() {
            guard let text = word.text else { continue }
            if ["-x", "--exec"].contains(text) {
                place + 1 < words.count
                    ? readValue(words[place + 1], of: "--exec") : addInline(told)
            } else if text.hasPrefix("--exec=") || (text.hasPrefix("-x") && text.count > 2) {
                let value = text.drop { $0 != "=" && $0 != "x" }.dropFirst()
                let command = text.hasPrefix("-x") ? value : text.dropFirst("--exec=".count)
                readValue(Argument(text: String(command)), of: "--exec")
            }
        }
    }

    /// True where receipts would be taken away, or others put in their place: their notes go from
    /// one repository to another under one name, and never by force.
    private static func movesReceipts(_ name: String, _ words: [Argument]) -> Bool {
        guard ["push", "fetch", "pull"].contains(name) else { return false }
        let forces = has("fd", ["--force", "--delete", "--mirror", "--prune"], in: words)
        return operands(words, taking: ["o", "j"]).contains { word in
            guard let text = word.text else { return false }
            let isForced = text.hasPrefix("+")
            let sides = text.drop { $0 == "+" }
                .split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard let goal = sides.last, areNotes(goal) else { return false }
            // A name alone is fetched into nothing, and pushed to the same name.
            return isForced || forces || (sides.count == 2 && sides[0] != goal)
        }
    }

    private static func areNotes(_ name: Substring) -> Bool {
        name.hasPrefix("refs/notes/") || name.hasPrefix("notes/")
    }

    /// What runs a program for each of something, or writes a file; false: it is none of these.
    private mutating func runGitWithOthers(
        _ name: String,
        _ words: [Argument],
        _ told: String
    ) -> Bool {
        let operands = Self.operands(words)
        switch name {
        case "archive":
            if let output = Self.value(of: ["-o"], in: words) { write(output) }
        case "bundle" where operands.first?.text == "create":
            if operands.count > 1 { write(operands[1]) }
        case "format-patch":
            guard !words.contains(where: { $0.text == "--stdout" }) else {
                add(.does(.read, what: told))
                break
            }
            let goal = Self.value(of: ["-o", "--output-directory"], in: words)
            let folder = goal.map { $0.text.map { $0 + "/" } } ?? ""
            write(Argument(text: folder.map { $0 + "0001.patch" }))
        case "bisect" where operands.first?.text == "run":
            runInside(words.drop { $0.text != "run" }.dropFirst(), told)
        case "submodule" where operands.contains { $0.text == "foreach" }:
            var inside = words.drop { $0.text != "foreach" }.dropFirst()
            Self.dropOptions(&inside, taking: [])
            runInside(inside, told)
        default: return false
        }
        return true
    }

    /// A command in one word is read by a shell.
    private mutating func runInside(_ words: ArraySlice<Argument>, _ told: String) {
        guard let first = words.first else { return }
        if words.count == 1 { return readValue(first, of: told) }
        run(Array(words), as: ShellCommand())
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
}
