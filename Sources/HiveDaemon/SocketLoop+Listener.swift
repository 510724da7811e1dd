import Glibc
import Synchronization

/// A listening Unix stream socket and its file, which disappears when it closes.
///
/// The caller holds the daemon's lock: whoever made a socket file that stands there is dead.
final class SocketListener: Sendable {
    /// Connections the kernel keeps until they are accepted.
    private static let backlogMax: Int32 = 128

    let path: String
    let descriptor: Int32
    private let device: UInt64
    private let inode: UInt64
    private let isClosed = Atomic(false)

    /// Binds and listens: 0600, or 0660 and the group's where there is one.
    ///
    /// - Throws: `HiveError` of exit code 3, or 2 for a group that this user cannot hand it to.
    init(path: String, group: SocketGroup?) throws(HiveError) {
        try Self.removeStale(path)
        let descriptor = try Self.makeSocket(path)
        var status = stat()
        do {
            // Linux gives the file the socket's own mode: no moment in which others may connect.
            // Nor could they before listen(2).
            try Self.check(fchmod(descriptor, 0o600), "protect", path)
            try Self.bind(descriptor, to: path)
            try Self.check(lstat(path, &status), "look at", path)
            if let group { try Self.hand(path, to: group) }
            try Self.check(listen(descriptor, Self.backlogMax), "listen at", path)
        } catch {
            if status.st_ino != 0 { unlink(path) }
            Glibc.close(descriptor)
            throw error
        }
        self.path = path
        self.descriptor = descriptor
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
    }

    deinit { close() }

    /// Removes the file, where it still is the one made here, and closes the socket, once.
    func close() {
        guard !isClosed.exchange(true, ordering: .relaxed) else { return }
        var status = stat()
        if lstat(path, &status) == 0, UInt64(status.st_dev) == device,
            UInt64(status.st_ino) == inode
        {
            unlink(path)
        }
        Glibc.close(descriptor)
    }

    /// A socket is removed, anything else is somebody's file and stays.
    private static func removeStale(_ path: String) throws(HiveError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw HiveError.machine(
                "cannot listen at \(path): a file that is no socket is in the way",
                hint: "move it away, or choose another state folder (--state-dir)"
            )
        }
        try check(unlink(path), "replace the stale socket", path)
    }

    private static func makeSocket(_ path: String) throws(HiveError) -> Int32 {
        let type = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        let descriptor = socket(AF_UNIX, Int32(type), 0)
        try check(descriptor, "make a socket for", path)
        return descriptor
    }

    private static func bind(_ descriptor: Int32, to path: String) throws(HiveError) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { field in
            // One byte stays for the NUL.
            guard bytes.count < field.count else { return false }
            field.copyBytes(from: bytes)
            return true
        }
        guard fits else {
            throw HiveError.machine(
                "cannot listen at \(path): the path is too long for a Unix socket",
                hint: "set XDG_RUNTIME_DIR, or choose a shorter state folder (--state-dir)"
            )
        }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try check(result, "listen at", path)
    }

    private static func hand(_ path: String, to group: SocketGroup) throws(HiveError) {
        guard chown(path, uid_t.max, group.gid) == 0 else {
            throw HiveError.usage(
                "cannot give \(path) to the group \(group.name): "
                    + String(cString: strerror(errno)),
                hint: "make the daemon's user a member of it, or take `socket.group` out of the"
                    + " rule book"
            )
        }
        try check(chmod(path, 0o660), "protect", path)
    }

    private static func check(_ result: Int32, _ doing: String, _ path: String)
        throws(HiveError)
    {
        guard result < 0 else { return }
        throw HiveError.machine(
            "cannot \(doing) \(path): \(String(cString: strerror(errno)))",
            hint: "see whether its folder is there and yours: hive doctor"
        )
    }
}
