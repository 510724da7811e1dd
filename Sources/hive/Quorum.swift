import ArgumentParser
import HiveConsole
import HiveControl
import HiveDaemon
import HiveSignal

struct QuorumCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quorum",
        abstract: "Measure how far the vote of hive ask can be trusted.",
        subcommands: [QuorumSimulate.self, QuorumMeasure.self]
    )
}

struct QuorumSimulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Try the vote against liars, beside plain majority and a single model.",
        discussion: """
            Asks nobody: voters are drawn from the seed. Liars are independent (each with a lie of \
            its own, on probes too) or collude (all with the same lie, and honest on probes). \
            specs/quorum.md says what the columns mean.
            """
    )

    @Option(help: "Trials of each row.") var runs: Int64 = 1_000
    @Option(help: "Equal seeds give equal tables.") var seed: Int64 = 87
    @Option(help: "How often an honest voter is right, 0 to 1.") var accuracy = 0.9
    @Option(help: "Probes for each voter.") var probes: Int64 = 2
    @OptionGroup var output: OutputOptions

    private static let runsMax: Int64 = 1_000_000

    func validate() throws {
        if !(1...Self.runsMax).contains(runs) {
            throw ValidationError("--runs is 1 to \(Self.runsMax)")
        }
        if seed < 0 { throw ValidationError("--seed is 0 or more") }
        if !(0...1).contains(accuracy) { throw ValidationError("--accuracy is 0 to 1") }
        if !(0...16).contains(probes) { throw ValidationError("--probes is 0 to 16") }
    }

    func run() throws {
        let report = QuorumReport.simulate(
            runs: Int(runs),
            seed: UInt64(seed),
            accuracy: accuracy,
            probes: Int(probes)
        )
        let out = StandardOutput()
        if output.json {
            for row in report["rows"]?.arrayValue ?? [] { out.line(row.text) }
        } else {
            Rendering.simulation(report).forEach { out.line($0) }
        }
        try out.finish()
    }
}

struct QuorumMeasure: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "measure",
        abstract: "Ask questions whose answers are known, and count how often the vote is right.",
        discussion: """
            Beside each vote the same model is asked alone, as often as there are agents. Nothing \
            of it stands on the board. Each question costs runs × agents × (3 + 2 × probes) calls, \
            with --calls 1 runs × agents × (2 + probes).
            """
    )

    @Option(
        help: #"A file of questions, a line each: {"question": "…", "answer": "…"}."#,
        completion: .file()
    )
    var questions: String
    @Option(help: "How often each question is put to a vote.") var runs: Int64 = 20
    @OptionGroup(title: "The swarm") var swarm: SwarmOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var board: BoardOptions

    private static let runsMax: Int64 = 10_000

    func validate() throws {
        if !(1...Self.runsMax).contains(runs) {
            throw ValidationError("--runs is 1 to \(Self.runsMax)")
        }
    }

    func run() async throws {
        let settings = try board.settings()
        let found: [KnownQuestion]
        do throws(HiveError) {
            found = try KnownQuestion.read(questions)
        } catch {
            throw CommandError(error)
        }
        let params = swarm.params
        let asJSON = output.json
        try await SwarmCall.perform(settings) { call in
            var rows: [JSONValue] = []
            for question in found {
                let row = try await question.measure(runs: Int(runs), params) {
                    method,
                    params,
                    notify in
                    try await call(method, params, notify)
                }
                rows.append(row)
                let out = StandardOutput()
                if asJSON {
                    out.line(row.text)
                    try out.finish()
                } else if Terminal.errors.width != nil {
                    Terminal.errors.write(line: Line(question.question, .dim))
                }
            }
            guard !asJSON else { return }
            let out = StandardOutput()
            Rendering.measurement(rows).forEach { out.line($0) }
            try out.finish()
        }
    }
}
