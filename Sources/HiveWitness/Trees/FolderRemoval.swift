import Glibc

/// Removes a folder with all that is in it, however deep, and whatever its permissions are.
///
/// It does not wait, so that it can stand in a `defer`. One folder is open at a time, as tests can
/// nest them deeper than a process may open files. Each way up is checked against the folder that
/// was come from: one that somebody moves meanwhile must not lead elsewhere. No link is followed.
enum FolderRemoval {
    /// Where a folder on the way down is, and its name in the one above.
    private struct Step {
        var device: dev_t
        var inode: ino_t
        /// With its NUL.
        var name: [CChar]
    }

    /// - Returns: false where something is left.
    @discardableResult
    static func remove(_ path: String) -> Bool {
        _ = chmod(path, ownerMode)
        var folder = open(path, flags)
        guard folder >= 0 else { return unlink(path) == 0 || errno == ENOENT }
        defer { close(folder) }
        var steps: [Step] = []
        while true {
            switch empty(folder) {
            case .stuck: return false
            case .below(let name):
                guard let identity = identity(of: folder) else { return false }
                _ = fchmodat(folder, name, ownerMode, 0)
                let below = openat(folder, name, flags)
                guard below >= 0 else { return false }
                close(folder)
                folder = below
                steps.append(Step(device: identity.0, inode: identity.1, name: name))
            case .empty:
                guard let step = steps.popLast() else { return rmdir(path) == 0 }
                let above = openat(folder, "..", flags)
                guard above >= 0 else { return false }
                close(folder)
                folder = above
                guard let found = identity(of: above), found == (step.device, step.inode),
                    unlinkat(above, step.name, AT_REMOVEDIR) == 0
                else { return false }
            }
        }
    }

    private static let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
    private static let ownerMode: mode_t = 0o700

    private enum Emptied {
        case empty
        /// It has a folder with something in it.
        case below([CChar])
        /// Something cannot be removed.
        case stuck
    }

    /// Removes what is directly in a folder, up to the first folder that has something in it.
    private static func empty(_ folder: Int32) -> Emptied {
        let copy = openat(folder, ".", flags)
        guard copy >= 0 else { return .stuck }
        guard let stream = fdopendir(copy) else {
            close(copy)
            return .stuck
        }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                bytes.prefix { $0 != 0 }.map { CChar(bitPattern: $0) } + [0]
            }
            if name == [46, 0] || name == [46, 46, 0] { continue }
            if unlinkat(folder, name, 0) == 0 || errno == ENOENT { continue }
            guard errno == EISDIR || errno == EPERM else { return .stuck }
            if unlinkat(folder, name, AT_REMOVEDIR) == 0 { continue }
            return errno == ENOTEMPTY || errno == EEXIST ? .below(name) : .stuck
        }
        return .empty
    }

    private static func identity(of folder: Int32) -> (dev_t, ino_t)? {
        var status = stat()
        return fstat(folder, &status) == 0 ? (status.st_dev, status.st_ino) : nil
    }
}
