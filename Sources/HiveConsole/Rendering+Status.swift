package import HiveSignal

extension Rendering {
    /// `hive status`: what matters most first, then what needs doing.
    package static func status(_ status: JSONValue, on terminal: Terminal) -> [Line] {
        var table = Table()
        daemon(status, &table)
        board(status, &table)
        progress(status, &table)
        place(status, &table)
        return table.lines + advice(status, on: terminal)
    }

    private static func daemon(_ status: JSONValue, _ table: inout Table) {
        guard let daemon = status["daemon"], let pid = daemon.integer("pid") else {
            table.add("daemon", "not running", .yellow)
            return
        }
        var text = "running, pid \(pid)"
        if let seconds = daemon.integer("uptimeSeconds") {
            text += ", up \(Format.duration(seconds: seconds))"
        }
        if let version = daemon.text("version") { text += ", version \(version)" }
        table.add("daemon", text, .green)
    }

    private static func board(_ status: JSONValue, _ table: inout Table) {
        if let tampered = status.text("tampered") { table.add("TAMPERED", tampered, .red) }
        let isMissing = status.flag("boardMissing")
        table.add(
            "board",
            (status.text("board") ?? "?") + (isMissing ? " (missing)" : ""),
            isMissing ? .red : nil
        )
        var phase = "generation \(status.integer("generation").map(String.init) ?? "?")"
        if let letter = status.text("phase") { phase += ", phase \(letter)" }
        if let cycle = status.integer("cycle"), cycle > 0 { phase += ", cycle \(cycle)" }
        if let mode = status.text("mode") { phase += ", \(mode)" }
        table.add("phase", phase, .bold)
        if let trace = status.text("traceId") { table.add("trace", trace) }

        let unseen = status.integer("unseen") ?? 0
        var judged = "\(Format.count(status.integer("accepted") ?? 0)) accepted, "
        judged += "\(Format.count(status.integer("quarantined") ?? 0)) quarantined"
        if unseen > 0 { judged += " (\(Format.count(unseen)) unseen)" }
        if let blank = status.integer("blank"), blank > 0 {
            judged += ", \(Format.count(blank)) blank"
        }
        if let refused = status.integer("refused"), refused > 0 {
            judged += ", \(Format.count(refused)) refused"
        }
        table.add("judged", judged, unseen > 0 ? .yellow : nil)
        if let tasks = status["tasks"] {
            self.tasks(tasks, backend: status.text("backend"), &table)
        }
    }

    private static func tasks(_ tasks: JSONValue, backend: String?, _ table: inout Table) {
        let counts = [
            ("waiting", "waiting"), ("running", "under way"), ("done", "answered"),
            ("unanswered", "without an answer"), ("overBudget", "over budget"),
        ].compactMap { key, words -> String? in
            guard let count = tasks.integer(key), count > 0 else { return nil }
            return "\(Format.count(count)) \(words)"
        }
        let by = backend.map { ", by \($0) workers" } ?? ""
        table.add("tasks", (counts.isEmpty ? "none yet" : counts.joined(separator: ", ")) + by)
    }

    private static func progress(_ status: JSONValue, _ table: inout Table) {
        if let lag = status.integer("lagBytes") {
            table.add("lag", lag == 0 ? "none" : Format.bytes(lag), lag == 0 ? nil : .yellow)
        }
        if let tail = status["tornTail"], let bytes = tail.integer("bytes") {
            var text = "\(Format.bytes(bytes)) without a newline"
            if let age = tail["ageSeconds"]?.doubleValue, age < 1e15 {
                text += " for \(Format.duration(seconds: Int64(age)))"
            }
            table.add("torn tail", text, .yellow)
        }
        if let rate = status["ratePerSecond"], let short = rate["10s"]?.doubleValue,
            let long = rate["60s"]?.doubleValue
        {
            let text = "\(Format.decimal(short)) lines/s in 10 s, \(Format.decimal(long)) in 60 s"
            table.add("rate", text)
        }
        if let bytes = status.integer("residentBytes"), bytes > 0 {
            table.add("memory", Format.bytes(bytes))
        }
    }

    private static func place(_ status: JSONValue, _ table: inout Table) {
        if let chain = status.text("chain") {
            let sequence = status.integer("sequence").map { " at sequence \($0)" } ?? ""
            table.add("chain", Format.shortHex(chain) + sequence)
        }
        if let rules = status.text("rules") {
            let isStale = status.flag("rulesStale")
            table.add("rules", rules + (isStale ? " (changed since)" : ""), isStale ? .yellow : nil)
        }
        if let socket = status.text("socket") { table.add("socket", socket) }
        if let system = status["filesystem"], let name = system.text("name") {
            table.add("file system", name + (system.flag("polling") ? ", polled" : ", watched"))
        }
        for warning in status.strings("warnings") { table.add("warning", warning, .yellow) }
    }

    private static func advice(_ status: JSONValue, on terminal: Terminal) -> [Line] {
        var advice: [String] = []
        if status["daemon"]?.objectValue == nil { advice.append("start it: hive up --detach") }
        if status.text("tampered") != nil {
            advice.append("the board's past was changed: hive doctor, then hive doctor --repair")
        } else if status.flag("boardMissing") {
            advice.append("the board is gone: hive doctor")
        }
        if status.flag("rulesStale") {
            advice.append("the daemon judges by older rules: hive rules reload")
        }
        if let unseen = status.integer("unseen"), unseen > 0 {
            advice.append("\(Format.count(unseen)) unseen: hive quarantine list")
        }
        return advice.map { .advice($0, on: terminal) }
    }
}

extension Rendering {
    /// `hive state`: where the board stands, and each of its cycles.
    package static func state(_ state: JSONValue) -> [Line] {
        var table = Table()
        var phase = state.text("phase") ?? "none yet"
        if let cycle = state.integer("cycle"), cycle > 0 { phase += ", cycle \(cycle)" }
        table.add("phase", phase, .bold)
        table.add("generation", state.integer("gen").map(String.init) ?? "?")
        table.add("mode", state.text("mode") ?? "?")
        if let trace = state.text("traceId") { table.add("trace", trace) }
        table.add("accepted", Format.count(state.integer("accepted") ?? 0))
        table.add("quarantined", Format.count(state.integer("quarantined") ?? 0))
        table.add("offset", Format.count(state.integer("offset") ?? 0, "byte"))
        if let chain = state.text("chain") { table.add("chain", Format.shortHex(chain)) }

        let cycles = state["cycles"]?.arrayValue ?? []
        guard !cycles.isEmpty else { return table.lines }
        var rows = Table()
        rows.rightAligned = [1]
        rows.add(["trace", "cycle", "phase", "reached"].map { Line($0, .dim) })
        for cycle in cycles {
            rows.add([
                Line(cycle.text("traceId") ?? "-"),
                Line(cycle.integer("cycle").map(String.init) ?? "-"),
                Line(cycle.text("phase") ?? "-", .bold),
                Line(cycle.strings("reached").joined(separator: " ")),
            ])
        }
        return table.lines + [Line()] + rows.lines
    }
}
