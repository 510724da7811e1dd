package import HiveSignal

extension Rendering {
    /// `hive quarantine list`: one row an entry.
    package static func entries(_ entries: [JSONValue]) -> [Line] {
        var table = Table()
        table.rightAligned = [1]
        let titles = ["id", "line", "when", "phase", "seen", "mask", "agent", "why", "text"]
        table.add(titles.map { Line($0, .dim) })
        for entry in entries {
            let disposition = entry.text("disposition") ?? "-"
            table.add([
                Line(Format.shortID(entry.text("id") ?? "-")),
                Line(entry.integer("line").map(String.init) ?? "-"),
                Line(entry.text("ts").map { String($0.prefix(timeColumns)) } ?? "-", .dim),
                Line(entry.text("attemptedPhase") ?? "-"),
                Line(disposition, disposition == "unseen" ? .yellow : .dim),
                Line(entry.integer("line") == nil ? "-" : entry.text("masked") ?? "-", .dim),
                Line(entry.text("agent") ?? "-"),
                Line(entry.codes.joined(separator: " "), .red),
                Line(entry.text("text") ?? ""),
            ])
        }
        return table.lines.map { line in
            var line = line
            line.isCut = true
            return line
        }
    }

    /// Date and time to the second.
    private static let timeColumns = 19

    /// `hive quarantine show`: the entry, then for each failed check what mends it.
    package static func entry(_ entry: JSONValue, on terminal: Terminal) -> [Line] {
        var table = Table()
        table.add("id", entry.text("id") ?? "?", .bold)
        table.add("failed", entry.codes.joined(separator: " "), .red)
        table.add("seen", entry.text("disposition") ?? "?")
        var place = "line \(entry.integer("line").map(String.init) ?? "?")"
        if let offset = entry.integer("offset") {
            place += ", offset \(offset), \(Format.bytes(entry.integer("length") ?? 0))"
            place += ", \(entry.text("masked") ?? "?")"
        } else {
            place = "never on the board (a refused emit)"
        }
        table.add("place", place)
        if let time = entry.text("ts") { table.add("when", time) }
        if let agent = entry.text("agent") { table.add("agent", agent) }
        if let attempted = entry.text("attemptedPhase") {
            table.add(
                "phase",
                "\(attempted) attempted, \(entry.text("currentPhase") ?? "none") current"
            )
        }
        if let trace = entry.text("traceId") { table.add("trace", trace) }
        if let text = entry.text("text") { table.add("text", text) }

        var lines = table.lines
        for explanation in entry["explanations"]?.arrayValue ?? [] {
            lines.append(Line())
            lines += self.explanation(explanation, on: terminal)
        }
        return lines + [Line()] + nextSteps(entry, on: terminal)
    }

    private static func explanation(_ explanation: JSONValue, on terminal: Terminal) -> [Line] {
        let code = explanation.text("gate") ?? explanation.text("violation") ?? "?"
        var title = Line()
        title.add("\(terminal.sign(accepted: false)) \(code)", .red)
        var table = Table()
        for key in ["found", "expected"] {
            guard let text = explanation.text(key) else { continue }
            table.rightAligned = [0]
            table.add([Line("  " + key, .dim), Line(text)])
        }
        var lines = [title]
        for var line in table.lines {
            line.wrapIndent = "  expected  ".count
            lines.append(line)
        }
        if let cure = explanation.text("cure") { lines.append(.advice(cure, on: terminal)) }
        return lines
    }

    /// Those that an override's pass turns into warnings.
    private static let releasableViolations: Set<String> = [
        "SKIPPED_HUNT", "SKIPPED_INTERLOCK", "SKIPPED_VALIDATE", "REWARD_HACK", "PREMATURE_FLIP",
        "BACKWARD_JUMP", "INCOMPLETE_CYCLE", "LAZY_AI", "PORT_OUT_OF_PHASE", "WRONG_GENERATION",
        "UNWITNESSED",
    ]

    private static func nextSteps(_ entry: JSONValue, on terminal: Terminal) -> [Line] {
        guard entry.text("disposition") == "unseen", let id = entry.text("id") else { return [] }
        let short = Format.shortID(id)
        var lines: [Line] = []
        // What only the order of phases is against, a person may let pass as it is.
        let releasable = Set(entry.strings("violations")).isSubset(of: releasableViolations)
        if entry.strings("gates").isEmpty && releasable {
            lines.append(
                .advice("let it pass as it is: hive override release \(short)", on: terminal)
            )
        }
        return lines + [
            .advice(
                "mend and append it: hive quarantine release \(short) --line LINE",
                on: terminal
            ),
            .advice("take it as seen: hive quarantine discard \(short)", on: terminal),
        ]
    }
}
