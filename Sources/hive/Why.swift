import ArgumentParser
import HiveConsole
import HiveControl
import HiveSignal

struct Why: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Explain a line: what led to it, and what it led to.",
        discussion: "ID is the id of a signal, its place (s-…), a task (t-…), the beginning of a "
            + "quarantine entry's id (q-…), or a sequence of hive log."
    )

    @Argument(help: "What to explain.") var id: String
    @OptionGroup var output: OutputOptions
    @OptionGroup var board: BoardOptions

    func run() throws {
        let answer = try Connection(board).call(Method.why, ["id": .string(id)])
        let out = StandardOutput()
        if output.json {
            out.line(answer.text)
        } else {
            Rendering.why(answer, on: .output).forEach { out.line($0) }
        }
        try out.finish()
    }
}
