import Glibc

/// Small questions about paths.
enum FileProbe {
    /// True where something is at the path.
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// True where this process may write it.
    static func isWritable(_ path: String) -> Bool { access(path, W_OK) == 0 }
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
