import ArgumentParser
import HiveConsole
import HiveControl
import HiveDaemon
import HiveSignal

struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show whether a daemon runs, where the board stands, and what needs doing."
    )

    @OptionGroup var output: OutputOptions
    @OptionGroup var board: BoardOptions

    func run() throws {
        let connection = try Connection(board)
        let status = try connection.call(Method.status)
        let out = StandardOutput()
        if output.json {
            out.line(status.text)
        } else {
            Rendering.status(status, on: .output).forEach { out.line($0) }
        }
        try out.finish()
        guard connection.client == nil, let pid = LocalHive.lockHolder(connection.settings) else {
            return
        }
        EmitAnswer.advise(
            "process \(pid) holds the board's lock and has no socket: it begins or ends, or its "
                + "socket was removed; then end it: kill \(pid)"
        )
    }
}
