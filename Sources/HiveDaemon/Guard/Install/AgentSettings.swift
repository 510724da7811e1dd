import HiveSignal

/// What an agent's program needs in its own configuration, so that it asks hive (specs/guards.md).
struct AgentSettings: Sendable {
    let agent: CodingAgent
    let onFailure: GuardDesk.OnFailure

    /// From the project's folder.
    var path: String {
        switch agent {
        case .claude: ".claude/settings.json"
        case .codex: ".codex/hooks.json"
        case .cursor: ".cursor/hooks.json"
        case .copilot: ".github/hooks/hive.json"
        case .gemini: ".gemini/settings.json"
        case .opencode: ".opencode/plugins/hive.js"
        }
    }

    /// What hive's own entries are known by.
    static let mark = "hive guard check"

    /// True for an entry that calls hive.
    static func isOwn(_ entry: JSONValue) -> Bool {
        switch entry {
        case .string(let text): text.contains(mark)
        case .array(let elements): elements.contains(where: isOwn)
        case .object(let object): object.values.contains(where: isOwn)
        case .null, .bool, .integer, .double: false
        }
    }

    /// How long a program waits for the guard.
    private static let secondsMax: Int64 = 10
    /// The end of a turn looks at the whole folder.
    private static let stopSecondsMax: Int64 = 60

    /// Entries for the arrays under `hooks`, by event.
    var entries: [(event: String, entry: JSONValue)] {
        switch agent {
        case .claude, .codex:
            return [
                ("SessionStart", group(seconds: Self.secondsMax)),
                (
                    "PreToolUse",
                    group(seconds: Self.secondsMax, matcher: agent == .claude ? "*" : nil)
                ),
                ("Stop", group(seconds: Self.stopSecondsMax)),
            ]
        case .gemini:
            return [
                ("SessionStart", geminiGroup(Self.secondsMax)),
                ("BeforeTool", geminiGroup(Self.secondsMax, matcher: ".*")),
                ("AfterAgent", geminiGroup(Self.stopSecondsMax)),
            ]
        case .cursor:
            return [
                "sessionStart", "preToolUse", "beforeShellExecution", "beforeMCPExecution", "stop",
            ]
            .map { ($0, cursorHook(isAsked: $0 != "sessionStart" && $0 != "stop")) }
        case .copilot:
            return ["sessionStart", "preToolUse", "agentStop"].map { ($0, copilotHook($0)) }
        case .opencode: return []
        }
    }

    /// Keys that a new file begins with.
    var beginning: JSONValue {
        switch agent {
        case .cursor, .copilot: ["version": 1]
        case .claude, .codex, .gemini, .opencode: [:]
        }
    }

    /// The command; where hive is not there at all, `closed` refuses by the exit code.
    private func command(event: String? = nil) -> String {
        var command = "\(Self.mark) --agent \(agent.rawValue)"
        if let event { command += " --event \(event)" }
        if onFailure == .closed { command += " --on-failure closed || exit 2" }
        return command
    }

    private func group(seconds: Int64, matcher: String? = nil) -> JSONValue {
        var group: JSONObject = [:]
        if let matcher { group["matcher"] = .string(matcher) }
        group["hooks"] = [
            ["type": "command", "command": .string(command()), "timeout": .integer(seconds)]
        ]
        return .object(group)
    }

    /// Gemini CLI counts in milliseconds.
    private func geminiGroup(_ seconds: Int64, matcher: String? = nil) -> JSONValue {
        var group: JSONObject = [:]
        if let matcher { group["matcher"] = .string(matcher) }
        group["hooks"] = [
            [
                "name": "hive", "type": "command", "command": .string(command()),
                "timeout": .integer(seconds * 1_000),
            ]
        ]
        return .object(group)
    }

    private func cursorHook(isAsked: Bool) -> JSONValue {
        var hook: JSONObject = ["command": .string(command())]
        if onFailure == .closed && isAsked { hook["failClosed"] = true }
        return .object(hook)
    }

    private func copilotHook(_ event: String) -> JSONValue {
        [
            "type": "command", "bash": .string(command(event: event)),
            "timeoutSec": .integer(event == "agentStop" ? Self.stopSecondsMax : Self.secondsMax),
        ]
    }

    /// The plugin of opencode, which has no hooks in a configuration.
    var plugin: String {
        """
        // hive guard: written by `hive guard install opencode`, removed by `hive guard uninstall
        // opencode`. Before each tool call it asks `hive guard check`, and a refusal is thrown.
        import { spawn } from "node:child_process"

        const words = ["guard", "check", "--agent", "opencode", "--on-failure", "\(onFailure.rawValue)"]
        const failed = \(onFailure == .closed ? #"{ decision: "deny", reason: "hive did not answer" }"# : "{}")

        const ask = (payload) =>
          new Promise((resolve) => {
            const child = spawn("hive", words, { cwd: payload.cwd, stdio: ["pipe", "pipe", "ignore"] })
            let text = ""
            child.on("error", () => resolve(failed))
            child.stdin.on("error", () => {})
            child.stdout.on("data", (data) => (text += data))
            child.on("close", () => {
              try {
                resolve(JSON.parse(text))
              } catch {
                resolve(failed)
              }
            })
            child.stdin.end(JSON.stringify(payload))
          })

        export const HiveGuard = async ({ client, directory }) => {
          const sessions = new Map()
          const refused = new Set()
          const call = (event, sessionID, more) => ask({ event, sessionID, cwd: directory, ...more })
          const session = (id) => {
            if (!sessions.has(id)) sessions.set(id, call("session.created", id, {}))
            return sessions.get(id)
          }
          return {
            "tool.execute.before": async (input, output) => {
              const more = { tool: input.tool, args: output.args }
              const answer = await call("tool.execute.before", input.sessionID, more)
              if (answer.decision === "deny") throw new Error(answer.reason)
            },
            "shell.env": async (input, output) => {
              if (input.sessionID) Object.assign(output.env, (await session(input.sessionID)).env)
            },
            "experimental.chat.system.transform": async (input, output) => {
              const { context } = input.sessionID ? await session(input.sessionID) : {}
              if (context) output.system.push(context)
            },
            event: async ({ event }) => {
              if (event.type !== "session.idle") return
              const id = event.properties.sessionID
              const more = { stop_hook_active: refused.delete(id) }
              const answer = await call("session.idle", id, more)
              if (answer.decision !== "block") return
              refused.add(id)
              const parts = [{ type: "text", text: answer.reason }]
              await client.session.prompt({ path: { id }, body: { parts } })
            },
          }
        }

        """
    }
}
