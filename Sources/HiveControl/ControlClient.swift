internal import Glibc
package import HiveSignal

/// A blocking connection to a running daemon, for a command line: one call at a time.
package final class ControlClient {
    private let descriptor: Int32
    private var buffer = LineBuffer()
    private var lastID: Int64 = 0

    /// Takes over a connected descriptor and closes it in the end.
    package init(connectedDescriptor descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Connects to the daemon's socket.
    ///
    /// - Throws: `.machineFailed` where nobody listens, or where we may not.
    package static func connect(path: String) throws(ControlError) -> ControlClient {
        if let client = try connectIfRunning(path: path) { return client }
        throw ControlError(
            .machineFailed,
            "no daemon listens at \(path)",
            hint: "start one: hive up --detach"
        )
    }

    /// Connects to the daemon's socket; nil where no daemon runs: no socket file, or a stale one.
    package static func connectIfRunning(path: String) throws(ControlError) -> ControlClient? {
        try SocketPath.checkFolder(of: path)
        let descriptor = try UnixSocket.make()
        let client = ControlClient(connectedDescriptor: descriptor)
        let failure = try UnixSocket.withAddress(of: path) { address, size -> Int32 in
            Glibc.connect(descriptor, address, size) == 0 ? 0 : errno
        }
        switch failure {
        case 0: return client
        case ENOENT, ECONNREFUSED, ENOTDIR: return nil
        case EACCES, EPERM:
            throw ControlError(
                .machineFailed,
                "may not use the daemon's socket \(path)",
                hint: "run as the daemon's user, or join the group that `socket.group` names"
            )
        default:
            throw ControlError(
                .machineFailed,
                "cannot connect to \(path): \(errorText(failure))",
                hint: "see whether the daemon is well: hive doctor"
            )
        }
    }

    /// False once the daemon has closed the connection, as far as this end has heard.
    ///
    /// What is not sent over such a connection is certainly not carried out.
    package var isOpen: Bool {
        var byte: UInt8 = 0
        let flags = Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)
        let count = recv(descriptor, &byte, 1, flags)
        return count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR))
    }

    /// Ends the connection, and with it whatever another thread waits for on it.
    package func interrupt() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Bounds every later wait for the daemon; a call that waits longer throws `.machineFailed`.
    ///
    /// Nil: no bound.
    package func limitWaits(toMilliseconds milliseconds: Int?) {
        // To the system no time at all is no bound.
        let milliseconds = milliseconds.map { max($0, 1) } ?? 0
        var limit = timeval(
            tv_sec: milliseconds / 1000,
            tv_usec: suseconds_t(milliseconds % 1000 * 1000)
        )
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
    }

    /// Sends one request and waits for its result.
    ///
    /// - Throws: the daemon's error, or `.machineFailed` where the connection broke.
    package func call(
        _ method: String,
        _ params: JSONValue = [:]
    ) throws(ControlError) -> JSONValue {
        try call(method, params) { _ in }
    }

    /// Sends one request, gives every notification that comes before its result, and waits for it.
    ///
    /// - Throws: as `call` does.
    package func call(
        _ method: String,
        _ params: JSONValue,
        onNotification: (ControlRequest) -> Void
    ) throws(ControlError) -> JSONValue {
        let id = try send(method, params)
        while let message = try receive() {
            if case .notification(let notification) = message { onNotification(notification) }
            guard case .response(let response) = message else { continue }
            // An error without id is about a request the daemon could not read: ours.
            guard response.id == id || response.id == nil else { continue }
            return try response.result.get()
        }
        throw ControlError(
            .machineFailed,
            "the daemon closed the connection before it answered `\(method)`",
            hint: "see whether it still runs: hive status"
        )
    }

    /// Sends one request and gives every notification to `onNotification`, until the daemon closes
    /// the connection.
    ///
    /// - Throws: as `call` does.
    package func follow(
        _ method: String,
        _ params: JSONValue = [:],
        onNotification: (ControlRequest) -> Void
    ) throws(ControlError) {
        let id = try send(method, params)
        while let message = try receive() {
            switch message {
            case .notification(let notification): onNotification(notification)
            case .response(let response) where response.id == id || response.id == nil:
                _ = try response.result.get()
            case .response: continue
            }
        }
    }

    private func send(_ method: String, _ params: JSONValue) throws(ControlError) -> Int64 {
        lastID += 1
        let line = ControlRequest(id: lastID, method: method, params: params).line
        guard line.count - 1 <= ControlLimits.messageBytesMax else {
            throw ControlError(
                .usage,
                "the message of `\(method)` is longer than \(ControlLimits.messageBytesMax) bytes",
                hint: "send less in one call"
            )
        }
        guard UnixSocket.send(line, to: descriptor) else {
            throw brokenConnection("send `\(method)` to the daemon", errno)
        }
        return lastID
    }

    /// The next message; nil: the daemon closed the connection.
    private func receive() throws(ControlError) -> ControlMessage? {
        while true {
            if let message = try buffer.next() { return try ControlMessage(parsing: message) }
            let received = withUnsafeTemporaryAllocation(
                byteCount: ControlLimits.readBytes,
                alignment: 1
            ) { chunk -> Int in
                let count = UnixSocket.receive(into: chunk, from: descriptor)
                if count > 0 { buffer.append(UnsafeRawBufferPointer(rebasing: chunk[..<count])) }
                return count
            }
            // A daemon that dies with our bytes unread resets the connection: an end as well.
            if received == 0 || (received < 0 && errno == ECONNRESET) { return nil }
            if received < 0 { throw brokenConnection("hear from the daemon", errno) }
        }
    }

    private func brokenConnection(_ doing: String, _ code: Int32) -> ControlError {
        if code == EAGAIN || code == EWOULDBLOCK {
            return ControlError(
                .machineFailed,
                "could not \(doing) in time",
                hint:
                    "it may be busy, or stopped: see daemon.log; its pid stands in the file `lock`"
                    + " of the state folder"
            )
        }
        return ControlError(
            .machineFailed,
            "cannot \(doing): \(errorText(code))",
            hint: "see whether it still runs: hive status"
        )
    }
}
