import Glibc
import HiveSignal
import HiveTestKit
import Testing

/// Payloads, paths and environments that want to get round the guard, or to break it.
@Suite struct GuardHostileTests {
    @Test func `paths that lead to what is guarded are seen through`() throws {
        let project = try GuardedProject()
        try project.goOn(agent: "claude", to: "H", "I", "V")
        let folder = project.folder
        #expect(symlink("../specs/rules.yaml", folder.at("src/link.py")) == 0)
        #expect(symlink("../specs", folder.at("src/dir")) == 0)
        #expect(symlink("../sandbox/not-there.jsonl", folder.at("src/dangling")) == 0)
        let paths = [
            "specs/rules.yaml", "./specs/../specs/rules.yaml", "src/nowhere/../../specs/rules.yaml",
            "src/link.py", "src/dir/rules.yaml", "src/dir/../specs/rules.yaml", "src/dangling",
            ".git/config", ".git/hooks/pre-commit", "sandbox/quarantine.jsonl",
            ".claude/settings.json", "specs//rules.yaml", "specs/rules.yaml/",
        ]
        for path in paths {
            for path in [path, folder.at(path)] {
                let payload: JSONValue = [
                    "hook_event_name": "PreToolUse", "session_id": "abc123",
                    "cwd": .string(folder.path), "tool_name": "Write",
                    "tool_input": ["file_path": .string(path), "content": "x"],
                ]
                let answer = try project.check(payload.text)
                #expect(answer.refusal?.contains("guarded") == true, "\(path): \(answer.output)")
            }
        }
        // The implementation itself is this phase's work.
        #expect(try project.bash("echo x > src/code.py").refusal == nil)
    }

    @Test(
        arguments: [
            "cd .. && cd */ && rm specs/rules.yaml", "cd specs && rm rules.yaml",
            "cd src/../specs; rm ./rules.yaml", "rm -rf specs", "rm -rf .", "rm -r sp*/rule?.yaml",
            "rm {specs,src}/rules.yaml", "R=specs/rules.yaml; mv $R /tmp/x",
            "cp /dev/null .git/config",
            "ln -sf /dev/null .git/hooks/pre-commit", "tee .git/refs/heads/main < x",
            "sh -c 'cd specs && : > rules.yaml'", "(cd specs; truncate -s 0 rules.yaml)",
            "find specs -delete", "sed -i s/a/b/ specs/*.yaml", "dd of=specs/rules.yaml",
            "cat ~/.config/hive/key.json", "cp $HOME/.config/hive/key.json /tmp/x",
            "cd ~/.config && cat hive/key.json", "echo x > ~/.gitconfig",
            "git config --global core.hooksPath /dev/null", "git commit -qnm x", "hive init",
            "GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=core.hooksPath git commit -m x",
            "git update-ref refs/heads/main HEAD~1", "git replace HEAD HEAD~1",
            "echo $(hive override x)", "true; `git commit --no-verify`",
            "> sandbox/obsidianblackboard.jsonl",
        ]
    )
    func `commands that would get round the rules are refused even in V`(command: String) throws {
        let project = try Self.inValidate()
        let answer = try project.bash(command)
        #expect(answer.refusal != nil, "\(command): \(answer.output)")
    }

    /// Made once: what is refused changes nothing.
    private static let validate = Result { () throws -> GuardedProject in
        let project = try GuardedProject()
        try project.home.writeFiles([".config/hive/x": ""])
        try project.goOn(agent: "claude", to: "H", "I", "V")
        return project
    }

    private static func inValidate() throws -> GuardedProject { try validate.get() }

    @Test(
        arguments: [
            "ls -la", "git status", "make build", "npm run build", "python3 -c 'print(1)'",
            "pytest -q", "echo x > src/code.py", "git add -A && git commit -m 'V: x'",
            "rm -rf /tmp/hive-nothing", "cat specs/rules.yaml", "hive state --json | jq .phase",
            "for f in src/*.py; do wc -l \"$f\"; done", "mkdir -p build && cd build && cmake ..",
            "echo '{}' >> sandbox/obsidianblackboard.jsonl", "cat src/code.py > /dev/null 2>&1",
        ]
    )
    func `the work of the phase meets no friction`(command: String) throws {
        let answer = try Self.inValidate().bash(command)
        #expect(answer.refusal == nil && answer.json == .null, "\(command): \(answer.output)")
    }

    @Test func `a script counts as code until it is committed as it is`() throws {
        let project = try GuardedProject()
        try project.goOn(agent: "claude", to: "H", "I")
        #expect(try project.bash("sh tool.sh").refusal == nil)
        try project.folder.writeFiles(["tool.sh": "rm -rf src\n", "new.sh": "echo\n"])
        #expect(try project.bash("sh tool.sh").refusal?.contains("run.inline") == true)
        #expect(try project.bash("./new.sh").refusal?.contains("run.inline") == true)
    }

    @Test(
        arguments: [
            "", "{", "[]", "null", "\"x\"", "{\"hook_event_name\": 1}", "{\"tool_name\":[]}",
            String(repeating: "[", count: 100_000), "\u{0}", "{\"a\":1,\"a\":2}",
        ],
        ["open", "closed"]
    )
    func `what is no payload is let through or refused, as the person chose`(
        payload: String,
        onFailure: String
    ) throws {
        let project = try GuardedProject()
        let answer = try project.check(payload, more: ["--on-failure", onFailure])
        let isReadable = payload.contains("hook_event_name") || payload.contains("tool_name")
        if isReadable { return }
        #expect(answer.output.exitCode == (onFailure == "closed" ? 2 : 0), "\(answer.output)")
        #expect(answer.output.standardError.contains("hive guard:"))
    }

