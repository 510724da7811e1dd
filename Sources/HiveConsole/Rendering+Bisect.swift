package import HiveSignal

extension Rendering {
    /// `hive bisect`: two sentences, each with the line that it speaks of.
    package static func bisect(_ result: JSONValue, on terminal: Terminal) -> [Line] {
        let name = result.text("violation") ?? "?"
        let mode = result.text("mode").map { " (\($0))" } ?? ""
        var lines: [Line] = []
        if let possible = result["possibleAfter"], !possible.isNull {
            var line = Line(name, .bold)
            line.add(" was possible \(place(possible, "after")): \(example(name, possible)).")
            lines.append(line)
            lines += signal(of: possible, on: terminal)
        } else {
            var line = Line(name, .bold)
            line.add(" was never possible here by these rules\(mode).")
            lines.append(line)
        }
        if let first = result["first"], !first.isNull {
            lines.append(Line("It first happened \(place(first, "at")):"))
            lines += signal(of: first, on: terminal)
        } else {
            lines.append(Line("No line has drawn it."))
        }
        return lines
    }

    /// `after line 12 (sequence 11)`; `before any line`.
    private static func place(_ found: JSONValue, _ preposition: String) -> String {
        guard let sequence = found.integer("sequence"), sequence > 0 else {
            return "before any line"
        }
        let line = found.integer("line").map { Format.count($0) } ?? "?"
        return "\(preposition) line \(line) (sequence \(Format.count(sequence)))"
    }

    /// What would draw it: `E from port 3 draws it where the cycle of trace 4bf9… stands at H`.
    private static func example(_ name: String, _ possible: JSONValue) -> String {
        switch name {
        case "DUPLICATE_ID": return "a signal with an id that was used draws it"
        case "WRONG_GENERATION": return "a signal of another generation draws it"
        case "EMERGENCY": return "an X that no person signed draws it"
        default: break
        }
        let phase = possible["example"]?.text("hive") ?? "?"
        let port = possible["example"]?.integer("port").map { " from port \($0)" } ?? ""
        let trace = possible.text("traceId").map { " trace \($0)" } ?? " its trace"
        let standing =
            possible.text("phaseBefore").map { "where the cycle of\(trace) stands at \($0)" }
            ?? "where no cycle has begun in\(trace)"
        return "\(phase)\(port) draws it \(standing)"
    }

    private static func signal(of found: JSONValue, on terminal: Terminal) -> [Line] {
        guard let signal = found["signal"], !signal.isNull else { return [] }
        return [logLine(signal, on: terminal)]
    }
}
