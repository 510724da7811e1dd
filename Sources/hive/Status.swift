import ArgumentParser
import HiveConsole
import HiveControl
import HiveSignal

struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show whether a daemon runs, where the board stands, and what needs doing."
    )

    @OptionGroup var output: OutputOptions
    @OptionGroup var board: BoardOptions

    func run() throws {
        let status = try Connection(board).call(Method.status)
        let out = StandardOutput()
        if output.json {
            out.line(status.text)
        } else {
            Rendering.status(status, on: .output).forEach { out.line($0) }
        }
        try out.finish()
    }
}
