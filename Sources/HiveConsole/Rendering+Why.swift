package import HiveSignal

extension Rendering {
    /// `hive why`: the line, under it what led to it and what it led to.
    package static func why(_ answer: JSONValue, on terminal: Terminal) -> [Line] {
        switch answer.text("kind") {
        case "entry": return entry(answer["entry"] ?? .null, on: terminal)
        case "task":
            var lines: [Line]
            if let task = answer["task"], !task.isNull {
                lines = self.task(task)
            } else {
                lines = [Line("\(answer.text("id") ?? "?"): this ledger did not assign it", .dim)]
            }
            if let asking = answer["asking"], !asking.isNull {
                lines.append(Line())
                lines.append(heading("the signal that asked"))
                lines += signal(asking, on: terminal)
            }
            return lines
        default: return signal(answer, on: terminal)
        }
    }

    private static func signal(_ answer: JSONValue, on terminal: Terminal) -> [Line] {
        let signal = answer["signal"] ?? .null
        var table = Table()
        let verdict = signal.isAccepted
        table.add(
            "signal",
            signal.text("id") ?? answer.text("place") ?? "?",
            .bold
        )
        let warnings = signal.strings("warnings").joined(separator: " ")
        table.add(
            "verdict",
            (signal.text("verdict") ?? "?") + (warnings.isEmpty ? "" : ", \(warnings)"),
            verdict ? .green : .red
        )
        table.add(
            "place",
            "sequence \(signal.integer("sequence") ?? 0), line \(signal.integer("line") ?? 0),"
                + " offset \(signal.integer("offset") ?? 0)"
        )
        if let time = signal.text("ts") { table.add("ts", time) }
        table.add(
            "speaks",
            "phase \(signal.text("phase") ?? "?"), port \(signal.integer("port") ?? 0)"
                + (signal.text("agent").map { ", \($0)" } ?? "")
        )
        table.add("mark", "\(mark(signal)), \(signal.text("pull") ?? "?")")
        table.add(
            "trace",
            "\(signal.text("traceId") ?? "?"), cycle \(signal.integer("cycle") ?? 0)"
        )
        var lines = table.lines
        let message = signal.text("msg") ?? ""
        lines.append(Line())
        lines += message.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .map { Line("  \($0)") }
        lines += section("caused by", answer["causes"], on: terminal)
        if let task = answer["answers"], !task.isNull {
            lines += [Line(), heading("answers the task")] + tasks([task], on: terminal)
        }
        if let asked = answer["tasks"]?.arrayValue, !asked.isEmpty {
            lines += [Line(), heading("asked")] + asked.map { cut(self.answer($0)) }
        }
        return lines + section("answered or followed by", answer["replies"], on: terminal)
    }

    private static func section(
        _ title: String,
        _ entries: JSONValue?,
        on terminal: Terminal
    ) -> [Line] {
        guard let entries = entries?.arrayValue, !entries.isEmpty else { return [] }
        return [Line(), heading(title)] + entries.map { logLine($0, on: terminal) }
    }

    private static func heading(_ title: String) -> Line { Line(title, .dim) }
}
