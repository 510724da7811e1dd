import ArgumentParser
import HiveConsole
import HiveControl
import HiveDaemon
import HiveSignal

struct At: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the state as it was after a judged line.",
        discussion: "The board is folded from its first line up to it; nothing is changed."
    )

    @Argument(help: "The sequence of the line, as hive log counts; 0 is the empty board.")
    var sequence: Int64

    @OptionGroup var output: OutputOptions
    @OptionGroup(title: "Where things are") var places: PlaceOptions

    func run() throws {
        let connection = try Connection(settings: try Settings.of(places))
        let state = try connection.call(Method.at, ["sequence": .integer(sequence)])
        let out = StandardOutput()
        if output.json {
            out.line(state.text)
        } else {
            Rendering.state(state).forEach { out.line($0) }
        }
        try out.finish()
    }
}
