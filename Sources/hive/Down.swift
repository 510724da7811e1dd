import ArgumentParser
import HiveControl
import HiveDaemon
import HiveSignal

struct Down: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Stop the daemon, and wait until it has stopped."
    )

    @OptionGroup var output: OutputOptions
    @OptionGroup(title: "Where things are") var places: PlaceOptions

    /// How long a daemon may take to finish its batch.
    private static let stopMillisecondsMax = 60_000

    func run() throws {
        let connection = try Connection(settings: try Settings.of(places))
        let out = StandardOutput()
        guard let client = connection.client else {
            if output.json { out.line(#"{"stopped":false}"#) }
            Terminal.errors.write(line: Line("no daemon is running"))
            try out.finish()
            return
        }
        let pid = try stop(client, at: connection.settings.socketPath)
        if output.json {
            let answer: JSONValue = ["stopped": true, "pid": pid.map(JSONValue.integer) ?? .null]
            out.line(answer.text)
        } else {
            out.line(Line("stopped the daemon" + (pid.map { " (pid \($0))" } ?? "")))
        }
        try out.finish()
    }

    /// Asks it to stop and waits for the end of the connection, then of the socket.
    private func stop(
        _ client: ControlClient,
        at socketPath: String
    ) throws(CommandError) -> Int64? {
        let pid: Int64?
        let isGone: Bool
        do throws(ControlError) {
            client.limitWaits(toMilliseconds: Self.stopMillisecondsMax)
            pid = try client.call(Method.status)["daemon"]?.integer("pid")
            try client.follow(Method.stop) { _ in }
            isGone = try Wait.until(millisecondsMax: Self.stopMillisecondsMax) {
                () throws(ControlError) in
                try ControlClient.connectIfRunning(path: socketPath) == nil
            }
        } catch {
            throw CommandError(error)
        }
        guard isGone else {
            throw CommandError(
                exitCode: 3,
                "a daemon still listens at \(socketPath)",
                hint: "another one may have been started: hive status"
            )
        }
        return pid
    }
}
