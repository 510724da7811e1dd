package import HiveSignal

extension Rendering {
    /// `hive tasks`: each asking signal once, under it what it asked and the answers.
    package static func tasks(_ tasks: [JSONValue], on terminal: Terminal) -> [Line] {
        var lines: [Line] = []
        var asking: Int64?
        for task in tasks {
            let signal = task["signal"] ?? .null
            let sequence = signal.integer("sequence")
            if sequence == nil || sequence != asking {
                lines.append(cut(question(signal)))
                asking = sequence
            }
            lines.append(cut(answer(task)))
        }
        return lines
    }

    /// `hive tasks ID`: one task whole.
    package static func task(_ task: JSONValue) -> [Line] {
        var table = Table()
        table.add("task", task.text("id") ?? "?", .bold)
        let state = task.text("state") ?? "?"
        table.add("state", state + (task.text("note").map { ": \($0)" } ?? ""), style(of: state))
        table.add(
            "asked",
            "port \(task.integer("port").map(String.init) ?? "?"),"
                + " \(task.text("commander") ?? "?"), in \(task.text("hive") ?? "?")"
        )
        if let signal = task["signal"], !signal.isNull {
            table.add("by", "\(signal.text("id") ?? "?")  \(signal.text("msg") ?? "")")
        }
        table.add("trace", task.text("traceId") ?? "?")
        table.add("assigned", task.text("assignedAt") ?? "?")
        if let time = task.text("finishedAt") { table.add("ended", time) }
        if let attempts = task.integer("attempts"), attempts > 1 {
            table.add("attempts", String(attempts))
        }
        if let dollars = task["dollars"]?.doubleValue { table.add("cost", "$\(dollars)") }
        guard let outcome = task["outcome"], !outcome.isNull else { return table.lines }
        table.add("answer", outcome.text("id") ?? "?")
        table.add("mark", mark(outcome))
        let message = (outcome.text("msg") ?? "").split(
            separator: "\n",
            omittingEmptySubsequences: false
        )
        return table.lines + [Line()] + message.map { Line(String($0)) }
    }

    private static func question(_ signal: JSONValue) -> Line {
        var line = Line()
        line.add("\(signal.text("hive") ?? "?") \(signal.integer("port") ?? 0)", .bold)
        line.add("  ")
        line.add(firstLine(of: signal.text("msg") ?? "(a signal no longer there)"))
        line.add("  \(signal.text("id") ?? "")", .dim)
        return line
    }

    static func answer(_ task: JSONValue) -> Line {
        let state = task.text("state") ?? "?"
        var line = Line()
        line.add("  ")
        line.add(state, style(of: state))
        line.pad(toColumns: 2 + stateColumns)
        line.add("\(task.text("hive") ?? "?") \(task.integer("port") ?? 0)")
        if let outcome = task["outcome"], !outcome.isNull {
            line.add("  \(mark(outcome))", .dim)
            line.add("  ")
            line.add(firstLine(of: outcome.text("msg") ?? ""))
        } else {
            line.add("  \(task.text("note") ?? "")")
        }
        line.add("  \(task.text("id") ?? "")", .dim)
        return line
    }

    private static let stateColumns = 10

    private static func style(of state: String) -> Style? {
        switch state {
        case "done": .green
        case "waiting", "running", "answered": .yellow
        default: .red
        }
    }

    /// Two decimals.
    static func mark(_ signal: JSONValue) -> String {
        let hundredths = Int64(((signal["mark"]?.doubleValue ?? 0) * 100).rounded())
        return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
    }

    static func cut(_ line: Line) -> Line {
        var line = line
        line.isCut = true
        return line
    }
}
