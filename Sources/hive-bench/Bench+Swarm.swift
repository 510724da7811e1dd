import Glibc
import HiveLedger
import HiveSignal

/// A scatter by the real daemon to an endpoint that answers each request after a fixed time,
/// beside the same requests by a small C program on curl-multi.
extension Bench {
    func measureSwarm(_ table: inout Table) async throws {
        guard access(arguments.endpoint, X_OK) == 0 else {
            return table.note("no \(arguments.endpoint): make bench builds it")
        }
        let endpoint = try startEndpoint()
        let daemon = try startSwarmDaemon(endpoint.address)
        // The first one opens what the process keeps: the file, the thread, libcurl.
        _ = try scatter(8, daemon)
        let once = try best(of: 3) { try scatter(Self.atOnce, daemon) }
        let many = try scatter(Self.atOnce * Self.rounds, daemon)
        let peak = try ProcessFigures(pid: daemon.child.pid).peakKibibytes
        try end(daemon.child)
        let one = try rival(to: endpoint.address, count: Self.atOnce, &table)
        let all = try rival(to: endpoint.address, count: Self.atOnce * Self.rounds, &table)
        try end(endpoint.child)

        addScatters(&table, once: (once, one), many: (many, all))
        table.add(
            Table.Row(
                figure: "  the daemon's peak of resident memory",
                unit: .mebibytes,
                hive: Double(peak) / 1_024,
                rival: all.map { $0.peakMebibytes },
                target: "< 64 MB"
            )
        )
        table.add(
            Table.Row(
                figure: "  ledger time of a scatter of \(Self.atOnce)",
                unit: .milliseconds,
                hive: try await ledgerMilliseconds(),
                rival: nil,
                target: "< 10 ms"
            )
        )
        table.note(
            "scatter: hive's wall is the scatter's own timing; its processor time is the daemon's, "
                + "to 10 ms, with the command's requests judged, stored and told"
        )
    }

    private static let atOnce = 512
    private static let rounds = 10
    static let latencyMilliseconds = 200
    private static let secondsMax = 120
    static let prompt = "What is the capital of France? Answer in one word."

    private func addScatters(
        _ table: inout Table,
        once: (hive: Scatter, rival: RivalRun?),
        many: (hive: Scatter, rival: RivalRun?)
    ) {
        let latency = Double(Self.latencyMilliseconds)
        let all = Self.atOnce * Self.rounds
        let rows: [(String, Double, Double?, String)] = [
            (
                "\(Self.atOnce) requests of \(Self.latencyMilliseconds) ms at once, wall",
                once.hive.wall, once.rival?.wall, "≤ \(Table.fixed(1.15 * latency, 0)) ms"
            ),
            ("  processor time", once.hive.processor, once.rival?.processor, "≤ 2 × C"),
            (
                "\(all) requests, \(Self.atOnce) in flight, wall",
                many.hive.wall, many.rival?.wall,
                "≤ \(Table.fixed(1.05 * latency * Double(Self.rounds), 0)) ms"
            ),
            ("  processor time", many.hive.processor, many.rival?.processor, "≤ 2 × C"),
        ]
        for (figure, hive, rival, target) in rows {
            table.add(
                Table.Row(
                    figure: figure,
                    unit: .milliseconds,
                    hive: hive,
                    rival: rival,
                    target: target
                )
            )
        }
    }

    // MARK: hive

    /// Milliseconds.
    private struct Scatter {
        var wall: Double
        var processor: Double
    }

    struct SwarmDaemon {
        var child: Child
        var project: String
    }

    private func best(of runs: Int, _ body: () throws -> Scatter) throws -> Scatter {
        let all = try (0..<runs).map { _ in try body() }
        return all.min { $0.wall < $1.wall } ?? Scatter(wall: 0, processor: 0)
    }

    func startSwarmDaemon(_ address: String) throws -> SwarmDaemon {
        guard let hive = realpath(arguments.hive, nil) else {
            throw BenchError("find \(arguments.hive)", errno: errno)
        }
        defer { free(hive) }
        let project = "\(folder)/swarm"
        _ = try Child("rm", ["-rf", project]).finish(within: Self.secondsMax)
        mkdir(project, 0o755)
        let child = try Child(
            "env",
            [
                "-C", project, "HIVE_BACKEND=openai", "OPENAI_BASE_URL=\(address)/v1",
                "OPENAI_API_KEY=no-key-but-long-enough", "HIVE_MODEL=scripted",
                "MAX_CONCURRENT_WORKERS=\(Self.atOnce)", String(cString: hive), "up", "--json",
            ],
            mergesErrors: true
        )
        while let line = try child.readLine(within: Self.secondsMax) {
            if line.hasPrefix("watching ") { return SwarmDaemon(child: child, project: project) }
        }
        throw BenchError("the daemon did not start", hint: "run hive up in \(project)")
    }

