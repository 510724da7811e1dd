import Glibc

/// Who is at the other end of a Unix socket, as the kernel noted it when they connected.
package struct PeerCredentials: Sendable, Hashable {
    /// The effective user.
    package var uid: UInt32
    /// The effective group.
    package var gid: UInt32
    package var pid: Int32

    package init(uid: UInt32, gid: UInt32, pid: Int32) {
        self.uid = uid
        self.gid = gid
        self.pid = pid
    }

    /// Asks the kernel about a connected socket (SO_PEERCRED, unix(7)); nil where it cannot say.
    init?(descriptor: Int32) {
        // struct ucred is pid, uid, gid of 32 bits each; Swift's Glibc module leaves it out.
        var words: (pid: Int32, uid: UInt32, gid: UInt32) = (0, 0, 0)
        var size = socklen_t(MemoryLayout.size(ofValue: words))
        guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &words, &size) == 0 else {
            return nil
        }
        self.init(uid: words.uid, gid: words.gid, pid: words.pid)
    }
}

/// Who may talk to the daemon: its own user, root, and the members of one group.
struct PeerPolicy: Sendable {
    var users: Set<UInt32> = [geteuid(), 0]
    var group: SocketGroup?

    func admits(_ peer: PeerCredentials) -> Bool {
        users.contains(peer.uid) || group?.includes(peer) == true
    }
}

/// The group of `socket.group`, which may use the control socket.
struct SocketGroup: Sendable, Hashable {
    let name: String
    let gid: UInt32

    init(name: String, gid: UInt32) {
        self.name = name
        self.gid = gid
    }

    /// Looks the group up in the system's database.
    init(named name: String) throws(HiveError) {
        var gid: UInt32?
        let failure = withLookupBuffer { buffer, bytes -> Int32 in
            var entry = group()
            var found: UnsafeMutablePointer<group>?
            let code = getgrnam_r(name, &entry, buffer, bytes, &found)
            if let found { gid = found.pointee.gr_gid }
            return code
        }
        guard let gid else {
            let cause = failure == 0 ? "there is no such group" : String(cString: strerror(failure))
            throw HiveError.usage(
                "cannot give the control socket to the group \(name): \(cause)",
                hint: "make it (groupadd \(name)), or take `socket.group` out of the rule book"
            )
        }
        self.init(name: name, gid: gid)
    }

    /// True for a peer whose effective group it is, or whose user the database lists in it.
    ///
    /// The kernel does not tell a peer's supplementary groups; the database is the authority.
    func includes(_ peer: PeerCredentials) -> Bool {
        peer.gid == gid || groups(ofUser: peer.uid).contains(gid)
    }

    /// All groups of a user; empty for one that the database does not know.
    private func groups(ofUser uid: UInt32) -> [UInt32] {
        var groups: [UInt32] = []
        _ = withLookupBuffer { buffer, bytes -> Int32 in
            var entry = passwd()
            var found: UnsafeMutablePointer<passwd>?
            let code = getpwuid_r(uid, &entry, buffer, bytes, &found)
            if let found, let user = found.pointee.pw_name {
                groups = Self.groups(of: user, primary: found.pointee.pw_gid)
            }
            return code
        }
        return groups
    }

    private static func groups(of user: UnsafePointer<CChar>, primary: UInt32) -> [UInt32] {
        // NGROUPS_MAX on Linux: no user can be in more.
        var count: Int32 = 65_536
        return [UInt32](unsafeUninitializedCapacity: Int(count)) { buffer, initialized in
            guard let base = buffer.baseAddress, getgrouplist(user, primary, base, &count) >= 0
            else { return }
            initialized = Int(count)
        }
    }
}

/// Calls one of the `…_r` lookups, with ever more room until its entry fits; at most 1 MiB.
///
/// - Returns: the lookup's errno; 0 also where there is no entry.
private func withLookupBuffer(
    _ lookUp: (_ buffer: UnsafeMutablePointer<CChar>, _ bytes: Int) -> Int32
) -> Int32 {
    let bytesMax = 1 << 20
    var bytes = 1 << 10
    while true {
        let code = withUnsafeTemporaryAllocation(of: CChar.self, capacity: bytes) { buffer in
            buffer.baseAddress.map { lookUp($0, buffer.count) } ?? ENOMEM
        }
        guard code == ERANGE, bytes < bytesMax else { return code }
        bytes *= 4
    }
}
