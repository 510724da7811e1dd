package import HiveSignal

extension Rendering {
    /// `hive flip`: what became of the generation, or what keeps it from its end.
    package static func flip(_ flip: JSONValue, on terminal: Terminal) -> [Line] {
        let generation = flip.integer("gen") ?? 0
        let next = flip.integer("next") ?? 0
        let open = flip["open"]?.arrayValue ?? []
        let refused = !flip.strings("violations").isEmpty
        if refused { return refusedFlip(generation, open, on: terminal) }
        var line = Line()
        if flip.flag("dryRun") {
            line.add("generation \(generation) may end", .green)
            line.add(": \(next) would begin, empty")
        } else {
            line.add("generation \(generation) has ended", .green)
            line.add("; \(next) begins, empty")
        }
        var table = Table()
        let lines = Format.count(flip.integer("lines") ?? 0, "line")
        let accepted = Format.count(flip.integer("accepted") ?? 0)
        let quarantined = Format.count(flip.integer("quarantined") ?? 0)
        table.add("board", "\(lines), \(accepted) accepted, \(quarantined) quarantined")
        if let chain = flip.text("chain") { table.add("chain", Format.shortHex(chain)) }
        if let archive = flip.text("archive") { table.add("archive", archive) }
        if let manifest = flip.text("manifest") { table.add("manifest", manifest) }
        if let tasks = flip.integer("openTasks"), tasks > 0 {
            table.add("tasks", "\(Format.count(tasks)) open, dropped with the generation", .yellow)
        }
        if !open.isEmpty {
            table.add("cycles", "\(Format.count(Int64(open.count), "cycle")) left open", .yellow)
        }
        return [line] + table.lines
    }

    /// The news that a generation has ended.
    static func flipNews(_ flip: JSONValue) -> Line {
        let lines = Format.count(flip.integer("lines") ?? 0, "line")
        var line = Line("generation \(flip.integer("gen") ?? 0) has ended", .green)
        line.add(" with \(lines); \(flip.integer("next") ?? 0) begins, empty")
        if let summary = flip.text("summary"), !summary.isEmpty { line.add(": " + summary) }
        line.isCut = true
        return line
    }

    private static func refusedFlip(
        _ generation: Int64,
        _ open: [JSONValue],
        on terminal: Terminal
    ) -> [Line] {
        var line = Line("PREMATURE_FLIP", .red)
        line.add(": generation \(generation) has \(Format.count(Int64(open.count), "cycle"))")
        line.add(" that reached I and not E")
        var rows = Table()
        rows.rightAligned = [1]
        rows.add(["trace", "cycle", "phase", "reached"].map { Line($0, .dim) })
        for cycle in open.prefix(openCyclesMax) {
            rows.add([
                Line(cycle.text("traceId") ?? "-"),
                Line(cycle.integer("cycle").map(String.init) ?? "-"),
                Line(cycle.text("phase") ?? "-", .bold),
                Line(cycle.strings("reached").joined(separator: " ")),
            ])
        }
        var lines = [line] + rows.lines
        if open.count > openCyclesMax {
            lines.append(
                Line("… and \(Format.count(Int64(open.count - openCyclesMax))) more", .dim)
            )
        }
        lines.append(
            .advice(
                "bring each to E; or end it all the same: hive override gen \(generation + 1)",
                on: terminal
            )
        )
        return lines
    }

    /// How many open cycles are listed.
    private static let openCyclesMax = 20
}
