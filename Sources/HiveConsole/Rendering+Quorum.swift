package import HiveSignal

extension Rendering {
    /// `hive quorum simulate`: a row a setting, shares in percent.
    package static func simulation(_ report: JSONValue) -> [Line] {
        let accuracy = percent(report["accuracy"]) ?? "?"
        let first = Line(
            "\(Format.count(report.integer("runs") ?? 0)) trials a row,"
                + " \(report.integer("probes") ?? 0) probes a voter, honest voters right in"
                + " \(accuracy) %, seed \(report.integer("seed") ?? 0)"
        )
        var table = Table()
        table.rightAligned = [0, 1, 4, 5, 6, 7, 8, 9, 10, 11]
        let names = [
            "n", "liars", "kind", "n≥3f+1", "right", "wrong", "none", "found", "accused",
            "maj. right", "maj. wrong", "one wrong",
        ]
        table.add(names.map { Line($0, .dim) })
        for row in report["rows"]?.arrayValue ?? [] {
            let keys = [
                "right", "wrong", "none", "detected", "accused", "majorityRight",
                "majorityWrong", "singleWrong",
            ]
            table.add(
                [
                    Line("\(row.integer("voters") ?? 0)"), Line("\(row.integer("liars") ?? 0)"),
                    Line(row.text("kind") ?? "-"), Line(row.flag("within") ? "yes" : "no"),
                ] + keys.map { Line(percent(row[$0]) ?? "-") }
            )
        }
        return [first, Line()] + table.lines
    }

    /// `hive quorum measure`: a row a question.
    package static func measurement(_ rows: [JSONValue]) -> [Line] {
        var table = Table()
        table.rightAligned = [2, 3, 4, 5, 6, 7]
        table.add(
            [
                "question", "answer", "votes right", "wrong", "none", "majority wrong", "agents",
                "alone", "wrong answers",
            ].map { Line($0, .dim) }
        )
        for row in rows {
            table.add([
                Line(row.text("question") ?? "?"), Line(row.text("expected") ?? "?"),
                Line("\(row.integer("right") ?? 0)/\(row.integer("votes") ?? 0)"),
                Line("\(row.integer("wrong") ?? 0)"), Line("\(row.integer("none") ?? 0)"),
                Line("\(row.integer("majorityWrong") ?? 0)"),
                Line(share(row, "agentsRight", of: "agents")),
                Line(share(row, "singlesRight", of: "singles")),
                Line(row.strings("wrongAnswers").joined(separator: " | ")),
            ])
        }
        return table.lines
    }

    private static func share(_ row: JSONValue, _ part: String, of whole: String) -> String {
        guard let all = row.integer(whole), all > 0, let some = row.integer(part) else {
            return "-"
        }
        return "\(percent(.double(Double(some) / Double(all))) ?? "-") %"
    }

    /// `99.4`; nil for what is no share.
    private static func percent(_ share: JSONValue?) -> String? {
        guard let share = share?.doubleValue, (0...1).contains(share) else { return nil }
        return Format.decimal(share * 100)
    }
}
