import Glibc

/// What the bench prints: a line on the machine, then figure, hive, rival, ratio and target in
/// columns.
struct Table {
    /// The unit of a figure's two values.
    enum Unit: Sendable {
        /// Things (lines, rows) a second.
        case perSecond
        case microseconds
        case milliseconds
        case mebibytes
        case count
    }

    /// One line of the table.
    struct Row {
        var figure: String
        var unit: Unit
        /// What hive did; nil where it was not measured.
        var hive: Double?
        /// What the rival did; nil where there is none.
        var rival: Double?
        /// What is aimed at, in words: `≥ 1.2`, `< 40 MiB`.
        var target: String
    }

    private(set) var rows: [Row] = []
    private(set) var notes: [String] = []

    mutating func add(_ row: Row) { rows.append(row) }

    /// A sentence below the table: why a rival is missing, how something was measured.
    mutating func note(_ text: String) { notes.append(text) }

    /// The table as text, ending in LF.
    ///
    /// Figures to the left, numbers to the right.
    func render() -> String {
        var cells = [["figure", "hive", "rival", "ratio", "target"]]
        for row in rows {
            cells.append([
                row.figure, Self.text(row.hive, row.unit), Self.text(row.rival, row.unit),
                Self.ratio(row), row.target,
            ])
        }
        let widths = cells[0].indices.map { column in
            cells.map { $0[column].count }.max() ?? 0
        }
        var text = ""
        for (index, line) in cells.enumerated() {
            let columns = line.enumerated().map { column, cell in
                let gap = String(repeating: " ", count: widths[column] - cell.count)
                let isWord = column == 0 || column == line.count - 1
                return isWord ? cell + gap : gap + cell
            }
            text += Self.trimmedEnd(columns.joined(separator: "  ")) + "\n"
            guard index == 0 else { continue }
            let rules = widths.map { String(repeating: "─", count: $0) }
            text += rules.joined(separator: "  ") + "\n"
        }
        for note in notes { text += "\(note)\n" }
        return text
    }

    /// Processor, cores, memory, kernel: what the figures hang on.
    static func machine() -> String {
        var name = utsname()
        uname(&name)
        let release = withUnsafeBytes(of: &name.release) {
            String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        let processor = try? ProcFile.pairs("/proc/cpuinfo")["model name"]
        let memory = try? ProcFile.pairs("/proc/meminfo")["MemTotal"]
        let gibibytes = fixed(Double(ProcFile.number(memory)) / 1_048_576, 1)
        let load = (try? ProcFile.text("/proc/loadavg"))?.split(separator: " ").first ?? "?"
        let cores = sysconf(Int32(_SC_NPROCESSORS_ONLN))
        return "machine: \(processor ?? "unknown processor"), \(cores) cores, \(gibibytes) GiB, "
            + "Linux \(release), load \(load)"
    }

    /// Hive's value over the rival's, whichever is better.
    private static func ratio(_ row: Row) -> String {
        guard let hive = row.hive, let rival = row.rival, rival != 0 else { return "–" }
        return fixed(hive / rival, 2)
    }

    private static func text(_ value: Double?, _ unit: Unit) -> String {
        guard let value else { return "–" }
        return switch unit {
        case .perSecond:
            value >= 1e6 ? "\(fixed(value / 1e6, 2)) M/s" : "\(fixed(value / 1e3, 1)) k/s"
        case .microseconds: "\(fixed(value, 1)) µs"
        case .milliseconds: "\(fixed(value, 1)) ms"
        case .mebibytes: "\(fixed(value, 1)) MiB"
        case .count: fixed(value, 0)
        }
    }

    /// A number with this many decimals, rounded half away from zero; without Foundation's formats.
    static func fixed(_ value: Double, _ decimals: Int) -> String {
        guard value.isFinite, value.magnitude < 1e12 else { return "\(value)" }
        var scale: Int64 = 1
        for _ in 0..<decimals { scale *= 10 }
        let scaled = Int64((value.magnitude * Double(scale)).rounded())
        let whole = (value < 0 && scaled > 0 ? "-" : "") + String(scaled / scale)
        guard decimals > 0 else { return whole }
        let digits = String(scaled % scale)
        return whole + "." + String(repeating: "0", count: decimals - digits.utf8.count) + digits
    }

    private static func trimmedEnd(_ text: String) -> String {
        var text = text
        while text.last == " " { text.removeLast() }
        return text
    }
}
