import Glibc
import HiveConsole
import HiveControl
import HiveDaemon
import HiveSignal

/// Calls a method of the daemon that runs, or of the same engine in this process where none does.
struct Connection {
    let settings: Settings
    /// Nil: no daemon runs.
    let client: ControlClient?

    /// Connects; `waitMillisecondsMax` bounds each wait for the daemon.
    ///
    /// Where none is given a call may take as long as it takes; but a daemon that does not even say
    /// who it is, is an error after `greetingMillisecondsMax`.
    init(settings: Settings, waitMillisecondsMax: Int? = nil) throws(CommandError) {
        self.settings = settings
        do {
            client = try ControlClient.connectIfRunning(path: settings.socketPath)
            client?.limitWaits(toMilliseconds: waitMillisecondsMax ?? Self.greetingMillisecondsMax)
            try Self.refuseOtherBoard(client, settings)
            if waitMillisecondsMax == nil { client?.limitWaits(toMilliseconds: nil) }
        } catch {
            throw CommandError(error)
        }
    }

    /// For hooks, on whose answer git or an agent waits: a daemon that stays silent is an error.
    static func ofHook(_ settings: Settings) throws(CommandError) -> Connection {
        try Connection(settings: settings, waitMillisecondsMax: hookMillisecondsMax)
    }

    private static let hookMillisecondsMax = 5_000
    /// A batch under way is done within it by far.
    private static let greetingMillisecondsMax = 20_000

    /// The engine in this process, whether a daemon runs or not.
    static func local(settings: Settings) -> Connection {
        Connection(settings: settings, client: nil)
    }

    private init(settings: Settings, client: ControlClient?) {
        self.settings = settings
        self.client = client
    }

    /// Connects, and says where the daemon's own rules hold in place of the flags'.
    init(_ options: BoardOptions) throws(CommandError) {
        try self.init(settings: try options.settings())
        if client != nil && options.rules.areGiven {
            var note = Line()
            note.add("hive:", .yellow)
            note.add(" the running daemon judges by its own rules; --rules and --mode are ignored")
            Terminal.errors.write(line: note)
        }
    }

    /// A state folder in the environment may be another board's: its daemon must not be asked.
    private static func refuseOtherBoard(
        _ client: ControlClient?,
        _ settings: Settings
    ) throws(ControlError) {
        guard let client, let board = try client.call(Method.status)["board"]?.stringValue,
            resolved(board) != resolved(settings.board)
        else { return }
        throw ControlError(
            .machineFailed,
            "the daemon at \(settings.socketPath) guards \(board), not \(settings.board)",
            hint: "give each board a state folder of its own (--state-dir)"
        )
    }

    private static func resolved(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }

    func call(_ method: String, _ params: JSONValue = [:]) throws(CommandError) -> JSONValue {
        if let client {
            do {
                return try client.call(method, params)
            } catch {
                throw CommandError(error)
            }
        }
        do {
            return try LocalHive.call(method, params, settings: settings)
        } catch {
            throw CommandError(error)
        }
    }

    /// `doctor`, which without a daemon runs programs in this process.
    func doctor(_ params: JSONValue) async throws(CommandError) -> JSONValue {
        guard client == nil else { return try call(Method.doctor, params) }
        do {
            return try await LocalHive.doctor(params, settings: settings)
        } catch {
            throw CommandError(error)
        }
    }

    /// A call whose result's `key` is an array.
    func list(
        _ method: String,
        _ params: JSONValue,
        _ key: String
    ) throws(CommandError) -> [JSONValue] {
        let result = try call(method, params)
        guard let list = result[key]?.arrayValue else {
            throw CommandError(
                exitCode: 3,
                "the answer to `\(method)` has no `\(key)`",
                hint: "is the daemon another version? see hive status"
            )
        }
        return list
    }
}
