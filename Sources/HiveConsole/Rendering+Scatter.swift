package import HiveSignal

extension Rendering {
    /// One task's answer, whole.
    package static func scatterResult(_ result: JSONValue, on terminal: Terminal) -> [Line] {
        let status = result.text("status") ?? "?"
        var head = Line()
        switch status {
        case "completed": head.add(terminal.sign(accepted: true), .green)
        case "pending": head.add(terminal.ellipsis, .yellow)
        default: head.add(terminal.sign(accepted: false), .red)
        }
        head.add(" \(result.text("taskId") ?? "?")", .bold)
        var facts: [String] = status == "completed" ? [] : [status]
        if let model = result.text("model") { facts.append(model) }
        if let latency = result.integer("latencyMs") { facts.append(seconds(latency)) }
        if let attempts = result.integer("attempts"), attempts > 1 {
            facts.append("\(attempts) requests")
        }
        if let interrupted = result.integer("interrupted"), interrupted > 0 {
            facts.append("\(interrupted) interrupted")
        }
        head.add("  \(facts.joined(separator: ", "))", .dim)
        let text = result.text("output") ?? result.text("error") ?? ""
        return [head] + indented(text)
    }

    private static func indented(_ text: String) -> [Line] {
        text.split(separator: "\n", omittingEmptySubsequences: true).map { Line("  \($0)") }
    }

    /// How a scatter ended, on one line; of an ask the question below it.
    package static func scatterSummary(_ scatter: JSONValue) -> [Line] {
        var line = Line()
        line.add(scatter.text("scatterId") ?? "?", .bold)
        var parts = ["\(Format.count(scatter.integer("completed") ?? 0)) answered"]
        for key in ["failed", "cancelled", "pending", "interrupted"] {
            if let count = scatter.integer(key), count > 0 {
                parts.append("\(Format.count(count)) \(key)")
            }
        }
        if let requests = scatter.integer("attempts") {
            parts.append("\(Format.count(requests)) requests")
        }
        let cost = scatter["cost"] ?? .null
        if let input = cost.integer("inputTokens"), let output = cost.integer("outputTokens"),
            input + output > 0
        {
            parts.append("\(Format.count(input)) + \(Format.count(output)) tokens")
        }
        if let dollars = cost["estimatedCost"]?.doubleValue, dollars > 0 {
            parts.append(Self.dollars(dollars))
        }
        let timing = scatter["timing"] ?? .null
        if let start = timing.integer("startMs"), let end = timing.integer("endMs") {
            parts.append("\(seconds(end - start)) in all")
        }
        if let average = timing.integer("avgLatencyMs"), average > 0 {
            parts.append("\(seconds(average)) each")
        }
        line.add(": \(parts.joined(separator: ", "))")
        guard let question = scatter.text("question") else { return [line] }
        var asked = Line("  ")
        asked.add(question, .dim)
        return [line, cut(asked)]
    }

    /// `hive tasks`: scatters, one a line.
    package static func scatters(_ scatters: [JSONValue]) -> [Line] {
        scatters.flatMap(scatterSummary)
    }

    /// What a scatter would take.
    package static func scatterPlan(_ plan: JSONValue) -> [Line] {
        var table = Table()
        table.add("tasks", Format.count(plan.integer("tasks") ?? 0), .bold)
        let models = plan.strings("models").joined(separator: ", ")
        table.add("asked of", "\(plan.text("backend") ?? "?"), \(models)")
        table.add("at once", Format.count(plan.integer("concurrency") ?? 0))
        table.add("tokens in", "about \(Format.count(plan.integer("inputTokens") ?? 0))")
        table.add("tokens out", "at most \(Format.count(plan.integer("outputTokensMax") ?? 0))")
        if let likely = plan["estimatedCost"]?.doubleValue, let most = plan["costMax"]?.doubleValue
        {
            let cost = "about \(dollars(likely)), at most \(dollars(most))"
            table.add("cost", most > 0 ? cost : "nothing")
        } else {
            table.add("cost", "not known: specs/prices.yaml has no price", .yellow)
        }
        return table.lines
    }

    /// What results were put together to.
    package static func aggregation(_ made: JSONValue) -> [Line] {
        if made.text("kind") == "vote", made.text("output") == nil {
            let of = made.integer("of") ?? 0
            return [
                Line(
                    "no quorum: the largest group has \(made.integer("votes") ?? 0) of \(of) votes,"
                        + " \(made.integer("needed") ?? 0) are needed"
                )
            ]
        }
        var lines = (made.text("output") ?? "").split(
            separator: "\n",
            omittingEmptySubsequences: false
        ).map { Line("\($0)") }
        if let votes = made.integer("votes"), let of = made.integer("of") {
            var note = Line()
            note.add("\(votes) of \(of) answers say so", .dim)
            lines.append(note)
        }
        return lines
    }

    static func dollars(_ dollars: Double) -> String {
        guard dollars > 0, dollars < 1e9 else { return dollars > 0 ? "$\(dollars)" : "$0" }
        let places = dollars >= 0.01 ? 4 : 8
        var scale: Int64 = 1
        for _ in 0..<places { scale *= 10 }
        let units = Int64((dollars * Double(scale)).rounded())
        var fraction = String(units % scale)
        fraction = String(repeating: "0", count: places - fraction.count) + fraction
        while fraction.count > 2, fraction.hasSuffix("0") { fraction.removeLast() }
        return "$\(units / scale).\(fraction)"
    }

    /// `0.21 s`, `12.4 s`.
    static func seconds(_ milliseconds: Int64) -> String {
        let hundredths = (milliseconds + 5) / 10
        if hundredths >= 1_000 { return "\(hundredths / 100).\(hundredths / 10 % 10) s" }
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest) s"
    }
}
