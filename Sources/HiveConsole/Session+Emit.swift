import HiveControl
import HiveSignal

/// Writing a signal.
extension Session {
    /// The flags are those of `hive emit`; values are left to the gates, which say what is wrong.
    func emit(_ words: [String]) throws(CommandError) {
        let options = CommandBook.emitOptions.map { String($0.dropFirst(2)) }
        let arguments = try Arguments(words, options: Set(options))
        guard let message = arguments.plain.first else {
            throw .usage("no message", hint: "emit --phase H --port 7 'what you found'")
        }
        try arguments.atMost(1)
        for name in ["phase", "port"] where arguments[name] == nil {
            throw .usage("--\(name) is missing", hint: "emit --phase H --port 7 'what you found'")
        }
        guard let mark = Double(arguments["mark"] ?? "1"), mark.isFinite else {
            throw .usage("--mark is a number from 0 to 1")
        }
        var draft = SignalDraft(
            timestamp: .now(),
            mark: mark,
            pull: arguments["pull"] ?? "downstream",
            message: message,
            type: arguments["type"] ?? "signal",
            phase: arguments["phase"] ?? "",
            generation: try generation(arguments),
            port: try number(arguments, "port") ?? 0
        )
        draft.identifier = arguments["id"]
        draft.parent = arguments["parent"]
        draft.task = arguments["task"]
        draft.agent = arguments["agent"]
        let isNewTrace = arguments["trace"] == "new"
        draft.traceparent = isNewTrace ? SignalDraft.newTraceparent() : arguments["trace"]
        let params: JSONValue = ["lines": [["signal": .string(draft.line)]]]
        for result in try link.list(Method.emit, params, "results") {
            showVerdict(of: result)
            if isNewTrace, let trace = draft.traceparent { show([Line("trace " + trace)]) }
        }
    }

    private func generation(_ arguments: Arguments) throws(CommandError) -> Int64 {
        if let given = try number(arguments, "gen") { return given }
        guard let generation = try link.call(Method.state).integer("gen") else {
            throw CommandError(
                exitCode: 3,
                "the board's generation is not known",
                hint: "name it with --gen"
            )
        }
        return generation
    }

    private func number(_ arguments: Arguments, _ name: String) throws(CommandError) -> Int64? {
        guard let text = arguments[name] else { return nil }
        guard let number = Int64(text) else { throw .usage("--\(name) is a whole number: \(text)") }
        return number
    }
}
