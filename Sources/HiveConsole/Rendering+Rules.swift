package import HiveSignal

extension Rendering {
    /// `rules show`: where the rules come from, then their whole text.
    package static func rules(_ result: JSONValue) -> [Line] {
        var table = Table()
        table.add("rules", result.text("source") ?? "?")
        let inPlace = result.text("inPlace") == nil ? "" : ", in place of the book's"
        table.add("mode", (result.text("mode") ?? "?") + inPlace)
        table.add("since", "offset \(Format.count(result.integer("since") ?? 0))")
        var text = (result.text("text") ?? "").split(
            omittingEmptySubsequences: false,
            whereSeparator: \.isNewline
        )
        if text.last == "" { text.removeLast() }
        return table.lines + [Line()] + text.map { Line(String($0)) }
    }

    /// `rules reload`: whether other rules hold now, and from where on.
    package static func rulesReload(_ result: JSONValue) -> Line {
        let offset = Format.count(result.integer("offset") ?? 0)
        return Line(
            result.flag("changed")
                ? "read anew: the rules hold from offset \(offset) on"
                : "read anew: nothing has changed"
        )
    }

    /// `budget`: what is spent of what the rules allow, then what became of the tasks.
    package static func budget(_ result: JSONValue) -> [Line] {
        var table = Table()
        table.rightAligned = [1, 3]
        for (key, name) in [("hour", "tasks in the last hour"), ("open", "tasks open")] {
            let used = result[key]?.integer("tasks") ?? 0
            let limit = result[key]?.integer("limit")
            table.add(
                row(name, Format.count(used), limit.map(Format.count), limit.map { used >= $0 })
            )
        }
        let dollars = result["day"]?["dollars"]?.doubleValue ?? 0
        let limit = result["day"]?["limit"]?.doubleValue
        table.add(
            row(
                "dollars in 24 hours",
                Format.dollars(dollars),
                limit.map(Format.dollars),
                limit.map { dollars >= $0 }
            )
        )
        for (key, name) in [
            ("waiting", "waiting"), ("running", "under way"), ("done", "answered"),
            ("unanswered", "without an answer"), ("overBudget", "over budget"),
        ] {
            let count = result.integer(key) ?? 0
            let style: Style? = key == "overBudget" && count > 0 ? .yellow : nil
            table.add([Line(name, .dim), Line(Format.count(count), style)])
        }
        return table.lines
    }

    private static func row(
        _ name: String,
        _ used: String,
        _ limit: String?,
        _ isSpent: Bool?
    ) -> [Line] {
        [
            Line(name, .dim), Line(used, isSpent == true ? .yellow : nil), Line("of", .dim),
            Line(limit ?? "any"),
        ]
    }
}
