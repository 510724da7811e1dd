import HiveControl
import HiveSignal

/// Looking at the board.
extension Session {
    /// Lines that `agents` and `ports` look at.
    private static let recentLines: Int64 = 1000

    func state(_ words: [String]) throws(CommandError) {
        let arguments = try Arguments(words)
        try arguments.atMost(1)
        let state = try link.call(Method.state)
        guard let trace = arguments.plain.first else { return show(Rendering.state(state)) }
        let cycles = (state["cycles"]?.arrayValue ?? []).filter {
            $0.text("traceId")?.hasPrefix(trace) == true
        }
        guard !cycles.isEmpty else {
            throw .usage("no cycle of a trace \(trace)", hint: "state lists them")
        }
        for cycle in cycles {
            var table = Table()
            table.add("trace", cycle.text("traceId") ?? "?")
            table.add("phase", cycle.text("phase") ?? "?", .bold)
            table.add("cycle", cycle.integer("cycle").map(String.init) ?? "?")
            table.add("reached", cycle.strings("reached").joined(separator: " "))
            show(table.lines)
        }
    }

    func signals(_ words: [String]) throws(CommandError) {
        let arguments = try Arguments(words, options: ["last"])
        var params: JSONObject = ["last": .integer(try arguments.count("last") ?? 20)]
        for word in arguments.plain {
            try Self.refuseOption(word)
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            guard word.contains("=") else {
                params["last"] = .integer(try Arguments.count(word, name: "the number of lines"))
                continue
            }
            guard parts.count == 2, CommandBook.filters.contains(parts[0] + "=") else {
                throw .usage(
                    "no filter \(word)",
                    hint: "one of " + CommandBook.filters.joined(separator: " ")
                )
            }
            params[parts[0]] =
                parts[0] == "port"
                ? .integer(try Arguments.count(parts[1], name: "port")) : .string(parts[1])
        }
        let lines = try link.list(Method.logRead, .object(params), "lines")
        if lines.isEmpty { return remark("no such line") }
        show(Rendering.log(lines, on: terminal))
    }

    /// No filter, id or number begins with a dash.
    private static func refuseOption(_ word: String) throws(CommandError) {
        guard word.hasPrefix("-") else { return }
        throw .usage("unknown option \(word)", hint: "help with the command's name tells which")
    }

    func search(_ words: [String]) throws(CommandError) {
        guard !words.isEmpty else {
            throw .usage("no words to search for", hint: "search parser test")
        }
        let params: JSONValue = ["words": .string(words.joined(separator: " "))]
        let lines = try link.list(Method.search, params, "lines")
        if lines.isEmpty { return remark("no line has these words") }
        show(lines.map { Rendering.logLine($0, on: terminal) })
    }

    func tasks(_ words: [String]) throws(CommandError) {
        let arguments = try Arguments(words, options: ["last"], flags: ["open"])
        try arguments.atMost(1)
        var params: JSONObject = ["open": .bool(arguments.has("open"))]
        params["last"] = .integer(try arguments.count("last") ?? 20)
        if let id = arguments.plain.first {
            try Self.refuseOption(id)
            guard !arguments.has("open") else {
                throw .usage("an ID and --open do not go together")
            }
            params["id"] = .string(id)
        }
        let tasks = try link.list(Method.tasks, .object(params), "tasks")
        let scatters = arguments.plain.isEmpty ? try scatters(.object(params)) : []
        if tasks.isEmpty && !scatters.isEmpty {
            show(Rendering.scatters(scatters))
        } else if tasks.isEmpty {
            remark(arguments.has("open") ? "no task is open" : "this ledger has no tasks yet")
        } else if arguments.plain.isEmpty {
            show(Rendering.tasks(tasks, on: terminal) + Rendering.scatters(scatters))
        } else {
            show(tasks.flatMap { Rendering.task($0) })
        }
    }

    func agents() throws(CommandError) {
        let params: JSONValue = ["last": .integer(Self.recentLines)]
        let lines = try link.list(Method.logRead, params, "lines")
        if lines.isEmpty { return remark("nobody has spoken yet") }
        show(Rendering.agents(lines))
    }

    func ports() throws(CommandError) {
        let params: JSONValue = ["last": .integer(Self.recentLines), "verdict": "accepted"]
        let lines = try link.list(Method.logRead, params, "lines")
        show(Rendering.ports(Trails(lines: lines, now: .now()), on: terminal))
    }

    func doctor() throws(CommandError) {
        let result = try link.call(Method.doctor)
        show(Rendering.checks(result, on: terminal))
        let checks = result["checks"]?.arrayValue ?? []
        if checks.contains(where: { $0.text("status") == "failed" }) { refuse() }
    }
}
