import ArgumentParser
import HiveConsole
import HiveControl
import HiveDaemon
import HiveSignal

struct RulesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules",
        abstract: "Show the rule book that holds, or have the daemon read it anew.",
        subcommands: [RulesShow.self, RulesReload.self]
    )
}

struct RulesShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show where the rules come from, since when they hold, and their text.",
        discussion: "Where a daemon runs, these are the rules that it judges by; else those that "
            + "the next one would take up."
    )

    @OptionGroup var output: OutputOptions
    @OptionGroup var board: BoardOptions

    func run() throws {
        let rules = try Connection(board).call(Method.rules)
        let out = StandardOutput()
        if output.json {
            out.line(rules.text)
        } else {
            Rendering.rules(rules).forEach { out.line($0) }
        }
        try out.finish()
    }
}

struct RulesReload: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Have the daemon read its rule book anew.",
        discussion: "What is judged stays as it is; a rule book with a mistake changes nothing. "
            + "Without a daemon there is nothing to reload: every command reads the rule book."
    )

    @OptionGroup var output: OutputOptions
    @OptionGroup(title: "Where things are") var places: PlaceOptions

    func run() throws {
        let connection = try Connection(settings: try Settings.of(places))
        let result = try connection.call(Method.rulesReload)
        let out = StandardOutput()
        if output.json { out.line(result.text) } else { out.line(Rendering.rulesReload(result)) }
        try out.finish()
    }
}
