import HiveControl
import HiveSignal

/// What failed, and what becomes of it.
extension Session {
    func quarantine(_ command: CommandBook.Command, _ words: [String]) throws(CommandError) {
        let word = try CommandBook.subcommand(words.first ?? "list", of: command)
        let rest = words.dropFirst()
        switch word {
        case "show": try showEntry(try oneEntry(try Arguments(rest)))
        case "release": try release(rest)
        case "restore":
            let id = try oneEntry(try Arguments(rest))
            _ = try link.call(Method.quarantineRestore, ["id": .string(id)])
            show([Line("restored \(id)")])
        case "discard": try discard(rest)
        default: try list(rest)
        }
    }

    private func list(_ words: some Sequence<String>) throws(CommandError) {
        let arguments = try Arguments(words, options: ["limit"], flags: ["all"])
        try arguments.atMost(0)
        let all = arguments.has("all")
        var params: JSONObject = ["all": .bool(all)]
        if let limit = try arguments.count("limit") { params["limit"] = .integer(limit) }
        let entries = try link.list(Method.quarantineList, .object(params), "entries")
        if entries.isEmpty { return remark(all ? "nothing in quarantine" : "nothing unseen") }
        show(Rendering.entries(entries))
    }

    private func discard(_ words: some Sequence<String>) throws(CommandError) {
        let arguments = try Arguments(words, flags: ["all"])
        var ids = arguments.plain
        guard ids.isEmpty == arguments.has("all") else {
            throw .usage("name the entries, or give --all")
        }
        if arguments.has("all") {
            ids = try link.list(Method.quarantineList, ["all": false], "entries")
                .compactMap { $0.text("id") }
        }
        var count: Int64 = 0
        if !ids.isEmpty {
            let params: JSONValue = ["ids": .array(ids.map(JSONValue.string))]
            count = try link.call(Method.quarantineDiscard, params).integer("discarded") ?? 0
        }
        show([Line("discarded \(Format.count(count)) of \(ids.count)")])
    }

    /// With `--line` that line; else the person mends the original; else the original anew.
    private func release(_ words: some Sequence<String>) throws(CommandError) {
        let arguments = try Arguments(words, options: ["line"])
        let id = try oneEntry(arguments)
        var params: JSONObject = ["id": .string(id)]
        if let line = arguments["line"] {
            params["line"] = .string(line)
        } else if let ask {
            let entry = try link.call(Method.quarantineShow, ["id": .string(id)])
            remark("mend it: Enter appends it anew, Ctrl-C leaves it as it is")
            // What cannot be typed cannot be edited either.
            let text = entry.text("text") ?? ""
            let original = SafeText.escaped(text) == text ? text : ""
            guard let mended = ask("mended line", original), !mended.isEmpty else {
                return remark("left as it is")
            }
            params["line"] = .string(mended)
        }
        showVerdict(of: try link.call(Method.quarantineRelease, .object(params)))
    }

    private func oneEntry(_ arguments: Arguments) throws(CommandError) -> String {
        try arguments.atMost(1)
        guard let id = arguments.plain.first else {
            throw .usage("no entry named", hint: "quarantine list shows them")
        }
        return id
    }

    /// An EmitResult: what became of a line.
    func showVerdict(of result: JSONValue) {
        remember(ownSequence: result.integer("sequence"))
        show([Rendering.verdict(result, on: terminal)])
        guard !result.isAccepted else { return }
        refuse()
        if let id = result.text("id") {
            show([.advice("see why, and how to mend it: why \(Format.shortID(id))", on: terminal)])
        }
    }
}
