package import HiveSignal
internal import Synchronization

/// One client's session: what was agreed on, what is under way, and what the client is told.
package final class MCPSession: Sendable {
    /// Requests under way at once; more are refused.
    static let requestsMax = 64
    /// Resources that a client may watch.
    static let subscriptionsMax = 256
    private static let uriBytesMax = 2_048

    /// Who the client says it is, and what it can do.
    package struct Client: Sendable {
        /// Not checked in any way but its length.
        package var name: String
        package var canElicit: Bool
    }

    private struct State {
        /// Nil before `initialize`.
        var version: ProtocolVersion?
        var client = Client(name: "", canElicit: false)
        /// The client has said `notifications/initialized`.
        var isReady = false
        var logLevel = LogLevel.warning
        var subscriptions: Set<String> = []
        var underWay: [RequestID: UnderWay] = [:]
        var asked: [RequestID: CheckedContinuation<Result<JSONValue, MCPError>, Never>] = [:]
        var lastAsked: Int64 = 0
        var hasEnded = false
    }

    private struct UnderWay {
        /// Finished: the request is to end.
        var cancel: AsyncStream<Never>.Continuation
        var isLong: Bool
    }

    private let state = Mutex(State())
    private let output: OutputQueue

    init(output: OutputQueue) { self.output = output }

    // MARK: The lifecycle

    /// Nil before `initialize`.
    package var version: ProtocolVersion? { state.withLock { $0.version } }
    package var client: Client { state.withLock { $0.client } }

    /// Takes the client's word; false where it was given before.
    func begin(_ version: ProtocolVersion, _ client: Client) -> Bool {
        state.withLock { state in
            guard state.version == nil else { return false }
            state.version = version
            state.client = client
            return true
        }
    }

    func takeInitialized() { state.withLock { $0.isReady = $0.version != nil } }

    // MARK: Requests under way

    /// Takes on a request.
    ///
    /// - Returns: a stream that ends when the client cancels it.
    /// - Throws: where its id is in use, or too many are under way.
    func takeOn(_ id: RequestID, isLong: Bool) throws(MCPError) -> AsyncStream<Never> {
        let (cancelled, cancel) = AsyncStream.makeStream(of: Never.self)
        let refusal = state.withLock { state -> MCPError? in
            guard state.underWay[id] == nil else {
                return MCPError(.invalidRequest, "a request of this id is under way: count on")
            }
            guard state.underWay.count < Self.requestsMax else {
                return MCPError(
                    .busy,
                    "\(Self.requestsMax) requests are under way: wait for an answer, then ask again"
                )
            }
            state.underWay[id] = UnderWay(cancel: cancel, isLong: isLong)
            return nil
        }
        if let refusal { throw refusal }
        return cancelled
    }

    func finish(_ id: RequestID) {
        state.withLock { $0.underWay[id] = nil }
    }

    /// The client wants no answer any more; an id that nothing has is passed over.
    func cancel(_ id: RequestID) {
        state.withLock { $0.underWay[id] }?.cancel.finish()
    }

    /// The client says nothing more: what could take long ends, and what was asked of it.
    func endInput() {
        let (long, asked) = state.withLock { state in
            state.hasEnded = true
            defer { state.asked = [:] }
            return (state.underWay.values.filter(\.isLong), Array(state.asked.values))
        }
        for request in long { request.cancel.finish() }
        for continuation in asked { continuation.resume(returning: .failure(Self.gone)) }
    }

    // MARK: What the client is told

    func answer(_ message: JSONValue) { output.answer(message.line) }

    /// Tells what may be missed.
    func notify(_ method: String, _ params: JSONObject) {
        output.notify(OutgoingMessage.notification(method, params).line)
    }

    /// Tells that the list of tools is another one.
    package func toolsChanged() {
        guard state.withLock({ $0.isReady }) else { return }
        output.notifyOnce(
            OutgoingMessage.notification("notifications/tools/list_changed", [:]).line
        )
    }

    /// Tells that a resource is another one, where the client watches it.
    package func resourceChanged(_ uri: String) {
        guard state.withLock({ $0.subscriptions.contains(uri) }) else { return }
        let params: JSONObject = ["uri": .string(uri)]
        output.notifyOnce(
            OutgoingMessage.notification("notifications/resources/updated", params).line
        )
    }

    /// Tells what happened, where the client wants to hear of such.
    package func log(_ level: LogLevel, _ data: JSONValue) {
        let isWanted = state.withLock { $0.isReady && level >= $0.logLevel }
        guard isWanted else { return }
        let params: JSONObject = ["level": .string(level.rawValue), "logger": "hive", "data": data]
        notify("notifications/message", params)
    }

    func setLogLevel(_ level: LogLevel) { state.withLock { $0.logLevel = level } }

    // MARK: What it watches

    package var subscriptions: Set<String> { state.withLock { $0.subscriptions } }

    func subscribe(_ uri: String) throws(MCPError) {
        guard uri.utf8.count <= Self.uriBytesMax else {
            throw MCPError(.invalidParams, "`uri` is longer than \(Self.uriBytesMax) bytes")
        }
        let isTaken = state.withLock { state in
            guard state.subscriptions.count < Self.subscriptionsMax else {
                return state.subscriptions.contains(uri)
            }
            state.subscriptions.insert(uri)
            return true
        }
        guard isTaken else {
            throw MCPError(
                .busy,
                "\(Self.subscriptionsMax) resources are watched: unsubscribe from one first"
            )
        }
    }

    func unsubscribe(_ uri: String) { state.withLock { _ = $0.subscriptions.remove(uri) } }

    // MARK: What it is asked

    private static let gone = MCPError(.internalError, "the client is gone")

    /// Asks the client, and waits until it answers, the session ends or the task is cancelled.
    package func ask(_ method: String, _ params: JSONValue) async throws(MCPError) -> JSONValue {
        let id = state.withLock { state in
            state.lastAsked += 1
            return RequestID.string("hive-\(state.lastAsked)")
        }
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOpen = state.withLock { state in
                    guard !state.hasEnded, !Task.isCancelled else { return false }
                    state.asked[id] = continuation
                    return true
                }
                guard isOpen else { return continuation.resume(returning: .failure(Self.gone)) }
                output.answer(OutgoingMessage.request(id, method, params).line)
            }
        } onCancel: {
            if hear(id, .failure(Self.gone)) {
                notify("notifications/cancelled", ["requestId": id.json])
            }
        }
        return try answer.get()
    }

    /// The client's answer to what it was asked; false where nobody waits for it.
    @discardableResult
    func hear(_ id: RequestID, _ answer: Result<JSONValue, MCPError>) -> Bool {
        let waiting = state.withLock { $0.asked.removeValue(forKey: id) }
        waiting?.resume(returning: answer)
        return waiting != nil
    }
}
