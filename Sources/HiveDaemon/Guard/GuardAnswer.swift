package import HiveSignal

/// What the guard says to a call, before it is put into the agent's own words.
package enum GuardVerdict: Sendable, Hashable {
    /// It may go on, and nothing is said: an agent's own questions to its person stay.
    case allowed
    /// It may go on, and the agent is told something.
    case noted(String)
    case denied(String)
    /// What a session begins with, and the variables of its commands.
    case brief(String, variables: [String: String])
    /// The turn is not to end yet.
    case unfinished(String)
}

/// What the agent's program reads: standard output, standard error and the exit code.
package struct GuardAnswer: Sendable, Hashable {
    /// One JSON object; nil: nothing.
    package var output: JSONValue?
    /// For people.
    package var errors: String?
    package var exitCode: Int32 = 0

    /// The exit code by which most programs take a hook's standard error for a refusal.
    package static let refusalCode: Int32 = 2

    /// The verdict as that agent's program wants it told (specs/guards.md).
    package init(_ verdict: GuardVerdict, for agent: CodingAgent, event: String) {
        switch verdict {
        case .allowed:
            // `allow` would be taken for the person's leave; an empty object says nothing.
            output = agent == .cursor || agent == .gemini || agent == .opencode ? [:] : nil
        case .noted(let note):
            output = Self.note(note, agent, event)
            errors = note
        case .denied(let reason): output = Self.denial(reason, agent)
        case .brief(let text, let variables): output = Self.context(text, variables, agent, event)
        case .unfinished(let reason):
            output =
                switch agent {
                case .cursor: ["followup_message": .string(reason)]
                case .gemini: ["decision": "deny", "reason": .string(reason)]
                case .claude, .codex, .copilot, .opencode:
                    ["decision": "block", "reason": .string(reason)]
                }
        }
    }

    /// A refusal where nobody knows whose hook it is.
    package init(refusing reason: String) {
        errors = reason
        exitCode = Self.refusalCode
    }

    private static func denial(_ reason: String, _ agent: CodingAgent) -> JSONValue {
        switch agent {
        case .claude, .codex:
            [
                "hookSpecificOutput": [
                    "hookEventName": "PreToolUse", "permissionDecision": "deny",
                    "permissionDecisionReason": .string(reason),
                ]
            ]
        case .cursor:
            [
                "permission": "deny", "user_message": .string(firstLine(reason)),
                "agent_message": .string(reason),
            ]
        case .copilot:
            ["permissionDecision": "deny", "permissionDecisionReason": .string(reason)]
        case .gemini, .opencode: ["decision": "deny", "reason": .string(reason)]
        }
    }

    private static func note(
        _ note: String,
        _ agent: CodingAgent,
        _ event: String
    ) -> JSONValue? {
        switch agent {
        case .claude, .codex: specific(event, note)
        case .gemini: ["systemMessage": .string(note)]
        case .cursor: [:]
        case .opencode: ["note": .string(note)]
        case .copilot: nil
        }
    }

    private static func context(
        _ text: String,
        _ variables: [String: String],
        _ agent: CodingAgent,
        _ event: String
    ) -> JSONValue {
        var environment = JSONObject()
        for (name, value) in variables.sorted(by: { $0.key < $1.key }) {
            environment[name] = .string(value)
        }
        return switch agent {
        case .claude, .codex, .gemini: specific(event, text)
        case .cursor: ["additional_context": .string(text), "env": .object(environment)]
        case .copilot: ["additionalContext": .string(text)]
        case .opencode: ["context": .string(text), "env": .object(environment)]
        }
    }

    private static func specific(_ event: String, _ text: String) -> JSONValue {
        [
            "hookSpecificOutput": [
                "hookEventName": .string(event), "additionalContext": .string(text),
            ]
        ]
    }

    private static func firstLine(_ text: String) -> String {
        text.split(separator: "\n").first.map(String.init) ?? text
    }
}
