import HiveTestKit
import Testing

@testable import HiveDaemon

/// Commands that look harmless and are not, and those that only look dangerous.
@Suite struct ShellLoopholeTests {
    private static let writers: [(text: String, effects: [String])] = [
        ("uniq a b", ["write /p/b", "read"]), ("uniq -c a", ["read"]),
        ("xxd a b", ["write /p/b", "read"]), ("tree -o x.c", ["write /p/x.c", "read"]),
        ("less -O x a", ["write /p/x", "read"]), ("less '+!rm x' a", ["run.inline", "read"]),
        ("history -w x", ["write /p/x", "read"]), ("history", ["read"]),
        ("hash -p /bin/rm ls", ["run.inline", "read"]), ("hash -r", ["read"]),
        ("man -P 'rm x' ls", ["delete /p/x", "read"]),
        ("rg --pre ./x a", ["script /p/./x", "search"]),
        ("/usr/bin/time -o x ls", ["write /p/x", "read"]),
        ("sed -e '1e rm x' a", ["run.inline"]), ("sed -n '1w x' a", ["run.inline"]),
        ("sed 's/a/b/w x' a", ["run.inline"]), ("sed -es/a/b/e a", ["run.inline"]),
        ("sed -f x a", ["run.inline"]), ("sed -i '1e rm x' a", ["run.inline", "write /p/a"]),
        ("awk '{print > $2}' a", ["run.inline"]), ("awk '{print | \"sh\"}' a", ["run.inline"]),
        ("awk '{print $1 > \"/q/x\"}' a", ["write /q/x"]),
        ("awk 'BEGIN { system(\"rm x\") }'", ["run.inline"]),
        ("awk -i inplace 1 a", ["run.inline"]), ("awk -f x a", ["run.inline"]),
    ]

    private static let git: [(text: String, effects: [String])] = [
        ("git archive -o x HEAD", ["write /p/x"]), ("git bundle create x HEAD", ["write /p/x"]),
        ("git format-patch -o d HEAD~1", ["write /p/d/0001.patch"]),
        ("git format-patch --stdout HEAD~1", ["read"]),
        ("git rebase -x 'rm x' HEAD~1", ["delete /p/x"]),
        ("git rebase --exec='rm x' HEAD~1", ["delete /p/x"]),
        ("git bisect run rm x", ["delete /p/x"]), ("git bisect good", []),
        ("git grep -O'rm x' y", ["run.inline"]), ("git grep y", ["read"]),
        ("git submodule foreach 'rm x'", ["delete /p/x"]), ("git submodule update", []),
        ("git -c core.pager='rm x' log", ["delete /p/x", "read"]),
        ("git -c core.pager=cat log", ["read"]),
        ("git -c diff.external='rm x' diff", ["delete /p/x", "read"]),
        ("git -c core.editor='rm x' commit", ["delete /p/x"]),
        ("git -c protocol.ext.allow=always fetch x", ["personal"]),
        ("git -c diff.x.textconv='rm x' show", ["delete /p/x", "read"]),
        ("git -c core.sshCommand='rm x' fetch", ["delete /p/x"]),
        ("git config core.editor 'rm x'", ["delete /p/x"]), ("git config core.pager less", []),
        ("GIT_EXTERNAL_DIFF='rm x' git diff", ["delete /p/x", "read"]),
        ("GIT_EDITOR='rm x' git commit", ["delete /p/x"]), ("GIT_EDITOR=true git commit", []),
        ("GIT_SEQUENCE_EDITOR='rm x' git rebase -i y", ["delete /p/x"]),
        ("env GIT_SSH_COMMAND='rm x' git fetch", ["delete /p/x"]),
        ("GIT_SSH_COMMAND='ssh -i k' git fetch", []), ("export PAGER='rm x'", ["delete /p/x"]),
        ("PROMPT_COMMAND='rm x'", ["delete /p/x"]),
        ("BASH_ENV=x bash -c ls", ["script /p/x", "read"]),
        ("ENV=x sh -c ls", ["script /p/x", "read"]), ("ENV=test npm start", ["run.other"]),
        ("LD_PRELOAD=./x.so ls", ["run.inline", "read"]),
        ("SKIP=hive git commit -m x", ["personal"]), ("HUSKY=0 git push", ["personal"]),
        ("export LEFTHOOK=0; git commit", ["personal"]), ("SKIP=1 make", ["run.other"]),
        ("env PRE_COMMIT_ALLOW_NO_CONFIG=1 git commit", ["personal"]),
        ("git push . HEAD:refs/notes/hive", ["personal"]),
        ("git push origin :refs/notes/hive", ["personal"]),
        ("git push -d origin refs/notes/hive", ["personal"]),
        ("git fetch . +refs/heads/main:refs/notes/hive", ["personal"]),
        ("git push origin refs/notes/hive", []),
        ("git fetch origin refs/notes/hive:refs/notes/hive", []),
    ]

