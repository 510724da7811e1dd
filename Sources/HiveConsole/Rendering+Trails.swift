import HiveSignal

extension Rendering {
    /// `ports`: eight ports by four phases, and the last hour.
    static func ports(_ trails: Trails, on terminal: Terminal) -> [Line] {
        let width = terminal.width ?? 80
        // The port's number before, the hour after; what is left is the cells'.
        let room = width - 3 - Trails.bucketCount - 1
        let cell = max(6, min(18, room / Phase.cycle.count))
        let strongest = trails.cells.joined().map(\.strength).max() ?? 0
        let busiest = trails.hour.joined().max() ?? 0

        var head = Line()
        head.pad(toColumns: 3)
        for (place, phase) in Phase.cycle.enumerated() {
            head.add(phase.letter, .bold)
            head.pad(toColumns: 3 + (place + 1) * cell)
        }
        head.add("last hour", .dim)
        var lines = [head]
        for (number, row) in trails.cells.enumerated() {
            var line = Line("\(number)", .bold)
            let own = Port(rawValue: UInt8(number))?.phase
            for (place, trail) in row.enumerated() {
                line.pad(toColumns: 3 + place * cell)
                line.add(
                    self.cell(trail, top: strongest, columns: cell - 1, on: terminal),
                    isOwn: own == Phase.cycle[place]
                )
            }
            line.pad(toColumns: 3 + Phase.cycle.count * cell)
            line.add(
                Sparkline.text(trails.hour[number], top: busiest, unicode: terminal.hasUnicode),
                .cyan
            )
            line.isCut = true
            lines.append(line)
        }
        return lines
    }

    /// A bar, the strength, and who spoke last where there is room.
    private static func cell(
        _ trail: Trails.Cell,
        top: Double,
        columns: Int,
        on terminal: Terminal
    ) -> String {
        guard let speaker = trail.lastSpeaker else { return terminal.hasUnicode ? "·" : "." }
        let share = top > 0 ? trail.strength / top : 0
        let bar = Sparkline.bar(max(share, 0.01), unicode: terminal.hasUnicode)
        let number = trail.strength < 100 ? Format.decimal(trail.strength) : "99+"
        let start = "\(bar) \(number)"
        let left = columns - SafeText.columns(start) - 1
        guard left >= 3 else { return start }
        let name = SafeText.cut(
            SafeText.escaped(speaker),
            toColumns: left,
            ellipsis: terminal.ellipsis
        )
        return "\(start) \(name)"
    }

    /// `agents`: who spoke, the last one first.
    static func agents(_ lines: [JSONValue]) -> [Line] {
        var order: [String] = []
        var facts: [String: (accepted: Int64, refused: Int64, last: JSONValue)] = [:]
        for line in lines {
            let name = line.text("agent") ?? "(no name)"
            var fact = facts[name] ?? (0, 0, line)
            if line.isAccepted { fact.accepted += 1 } else { fact.refused += 1 }
            fact.last = line
            facts[name] = fact
            order.removeAll { $0 == name }
            order.append(name)
        }
        var table = Table()
        table.rightAligned = [2, 3]
        table.add(["agent", "at", "ok", "failed", "last"].map { Line($0, .dim) })
        for name in order.reversed() {
            guard let fact = facts[name] else { continue }
            let port = fact.last.integer("port").map(String.init) ?? "-"
            table.add([
                Line(name, .bold),
                Line("\(fact.last.text("phase") ?? "-") \(port)"),
                Line(Format.count(fact.accepted)),
                Line(Format.count(fact.refused), fact.refused > 0 ? .red : nil),
                firstLine(of: fact.last.text("msg") ?? ""),
            ])
        }
        return table.lines.map { line in
            var line = line
            line.isCut = true
            return line
        }
    }
}

extension Line {
    /// Text that is a port's own business, or not: that is dim.
    fileprivate mutating func add(_ text: String, isOwn: Bool) { add(text, isOwn ? nil : .dim) }
}
