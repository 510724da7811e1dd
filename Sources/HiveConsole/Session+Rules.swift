import HiveControl
import HiveSignal

/// What is asked of the rules.
extension Session {
    // MARK: The rules in force

    func rules(_ command: CommandBook.Command, _ words: [String]) throws(CommandError) {
        let arguments = try Arguments(words)
        let word = try CommandBook.subcommand(arguments.plain.first ?? "show", of: command)
        try arguments.atMost(word == "mode" ? 2 : 1)
        switch word {
        case "mode": try setMode(arguments)
        case "reload": show([Rendering.rulesReload(try link.call(Method.rulesReload))])
        default: show(Rendering.rules(try link.call(Method.rules)))
        }
    }

    private func setMode(_ arguments: Arguments) throws(CommandError) {
        guard arguments.plain.count == 2 else {
            throw .usage("no mode given", hint: "strict, paired, observe, or book for the book's")
        }
        let word = arguments.plain[1]
        let mode: JSONValue = word == "book" ? .null : .string(word)
        let result = try link.call(Method.rulesMode, ["mode": mode])
        let held = result.text("mode") ?? word
        guard result.flag("changed") else { return show([Line("\(held) holds as before")]) }
        let offset = Format.count(result.integer("offset") ?? 0)
        show([
            .prose(
                "\(held) holds from offset \(offset) on"
                    + (mode.isNull ? "" : ", until the daemon ends or another mode is given")
            )
        ])
    }

    func budget() throws(CommandError) {
        show(Rendering.budget(try link.call(Method.budget)))
    }

    // MARK: What they would say

    func phase(_ words: [String]) throws(CommandError) {
        let arguments = try Arguments(words)
        try arguments.atMost(1)
        var params: JSONObject = [:]
        params["trace"] = arguments.plain.first.map(JSONValue.string)
        let result = try link.call(Method.moves, .object(params))
        show(Rendering.phase(result, on: terminal))
    }

    func check(_ words: [String]) throws(CommandError) {
        let arguments = try Arguments(words)
        try arguments.atMost(3)
        guard arguments.plain.count >= 2 else {
            throw .usage("check takes two phases", hint: "check H I; - where no cycle has begun")
        }
        var params: JSONObject = [
            "from": .string(arguments.plain[0]), "to": .string(arguments.plain[1]),
        ]
        if arguments.plain.count == 3 { params["trace"] = .string(arguments.plain[2]) }
        let result = try link.call(Method.moves, .object(params))
        show(Rendering.check(result, on: terminal))
        if !Rendering.isAllowed(result) { refuse() }
    }

    // MARK: What they would have said

    func replay(_ words: [String]) throws(CommandError) {
        let arguments = try Arguments(words, options: ["rules", "mode", "until", "gen"])
        try arguments.atMost(0)
        var params = try otherRules(arguments)
        if let until = try arguments.count("until") { params["until"] = .integer(until) }
        let result = try link.call(Method.replay, .object(params))
        show(Rendering.replay(result, on: terminal))
        if result["chainMatches"]?.boolValue == false { refuse() }
    }

    func bisect(_ words: [String]) throws(CommandError) {
        let arguments = try Arguments(words, options: ["rules", "mode", "gen"])
        try arguments.atMost(1)
        var params = try otherRules(arguments)
        params["violation"] = arguments.plain.first.map(JSONValue.string)
        let result = try link.call(Method.bisect, .object(params))
        show(Rendering.bisect(result, on: terminal))
    }

    private func otherRules(_ arguments: Arguments) throws(CommandError) -> JSONObject {
        var params: JSONObject = [:]
        if let rules = arguments["rules"] {
            params["rules"] = .string(try WorkingFolder.absolute(rules))
        }
        if let mode = arguments["mode"] { params["mode"] = .string(mode) }
        if let generation = try arguments.count("gen") { params["gen"] = .integer(generation) }
        return params
    }
}
