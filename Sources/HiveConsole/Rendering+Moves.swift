package import HiveSignal

extension Rendering {
    /// Below this width what stands beside a row goes below it.
    private static let narrowColumns = 60

    // MARK: phase

    /// `phase`: where a trace stands, and each phase with the ports that may say it next.
    package static func phase(_ result: JSONValue, on terminal: Terminal) -> [Line] {
        let standing = result["trace"] ?? .null
        let cycle = standing.integer("cycle") ?? 0
        var table = Table()
        table.add("trace", standing.text("traceId") ?? "?")
        table.add("stands", place(standing), .bold)
        table.add("mode", result.text("mode") ?? "?")
        var rows = Table()
        rows.add([Line("next", .dim), Line("ports", .dim)])
        for move in standing["moves"]?.arrayValue ?? [] {
            let ports = move["ports"]?.arrayValue ?? []
            let allowed = ports.filter(\.isAccepted)
            var row = [Line(move.text("to") ?? "?", .bold)]
            if let first = allowed.first {
                row.append(Line(names(allowed)))
                let note = note(first, cycle: cycle)
                if !note.isEmpty { row.append(Line(note, .dim)) }
            } else {
                row.append(Line("nobody", .red))
                let fewest = ports.min { $0.codes.count < $1.codes.count }
                row.append(Line(fewest?.codes.joined(separator: " ") ?? "", .red))
            }
            rows.add(row)
        }
        return table.lines + [Line()] + fitted(rows, on: terminal)
    }

    // MARK: check

    /// `check FROM TO`: the verdicts that there are, each with its ports.
    package static func check(_ result: JSONValue, on terminal: Terminal) -> [Line] {
        let from = result["from"] ?? .null
        let mode = result.text("mode") ?? "?"
        let to = from["moves"]?.arrayValue?.first?.text("to") ?? "?"
        let standing = from.text("phase").map { "where a cycle stands at \($0)" }
        var lines = [Line("\(to) \(standing ?? "where no cycle has begun"), \(mode)", .bold)]
        lines += verdicts(from, on: terminal)
        guard let trace = result["trace"], !trace.isNull else { return lines }
        let name = trace.text("traceId") ?? "?"
        let isThere = trace.text("phase") == from.text("phase")
        lines.append(Line())
        if isThere, groups(trace) == groups(from) {
            return lines + [Line("trace \(name) stands there: it is told the same")]
        }
        let difference =
            isThere
            ? "stands there too, with more behind it" : "does not stand there"
        lines.append(Line("trace \(name) \(difference): \(place(trace))", .bold))
        return lines + verdicts(trace, on: terminal)
    }

    /// True where some port may say what `check` asked, in the trace where one was named.
    static func isAllowed(_ result: JSONValue) -> Bool {
        var asked = result["trace"] ?? .null
        if asked.isNull { asked = result["from"] ?? .null }
        return groups(asked).contains { $0.verdict.isAccepted }
    }

    /// Ports that are told the same.
    private struct Group: Equatable {
        var verdict: JSONValue
        var ports: String
    }

    private static func groups(_ standing: JSONValue) -> [Group] {
        let ports = standing["moves"]?.arrayValue?.first?["ports"]?.arrayValue ?? []
        var kinds: [(verdict: JSONObject, ports: [JSONValue])] = []
        for port in ports {
            var verdict = port.objectValue ?? [:]
            verdict["port"] = nil
            if let kind = kinds.firstIndex(where: { $0.verdict == verdict }) {
                kinds[kind].ports.append(port)
            } else {
                kinds.append((verdict, [port]))
            }
        }
        let sorted =
            kinds.filter { JSONValue.object($0.verdict).isAccepted }
            + kinds.filter { !JSONValue.object($0.verdict).isAccepted }
        return sorted.map { Group(verdict: .object($0.verdict), ports: names($0.ports)) }
    }

    private static func verdicts(_ standing: JSONValue, on terminal: Terminal) -> [Line] {
        var table = Table()
        table.add([Line("ports", .dim), Line("verdict", .dim)])
        for group in groups(standing) {
            var verdict = Line()
            if group.verdict.isAccepted {
                verdict.add("accepted", .green)
                let note = note(group.verdict, cycle: standing.integer("cycle") ?? 0)
                if !note.isEmpty { verdict.add(", " + note) }
            } else {
                verdict.add(group.verdict.codes.joined(separator: " "), .red)
            }
            table.add([Line(group.ports), verdict])
        }
        return fitted(table, on: terminal)
    }

    // MARK: Words

    /// `V in cycle 2, reached H I V`.
    private static func place(_ standing: JSONValue) -> String {
        guard let phase = standing.text("phase") else { return "no cycle has begun" }
        let cycle = standing.integer("cycle").map { " in cycle \($0)" } ?? ""
        return "\(phase)\(cycle), reached " + standing.strings("reached").joined(separator: " ")
    }

    /// What is worth knowing of an accepted signal: where it would count, and its warnings.
    private static func note(_ port: JSONValue, cycle: Int64) -> String {
        var notes: [String] = []
        if let counted = port.integer("cycle"), counted != max(1, cycle) {
            notes.append(counted > cycle ? "opens cycle \(counted)" : "counts in cycle \(counted)")
        }
        return (notes + port.strings("warnings")).joined(separator: ", ")
    }

    private static func names(_ ports: [JSONValue]) -> String {
        ports.compactMap { $0.integer("port").map(String.init) }.joined(separator: " ")
    }

    /// The table, its last column below each row where the window is narrow.
    private static func fitted(_ table: Table, on terminal: Terminal) -> [Line] {
        guard let width = terminal.width, width < narrowColumns else { return table.lines }
        var narrow = Table()
        var below: [Line?] = []
        for row in table.rows {
            let isFull = row.count == table.rows.map(\.count).max()
            narrow.add(isFull ? row.dropLast() : row)
            // The heading of what stands below would stand below too.
            below.append(isFull && !below.isEmpty ? row.last : nil)
        }
        return zip(narrow.lines, below).flatMap { line, note -> [Line] in
            guard let note else { return [line] }
            var indented = Line("  ")
            indented.add(note)
            return [line, indented]
        }
    }
}
