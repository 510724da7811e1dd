import HiveSignal

/// Port 7, decide: the state in words, and the moves that the rules allow next.
enum DecideTool {
    /// A longer id is not repeated in a command.
    static let referenceBytesMax = 64

    static func answer(_ assignment: Assignment) -> Answer {
        let state = assignment.state
        let reached = state.reached.phases.map(\.letter).joined(separator: ", ")
        let summary =
            "generation \(state.generation), cycle \(state.cycle), \(state.mode): "
            + (reached.isEmpty ? "no phase reached yet" : "reached \(reached)")
        var lines: [String] = []
        if let move = suggestion(state) {
            lines.append("next: \(command(move, assignment))")
        }
        lines += state.moves.map(line)
        if state.moves.isEmpty { lines.append("the rules allow no move in this trace") }
        lines.append("\(state.accepted) accepted, \(state.quarantined) quarantined\(unseen(state))")
        if state.openTasks > 0 {
            lines.append("\(counted(Int(state.openTasks), "open task")): `hive tasks` lists them")
        }
        var details = state.json.objectValue ?? [:]
        if let move = suggestion(state) { details["next"] = .string(command(move, assignment)) }
        return Answer(
            summary: summary,
            lines: lines,
            confidence: state.moves.isEmpty
                ? Answer.Confidence.nothingFound : Answer.Confidence.found,
            details: details
        )
    }

    /// The move that brings the cycle on: the first phase not yet reached, or a new cycle.
    private static func suggestion(_ state: AssignedState) -> AssignedState.Move? {
        state.moves.first { !state.reached.has($0.phase) }
            ?? state.moves.first(where: \.opensCycle) ?? state.moves.last
    }

    private static func line(_ move: AssignedState.Move) -> String {
        let ports = move.ports.map { "\($0.rawValue) \($0.verb)" }.joined(separator: ", ")
        let opening = move.opensCycle ? ", opens the next cycle" : ""
        return "\(move.phase.letter) by \(ports.isEmpty ? "nobody" : "port \(ports)")\(opening)"
    }

    private static func unseen(_ state: AssignedState) -> String {
        guard state.unseen > 0 else { return "" }
        return ", \(state.unseen) of them unseen: `hive quarantine list` shows them"
    }

    /// A command to paste into a shell: nothing in it comes from a message.
    private static func command(
        _ move: AssignedState.Move,
        _ assignment: Assignment
    ) -> String {
        let port = move.ports.first { $0.phase == move.phase } ?? move.ports.first
        var words = ["hive emit", "--phase \(move.phase.letter)"]
        if let port { words.append("--port \(port.rawValue)") }
        // A parent's trace must be named with it, or the signal speaks in the generation's own.
        let place = UInt64(bitPattern: assignment.task.signal.offset) | 1
        if let trace = Traceparent(trace: assignment.trace, parent: place, flags: 1),
            isPlain(assignment.signal.reference)
        {
            words.append("--parent \(assignment.signal.reference)")
            words.append("--trace \(trace.text)")
        }
        return words.joined(separator: " ") + " \"…\""
    }

    /// True for an id that a shell takes as one word, whatever it is.
    private static func isPlain(_ reference: String) -> Bool {
        let bytes = reference.utf8
        return !bytes.isEmpty && bytes.count <= referenceBytesMax
            && bytes.first != UInt8(ascii: "-")
            && bytes.allSatisfy { ASCII.isWord($0) || $0 == 0x2D || $0 == 0x2E }
    }
}
