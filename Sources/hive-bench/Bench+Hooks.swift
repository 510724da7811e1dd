import Glibc

/// What hive's hooks add to `git commit` in a large repository: no test is run.
extension Bench {
    private static let hookedFiles = 10_000
    private static let filesInFolder = 100
    private static let commits = 15

    func measureHooks(_ table: inout Table) throws {
        guard let hive = realpath(arguments.hive, nil) else {
            throw BenchError("find \(arguments.hive)", errno: errno)
        }
        defer { free(hive) }
        let shop = try hookedProject(String(cString: hive))
        let hooks = "\(shop.path)/.git/hooks"
        let bare = try commitSeconds(shop)
        try shop.run(shop.hive, ["hook", "install"])
        for name in ["commit-msg", "post-commit", "reference-transaction"] {
            rename("\(hooks)/\(name)", "\(hooks)/\(name).off")
        }
        let first = try commitSeconds(shop)
        for name in ["commit-msg", "post-commit", "reference-transaction"] {
            rename("\(hooks)/\(name).off", "\(hooks)/\(name)")
        }
        let all = try commitSeconds(shop)
        for (figure, seconds, target) in [
            ("git commit with pre-commit", first, "≤ 50 ms more"),
            ("  with all hooks", all, "no target"),
        ] {
            table.add(
                Table.Row(
                    figure: figure,
                    unit: .milliseconds,
                    hive: seconds * 1_000,
                    rival: bare * 1_000,
                    target: target
                )
            )
        }
        let more = { Table.fixed(($0 - bare) * 1_000, 0) }
        table.note(
            "hooks: \(Self.hookedFiles) files, no daemon; the rival is git commit alone; "
                + "pre-commit adds \(more(first)) ms, all of them \(more(all)) ms"
        )
    }

    /// The median of some commits, each of one file of code.
    private func commitSeconds(_ shop: BenchProject) throws -> Double {
        var seconds: [Double] = []
        for number in 0..<Self.commits {
            try shop.write("src/0/0.py", "part = \(number) + \(Int.random(in: 0...Int.max))\n")
            try shop.run("git", ["add", "src/0/0.py"])
            seconds.append(
                try Measure.timed {
                    try shop.run("git", ["commit", "-q", "-m", "feat: part \(number)"])
                }.seconds
            )
        }
        return seconds.sorted()[seconds.count / 2]
    }

    /// A project whose work is at V.
    private func hookedProject(_ hive: String) throws -> BenchProject {
        let shop = try BenchProject(at: "\(folder)/hooks", hive: hive)
        mkdir("\(shop.path)/src", 0o755)
        for number in 0..<Self.hookedFiles {
            let part = "src/\(number / Self.filesInFolder)"
            if number % Self.filesInFolder == 0 { mkdir("\(shop.path)/\(part)", 0o755) }
            try shop.write("\(part)/\(number % Self.filesInFolder).py", "part = \(number)\n")
        }
        try shop.run(hive, ["init"])
        mkdir("\(shop.path)/sandbox", 0o755)
        try shop.write("sandbox/obsidianblackboard.jsonl", "")
        try shop.run("git", ["config", "maintenance.auto", "false"])
        try shop.commit("chore: begin")
        for (phase, port) in [("H", "7"), ("I", "1"), ("V", "2")] {
            try shop.run(hive, ["emit", "--phase", phase, "--port", port, "bench"])
        }
        return shop
    }
}
