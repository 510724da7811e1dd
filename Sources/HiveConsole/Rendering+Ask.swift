package import HiveSignal

extension Rendering {
    /// Cells of the longest bar.
    private static let barCells: Int64 = 20

    /// One answer and its votes: `  ██████  6  Paris`.
    static func voteBar(_ group: JSONValue, of voters: Int64, on terminal: Terminal) -> Line {
        let votes = min(max(group.integer("votes") ?? 0, 0), voters)
        let full = Int(votes * barCells / max(voters, 1))
        let (on, off) = terminal.hasUnicode ? ("█", "░") : ("#", ".")
        var line = Line()
        line.add("  ")
        line.add(String(repeating: on, count: full), .green)
        line.add(String(repeating: off, count: Int(barCells) - full), .dim)
        line.add(" \(votes)  ", .bold)
        line.add(group.text("answer") ?? "")
        return line
    }

    /// `hive ask`: the artifact for people.
    package static func ask(_ artifact: JSONValue, on terminal: Terminal) -> [Line] {
        let evidence = artifact["evidence"] ?? .null
        let voters = evidence.integer("voters") ?? 0
        var head = Line()
        if let answer = artifact.text("answer") {
            head.add("\(terminal.sign(accepted: true)) ", .green)
            head.add(answer, .bold)
        } else {
            head.add("\(terminal.sign(accepted: false)) ", .red)
            head.add("no quorum", .bold)
            head.add(": \(evidence.integer("needed") ?? 0) of \(voters) must agree")
        }
        var lines = [head]
        for group in evidence["groups"]?.arrayValue ?? [] {
            lines.append(cut(voteBar(group, of: voters, on: terminal)))
        }
        lines.append(Line())
        return lines + agents(evidence) + [Line()] + facts(artifact, evidence)
    }

    private static func agents(_ evidence: JSONValue) -> [Line] {
        var table = Table()
        for vote in evidence["votes"]?.arrayValue ?? [] {
            let isLiar = vote.text("role") == "disruptor"
            let reliability = vote["reliability"] ?? .null
            let asked = reliability.integer("probes") ?? 0
            let failed = reliability.integer("failed") ?? 0
            let probes = asked == 0 ? "no probes" : "\(asked - failed)/\(asked) probes"
            var verdict = Line()
            if isLiar {
                let isNamed = vote.flag("named")
                verdict.add(isNamed ? "told to lie, found" : "told to lie, not found", .yellow)
            } else if vote["agrees"] == false {
                verdict.add("dissents", .red)
            } else if vote.flag("named") {
                verdict.add("fails probes", .red)
            }
            var answer = Line(vote.text("answer") ?? vote.text("error") ?? "no answer")
            if vote.text("answer") == nil { answer = Line(vote.text("error") ?? "no answer", .dim) }
            table.add([
                Line("  \(vote.text("agent") ?? "?")", .bold),
                Line("port \(vote.integer("port") ?? 0)", .dim),
                Line(vote.text("model") ?? "?", .dim),
                Line(probes, .dim), verdict, answer,
            ])
        }
        return table.lines.map(cut)
    }

    private static func facts(_ artifact: JSONValue, _ evidence: JSONValue) -> [Line] {
        var table = Table()
        if let confidence = artifact["confidence"]?.doubleValue, evidence.flag("quorumMet") {
            table.add("confidence", "\(confidence), of 0.9 at most")
        }
        table.add(
            "liars",
            "up to \(evidence.integer("tolerated") ?? 0) of \(evidence.integer("voters") ?? 0)"
                + " voters can be told from the rest"
        )
        let dissenters = evidence.strings("dissenters")
        if !dissenters.isEmpty { table.add("dissent", dissenters.joined(separator: ", ")) }
        let injected = evidence.integer("disruptorsInjected") ?? 0
        if injected > 0 {
            let stands = evidence["withDisruptors"]?.flag("quorumMet") ?? false
            table.add(
                "disruptors",
                "\(evidence.integer("disruptorsDetected") ?? 0) of \(injected) found; with their"
                    + " votes there is \(stands ? "a" : "no") quorum"
            )
        }
        table.add("probes", probes(evidence["probes"] ?? .null))
        let cost = evidence["cost"] ?? .null
        var parts = ["\(Format.count(cost.integer("requests") ?? 0, "request"))"]
        if let input = cost.integer("inputTokens"), let output = cost.integer("outputTokens") {
            parts.append("\(Format.count(input)) + \(Format.count(output)) tokens")
        }
        if let dollars = cost["estimatedCost"]?.doubleValue, dollars > 0 {
            parts.append(Self.dollars(dollars))
        }
        if let elapsed = evidence["timing"]?.integer("elapsedMs") { parts.append(seconds(elapsed)) }
        table.add("cost", parts.joined(separator: ", "))
        table.add("seed", "\(evidence.integer("seed") ?? 0)")
        table.add("ask", evidence.text("askId") ?? "?")
        if let question = evidence.text("question") {
            table.add("board", "hive why \(question)-artifact explains it")
        }
        return table.lines
    }

    private static func probes(_ reliability: JSONValue) -> String {
        let asked = reliability.integer("probes") ?? 0
        guard asked > 0 else { return "none answered" }
        var parts = ["\(asked - (reliability.integer("failed") ?? 0)) of \(asked) right"]
        for (key, name) in [
            ("falseAcceptRate", "wrong ones accepted"), ("falseRejectRate", "right ones rejected"),
        ] {
            guard let rate = reliability[key]?.doubleValue, (0...1).contains(rate) else { continue }
            parts.append("\(Int((rate * 100).rounded())) % of \(name)")
        }
        return parts.joined(separator: ", ")
    }
}
