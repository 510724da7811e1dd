import Glibc

/// Makes folders and says why where it cannot.
enum Folders {
    /// Makes the folder and those above it that are missing.
    static func make(_ path: String, mode: mode_t) throws(HiveError) {
        guard mkdir(path, mode) != 0, errno != EEXIST else { return }
        if errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex {
            try make(String(path[..<slash]), mode: 0o755)
            guard mkdir(path, mode) != 0, errno != EEXIST else { return }
        }
        let code = errno
        throw .machine(
            "cannot make the folder \(path): \(String(cString: strerror(code)))",
            hint: code == EACCES || code == EROFS
                ? "make it writable, or choose another with --state-dir" : "check the path"
        )
    }
}
