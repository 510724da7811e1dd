internal import HiveSignal
internal import Synchronization

/// `notifications/progress` of one request: each higher than the one before.
final class ProgressMeter: Sendable {
    private let token: JSONValue
    private let session: MCPSession
    private let last = Mutex(-1.0)

    /// Nil for a token that is neither a string nor an integer.
    init?(_ token: JSONValue, _ session: MCPSession) {
        guard RequestID(token) != nil else { return nil }
        self.token = token
        self.session = session
    }

    func tell(_ done: Double, of total: Double?, _ message: String) {
        last.withLock { last in
            guard done > last else { return }
            last = done
            send(done, total, message)
        }
    }

    /// One step on, of nobody knows how many.
    func tell(_ message: String) {
        last.withLock { last in
            last += 1
            send(last, nil, message)
        }
    }

    private func send(_ done: Double, _ total: Double?, _ message: String) {
        var params: JSONObject = ["progressToken": token, "progress": .double(done)]
        params["total"] = total.map { .double($0) }
        params["message"] = .string(message)
        session.notify("notifications/progress", params)
    }
}
