import HiveKernel
import HiveLedger
import HiveSignal

/// What can be read of a board: the ledger, and lines that are judged but in no ledger.
///
/// In the daemon the ledger has everything. A command without a daemon that must not write folds
/// what is new in memory, and lays it over the ledger.
struct HiveView: Sendable {
    /// Nil where the board has none yet.
    var ledger: Ledger?
    /// Newer than the ledger, in order; at most `HiveView.overlayMax` of each kind.
    var signals: [SignalRow] = []
    var quarantined: [QuarantineRow] = []

    static let overlayMax = 4_096
    static let linesMax = 10_000

    // MARK: log

    /// `log.read`: the last lines, or those after a sequence, oldest first.
    func log(_ params: JSONValue) throws(HiveError) -> JSONValue {
        let filter = try LogFilter(params)
        let after = params["after"]?.integerValue
        let limit = Int(params["limit"]?.integerValue ?? params["last"]?.integerValue ?? 20)
        let bounded = max(0, min(limit, Self.linesMax))
        let lines: [Line]
        if let after {
            lines = try self.lines(after: after, limit: bounded, filter)
        } else {
            lines = try last(bounded, filter)
        }
        return ["lines": .array(lines.map(\.json))]
    }

    /// A judged line, of either verdict.
    struct Line {
        var sequence: Int64
        var json: JSONValue
    }

    /// The lines after a sequence, oldest first, at most `limit`.
    func lines(after: Int64, limit: Int, _ filter: LogFilter) throws(HiveError) -> [Line] {
        var lines: [Line] = []
        if let ledger {
            try HiveError.wrap {
                if filter.wantsAccepted {
                    lines += try ledger.signals(after: after, limit: limit, filter: filter.signals)
                        .map(Line.init)
                }
                if filter.wantsQuarantined {
                    lines += try quarantined(after: after, limit: limit, filter, in: ledger)
                }
            }
        }
        lines += overlay(filter).filter { $0.sequence > after }
        return Array(lines.sorted { $0.sequence < $1.sequence }.prefix(limit))
    }

    /// Quarantined lines that the filter lets through, read in pages until there are enough.
    private func quarantined(
        after start: Int64,
        limit: Int,
        _ filter: LogFilter,
        in ledger: Ledger
    ) throws -> [Line] {
        var lines: [Line] = []
        var cursor = start
        while lines.count < limit {
            let page = try ledger.quarantined(after: cursor, limit: limit)
            lines += page.map(Line.init).filter(filter.matches)
            guard page.count == limit, let last = page.last?.sequence else { break }
            cursor = last
        }
        return lines
    }

    private func last(_ count: Int, _ filter: LogFilter) throws(HiveError) -> [Line] {
        var lines = overlay(filter)
        if let ledger {
            try HiveError.wrap {
                if filter.wantsAccepted {
                    lines += try ledger.signals(last: count, filter: filter.signals).map(Line.init)
                }
                if filter.wantsQuarantined {
                    lines += try ledger.quarantined(last: count).map(Line.init)
                        .filter(filter.matches)
                }
            }
        }
        return Array(lines.sorted { $0.sequence < $1.sequence }.suffix(count))
    }

    private func overlay(_ filter: LogFilter) -> [Line] {
        let accepted = filter.wantsAccepted ? signals.map(Line.init) : []
        let refused = filter.wantsQuarantined ? quarantined.map(Line.init) : []
        return (accepted + refused).filter(filter.matches)
    }

    // MARK: quarantine

    /// `quarantine.list`: newest last.
    func quarantineList(_ params: JSONValue) throws(HiveError) -> JSONValue {
        let all = params["all"]?.boolValue ?? false
        let limit = max(0, min(Int(params["limit"]?.integerValue ?? 1_000), Self.linesMax))
        var rows: [QuarantineRow] = []
        if let ledger {
            rows = try HiveError.wrap {
                try ledger.quarantine(limit: limit, includeSeen: all)
            }.reversed()
        }
        rows += quarantined
        return ["entries": .array(rows.suffix(limit).map(QuarantineText.summary))]
    }

