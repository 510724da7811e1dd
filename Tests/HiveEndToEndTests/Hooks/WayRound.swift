import HiveTestKit
import Testing

/// A way to get past the hooks of a work tree, and what becomes of it.
struct WayRound: Sendable, CustomTestStringConvertible {
    /// What stops it.
    enum Stop: Sendable, Hashable {
        /// A hook of the work tree, with words of its answer.
        case hook(String, String)
        case nothing
    }

    /// A row of the table.
    var name: String
    var atOnce: Stop
    /// Words of `pre-receive`'s answer; nil: there is nothing of it left to push.
    var pushed: String?
    /// What an agent does in the work tree: it ends with the change on the branch, or is stopped.
    var act: @Sendable (HookedRepository) throws -> HiveProgram.Output
    /// What is pushed, beside what `git push` is told by itself.
    var refs = ["HEAD:refs/heads/main"]

    var testDescription: String { name }

    var row: String {
        let now =
            switch atOnce {
            case .hook(let hook, _): "refused by `\(hook)`"
            case .nothing: "passes"
            }
        return "| \(name) | \(now) | \(pushed.map { "refused: \($0)" } ?? "nothing to push") |"
    }
}

extension WayRound {
    static let code = "src/main.py"
    private static let early = "def add(a, b):\n    return a + b\n"

    /// The implementation, staged before any test: what each of them tries to get in.
    private static func staged(_ repository: HookedRepository) throws {
        try repository.stage([code: early])
    }

    static let all: [WayRound] = byGit + byShell + byRefs

    private static let byGit: [WayRound] = [
        WayRound(
            name: "`git commit`, plainly",
            atOnce: .hook("pre-commit", code),
            pushed: "changing code is not of H",
            act: { repository in
                try staged(repository)
                return try repository.git("commit", "-m", "docs: notes")
            }
        ),
        WayRound(
            name: "`git commit --no-verify`",
            atOnce: .hook("reference-transaction", "says V, and the work is at H"),
            pushed: "no receipt of V for its tree",
            act: { repository in
                try staged(repository)
                return try repository.git("commit", "--no-verify", "-m", "feat: add")
            }
        ),
        WayRound(
            name: "`git -c core.hooksPath=/dev/null commit`",
            atOnce: .nothing,
            pushed: "no receipt of V for its tree",
            act: { repository in
                try staged(repository)
                return try repository.git(
                    "-c",
                    "core.hooksPath=/dev/null",
                    "commit",
                    "-m",
                    "feat: add"
                )
            }
        ),
        WayRound(
            name: "`GIT_CONFIG_COUNT` and its variables",
            atOnce: .nothing,
            pushed: "no receipt of V for its tree",
            act: { repository in
                try staged(repository)
                return try repository.git(
                    "commit",
                    "-m",
                    "feat: add",
                    environment: [
                        "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.hooksPath",
                        "GIT_CONFIG_VALUE_0": "/dev/null",
                    ]
                )
            }
        ),
        WayRound(
            name: "The hooks deleted",
            atOnce: .nothing,
            pushed: "no receipt of V for its tree",
            act: { repository in
                try staged(repository)
                try repository.shell("rm .git/hooks/*")
                return try repository.git("commit", "-m", "feat: add")
            }
        ),
        WayRound(
            name: "A `hive` of the agent's own first on `PATH`",
            atOnce: .hook("pre-commit", code),
            pushed: "no receipt of V for its tree",
            act: { repository in
                try staged(repository)
                let folder = repository.folder.at(".git/fake")
                try repository.shell(
                    "cd .git; mkdir fake; printf '#!/bin/sh\\n' > fake/hive; chmod +x fake/hive"
                )
                return try repository.git(
                    "commit",
                    "-m",
                    "feat: add",
                    environment: ["PATH": "\(folder):/usr/bin:/bin"]
                )
            }
        ),
        WayRound(
            name: "An evil merge: code that neither side has",
            atOnce: .hook("pre-commit", code),
            pushed: "no receipt of V or E for its tree",
            act: { repository in
                try repository.folder.git("checkout", "--quiet", "-b", "side")
                _ = try repository.commit("docs: a", ["a.md": "a\n"])
                try repository.folder.git("checkout", "--quiet", "main")
                try repository.folder.git("merge", "--quiet", "--no-ff", "--no-commit", "side")
                try staged(repository)
                return try repository.git("commit", "-m", "Merge branch 'side'")
            }
        ),
        WayRound(
            name: "A submodule put in, or moved to another commit",
            atOnce: .hook("pre-commit", "vendor"),
            pushed: "no receipt of V for its tree",
            act: { repository in
                let commit = try repository.head()
                try repository.folder.git(
                    "update-index",
                    "--add",
                    "--cacheinfo",
                    "160000,\(commit),vendor"
                )
                return try repository.git("commit", "-m", "feat: vendor")
            }
        ),
        WayRound(
            name: "`[skip ci]` in the message, so that CI passes it over",
            atOnce: .hook("commit-msg", "[skip ci]"),
            pushed: "[skip ci] has CI pass it over",
            act: { repository in
                try repository.stage(["notes.md": "n\n"])
                return try repository.git("commit", "-m", "docs: notes [skip ci]")
            }
        ),
        WayRound(
            name: "The guard's settings deleted (`.claude/settings.json`)",
            atOnce: .hook("pre-commit", "takes hive's guard out"),
            pushed: "takes hive's guard out",
            act: { repository in
                try repository.folder.git("rm", "--quiet", ".claude/settings.json")
                return try repository.git("commit", "-m", "chore: tidy")
            }
        ),
    ]

