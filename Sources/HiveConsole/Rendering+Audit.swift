package import HiveSignal

extension Rendering {
    /// `hive replay`: what would be judged otherwise.
    package static func replay(_ result: JSONValue, on terminal: Terminal) -> [Line] {
        let changed = result["changed"]?.arrayValue ?? []
        let count = result.integer("changedCount") ?? Int64(changed.count)
        var lines: [Line] = []
        for change in changed {
            var line = Line()
            let number = change.integer("line").map(String.init) ?? "-"
            line.pad(toColumns: 6 - number.utf8.count)
            line.add(number, .dim)
            line.add("  ")
            line.add(side(change["before"], on: terminal))
            line.add(" \(terminal.arrow) ", .dim)
            line.add(side(change["after"], on: terminal))
            lines.append(line)
        }
        if count > Int64(changed.count) {
            lines.append(Line("and \(Format.count(count - Int64(changed.count))) more", .dim))
        }
        let codes = result["byCode"]?.arrayValue ?? []
        if !codes.isEmpty {
            var table = Table()
            table.rightAligned = [1, 2]
            table.add(["by gate or violation", "more lines", "fewer"].map { Line($0, .dim) })
            for code in codes {
                table.add([
                    Line(code.text("code") ?? "?"),
                    Line(Format.count(code.integer("gained") ?? 0)),
                    Line(Format.count(code.integer("lost") ?? 0)),
                ])
            }
            lines += [Line()] + table.lines + [Line()]
        }
        var total = Line()
        total.add("\(Format.count(result.integer("lines") ?? 0, "line")): ")
        total.add("\(Format.count(result.integer("accepted") ?? 0)) accepted, ")
        total.add("\(Format.count(result.integer("quarantined") ?? 0)) quarantined, ")
        total.add("\(Format.count(count)) judged otherwise", count > 0 ? .yellow : .green)
        lines.append(total)
        switch result["chainMatches"]?.boolValue {
        case true?: lines.append(Line("the chain matches the ledger's", .green))
        case false?:
            lines.append(Line("the chain does not match the ledger's", .red))
            lines.append(.advice("see what changed: hive doctor", on: terminal))
        case nil: break
        }
        return lines
    }

    /// `hive doctor`: each check, and what mends it.
    package static func checks(_ result: JSONValue, on terminal: Terminal) -> [Line] {
        let checks = result["checks"]?.arrayValue ?? []
        var table = Table()
        for check in checks {
            let sign: Line
            switch check.text("status") {
            case "ok": sign = Line(terminal.sign(accepted: true), .green)
            case "warning": sign = Line("!", .yellow)
            default: sign = Line(terminal.sign(accepted: false), .red)
            }
            table.add([
                sign, Line(check.text("name") ?? "?", .bold), Line(check.text("found") ?? ""),
            ])
        }
        var lines: [Line] = []
        for (check, line) in zip(checks, table.lines) {
            lines.append(line)
            if check.text("status") != "ok", let cure = check.text("cure"), !cure.isEmpty {
                lines.append(.advice(cure, on: terminal))
            }
        }
        if let rebuilt = result["rebuilt"]?.objectValue {
            let facts = rebuilt.map { "\($0) \($1.stringValue ?? $1.text)" }
            lines.append(Line("rebuilt: " + facts.joined(separator: ", ")))
        }
        return lines
    }

    private static func side(_ verdict: JSONValue?, on terminal: Terminal) -> Line {
        guard let verdict else { return Line("not there", .dim) }
        if verdict.isAccepted { return Line("accepted", .green) }
        return Line(verdict.codes.joined(separator: " "), .red)
    }
}
