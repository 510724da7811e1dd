/// Which programs only look, by their names and by the words that are usual.
enum Lookers {
    static let names: Set<String> = [
        "ls", "cat", "head", "tail", "wc", "less", "more", "stat", "file", "du", "df", "tree", "nl",
        "diff", "cmp", "comm", "cut", "column", "paste", "tr", "rev", "tac", "fold", "fmt", "uniq",
        "basename", "dirname", "realpath", "readlink", "pwd", "date", "whoami", "id", "uname",
        "hostname", "which", "whereis", "type", "hash", "printenv", "locale", "nproc", "free", "ps",
        "uptime", "top", "md5sum", "sha1sum", "sha256sum", "sha512sum", "cksum", "b2sum", "xxd",
        "hexdump", "od", "strings", "jq", "echo", "printf", "true", "false", ":", "test", "[", "[[",
        "((", "seq", "sleep", "yes", "expr", "bc", "cal", "tput", "clear", "man", "help", "history",
        "jobs", "wait", "ulimit", "umask", "getconf", "lsof", "tokei", "cloc", "scc", "bat", "eza",
        "for", "in", "select", "}", "fi", "done", "break", "continue", "return", "exit", "shift",
        "let", "base64", "zcat", "zless", "getopts", "dircolors", "arch", "tty", "groups", "look",
        "zipinfo",
    ]

    static let seekers: Set<String> = [
        "grep", "egrep", "fgrep", "zgrep", "rg", "ag", "ack", "locate",
    ]

    /// By program: the first words that only look.
    private static let subcommands: [String: Set<String>] = {
        let pip: Set<String> = ["list", "show", "freeze", "check"]
        let npm: Set<String> = ["ls", "list", "view", "outdated", "root", "prefix", "why"]
        let containers: Set<String> = ["ps", "images", "logs", "inspect", "version", "info"]
        return [
            "pip": pip, "pip3": pip, "npm": npm, "pnpm": npm, "yarn": ["list", "why", "info"],
            "docker": containers, "podman": containers, "go": ["version", "doc"],
            "kubectl": ["get", "describe", "logs", "version"], "brew": ["list", "info"],
            "gem": ["list"], "rustup": ["show"], "bundle": ["list", "show"],
        ]
    }()

    /// Programs that answer `--version` and do nothing else then.
    private static let versioned: Set<String> = [
        "ansible", "bun", "bundle", "cargo", "clang", "cmake", "composer", "deno", "docker",
        "dotnet", "g++", "gcc", "gem", "gh", "go", "gradle", "helm", "java", "javac", "just",
        "kubectl", "make", "meson", "mvn", "ninja", "npm", "npx", "php", "pip", "pip3", "pnpm",
        "podman", "poetry", "psql", "rustc", "rustup", "sqlite3", "swift", "terraform", "tsc", "uv",
        "yarn", "tar", "curl", "wget",
    ]

    /// True for words with which a program does nothing but look; nil is a word that nobody knows.
    static func only(_ program: String, _ words: [String?]) -> Bool {
        if versioned.contains(program), words.count == 1, let word = words[0],
            ["--version", "-V", "-version", "--help"].contains(word)
        {
            return true
        }
        switch program {
        case "tar", "bsdtar": return lists(tar: words)
        case "unzip":
            let first = words.first.flatMap(\.self) ?? ""
            return ["-l", "-v", "-Z", "-t"].contains(first)
        case "gh": return looksAtGitHub(words)
        default:
            guard let known = subcommands[program], let first = words.first.flatMap(\.self) else {
                return false
            }
            return known.contains(first)
        }
    }

    private static func looksAtGitHub(_ words: [String?]) -> Bool {
        let kinds: Set<String> = ["pr", "issue", "run", "repo", "release", "workflow"]
        let verbs: Set<String> = ["view", "list", "status", "diff", "checks"]
        guard words.count > 1, let kind = words[0], let verb = words[1] else { return false }
        return kinds.contains(kind) && verbs.contains(verb)
    }

    /// `tar tf X`, `tar -tvf X`, `tar --list`, and no option by which it runs a program.
    static func lists(tar words: [String?]) -> Bool {
        let runs = [
            "--to-", "--checkpoint", "--use-", "--rsh", "--info", "--new-volume", "-I", "-F",
        ]
        let isPlain = words.allSatisfy { word in
            word.map { word in !runs.contains { word.hasPrefix($0) } } ?? false
        }
        guard isPlain, let first = words.first.flatMap(\.self) else { return false }
        if first == "--list" { return true }
        let letters = first.hasPrefix("-") ? first.dropFirst() : first[...]
        return !first.hasPrefix("--") && letters.first.map { "tvz".contains($0) } ?? false
            && letters.contains("t") && !letters.contains { "xcruAdIF".contains($0) }
    }
}
