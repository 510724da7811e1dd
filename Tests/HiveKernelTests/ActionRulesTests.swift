import HiveSignal
import Testing

@testable import HiveKernel

@Suite struct ActionRulesTests {
    private let rules = Rules()

    private func refusal(
        _ action: Action?,
        _ phase: Phase?,
        port: UInt8? = nil,
        tool: String? = nil
    ) -> ActionRules.Refusal? {
        rules.actions.refusal(
            of: action,
            tool: tool,
            in: phase,
            port: port.flatMap(Port.init(rawValue:)),
            rules: rules
        )
    }

    @Test(arguments: [Action.read, .search, .recall])
    func `looking is allowed in every phase`(action: Action) {
        for phase in Phase.cycle { #expect(refusal(action, phase) == nil) }
        #expect(refusal(action, nil) == nil)
    }

    @Test(arguments: [
        Action.edit(.code), .create(.docs), .delete(.tests), .run(.tests), .run(.other), .remember,
    ])
    func `hunt blocks edit, create and run, and so does a board without a signal`(action: Action) {
        #expect(refusal(action, .hunt) == .phase)
        #expect(refusal(action, nil) == .phase)
    }

    @Test func `interlock writes tests and interfaces, and runs no tests`() {
        for action in [Action.edit(.tests), .create(.interfaces), .remember] {
            #expect(refusal(action, .interlock) == nil)
            #expect(refusal(action, .interlock, port: 1) == nil)
            #expect(refusal(action, .interlock, port: 6) == nil)
            #expect(refusal(action, .interlock, port: 2) == .port)
        }
        for action in [Action.edit(.code), .create(.code), .run(.tests), .run(.inline)] {
            #expect(refusal(action, .interlock) == .phase)
        }
    }

    @Test func `where evidence is required, interlock takes the stub that a red stands on`() {
        var rules = Rules()
        rules.evidence = .required
        func refusal(_ action: Action, port: UInt8) -> ActionRules.Refusal? {
            let port = Port(rawValue: port)
            return rules.actions.refusal(of: action, in: .interlock, port: port, rules: rules)
        }
        #expect(refusal(.create(.code), port: 1) == nil && refusal(.edit(.code), port: 6) == nil)
        #expect(refusal(.edit(.code), port: 2) == .port)
        #expect(refusal(.delete(.code), port: 1) == .phase)
        #expect(refusal(.run(.tests), port: 1) == .phase)
        #expect(rules.actions.refusal(of: .edit(.code), in: .hunt, rules: rules) == .phase)
    }

    @Test func `validate writes the implementation and leaves tests as they are`() {
        for action in [Action.edit(.code), .create(.code), .run(.tests), .run(.inline)] {
            #expect(refusal(action, .validate, port: 5) == nil)
        }
        #expect(refusal(.edit(.code), .validate, port: 7) == .port)
        #expect(refusal(.run(.tests), .validate, port: 7) == nil)
        #expect(refusal(.delete(.tests), .validate) == .phase)
        #expect(refusal(.edit(.tests), .validate) == .phase)
        #expect(refusal(.remember, .validate) == .phase)
    }

    @Test func `evolve refactors and adds nothing outside tests and docs`() {
        for action in [Action.edit(.code), .delete(.code), .create(.tests), .create(.docs)] {
            #expect(refusal(action, .evolve) == nil)
        }
        #expect(refusal(.create(.code), .evolve) == .phase)
        #expect(refusal(.create(.interfaces), .evolve) == .phase)
    }

    @Test func `what the rules stand on is nobody's tool to change`() {
        for phase in Phase.cycle {
            #expect(refusal(.edit(.guarded), phase) == .guarded)
            #expect(refusal(.delete(.guarded), phase) == .guarded)
        }
    }

    @Test func `an unknown tool follows the default, and a list may name it`() {
        #expect(refusal(nil, .hunt, tool: "Task") == nil)
        var rules = Rules()
        rules.actions.allowsUnnamed = false
        #expect(rules.actions.refusal(of: nil, tool: "Task", in: .hunt, rules: rules) == .phase)
        rules.actions.phases[.hunt]?.allow.append(PathGlob("Ta*"))
        #expect(rules.actions.refusal(of: nil, tool: "Task", in: .hunt, rules: rules) == nil)
        rules.actions.phases[.hunt]?.block.append(PathGlob("*sk"))
        #expect(rules.actions.refusal(of: nil, tool: "Task", in: .hunt, rules: rules) == .phase)
    }

    @Test(arguments: [
        ("Read", ActionRules.ToolKind.read), ("Write", .edit), ("apply_patch", .edit),
        ("search_replace", .edit), ("Grep", .search), ("WebSearch", .search), ("Bash", .run),
        ("run_shell_command", .run), ("mcp__memory__search_nodes", .recall),
        ("mcp__memory__create_entities", .remember), ("save_memory", .remember),
        ("mcp__hive-enforcer__hive_emitSignal", .hive), ("hive_flip", .hive),
        ("mcp__hivemind__write_file", .edit), ("mcp__filesystem__write_file", .edit),
        ("mcp__fs__edit_file", .edit), ("mcp__fs__move_file", .edit), ("mcp__fs__write", .edit),
        ("mcp_filesystem_write_file", .edit), ("mcp__my_reader__write_file", .edit),
        ("mcp__filesystem__read_text_file", .read), ("mcp_filesystem_read_file", .read),
        ("mcp__ide__executeCode", .run), ("multi_replace_string_in_file", .edit),
        ("createFile", .edit), ("StrReplace", .edit), ("EditNotebook", .edit),
        ("execute_command", .run), ("runCommands", .run), ("PowerShell", .run), ("runTests", .run),
        ("write_todos", .other), ("delete_branch", .other), ("mcp__github__create_issue", .other),
        ("edit_memory", .remember),
    ])
    func `a tool's kind is told from its name`(name: String, kind: ActionRules.ToolKind) {
        #expect(rules.actions.kind(ofTool: name) == kind)
    }

    @Test func `a tool of another name has no kind`() {
        #expect(rules.actions.kind(ofTool: "TodoWrite") == nil)
        #expect(rules.actions.kind(ofTool: "") == nil)
    }

    @Test(arguments: [
        ("specs/rules.yaml", RepositoryPart.guarded),
        ("sandbox/obsidianblackboard.jsonl", .guarded),
        ("Tests/a.swift", .tests), ("Tests/README.md", .tests), ("README.md", .docs),
        ("specs/signal.md", .docs), ("specs/signal.schema.json", .interfaces),
        ("api/v1.proto", .interfaces), ("package.json", .config), ("src/main.c", .code),
        (".git/config", .guarded), ("a/.git/config", .code), (".env", .guarded),
        ("service/.env", .code), (".env.example", .code),
    ])
    func `a path belongs to the first part that has it`(path: String, part: RepositoryPart) {
        let parts = RepositoryParts(
            rules.paths,
            tests: ["Tests/**"],
            config: ["**/package.json"]
        )
        #expect(parts.part(of: Array(path.utf8)) == part)
    }

    @Test func `a path need not be UTF-8`() {
        let parts = RepositoryParts(rules.paths, tests: ["t/**"], config: [])
        #expect(parts.part(of: Array("t/".utf8) + [0xFF, 0x0A]) == .tests)
        #expect(parts.part(of: [0xFF]) == .code)
    }
}
