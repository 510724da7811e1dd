import HiveSignal

/// What the prompt tells: `gen 87 · V · 2 quarantined › `.
struct PromptState: Sendable, Hashable {
    var generation: Int64?
    var phase: String?
    var mode = "paired"
    /// Entries nobody has decided about.
    var unseen: Int64 = 0
    var isAttached = true
    var isTampered = false
    /// The last line that the numbers above know of.
    private(set) var sequence: Int64 = -1

    /// Below this width words are left out.
    private static let narrowColumns = 60

    /// All of it, from `status`.
    mutating func take(status: JSONValue) {
        generation = status.integer("generation")
        phase = status.text("phase")
        mode = status.text("mode") ?? mode
        unseen = status.integer("unseen") ?? 0
        isTampered = status.text("tampered") != nil
        sequence = status.integer("sequence") ?? sequence
    }

    /// What changed, from lines judged since.
    mutating func take(_ news: News.Batch) {
        unseen += news.unkeptQuarantined
        for line in news.lines {
            guard let at = line.integer("sequence"), at > sequence else { continue }
            sequence = at
            guard line.isAccepted else {
                unseen += 1
                continue
            }
            // Answers and metrics move no phase; what came late is of another generation.
            if line.text("task") != nil || line.text("type") == "metric" { continue }
            if let gen = line.integer("gen"), let generation, gen < generation { continue }
            phase = line.text("phase") ?? phase
            generation = line.integer("gen") ?? generation
        }
    }

    func line(on terminal: Terminal) -> Line {
        let isNarrow = (terminal.width ?? .max) < Self.narrowColumns
        let gap = terminal.hasUnicode ? (isNarrow ? "·" : " · ") : (isNarrow ? " " : " - ")
        var line = Line(isNarrow ? "" : "gen ")
        line.add(generation.map(String.init) ?? "?")
        line.add(gap, .dim)
        line.add(phase ?? "-", .bold)
        if mode != "paired" {
            line.add(gap, .dim)
            line.add(mode, .cyan)
        }
        if isTampered {
            line.add(gap, .dim)
            line.add("TAMPERED", .red)
        }
        if unseen > 0 {
            line.add(gap, .dim)
            line.add(Format.count(unseen) + (isNarrow ? "q" : " quarantined"), .yellow)
        }
        if !isAttached {
            line.add(gap, .dim)
            line.add("no daemon", .yellow)
        }
        line.add(terminal.hasUnicode ? " › " : " > ")
        return line
    }
}