    @Test func `odd payloads are judged and trap nothing`() throws {
        let project = try GuardedProject()
        let root = project.folder.path
        let inputs = [
            #"{"file_path":"src/code.py\u0000x"}"#, #"{"file_path":"\ud800src/code.py"}"#,
            #"{"file_path":{"a":[]}}"#, #"{"file_path":[]}"#, #"{}"#, "[]", "null", "7",
            #"{"edits":[1,null,{"path":"src/code.py"}]}"#, #"{"file_path":"\#(root)"}"#,
            #"{"file_path":"\#(String(repeating: "a/", count: 5_000))"}"#,
            #"{"file_path":"src/\u001b[31m\u202e.py"}"#,
            #"{"file_path":"src/code.py","x":"# + String(repeating: "[", count: 200)
                + String(repeating: "]", count: 200) + "}",
        ]
        for input in inputs {
            let payload =
                #"{"hook_event_name":"PreToolUse","session_id":"abc123","cwd":"\#(root)","#
                + #""tool_name":"Edit","tool_input":\#(input)}"#
            let answer = try project.check(payload, more: ["--on-failure", "closed"])
            #expect(answer.output.exitCode == 0, "\(input.prefix(80)): \(answer.output)")
            if !input.contains("\\u0000"), input.utf8.count < 5_000 {
                #expect(answer.refusal != nil, "\(input.prefix(80)): \(answer.output)")
            }
            #expect(!answer.output.standardOutput.contains("\u{1B}"))
            #expect(!answer.output.standardOutput.contains("\u{202E}"))
        }
    }

    @Test func `an agent's environment and folder choose no other rules`() throws {
        let project = try GuardedProject()
        let loose = try TemporaryFolder()
        try loose.writeFiles(["loose.yaml": "mode: observe\ntools: {default: allow}\n"])
        let rules = ["HIVE_RULES": loose.at("loose.yaml")]
        #expect(try project.bash("rm src/code.py", environment: rules).refusal != nil)
        try project.folder.writeFiles(["sub/specs/rules.yaml": "mode: observe\n"])
        let inside: JSONValue = [
            "hook_event_name": "PreToolUse", "session_id": "abc123",
            "cwd": .string(project.folder.at("sub")), "tool_name": "Bash",
            "tool_input": ["command": "rm ../src/code.py"],
        ]
        #expect(try project.check(inside.text).refusal != nil)
        // Somewhere else, with the program still in the project.
        let elsewhere: JSONValue = [
            "hook_event_name": "PreToolUse", "session_id": "abc123", "cwd": .string(loose.path),
            "tool_name": "Bash",
            "tool_input": ["command": .string("rm \(project.folder.at("src/code.py"))")],
        ]
        #expect(try project.check(elsewhere.text).refusal != nil)
        let environment = ["CLAUDE_PROJECT_DIR": project.folder.path]
        let away = try project.check(elsewhere.text, environment: environment, in: loose.path)
        #expect(away.refusal != nil)
    }

    @Test func `outside of a project with rules or a board all is allowed, and nothing said`()
        throws
    {
        let project = try GuardedProject()
        let plain = try TemporaryFolder(repository: ["src/a.py": "x\n"])
        let payload = try project.payload("claude.edit-code")
            .replacing(project.folder.path, with: plain.path)
        let answer = try project.check(payload, in: plain.path)
        #expect(answer.output.standardOutput == "" && answer.output.standardError == "")
    }

    @Test func `a linked worktree goes by the board of the main one`() throws {
        let project = try GuardedProject()
        try project.goOn(agent: "claude", to: "H", "I", "V")
        let other = project.home.at("linked")
        try project.folder.git("worktree", "add", "--quiet", other)
        let payload = try project.payload("claude.edit-code")
            .replacing(project.folder.path, with: other)
        let allowed = try project.check(payload, in: other)
        #expect(allowed.json == .null, "\(allowed.output)")
        let config = payload.replacing(
            "\(other)/src/code.py",
            with: project.folder.at(".git/config")
        )
        #expect(try project.check(config, in: other).refusal?.contains("guarded") == true)
    }

    @Test func `broken rules let through or refuse, as the person chose`() throws {
        let project = try GuardedProject()
        try project.folder.writeFiles(["specs/rules.yaml": "mode: [\n"])
        let open = try project.bash("rm src/code.py")
        #expect(open.refusal == nil && open.output.standardError.contains("hive guard:"))
        let closed = try project.bash("rm src/code.py", more: ["--on-failure", "closed"])
        #expect(closed.refusal?.contains("specs/rules.yaml") == true, "\(closed.output)")
        let stop = try project.check(
            try project.payload("claude.stop"),
            more: ["--on-failure", "closed"]
        )
        #expect(stop.output.exitCode == 0 && stop.unfinished == nil)
    }

    @Test func `a daemon that says nothing does not keep an agent waiting for ever`() throws {
        let project = try GuardedProject()
        try project.folder.makeFolder("sandbox/.hive")
        #expect(chmod(project.folder.at("sandbox/.hive"), 0o700) == 0)
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = Array(project.folder.at("sandbox/.hive/hive.sock").utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listener, $0, size) }
        }
        #expect(bound == 0 && listen(listener, 4) == 0)
        let answer = try project.bash("rm src/code.py", more: ["--on-failure", "closed"])
        #expect(answer.refusal?.contains("in time") == true, "\(answer.output)")
    }
}
