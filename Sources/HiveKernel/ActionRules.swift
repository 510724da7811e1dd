package import HiveSignal

/// What the tools of coding agents, and commits, may do in each phase (SPEC §4).
package struct ActionRules: Sendable, Hashable {
    /// What a tool does.
    package enum ToolKind: String, Sendable, Hashable, CaseIterable {
        /// One of hive's own tools, which judges itself.
        case hive
        /// Touches no file and runs nothing, whatever its name looks like.
        case other
        case recall, remember
        /// Writes files; which and how is told by what it is given.
        case edit
        case read, search
        /// Runs commands; what they do is told by their words.
        case run
    }

    /// What one phase names, as globs of actions' names and of tools' own.
    package struct PhaseRule: Sendable, Hashable {
        package var allow: [PathGlob]
        /// Goes before `allow`.
        package var block: [PathGlob]

        package init(allow: [String], block: [String]) {
            self.allow = allow.map { PathGlob($0) }
            self.block = block.map { PathGlob($0) }
        }
    }

    /// Tools by their names, as globs; the first kind that has one counts.
    package var tools: [ToolKind: [PathGlob]]
    package var phases: [Phase: PhaseRule]
    /// What no list names, and tools of no kind.
    package var allowsUnnamed = true

    /// SPEC's rules.
    package init() {
        tools = Self.toolNames.mapValues { $0.map { PathGlob($0) } }
        let looking = ["read", "search", "recall"]
        phases = [
            .hunt: PhaseRule(
                allow: looking,
                block: ["remember", "edit.*", "create.*", "delete.*", "run.*"]
            ),
            .interlock: PhaseRule(
                allow: looking + [
                    "remember", "*.tests", "*.interfaces", "*.docs", "*.config", "run.other",
                ],
                block: ["*.code", "run.tests", "run.inline"]
            ),
            .validate: PhaseRule(
                allow: looking + [
                    "*.code", "*.interfaces", "*.docs", "*.config", "create.tests", "run.*",
                ],
                block: ["remember", "edit.tests", "delete.tests"]
            ),
            .evolve: PhaseRule(
                allow: looking + ["edit.*", "delete.*", "*.tests", "*.docs", "*.config", "run.*"],
                block: ["remember", "create.code", "create.interfaces"]
            ),
        ]
    }

    /// As the tools of the common agents are called.
    private static let toolNames: [ToolKind: [String]] = [
        .hive: ["hive_*", "mcp__hive__*", "mcp__hive-enforcer__*", "mcp_hive-enforcer_*"],
        .other: ["write_todos", "update_plan", "*_branch", "*_issue", "*_pull_request*"],
        .recall: ["mcp__*memory*__search*", "mcp__*memory*__read*", "mcp__*memory*__open*"],
        .remember: [
            "mcp__*memory*", "save_memory", "write_memory", "edit_memory", "delete_memory",
        ],
        .edit: [
            "Edit", "edit", "edit_*", "editFiles", "EditNotebook", "MultiEdit", "multiedit",
            "NotebookEdit", "Write", "write", "write_*", "writeFile*", "create", "create_*",
            "createFile*", "createDirectory", "replace", "replace_*", "multi_replace*",
            "search_replace", "str_replace*", "StrReplace", "strReplace*", "insert*", "append_*",
            "patch", "apply_patch", "Delete", "delete*", "move_*", "rename*", "remove_file*",
            "mcp__*__write*", "mcp__*__edit*", "mcp__*__create*", "mcp__*__move*",
            "mcp__*__rename*",
            "mcp__*__delete*", "mcp__*__remove*", "mcp__*__replace*", "mcp__*__insert*",
            "mcp__*__append*", "mcp__*__patch*", "mcp_*_write_*", "mcp_*_edit_*", "mcp_*_create_*",
            "mcp_*_move_*", "mcp_*_rename_*", "mcp_*_delete_*", "mcp_*_remove_*", "mcp_*_replace_*",
            "mcp_*_insert_*", "mcp_*_append_*", "mcp_*_patch_*",
        ],
        .read: [
            "Read", "read", "read_*", "readFile*", "NotebookRead", "view", "view_*", "LS", "list",
            "list_*", "BashOutput", "mcp__*__read*", "mcp__*__list*", "mcp__*__get*",
            "mcp__*__view*", "mcp_*_read_*", "mcp_*_list_*", "mcp_*_get_*", "mcp_*directory_tree",
        ],
        .search: [
            "Grep", "grep*", "Glob", "glob", "find_*", "*search*", "*Search*", "WebFetch",
            "web_fetch", "webfetch",
        ],
        .run: [
            "Bash", "bash", "Shell", "shell", "local_shell", "exec_command", "unified_exec",
            "run_shell_command", "run_terminal*", "run_in_terminal", "runInTerminal",
            "run_command*",
            "runCommand*", "execute_command", "runTests", "run_tests", "runTask*", "run_task*",
            "powershell", "PowerShell", "Monitor", "mcp__*__run_command*", "mcp__*__execute_co*",
            "mcp__*__executeCode", "mcp__*__*shell*", "mcp__*__*bash*", "mcp__*__*terminal*",
            "mcp_*_run_command*", "mcp_*_execute_command*", "mcp_*_run_shell*",
        ],
    ]

    /// What a tool of that name does; nil: no glob has it.
    package func kind(ofTool name: String) -> ToolKind? {
        ToolKind.allCases.first { kind in
            tools[kind]?.contains { $0.matches(name) } ?? false
        }
    }

    /// Why something is not allowed.
    package enum Refusal: Sendable, Hashable {
        /// The phase's rule says so.
        case phase
        /// The phase allows it, to the ports that own it.
        case port
        /// Nobody's tool changes what the rules stand on.
        case guarded
    }

    /// What the rules have against an action.
    ///
    /// - Parameters:
    ///   - action: what is about to be done; nil: a tool of no kind.
    ///   - tool: the tool's own name, which lists may have too; nil: it is no tool.
    ///   - phase: where the caller stands; nil: no cycle has begun, which is as `hunt`.
    ///   - port: the caller's, where it spoke from one.
    ///   - rules: which ports own the phase.
    /// - Returns: nil: it is allowed.
    package func refusal(
        of action: Action?,
        tool: String? = nil,
        in phase: Phase?,
        port: Port? = nil,
        rules: Rules
    ) -> Refusal? {
        if action?.part == .guarded { return .guarded }
        let phase = phase ?? .hunt
        guard let rule = phases[phase] else { return allowsUnnamed ? nil : .phase }
        let names = [action?.name, tool].compactMap(\.self)
        func has(_ globs: [PathGlob]) -> Bool {
            globs.contains { glob in names.contains { glob.matches($0) } }
        }
        // A red fails by assertion, so that the code it calls is there: where every claim takes a
        // receipt, that one shows that the code does nothing yet.
        let isStub =
            phase == .interlock && rules.evidence == .required && action?.writesCode == true
        if isStub { return port.map { rules.owner(of: $0) == phase } ?? true ? nil : .port }
        if has(rule.block) { return .phase }
        guard has(rule.allow) || allowsUnnamed else { return .phase }
        if let action, action.isChange, let port, rules.owner(of: port) != phase { return .port }
        return nil
    }
}
