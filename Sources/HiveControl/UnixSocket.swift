package import Glibc

/// The system calls of a stream socket, without `SIGPIPE` and without short writes.
package enum UnixSocket {
    /// Calls `body` with the address of a socket file.
    ///
    /// - Throws: `.usage` where the path is longer than `SocketPath.pathBytesMax`.
    package static func withAddress<Value>(
        of path: String,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Value
    ) throws(ControlError) -> Value {
        let bytes = Array(path.utf8)
        guard bytes.count <= SocketPath.pathBytesMax, !bytes.contains(0) else {
            throw ControlError(
                .usage,
                "the socket path \(path) is longer than \(SocketPath.pathBytesMax) bytes",
                hint: "choose a shorter state folder with --state-dir"
            )
        }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, size) }
        }
    }

    /// A stream socket that no child process inherits.
    package static func make() throws(ControlError) -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_UNIX, kind, 0)
        guard descriptor >= 0 else {
            throw ControlError(
                .machineFailed,
                "cannot make a socket: \(errorText(errno))",
                hint: "raise the limit of open files (ulimit -n)"
            )
        }
        return descriptor
    }

    /// Sends all of it; false where the other end is gone (`errno` says how).
    package static func send(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        bytes.withUnsafeBytes { raw in
            var rest = raw[...]
            while !rest.isEmpty {
                let slice = UnsafeRawBufferPointer(rebasing: rest)
                let sent = Glibc.send(
                    descriptor,
                    slice.baseAddress,
                    slice.count,
                    Int32(MSG_NOSIGNAL)
                )
                if sent < 0 {
                    if errno == EINTR { continue }
                    return false
                }
                rest = rest.dropFirst(sent)
            }
            return true
        }
    }

    /// Receives up to `buffer.count` bytes: how many, 0 at the end, −1 with `errno`.
    package static func receive(
        into buffer: UnsafeMutableRawBufferPointer,
        from descriptor: Int32
    ) -> Int {
        while true {
            let received = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if received >= 0 || errno != EINTR { return received }
        }
    }
}
