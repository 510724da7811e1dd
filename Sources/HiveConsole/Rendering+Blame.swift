package import HiveSignal

extension Rendering {
    private static let receiptsShown = 3
    private static let signalsShown = 6
    private static let tasksShown = 2

    /// `hive blame`: a line of code, its commit, and what hive knows of it, on one screen.
    package static func blame(_ answer: JSONValue, on terminal: Terminal) -> [Line] {
        var head = Line("\(answer.text("file") ?? "?"):\(answer.integer("line") ?? 0)", .bold)
        head.isCut = true
        var text = Line("  " + (answer.text("text") ?? ""))
        text.isCut = true
        var lines = [head, text]
        guard let commit = answer["commit"], !commit.isNull else {
            return lines + [Line("not committed yet", .yellow)]
        }
        lines += whole(of: commit, answer).map(cut)
        let receipts = answer["receipts"]?.arrayValue ?? []
        if !receipts.isEmpty {
            lines += [Line(), Line("shown by", .dim)]
            lines += receipts.suffix(receiptsShown).map { cut(receiptLine($0, on: terminal)) }
            lines += more(receipts.count - receiptsShown, "receipt")
        }
        let signals = answer["signals"]?.arrayValue ?? []
        if !signals.isEmpty {
            lines += [Line(), Line("said in its trace", .dim)]
            lines += signals.suffix(signalsShown).map { spoken($0, on: terminal) }
            lines += more(signals.count - signalsShown, "signal")
        }
        let tasks = answer["tasks"]?.arrayValue ?? []
        if !tasks.isEmpty {
            lines += [Line(), Line("answers", .dim)]
            lines += tasks.suffix(tasksShown).map(taskLine)
            lines += more(tasks.count - tasksShown, "task")
        }
        return lines + answer.strings("notes").map { Line($0, .dim) }
    }

    private static func whole(of commit: JSONValue, _ answer: JSONValue) -> [Line] {
        var table = Table()
        table.add("commit", String((commit.text("id") ?? "?").prefix(12)), .yellow)
        table.add("subject", commit.text("subject") ?? "")
        table.add("author", "\(commit.text("author") ?? "?") <\(commit.text("email") ?? "?")>")
        table.add("date", commit.text("time") ?? "?")
        if let file = commit.text("file"), file != answer.text("file") {
            table.add("then", "\(file):\(commit.integer("line") ?? 0)")
        }
        for (key, value) in answer["trailers"]?.objectValue ?? [:] {
            table.add(key.replacing("Hive-", with: "").lowercased(), value.stringValue ?? "")
        }
        if let dollars = answer["dollars"]?.doubleValue {
            table.add("cost", Format.dollars(dollars))
        }
        return table.lines
    }

    private static func receiptLine(_ receipt: JSONValue, on terminal: Terminal) -> Line {
        let isProven = receipt.flag("proven") && receipt.flag("sound")
        var line = Line("  ")
        line.add(terminal.sign(accepted: isProven), isProven ? .green : .red)
        line.add(" \(receiptSummary(receipt))")
        if !receipt.flag("sound") { line.add("  not signed by who it says", .red) }
        return line
    }

    private static func spoken(_ signal: JSONValue, on terminal: Terminal) -> Line {
        var line = Line("  ")
        line.isCut = true
        let isAccepted = signal.isAccepted
        line.add(terminal.sign(accepted: isAccepted), isAccepted ? .green : .red)
        line.add(" \(signal.text("phase") ?? "-") ", .bold)
        line.add("\(signal.integer("port").map(String.init) ?? "-")  ")
        if let time = signal.text("ts") { line.add("\(time.prefix(19))  ", .dim) }
        if let agent = signal.text("agent") { line.add("\(agent)  ", .cyan) }
        line.add(firstLine(of: signal.text("msg") ?? ""))
        return line
    }

    private static func taskLine(_ task: JSONValue) -> Line {
        var line = Line("  \(task.text("id") ?? "?")  ")
        line.isCut = true
        if let dollars = task["dollars"]?.doubleValue { line.add(Format.dollars(dollars) + "  ") }
        line.add(firstLine(of: task["signal"]?.text("msg") ?? ""))
        return line
    }

    private static func more(_ count: Int, _ word: String) -> [Line] {
        count > 0 ? [Line("  and \(Format.count(Int64(count), word)) before", .dim)] : []
    }
}
