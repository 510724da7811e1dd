import ArgumentParser
import HiveConsole
import HiveControl
import HiveDaemon
import HiveSignal

struct Gather: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Wait for the answers of scatters, and put them together.",
        discussion: """
            What is not answered yet is asked on. vote takes the answer that more than two thirds \
            gave (specs/quorum.md); best the answer that is surest of itself; custom what a \
            program makes of the results, which it reads as JSON lines.
            """
    )

    @Argument(help: "Scatters, or tasks of them (hive tasks).") var ids: [String]

    @Option(help: "Milliseconds to wait (default: until all is answered).") var timeout: Int64?

    @Option(help: "concat, vote, best or custom.") var aggregation: String?

    @Option(
        parsing: .remaining,
        help: ArgumentHelp(
            "For custom: the program and its arguments, last on the line.",
            valueName: "program"
        )
    )
    var command: [String] = []

    @Flag(help: "Show each answer as it comes.") var follow = false
    @OptionGroup var output: OutputOptions
    @OptionGroup var board: BoardOptions

    func validate() throws {
        if let timeout, timeout < 0 { throw ValidationError("--timeout is 0 or more") }
        guard let aggregation else {
            if !command.isEmpty {
                throw ValidationError("--command goes with --aggregation custom")
            }
            return
        }
        guard let kind = Aggregation.Kind(rawValue: aggregation) else {
            throw ValidationError("--aggregation is concat, vote, best or custom")
        }
        if (kind == .custom) == command.isEmpty {
            throw ValidationError(
                kind == .custom
                    ? "--aggregation custom needs --command PROGRAM"
                    : "--command goes with --aggregation custom"
            )
        }
    }

    func run() async throws {
        let settings = try board.settings()
        let kind = aggregation.flatMap { Aggregation.Kind(rawValue: $0) }
        try await SwarmCall.perform(settings, writes: false) { call in
            var gathering = Gathering(asJSON: output.json, shows: follow)
            try await gathering.run(call, identifiers: ids, timeout: timeout)
            let made = try await gathering.aggregated(kind, command, settings)
            try gathering.finish(order: [], aggregation: made)
        }
    }
}
