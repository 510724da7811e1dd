import Glibc
import HiveDaemon

extension Bench {
    /// The real daemon on the whole corpus: memory, growth, start, and what it does when idle.
    func measureDaemon(_ table: inout Table) throws {
        let settings = try freshBoard("daemon", from: corpus.lines)
        // Workers are measured apart: here a signal asks nobody.
        let rules = "\(folder)/quiet.yaml"
        var sink = try FileSink(path: rules)
        try sink.append(Array("reactions: {enabled: false}\n".utf8))
        try sink.close()
        let flags = ["up", "--quiet", "--board", settings.board, "--rules", rules]
        let first = try Child(arguments.hive, flags, mergesErrors: true)
        try awaitStart(first)
        let after = try ProcessFigures(pid: first.pid)
        try append(settings.board, copies: 100_000)
        try awaitJudged(settings.board)
        let grown = try ProcessFigures(pid: first.pid)
        let idle = try idleSwitches(first.pid)
        kill(first.pid, SIGTERM)
        _ = try first.finish(within: 60)
        try append(settings.board, copies: 1)
        let (seconds, second) = try Measure.timed { () throws -> Child in
            let child = try Child(arguments.hive, flags, mergesErrors: true)
            try awaitStart(child)
            return child
        }
        kill(second.pid, SIGTERM)
        _ = try second.finish(within: 60)
        let kibibyte = 1_024.0
        table.add(
            Table.Row(
                figure: "resident after \(arguments.lines) lines",
                unit: .mebibytes,
                hive: Double(after.residentKibibytes) / kibibyte,
                rival: nil,
                target: "< 40 MB"
            )
        )
        table.add(
            Table.Row(
                figure: "  after 100,000 more",
                unit: .mebibytes,
                hive: Double(grown.residentKibibytes) / kibibyte,
                rival: nil,
                target: "flat"
            )
        )
        table.add(
            Table.Row(
                figure: "start to first verdict, with ledger",
                unit: .milliseconds,
                hive: seconds * 1_000,
                rival: nil,
                target: "< 100 ms"
            )
        )
        table.add(
            Table.Row(
                figure: "wake-ups in \(Self.idleSeconds) idle seconds",
                unit: .count,
                hive: Double(idle),
                rival: nil,
                target: "0"
            )
        )
    }

    private static let idleSeconds = 5

    /// Waits until the daemon says that it watches: all that was there is judged then.
    private func awaitStart(_ child: Child) throws {
        while let line = try child.readLine(within: 300) {
            if line.hasPrefix("watching") { return }
        }
        throw BenchError("the daemon did not start", hint: "run \(arguments.hive) up by hand")
    }

    /// Asks the daemon, which answers when it has judged what is there.
    private func awaitJudged(_ board: String) throws {
        _ = try Child(arguments.hive, ["state", "--json", "--board", board]).finish(within: 300)
    }

    private func append(_ board: String, copies: Int) throws(BenchError) {
        let line = Array(
            (#"{"ts":"2025-12-29T10:00:00Z","mark":1.0,"pull":"downstream","msg":"HUNT: grow","#
                + #""type":"signal","hive":"H","gen":87,"port":7}"# + "\n").utf8
        )
        let descriptor = open(board, O_WRONLY | O_APPEND | O_CLOEXEC)
        guard descriptor >= 0 else { throw BenchError("open \(board)", errno: errno) }
        defer { close(descriptor) }
        for _ in 0..<copies { _ = write(descriptor, line, line.count) }
    }

    /// Context switches of all its threads while nothing happens.
    private func idleSwitches(_ pid: pid_t) throws -> Int {
        // Let the background check of the prefix come to its end.
        var before = try ProcessFigures(pid: pid).voluntarySwitches
        for _ in 0..<60 {
            poll(nil, 0, 1_000)
            let now = try ProcessFigures(pid: pid).voluntarySwitches
            if now == before { break }
            before = now
        }
        poll(nil, 0, Int32(Self.idleSeconds) * 1_000)
        return try ProcessFigures(pid: pid).voluntarySwitches - before
    }
}
