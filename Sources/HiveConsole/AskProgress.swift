package import HiveSignal

/// An ask while it runs: a line an agent and the votes as they form, in place on a terminal; one
/// line for each step where there is none.
package struct AskProgress: Sendable {
    private let terminal: Terminal
    private var agents: [Agent] = []
    private var tally: JSONValue = .null
    /// Lines on the screen that are to be drawn over.
    private var drawn = 0

    private struct Agent {
        var name: String
        var role: String
        var step: String
        var isDone: Bool
        var text: String?
    }

    /// A larger swarm is told of by its votes alone: its lines would leave the screen.
    private static let agentsShownMax = 16
    /// Answers that have a bar.
    private static let groupsShownMax = 3
    private static let nameColumns = 11
    private static let stepColumns = 9

    /// - Parameter terminal: where it is drawn.
    package init(on terminal: Terminal = .errors) { self.terminal = terminal }

    /// Takes what HiveControl's `Method.askStep` tells.
    package mutating func take(step params: JSONValue) {
        let agent = Agent(
            name: params.text("agent") ?? "?",
            role: params.text("role") ?? "voter",
            step: params.text("step") ?? "?",
            isDone: params.text("status") == "done",
            text: params.text("text")
        )
        if let place = agents.firstIndex(where: { $0.name == agent.name }) {
            agents[place] = agent
        } else {
            agents.append(agent)
        }
        if terminal.width == nil {
            terminal.write(line: line(agent))
        } else {
            draw()
        }
    }

    /// Takes what HiveControl's `Method.askTally` tells.
    package mutating func take(tally params: JSONValue) {
        tally = params
        if terminal.width != nil { draw() }
    }

    /// Takes the lines away, so that others can be written.
    package mutating func erase() {
        guard drawn > 0 else { return }
        terminal.write("\u{1B}[\(drawn)A\r\u{1B}[J")
        drawn = 0
    }

    private mutating func draw() {
        let shown = agents.count <= Self.agentsShownMax ? agents : []
        var lines = shown.map(line) + groups
        for index in lines.indices { lines[index].isCut = true }
        var text = drawn > 0 ? "\u{1B}[\(drawn)A" : ""
        for line in lines { text += "\r\u{1B}[K\(line.text(for: terminal))\n" }
        // Fewer lines than before: what is left of the old ones goes.
        terminal.write(text + "\u{1B}[J")
        drawn = lines.count
    }

    private func line(_ agent: Agent) -> Line {
        var line = Line()
        let style: Style = !agent.isDone ? .red : agent.step == "yield" ? .green : .dim
        line.add(agent.name, agent.role == "disruptor" ? .yellow : .bold)
        line.pad(toColumns: Self.nameColumns)
        line.add(agent.step, style)
        line.pad(toColumns: Self.nameColumns + Self.stepColumns)
        if agent.role == "disruptor" { line.add("told to lie  ", .yellow) }
        line.add(agent.text ?? (agent.isDone ? "" : "no answer"))
        return line
    }

    private var groups: [Line] {
        guard let voters = tally.integer("voters"), voters > 0 else { return [] }
        var head = Line()
        head.add("votes ", .dim)
        head.add("\(tally.integer("yielded") ?? 0) of \(voters)")
        head.add(", \(tally.integer("needed") ?? 0) must agree", .dim)
        if let ended = tally.integer("ended"), let steps = tally.integer("steps") {
            head.add("; \(ended) of \(steps) calls", .dim)
        }
        let groups = tally["groups"]?.arrayValue ?? []
        return [head]
            + groups.prefix(Self.groupsShownMax).map {
                Rendering.voteBar($0, of: voters, on: terminal)
            }
    }
}
