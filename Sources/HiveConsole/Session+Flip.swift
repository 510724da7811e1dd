import HiveControl
import HiveSignal

/// The end of a generation.
extension Session {
    /// At a terminal the person is shown what would happen, and asked.
    func flip(_ words: [String]) throws(CommandError) {
        let arguments = try Arguments(words, flags: ["dry-run"])
        let summary = arguments.plain.joined(separator: " ")
        let dryRun = arguments.has("dry-run")
        guard dryRun || !summary.isEmpty else {
            throw .usage("say what the generation came to", hint: "flip 'the parser is done'")
        }
        if dryRun || ask != nil {
            let plan = try link.call(
                Method.flip,
                ["summary": .string(summary), "dryRun": true]
            )
            show(Rendering.flip(plan, on: terminal))
            guard plan.strings("violations").isEmpty else { return refuse() }
        }
        guard !dryRun else { return }
        if let ask {
            let answer = asked("end it? (yes/no)", by: ask) ?? ""
            guard ["y", "yes"].contains(answer.lowercased()) else {
                return remark("left as it is")
            }
        }
        let result = try link.call(Method.flip, ["summary": .string(summary)])
        remember(ownFlip: result)
        let lines = Rendering.flip(result, on: terminal)
        let isEnded = result.flag("flipped")
        // The rest was shown before the person was asked.
        show(ask != nil && isEnded ? Array(lines.prefix(1)) : lines)
        if !result.strings("violations").isEmpty { refuse() }
    }
}
