import Glibc

/// Opening, making and looking at files, with this room's errors.
extension SystemCalls {
    /// What stands at `path`, links followed; nil where nothing does.
    func status(_ path: String, _ action: BoardError.Action) throws(BoardError) -> FileStatus? {
        var status = FileStatus.none
        let answer = retrying { stat(path, &status) }
        if answer >= 0 { return status }
        let errno = Int32(truncatingIfNeeded: -answer)
        if errno == ENOENT || errno == ENOTDIR || errno == ELOOP { return nil }
        throw BoardError(answer: answer, action, path: path)
    }

    /// What an open descriptor means.
    func status(_ descriptor: Descriptor, _ action: BoardError.Action, path: String)
        throws(BoardError) -> FileStatus
    {
        var status = FileStatus.none
        let answer = retrying { fstat(descriptor.number, &status) }
        guard answer >= 0 else { throw BoardError(answer: answer, action, path: path) }
        return status
    }

    /// Opens; close-on-exec, never blocking, never making the file a controlling terminal.
    func openPath(
        _ path: String,
        _ flags: Int32,
        _ action: BoardError.Action,
        named name: String? = nil
    ) throws(BoardError) -> Descriptor {
        let answer = retrying { open(path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0o644) }
        guard answer >= 0 else { throw BoardError(answer: answer, action, path: name ?? path) }
        return Descriptor(Int32(truncatingIfNeeded: answer), calls: self)
    }

    /// Opens a regular file.
    ///
    /// Anything else at the path has its own error, and is not opened: to open a FIFO or a device
    /// can block or act.
    func openRegular(_ path: String, _ flags: Int32, _ action: BoardError.Action = .open)
        throws(BoardError) -> Descriptor
    {
        guard let found = try status(path, action) else {
            throw nothing(at: path, action)
        }
        try demandRegular(found, action, path: path)
        let descriptor = try openPath(path, flags, action)
        // Between the look and the open, something else may have taken the name.
        try demandRegular(try status(descriptor, action, path: path), action, path: path)
        return descriptor
    }

    /// A second descriptor on the same file, even where its name is gone or means another file.
    func reopen(
        _ descriptor: Descriptor,
        _ flags: Int32,
        _ action: BoardError.Action,
        path: String
    ) throws(BoardError) -> Descriptor {
        try openPath("/proc/self/fd/\(descriptor.number)", flags, action, named: path)
    }

    /// Makes an empty file, 0644 less the umask, and the folders above it; durable on return.
    ///
    /// - Returns: false where something already stands at the path: it is left alone.
    func makeFile(_ path: String) throws(BoardError) -> Bool {
        let folder = Path.folder(of: path)
        try makeFolders(folder)
        let answer = retrying {
            open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOCTTY, 0o644)
        }
        if answer == -Int(EEXIST) { return false }
        guard answer >= 0 else { throw BoardError(answer: answer, .create, path: path) }
        _ = close(Int32(truncatingIfNeeded: answer))
        // The name lives in the folder; without this a power cut could take the file away again.
        let parent = try openPath(folder, O_RDONLY | O_DIRECTORY, .create)
        let synced = retrying { fsync(parent.number) }
        // Some filesystems refuse to sync a folder; they have nothing to promise there.
        guard synced >= 0 || synced == -Int(EINVAL) else {
            throw BoardError(answer: synced, .create, path: path)
        }
        return true
    }

    /// Makes a folder and those above it, 0755 less the umask, where they are missing.
    func makeFolders(_ path: String) throws(BoardError) {
        if let found = try status(path, .create) {
            guard found.kind == .folder else {
                throw BoardError(.notAFolder, .create, path: path)
            }
            return
        }
        let parent = Path.folder(of: path)
        if parent != path { try makeFolders(parent) }
        let answer = retrying { mkdir(path, 0o755) }
        // Another process may have made it meanwhile.
        guard answer >= 0 || answer == -Int(EEXIST) else {
            throw BoardError(answer: answer, .create, path: path)
        }
    }

    private func demandRegular(_ status: FileStatus, _ action: BoardError.Action, path: String)
        throws(BoardError)
    {
        switch status.kind {
        case .regular: return
        case .folder: throw BoardError(.isDirectory, action, path: path)
        case .fifo: throw BoardError(.isFifo, action, path: path)
        case .socket, .device: throw BoardError(.notRegular, action, path: path)
        case .link: throw BoardError(.danglingLink, action, path: path)
        }
    }

    /// Why stat found nothing: no such name, or a link that leads nowhere.
    private func nothing(at path: String, _ action: BoardError.Action) -> BoardError {
        var status = FileStatus.none
        let answer = retrying { lstat(path, &status) }
        if answer < 0 { return BoardError(answer: answer, action, path: path) }
        return BoardError(.danglingLink, action, path: path, errno: ENOENT)
    }
}

/// Paths as text.
enum Path {
    /// The folder that holds the last component: `.` for a bare name, `/` for the root.
    static func folder(of path: String) -> String {
        let trimmed = trimming(path)
        guard let slash = trimmed.lastIndex(of: "/") else { return "." }
        let folder = trimming(String(trimmed[..<slash]))
        return folder.isEmpty ? "/" : folder
    }

    /// The last component.
    static func name(of path: String) -> String {
        let trimmed = trimming(path)
        guard let slash = trimmed.lastIndex(of: "/") else { return trimmed }
        return String(trimmed[trimmed.index(after: slash)...])
    }

    private static func trimming(_ path: String) -> String {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }
}
