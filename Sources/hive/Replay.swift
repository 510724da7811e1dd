import ArgumentParser
import HiveConsole
import HiveControl
import HiveDaemon
import HiveSignal

struct Replay: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Judge the board again from its first line, and say what comes out otherwise.",
        discussion: "With another rule book it tells what that one would have done; nothing is "
            + "changed. Exit code 1 where the same rules give another chain."
    )

    @Option(help: "The rule book to judge by (default: those that held).", completion: .file())
    var rules: String?

    @Option(help: "strict, paired or observe, in place of the rule book's mode.")
    var mode: String?

    @Option(help: "Stop after this sequence.")
    var until: Int64?

    @Option(help: "The generation to judge again (default: the board's); an archive is read.")
    var gen: Int64?

    @OptionGroup var output: OutputOptions
    @OptionGroup(title: "Where things are") var places: PlaceOptions

    func run() throws {
        var params: JSONObject = [:]
        params["rules"] = try rules.map { .string(try WorkingFolder.absolute($0)) }
        params["mode"] = mode.map(JSONValue.string)
        params["until"] = until.map(JSONValue.integer)
        params["gen"] = gen.map(JSONValue.integer)
        let connection = try Connection(settings: try Settings.of(places))
        let result = try connection.call(Method.replay, .object(params))
        let out = StandardOutput()
        if output.json {
            out.line(result.text)
        } else {
            Rendering.replay(result, on: .output).forEach { out.line($0) }
        }
        try out.finish()
        if result["chainMatches"]?.boolValue == false { throw ExitCode.rulesSayNo }
    }
}