    /// The entries that nobody has looked at, the newest last.
    func unseenEntries(limit: Int64) throws(HiveError) -> [QuarantineRow] {
        let kept = try HiveError.wrap {
            try ledger?.quarantine(limit: Int(limit), includeSeen: false) ?? []
        }
        return kept.reversed() + quarantined
    }

    /// `quarantine.show`.
    func quarantineShow(_ params: JSONValue, rules: Rules) throws(HiveError) -> JSONValue {
        guard let prefix = params["id"]?.stringValue, !prefix.isEmpty else {
            throw .usage("no id of an entry given", hint: "hive quarantine list shows them")
        }
        return QuarantineText.whole(try entry(prefix), rules: rules)
    }

    /// The one entry whose id starts so.
    func entry(_ prefix: String) throws(HiveError) -> QuarantineRow {
        var rows = quarantined.filter { $0.identifier.hasPrefix(prefix) }
        if let ledger {
            rows += try HiveError.wrap { try ledger.quarantine(idPrefix: prefix) }
        }
        if let exact = rows.first(where: { $0.identifier == prefix }) { return exact }
        guard let row = rows.first else {
            throw .usage(
                "no quarantine entry \(prefix)",
                hint: "hive quarantine list --all shows them"
            )
        }
        guard rows.count == 1 else {
            throw .usage("\(prefix) is the start of several entries", hint: "give more of the id")
        }
        return row
    }

    /// `search`: full text over accepted messages.
    func search(_ params: JSONValue) throws(HiveError) -> JSONValue {
        let words = params["words"]?.stringValue ?? ""
        let limit = max(0, min(Int(params["limit"]?.integerValue ?? 20), Self.linesMax))
        guard let ledger else { return ["lines": []] }
        let rows = try HiveError.wrap { try ledger.search(words: words, limit: limit) }
        return ["lines": .array(rows.map(LogLine.json))]
    }
}

extension HiveView.Line {
    init(_ row: SignalRow) { self.init(sequence: row.sequence, json: LogLine.json(row)) }

    init(_ row: QuarantineRow) {
        self.init(sequence: row.sequence ?? 0, json: LogLine.json(row))
    }
}

/// Which lines a log is asked for.
struct LogFilter: Sendable {
    var signals = SignalFilter()
    var wantsAccepted = true
    var wantsQuarantined = true

    /// Throws exit code 2 for a value that no line can have.
    init(_ params: JSONValue) throws(HiveError) {
        if let letter = params["phase"]?.stringValue {
            guard let phase = Phase(letter: letter) else {
                throw .usage("no phase \(letter)", hint: "H, I, V, E or X")
            }
            signals.phase = phase
        }
        if let number = params["port"]?.integerValue {
            guard let port = UInt8(exactly: number).flatMap(Port.init(rawValue:)) else {
                throw .usage("no port \(number)", hint: "0 to 7")
            }
            signals.port = port
        }
        if let hex = params["trace"]?.stringValue {
            guard let trace = TraceID(hex: hex) else {
                throw .usage("no trace-id: \(hex)", hint: "32 lower-case hex digits")
            }
            signals.trace = trace
        }
        if let word = params["type"]?.stringValue {
            guard let type = SignalType(word: word) else {
                throw .usage("no type \(word)", hint: "signal, event, error or metric")
            }
            signals.type = type
        }
        signals.agent = params["agent"]?.stringValue
        switch params["verdict"]?.stringValue {
        case nil: break
        case "accepted": wantsQuarantined = false
        case "quarantined": wantsAccepted = false
        case .some(let word):
            throw .usage("no verdict \(word)", hint: "accepted or quarantined")
        }
    }

    /// The filter on a line as JSON: what the line itself says.
    func matches(_ line: HiveView.Line) -> Bool {
        func says(_ key: String, _ wanted: JSONValue?) -> Bool {
            wanted.map { line.json[key] == $0 } ?? true
        }
        return says("phase", signals.phase.map { .string($0.letter) })
            && says("port", signals.port.map { .integer(Int64($0.rawValue)) })
            && says("traceId", signals.trace.map { .string($0.hex) })
            && says("type", signals.type.map { .string($0.word) })
            && says("agent", signals.agent.map { .string($0) })
    }
}
