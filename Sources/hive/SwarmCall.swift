import Glibc
import HiveConsole
import HiveControl
import HiveDaemon
import HiveSignal
import Synchronization

/// Calls the daemon's swarm, or one in this process where no daemon runs.
struct SwarmCall: Sendable {
    private let client: Daemon?
    private let local: LocalSwarm.Call?

    /// A connection that blocks: one call at a time, by one task.
    ///
    /// Unchecked because the client is no value; it is only ever used by the task that made it.
    private final class Daemon: @unchecked Sendable {
        let client: ControlClient
        init(_ client: ControlClient) { self.client = client }
    }

    static func newIdentifier() -> String { LocalSwarm.newIdentifier() }

    /// Runs `body` with a way to call; `writes` is false for what only looks.
    ///
    /// `tellsBackend`: says where a daemon asks by another backend than the environment wants.
    static func perform(
        _ settings: Settings,
        writes: Bool = true,
        tellsBackend: Bool = false,
        _ body: @Sendable (SwarmCall) async throws -> Void
    ) async throws {
        let connection = try Connection(settings: settings)
        if let client = connection.client {
            if tellsBackend { try tellBackend(of: connection) }
            return try await body(SwarmCall(client: Daemon(client), local: nil))
        }
        let swarm: LocalSwarm
        do throws(HiveError) {
            swarm = try await LocalSwarm(settings: settings, writes: writes)
        } catch {
            throw CommandError(error)
        }
        try await swarm.serve { call in try await body(SwarmCall(client: nil, local: call)) }
    }

    /// A daemon asks by the backend that it was started with.
    private static func tellBackend(of connection: Connection) throws(CommandError) {
        let wanted = getenv("HIVE_BACKEND").map { String(cString: $0) } ?? ""
        guard !wanted.isEmpty,
            let held = try connection.call(Method.status).text("backend"), held != wanted
        else { return }
        var note = Line()
        note.add("hive:", .yellow)
        note.add(" the running daemon asks by its own backend, \(held); HIVE_BACKEND is ignored")
        Terminal.errors.write(line: note)
        EmitAnswer.advise("--backend \(wanted) asks by that one")
    }

    /// The last scatters.
    static func list(_ settings: Settings, _ params: JSONValue) async throws -> [JSONValue] {
        let found = Found()
        try await perform(settings, writes: false) { call in
            let answer = try await call(Method.scatters, params) { _, _ in }
            found.scatters.withLock { $0 = answer["scatters"]?.arrayValue ?? [] }
        }
        return found.scatters.withLock { $0 }
    }

    private final class Found: Sendable {
        let scatters = Mutex<[JSONValue]>([])
    }

    func callAsFunction(
        _ method: String,
        _ params: JSONValue,
        _ notify: @escaping @Sendable (String, JSONValue) -> Void
    ) async throws(CommandError) -> JSONValue {
        if let client {
            do {
                return try client.client.call(method, params) { notify($0.method, $0.params) }
            } catch {
                throw CommandError(error)
            }
        }
        guard let local else { return .null }
        do {
            return try await local(method, params, notify)
        } catch {
            throw CommandError(error)
        }
    }
}
