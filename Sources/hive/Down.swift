import ArgumentParser
import HiveConsole
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
        let connection = try settled(try Settings.of(places))
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

    /// Connects; a daemon that is still catching up answers once it is through.
    private func settled(_ settings: Settings) throws(CommandError) -> Connection {
        var connection = try Connection(settings: settings)
        let isSettled = try Wait.until(millisecondsMax: Self.stopMillisecondsMax) {
            () throws(CommandError) in
            if connection.client != nil || LocalHive.lockHolder(settings) == nil { return true }
            connection = try Connection(settings: settings)
            return connection.client != nil
        }
        guard isSettled else {
            let holder = LocalHive.lockHolder(settings).map { "process \($0)" } ?? "a process"
            throw CommandError(
                exitCode: 3,
                "\(holder) holds the lock and does not answer",
                hint: "is it a daemon with a long board to catch up with? wait, or end it by kill"
            )
        }
        return connection
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
