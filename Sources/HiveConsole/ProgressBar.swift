package import HiveSignal

/// One line that says how far a scatter is; nothing where there is no terminal.
package struct ProgressBar: Sendable {
    private let terminal: Terminal
    private var isDrawn = false
    /// Where the rate is counted from: what was there when it was first drawn.
    private var first: (ended: Int64, milliseconds: Int64)?

    /// Cells of the bar itself.
    private static let cells: Int64 = 20

    /// - Parameter terminal: where it is drawn.
    package init(on terminal: Terminal = .errors) { self.terminal = terminal }

    /// Draws what HiveControl's `Method.progress` tells.
    package mutating func draw(_ progress: JSONValue) {
        guard let width = terminal.width, let tasks = progress.integer("tasks"), tasks > 0 else {
            return
        }
        let failed = (progress.integer("failed") ?? 0) + (progress.integer("cancelled") ?? 0)
        let ended = (progress.integer("completed") ?? 0) + failed
        let elapsed = progress.integer("elapsedMs") ?? 0
        let start = first ?? (ended, elapsed)
        first = start
        var parts = ["\(bar(ended, of: tasks)) \(Format.count(ended))/\(Format.count(tasks))"]
        let span = Double(elapsed - start.milliseconds) / 1_000
        if span >= 1, ended > start.ended {
            let rate = Double(ended - start.ended) / span
            parts.append("\(Format.decimal(rate))/s")
            if ended < tasks {
                let left = Int64((Double(tasks - ended) / rate).rounded(.up))
                parts.append("\(Format.duration(seconds: min(left, 1_000_000))) left")
            }
        }
        if failed > 0 { parts.append("\(Format.count(failed)) failed") }
        if let dollars = progress["estimatedCost"]?.doubleValue, dollars > 0 {
            parts.append(Rendering.dollars(dollars))
        }
        let text = String(parts.joined(separator: "  ").prefix(width - 1))
        terminal.write("\r\u{1B}[K\(text)")
        isDrawn = true
    }

    /// Takes the line away, so that others can be written.
    package mutating func erase() {
        if isDrawn { terminal.write("\r\u{1B}[K") }
        isDrawn = false
    }

    private func bar(_ ended: Int64, of tasks: Int64) -> String {
        let full = Int(min(max(ended, 0), tasks) * Self.cells / tasks)
        let (on, off) = terminal.hasUnicode ? ("█", "░") : ("#", ".")
        return String(repeating: on, count: full)
            + String(repeating: off, count: Int(Self.cells) - full)
    }
}
