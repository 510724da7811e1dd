import ArgumentParser
import HiveConsole
import HiveControl
import HiveSignal

struct State: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the phase, the generation and every cycle of the board."
    )

    @OptionGroup var output: OutputOptions
    @OptionGroup var board: BoardOptions

    func run() throws {
        let state = try Connection(board).call(Method.state)
        let out = StandardOutput()
        if output.json {
            out.line(state.text)
        } else {
            Rendering.state(state).forEach { out.line($0) }
        }
        try out.finish()
    }
}
