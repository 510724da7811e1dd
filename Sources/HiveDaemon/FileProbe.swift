import Glibc

/// Small questions about paths.
enum FileProbe {
    /// True where something is at the path.
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// True for a folder, or a link to one.
    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// True where this process may write it.
    static func isWritable(_ path: String) -> Bool { access(path, W_OK) == 0 }

    /// Takes a file of hive's own away; one that stays does no harm.
    static func remove(_ path: String) { unlink(path) }

    /// Takes an empty folder of hive's own away; one that stays does no harm.
    static func removeFolder(_ path: String) { rmdir(path) }
}

/// Paths.
enum ResolvedPath {
    /// The path with its symbolic links followed; as it is where it leads nowhere.
    static func of(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
