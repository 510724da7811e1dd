package import HiveControl
package import HiveSignal

/// How the REPL reaches the hive: over the daemon's socket, or by the same engine in this process.
package struct HiveAccess: Sendable {
    /// A new connection to the daemon; nil where none runs.
    package var connect: @Sendable () throws(CommandError) -> ControlClient?
    /// One method answered in this process; called from the REPL's thread while no daemon runs.
    package var local: @Sendable (String, JSONValue) throws(CommandError) -> JSONValue
    /// The key of the person at the prompt.
    package var signer: OverrideSigner

    package init(
        connect: @escaping @Sendable () throws(CommandError) -> ControlClient?,
        local: @escaping @Sendable (String, JSONValue) throws(CommandError) -> JSONValue,
        signer: OverrideSigner
    ) {
        self.connect = connect
        self.local = local
        self.signer = signer
    }
}

/// The REPL's own connection: found again when a daemon comes or goes.
///
/// One thread uses it.
final class Link {
    private let access: HiveAccess
    private var client: ControlClient?

    init(access: HiveAccess) { self.access = access }

    var isAttached: Bool { client != nil }

    /// Takes up a connection where there is none; true where this call made it.
    func attach() throws(CommandError) -> Bool {
        guard client == nil else { return false }
        client = try access.connect()
        return client != nil
    }

    /// The daemon is gone: the next call looks for another.
    func detach() { client = nil }

    /// - `onNotification`: gets what comes before the answer; only a daemon sends any.
    func call(
        _ method: String,
        _ params: JSONValue = [:],
        onNotification: (ControlRequest) -> Void = { _ in }
    ) throws(CommandError) -> JSONValue {
        guard let client else { return try access.local(method, params) }
        do {
            return try client.call(method, params, onNotification: onNotification)
        } catch {
            // What the daemon answered leaves the connection whole; what broke it does not.
            if error.code == .machineFailed || error.code == .parseError { detach() }
            throw CommandError(error)
        }
    }

    /// A call whose result's `key` is an array.
    func list(
        _ method: String,
        _ params: JSONValue,
        _ key: String
    ) throws(CommandError) -> [JSONValue] {
        guard let list = try call(method, params)[key]?.arrayValue else {
            throw CommandError(
                exitCode: 3,
                "the answer to `\(method)` has no `\(key)`",
                hint: "is the daemon another version? see status"
            )
        }
        return list
    }
}
