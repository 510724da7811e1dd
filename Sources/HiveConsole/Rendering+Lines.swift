package import HiveSignal

/// How answers look to people: JSON in, lines out.
///
/// An answer comes from a daemon that may be another version, so what is missing is left out and
/// nothing fails for it.
package enum Rendering {
    /// A LogLine: `   12  ✓ H 7  HUNT: found the spec`, or
    /// `   13  ✗ V 2  SKIPPED_INTERLOCK REWARD_HACK  q-3fa9…  «msg»`.
    package static func logLine(_ entry: JSONValue, on terminal: Terminal) -> Line {
        let isAccepted = entry.isAccepted
        var line = Line()
        line.isCut = true
        let sequence = entry.integer("sequence").map(String.init) ?? "-"
        line.pad(toColumns: sequenceColumns - sequence.utf8.count)
        line.add(sequence, .dim)
        line.add("  ")
        line.add(terminal.sign(accepted: isAccepted), isAccepted ? .green : .red)
        line.add(" \(entry.text("phase") ?? "-") ", .bold)
        line.add("\(entry.integer("port").map(String.init) ?? "-")  ")
        if let type = entry.text("type"), type != "signal" { line.add(type + "  ", .cyan) }

        let message = entry.text("msg") ?? ""
        line.add(codes(entry.strings("warnings")), .yellow)
        if isAccepted {
            // Not where the task is unknown, or has its answer.
            let isAnswer =
                entry.text("task") != nil
                && Set(entry.strings("warnings")).isDisjoint(with: [
                    "UNKNOWN_TASK", "TASK_ANSWERED", "BAD_TASK",
                ])
            if isAnswer { line.add("\(terminal.reply) ", .dim) }
            line.add(firstLine(of: message))
            return line
        }
        line.add(codes(entry.codes), .red)
        if let id = entry.text("entry") { line.add(Format.shortID(id) + "  ", .dim) }
        line.add(message.isEmpty ? entry.text("reason") ?? "" : terminal.quoted(message))
        return line
    }

    /// LogLines below each other, with a rule where a generation's lines end.
    package static func log(_ lines: [JSONValue], on terminal: Terminal) -> [Line] {
        var shown: [Line] = []
        var generation: Int64?
        for line in lines {
            let next = line.integer("generation") ?? generation
            if let generation, let next, next != generation {
                let bar = terminal.hasUnicode ? "──" : "--"
                shown.append(Line("\(bar) generation \(next) \(bar)", .dim))
            }
            generation = next
            shown.append(logLine(line, on: terminal))
        }
        return shown
    }

    /// A message as a list shows it: its first line, and how many more there are.
    package static func firstLine(of message: String) -> Line {
        let lines = message.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        var line = Line(lines.first.map(String.init) ?? "")
        let more = Int64(lines.count - 1)
        if more > 0 { line.add("  (+\(Format.count(more, "line")))", .dim) }
        return line
    }

    /// An EmitResult: `✓ accepted  line 4, sequence 3`, or
    /// `✗ quarantined  q-3fa9…  G1: mark is 1.5; …`.
    package static func verdict(_ result: JSONValue, on terminal: Terminal) -> Line {
        let isAccepted = result.isAccepted
        var line = Line()
        let sign = terminal.sign(accepted: isAccepted)
        let verdict = result.text("verdict") ?? "no verdict"
        line.add("\(sign) \(verdict)", isAccepted ? .green : .red)
        // A reason begins with the codes itself.
        let reason = result.text("reason") ?? ""
        let parts: [(text: String?, style: Style?)] = [
            (reason.isEmpty ? result.codes.joined(separator: " ") : nil, .red),
            (result.strings("warnings").joined(separator: " "), .yellow),
            (place(result), nil),
            (result.text("id").map(Format.shortID), .dim),
            (reason, nil),
        ]
        for case (let text?, let style) in parts where !text.isEmpty {
            line.add("  ")
            line.add(text, style)
        }
        line.wrapIndent = 2
        return line
    }

    /// Where a line stands: as an editor counts, and as `log`, `why` and `at` do.
    private static func place(_ result: JSONValue) -> String? {
        guard let line = result.integer("line") else { return nil }
        let sequence = result.integer("sequence").map { ", sequence \($0)" } ?? ""
        return "line \(line)\(sequence)"
    }

    /// A line of `check`: `   13  ✗ SKIPPED_INTERLOCK  reason`.
    package static func checked(_ result: JSONValue, on terminal: Terminal) -> Line {
        var line = Line()
        let number = result.integer("line").map(String.init) ?? "-"
        line.pad(toColumns: sequenceColumns - number.utf8.count)
        line.add(number, .dim)
        line.add("  ")
        let isAccepted = result.isAccepted
        line.add(terminal.sign(accepted: isAccepted) + " ", isAccepted ? .green : .red)
        let parts: [(text: String, style: Style?)] = [
            (result.codes.joined(separator: " "), .red),
            (result.strings("warnings").joined(separator: " "), .yellow),
            (result.text("reason") ?? "", nil),
        ].filter { !$0.text.isEmpty }
        for (index, part) in parts.enumerated() {
            if index > 0 { line.add("  ") }
            line.add(part.text, part.style)
        }
        return line
    }

    /// Wide enough for a million lines before columns move.
    private static let sequenceColumns = 6

    private static func codes(_ codes: [String]) -> String {
        codes.isEmpty ? "" : codes.joined(separator: " ") + "  "
    }
}
