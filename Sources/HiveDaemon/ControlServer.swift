package import HiveControl
package import HiveSignal
package import Logging
import ServiceLifecycle
import Synchronization

/// Where a handler sends notifications while it works on a request.
package struct ControlSink: Sendable {
    private let send: @Sendable (ControlRequest) async throws(ControlError) -> Void

    /// A sink of any kind; a server makes its own.
    package init(_ send: @escaping @Sendable (ControlRequest) async throws(ControlError) -> Void) {
        self.send = send
    }

    /// Sends one notification; suspends while the client is behind by more than 4 MiB.
    ///
    /// - Throws: `.machineFailed` once the client has gone, the server shuts down or the task is
    ///   cancelled: the stream is over.
    package func notify(_ method: String, _ params: JSONValue) async throws(ControlError) {
        guard !Task.isCancelled else { throw SocketConnection.peerIsGone }
        try await send(ControlRequest(id: nil, method: method, params: params))
    }
}

/// The control socket's server: JSON-RPC 2.0, a line a message, a task a connection.
///
/// Requests of one connection are handled in order, those of different connections side by side.
/// When a client hangs up or the server shuts down, the tasks of its handlers are cancelled: a
/// stream ends, and what does not look at cancellation runs to its end. Whatever a client sent
/// before it hung up is still handled, in a cancelled task.
package final class ControlServer: Service {
    /// Answers one request; nil for no answer.
    ///
    /// What it answers to a notification is dropped.
    /// A stream, such as `log.follow`, runs until `ControlSink.notify` throws or its task is
    /// cancelled.
    package typealias Handler =
        @Sendable (ControlRequest, PeerCredentials, ControlSink) async -> ControlResponse?

    private let path: String
    private let group: String?
    private let logger: Logger
    private let handler: Handler
    private let policy: PeerPolicy?
    private let listening = Mutex<Listening?>(nil)

    private struct Listening {
        let listener: SocketListener
        let policy: PeerPolicy
    }

    /// A server that neither listens nor runs yet.
    ///
    /// - Parameters:
    ///   - path: of the socket; at most 107 bytes. Its folder exists.
    ///   - group: whose members may connect, besides this user and root.
    ///   - logger: told of refused clients and failures, never of what is said.
    ///   - handler: answers the requests.
    package convenience init(
        path: String,
        group: String?,
        logger: Logger,
        handler: @escaping Handler
    ) {
        self.init(path: path, group: group, policy: nil, logger: logger, handler: handler)
    }

    /// With a policy in place of the one that `group` gives.
    init(
        path: String,
        group: String? = nil,
        policy: PeerPolicy?,
        logger: Logger,
        handler: @escaping Handler
    ) {
        self.path = path
        self.group = group
        self.policy = policy
        self.logger = logger
        self.handler = handler
    }

    /// Binds the socket and listens, so that a failure shows before anything runs.
    ///
    /// Clients may connect from here on and are answered once `run()` runs. A socket file that
    /// stands there is replaced: the caller holds the daemon's lock, so nobody listens at it.
    /// - Throws: `HiveError` where the path is too long, its folder missing, or the group unknown.
    package func start() throws(HiveError) {
        let group: SocketGroup? =
            if let name = self.group { try SocketGroup(named: name) } else { nil }
        let listener = try SocketListener(path: path, group: group)
        let policy = policy ?? PeerPolicy(group: group)
        listening.withLock { $0 = Listening(listener: listener, policy: policy) }
    }

    /// Serves until graceful shutdown or cancellation.
    ///
    /// Then every connection is closed and the socket's file is gone. Starts where `start()` was
    /// not called.
    package func run() async throws {
        let listening = try takeListening()
        let loop = try SocketLoop(
            listener: listening.listener,
            policy: listening.policy,
            logger: logger
        )
        try await withTaskCancellationOrGracefulShutdownHandler {
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask { try await loop.run() }
                for await connection in loop.connections {
                    group.addTask { await self.serve(connection) }
                }
            }
        } onCancelOrGracefulShutdown: {
            loop.shutDown()
        }
    }

    private func takeListening() throws(HiveError) -> Listening {
        if let started = listening.withLock({ $0.take() }) { return started }
        try start()
        return try takeListening()
    }

    /// Handles the connection's messages; cancels the handler when the connection ends.
    private func serve(_ connection: SocketConnection) async {
        await withTaskGroup { group in
            group.addTask { await self.answerAll(of: connection) }
            group.addTask { for await _ in connection.ending {} }
            await group.next()
            group.cancelAll()
        }
        connection.finish()
    }

    private func answerAll(of connection: SocketConnection) async {
        for await message in connection.messages {
            connection.took(message)
            guard let answer = await answer(to: message, of: connection) else { continue }
            // A client that has gone needs no answer; what else it sent is handled all the same.
            try? await connection.send(answer.line)
        }
    }

    private func answer(
        to message: InboundMessage,
        of connection: SocketConnection
    ) async -> ControlResponse? {
        let request: ControlRequest
        do throws(ControlError) {
            switch message {
            case .message(let bytes): request = try ControlRequest(parsing: bytes)
            case .unreadable(let error): throw error
            }
        } catch {
            return ControlResponse(id: nil, result: .failure(error))
        }
        let sink = ControlSink { notification throws(ControlError) in
            guard !connection.isEnding else { throw SocketConnection.peerIsGone }
            try await connection.send(notification.line)
        }
        guard var response = await handler(request, connection.peer, sink), request.id != nil
        else { return nil }
        response.id = request.id
        return response
    }
}
