import Glibc

/// An exclusive flock(2), held until the last reference goes or the process dies.
///
/// The kernel lets go with the process, however it dies, so a file left behind locks nobody out.
/// It belongs to its own open of the file: a second one conflicts even inside the same process.
package final class FileLock {
    package let path: String
    private let descriptor: Descriptor

    /// Takes the lock without waiting.
    init(_ descriptor: Descriptor, path: String, calls: SystemCalls) throws(BoardError) {
        self.descriptor = descriptor
        self.path = path
        let answer = calls.retrying { calls.flock(descriptor.number, LOCK_EX | LOCK_NB) }
        if answer >= 0 { return }
        guard answer == -Int(EWOULDBLOCK) else {
            throw BoardError(answer: answer, .lock, path: path)
        }
        let identity = try calls.status(descriptor, .lock, path: path).identity
        let holder = LockTable.read(calls).holder(of: identity)
        throw BoardError(.locked(pid: holder), .lock, path: path, errno: EWOULDBLOCK)
    }

    /// Locks the file `lock` in a folder, made where it is missing, and writes our pid into it for
    /// people to read.
    ///
    /// - Throws: `locked` with the holder's pid.
    package static func hold(folder: String, calls: SystemCalls = .live) throws(BoardError)
        -> FileLock
    {
        let path = folder + "/lock"
        _ = try calls.makeFile(path)
        let lock = try FileLock(
            try calls.openRegular(path, O_RDWR, .lock),
            path: path,
            calls: calls
        )
        try lock.write(pid: getpid(), calls)
        return lock
    }

    /// Who holds the lock of a folder, without taking it; nil where nobody does, or nobody knows.
    package static func holder(folder: String, calls: SystemCalls = .live) -> Int32? {
        guard let status = try? calls.status(folder + "/lock", .look) else { return nil }
        return LockTable.read(calls).holder(of: status.identity)
    }

    private func write(pid: Int32, _ calls: SystemCalls) throws(BoardError) {
        let text = Array("\(pid)\n".utf8)
        var answer = calls.retrying { calls.ftruncate(descriptor.number, 0) }
        if answer >= 0 {
            answer = text.withUnsafeBytes { calls.overwriteWhole(descriptor.number, $0, at: 0) }
        }
        guard answer >= 0 else { throw BoardError(answer: answer, .lock, path: path) }
    }
}

/// `/proc/locks`: who holds which lock (proc(5)).
struct LockTable {
    struct Entry: Hashable {
        /// 0 or less where the holder lives in another pid namespace.
        var pid: Int32
        var major: UInt64
        var minor: UInt64
        var inode: UInt64
    }

    /// The flock entries that hold; those that wait (`->`) are left out.
    var entries: [Entry]

    /// From lines such as `1: FLOCK  ADVISORY  WRITE 9822 fe:00:16229762 0 EOF`.
    init(parsing text: String) {
        entries = text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard words.count >= 6, words[1] == "FLOCK", let pid = Int32(words[4]) else {
                return nil
            }
            let place = words[5].split(separator: ":")
            guard place.count == 3, let major = UInt64(place[0], radix: 16),
                let minor = UInt64(place[1], radix: 16), let inode = UInt64(place[2])
            else { return nil }
            return Entry(pid: pid, major: major, minor: minor, inode: inode)
        }
    }

    /// The pid that holds a flock on the file; nil where the table does not say.
    ///
    /// Some filesystems (btrfs, overlayfs) give stat(2) another device than they give the table:
    /// where no device matches, one entry alone with the inode is taken for it.
    func holder(of identity: FileIdentity) -> Int32? {
        let sameInode = entries.filter { $0.inode == identity.inode }
        let exact = sameInode.first {
            $0.major == identity.deviceMajor && $0.minor == identity.deviceMinor
        }
        let found = exact ?? (sameInode.count == 1 ? sameInode.first : nil)
        return found.flatMap { $0.pid > 0 ? $0.pid : nil }
    }

    /// The table as it is now; empty where /proc cannot be read: the lock is refused all the same,
    /// only the message knows less.
    static func read(_ calls: SystemCalls) -> LockTable {
        guard let file = try? calls.openPath("/proc/locks", O_RDONLY, .read) else {
            return LockTable(parsing: "")
        }
        var bytes = [UInt8](repeating: 0, count: bytesMax)
        let count = bytes.withUnsafeMutableBytes { calls.readWhole(file.number, $0, at: 0) }
        return LockTable(parsing: String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self))
    }

    private static let bytesMax = 1 << 20
}
