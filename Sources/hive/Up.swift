import ArgumentParser
import HiveConsole
import HiveControl
import HiveDaemon
import HiveSignal

struct Up: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the daemon: watch the board, judge every line, quarantine what fails.",
        discussion: "In the foreground it prints each verdict and stops at Ctrl-C."
    )

    @Flag(help: "Run in the background; its output goes to daemon.log in the state folder.")
    var detach = false

    @Flag(help: "Steer it at a prompt, as with hive repl; leaving stops the daemon.")
    var repl = false

    @Flag(help: "Do not print the verdicts.")
    var quiet = false

    @OptionGroup var output: OutputOptions
    @OptionGroup var board: BoardOptions

    func validate() throws {
        if repl && (detach || output.json) {
            throw ValidationError("--repl goes neither with --detach nor with --json")
        }
    }

    func run() async throws {
        let settings = try board.settings()
        if repl { return try await UpWithRepl(settings: settings, isQuiet: quiet).run() }
        if detach {
            let options = board.places.arguments + board.rules.arguments
            try DetachedDaemon(settings: settings, options: options).start(asJSON: output.json)
            return
        }
        let (isQuiet, asJSON) = (quiet, output.json)
        do {
            let show: @Sendable (JSONValue) -> Void = { line in
                // One write a line, from whichever thread: lines never mix.
                if asJSON {
                    Terminal.output.write(line.text + "\n")
                } else {
                    Terminal.output.write(line: Rendering.logLine(line, on: .output))
                }
            }
            try await DaemonRunner.run(
                settings: settings,
                started: Self.announce,
                follow: isQuiet ? nil : show
            )
        } catch {
            throw CommandError(error)
        }
    }

    /// Says that it runs, and how to stop it; on standard error, which is no answer.
    private static func announce(_ status: JSONValue) {
        let terminal = Terminal.errors
        var line = Line("watching ")
        line.add(status.text("board") ?? "the board", .bold)
        if let pid = status["daemon"]?.integer("pid") { line.add(" (pid \(pid))") }
        terminal.write(line: line)
        if terminal.width != nil { terminal.write(line: .advice("stop it: Ctrl-C", on: terminal)) }
    }
}
