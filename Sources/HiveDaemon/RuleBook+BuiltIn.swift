extension RuleBook {
    /// The rule book that holds without a file: `specs/rules.yaml`, byte for byte.
    package static let builtInText = #"""
        # The rule book: what the gates (specs/gates.md) and phase rules (specs/phases.md) leave
        # open. Every key may be left out; the value written here then holds. A key that hive does
        # not know is an error, so that a misspelt one is never without effect. To see what another
        # rule book would say of a board, without touching it: hive check --rules FILE BOARD

        # How phase rules judge: paired (many agents at once), strict (one agent, one step at a
        # time) or observe (they only warn, nothing is masked: for a board that exists already).
        mode: paired

        # Overwrite a quarantined line on the board, so that nobody who reads it there acts on it.
        mask: true

        generation:
          # G6: the lowest `gen` a signal may carry. 0 to 1000000000.
          minimum: 87

        # G0, for lines judged as they arrive; never for bytes found at start, in check or replay.
        timestamps:
          # How far in the future `ts` may lie, in seconds. 0 to 86400.
          future_seconds: 60
          # How old `ts` may be, in seconds, 1 to 315619200; null: of any age.
          staleness_seconds: null

        envelope:
          # G8: true refuses a signal that is not the data of a CloudEvents 1.0 event.
          required: false

        # Who may speak in which phase (paired; in observe it only warns; strict does not look).
        ports:
          # The ports that own each phase: each of 0 to 7 exactly once, and no phase without one.
          owners:
            H: [0, 7]
            I: [1, 6]
            V: [2, 5]
            E: [3, 4]
          # Ports that may also speak in any phase that the cycle has reached.
          roaming: [0, 7]

        # Who is asked when a signal is accepted. By its pull: lateral asks the partner port (7 - port) in
        # the same phase, downstream the ports of the next phase, upstream those of the phase before. An
        # error asks ports 5 and 7; a metric asks nobody. HIVE_BACKEND says who answers.
        reactions:
          # false: nobody is asked.
          enabled: true
          # How many steps a chain takes: 1 answers signals but not their answers. 0 to 8.
          depth: 1
          # A signal with a lower mark asks nobody; a task that waits until it is weaker lapses. 0 to 1.
          minimum_mark: 0.3
          # After so many seconds a waiting task's mark counts half, 1 to 31536000; null: it never fades.
          half_life_seconds: 3600

        # How much work is handed out. What goes beyond it is judged and recorded, and asks nobody.
        budget:
          # Tasks in any 60 minutes. 0 to 1000000.
          tasks_per_hour: 1000
          # Tasks that wait or are under way; the strongest marks come first. 1 to 10000.
          tasks_open: 256
          # What answers may cost, in dollars, by what the servers tell or else specs/prices.yaml: of one
          # scatter, in any 24 hours, and ever; null: no limit. A call that could pass it is not sent.
          dollars_per_run: null
          dollars_per_day: null
          dollars_total: null

        # The worker of HIVE_BACKEND=exec: it reads an assignment as JSON on its standard input and writes
        # its answer on standard output.
        workers:
          exec:
            # The program and its arguments, word by word, run without a shell: [claude, -p]; null: none.
            command: null
            # How long it may run. 1 to 86400.
            seconds: 600
            # The memory of each of its processes in MiB (RLIMIT_DATA), 1 to 1048576; null: no limit.
            memory_mib: null
            # How much of its output is taken, in KiB. 1 to 65536.
            output_kib: 64
          # Models over HTTP: HIVE_BACKEND=openai, openrouter, ollama, anthropic or copilot-api.
          model:
            # The most tokens that an answer may have. 1 to 1000000.
            output_tokens: 1024
            # How much of an answer is taken, in KiB. 1 to 65536.
            answer_kib: 256
            # How long until a connection stands, and until the first byte of the answer, in milliseconds;
            # null: as long as REQUEST_TIMEOUT_MS gives the whole. 1 to 86400000.
            connect_ms: 10000
            first_byte_ms: null
            # How often a request that failed in a way that may pass is sent again. 0 to 10.
            retries: 4
            # How many requests a minute go out with each key, 1 to 1000000; null: as many as there are.
            requests_per_minute: null
            # true: http: addresses are spoken to in HTTP/2 from the start. https: agrees on it by itself.
            http2: false

        # What a claim takes (specs/witness.md): off; warn: a V signal without a red receipt in its cycle,
        # or a claim without its own, is accepted with a warning; required: it is REWARD_HACK or UNWITNESSED.
        evidence: off

        # The project's own tests: run by port 4, and by hive witness, which believes them only as a person
        # approved this rule book (hive override approve-rules).
        witness:
          # The program and its arguments, word by word, run without a shell: [pytest, -q]; null: none.
          test: null
          # Who reads its report: swift, pytest, go, cargo, node, jest, vitest, junit or tap; null: told from
          # the words. junit and tap take a command of any kind with {report} where the file's name belongs.
          runner: null
          # Fetches dependencies, with the network, before the tests run without: [npm, ci]; null: nothing to
          # fetch. What it leaves is kept for as long as the lock files are the same.
          setup: null
          # Folders outside the repository that tests may read, beside the system's and the toolchains' on
          # PATH. Absolute.
          readable: []
          # Where tests and what they stand on are, and what else must hold still between red and green
          # (configuration, lock files), as globs; null: the usual places of the common languages.
          tests: null
          pinned: null
          # Its limits, as those of workers.exec.
          seconds: 900
          memory_mib: null
          output_kib: 4096

        # The parts of a repository, for tools and hooks, as globs beside witness.tests (part: tests) and
        # witness.pinned (part: config). The first part that has a path counts: guarded, tests, docs,
        # interfaces, config; what none has is code.
        paths:
          # What the rules themselves stand on: in no phase does a tool write it.
          guarded:
            - specs/rules.yaml
            - specs/approval.json
            - specs/owner.pub
            - /.env
            - sandbox/**
            - .git/**
            - .claude/settings*.json
            - .codex/hooks.json
            - .codex/config.toml
            - .cursor/hooks.json
            - .github/hooks/**
            - .gemini/settings.json
            - .opencode/plugin*/**
          # Contracts and schemas.
          interfaces:
            - "**/*.proto"
            - "**/*.graphql"
            - "**/*.graphqls"
            - "**/*.thrift"
            - "**/*.avsc"
            - "**/*.xsd"
            - "**/*.d.ts"
            - "**/*.pyi"
            - "**/*.swiftinterface"
            - "**/*.schema.json"
            - "**/openapi.*"
            - "**/asyncapi.*"
            - schema/**
            - "**/schemas/**"
            - specs/**
          docs: ["**/*.md", "**/*.rst", "**/*.adoc", docs/**, doc/**, LICENSE*]

        # What the tools of coding agents may do in each phase (hive guard, hive mcp), and what commits may
        # hold (hive hook). specs/guards.md says how a call becomes actions.
        tools:
          # What a tool does, by its own name, as globs: the first of these kinds that has it, in this
          # order. A tool that edits is judged by its paths, one that runs commands by their words; other
          # ones do neither, whatever their names look like.
          names:
            hive: ["hive_*", "mcp__hive__*", "mcp__hive-enforcer__*", "mcp_hive-enforcer_*"]
            other: [write_todos, update_plan, "*_branch", "*_issue", "*_pull_request*"]
            recall: ["mcp__*memory*__search*", "mcp__*memory*__read*", "mcp__*memory*__open*"]
            remember: ["mcp__*memory*", save_memory, write_memory, edit_memory, delete_memory]
            edit: [Edit, edit, "edit_*", editFiles, EditNotebook, MultiEdit, multiedit, NotebookEdit,
              Write, write, "write_*", "writeFile*", create, "create_*", "createFile*",
              createDirectory, replace, "replace_*", "multi_replace*", search_replace,
              "str_replace*", StrReplace, "strReplace*", "insert*", "append_*", patch, apply_patch,
              Delete, "delete*", "move_*", "rename*", "remove_file*", "mcp__*__write*",
              "mcp__*__edit*", "mcp__*__create*", "mcp__*__move*", "mcp__*__rename*",
              "mcp__*__delete*", "mcp__*__remove*", "mcp__*__replace*", "mcp__*__insert*",
              "mcp__*__append*", "mcp__*__patch*", "mcp_*_write_*", "mcp_*_edit_*", "mcp_*_create_*",
              "mcp_*_move_*", "mcp_*_rename_*", "mcp_*_delete_*", "mcp_*_remove_*",
              "mcp_*_replace_*", "mcp_*_insert_*", "mcp_*_append_*", "mcp_*_patch_*"]
            read: [Read, read, "read_*", "readFile*", NotebookRead, view, "view_*", LS, list,
              "list_*", BashOutput, "mcp__*__read*", "mcp__*__list*", "mcp__*__get*",
              "mcp__*__view*", "mcp_*_read_*", "mcp_*_list_*", "mcp_*_get_*", "mcp_*directory_tree"]
            search: [Grep, "grep*", Glob, glob, "find_*", "*search*", "*Search*", WebFetch,
              web_fetch, webfetch]
            run: [Bash, bash, Shell, shell, local_shell, exec_command, unified_exec,
              run_shell_command, "run_terminal*", run_in_terminal, runInTerminal, "run_command*",
              "runCommand*", execute_command, runTests, run_tests, "runTask*", "run_task*",
              powershell, PowerShell, Monitor, "mcp__*__run_command*", "mcp__*__execute_co*",
              "mcp__*__executeCode", "mcp__*__*shell*", "mcp__*__*bash*", "mcp__*__*terminal*",
              "mcp_*_run_command*", "mcp_*_execute_command*", "mcp_*_run_shell*"]
          # Tools of no kind, and what a phase names nowhere: allow or block.
          default: allow
          # Globs of actions, or of tools' own names; block goes before allow. Actions: read, search, recall
          # and remember (memories), edit, create and delete with a part (edit.tests), run.tests, run.inline
          # (code handed to an interpreter) and run.other. A change takes a port that owns the phase. Where
          # `evidence: required` holds, I takes code as well: a red stands on a stub.
          phases:
            H:
              allow: [read, search, recall]
              block: [remember, "edit.*", "create.*", "delete.*", "run.*"]
            I:
              allow: [read, search, recall, remember, "*.tests", "*.interfaces", "*.docs", "*.config",
                run.other]
              block: ["*.code", run.tests, run.inline]
            V:
              allow: [read, search, recall, "*.code", "*.interfaces", "*.docs", "*.config", create.tests,
                "run.*"]
              block: [remember, edit.tests, delete.tests]
            E:
              allow: [read, search, recall, "edit.*", "delete.*", "*.tests", "*.docs", "*.config",
                "run.*"]
              block: [remember, create.code, create.interfaces]

        # How a generation ends (hive flip).
        flip:
          # Writers may keep the old file open: for so many seconds after its end, and after its last late
          # line, the archive is watched and its late lines are judged. 0 to 31536000.
          linger: 600

        socket:
          # The group whose members may use the control socket; null: the daemon's own user only.
          group: null

        """#
}
