import ArgumentParser
import HiveConsole
import HiveControl
import HiveDaemon
import HiveSignal

struct Bisect: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Find the line after which a violation was possible, and the first that drew it.",
        discussion: "The board is judged again from its first line; nothing is changed. Possible "
            + "means: a signal in a trace that the board knew by then would have drawn it."
    )

    @Argument(help: "The violation, such as REWARD_HACK.")
    var violation: String

    @Option(help: "The rule book to judge by (default: the one that holds).", completion: .file())
    var rules: String?

    @Option(help: "strict, paired or observe, in place of the rule book's mode.")
    var mode: String?

    @Option(help: "The generation to look at (default: the board's); an archive is read.")
    var gen: Int64?

    @OptionGroup var output: OutputOptions
    @OptionGroup(title: "Where things are") var places: PlaceOptions

    func run() throws {
        var params: JSONObject = ["violation": .string(violation)]
        params["rules"] = try rules.map { .string(try WorkingFolder.absolute($0)) }
        params["mode"] = mode.map(JSONValue.string)
        params["gen"] = gen.map(JSONValue.integer)
        let connection = try Connection(settings: try Settings.of(places))
        let result = try connection.call(Method.bisect, .object(params))
        let out = StandardOutput()
        if output.json {
            out.line(result.text)
        } else {
            Rendering.bisect(result, on: .output).forEach { out.line($0) }
        }
        try out.finish()
    }
}
