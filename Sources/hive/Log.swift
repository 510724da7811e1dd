import ArgumentParser
import HiveConsole
import HiveControl
import HiveSignal

struct Log: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show judged lines, accepted and quarantined.",
        discussion: "With -f it goes on until it is interrupted; where the daemon stops first, "
            + "the exit code is 3."
    )

    @Flag(name: [.short, .customLong("follow")], help: "Show every line as it is judged.")
    var follow = false

    @Option(name: [.customShort("n"), .long], help: "Show the last so many lines.")
    var last: Int64?

    @Option(help: "Show the lines after this sequence.")
    var after: Int64?

    @Option(help: "Show at most so many lines.")
    var limit: Int64?

    @OptionGroup(title: "Filters") var filters: LogFilters
    @OptionGroup var output: OutputOptions
    @OptionGroup var board: BoardOptions

    private static let lastDefault: Int64 = 20
    /// Lines asked for in one call.
    private static let pageLines: Int64 = 1000

    func validate() throws {
        if last != nil && after != nil {
            throw ValidationError("-n (--last) and --after do not go together")
        }
        for (name, value) in [("--last", last), ("--after", after), ("--limit", limit)] {
            if let value, value < 0 { throw ValidationError("\(name) is 0 or more") }
        }
    }

    func run() throws {
        let connection = try Connection(board)
        let out = StandardOutput()
        let shown =
            try after.map { try showPages(connection, after: $0, to: out) }
            ?? showLast(connection, to: out)
        try out.finish()
        if follow { try goOn(connection, after: shown, to: out) }
    }

    /// Shows the last lines; gives the last one's sequence, nil where there is none.
    private func showLast(
        _ connection: Connection,
        to out: StandardOutput
    ) throws(CommandError) -> Int64? {
        let count = min(last ?? Self.lastDefault, limit ?? .max)
        guard count > 0 else { return nil }
        var params = filters.params
        params["last"] = .integer(count)
        let lines = try connection.list(Method.logRead, .object(params), "lines")
        show(lines, to: out)
        return lines.last?.integer("sequence")
    }

    /// Shows every line after a sequence, page by page; gives the last one's sequence.
    private func showPages(
        _ connection: Connection,
        after first: Int64,
        to out: StandardOutput
    ) throws(CommandError) -> Int64? {
        var after = first
        var room = limit ?? .max
        while room > 0 {
            var params = filters.params
            params["after"] = .integer(after)
            params["limit"] = .integer(min(room, Self.pageLines))
            let lines = try connection.list(Method.logRead, .object(params), "lines")
            show(lines, to: out)
            room -= Int64(lines.count)
            guard let next = lines.last?.integer("sequence"), next > after else { break }
            after = next
        }
        return after
    }

    /// Shows lines as they are judged, from the one after `sequence` on; nil: from now on.
    private func goOn(
        _ connection: Connection,
        after sequence: Int64?,
        to out: StandardOutput
    ) throws {
        guard let client = connection.client else {
            throw CommandError(
                exitCode: 3,
                "no daemon is running, so no line will be judged",
                hint: "start one: hive up --detach"
            )
        }
        var params = filters.params
        if let sequence { params["after"] = .integer(sequence) }
        var last = sequence
        do {
            try client.follow(Method.logFollow, .object(params)) { notification in
                guard notification.method == Method.log else { return }
                last = notification.params.integer("sequence") ?? last
                show([notification.params], to: out)
                out.flush()
            }
        } catch {
            throw CommandError(error)
        }
        try out.finish()
        throw CommandError(
            exitCode: 3,
            "the daemon has stopped, and nobody judges what is appended now",
            hint: "hive up --detach; then hive log -f" + (last.map { " --after \($0)" } ?? "")
        )
    }

    private func show(_ lines: [JSONValue], to out: StandardOutput) {
        if output.json {
            lines.forEach { out.line($0.text) }
        } else {
            Rendering.log(lines, on: .output).forEach { out.line($0) }
        }
    }
}

/// Which lines of the log are shown; the daemon judges the values.
struct LogFilters: ParsableArguments {
    @Option(help: "H, I, V, E or X.") var phase: String?
    @Option(help: "0 to 7.") var port: Int64?
    @Option(help: "A trace-id.") var trace: String?
    @Option(help: "An agent's name.") var agent: String?
    @Option(help: "signal, event, error or metric.") var type: String?
    @Option(help: "accepted or quarantined.") var verdict: String?

    var params: JSONObject {
        var params: JSONObject = [:]
        let texts = [
            ("phase", phase), ("trace", trace), ("agent", agent), ("type", type),
            ("verdict", verdict),
        ]
        for (key, value) in texts { params[key] = value.map(JSONValue.string) }
        params["port"] = port.map(JSONValue.integer)
        return params
    }
}
