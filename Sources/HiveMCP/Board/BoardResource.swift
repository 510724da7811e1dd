internal import HiveSignal

/// What of the board can be read and watched, by its address.
enum BoardResource: Sendable, Hashable {
    case state
    case signals(Filter)
    case quarantine
    case rules
    /// A signal, a task or a quarantine entry, by its id.
    case signal(String)

    /// `hive://signals{?since,phase,port}`.
    struct Filter: Sendable, Hashable {
        /// After this sequence.
        var since: Int64?
        var phase: Phase?
        var port: Int64?
    }

    private static let scheme = "hive://"
    static let signalsTemplate = "hive://signals{?since,phase,port}"
    static let signalTemplate = "hive://signal/{id}"

    /// - Throws: `resourceNotFound` for an address that is none, `invalidParams` for values that
    ///   make no sense.
    init(_ uri: String) throws(MCPError) {
        let unknown = MCPError(.resourceNotFound, "no resource \(uri.shown)")
        guard uri.hasPrefix(Self.scheme) else { throw unknown }
        let rest = uri.dropFirst(Self.scheme.count)
        let parts = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let query = parts.count > 1 ? parts[1] : nil
        switch parts[0] {
        case "state" where query == nil: self = .state
        case "quarantine" where query == nil: self = .quarantine
        case "rules" where query == nil: self = .rules
        case "signals": self = .signals(try Filter(query ?? ""))
        case let path where path.hasPrefix("signal/") && query == nil:
            let id = path.dropFirst("signal/".count)
            guard !id.isEmpty, let id = String(percentEncoded: id) else { throw unknown }
            self = .signal(id)
        default: throw unknown
        }
    }

    /// The address; of those that have parameters, the one without.
    var uri: String {
        switch self {
        case .state: Self.scheme + "state"
        case .signals: Self.scheme + "signals"
        case .quarantine: Self.scheme + "quarantine"
        case .rules: Self.scheme + "rules"
        case .signal(let id): Self.scheme + "signal/" + id
        }
    }

    /// True where a line that was judged makes it another; `line` is a LogLine.
    func isChanged(by line: JSONValue) -> Bool {
        let isAccepted = line["verdict"] == "accepted"
        switch self {
        case .state: return isAccepted
        case .quarantine: return !isAccepted
        case .rules: return false
        case .signals(let filter): return isAccepted && filter.has(line)
        case .signal(let id):
            return ["id", "parent", "task", "entry"].contains { line[$0]?.stringValue == id }
        }
    }
}

extension BoardResource.Filter {
    init(_ query: Substring) throws(MCPError) {
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let text = parts.count > 1 ? String(percentEncoded: parts[1]) : nil
            switch parts[0] {
            case "since": since = try Self.number(text, 0...Int64.max, "since: a sequence")
            case "port": port = try Self.number(text, 0...7, "port: 0 to 7")
            case "phase":
                guard let phase = text.flatMap({ Phase(letter: $0.uppercased()) }) else {
                    throw MCPError(.invalidParams, "phase: H, I, V, E or X")
                }
                self.phase = phase
            default:
                throw MCPError(.invalidParams, "hive://signals has since, phase and port")
            }
        }
    }

    private static func number(
        _ text: String?,
        _ range: ClosedRange<Int64>,
        _ expected: String
    ) throws(MCPError) -> Int64 {
        guard let number = text.flatMap({ Int64($0) }), range.contains(number) else {
            throw MCPError(.invalidParams, expected)
        }
        return number
    }

    /// True where an accepted line is among them.
    func has(_ line: JSONValue) -> Bool {
        if let since, line["sequence"]?.integerValue ?? 0 <= since { return false }
        if let phase, line["phase"]?.stringValue != phase.letter { return false }
        if let port, line["port"]?.integerValue != port { return false }
        return true
    }

    /// The parameters of HiveControl's `Method.logRead`.
    var params: JSONObject {
        var params: JSONObject = ["verdict": "accepted", "limit": .integer(Self.linesMax)]
        if let since {
            params["after"] = .integer(since)
        } else {
            params["last"] = .integer(Self.linesMax)
        }
        params["phase"] = phase.map { .string($0.letter) }
        params["port"] = port.map { .integer($0) }
        return params
    }

    /// Lines in one reading: `since` goes on behind them.
    private static let linesMax: Int64 = 200
}

extension String {
    /// Text without its percent-encoding (RFC 3986 §2.1); nil for what is none, or no UTF-8.
    init?(percentEncoded text: Substring) {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, let hex = String(digits), let value = UInt8(hex, radix: 16)
            else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        self.init(validating: bytes, as: UTF8.self)
    }
}
