package import HiveSignal

extension Rendering {
    /// A receipt on one line of plain words, for the board.
    package static func receiptSummary(_ receipt: JSONValue) -> String {
        let kind = receipt.text("kind") ?? "?"
        let id = receipt.text("id") ?? "?"
        let count = receipt.strings("proving").count
        let tree = (receipt.text("tree") ?? "?").prefix(12)
        guard receipt.flag("proven") else {
            let why = receipt.strings("notes").first ?? "nothing shows it"
            return "\(kind) not proven on tree \(tree) (\(id)): \(why)"
        }
        return "\(kind) proven by \(tests(count)) on tree \(tree) (\(id))"
    }

    private static func tests(_ count: Int) -> String {
        count == 1 ? "1 test" : "\(Format.count(Int64(count))) tests"
    }

    /// `hive witness`: the verdict, what it rests on, what to do next.
    package static func receipt(_ receipt: JSONValue, on terminal: Terminal) -> [Line] {
        let isProven = receipt.flag("proven")
        var head = Line()
        head.add(terminal.sign(accepted: isProven), isProven ? .green : .red)
        head.add(" \(receipt.text("kind") ?? "?")", .bold)
        head.add(isProven ? " proven" : " not proven")
        let violations = receipt.strings("violations")
        if !violations.isEmpty { head.add("  \(violations.joined(separator: ", "))", .red) }
        head.add("  \(receipt.text("id") ?? "?")", .dim)
        var lines = [head]
        for name in receipt.strings("proving").prefix(Self.testsShownMax) {
            lines.append(Line("  \(name)"))
        }
        let more = receipt.strings("proving").count - Self.testsShownMax
        if more > 0 { lines.append(Line("  and \(Format.count(Int64(more))) more", .dim)) }
        for note in receipt.strings("notes") {
            for (index, part) in note.split(separator: "\n").enumerated() {
                lines.append(Line("  \(part)", index == 0 && !isProven ? .yellow : .dim))
            }
        }
        for path in receipt.strings("unneeded") {
            lines.append(Line("  no red test needs \(path)", .yellow))
        }
        lines.append(runs(receipt))
        return lines
    }

    private static let testsShownMax = 10

    private static func runs(_ receipt: JSONValue) -> Line {
        var line = Line("  ")
        let runs = receipt["runs"]?.arrayValue ?? []
        guard !runs.isEmpty else { return Line("  nothing was run", .dim) }
        let seconds = runs.compactMap { $0["seconds"]?.doubleValue }.reduce(0, +)
        let count = runs.count == 1 ? "1 run" : "\(runs.count) runs"
        let tenths = (seconds * 10).rounded() / 10
        line.add("\(count) in \(tenths) s, \(receipt.text("sandbox") ?? "?")", .dim)
        return line
    }

    /// `hive receipts`: one a line.
    package static func receipts(_ receipts: [JSONValue], on terminal: Terminal) -> [Line] {
        var table = Table()
        for receipt in receipts {
            let isProven = receipt.flag("proven")
            table.add([
                Line(terminal.sign(accepted: isProven), isProven ? .green : .red),
                Line(receipt.text("id") ?? "?", .bold),
                Line(receipt.text("kind") ?? "?"),
                Line(String((receipt.text("tree") ?? "?").prefix(12))),
                Line(receipt.text("ts") ?? "?", .dim),
                Line(tests(receipt.strings("proving").count)),
            ])
        }
        return table.lines
    }

    /// `hive receipts show`: all of one.
    package static func receiptWhole(_ receipt: JSONValue, on terminal: Terminal) -> [Line] {
        var lines = self.receipt(receipt, on: terminal)
        var table = Table()
        table.add("tree", receipt.text("tree") ?? "?")
        table.add("compared with", receipt.text("base") ?? "?")
        if let red = receipt.text("red") { table.add("red", red) }
        table.add("command", receipt.strings("command").joined(separator: " "))
        table.add("runner", receipt.text("runner") ?? "?")
        table.add("rules", String((receipt.text("rules") ?? "?").prefix(16)) + "…")
        table.add("witnessed", receipt.text("ts") ?? "?")
        let isSound = receipt.flag("sound")
        table.add("signature", isSound ? "good" : "not that of its text", isSound ? nil : .red)
        for key in ["passed", "failed", "skipped"] {
            table.add(key, Format.count(Int64(receipt.strings(key).count)))
        }
        let pins = receipt["pins"]?.objectValue?.count ?? 0
        table.add("pinned files", Format.count(Int64(pins)))
        lines.append(Line())
        lines += table.lines
        for run in receipt["runs"]?.arrayValue ?? [] {
            let exit = run.integer("exit").map { "exit \($0)" } ?? "ended by a signal or its limit"
            lines.append(
                Line(
                    "  \(run.text("of") ?? "?"): \(run.integer("passed") ?? 0) passed, "
                        + "\(run.integer("failed") ?? 0) failed, \(exit)",
                    .dim
                )
            )
        }
        let changed = receipt.strings("changedSince")
        lines.append(Line())
        lines.append(
            Line(changed.isEmpty ? "nothing changed since" : "changed since:", .bold)
        )
        lines += changed.prefix(Self.changesShownMax).map { Line("  \($0)") }
        if changed.count > Self.changesShownMax {
            lines.append(Line("  and \(changed.count - Self.changesShownMax) more", .dim))
        }
        return lines
    }

    private static let changesShownMax = 20

    /// `hive verify`: a line a commit, why under those that are not proven, and a summary.
    package static func verify(
        _ verdicts: [JSONValue],
        _ summary: JSONValue,
        on terminal: Terminal
    ) -> [Line] {
        var lines: [Line] = []
        for verdict in verdicts {
            let standing = verdict.text("standing") ?? "?"
            let style: Style =
                switch standing {
                case "proven": .green
                case "unproven": .yellow
                default: .red
                }
            var line = Line(standing.padded(to: 13), style)
            line.add(String((verdict.text("commit") ?? "?").prefix(10)), .bold)
            line.add("  \(verdict.text("claim") ?? "-")  ")
            line.add(verdict.text("subject") ?? "")
            lines.append(line)
            let violations = verdict.strings("violations")
            for (index, reason) in verdict.strings("reasons").enumerated() {
                let code = index == 0 && !violations.isEmpty ? "\(violations[0]): " : ""
                lines.append(Line("             \(code)\(reason)", .dim))
            }
        }
        var parts: [String] = []
        for key in ["proven", "unproven", "contradicted"] {
            if let count = summary.integer(key), count > 0 {
                parts.append("\(Format.count(count)) \(key)")
            }
        }
        for note in summary.strings("notes") { lines.append(Line(note, .yellow)) }
        if !parts.isEmpty { lines.append(Line(parts.joined(separator: ", "), .bold)) }
        return lines
    }
}

extension String {
    fileprivate func padded(to columns: Int) -> String {
        self + String(repeating: " ", count: max(0, columns - count))
    }
}
