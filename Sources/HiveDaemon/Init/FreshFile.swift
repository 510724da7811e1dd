import Glibc

/// Makes files that were not there; replaces only what is hive's own.
enum FreshFile {
    private static let mode: mode_t = 0o644

    /// Makes the whole file at once: a reader finds all of it or nothing, and a process that dies
    /// leaves at most a hidden temporary file behind.
    ///
    /// - Returns: false where something was at the path first; it stays as it is.
    /// - Throws: exit code 3.
    static func make(_ path: String, _ text: String) throws(HiveError) -> Bool {
        let temporary = temporaryPath(for: path)
        // The name holds our pid: what is left of it is from a process that is gone.
        unlink(temporary)
        guard try write(text, toNew: temporary, for: path) else { throw failure(path, EEXIST) }
        defer { unlink(temporary) }
        if link(temporary, path) == 0 { return true }
        switch errno {
        case EEXIST: return false
        // A filesystem without hard links (vfat, some network ones): there only the last resort is
        // left, the same without the promise that a reader never sees half of it.
        case EPERM, EOPNOTSUPP, ENOSYS: return try write(text, toNew: path, for: path)
        case let code: throw failure(path, code)
        }
    }

    /// Puts a file in the place of hive's own one of before, whole or not at all.
    ///
    /// - Throws: exit code 3.
    static func replace(_ path: String, _ bytes: [UInt8]) throws(HiveError) {
        let temporary = temporaryPath(for: path)
        unlink(temporary)
        let text = String(decoding: bytes, as: UTF8.self)
        guard try write(text, toNew: temporary, for: path) else { throw failure(path, EEXIST) }
        guard rename(temporary, path) == 0 else {
            let code = errno
            unlink(temporary)
            throw failure(path, code)
        }
    }

    /// Appends in one write, so that the file keeps its owner, mode and identity.
    ///
    /// - Throws: exit code 3, also for a symbolic link.
    static func append(_ text: String, to path: String) throws(HiveError) {
        let descriptor = open(path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, errno) }
        defer { close(descriptor) }
        try write(text, to: descriptor, path)
    }

    /// False where the path is taken; a file that could not be written whole is removed again.
    ///
    /// `goal` is the path that errors name.
    private static func write(
        _ text: String,
        toNew path: String,
        for goal: String
    ) throws(HiveError) -> Bool {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let descriptor = open(path, flags, mode)
        guard descriptor >= 0 else {
            if errno == EEXIST { return false }
            throw failure(goal, errno)
        }
        defer { close(descriptor) }
        do throws(HiveError) {
            try write(text, to: descriptor, goal)
            guard fsync(descriptor) == 0 else { throw failure(goal, errno) }
            return true
        } catch {
            unlink(path)
            throw error
        }
    }

    private static func write(
        _ text: String,
        to descriptor: Int32,
        _ path: String
    ) throws(HiveError) {
        let bytes = Array(text.utf8)
        var start = 0
        while start < bytes.count {
            let count = bytes[start...].withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw failure(path, errno) }
            start += count
        }
    }

    private static func temporaryPath(for path: String) -> String {
        let slash = path.lastIndex(of: "/") ?? path.startIndex
        let name = path[slash...].dropFirst()
        return "\(path[..<slash])/.\(name).hive-\(getpid())"
    }

    private static func failure(_ path: String, _ code: Int32) -> HiveError {
        let hint =
            switch code {
            case ENOSPC, EDQUOT: "free some space; then hive init goes on where it stopped"
            case ELOOP: "it is a symbolic link: put a file in its place"
            case EACCES, EPERM, EROFS: "make its folder writable; then run hive init again"
            default: "look at its folder; then run hive init again"
            }
        return .machine("cannot write \(path): \(BoundedFile.reason(code))", hint: hint)
    }
}