    private static let byShell: [WayRound] = [
        WayRound(
            name: "The guard's settings moved to where nobody reads them",
            atOnce: .hook("pre-commit", "takes hive's guard out"),
            pushed: "takes hive's guard out",
            act: { repository in
                try repository.shell("mkdir docs; git mv .claude/settings.json docs/old.json")
                return try repository.git("commit", "-m", "chore: tidy")
            }
        ),
        WayRound(
            name: "Written by `python -c`",
            atOnce: .hook("pre-commit", code),
            pushed: "no receipt of V for its tree",
            act: { repository in
                try repository.shell(
                    "python3 -c 'open(\"src/main.py\", \"a\").write(\"x = 1\\n\")'"
                )
                return try repository.git("commit", "-a", "-m", "feat: add")
            }
        ),
        WayRound(
            name: "Put in by `git apply --index`",
            atOnce: .hook("pre-commit", "src/new.py"),
            pushed: "no receipt of V for its tree",
            act: { repository in
                try repository.shell(
                    "printf 'x = 1\\n' > src/new.py; git add -N src/new.py; git diff > .git/p; "
                        + "git rm -q -f --cached src/new.py; rm src/new.py; "
                        + "git apply --index .git/p"
                )
                return try repository.git("commit", "-m", "feat: add")
            }
        ),
        WayRound(
            name: "Written by a heredoc",
            atOnce: .hook("pre-commit", code),
            pushed: "no receipt of V for its tree",
            act: { repository in
                try repository.shell("cat >> src/main.py <<'END'\nx = 1\nEND\n")
                return try repository.git("commit", "-a", "-m", "feat: add")
            }
        ),
        WayRound(
            name: "Looser rules named in the environment (`HIVE_RULES`)",
            atOnce: .hook("pre-commit", code),
            pushed: "no receipt of V for its tree",
            act: { repository in
                try staged(repository)
                try repository.shell("printf 'evidence: off\\n' > .git/loose.yaml")
                return try repository.git(
                    "commit",
                    "-m",
                    "feat: add",
                    environment: ["HIVE_RULES": repository.folder.at(".git/loose.yaml")]
                )
            }
        ),
    ]

