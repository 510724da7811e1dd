import HiveSignal

extension Rendering {
    /// One judged line whole.
    static func whole(_ line: JSONValue) -> [Line] {
        var table = Table()
        table.add("signal", SignalID.of(line), .bold)
        let isAccepted = line.isAccepted
        let verdict = isAccepted ? "accepted" : "quarantined " + line.codes.joined(separator: " ")
        table.add("verdict", verdict, isAccepted ? .green : .red)
        let warnings = line.strings("warnings")
        if !warnings.isEmpty {
            table.add("warnings", warnings.joined(separator: " "), .yellow)
        }
        if let entry = line.text("entry") { table.add("entry", entry) }
        var place = "sequence \(line.integer("sequence").map(String.init) ?? "?")"
        place += ", line \(line.integer("line").map(String.init) ?? "?")"
        if let offset = line.integer("offset") { place += ", offset \(offset)" }
        table.add("place", place)
        if let time = line.text("ts") { table.add("when", time) }
        var phase = "\(line.text("phase") ?? "?"), port \(number(line["port"]))"
        if let cycle = line.integer("cycle") { phase += ", cycle \(cycle)" }
        table.add("phase", phase)
        table.add(
            "says",
            "\(line.text("type") ?? "?"), \(line.text("pull") ?? "?"), mark \(number(line["mark"]))"
        )
        for (key, name) in [
            ("agent", "agent"), ("traceId", "trace"), ("parent", "parent"), ("task", "task"),
        ] {
            if let text = line.text(key) { table.add(name, text) }
        }
        let message = (line.text("msg") ?? "").split(
            omittingEmptySubsequences: false,
            whereSeparator: \.isNewline
        )
        return table.lines + [Line()] + message.map { Line(String($0)) }
    }

    private static func number(_ value: JSONValue?) -> String {
        value.map { $0.isNull ? "?" : $0.text } ?? "?"
    }
}

/// What a judged line is called.
enum SignalID {
    /// Its id; else `s-GENERATION-OFFSET`, by which tasks and answers name it.
    static func of(_ line: JSONValue) -> String {
        if let id = line.text("id") { return id }
        guard let generation = line.integer("gen"), let offset = line.integer("offset") else {
            return line.text("entry") ?? "?"
        }
        return "s-\(generation)-\(offset)"
    }
}
