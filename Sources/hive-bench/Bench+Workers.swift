import Glibc
import HiveSignal

/// Verdicts beside busy workers, and what handing a task out costs: the real daemon with the
/// built-in tools, in a git repository of its own.
///
/// A verdict counts as given when the daemon's output has it: committed, and told to who follows.
extension Bench {
    func measureWorkers(_ table: inout Table) throws {
        guard let writer = program(.writer, &table) else { return }
        let quiet = try paced(writer, in: try project("quiet", rules: Self.quietRules))
        let busy = try paced(writer, in: try project("busy", rules: Self.busyRules))
        for (name, percent) in [("p50", 50), ("p99", 99)] {
            table.add(
                Table.Row(
                    figure: "append to told verdict, workers busy, \(name)",
                    unit: .microseconds,
                    hive: Measure.percentile(percent, of: busy.ages).map { Double($0) / 1_000 },
                    rival: Measure.percentile(percent, of: quiet.ages).map { Double($0) / 1_000 },
                    target: "≤ 2 × with reactions off"
                )
            )
        }
        table.add(
            Table.Row(
                figure: "  tasks answered a second meanwhile",
                unit: .count,
                hive: Double(busy.answers) / busy.seconds,
                rival: nil,
                target: "a core's worth of git"
            )
        )
        let costs = try dispatchCosts(in: try project("idle", rules: Self.busyRules))
        table.add(
            Table.Row(
                figure: "verdict to answer of a task that is no work, p50",
                unit: .microseconds,
                hive: Measure.percentile(50, of: costs).map { Double($0) / 1_000 },
                rival: nil,
                target: "assign, hand out, judge"
            )
        )
        table.note("workers busy: \(Self.repositoryFiles) files; the rival is reactions off")
    }

    private static let repositoryFiles = 2_000
    private static let pacedLines = 2_000
    private static let pacedLinesPerSecond = 200
    private static let dispatches = 200
    private static let secondsMax = 120

    private static let quietRules = "reactions: {enabled: false}\n"
    private static let busyRules = """
        reactions: {half_life_seconds: null}
        budget: {tasks_per_hour: 1000000, tasks_open: 10000}

        """

    /// Asks ports 1 and 6 to look for a word that a hundred of the files have.
    private static let askingTemplate =
        #"{"ts":"2025-12-29T10:00:00Z","mark":1.0,"pull":"downstream","msg":"needle7 {stamp}","#
        + #""type":"signal","hive":"H","gen":87,"port":7}"#

    /// Asks port 7, which has all it needs in its hands.
    private static let lightLine =
        #"{"ts":"2025-12-29T10:00:00Z","mark":1.0,"pull":"lateral","msg":"where are we","#
        + #""type":"signal","hive":"H","gen":87,"port":0}"# + "\n"

    private struct Paced {
        /// From each signal's append to its verdict, in nanoseconds.
        var ages: [Int64] = []
        /// Answers judged before the last signal was.
        var answers = 0
        var seconds = 0.0
    }

    /// Verdicts of a writer's lines, which hold the moment of their append.
    private func paced(_ writer: String, in project: String) throws -> Paced {
        let daemon = try startDaemon(in: project)
        var paced = Paced()
        let start = Measure.now()
        let child = try Child(
            writer,
            [
                board(of: project), "\(Self.pacedLines)", "\(Self.pacedLinesPerSecond)",
                Self.askingTemplate,
            ]
        )
        while paced.ages.count < Self.pacedLines {
            let verdict = try nextVerdict(daemon)
            if verdict.isAnswer {
                paced.answers += 1
            } else if let stamp = verdict.message.split(separator: " ").last.flatMap({ Int64($0) })
            {
                paced.ages.append(verdict.moment - stamp)
            }
        }
        paced.seconds = Double(Measure.now() - start) * 1e-9
        _ = try child.finish(within: Self.secondsMax)
        try stop(daemon)
        return paced
    }

    /// From a signal's verdict to that of its answer, one after the other, in nanoseconds.
    private func dispatchCosts(in project: String) throws -> [Int64] {
        let daemon = try startDaemon(in: project)
        let path = board(of: project)
        let file = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
        guard file >= 0 else { throw BenchError("open \(path)", errno: errno) }
        defer { close(file) }
        let line = Array(Self.lightLine.utf8)
        var costs: [Int64] = []
        for _ in 0..<Self.dispatches {
            guard write(file, line, line.count) == line.count else {
                throw BenchError("append to \(path)", errno: errno)
            }
            let asked = try nextVerdict(daemon)
            let answered = try nextVerdict(daemon)
            costs.append(answered.moment - asked.moment)
        }
        try stop(daemon)
        return costs
    }

    // MARK: The daemon

    private struct Verdict {
        /// When it was read.
        var moment: Int64
        var message: String
        var isAnswer: Bool
    }

    private func startDaemon(in project: String) throws -> Child {
        guard let hive = realpath(arguments.hive, nil) else {
            throw BenchError("find \(arguments.hive)", errno: errno)
        }
        defer { free(hive) }
        // env(1) changes the folder and becomes the program.
        let words = ["-C", project, String(cString: hive), "up", "--json"]
        let daemon = try Child("env", words, mergesErrors: true)
        while let line = try daemon.readLine(within: Self.secondsMax) {
            if line.hasPrefix("watching ") { return daemon }
        }
        throw BenchError("the daemon did not start", hint: "run hive up in \(project)")
    }

    private func nextVerdict(_ daemon: Child) throws -> Verdict {
        while let line = try daemon.readLine(within: Self.secondsMax) {
            let moment = Measure.now()
            guard let verdict = try? JSONValue(parsing: line) else { continue }
            return Verdict(
                moment: moment,
                message: verdict["msg"]?.stringValue ?? "",
                isAnswer: verdict["id"]?.stringValue?.hasPrefix("o-") ?? false
            )
        }
        throw BenchError("the daemon ended", hint: "run it by hand to see why")
    }

    private func stop(_ daemon: Child) throws {
        kill(daemon.pid, SIGTERM)
        _ = try daemon.finish(within: Self.secondsMax)
    }

    // MARK: The project

    private func board(of project: String) -> String {
        "\(project)/sandbox/obsidianblackboard.jsonl"
    }

    /// A new git repository of many small files, with a rule book.
    private func project(_ name: String, rules: String) throws -> String {
        let project = "\(folder)/workers-\(name)"
        _ = try Child("rm", ["-rf", project]).finish(within: Self.secondsMax)
        for path in ["", "/specs", "/src"] { mkdir(project + path, 0o755) }
        try save(rules, to: "\(project)/specs/rules.yaml")
        try save("sandbox/\n", to: "\(project)/.gitignore")
        for number in 0..<Self.repositoryFiles {
            let body = (0..<40).map { "def part\(number)_\($0)(): return needle\(number % 20)\n" }
            try save(body.joined(), to: "\(project)/src/part\(number).py")
        }
        let git = ["-C", project, "-c", "user.name=bench", "-c", "user.email=bench@localhost"]
        for words in [["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "all"]] {
            let ending = try Child("git", git + words).finish(within: Self.secondsMax)
            guard ending.code == 0 else {
                throw BenchError("git \(words) in \(project)", hint: "see what git says above")
            }
        }
        return project
    }

    private func save(_ text: String, to path: String) throws(BenchError) {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw BenchError("open \(path)", errno: errno) }
        defer { close(file) }
        let bytes = Array(text.utf8)
        guard write(file, bytes, bytes.count) == bytes.count else {
            throw BenchError("write \(path)", errno: errno)
        }
    }
}
