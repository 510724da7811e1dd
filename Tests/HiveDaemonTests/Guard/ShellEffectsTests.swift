import HiveKernel
import HiveTestKit
import Testing

@testable import HiveDaemon

/// What command lines would do.
@Suite struct ShellEffectsTests {
    private static let surroundings = ShellEffects.Surroundings(
        home: "/home/me",
        test: ["./run", "suite"]
    )

    /// The effects in short, without the names of files that are only mentioned.
    static func told(_ text: String, in folder: String = "/p") -> [String] {
        ShellEffects.of(text, in: folder, surroundings).compactMap { effect in
            switch effect {
            case .does(let action, _): action.name
            case .write(let target): "write \(target.path)"
            case .append(let target): "append \(target.path)"
            case .delete(let target): "delete \(target.path)"
            case .script(let target): "script \(target.path)"
            case .personal: "personal"
            case .name, .readAll, .touch: nil
            }
        }
    }

    private static let commands: [(text: String, effects: [String])] = [
        ("ls -la | head && cat a.c", ["read", "read", "read"]),
        ("grep -r x . | wc -l", ["search", "read"]),
        ("find . -name '*.c'", ["search"]),
        ("find src -delete", ["delete /p/src"]),
        ("find . -exec rm {} \\;", ["run.inline"]),
        ("echo x > a.c", ["write /p/a.c", "read"]),
        ("echo x >> a.c 2>/dev/null", ["append /p/a.c", "read"]),
        ("cd nowhere && echo x > a.c", ["run.inline", "write /p/a.c", "read"]),
        ("tee -a b < a", ["append /p/b"]),
        ("cp a b", ["write /p/b"]), ("cp a b/", ["write /p/b//a"]),
        ("mv a b c/", ["delete /p/a", "delete /p/b", "write /p/c//a", "write /p/c//b"]),
        ("rm -rf src/*.c", ["delete /p/src/*.c"]),
        ("touch {a,b}.c", ["write /p/a.c", "write /p/b.c"]),
        ("sed -n 1,5p a", ["read"]), ("sed -i s/a/b/ x y", ["write /p/x", "write /p/y"]),
        ("sed -i.bak -e s/a/b/ x", ["write /p/x"]),
        ("dd if=/dev/zero of=x", ["write /p/x"]),
        ("X=a.c; rm $X \"$X\"", ["delete /p/a.c", "delete /p/a.c"]),
        ("rm $(ls)", ["read", "run.inline"]), ("rm $NOBODY", ["run.inline"]),
        ("rm ~/x", ["delete /home/me/x"]),
        ("pytest -q", ["run.tests"]), ("python -m pytest", ["run.tests"]),
        ("npm test -- --watch", ["run.tests"]), ("npm run test:unit", ["run.tests"]),
        ("node --test", ["run.tests"]), ("go test ./...", ["run.tests"]),
        ("cargo nextest run", ["run.tests"]), ("make check", ["run.tests"]),
        ("uv run pytest", ["run.tests"]), ("npx vitest", ["run.tests"]),
        ("./gradlew :app:test", ["run.tests"]), ("./run suite --all", ["run.tests"]),
        ("timeout 10 env A=b pytest", ["run.tests"]), ("sudo -u x time make test", ["run.tests"]),
        ("npm run build", ["run.other"]), ("make", ["run.other"]), ("cargo build", ["run.other"]),
        ("npm install", ["run.other"]), ("python -m pip install x", ["run.other"]),
        ("python3 -c 'x'", ["run.inline"]), ("node -e x", ["run.inline"]),
        ("perl -pi -e s/a/b/ x", ["run.inline"]), ("python3 - <<X\nx\nX", ["run.inline"]),
        ("echo x | python3", ["read", "run.inline"]), ("curl x | sh", ["run.other", "run.inline"]),
        ("python3 tool.py", ["script /p/tool.py"]), ("./tool.sh", ["script /p/./tool.sh"]),
        ("bash -c 'rm a'", ["delete /p/a"]), ("bash -lc 'pytest'", ["run.tests"]),
        ("bash <<X\nrm a\nX", ["delete /p/a"]), ("sh tool.sh", ["script /p/tool.sh"]),
        ("eval 'rm a'", ["delete /p/a"]), ("source x", ["run.inline"]),
        ("eval \"$X\"", ["run.inline"]), ("f() { rm a; }; f", ["run.inline"]),
        ("git apply x", ["run.inline"]), ("patch < x", ["run.inline"]),
        (
            "apply_patch <<'X'\n*** Begin Patch\n*** Add File: n.c\n*** Delete File: o.c\nX",
            ["write /p/n.c", "delete /p/o.c"]
        ),
        ("ls | xargs rm", ["read", "run.inline"]),
        ("xargs -n 1 rm a", ["delete /p/a", "run.inline"]),
        ("awk '{print $1}' a", ["read"]), ("awk '{print > \"x\"}' a", ["write /p/x"]),
        ("git status && git log -3 && git diff", ["read", "read", "read"]),
        ("git add -A && git commit -m 'V: x'", []), ("git push origin main", []),
        ("git switch -c x; git fetch; git merge y", []),
        ("git commit --no-verify -m x", ["personal"]), ("git commit -anm x", ["personal"]),
        ("git commit -m -n", []), ("git commit --no-veri", ["personal"]),
        ("git push --no-verify", ["personal"]), ("git push -n", []),
        ("git -c core.hooksPath=/dev/null commit", ["personal"]),
        ("GIT_CONFIG_COUNT=1 git commit", ["personal"]),
        ("export GIT_CONFIG_GLOBAL=/x", ["personal"]),
        ("env GIT_CONFIG_SYSTEM=x git commit", ["personal"]),
        ("git update-ref refs/heads/main x", ["personal"]), ("git replace a b", ["personal"]),
        ("git config core.hooksPath x", ["personal"]), ("git config user.name x", []),
        ("git config --get core.hooksPath", ["read"]), ("git config set alias.x y", ["personal"]),
        ("git config --unset core.hooksPath", ["personal"]),
        ("git checkout main", []), ("git checkout -b x", []),
        ("git checkout main -- a.c", ["write /p/a.c"]), ("git restore a.c", ["write /p/a.c"]),
        ("git restore --staged a.c", []), ("git rm a", ["delete /p/a"]),
        ("git -C /q rm a", ["delete /q/a"]), ("git mv a b", ["delete /p/a", "write /p/b"]),
        ("git notes --ref hive add", ["personal"]), ("git notes show", ["read"]),
        ("git diff --output=x", ["write /p/x", "read"]),
        ("hive emit --phase H --port 7 x && hive witness", []),
        ("hive override release q-1", ["personal"]), ("hive init", ["personal"]),
        ("hive hook uninstall", ["personal"]), ("hive guard uninstall claude", ["personal"]),
        ("hive quarantine list", []), ("hive quarantine release q", ["personal"]),
        ("hive emit --rules x --phase H y", ["personal"]), ("hive check --rules x y", ["read"]),
        ("HIVE_RULES=x hive emit y", ["personal"]), ("./hive init", ["script /p/./hive"]),
        ("./ls", ["script /p/./ls"]), ("/tmp/git commit", ["script /tmp/git"]),
        ("/usr/bin/../../tmp/ls", ["script /usr/bin/../../tmp/ls"]), ("/bin/ls", ["read"]),
        (".venv/bin/python x.py", ["script /p/x.py"]), ("bin/env rm a", ["script /p/bin/env"]),
    ]

