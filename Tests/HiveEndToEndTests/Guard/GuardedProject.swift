import Foundation
import HiveSignal
import HiveTestKit
import Testing

/// A throw-away project whose guard the real binary is.
struct GuardedProject {
    let folder: TemporaryFolder
    let home: TemporaryFolder

    /// - `evidence`: what the rule book asks for.
    init(evidence: String = "off", mode: String = "paired") throws {
        folder = try TemporaryFolder(repository: [
            "src/code.py": "def add(): pass\n", "tests/test_code.py": "assert True\n",
            "tool.sh": "echo hi\n",
        ])
        home = try TemporaryFolder()
        try #require(try hive("init").exitCode == 0)
        let rules = String(decoding: folder.bytes("specs/rules.yaml"), as: UTF8.self)
            .replacing(/\nevidence: [a-z]+/, with: "\nevidence: \(evidence)")
            .replacing("\nmode: paired", with: "\nmode: \(mode)")
            .replacing("  enabled: true", with: "  enabled: false")
        try folder.writeFiles(["specs/rules.yaml": rules])
        try folder.commitAll("docs: hive")
        try folder.writeFiles(["sandbox/obsidianblackboard.jsonl": ""])
    }

    private var environment: [String: String] {
        let program = URL(fileURLWithPath: HiveProgram.path).deletingLastPathComponent().path
        return ["HOME": home.path, "PATH": "\(program):/usr/bin:/bin"]
    }

    @discardableResult
    func hive(
        _ arguments: String...,
        input: String = "",
        environment more: [String: String] = [:],
        in other: String? = nil
    ) throws -> HiveProgram.Output {
        try HiveProgram.run(
            arguments,
            in: other ?? folder.path,
            environment: environment.merging(more) { _, given in given },
            input: Array(input.utf8)
        )
    }

    /// What an agent's own shell does with a command.
    func shell(_ command: String) throws -> HiveProgram.Output {
        try Spawned.run("/bin/sh", ["-c", command], in: folder.path, environment: environment)
    }

    /// A documented payload, about this project.
    func payload(_ name: String) throws -> String {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("payloads/\(name).json")
        let text = try String(contentsOf: path, encoding: .utf8)
        // The folder's name needs no escape.
        return text.replacing("{{ROOT}}", with: folder.path)
    }

    /// The guard's answer to a payload, as the agent's program calls for it.
    func check(
        _ payload: String,
        agent: String? = nil,
        more: [String] = [],
        environment: [String: String] = [:],
        in other: String? = nil
    ) throws -> Answer {
        let event = agent == "copilot" ? copilotEvent(payload) : []
        let named = agent.map { ["--agent", $0] } ?? []
        let output = try HiveProgram.run(
            ["guard", "check"] + named + event + more,
            in: other ?? folder.path,
            environment: self.environment.merging(environment) { _, given in given },
            input: Array(payload.utf8)
        )
        return try Answer(output)
    }

    private func copilotEvent(_ payload: String) -> [String] {
        if payload.contains("toolName") { return ["--event", "preToolUse"] }
        return ["--event", payload.contains("stopReason") ? "agentStop" : "sessionStart"]
    }

    /// A call of Claude Code's shell tool.
    func bash(
        _ command: String,
        more: [String] = [],
        environment: [String: String] = [:]
    ) throws -> Answer {
        let payload: JSONValue = [
            "hook_event_name": "PreToolUse", "session_id": "abc123", "cwd": .string(folder.path),
            "tool_name": "Bash", "tool_input": ["command": .string(command)],
        ]
        return try check(payload.text, agent: "claude", more: more, environment: environment)
    }

    /// Goes on to a phase as the brief of the session tells it to.
    func goOn(agent: String, to phases: String...) throws {
        for phase in phases {
            let brief = try check(try payload("\(agent).start"), agent: agent).context ?? ""
            let line = brief.split(separator: "\n").first { $0.contains("--phase \(phase) ") }
            let command = try #require(line, "no step to \(phase) in \(brief)")
            let start = try #require(command.range(of: "hive emit"))
            let output = try shell(String(command[start.lowerBound...]))
            #expect(output.exitCode == 0, "\(command): \(output)")
        }
    }

    /// What a guard said, whoever asked.
    struct Answer {
        let output: HiveProgram.Output
        let json: JSONValue

        init(_ output: HiveProgram.Output) throws {
            self.output = output
            let text = output.standardOutput
            json = text.isEmpty ? .null : try JSONValue(parsing: text)
        }

        private var specific: JSONValue { json["hookSpecificOutput"] ?? .null }

        /// Why a tool is refused, in the words of whichever agent; nil: it is not.
        var refusal: String? {
            if output.exitCode == 2 { return output.standardError }
            if specific["permissionDecision"] == "deny" {
                return specific["permissionDecisionReason"]?.stringValue
            }
            if json["permissionDecision"] == "deny" {
                return json["permissionDecisionReason"]?.stringValue
            }
            if json["permission"] == "deny" { return json["agent_message"]?.stringValue }
            if json["decision"] == "deny" { return json["reason"]?.stringValue }
            return nil
        }

        /// What a session begins with.
        var context: String? {
            (specific["additionalContext"] ?? json["additional_context"]
                ?? json["additionalContext"] ?? json["context"])?.stringValue
        }

        /// Why a turn is not to end; nil: it may.
        var unfinished: String? {
            if let text = json["followup_message"] { return text.stringValue }
            return ["block", "deny"].contains(json["decision"]?.stringValue)
                ? json["reason"]?.stringValue : nil
        }
    }
}
