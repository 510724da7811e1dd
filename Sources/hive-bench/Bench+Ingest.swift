import Glibc
import HiveBlackboard
import HiveDaemon
import HiveSignal

extension Bench {
    /// The whole corpus judged, quarantined, committed and masked by an engine in this process.
    func measureIngest(_ table: inout Table) throws {
        let settings = try freshBoard("ingest", from: corpus.lines)
        let (seconds, lines) = try Measure.timed { () throws -> Int64 in
            try Engine.open(settings: settings).sequence
        }
        var rival: Double?
        if let program = program(.insert, &table) {
            let database = "\(folder)/rival.sqlite"
            let figures = try Rivals.run(program, [corpus.rows ?? "", database], within: 600)
            rival = figures.number("rate")
        }
        table.add(
            Table.Row(
                figure: "ingest (judged, committed, indexed)",
                unit: .perSecond,
                hive: Double(lines) / seconds,
                rival: rival,
                target: "≥ 0.5 × C and SQLite"
            )
        )
    }

    /// Append to committed verdict at 500 lines a second, beside a C loop that only reads.
    func measureLatency(_ table: inout Table) throws {
        guard let writer = program(.writer, &table), let reader = program(.reader, &table) else {
            return
        }
        let good = try latencies(writer, Self.goodTemplate)
        let bad = try latencies(writer, Self.badTemplate)
        let figures = try rivalLatencies(writer, reader)
        for (name, percent) in [("p50", 50), ("p99", 99)] {
            table.add(
                Table.Row(
                    figure: "append to verdict, \(name)",
                    unit: .microseconds,
                    hive: Measure.percentile(percent, of: good).map { Double($0) / 1_000 },
                    rival: figures.number(name),
                    target: "≤ 3 × a C loop that reads"
                )
            )
        }
        for (name, percent) in [("p50", 50), ("p99", 99)] {
            table.add(
                Table.Row(
                    figure: "  quarantined, \(name)",
                    unit: .microseconds,
                    hive: Measure.percentile(percent, of: bad).map { Double($0) / 1_000 },
                    rival: nil,
                    target: "one fsync more"
                )
            )
        }
    }

    private static let latencyLines = 5_000
    private static let linesPerSecond = 500
    private static let goodTemplate =
        #"{"ts":"2025-12-29T10:00:00Z","mark":1.0,"pull":"downstream","msg":"HUNT: a message of "#
        + #"ordinary length","type":"signal","hive":"H","gen":87,"port":7,"bench":"{stamp}"}"#
    private static let badTemplate =
        #"{"ts":"2025-12-29T10:00:00Z","mark":1.5,"pull":"downstream","msg":"HUNT: a message of "#
        + #"ordinary length","type":"signal","hive":"H","gen":87,"port":7,"bench":"{stamp}"}"#

    /// The ages of stamped lines when their transaction was committed, in nanoseconds.
    private func latencies(_ writer: String, _ template: String) throws -> [Int64] {
        let settings = try freshBoard("latency", from: nil)
        let meter = LatencyMeter()
        var options = Engine.Options()
        options.onStep = { step in if step == .committed { meter.committed() } }
        let engine = try Engine.open(settings: settings, options: options)
        let watcher = try BoardWatcher(path: settings.board)
        meter.engine = engine
        let arguments = [
            settings.board, "\(Self.latencyLines)", "\(Self.linesPerSecond)", template,
        ]
        let child = try Child(writer, arguments)
        while engine.sequence < Self.latencyLines {
            _ = try watcher.wait()
            try engine.look(live: true)
        }
        _ = try child.finish(within: 10)
        return meter.ages(in: try load(settings.quarantine) + (try originals(settings)))
    }

    /// What the lines were: the board itself where nothing was masked.
    private func originals(_ settings: Settings) throws -> [UInt8] { try load(settings.board) }

    private func rivalLatencies(_ writer: String, _ reader: String) throws -> Figures {
        let board = "\(folder)/rival.jsonl"
        unlink(board)
        close(open(board, O_CREAT | O_WRONLY, 0o644))
        let watching = try Child(reader, [board, "\(Self.latencyLines)", "60"])
        _ = try watching.readLine(within: 10)
        let arguments = [
            board, "\(Self.latencyLines)", "\(Self.linesPerSecond)", Self.goodTemplate,
        ]
        _ = try Rivals.run(writer, arguments, within: 60)
        return Figures(try watching.finish(within: 60).output)
    }

    /// Settings of a new board, with this file's lines where one is named.
    func freshBoard(_ name: String, from source: String?) throws -> Settings {
        let place = "\(folder)/\(name)"
        _ = try Child("rm", ["-rf", place]).finish(within: 60)
        mkdir(place, 0o755)
        var flags = SettingsFlags()
        flags.board = "\(place)/board.jsonl"
        let settings = try Settings(flags: flags, environment: [:])
        if let source {
            _ = try Child("cp", [source, settings.board]).finish(within: 60)
        } else {
            close(open(settings.board, O_CREAT | O_WRONLY, 0o644))
        }
        return settings
    }
}

/// When each line was committed, by sequence.
final class LatencyMeter {
    var engine: Engine?
    private var commits: [(sequence: Int64, at: Int64)] = []

    func committed() {
        guard let engine else { return }
        commits.append((engine.sequence, Measure.now()))
    }

    /// The ages of the lines, which hold their stamps in the order of their sequences.
    func ages(in board: [UInt8]) -> [Int64] {
        var ages: [Int64] = []
        var sequence: Int64 = 0
        var next = commits.makeIterator()
        var commit = next.next()
        let key = Array(#""bench":""#.utf8)
        for line in board.split(separator: UInt8(ascii: "\n")) {
            guard let stamp = Self.stamp(in: line, after: key) else { continue }
            sequence += 1
            while let at = commit, at.sequence < sequence { commit = next.next() }
            if let commit { ages.append(commit.at - stamp) }
        }
        return ages
    }

    private static func stamp(in line: ArraySlice<UInt8>, after key: [UInt8]) -> Int64? {
        var start = line.startIndex
        while start + key.count < line.endIndex {
            if line[start..<start + key.count].elementsEqual(key) {
                let digits = line[(start + key.count)...].prefix { $0 >= 0x30 && $0 <= 0x39 }
                return Int64(String(decoding: digits, as: UTF8.self))
            }
            start += 1
        }
        return nil
    }
}
