import Glibc

/// Small files that are their owner's alone: read with a look at who else may, written whole.
enum OwnFile {
    /// Whom a file is kept from.
    enum Guard {
        /// Nobody else may read or write it.
        case reading
        /// Nobody else may write it.
        case writing

        /// The permissions that group and others must not have.
        fileprivate var forbidden: mode_t { self == .reading ? 0o077 : 0o022 }
        fileprivate var verb: String { self == .reading ? "use" : "write" }
    }

    private static let mode: mode_t = 0o600
    private static let folderMode: mode_t = 0o700

    /// The file's bytes; nil where there is none.
    ///
    /// - Throws: `exposed` where others may do what it is guarded against, or it is another user's;
    ///   `malformed` where it is no regular file, or too large.
    static func read(
        _ path: String,
        bytesMax: Int,
        guarded: Guard
    ) throws(WitnessError) -> [UInt8]? {
        // Not blocking: a FIFO of that name would keep us waiting.
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw failure("read", path, errno)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure("look at", path, errno) }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_size <= bytesMax else {
            throw WitnessError(
                .malformed,
                "\(path) is no file, or one of more than \(bytesMax) bytes",
                hint: "move it away"
            )
        }
        try requireOwn(status, path, guarded)
        var bytes = [UInt8](repeating: 0, count: bytesMax + 1)
        var count = 0
        while count < bytes.count {
            let more = bytes[count...].withUnsafeMutableBytes {
                Glibc.read(descriptor, $0.baseAddress, $0.count)
            }
            if more < 0 && errno == EINTR { continue }
            guard more >= 0 else { throw failure("read", path, errno) }
            if more == 0 { break }
            count += more
        }
        return Array(bytes[..<min(count, bytesMax)])
    }

    /// Writes the whole file, 0600: a reader finds the old one, or the new one, or none.
    ///
    /// - Throws: `exists` where something is there and is not to be replaced.
    static func write(_ bytes: [UInt8], to path: String, replacing: Bool) throws(WitnessError) {
        let temporary = "\(path).\(getpid()).new"
        // The name holds our pid: what is left of it is from a process that is gone.
        unlink(temporary)
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let descriptor = open(temporary, flags, mode)
        guard descriptor >= 0 else { throw failure("write", path, errno) }
        defer {
            close(descriptor)
            unlink(temporary)
        }
        try write(bytes, descriptor, path)
        guard fchmod(descriptor, mode) == 0, fsync(descriptor) == 0 else {
            throw failure("write", path, errno)
        }
        let answer = replacing ? rename(temporary, path) : link(temporary, path)
        guard answer == 0 else {
            guard errno == EEXIST else { throw failure("write", path, errno) }
            throw WitnessError(.exists, "\(path) is there already", hint: "it stays as it is")
        }
        try syncFolder(of: path)
    }

    /// Makes a folder and those above it that are missing; what is there must be its owner's alone
    /// to write.
    static func makeFolder(_ path: String) throws(WitnessError) {
        try makeFolders(path)
        try requireOwnFolder(path)
    }

    private static func makeFolders(_ path: String) throws(WitnessError) {
        guard mkdir(path, folderMode) != 0, errno != EEXIST else { return }
        let above = folder(of: path)
        guard errno == ENOENT, above != path else { throw failure("make", path, errno) }
        try makeFolders(above)
        guard mkdir(path, folderMode) == 0 || errno == EEXIST else {
            throw failure("make", path, errno)
        }
    }

    /// A folder that others may write is no place for a key or a pin; one that is not there is.
    static func requireOwnFolder(_ path: String) throws(WitnessError) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return }
            throw failure("look at", path, errno)
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw WitnessError(.malformed, "\(path) is no folder", hint: "move it away")
        }
        try requireOwn(status, path, .writing)
    }

    /// Ours or root's, and nobody else may do what it is guarded against.
    private static func requireOwn(
        _ status: stat,
        _ path: String,
        _ guarded: Guard
    ) throws(WitnessError) {
        guard status.st_uid == geteuid() || status.st_uid == 0 else {
            throw WitnessError(
                .exposed,
                "\(path) belongs to another user (uid \(status.st_uid))",
                hint: "is HOME or XDG_CONFIG_HOME another user's? sudo -H sets it"
            )
        }
        guard status.st_mode & guarded.forbidden == 0 else {
            throw WitnessError(
                .exposed,
                "others than its owner may \(guarded.verb) \(path)",
                hint: "chmod go-rwx '\(path)', and ask yourself who has been there"
            )
        }
    }

    private static func write(
        _ bytes: [UInt8],
        _ descriptor: Int32,
        _ path: String
    ) throws(WitnessError) {
        var start = 0
        while start < bytes.count {
            let count = bytes[start...].withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw failure("write", path, errno) }
            start += count
        }
    }

    private static func syncFolder(of path: String) throws(WitnessError) {
        let descriptor = open(folder(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("sync the folder of", path, errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("sync the folder of", path, errno) }
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return "/" }
        return String(path[..<slash])
    }

    private static func failure(_ verb: String, _ path: String, _ code: Int32) -> WitnessError {
        let hint =
            switch code {
            case ENOSPC, EDQUOT: "free some space"
            case ELOOP: "it is a symbolic link: put the file in its place"
            case EACCES, EPERM, EROFS: "make it this user's; or choose a folder by XDG_CONFIG_HOME"
            default: "check HOME and XDG_CONFIG_HOME"
            }
        return WitnessError(
            .io,
            "cannot \(verb) \(path): \(String(cString: strerror(code)))",
            hint: hint
        )
    }
}