    private static let hive: [(text: String, effects: [String])] = [
        ("hive mcp --mode observe", ["personal"]), ("hive mcp --rules=/x", ["personal"]),
        ("hive up --mode observe", ["personal"]), ("hive emit --board /x y", ["personal"]),
        ("hive witness --state-dir x", ["personal"]),
        ("hive doctor --rebuild --audit x", ["personal"]),
        ("BLACKBOARD_PATH=/x hive emit y", ["personal"]),
        ("hive replay --rules x", []), ("hive state --board x", []),
        ("hive log --mode observe", []),
        ("hive check --mode observe x", ["read"]), ("hive quarantine list --rules x", []),
        ("hive ask x --record a.c", ["write /p/a.c"]), ("hive ask x", []),
        ("hive gather x --aggregation custom --command rm a", ["delete /p/a"]),
        ("hive hook run pre-commit --script x", ["run.inline"]),
    ]

    private static let lookers: [(text: String, effects: [String])] = [
        ("cargo --version", ["read"]), ("npm ls", ["read"]), ("pip list", ["read"]),
        ("tar tf x.tar", ["read"]), ("tar -tvf x.tar", ["read"]), ("tar xf x.tar", ["run.inline"]),
        ("tar tf x --to-command=rm", ["run.inline"]), ("unzip -l x.zip", ["read"]),
        ("unzip x.zip", ["run.inline"]), ("gh pr view 1", ["read"]),
        ("gh pr merge 1", ["run.other"]),
        ("awk '$1 > 5' a", ["read"]), ("awk '{ if ($1 > 5 || /a>b/) print ($2 > 3) }' a", ["read"]),
        ("awk -F: '{print $1}' a", ["read"]), ("sed 's/w /x/' a", ["read"]),
        ("sed -n '/we/,$p' a", ["read"]), ("sed -e 1d -e '$d' a", ["read"]),
        ("case x in a|b) ls;; *) cat y ;; esac", ["read", "read"]),
        ("case $1 in\n  (x) ls\n  ;;\nesac > out", ["read", "write /p/out"]),
        (
            "case x in *) case y in y) rm a;; esac; rm b;; esac; rm c",
            ["delete /p/a", "delete /p/b", "delete /p/c"]
        ),
        ("(case x in x) ls;; esac)", ["read"]), ("case x in x) ls", ["run.inline"]),
        ("echo case esac", ["read"]), ("ls ;;", ["run.inline"]), ("rm ~other/x", ["run.inline"]),
    ]

    @Test(arguments: writers + git + hive + lookers)
    func `what a command does is told, whatever it is called`(text: String, effects: [String]) {
        #expect(ShellEffectsTests.told(text) == effects)
    }

    @Test func `a script that is cut anywhere is read or refused, and traps nothing`() {
        let texts = (Self.writers + Self.git + Self.hive + Self.lookers).map(\.text)
        for text in texts {
            for count in 0..<text.utf8.count {
                let part = String(decoding: text.utf8.prefix(count), as: UTF8.self)
                _ = ShellEffectsTests.told(part)
                _ = AwkProgram.files(writtenBy: part)
                _ = SedScript.onlyPrints(part)
            }
        }
        let deep = String(repeating: "case x in x) ", count: 2_000)
        #expect(ShellEffectsTests.told(deep) == ["run.inline"])
    }
}
