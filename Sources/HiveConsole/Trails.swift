import Glibc
import HiveSignal

/// What the last lines say of who spoke: pure sums over LogLines.
struct Trails {
    /// The trail of one port in one phase.
    struct Cell {
        /// The sum of the marks, each halved for every hour since its line.
        var strength = 0.0
        /// The name of the last who spoke, or the message's beginning where none is given.
        var lastSpeaker: String?
    }

    static let halfLifeSeconds = 3600.0
    /// Five minutes each.
    static let bucketCount = 12
    static let bucketSeconds = 300.0

    private(set) var cells: [[Cell]]
    /// How many lines of each port in each part of the last hour, oldest first.
    private(set) var hour: [[Int]]

    /// - `lines`: accepted LogLines, oldest first; others are passed over.
    init(lines: [JSONValue], now: Timestamp) {
        let ports = Int(Port.count)
        cells = Array(repeating: Array(repeating: Cell(), count: Phase.cycle.count), count: ports)
        hour = Array(repeating: Array(repeating: 0, count: Self.bucketCount), count: ports)
        for line in lines where line.isAccepted { take(line, now: now) }
    }

    private mutating func take(_ line: JSONValue, now: Timestamp) {
        guard let port = line.integer("port"), cells.indices.contains(Int(port)),
            let letter = line.text("phase"),
            let phase = Phase.cycle.firstIndex(where: { $0.letter == letter })
        else { return }
        let said = line.text("ts").flatMap { Timestamp(rfc3339: $0) } ?? now
        // Times are what the agents say: one in the future is as good as now.
        let age = max(0, Double(now.milliseconds - said.milliseconds) / 1000)
        let mark = line["mark"]?.doubleValue ?? 0
        cells[Int(port)][phase].strength += mark * Self.weight(ageSeconds: age)
        cells[Int(port)][phase].lastSpeaker = line.text("agent") ?? line.text("msg")
        let bucket = Self.bucketCount - 1 - Int(min(age / Self.bucketSeconds, 1e6))
        if bucket >= 0 { hour[Int(port)][bucket] += 1 }
    }

    /// What is left of a mark after a time.
    private static func weight(ageSeconds: Double) -> Double {
        exp2(-ageSeconds / halfLifeSeconds)
    }
}

/// Numbers as a row of bars.
enum Sparkline {
    /// A bar for each value, the largest of `top` the highest; nothing for 0.
    static func text(_ values: [Int], top: Int, unicode: Bool) -> String {
        values.map { value in
            bar(top > 0 ? Double(value) / Double(top) : 0, unicode: unicode)
        }.joined()
    }

    /// One bar for 0…1.
    static func bar(_ share: Double, unicode: Bool) -> String {
        let bars = unicode ? Array("▁▂▃▄▅▆▇█") : Array(".:-=+*%#")
        guard share > 0 else { return " " }
        let index = Int((share * Double(bars.count)).rounded(.up)) - 1
        return String(bars[max(0, min(index, bars.count - 1))])
    }
}