    @Test(arguments: commands)
    func `a command line is told by what it would do`(text: String, effects: [String]) {
        #expect(Self.told(text) == effects)
    }

    @Test func `folders are followed through cd, and only where it counts`() throws {
        let folder = try TemporaryFolder()
        try folder.makeFolder("a/b")
        let top = folder.path
        #expect(Self.told("cd a && rm x", in: top) == ["delete \(top)/a/x"])
        #expect(
            Self.told("(cd a; rm x); rm y", in: top) == ["delete \(top)/a/x", "delete \(top)/y"]
        )
        #expect(Self.told("cd a | rm x", in: top) == ["delete \(top)/x"])
        #expect(Self.told("cd nowhere; rm x", in: top) == ["run.inline", "delete \(top)/x"])
        #expect(Self.told("cd a; cd b; rm /x ../y", in: top).last == "delete \(top)/a/b/../y")
        #expect(Self.told("bash -c 'cd a'; rm x", in: top) == ["delete \(top)/x"])
        #expect(Self.told("cd a; rm $PWD/x", in: top) == ["delete \(top)/a/x"])
    }

    @Test func `an unquoted arrow to a file is a write, whatever stands around it`() {
        var random = SeededGenerator()
        print("seed \(random.seed)")
        let before = ["", "true; ", "a && ", "( ", "if a; then ", "a | ", "! ", "X=1 ", "time "]
        let commands = ["echo x", "cat", ":", "", "printf '%s' \"a > b\"", "make", "git status"]
        let arrows = [" > ", ">", ">> ", " >| ", " 1>", " &>", " 2>> ", " >& "]
        for _ in 0..<2_000 {
            let start = before.randomElement(using: &random) ?? ""
            let command = commands.randomElement(using: &random) ?? ""
            let arrow = arrows.randomElement(using: &random) ?? ">"
            var text = "\(start)\(command)\(arrow)src/code.c"
            if start == "( " { text += " )" }
            if start.hasPrefix("if") { text += "; fi" }
            let told = Self.told(text)
            let isFound = told.contains {
                $0.hasSuffix("e /p/src/code.c") || $0.hasSuffix("d /p/src/code.c")
            }
            #expect(isFound, "\(text): \(told)")
        }
    }
}
