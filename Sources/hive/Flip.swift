import ArgumentParser
import HiveConsole
import HiveControl
import HiveDaemon
import HiveSignal

struct Flip: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "End the generation: archive the board and begin an empty one.",
        discussion: "Allowed once every cycle that reached I has reached E; hive override gen ends"
            + " a generation whatever stands open. The archive is archive/gen-N.jsonl beside the"
            + " board, its manifest gen-N.json. Exit code 1: the generation may not end yet."
    )

    @Argument(help: "What the generation came to; it stands in the manifest.")
    var summary: String?

    @Flag(help: "Say what would happen, and change nothing.")
    var dryRun = false

    @OptionGroup var output: OutputOptions
    @OptionGroup(title: "Where things are") var places: PlaceOptions

    func validate() throws {
        if summary == nil && !dryRun {
            throw ValidationError("say what the generation came to, or give --dry-run")
        }
    }

    func run() throws {
        let connection = try Connection(settings: try Settings.of(places))
        let result = try connection.call(
            Method.flip,
            ["summary": .string(summary ?? ""), "dryRun": .bool(dryRun)]
        )
        let out = StandardOutput()
        if output.json {
            out.line(result.text)
        } else {
            Rendering.flip(result, on: .output).forEach { out.line($0) }
        }
        try out.finish()
        if !result.strings("violations").isEmpty { throw ExitCode.rulesSayNo }
    }
}