    private static let byRefs: [WayRound] = [
        WayRound(
            name: "`git commit-tree` and `git update-ref`",
            atOnce: .hook("reference-transaction", code),
            pushed: "names no phase",
            act: { repository in
                try staged(repository)
                return try repository.shell(
                    "git update-ref refs/heads/main "
                        + "$(git commit-tree $(git write-tree) -p HEAD -m x)"
                )
            }
        ),
        WayRound(
            name: "The file of the ref written by hand",
            atOnce: .nothing,
            pushed: "no receipt of V for its tree",
            act: { repository in
                try staged(repository)
                return try repository.shell(
                    "git commit-tree $(git write-tree) -p HEAD -m 'feat: add' > .git/c && "
                        + "cp .git/c .git/refs/heads/main"
                )
            }
        ),
        WayRound(
            name: "`git replace`, and the replacing ref pushed along",
            atOnce: .nothing,
            pushed: "makes one object pass for another",
            act: { repository in
                try staged(repository)
                return try repository.shell(
                    "git replace HEAD $(git commit-tree $(git write-tree) -m 'docs: a')"
                )
            },
            refs: ["refs/replace/*:refs/replace/*"]
        ),
        WayRound(
            name: "A new branch, on which no rules held yet",
            atOnce: .hook("reference-transaction", "says V, and the work is at H"),
            pushed: "no receipt of V for its tree",
            act: { repository in
                try staged(repository)
                try repository.folder.git("checkout", "--quiet", "-b", "fresh")
                return try repository.git("commit", "--no-verify", "-m", "feat: add")
            },
            refs: ["HEAD:refs/heads/fresh"]
        ),
        WayRound(
            name: "A branch with a beginning of its own, forced over the old one",
            atOnce: .nothing,
            pushed: "changes the owner's key (specs/owner.pub)",
            act: { repository in
                try repository.shell(
                    "git checkout -q --orphan new && git rm -rq --cached . && git add src && "
                        + "git -c core.hooksPath=/dev/null commit -qm 'chore: begin'"
                )
            },
            refs: ["--force", "HEAD:refs/heads/main"]
        ),
        WayRound(
            name: "The branch deleted where it is pushed, to begin anew",
            atOnce: .nothing,
            pushed: "is the branch whose rules hold here",
            act: { repository in try repository.shell("true") },
            refs: [":refs/heads/main"]
        ),
        WayRound(
            name: "Receipts taken away from where they were pushed",
            atOnce: .nothing,
            pushed: "would lose receipts that are here",
            act: { repository in
                try repository.folder.git("notes", "--ref", "hive", "add", "-m", "one", "HEAD")
                try repository.folder.git("push", "--quiet", "origin", "refs/notes/hive")
                return try repository.shell("true")
            },
            refs: [":refs/notes/hive"]
        ),
        WayRound(
            name: "Receipts taken away by a newer commit of notes that has none",
            atOnce: .nothing,
            pushed: "would lose receipts that are here",
            act: { repository in
                try repository.folder.git("notes", "--ref", "hive", "add", "-m", "one", "HEAD")
                try repository.folder.git("push", "--quiet", "origin", "refs/notes/hive")
                return try repository.shell(
                    "git update-ref refs/notes/hive $(git commit-tree -p refs/notes/hive -m gone "
                        + "$(git mktree </dev/null))"
                )
            },
            refs: ["refs/notes/hive"]
        ),
        WayRound(
            name: "Notes in a form that nobody can read, so that nothing can be judged",
            atOnce: .nothing,
            pushed: "is no notes of receipts",
            act: { repository in
                try repository.shell(
                    "b=$(echo x | git hash-object -w --stdin); "
                        + "t=$(printf '100644 blob %s\t.git\n' $b | git mktree); "
                        + "git update-ref refs/notes/hive $(git commit-tree -m x $t)"
                )
            },
            refs: ["refs/notes/hive"]
        ),
    ]
}