    private func scatter(_ count: Int, _ daemon: SwarmDaemon) throws -> Scatter {
        guard let hive = realpath(arguments.hive, nil) else {
            throw BenchError("find \(arguments.hive)", errno: errno)
        }
        defer { free(hive) }
        let before = try ProcessFigures(pid: daemon.child.pid).cpuSeconds
        let command = try Child(
            "env",
            [
                "-C", daemon.project, String(cString: hive), "scatter", "--json",
                "--count", "\(count)", "--concurrency", "\(Self.atOnce)",
                "--prompt", Self.prompt,
            ]
        )
        let ending = try command.finish(within: Self.secondsMax)
        let after = try ProcessFigures(pid: daemon.child.pid).cpuSeconds
        guard ending.code == 0, let last = ending.output.split(separator: "\n").last,
            let result = try? JSONValue(parsing: String(last)),
            let start = result["timing"]?["startMs"]?.integerValue,
            let end = result["timing"]?["endMs"]?.integerValue
        else {
            throw BenchError(
                "hive scatter ended with \(ending.code) and without timing",
                hint: "run it by hand in \(daemon.project)"
            )
        }
        return Scatter(wall: Double(end - start), processor: (after - before) * 1_000)
    }

    /// What the file of scatters takes for one: stored, each request noted, each answer noted, in
    /// as many transactions as the answers come in groups.
    private func ledgerMilliseconds() async throws -> Double {
        let path = "\(folder)/swarm.sqlite"
        for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
        let ledger = try SwarmLedger(path: path)
        var best = Double.infinity
        for run in 0..<5 {
            let scatter = ScatterRow(
                identifier: "sc-\(run)",
                backend: "openai",
                concurrency: Int64(Self.atOnce),
                timeoutMilliseconds: 30_000,
                outputTokensMax: 1_024,
                dollarsMax: nil,
                startedMilliseconds: 0
            )
            let tasks = (0..<Self.atOnce).map { number in
                ScatterTaskRow(
                    name: "t-\(number)",
                    digest: Hex.encode([UInt8](repeating: UInt8(number & 0xFF), count: 32)),
                    sample: Int64(number),
                    model: "scripted",
                    request: "{\"prompt\":\"\(Self.prompt)\"}"
                )
            }
            let start = Measure.now()
            guard let (_, rows) = try await ledger.insert(scatter, tasks) else { continue }
            try await ledger.note(rows.map { .sending(task: $0.number, milliseconds: 1) })
            for from in stride(from: 0, to: rows.count, by: Self.answersTogether) {
                try await ledger.note(
                    rows[from..<min(rows.count, from + Self.answersTogether)].map { row in
                        var row = row
                        row.state = .completed
                        row.output = "Paris"
                        row.finishedMilliseconds = 2
                        return .ended(row)
                    }
                )
            }
            best = min(best, Double(Measure.now() - start) * 1e-6)
        }
        return best
    }

    /// Answers that come while a transaction is under way go into the next one.
    private static let answersTogether = 64

    // MARK: The rival and the endpoint

    private struct RivalRun {
        var wall: Double
        var processor: Double
        var peakMebibytes: Double
    }

    private func rival(
        to address: String,
        count: Int,
        _ table: inout Table
    ) throws -> RivalRun? {
        guard let program = program(.scatter, &table) else { return nil }
        let body = "\(folder)/swarm-body.json"
        var sink = try FileSink(path: body)
        let question =
            #"{"model":"scripted","stream":true,"stream_options":{"include_usage":true},"#
            + #""max_tokens":1024,"messages":[{"role":"user","content":"\#(Self.prompt)"}]}"#
        try sink.append(Array(question.utf8))
        try sink.close()
        var best: RivalRun?
        for _ in 0..<(count == Self.atOnce ? 3 : 1) {
            let words = ["\(address)/v1/chat/completions", "\(count)", "\(Self.atOnce)", body]
            let ending = try Child(program, words).finish(within: Self.secondsMax)
            guard ending.code == 0, let run = try? JSONValue(parsing: ending.output),
                let wall = run["wallMs"]?.doubleValue, let cpu = run["cpuMs"]?.doubleValue,
                let peak = run["peakKiB"]?.doubleValue
            else {
                throw BenchError(
                    "\(program) ended with \(ending.code)",
                    hint: "its message is on standard error"
                )
            }
            let figures = RivalRun(wall: wall, processor: cpu, peakMebibytes: peak / 1_024)
            if best.map({ $0.wall > wall }) ?? true { best = figures }
        }
        return best
    }

    func startEndpoint() throws -> (child: Child, address: String) {
        // Its standard input is a pipe that nobody writes to: at its end it would stop.
        let words = ["--latency", "\(Self.latencyMilliseconds)"]
        let child = try Child(arguments.endpoint, words, holdsInput: true)
        guard let line = try child.readLine(within: Self.secondsMax), line.hasPrefix("READY ")
        else { throw BenchError("the endpoint did not start", hint: "run it by hand") }
        return (child, String(line.dropFirst("READY ".count)))
    }

    func end(_ child: Child) throws {
        kill(child.pid, SIGTERM)
        _ = try child.finish(within: Self.secondsMax)
    }
}
